//! Programmes: conditions, amount, stages.

use crate::{Text, decider::DecidedBy, facts::Grain};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// One condition, a claim in SQL over facts. NULL is unknown.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    pub name: String,
    pub expr: String,
    pub measure: Option<String>,
    pub line: Option<String>,
    #[serde(default)]
    pub unit: String,
    pub title: Text,
    pub holds: Text,
    pub fails: Text,
    pub unknown: Text,
    /// What would change this answer.
    pub change: Text,
    pub basis: String,
    /// First and last day on which the law asks it, where that is not always.
    #[serde(default, deserialize_with = "crate::date::optional")]
    pub effective_from: Option<NaiveDate>,
    #[serde(default, deserialize_with = "crate::date::optional")]
    pub effective_to: Option<NaiveDate>,
    #[serde(default)]
    pub note: crate::Note,
}

/// How often an amount is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    #[default]
    Month,
    Week,
    Year,
    Once,
}

impl Per {
    pub fn word(self) -> &'static str {
        match self {
            Per::Month => "month",
            Per::Week => "week",
            Per::Year => "year",
            Per::Once => "once",
        }
    }
}

/// What becomes of the part of an amount below the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Round {
    /// Up to whole units of the currency (yuan) once, at the end.
    #[default]
    #[serde(alias = "yuan")]
    Whole,
    /// To the smallest unit (fen, cents), half away from zero.
    None,
}

/// A part of an amount, shown beside it: a top-up, the care part.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AmountPart {
    pub id: String,
    pub title: Text,
    pub expr: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// In the smallest unit of money (fen), rounded once, at the end, as `round` says.
    pub expr: String,
    pub unit: String,
    #[serde(default)]
    pub per: Per,
    #[serde(default)]
    pub round: Round,
    pub basis: String,
    pub explain: Text,
    #[serde(rename = "part", default)]
    pub parts: Vec<AmountPart>,
}

/// What a programme says of a household or a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProgrammeKind {
    /// A recognition of the household; the first in decision order is its tier.
    #[default]
    Tier,
    /// A recognition beside the tier, such as that of one person in a household.
    Status,
    /// Something given: money, a service, a reduction.
    Benefit,
    /// Something owed: a tax, a contribution.
    Levy,
    /// A figure worked out of the others, such as disposable income; nobody pays or owes it.
    Measure,
}

/// How a benefit comes to those who are entitled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Without an application.
    Automatic,
    Application,
    /// As one of the matters of a single application (一件事).
    Matter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceBy {
    Applicant,
    /// A department's data take the place of a paper.
    Source,
    Survey,
    /// What the decision's file holds.
    File,
}

/// One piece of evidence and where it comes from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceItem {
    pub id: String,
    pub title: Text,
    pub by: EvidenceBy,
    #[serde(default)]
    pub sources: Vec<String>,
    /// What the platform holds in its place; all of it together.
    #[serde(default)]
    pub shown_by: Vec<crate::paper::ShownBy>,
    /// Kinds of documents of which one is enough.
    #[serde(default)]
    pub papers: Vec<String>,
    /// Helps, but is not asked of everybody.
    #[serde(default)]
    pub optional: bool,
    #[serde(default)]
    pub note: crate::Note,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Publicity {
    Village,
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitUnit {
    #[default]
    Working,
    Calendar,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    pub id: String,
    pub title: Text,
    /// Role id of workflow.md (`R05`).
    pub role: String,
    pub limit_days: u32,
    pub unit: LimitUnit,
    pub basis: String,
}

/// How results of persons make the household's: it counts when every living member meets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rollup {
    All,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Programme {
    pub id: String,
    #[serde(default)]
    pub kind: ProgrammeKind,
    /// Decision order: the first tier whose conditions all hold is the household's. Programmes of the other kinds are
    /// asked after the tiers, in this order, and may read the results of those before them.
    pub order: u32,
    pub grain: Grain,
    /// Persons who are no longer alive are asked too.
    #[serde(default)]
    pub after_death: bool,
    pub rollup: Option<Rollup>,
    pub title: Text,
    pub summary: Text,
    pub basis: Vec<String>,
    #[serde(default = "no_publicity")]
    pub publicity: Publicity,
    #[serde(default)]
    pub publicity_days: u32,
    #[serde(default)]
    pub second_publicity: bool,
    /// Class of the regular checks on those in this tier (`A`, `B`, `C`), where their own circumstances do not decide it.
    pub review_class: Option<String>,
    /// Months a recognition holds, where the programme limits it.
    pub valid_months: Option<u32>,
    #[serde(rename = "condition")]
    pub conditions: Vec<Condition>,
    /// First and last day on which the programme is law, where that is not always. On other days nobody holds it.
    #[serde(default, deserialize_with = "crate::date::optional")]
    pub effective_from: Option<NaiveDate>,
    #[serde(default, deserialize_with = "crate::date::optional")]
    pub effective_to: Option<NaiveDate>,
    pub amount: Option<Amount>,
    #[serde(rename = "stage", default)]
    pub stages: Vec<Stage>,
    /// Who decides, where it is not this bureau.
    pub decider: Option<Text>,
    /// Who decides by how much is given, where that depends on it.
    #[serde(default)]
    pub decided_by: Vec<DecidedBy>,
    pub delivery: Option<Delivery>,
    /// When and why it ends.
    pub exit: Option<Text>,
    #[serde(default)]
    pub evidence: Vec<EvidenceItem>,
    /// Programmes that may not be held together with this one.
    #[serde(default)]
    pub excludes: Vec<String>,
    /// Programmes beside which only the difference is paid.
    #[serde(default)]
    pub difference_with: Vec<String>,
    /// Whether what is paid counts as income elsewhere.
    #[serde(default)]
    pub income_counted: bool,
    #[serde(default)]
    pub note: crate::Note,
}

fn no_publicity() -> Publicity {
    Publicity::None
}

fn within(from: Option<NaiveDate>, to: Option<NaiveDate>, day: NaiveDate) -> bool {
    from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to)
}

impl Condition {
    pub fn in_force(&self, day: NaiveDate) -> bool {
        within(self.effective_from, self.effective_to, day)
    }
}

impl Programme {
    pub fn in_force(&self, day: NaiveDate) -> bool {
        within(self.effective_from, self.effective_to, day)
    }

    /// Whether it can be the household's tier.
    pub fn is_tier(&self) -> bool {
        self.kind == ProgrammeKind::Tier
    }

    pub fn stage(&self, id: &str) -> Option<&Stage> {
        self.stages.iter().find(|s| s.id == id)
    }
}
