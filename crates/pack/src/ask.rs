//! Asking a department's own system about a household's people: the contract of every connector (核对接口), of a
//! province's or another city's check platform too. What is asked and what comes back are plain data, so that both sides
//! of it can be written in any language; `docs/connectors.md` shows them as JSON.

use crate::PersonId;
use async_trait::async_trait;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One question to one source. Asked again after a failure it is the same question with the same key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The same for every try: who asks twice is answered as the first time and counted once.
    pub key: String,
    /// Number of the report that it is for.
    pub report: String,
    /// Name of the source's contract, `financial_assets`, and its version.
    pub source: String,
    pub version: u32,
    /// Id of the purpose that the people have authorised.
    pub purpose: String,
    pub as_of: NaiveDate,
    pub people: Vec<AskedPerson>,
}

/// Somebody who has authorised the question.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedPerson {
    /// Means nothing outside the question: `1`, `2`, …
    pub reference: String,
    pub id_no: String,
    pub name: String,
    /// Number of the authorisation; empty where the purpose needs none.
    pub authorisation: String,
}

/// Without people: questions appear in traces.
impl std::fmt::Debug for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Question({} {} {} people)", self.key, self.source, self.people.len())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonStatus {
    /// There are rows.
    Found,
    /// The source knows nothing of the person.
    None,
    /// The source may not or will not say.
    Refused,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonReply {
    pub reference: String,
    pub status: PersonStatus,
    /// In the columns of the source's contract: money in fen, dates as 2026-09-01.
    #[serde(default)]
    pub rows: Vec<Map<String, Value>>,
    #[serde(default)]
    pub reason: String,
}

impl std::fmt::Debug for PersonReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PersonReply({} {:?} {} rows)", self.reference, self.status, self.rows.len())
    }
}

/// What a source says to a question.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// About these people; those left out are asked for again.
    Answers(Vec<PersonReply>),
    /// It has the question and works on it: ask again after so many seconds, or when it seems right.
    Later { after_seconds: Option<u32> },
}

/// Why there is no reply. Words only for what a person must mend; never a person's data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The source turned the question down: asking again changes nothing.
    #[error("refused: {0}")]
    Refused(String),
    /// Too many questions: ask again after so many seconds.
    #[error("too many questions at once")]
    Busy { after_seconds: Option<u32> },
    /// Nothing came in time.
    #[error("no answer in time")]
    Silent,
    /// It could not be reached, or failed itself.
    #[error("not reachable: {0}")]
    Unreachable(String),
    /// What came is no reply by the contract.
    #[error("the reply cannot be understood: {0}")]
    Garbled(String),
}

/// Why rows that are held cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum HeldError {
    /// The source's agreement does not cover verification on the day.
    #[error("the agreement on the source does not cover this")]
    Withheld,
    #[error("the rows cannot be read: {0}")]
    Fault(String),
}

/// Rows of departments that this installation holds, for those who may ask about single people.
#[async_trait]
pub trait HeldRows: Send + Sync {
    /// Rows of a source (its id in the pack) on which one of these people stands, in the columns of its contract, by the
    /// person's place in `people`. Read for verification.
    ///
    /// `on`: the day on which the source's agreement must hold. It is the day of the reading, never one that whoever asks may
    /// choose: an agreement that has ended does not come back for a question about the past.
    async fn rows_of(
        &self,
        source: &str,
        on: NaiveDate,
        people: &[PersonId],
    ) -> Result<Vec<(usize, Map<String, Value>)>, HeldError>;
}

/// How the middle floor asks departments' systems.
#[async_trait]
pub trait AskSources: Send + Sync {
    /// Whether this installation is connected to the source (its id in the pack).
    fn connected(&self, source: &str) -> bool;

    /// Whether this installation asks the source on lists, because the department answers only in batches.
    fn by_file(&self, _source: &str) -> bool {
        false
    }

    /// One try, within the connection's own time limit. Trying again is the caller's affair.
    async fn ask(&self, source: &str, question: &Question) -> Result<Reply, AskError>;
}

/// An installation without connections.
pub struct NotConnected;

#[async_trait]
impl AskSources for NotConnected {
    fn connected(&self, _: &str) -> bool {
        false
    }

    async fn ask(&self, _: &str, _: &Question) -> Result<Reply, AskError> {
        Err(AskError::Unreachable("no connection is configured".to_owned()))
    }
}
