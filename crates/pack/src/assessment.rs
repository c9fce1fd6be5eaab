//! The six-dimension index (六维评估指数): questions, scores, level, labels.
//!
//! Sums are whole numbers: weights are parts per 1000 and scores are points, so a product is a thousandth of a point
//! and nothing is rounded before it is compared.

use crate::{
    Text,
    case::{CaseAnswer, CaseAssessment, Rest},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An assessment of less known weight (parts per 1000) is preliminary (indicators.md A3).
pub const PRELIMINARY: u32 = 600;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub id: String,
    /// 0 to 100; 100 is worst.
    pub score: u32,
    pub title: Text,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// `D1.2.1`
    pub id: String,
    pub dimension: String,
    #[serde(default)]
    pub group: String,
    pub title: Text,
    pub question: Text,
    /// A household is deprived in the item from this score on.
    pub cut: u32,
    /// Parts per 1000.
    pub weight: u32,
    #[serde(rename = "choice")]
    pub choices: Vec<Choice>,
}

impl Item {
    pub fn choice(&self, id: &str) -> Option<&Choice> {
        self.choices.iter().find(|c| c.id == id)
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dimension {
    pub id: String,
    pub title: Text,
}

/// A secondary indicator: items shown together.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub id: String,
    pub dimension: String,
    pub title: Text,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelLine {
    /// none, mild, moderate, severe.
    pub id: String,
    pub title: Text,
    /// Least total score, in thousandths of a point (15 points = 15000).
    pub from: u32,
}

/// Raises the level when at least `dimensions` of them score `from` thousandths or more.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DimensionRule {
    pub from: u32,
    pub dimensions: usize,
    pub level: String,
}

/// One answer that a rule looks for: a least score, or one choice where several share a score.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sign {
    pub item: String,
    pub at_least: Option<u32>,
    pub choice: Option<String>,
}

/// Raises the level when all its signs are there, and the label and the indicator where they are named.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    pub level: String,
    #[serde(default)]
    pub all: Vec<Sign>,
    pub label: Option<String>,
    pub indicator: Option<String>,
}

impl Override {
    /// Whether the answers alone can tell; the others are the engine's to apply.
    pub fn is_of_answers(&self) -> bool {
        self.label.is_none() && self.indicator.is_none()
    }
}

/// The least level of a household in a tier.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Floor {
    pub tier: String,
    pub level: String,
}

/// A type of hardship (难困类型): SQL over household facts, item scores, alerts and the tier.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    pub id: String,
    pub title: Text,
    /// Only TRUE gives the label.
    pub expr: String,
    #[serde(default)]
    pub basis: String,
    #[serde(default)]
    pub note: crate::Note,
}

/// `assessment/index.toml`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assessment {
    #[serde(rename = "dimension", default)]
    pub dimensions: Vec<Dimension>,
    #[serde(rename = "group", default)]
    pub groups: Vec<Group>,
    #[serde(rename = "item", default)]
    pub items: Vec<Item>,
    #[serde(rename = "level", default)]
    pub levels: Vec<LevelLine>,
    #[serde(rename = "dimension_rule", default)]
    pub dimension_rules: Vec<DimensionRule>,
    #[serde(rename = "override", default)]
    pub overrides: Vec<Override>,
    #[serde(rename = "floor", default)]
    pub floors: Vec<Floor>,
    #[serde(rename = "label", default)]
    pub labels: Vec<Label>,
    #[serde(default)]
    pub basis: String,
    #[serde(default)]
    pub note: crate::Note,
}

/// Item id -> choice id; an item without an answer is unknown.
pub type Answers = BTreeMap<String, String>;

/// The index of one household. Scores in thousandths of a point (0 to 100000).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// Unknown answers taken as 0.
    pub low: u32,
    /// Unknown answers taken as 100.
    pub high: u32,
    /// Known weight, parts per 1000 of the form's weight.
    pub completeness: u32,
    /// Unknown answers taken as 0; rounded down for show only.
    pub dimensions: BTreeMap<String, u32>,
    /// Level id by the highest of the rules (total, dimension, override); the tier's floor comes after.
    pub level: String,
    /// `total`, `dimension` or `override`; the weakest rule that gives the level.
    pub decided_by: String,
    /// The unknown answers could lead to a higher level.
    pub needs_visit: bool,
}

impl Index {
    /// An assessment with less known weight is preliminary and cannot close an alert (indicators.md A3).
    pub fn is_preliminary(&self) -> bool {
        self.completeness < PRELIMINARY
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScoreError {
    #[error("the assessment has no item {item}")]
    UnknownItem { item: String },
    #[error("item {item} of the assessment has no choice {choice}")]
    UnknownChoice { item: String, choice: String },
    #[error("item {item} of the assessment has no choice that scores {score}")]
    NoSuchScore { item: String, score: u32 },
    #[error("the assessment has no items or no levels")]
    Empty,
    #[error("the pack has no source {0} for what an assessment finds")]
    NoSource(&'static str),
}

/// How an item without an answer is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unknown {
    AsBest,
    AsWorst,
}

impl Assessment {
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items.iter().find(|i| i.id == id)
    }

    pub fn level(&self, id: &str) -> Option<&LevelLine> {
        self.levels.iter().find(|l| l.id == id)
    }

    pub fn label(&self, id: &str) -> Option<&Label> {
        self.labels.iter().find(|l| l.id == id)
    }

    /// Scores and level of a household's answers (indicators.md A1 and A3), before the floor of its tier.
    pub fn score(&self, answers: &Answers) -> Result<Index, ScoreError> {
        self.check_answers(answers)?;
        let weight: u32 = self.items.iter().map(|i| i.weight).sum();
        if weight == 0 || self.levels.is_empty() {
            return Err(ScoreError::Empty);
        }
        let known: u32 = self.items.iter().filter(|i| answers.contains_key(&i.id)).map(|i| i.weight).sum();
        let low = self.total(answers, Unknown::AsBest);
        let high = self.total(answers, Unknown::AsWorst);
        let (rank, decided_by) = self.rank(answers, low, Unknown::AsBest);
        let (worst, _) = self.rank(answers, high, Unknown::AsWorst);
        let dimensions = self
            .dimensions
            .iter()
            .map(|d| {
                let (sum, weight) = self.dimension(&d.id, answers, Unknown::AsBest);
                (d.id.clone(), thousandths(sum, weight))
            })
            .collect();
        Ok(Index {
            low,
            high,
            completeness: known * 1000 / weight,
            dimensions,
            level: self.levels[rank].id.clone(),
            decided_by: decided_by.to_owned(),
            needs_visit: worst > rank,
        })
    }

    /// The level of a total score in thousandths of a point.
    pub fn level_of(&self, total: u32) -> Option<&LevelLine> {
        self.levels.iter().filter(|l| l.from <= total).max_by_key(|l| l.from)
    }

    /// The higher of `level` and the least level of the household's tier.
    pub fn with_tier_floor<'a>(&'a self, level: &'a str, tier: &str) -> &'a str {
        match self.floors.iter().find(|f| f.tier == tier) {
            Some(floor) => self.higher(level, &floor.level),
            None => level,
        }
    }

    /// The higher of two levels; a level that the pack does not know loses.
    pub fn higher<'a>(&self, one: &'a str, other: &'a str) -> &'a str {
        let from = |id: &str| self.level(id).map(|l| l.from);
        if from(other) > from(one) { other } else { one }
    }

    /// Alkire-Foster deprivation count, parts per 1000; unknown answers are no deprivation (indicators.md A2).
    pub fn deprivation(&self, answers: &Answers) -> Result<u32, ScoreError> {
        self.check_answers(answers)?;
        Ok(self.items.iter().filter(|i| self.points(i, answers).is_some_and(|s| s >= i.cut)).map(|i| i.weight).sum())
    }

    /// The answers that a worked case gives.
    pub fn answers_of(&self, case: &CaseAssessment) -> Result<Answers, ScoreError> {
        let mut answers = Answers::new();
        for (item, answer) in &case.answers {
            let found = self.item(item).ok_or_else(|| ScoreError::UnknownItem { item: item.clone() })?;
            let choice = match answer {
                CaseAnswer::Choice(id) => found.choice(id),
                CaseAnswer::Score(score) => found.choices.iter().find(|c| c.score == *score),
            };
            let choice = choice.ok_or_else(|| match answer {
                CaseAnswer::Choice(id) => ScoreError::UnknownChoice { item: item.clone(), choice: id.clone() },
                CaseAnswer::Score(score) => ScoreError::NoSuchScore { item: item.clone(), score: *score },
            })?;
            answers.insert(item.clone(), choice.id.clone());
        }
        if case.rest == Rest::None {
            for item in self.items.iter().filter(|i| !case.answers.contains_key(&i.id)) {
                let least = item.choices.iter().find(|c| c.score == 0);
                let least = least.ok_or_else(|| ScoreError::NoSuchScore { item: item.id.clone(), score: 0 })?;
                answers.insert(item.id.clone(), least.id.clone());
            }
        }
        Ok(answers)
    }

    fn check_answers(&self, answers: &Answers) -> Result<(), ScoreError> {
        for (item, choice) in answers {
            let found = self.item(item).ok_or_else(|| ScoreError::UnknownItem { item: item.clone() })?;
            if found.choice(choice).is_none() {
                return Err(ScoreError::UnknownChoice { item: item.clone(), choice: choice.clone() });
            }
        }
        Ok(())
    }

    fn points(&self, item: &Item, answers: &Answers) -> Option<u32> {
        answers.get(&item.id).and_then(|id| item.choice(id)).map(|c| c.score)
    }

    /// Sum of weight times score, and the weight, of one dimension.
    fn dimension(&self, id: &str, answers: &Answers, unknown: Unknown) -> (u64, u64) {
        self.items.iter().filter(|i| i.dimension == id).fold((0, 0), |(sum, weight), item| {
            let score = self.points(item, answers).unwrap_or(if unknown == Unknown::AsWorst { 100 } else { 0 });
            (sum + u64::from(item.weight) * u64::from(score), weight + u64::from(item.weight))
        })
    }

    fn total(&self, answers: &Answers, unknown: Unknown) -> u32 {
        let (sum, weight) = self
            .dimensions
            .iter()
            .map(|d| self.dimension(&d.id, answers, unknown))
            .fold((0, 0), |(s, w), (sum, weight)| (s + sum, w + weight));
        thousandths(sum, weight)
    }

    /// Position of the highest level that a rule gives, and the first rule that gives it.
    fn rank(&self, answers: &Answers, total: u32, unknown: Unknown) -> (usize, &'static str) {
        let place = |id: &str| self.levels.iter().position(|l| l.id == id).unwrap_or(0);
        let mut rank = self.level_of(total).map_or(0, |l| place(&l.id));
        let mut decided_by = "total";
        for rule in &self.dimension_rules {
            let reached = self
                .dimensions
                .iter()
                .filter(|d| {
                    let (sum, weight) = self.dimension(&d.id, answers, unknown);
                    weight > 0 && sum * 1000 >= u64::from(rule.from) * weight
                })
                .count();
            if reached >= rule.dimensions && place(&rule.level) > rank {
                rank = place(&rule.level);
                decided_by = "dimension";
            }
        }
        for rule in &self.overrides {
            if rule.is_of_answers()
                && rule.all.iter().all(|s| self.shows(s, answers, unknown))
                && place(&rule.level) > rank
            {
                rank = place(&rule.level);
                decided_by = "override";
            }
        }
        (rank, decided_by)
    }

    fn shows(&self, sign: &Sign, answers: &Answers, unknown: Unknown) -> bool {
        let Some(choice) = answers.get(&sign.item).and_then(|id| self.item(&sign.item)?.choice(id)) else {
            return unknown == Unknown::AsWorst;
        };
        sign.at_least.is_none_or(|least| choice.score >= least)
            && sign.choice.as_deref().is_none_or(|id| id == choice.id)
    }
}

/// Weighted points as thousandths of a point. Exact when the weights come to 1000; 0 where nothing weighs.
fn thousandths(sum: u64, weight: u64) -> u32 {
    (sum * 1000).checked_div(weight).and_then(|points| u32::try_from(points).ok()).unwrap_or(0)
}
