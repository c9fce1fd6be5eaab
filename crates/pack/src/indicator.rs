//! Monitoring indicators.

use crate::{Text, facts::Grain};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One event raises it.
    Trigger,
    /// Adds points; opens no task by itself.
    Score,
    /// Checks that what is paid is lawful. Never stops a payment by itself.
    Compliance,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Blue,
    Yellow,
    Orange,
    Red,
}

/// Who must act first: the levels of the task chain G, V, T, D.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Grid,
    Village,
    Township,
    District,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    pub id: String,
    pub name: String,
    pub kind: Kind,
    /// Subject of the alert.
    pub grain: Grain,
    pub title: Text,
    /// Why a worker calls, in plain words: no amounts, no diagnosis.
    pub reason: Text,
    /// SQL over facts; only TRUE raises.
    pub expr: String,
    pub severity: Severity,
    #[serde(default)]
    pub points: u32,
    /// Facts stored with the alert.
    pub evidence: Vec<String>,
    #[serde(default)]
    pub lookback: String,
    pub actor: Level,
    pub report_to: Option<Level>,
    /// Working days from assignment.
    pub limit_days: u32,
    #[serde(default)]
    pub cooldown_days: u32,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}
