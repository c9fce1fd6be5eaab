//! Worked cases: the pack's own tests.

use crate::{Answer, Text};
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::BTreeMap;

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

/// A programme that must hold, with its amount.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedBenefit {
    pub programme: String,
    pub person: Option<i64>,
    /// In fen; 0 where a programme without an amount must hold.
    #[serde(default)]
    pub amount: i64,
}

/// Who must decide where so much of a programme is proposed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedDecider {
    pub programme: String,
    /// In fen.
    pub amount: i64,
    /// Id of the programme's `decided_by`.
    pub by: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedIndex {
    /// Thousandths of a point, unknown answers taken as 0.
    pub score: Option<i64>,
    /// Parts per 1000.
    pub deprivation: Option<i64>,
    /// The final level, after the tier's floor and the overrides.
    pub level: Option<String>,
    /// Parts per 1000.
    pub completeness: Option<i64>,
    pub decided_by: Option<String>,
}

/// Answers of the assessment: a choice's id, or the score of the first choice that has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum CaseAnswer {
    Score(u32),
    Choice(String),
}

/// How the items that a case does not list are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rest {
    /// Asked, and nothing found: the first choice that scores 0.
    #[default]
    None,
    Unknown,
}

/// `[assessment]`: `"D1.1.1" = 50` or `"D1.1.1" = "no_income"`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct CaseAssessment {
    #[serde(default)]
    pub rest: Rest,
    /// The case's own day unless said.
    #[serde(default, deserialize_with = "crate::date::optional")]
    pub assessed_on: Option<NaiveDate>,
    #[serde(flatten)]
    pub answers: BTreeMap<String, CaseAnswer>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// `none` unless said.
    #[serde(default = "no_tier")]
    pub tier: String,
    /// What the tier pays a month, in fen.
    #[serde(default)]
    pub monthly: i64,
    /// The exact set.
    pub alerts: Option<Vec<String>>,
    pub alerts_at_least: Option<Vec<String>>,
    #[serde(rename = "benefit", default)]
    pub benefits: Vec<ExpectedBenefit>,
    #[serde(rename = "decider", default)]
    pub deciders: Vec<ExpectedDecider>,
    /// Programmes that must not hold for the household or any of its people.
    #[serde(default)]
    pub not_benefits: Vec<String>,
    /// The exact set.
    pub labels: Option<Vec<String>>,
    pub labels_at_least: Option<Vec<String>>,
    /// The exact set.
    pub services: Option<Vec<String>>,
    pub services_at_least: Option<Vec<String>>,
    pub index: Option<ExpectedIndex>,
    /// Points of the household's and its people's score indicators, each once.
    pub points: Option<i64>,
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
    pub assessment: Option<CaseAssessment>,
    pub expect: Expect,
    #[serde(default)]
    pub note: String,
}

fn no_tier() -> String {
    "none".to_owned()
}

fn one() -> i64 {
    1
}
