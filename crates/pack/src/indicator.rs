//! Monitoring indicators.

use crate::{Text, facts::Grain, workflow::Worse};
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
    /// The usual one, and the one where `severity_expr` says nothing.
    pub severity: Severity,
    /// SQL over facts giving `red`, `orange`, `yellow` or `blue` of one alert.
    pub severity_expr: Option<String>,
    /// The most it can score, and what it scores where `points_expr` says nothing.
    #[serde(default)]
    pub points: u32,
    /// SQL over facts giving the whole points of one alert.
    pub points_expr: Option<String>,
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
    /// Whether an alert opens a task; unless said, all but those that only score do.
    pub open_task: Option<bool>,
    /// Alerts enter the pool of clues and nothing more.
    #[serde(default)]
    pub pool_only: bool,
    /// Alerts milder than this enter the pool of clues and nothing more.
    pub pool_below: Option<Severity>,
    /// The fact of the evidence that says whether things got worse: the first number unless said; `none`: nothing does.
    pub measure: Option<String>,
    /// Which way it gets worse.
    #[serde(default)]
    pub worse: Worse,
    pub basis: String,
    #[serde(default)]
    pub note: crate::Note,
}

impl Severity {
    /// As packs and files write it.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Blue => "blue",
            Severity::Yellow => "yellow",
            Severity::Orange => "orange",
            Severity::Red => "red",
        }
    }

    pub fn from_word(word: &str) -> Option<Severity> {
        [Severity::Blue, Severity::Yellow, Severity::Orange, Severity::Red].into_iter().find(|s| s.word() == word)
    }
}

impl Indicator {
    pub fn opens_task(&self) -> bool {
        self.open_task.unwrap_or(self.kind != Kind::Score && !self.pool_only)
    }

    /// Whether an alert of this severity opens a task.
    pub fn opens_task_at(&self, severity: Severity) -> bool {
        self.opens_task() && self.pool_below.is_none_or(|least| severity >= least)
    }
}
