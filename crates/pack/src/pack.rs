//! The pack as a whole.

use crate::{
    Calendar, Files, Text, assessment::Assessment, case::WorkedCase, facts::FactGroup, indicator::Indicator,
    parameter::Parameters, programme::Programme, region::Regions, source::Source,
};
use chrono::NaiveDate;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Legal {
    pub id: String,
    pub title: Text,
}

/// `pack.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Info {
    pub id: String,
    pub version: String,
    /// Code of the county whose bureau runs this installation.
    pub jurisdiction: String,
    /// Letters before case numbers: `QY26-00001`.
    pub case_prefix: String,
    #[serde(deserialize_with = "crate::date::one")]
    pub effective_from: NaiveDate,
    #[serde(default, deserialize_with = "crate::date::optional")]
    pub effective_to: Option<NaiveDate>,
    pub languages: Vec<String>,
    pub title: Text,
    /// Who signs decisions and notices.
    pub bureau: Text,
    pub hotline: String,
    /// Where a decision can be contested: reconsideration body and court.
    pub reconsideration: Text,
    #[serde(rename = "legal")]
    pub legal: Vec<Legal>,
}

/// A loaded pack. Load it with [`Pack::load`].
#[derive(Debug, Clone)]
pub struct Pack {
    pub info: Info,
    pub regions: Regions,
    pub calendar: Calendar,
    pub parameters: Parameters,
    pub sources: Vec<Source>,
    pub facts: Vec<FactGroup>,
    /// In decision order.
    pub programmes: Vec<Programme>,
    pub indicators: Vec<Indicator>,
    pub assessment: Assessment,
    pub cases: Vec<WorkedCase>,
    /// The texts it was read from, so that later checks can name file and line too.
    pub files: Files,
}

impl Pack {
    pub fn source(&self, id: &str) -> Option<&Source> {
        self.sources.iter().find(|s| s.id == id)
    }

    pub fn source_by_name(&self, name: &str) -> Option<&Source> {
        self.sources.iter().find(|s| s.name == name)
    }

    pub fn programme(&self, id: &str) -> Option<&Programme> {
        self.programmes.iter().find(|p| p.id == id)
    }

    pub fn indicator(&self, id: &str) -> Option<&Indicator> {
        self.indicators.iter().find(|i| i.id == id)
    }

    /// The group and the fact of that name.
    pub fn fact(&self, name: &str) -> Option<(&FactGroup, &crate::facts::Fact)> {
        self.facts.iter().find_map(|g| g.facts.iter().find(|f| f.name == name).map(|f| (g, f)))
    }
}
