//! `[mandate]` of `workflow.toml`: for how long people may let somebody act for them, and whom (workflow.md section 2, R02).

use crate::Text;
use serde::Deserialize;

/// A pack without it has no proxies: everybody applies in person or at a window.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mandates {
    /// Terms to choose from, in months, the shortest first.
    pub months: Vec<u32>,
    /// Minutes for which the number that a proxy says to the person holds.
    pub code_minutes: u32,
    #[serde(rename = "relation", default)]
    pub relations: Vec<crate::workflow::Relation>,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

impl Mandates {
    pub fn relation(&self, id: &str) -> Option<&Text> {
        self.relations.iter().find(|r| r.id == id).map(|r| &r.title)
    }
}
