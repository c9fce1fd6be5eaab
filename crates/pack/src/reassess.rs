//! What `workflow.toml` says of the six-dimension assessment: on which occasions it is made (again), by when, at whose desk.

use crate::{Pack, Text, indicator::Level};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What sets a re-verification off that can be a change of the family, in the words of `casework`.
pub const CHANGES: [&str; 5] = ["declared", "data", "death", "life", "moved"];

/// Occasions of an assessment. A pack without any asks for none by itself.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reassess {
    #[serde(rename = "trigger", default)]
    pub triggers: Vec<Trigger>,
    /// Unset: no assessment is made a second time.
    #[serde(default)]
    pub second: Option<Second>,
}

/// The sample of assessments that somebody else makes again, to see whether two assessors say the same.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Second {
    /// Of each township's assessments of a month, parts per 1000.
    pub share_permille: u32,
    /// At least so many of a township that has any.
    pub least: u32,
    /// Working days for it.
    pub limit_days: u32,
    /// With fewer pairs the figures say little.
    pub enough: u32,
    /// From this difference of the two totals on, in thousandths of a point, the two look at it together.
    pub large: u32,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

/// The four occasions (定期评、立即评、实时评、跟进评).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// A new subject: its application has been accepted.
    New,
    /// Somebody found by the platform, whose need was confirmed at the door.
    Found,
    /// The family has changed.
    Change,
    /// A recipient, at intervals.
    Standing,
}

impl Occasion {
    pub const ALL: [Occasion; 4] = [Occasion::New, Occasion::Found, Occasion::Change, Occasion::Standing];

    pub fn id(self) -> &'static str {
        match self {
            Occasion::New => "new",
            Occasion::Found => "found",
            Occasion::Change => "change",
            Occasion::Standing => "standing",
        }
    }

    pub fn from_id(id: &str) -> Option<Occasion> {
        Occasion::ALL.into_iter().find(|o| o.id() == id)
    }
}

/// One occasion, with its limit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    pub when: Occasion,
    pub title: Text,
    /// Whose it is first.
    pub desk: Level,
    /// Working days. Of a standing subject: what somebody has at least who has never been assessed.
    pub limit_days: u32,
    /// Of a change: what sets it off, of [`CHANGES`].
    #[serde(default)]
    pub on: Vec<String>,
    /// Of a standing subject: the programmes whose recipients are assessed at intervals.
    #[serde(default)]
    pub programmes: Vec<String>,
    /// Of a standing subject: a parameter, in months.
    #[serde(default)]
    pub months: Option<String>,
    /// Classes of periodic checks with an interval of their own.
    #[serde(rename = "class", default)]
    pub classes: Vec<ClassPeriod>,
    /// Calendar days before the last one on which it appears in the list.
    #[serde(default)]
    pub ahead_days: u32,
    /// So many calendar days the assessment waits for the periodic check, so that one visit does for both.
    #[serde(default)]
    pub join_days: u32,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

/// The interval of a class of `[[living.class]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassPeriod {
    pub id: String,
    /// Parameter, in months.
    pub months: String,
}

impl Trigger {
    /// Months between two assessments of a recipient of that class.
    pub fn months_of(&self, pack: &Pack, class: Option<&str>, region: &str, on: NaiveDate) -> Option<u32> {
        let own = self.classes.iter().find(|c| Some(c.id.as_str()) == class).map(|c| &c.months);
        let months = pack.parameters.value(own.or(self.months.as_ref())?, region, on)?;
        u32::try_from(months).ok().filter(|m| *m > 0)
    }
}

impl Pack {
    /// What the pack says of an occasion; `None` where it asks for no assessment then.
    pub fn trigger(&self, when: Occasion) -> Option<&Trigger> {
        self.workflow.assess.triggers.iter().find(|t| t.when == when)
    }
}
