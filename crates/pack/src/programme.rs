//! Programmes: conditions, amount, stages.

use crate::{Text, facts::Grain};
use serde::Deserialize;

/// One condition, a claim in SQL over facts. NULL is unknown.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    pub name: String,
    pub expr: String,
    pub measure: Option<String>,
    pub line: Option<String>,
    #[serde(default)]
    pub unit: String,
    pub title: Text,
    pub holds: Text,
    pub fails: Text,
    pub unknown: Text,
    /// What would change this answer.
    pub change: Text,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// Whole fen a month; the engine rounds up to whole yuan once, at the end.
    pub expr: String,
    pub unit: String,
    pub basis: String,
    pub explain: Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Publicity {
    Village,
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitUnit {
    Working,
    Calendar,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    pub id: String,
    pub title: Text,
    /// Role id of workflow.md (`R05`).
    pub role: String,
    pub limit_days: u32,
    pub unit: LimitUnit,
    pub basis: String,
}

/// How results of persons make the household's: it counts when every living member meets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rollup {
    All,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Programme {
    pub id: String,
    /// Decision order: the first programme whose conditions all hold gives the tier.
    pub order: u32,
    pub grain: Grain,
    pub rollup: Option<Rollup>,
    pub title: Text,
    pub summary: Text,
    pub basis: Vec<String>,
    pub publicity: Publicity,
    #[serde(default)]
    pub publicity_days: u32,
    #[serde(default)]
    pub second_publicity: bool,
    /// Months a recognition holds, where the programme limits it.
    pub valid_months: Option<u32>,
    #[serde(rename = "condition")]
    pub conditions: Vec<Condition>,
    pub amount: Option<Amount>,
    #[serde(rename = "stage", default)]
    pub stages: Vec<Stage>,
    #[serde(default)]
    pub note: String,
}

impl Programme {
    pub fn stage(&self, id: &str) -> Option<&Stage> {
        self.stages.iter().find(|s| s.id == id)
    }
}
