//! `verification.toml`: what a household's means are verified for (核对), whom each verification asks, how long an
//! authorisation holds and how long is waited. A pack need not have one; then a case's own check is all there is.

use crate::{Pack, Text, agreement::Purpose as Reading};
use chrono::NaiveDate;
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
    /// Who may ask us: a province's or another city's check platform.
    #[serde(rename = "relay", default)]
    pub relays: Vec<Relay>,
}

/// Another check platform that may ask about people here, by an agreement.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relay {
    pub id: String,
    pub title: Text,
    /// The number under which the agreement is filed.
    pub number: String,
    /// What it may ask for: purposes of this file, each with the authorisation of everybody asked about.
    pub purposes: Vec<String>,
    /// Ids of the sources that it is told of.
    pub sources: Vec<String>,
    #[serde(deserialize_with = "crate::date::one")]
    pub from: NaiveDate,
    /// Its last day.
    #[serde(deserialize_with = "crate::date::one")]
    pub until: NaiveDate,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

impl Relay {
    pub fn is_in_force(&self, on: NaiveDate) -> bool {
        self.from <= on && on <= self.until
    }
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
    /// Id of the purpose whose authorisation covers this one too; empty where it has its own.
    #[serde(default)]
    pub authorised_by: String,
    /// What the data are read for, by their agreements: a source whose agreement leaves it out says nothing.
    #[serde(default = "verification")]
    pub reads: Reading,
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
    /// On lists that a person sends and brings back: the department answers only in batches.
    File,
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

fn verification() -> Reading {
    Reading::Verification
}

impl Purpose {
    /// An authorisation is taken for this purpose itself.
    pub fn takes_consent(&self) -> bool {
        self.consent && self.authorised_by.is_empty()
    }
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

    pub fn relay(&self, id: &str) -> Option<&Relay> {
        self.relays.iter().find(|r| r.id == id)
    }

    /// Id of the purpose whose authorisation covers this one: itself, or the one that it names.
    pub fn authorising<'a>(&'a self, id: &'a str) -> &'a str {
        match self.purpose(id) {
            Some(purpose) if !purpose.authorised_by.is_empty() => &purpose.authorised_by,
            _ => id,
        }
    }

    /// Ids of the purposes that an authorisation for this one covers.
    pub fn covered_by<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a str> {
        let others = self.purposes.iter().filter(move |p| p.authorised_by == id).map(|p| p.id.as_str());
        std::iter::once(id).chain(others)
    }

    /// What data are read for when a household is verified for a purpose.
    pub fn reads(&self, id: &str) -> Reading {
        self.purpose(id).map_or(Reading::Verification, |p| p.reads)
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

    /// Id of the purpose of re-verification while help is given (DB57 art. 31): that of applications where the pack has
    /// none of its own.
    pub fn reverification_purpose(&self) -> &str {
        let own = self.verification.purposes.iter().find(|p| p.reads == Reading::Reverification);
        own.map_or_else(|| self.main_purpose(), |p| p.id.as_str())
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

    #[test]
    fn a_purpose_may_stand_on_the_authorisation_of_another_and_read_for_its_own() {
        let file: Verification = toml::from_str(
            r#"
            [[purpose]]
            id = "aid"
            title = { zh = "甲", en = "A" }
            basis = "X"
            [[purpose]]
            id = "again"
            title = { zh = "乙", en = "B" }
            authorised_by = "aid"
            reads = "reverification"
            basis = "X"
            [[relay]]
            id = "north"
            title = { zh = "丙", en = "C" }
            number = "N-1"
            purposes = ["aid"]
            sources = ["S1"]
            from = 2026-01-01
            until = 2026-12-31
            basis = "X"
            "#,
        )
        .unwrap();
        assert_eq!((file.authorising("again"), file.authorising("aid")), ("aid", "aid"));
        assert_eq!(file.covered_by("aid").collect::<Vec<_>>(), ["aid", "again"]);
        assert_eq!((file.reads("aid"), file.reads("again")), (Reading::Verification, Reading::Reverification));
        let takes: Vec<bool> = file.purposes.iter().map(Purpose::takes_consent).collect();
        assert_eq!(takes, [true, false]);
        let on = |day: &str| file.relay("north").unwrap().is_in_force(day.parse().unwrap());
        assert!(on("2026-12-31") && !on("2027-01-01"));
    }
}
