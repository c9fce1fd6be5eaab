//! Findings: what the engine says, and the trait through which it is asked.
//!
//! A finding is never a decision. It opens a task or favours the citizen; a person decides (design.md section 9).

use crate::{
    Fen, HouseholdId, PersonId, Purpose, Withheld,
    indicator::Severity,
    programme::{Per, ProgrammeKind},
};
use async_trait::async_trait;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The engine's answer to one condition. `Unknown` is not a refusal: it asks, and opens a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Holds,
    Fails,
    Unknown,
}

impl Answer {
    /// SQL's three-valued logic: NULL is unknown.
    pub fn from_sql(value: Option<bool>) -> Answer {
        match value {
            Some(true) => Answer::Holds,
            Some(false) => Answer::Fails,
            None => Answer::Unknown,
        }
    }

    /// All must hold; one that fails decides, otherwise one unknown leaves the whole unknown (SQL `AND`).
    pub fn all(answers: impl IntoIterator<Item = Answer>) -> Answer {
        let mut all = Answer::Holds;
        for answer in answers {
            match answer {
                Answer::Fails => return Answer::Fails,
                Answer::Unknown => all = Answer::Unknown,
                Answer::Holds => {}
            }
        }
        all
    }
}

/// One fact as the engine saw it. `value` is its plain form (fen, days, `true`, text); `None` is unknown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FactValue {
    pub name: String,
    /// Set for facts of one person; unset for facts of the household.
    pub person_id: Option<PersonId>,
    pub value: Option<String>,
    /// As the pack's fact declares it: `fen`, `years`, `persons`, or empty.
    pub unit: String,
}

/// The nearest value of one fact that turns an answer round, everything else as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactChange {
    pub fact: String,
    /// Set for facts of one person.
    pub person_id: Option<PersonId>,
    /// In the plain form of [`FactValue::value`]; `None`: not known so far.
    pub from: Option<String>,
    pub to: String,
    pub unit: String,
    /// The answer then.
    pub answer: Answer,
}

/// A parameter that an answer rests on, as it held there and then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterUsed {
    pub id: String,
    pub amount: i64,
    pub unit: String,
    /// The region that the value was set for.
    pub region: String,
    pub effective: NaiveDate,
    pub basis: String,
}

/// One condition of a programme with everything that made its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConditionResult {
    pub name: String,
    pub answer: Answer,
    /// Set where the programme is asked for each person.
    pub person_id: Option<PersonId>,
    pub facts: Vec<FactValue>,
    pub measure: Option<i64>,
    pub line: Option<i64>,
    /// `line - measure`; positive means room to spare below the line.
    pub margin: Option<i64>,
    pub unit: String,
    pub basis: String,
    /// Source rows of this household that the facts rest on: indexes into [`CheckResult::rows`].
    pub rows: Vec<usize>,
    #[serde(default)]
    pub parameters: Vec<ParameterUsed>,
    /// What would turn this answer round, nearest first.
    #[serde(default)]
    pub changes: Vec<FactChange>,
}

/// One programme for one household (or one person of it).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProgrammeResult {
    pub programme: String,
    #[serde(default)]
    pub kind: ProgrammeKind,
    pub answer: Answer,
    pub person_id: Option<PersonId>,
    pub conditions: Vec<ConditionResult>,
    /// What would be paid (a month, or as `per` says) if a person so decides; only when all conditions hold.
    pub monthly: Option<Fen>,
    #[serde(default)]
    pub per: Per,
    /// Parts of the amount that the pack shows.
    #[serde(default)]
    pub parts: Vec<PartResult>,
    /// The pack's words for the formula with the household's own numbers' names.
    pub amount_facts: Vec<FactValue>,
    /// What alone would turn the whole programme's answer round, nearest first; empty where no single fact would.
    #[serde(default)]
    pub changes: Vec<FactChange>,
}

/// One part of an amount.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartResult {
    pub part: String,
    /// Whole fen, rounded down; `None` where a fact is unknown.
    pub amount: Option<Fen>,
}

/// A type of hardship that holds, with the facts that its rule read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelFinding {
    pub label: String,
    pub facts: Vec<FactValue>,
}

/// A service that answers a need of the household, with the facts that its rule read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NeedFinding {
    pub service: String,
    pub facts: Vec<FactValue>,
}

/// A row of a department's batch that a finding rests on. Values only of the columns the facts may use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceRow {
    pub source: String,
    pub batch: String,
    pub row: i64,
    pub person_id: Option<PersonId>,
    /// Date the batch arrived.
    pub arrived: String,
    pub values: serde_json::Map<String, serde_json::Value>,
}

/// One alert on one subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertFinding {
    pub indicator: String,
    pub household_id: HouseholdId,
    /// Set where the indicator's subject is a person.
    pub person_id: Option<PersonId>,
    pub evidence: Vec<FactValue>,
    /// Of this alert; the indicator's usual one where its facts say nothing else. Unset in findings of old.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// What a score indicator adds; 0 for the others.
    #[serde(default)]
    pub points: u32,
    /// What alone would clear it, nearest first.
    #[serde(default)]
    pub changes: Vec<FactChange>,
}

/// Everything the engine says about one household as of a date.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckResult {
    pub household_id: HouseholdId,
    pub as_of: NaiveDate,
    /// The day whose law it is by, where that is another law than that of `as_of`: a case is decided by what held when it was
    /// accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub law_of: Option<NaiveDate>,
    pub pack_version: String,
    /// Names the list of batches read.
    pub snapshot: String,
    /// Programme id, or `none`.
    pub tier: String,
    pub monthly: Fen,
    /// Known countable income a person a month in fen, rounded down; `None` when nothing is known.
    pub income_pc: Option<Fen>,
    pub programmes: Vec<ProgrammeResult>,
    pub alerts: Vec<AlertFinding>,
    #[serde(default)]
    pub labels: Vec<LabelFinding>,
    #[serde(default)]
    pub needs: Vec<NeedFinding>,
    /// Ids of the matters (一件事) that follow.
    #[serde(default)]
    pub matters: Vec<String>,
    /// Points of the score indicators, the household's and its people's: each once, at its highest (indicators.md B1).
    #[serde(default)]
    pub points: u32,
    /// Level of hardship after the tier's floor and the overrides; `None` where nothing says any.
    #[serde(default)]
    pub level: Option<String>,
    /// `total`, `dimension`, `override` (by the answers), `index` (answers not at hand), `tier`, `label:…` or `indicator:…`.
    #[serde(default)]
    pub decided_by: Option<String>,
    /// The facts that the pack compares with declarations, of the household and of its people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compared: Vec<FactValue>,
    pub rows: Vec<SourceRow>,
    /// Sources that were not read, because their agreement does not cover the purpose: what they would have said is
    /// unknown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<Withheld>,
}

impl CheckResult {
    /// Results of the programmes that give the tier.
    pub fn tiers(&self) -> impl Iterator<Item = &ProgrammeResult> {
        self.programmes.iter().filter(|p| p.kind == ProgrammeKind::Tier)
    }

    /// Results of the other programmes: recognitions of single persons, benefits.
    pub fn beside_tiers(&self) -> impl Iterator<Item = &ProgrammeResult> {
        self.programmes.iter().filter(|p| p.kind != ProgrammeKind::Tier)
    }
}

/// A row a case adds to what departments sent: a declared fact or a visit's finding, in the columns of a platform
/// source (`PF01`, `PF02`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OverlayRow {
    pub source: String,
    pub values: serde_json::Map<String, serde_json::Value>,
}

#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    #[error("household {0} is not in the data pool")]
    NoSuchHousehold(HouseholdId),
    #[error("the data pool holds nothing on or before {0}; take in departments' files first")]
    NoData(NaiveDate),
    #[error("the policy pack holds no rules for {0}")]
    NoRules(NaiveDate),
    /// The register itself: without it there is nobody to ask about.
    #[error("{0}")]
    Withheld(Withheld),
    #[error("the evaluation failed: {0}")]
    Fault(String),
}

/// How the middle floor asks the engine about one household.
#[async_trait]
pub trait Evaluate: Send + Sync {
    /// The same facts, expressions and answers as the population pass, for one household, with `overlay` rows added.
    async fn check(
        &self,
        household: HouseholdId,
        as_of: NaiveDate,
        overlay: &[OverlayRow],
    ) -> Result<CheckResult, EvaluateError> {
        self.check_under(household, as_of, as_of, overlay).await
    }

    /// The same with the facts of `as_of` under the law of another day: amounts, programmes and conditions as they held on
    /// `law_of`.
    async fn check_under(
        &self,
        household: HouseholdId,
        as_of: NaiveDate,
        law_of: NaiveDate,
        overlay: &[OverlayRow],
    ) -> Result<CheckResult, EvaluateError>;

    /// The same for another purpose than a verification: sources that the purpose may not read are left out, and the
    /// answer says which. Who knows no agreements reads alike for all.
    async fn read_for(
        &self,
        _purpose: Purpose,
        household: HouseholdId,
        as_of: NaiveDate,
        overlay: &[OverlayRow],
    ) -> Result<CheckResult, EvaluateError> {
        self.check(household, as_of, overlay).await
    }

    /// The same over what had arrived by the end of a day: what could have been said then, by the rules of now.
    async fn check_known(
        &self,
        _purpose: Purpose,
        household: HouseholdId,
        as_of: NaiveDate,
        known_at: NaiveDate,
    ) -> Result<CheckResult, EvaluateError> {
        // Who stands over one list of batches cannot say; who knows the pool does.
        Err(EvaluateError::Fault(format!(
            "nobody here knows what was known of {household} as of {as_of} on {known_at}"
        )))
    }

    /// The day on which the newest batch of each source arrived, by the source's id: a source that is left out has
    /// delivered nothing. Empty where nobody can say.
    async fn arrivals(&self) -> Result<BTreeMap<String, NaiveDate>, EvaluateError> {
        Ok(BTreeMap::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failing_condition_decides_even_beside_an_unknown_one() {
        assert_eq!(Answer::all([Answer::Unknown, Answer::Fails]), Answer::Fails);
    }

    #[test]
    fn an_unknown_condition_never_counts_as_failed() {
        assert_eq!(Answer::all([Answer::Holds, Answer::Unknown]), Answer::Unknown);
        assert_eq!(Answer::all([]), Answer::Holds);
    }
}
