//! Kinds of documents that a household or an office may put on file, and what of the platform takes a document's place:
//! nothing is asked that is known already.

use crate::{Pack, Text, programme::EvidenceBy, programme::EvidenceItem, services::Consent};
use serde::Deserialize;

/// One kind of document, in the words of whoever looks for it at home.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    pub id: String,
    pub title: Text,
    /// Of one member; else of the household.
    #[serde(default)]
    pub personal: bool,
    /// Only those who work on the case make it (photographs of a visit, a signed form).
    #[serde(default)]
    pub office: bool,
    /// Sources whose data take its place, and by which an electronic certificate of it can be named.
    #[serde(default)]
    pub sources: Vec<String>,
    #[serde(default)]
    pub note: crate::Note,
}

/// A document of no kind that a pack names; whoever brings it says what it is. No pack may take the id.
pub const OTHER: &str = "other";

/// What the platform holds itself, so that no paper is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShownBy {
    /// The application itself, once it is submitted.
    Form,
    /// The authorisations of every adult.
    Authorisations,
    /// The account in the register of people.
    Account,
    /// The register of people knows who it is.
    Register,
}

impl Pack {
    pub fn paper(&self, id: &str) -> Option<&Paper> {
        self.workflow.papers.iter().find(|p| p.id == id)
    }

    /// Programmes that one application asks for: those of the base matters, else the tiers.
    pub fn applied_for(&self) -> Vec<&str> {
        let base = self.services.matters.iter().filter(|m| m.consent == Consent::Application);
        let programmes: Vec<&str> = base.flat_map(|m| &m.programmes).map(String::as_str).collect();
        if programmes.is_empty() { self.tiers().map(|p| p.id.as_str()).collect() } else { programmes }
    }

    /// What a programme asks the applicant for.
    pub fn asked_of_applicant(&self, programme: &str) -> impl Iterator<Item = &EvidenceItem> {
        let items = self.programme(programme).map(|p| p.evidence.as_slice()).unwrap_or_default();
        items.iter().filter(|e| e.by == EvidenceBy::Applicant)
    }
}
