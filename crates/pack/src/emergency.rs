//! What `workflow.toml` says of help in an emergency (急难型临时救助): how fast, how much at once, by which papers later, and
//! what is considered at its end.

use crate::{Fen, Pack, Text};
use chrono::NaiveDate;
use serde::Deserialize;

/// The emergency lane. A pack without it has none, and emergencies go the way of any application.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Emergency {
    pub programme: String,
    /// Hours from the word of it to the first help.
    pub advance_hours: u32,
    /// So many hours after the word of it the township's leader is told that nobody has helped yet.
    pub warn_hours: u32,
    /// Working days after the first help in which papers are made up.
    pub papers_days: u32,
    /// Parameter in fen: the most that is handed out before anything is decided.
    pub advance: String,
    /// Parameter in fen: what the units of a grade are multiplied with.
    pub unit: String,
    /// Parameter: the most persons counted.
    pub persons: String,
    /// Parameter: awards for one cause in twelve months from which on somebody says why there is another.
    pub awards: String,
    /// Whose decision of `decided_by` of the programme the township's leader signs.
    pub township: String,
    #[serde(rename = "kind")]
    pub kinds: Vec<EmergencyWord>,
    #[serde(rename = "grade")]
    pub grades: Vec<EmergencyGrade>,
    /// What is made up afterwards.
    #[serde(rename = "paper")]
    pub papers: Vec<EmergencyWord>,
    /// Where a household may be sent on; considering it is compulsory.
    #[serde(rename = "referral")]
    pub referrals: Vec<EmergencyWord>,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

/// One of a list to choose from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencyWord {
    pub id: String,
    pub title: Text,
}

/// How heavy it is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencyGrade {
    pub id: String,
    pub title: Text,
    /// Parameter: units a person.
    pub units: String,
    pub basis: String,
}

impl Emergency {
    pub fn grade(&self, id: &str) -> Option<&EmergencyGrade> {
        self.grades.iter().find(|g| g.id == id)
    }
}

impl Pack {
    /// What a grade comes to for so many persons at a place on a day, the first help included. `None` where the pack does
    /// not say.
    pub fn emergency_amount(&self, grade: &str, persons: u32, region: &str, on: NaiveDate) -> Option<Fen> {
        let rules = self.workflow.emergency.as_ref()?;
        let value = |id: &str| self.parameters.value(id, region, on);
        let units = value(&rules.grade(grade)?.units)?;
        let counted = i64::from(persons.max(1)).min(value(&rules.persons)?);
        units.checked_mul(value(&rules.unit)?)?.checked_mul(counted).map(Fen)
    }
}
