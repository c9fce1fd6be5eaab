//! `verification.toml`: what a household's means are verified for (核对), whom each verification asks, how long an
//! authorisation holds and how long is waited. A pack need not have one; then a case's own check is all there is.

use crate::{Pack, Text};
use serde::Deserialize;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    /// The first is that of applications.
    #[serde(rename = "purpose", default)]
    pub purposes: Vec<Purpose>,
    #[serde(rename = "ask", default)]
    pub asked: Vec<Ask>,
    #[serde(default)]
    pub tries: Tries,
}

/// What is verified and why: an authorisation is given for one of these, and for no other.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    pub id: String,
    pub title: Text,
    /// Every adult authorises it first. `false` only where an act orders the comparison itself and no authorised source
    /// is asked: lists of payments against each other.
    #[serde(default = "yes")]
    pub consent: bool,
    /// How long an authorisation holds.
    #[serde(default)]
    pub consent_months: u32,
    /// So long the first report waits for slow sources; what comes later completes it.
    #[serde(default)]
    pub wait_seconds: u32,
    /// Findings that a list of many people is held against: ids of indicators.
    #[serde(default)]
    pub indicators: Vec<String>,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

/// How a source is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// What the department has delivered.
    #[default]
    Pool,
    /// The department's own system, where the installation is connected to it; else the pool.
    Connector,
}

/// One source that is asked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    pub source: String,
    /// Of these purposes; empty: of all.
    #[serde(default)]
    pub purposes: Vec<String>,
    #[serde(default)]
    pub via: Via,
    /// After so many hours a source that has not answered counts as timed out.
    #[serde(default)]
    pub limit_hours: u32,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

/// How often a department that does not answer is asked again.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tries {
    /// Seconds until the second try; each further one waits twice as long.
    pub first_seconds: u32,
    /// No wait is longer, unless the department itself asks for it.
    pub longest_seconds: u32,
}

impl Default for Tries {
    fn default() -> Tries {
        Tries { first_seconds: 15, longest_seconds: 3600 }
    }
}

fn yes() -> bool {
    true
}

impl Ask {
    pub fn is_for(&self, purpose: &str) -> bool {
        self.purposes.is_empty() || self.purposes.iter().any(|p| p == purpose)
    }
}

impl Tries {
    /// Seconds to wait after so many tries that failed (1 or more).
    pub fn wait(&self, tries: u32) -> u32 {
        let doubled = self.first_seconds.checked_shl(tries.saturating_sub(1)).unwrap_or(u32::MAX);
        // A shift that drops bits is longer than any limit.
        let lost = tries.saturating_sub(1) >= self.first_seconds.leading_zeros();
        if lost { self.longest_seconds } else { doubled.min(self.longest_seconds) }
    }
}

impl Verification {
    pub fn purpose(&self, id: &str) -> Option<&Purpose> {
        self.purposes.iter().find(|p| p.id == id)
    }

    /// The sources asked for a purpose, in the pack's order.
    pub fn asked_for(&self, purpose: &str) -> impl Iterator<Item = &Ask> {
        self.asked.iter().filter(move |a| a.is_for(purpose))
    }
}

impl Pack {
    /// Id of the purpose of applications; empty where the pack names none.
    pub fn main_purpose(&self) -> &str {
        self.verification.purposes.first().map_or("", |p| p.id.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let tries = Tries { first_seconds: 15, longest_seconds: 3600 };
        let waits: Vec<u32> = [1, 2, 3, 8, 9, 29, 40, 4000].into_iter().map(|n| tries.wait(n)).collect();
        assert_eq!(waits, [15, 30, 60, 1920, 3600, 3600, 3600, 3600]);
    }

    #[test]
    fn a_source_without_purposes_is_asked_for_all() {
        let file: Verification = toml::from_str(
            r#"
            [[purpose]]
            id = "aid"
            title = { zh = "甲", en = "A" }
            basis = "X"
            [[purpose]]
            id = "housing"
            title = { zh = "乙", en = "B" }
            basis = "X"
            [[ask]]
            source = "S1"
            basis = "X"
            [[ask]]
            source = "S2"
            purposes = ["aid"]
            basis = "X"
            "#,
        )
        .unwrap();
        let asked = |purpose| file.asked_for(purpose).map(|a| a.source.as_str()).collect::<Vec<_>>();
        assert_eq!((asked("aid"), asked("housing")), (vec!["S1", "S2"], vec!["S1"]));
        assert!(file.purposes[0].consent, "an authorisation is needed unless the pack says otherwise");
    }
}
