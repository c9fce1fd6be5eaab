//! What `workflow.toml` says of the home visit: what is asked besides the six dimensions, which documents it brings, why a
//! family may not have signed.

use crate::{Pack, Text, workflow::Compared};
use serde::Deserialize;

/// The home visit of a case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visits {
    /// Kind of document of a photograph.
    pub photo: String,
    /// Kind of document of the form signed on paper.
    pub form: String,
    /// Documents of one visit at most.
    pub most: u32,
    /// What visitors ask that was declared too.
    #[serde(rename = "ask", default)]
    pub asks: Vec<Ask>,
    /// Why a family has not signed.
    #[serde(default)]
    pub unsigned: Vec<Unsigned>,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

/// One amount or number that visitors ask for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Column of the declaration, of a `[[compare]]`.
    pub name: String,
    pub title: Text,
    #[serde(default)]
    pub hint: Option<Text>,
}

/// A reason why nobody of the family has signed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unsigned {
    pub id: String,
    pub title: Text,
}

impl Pack {
    /// The comparison that a declared column belongs to.
    pub fn compared_by(&self, name: &str) -> Option<&Compared> {
        self.workflow.compared.iter().find(|c| c.declared.iter().any(|d| d == name))
    }

    /// What visitors ask, with the comparison it goes into.
    pub fn visit_asks(&self) -> impl Iterator<Item = (&Ask, &Compared)> {
        let asks = self.workflow.visit.iter().flat_map(|v| &v.asks);
        asks.filter_map(|ask| Some((ask, self.compared_by(&ask.name)?)))
    }

    pub fn unsigned(&self, id: &str) -> Option<&Unsigned> {
        self.workflow.visit.as_ref()?.unsigned.iter().find(|u| u.id == id)
    }
}
