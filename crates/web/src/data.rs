//! What the pages show of the data pool. The pool itself is another floor; the binary answers through this trait.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use std::sync::Arc;
use tuodi_feeds::Arrival;
use tuodi_pack::{FactValue, HouseholdId, PersonId, Renewal};

/// One batch of one source.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchFigure {
    pub batch: String,
    pub source: String,
    /// The name of the file as it arrived, without its folder.
    pub file: String,
    pub rows_read: u64,
    pub rows_taken: u64,
    pub rows_quarantined: u64,
    pub arrived: DateTime<Utc>,
    /// The batch as the room of feeds knows it: its group, its scores, what was wrong with its rows.
    pub arrival: Arrival,
}

/// The last population pass.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PassFigure {
    pub run: String,
    pub as_of: NaiveDate,
    pub finished: DateTime<Utc>,
    pub people: u64,
    pub households: u64,
    /// Tier id and households in it.
    pub tiers: Vec<(String, u64)>,
    pub alerts: u64,
    pub pack_version: String,
}

/// Payments of one kind, month, village and state, summed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FundFigure {
    /// Id of the source.
    pub source: String,
    /// Programme of the pack, or the list's own code.
    pub programme: String,
    /// First day of the month paid for.
    pub month: NaiveDate,
    pub region: String,
    pub state: FundState,
    pub payments: u64,
    /// Fen.
    pub sum: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum FundState {
    Paid,
    /// Sent, and came back.
    Returned,
    Pending,
}

/// One person about whom sources contradict each other.
#[derive(Debug, Clone, PartialEq)]
pub struct ConflictFigure {
    /// Id of the pack's conflict.
    pub item: String,
    pub person: PersonId,
    pub household: HouseholdId,
    pub region: String,
    /// What each source says, the value in use and a ruling, as far as the pool has it.
    pub facts: Vec<FactValue>,
}

/// All of a snapshot, in order of place.
#[derive(Debug, Clone, PartialEq)]
pub struct ConflictFigures {
    pub as_of: NaiveDate,
    pub snapshot: String,
    pub all: Vec<ConflictFigure>,
}

/// What the last pass proposes for a household.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeedFigure {
    pub household: HouseholdId,
    pub region: String,
    /// Ids of the pack's services, and of the labels of its assessment.
    pub services: Vec<String>,
    pub labels: Vec<String>,
}

/// Every household with a need or a label, in order of place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeedFigures {
    pub run: String,
    pub as_of: NaiveDate,
    pub all: Vec<NeedFigure>,
}

/// Whether a row counts now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    Now,
    /// A later batch took its place.
    Superseded,
    Undone,
}

/// What a source once said of a household or of one of its people.
#[derive(Debug, Clone, PartialEq)]
pub struct SaidOnce {
    pub source: String,
    pub batch: String,
    pub row: i64,
    pub arrived: DateTime<Utc>,
    pub stands: Stands,
    pub person: Option<PersonId>,
    /// In pool columns.
    pub values: serde_json::Map<String, serde_json::Value>,
}

#[derive(Debug, thiserror::Error)]
pub enum DataError {
    #[error("the data folder could not be read")]
    Read(#[source] Box<dyn std::error::Error + Send + Sync>),
}

#[async_trait]
pub trait DataFigures: Send + Sync {
    /// Newest first.
    async fn batches(&self) -> Result<Vec<BatchFigure>, DataError>;
    /// The quarantined rows of a batch as CSV with row, column and reason; `None` when there are none.
    async fn quarantine(&self, batch: &str) -> Result<Option<Vec<u8>>, DataError>;
    async fn last_pass(&self) -> Result<Option<PassFigure>, DataError>;
    /// Who needs which service by the last pass; `None` before the first.
    async fn needs(&self) -> Result<Option<Arc<NeedFigures>>, DataError>;
    /// What departments' lists say was paid, without names: by programme, month, village and state. Only of sources that
    /// may be read for statistics on that day.
    async fn funds(&self, on: NaiveDate, renewals: &[Renewal]) -> Result<Vec<FundFigure>, DataError>;
    /// Everything that sources ever said of these people and their household, in order of arrival, as far as these sources
    /// may be read.
    async fn history(
        &self,
        household: HouseholdId,
        people: &[PersonId],
        sources: &[String],
    ) -> Result<Vec<SaidOnce>, DataError>;
    /// Where sources contradict each other on that day; only from sources that may be read for monitoring.
    async fn conflicts(&self, on: NaiveDate, renewals: &[Renewal]) -> Result<Arc<ConflictFigures>, DataError>;
}
