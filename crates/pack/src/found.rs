//! What the newest pass has found, for lists of many people: asked at once, not household by household.

use crate::{FactValue, HouseholdId, PersonId};
use async_trait::async_trait;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A pass that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundRun {
    pub id: String,
    pub as_of: NaiveDate,
    pub pack_version: String,
    pub snapshot: String,
}

/// One finding of an indicator.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundAlert {
    pub indicator: String,
    pub household: HouseholdId,
    /// None where the indicator is about the household.
    pub person: Option<PersonId>,
    pub evidence: Vec<FactValue>,
}

#[derive(Debug, thiserror::Error)]
#[error("the findings cannot be read: {0}")]
pub struct FindingsError(pub String);

/// How the middle floor asks about everybody at once.
#[async_trait]
pub trait PassFindings: Send + Sync {
    /// The newest pass; none before the first.
    async fn newest(&self) -> Result<Option<FoundRun>, FindingsError>;

    /// What a pass found by these indicators.
    async fn alerts(&self, run: &FoundRun, indicators: &[String]) -> Result<Vec<FoundAlert>, FindingsError>;
}

/// An installation that has not run a pass.
pub struct NoFindings;

#[async_trait]
impl PassFindings for NoFindings {
    async fn newest(&self) -> Result<Option<FoundRun>, FindingsError> {
        Ok(None)
    }

    async fn alerts(&self, _: &FoundRun, _: &[String]) -> Result<Vec<FoundAlert>, FindingsError> {
        Ok(Vec::new())
    }
}
