//! `[appraisal]` of `workflow.toml`: who sits when the neighbourhood is asked whether what a survey found is true
//! (workflow.md section 3, state `appraisal`).

use crate::Text;
use serde::Deserialize;

/// A pack without it looks into every objection by another visit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appraisals {
    /// So many at least.
    pub members: u32,
    /// So many of 1000 who sit must be of the neighbourhood itself.
    pub residents_permille: u32,
    #[serde(rename = "side", default)]
    pub sides: Vec<Side>,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

/// For whom somebody sits.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Side {
    pub id: String,
    pub title: Text,
    /// Of the neighbourhood, not of an office.
    #[serde(default)]
    pub resident: bool,
}

impl Appraisals {
    pub fn side(&self, id: &str) -> Option<&Side> {
        self.sides.iter().find(|side| side.id == id)
    }

    pub fn is_resident(&self, id: &str) -> bool {
        self.side(id).is_some_and(|side| side.resident)
    }
}
