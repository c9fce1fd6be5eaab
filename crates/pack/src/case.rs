//! Worked cases: the pack's own tests.

use crate::{Answer, Text};
use chrono::NaiveDate;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseRow {
    /// Source id.
    pub source: String,
    /// Pool columns; dates as text `2026-09-01`; person and household numbers are the case's own.
    pub values: toml::Table,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedFact {
    pub name: String,
    pub person: Option<i64>,
    /// Plain form as in `FactValue::value`; `unknown` for NULL.
    pub value: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedCondition {
    pub programme: String,
    pub name: String,
    pub person: Option<i64>,
    pub answer: Answer,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    pub tier: String,
    pub monthly: i64,
    pub alerts: Option<Vec<String>>,
    #[serde(rename = "fact", default)]
    pub facts: Vec<ExpectedFact>,
    #[serde(rename = "condition", default)]
    pub conditions: Vec<ExpectedCondition>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkedCase {
    pub id: String,
    pub title: Text,
    #[serde(deserialize_with = "crate::date::one")]
    pub as_of: NaiveDate,
    /// The household whose result is expected; 1 unless said.
    #[serde(default = "one")]
    pub household: i64,
    #[serde(rename = "row")]
    pub rows: Vec<CaseRow>,
    pub expect: Expect,
    #[serde(default)]
    pub note: String,
}

fn one() -> i64 {
    1
}
