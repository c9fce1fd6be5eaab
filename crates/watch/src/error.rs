//! What can be refused, and what can break.

use tuodi_access::Denied;
use tuodi_casework::{CaseError, FieldError};
use tuodi_pack::{assessment::ScoreError, calendar::OutsideCalendar};
use tuodi_registry::RegistryError;
use tuodi_store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    #[error("no such {kind}: {id}")]
    NotFound { kind: &'static str, id: String },
    #[error("task {task} is {found}")]
    WrongStage { task: i64, found: &'static str },
    /// Somebody changed the task after the page was shown.
    #[error("task {task} has changed meanwhile")]
    Conflict { task: i64 },
    #[error("not allowed")]
    Denied(Box<Denied>),
    #[error("{} fields need correcting", .0.len())]
    Invalid(Vec<FieldError>),
    #[error("the pack has no indicator {0}")]
    NoIndicator(String),
    #[error(transparent)]
    Calendar(#[from] OutsideCalendar),
    #[error(transparent)]
    Score(#[from] ScoreError),
    /// Opening the case that a task led to.
    #[error(transparent)]
    Case(#[from] CaseError),
    #[error("the register of people failed")]
    Registry(#[from] RegistryError),
    #[error("accounts or the log of looks failed")]
    Access(tuodi_access::AccessError),
    #[error("storage failed")]
    Store(#[from] StoreError),
    #[error("a stored record cannot be read back")]
    Record(#[from] serde_json::Error),
}

impl From<Denied> for WatchError {
    fn from(denied: Denied) -> WatchError {
        WatchError::Denied(Box::new(denied))
    }
}

impl From<tuodi_access::AccessError> for WatchError {
    fn from(error: tuodi_access::AccessError) -> WatchError {
        match error {
            tuodi_access::AccessError::Denied(denied) => denied.into(),
            other => WatchError::Access(other),
        }
    }
}

impl From<sea_orm::DbErr> for WatchError {
    fn from(error: sea_orm::DbErr) -> WatchError {
        WatchError::Store(StoreError::from(error))
    }
}

pub type Result<T, E = WatchError> = std::result::Result<T, E>;
