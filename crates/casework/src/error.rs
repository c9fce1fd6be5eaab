//! What can be refused, and what can break.

use crate::{CaseNo, CaseState, Event};
use chrono::NaiveDate;
use tuodi_access::Denied;
use tuodi_pack::{EvaluateError, PersonId, calendar::OutsideCalendar};
use tuodi_registry::RegistryError;
use tuodi_store::StoreError;

/// One field of a form that needs correcting; `key` names the message in the catalogue of words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    pub field: String,
    pub key: &'static str,
}

impl FieldError {
    pub fn new(field: impl Into<String>, key: &'static str) -> FieldError {
        FieldError { field: field.into(), key }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    #[error("no such {kind}: {id}")]
    NotFound { kind: &'static str, id: String },
    /// Refused by the table of transitions.
    #[error("case {case} is at {found:?}; {event:?} is not possible there")]
    WrongStage { case: CaseNo, found: CaseState, event: Event },
    /// Somebody changed the case after the page was shown.
    #[error("case {case} has changed meanwhile")]
    Conflict { case: CaseNo },
    #[error("not allowed")]
    Denied(Box<Denied>),
    #[error("{} fields need correcting", .0.len())]
    Invalid(Vec<FieldError>),
    /// First the authorisation, then the check (DB57 art. 9).
    #[error("{} adult members have not authorised the economic check", persons.len())]
    NoConsent { persons: Vec<PersonId> },
    #[error("{count} differences between declared and found facts wait for a person's judgement")]
    Unresolved { count: u64 },
    /// The household has another case open: one procedure at a time.
    #[error("case {case} of the same household is open")]
    OtherOpen { case: CaseNo },
    /// Somebody has answered what was said.
    #[error("voice {id} is answered")]
    Answered { id: i64 },
    /// An emergency is not at a stage in which this is done.
    #[error("emergency {no} is at another stage")]
    EmergencyStage { no: String },
    /// Somebody changed it after the page was shown.
    #[error("emergency {no} has changed meanwhile")]
    EmergencyChanged { no: String },
    #[error("possible only after {until}")]
    TooEarly { until: NaiveDate },
    /// An officer is a relative: the district looks at the home itself first (DB57 art. 11).
    #[error("case {case} of an officer's relatives has not been re-checked by the district")]
    NotRechecked { case: CaseNo },
    /// A special review is decided after its meeting.
    #[error("case {case} is before a special review that has no minutes")]
    NoMinutes { case: CaseNo },
    /// The amount is above what this office decides alone.
    #[error("the amount for case {case} needs a special review")]
    AboveLimit { case: CaseNo },
    #[error("no home visit is on file for this stage")]
    NoVisit,
    #[error("no economic check is on file for this stage")]
    NoCheck,
    /// The same person may not do two acts that check each other (DB57 art. 11, 20).
    #[error("this act belongs to somebody who has not acted in {subject} before")]
    SamePerson { subject: String },
    /// A batch is at another state than the act needs.
    #[error("payment batch {batch} is {found}; this needs {needed}")]
    WrongBatchState { batch: i64, found: String, needed: &'static str },
    #[error("payment batch {batch} has changed meanwhile")]
    BatchChanged { batch: i64 },
    #[error("the lines of payment batch {batch} do not add up to its total")]
    SumDiffers { batch: i64 },
    #[error("the pack has no programme {0}")]
    NoProgramme(String),
    #[error(transparent)]
    Calendar(#[from] OutsideCalendar),
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    #[error(transparent)]
    Score(#[from] tuodi_pack::assessment::ScoreError),
    #[error("the register of people failed")]
    Registry(#[from] RegistryError),
    #[error("accounts or the log of looks failed")]
    Access(tuodi_access::AccessError),
    #[error("storage failed")]
    Store(#[from] StoreError),
    #[error("a stored record cannot be read back")]
    Record(#[from] serde_json::Error),
    #[error("the bank file cannot be written")]
    BankFile(#[from] rust_xlsxwriter::XlsxError),
}

impl From<Denied> for CaseError {
    fn from(denied: Denied) -> CaseError {
        CaseError::Denied(Box::new(denied))
    }
}

impl From<tuodi_access::AccessError> for CaseError {
    fn from(error: tuodi_access::AccessError) -> CaseError {
        match error {
            tuodi_access::AccessError::Denied(denied) => denied.into(),
            other => CaseError::Access(other),
        }
    }
}

impl From<sea_orm::DbErr> for CaseError {
    fn from(error: sea_orm::DbErr) -> CaseError {
        CaseError::Store(StoreError::from(error))
    }
}

pub type Result<T, E = CaseError> = std::result::Result<T, E>;
