//! What `workflow.toml` says of life after the decision: how often whom is checked again, who leaves gradually, what shows
//! a death.

use crate::{Pack, Text};
use chrono::NaiveDate;
use serde::Deserialize;

/// Life after the decision. A pack without it checks nobody by periods.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Living {
    /// Programmes that are left gradually by whoever has found work.
    #[serde(default)]
    pub gradual: Vec<String>,
    /// Programmes whose end is posted for the days of their publicity before anybody decides on it.
    #[serde(default)]
    pub ends_posted: Vec<String>,
    /// So long those who have left are kept in view.
    #[serde(default)]
    pub watch_months: u32,
    /// Who can report a death. Two of them together show it; otherwise somebody goes there.
    #[serde(default)]
    pub death_reporters: Vec<Reporter>,
    /// Classes of periodic checks, the longest period first.
    #[serde(rename = "class", default)]
    pub classes: Vec<Class>,
    /// Whose life is proven at intervals. Nobody's where it is absent.
    pub proof: Option<LifeProof>,
    #[serde(default)]
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

/// A body whose report of a death counts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reporter {
    pub id: String,
    pub title: Text,
}

/// Those checked at the same interval.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    pub id: String,
    pub title: Text,
    /// Parameter, in months.
    pub months: String,
    pub basis: String,
}

/// Proof of life: of whom, how often, in which ways. Its lapse sends somebody there and never stops money.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LifeProof {
    /// Programmes whose recipients it is asked of.
    pub programmes: Vec<String>,
    /// Months that a proof holds.
    pub months: u32,
    /// Days before the last one on which the recipient is told.
    pub remind_days: u32,
    /// Working days in which somebody goes there after a lapse.
    pub visit_days: u32,
    #[serde(rename = "way")]
    pub ways: Vec<ProofWay>,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

/// A way in which it is accepted that somebody is alive.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofWay {
    pub id: String,
    pub title: Text,
    /// For the recipient: what to do.
    pub how: Text,
    /// A second person was there and is named.
    #[serde(default)]
    pub witness: bool,
    /// Words are needed: which office, which record of which day.
    #[serde(default)]
    pub words: bool,
}

impl LifeProof {
    pub fn way(&self, id: &str) -> Option<&ProofWay> {
        self.ways.iter().find(|way| way.id == id)
    }
}

impl Pack {
    /// Months between two checks of a class on that day; of the first class for one that the pack does not name. `None`
    /// where the pack checks nobody by periods.
    pub fn check_months(&self, class: Option<&str>, region: &str, on: NaiveDate) -> Option<u32> {
        let classes = &self.workflow.living.classes;
        let class = classes.iter().find(|c| Some(c.id.as_str()) == class).or_else(|| classes.first())?;
        self.parameters.value(&class.months, region, on).and_then(|months| u32::try_from(months).ok())
    }
}
