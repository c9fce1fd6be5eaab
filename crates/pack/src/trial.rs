//! What a trial of the rules found, as the engine gives it and pages and sheets show it: figures of groups, never of a
//! household, and never of a group so small that somebody could be known by it.

use crate::{Setting, Text, Withheld};
use async_trait::async_trait;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Groups with fewer households are not told apart (R18: aggregates, least 10).
pub const LEAST: u64 = 10;

/// How many; `None` where there are some, but too few to be told.
pub type Count = Option<u64>;
/// Fen; `None` where too few households stand behind it.
pub type Sum = Option<i64>;

/// One scenario to try.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Scenario {
    pub name: String,
    pub settings: Vec<Setting>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    pub as_of: NaiveDate,
    pub pack_version: String,
    pub pack_digest: String,
    pub snapshot: String,
    /// Sources that were not read, because their agreement does not cover statistics.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<Withheld>,
    pub people: u64,
    pub households: u64,
    /// Households in some tier, or given something, by today's rules.
    pub helped: Count,
    pub month: Sum,
    /// Twelve months, and what is due once a year or once.
    pub year: Sum,
    pub outcomes: Vec<Outcome>,
    pub ms: TrialMs,
}

/// Wall time in milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TrialMs {
    pub total: u64,
    /// Facts and findings by today's rules; 0 where they were still there.
    pub base: u64,
    pub scenarios: Vec<u64>,
    /// Fact groups that the scenarios had to compute again, and how many there are.
    pub groups_again: usize,
    pub groups: usize,
}

/// What one scenario changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub name: String,
    pub settings: Vec<Changed>,
    pub total: Row,
    /// Households by the tier they have and would have.
    pub tiers: Vec<TierRow>,
    /// From one tier to another; `none` is no tier.
    pub moves: Vec<Move>,
    pub programmes: Vec<ProgrammeRow>,
    pub tables: Vec<Table>,
    /// Households by what they gain or lose a month.
    pub sizes: Vec<Size>,
}

/// A setting with the value of today beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    pub parameter: String,
    pub title: Text,
    pub region: Option<String>,
    pub unit: String,
    /// `None` where today's value differs between regions or there is none.
    pub from: Option<i64>,
    pub to: i64,
}

/// One group of households: all of the district, a township, an age band.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Region code, tier or band id; `*` for the smaller groups put together.
    pub id: String,
    pub title: Text,
    pub households: u64,
    /// In a tier, or given something, by today's rules.
    pub helped: Count,
    /// More, or less, money in a year.
    pub gain: Count,
    pub lose: Count,
    /// Into a tier from none, out of all tiers, from one tier to another.
    pub enter: Count,
    pub leave: Count,
    pub change_tier: Count,
    pub month: Sum,
    pub month_change: Sum,
    pub year: Sum,
    pub year_change: Sum,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Table {
    pub id: String,
    pub title: Text,
    pub rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TierRow {
    pub id: String,
    pub title: Text,
    pub before: Count,
    pub after: Count,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Move {
    pub from: String,
    pub to: String,
    pub households: Count,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProgrammeRow {
    pub id: String,
    pub title: Text,
    /// Households with somebody who holds it.
    pub before: Count,
    pub after: Count,
    /// Fen a year by its rule, twelve times what is monthly.
    pub year: Sum,
    pub year_change: Sum,
}

/// Fen a month, from (inclusive) and to (exclusive); open at the ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Size {
    pub from: Option<i64>,
    pub to: Option<i64>,
    pub households: Count,
}

/// What a little more income costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cliffs {
    pub as_of: NaiveDate,
    pub pack_version: String,
    pub snapshot: String,
    /// Sources that were not read, because their agreement does not cover statistics.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<Withheld>,
    pub households: u64,
    pub curves: Vec<Curve>,
    pub lines: Vec<IncomeLine>,
    pub stacking: Vec<Stack>,
    pub pairs: Vec<Pair>,
    pub gaps: Vec<Gap>,
    pub ms: u64,
}

/// Support of one made-up household as its income rises.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    pub id: String,
    pub title: Text,
    pub persons: u64,
    pub points: Vec<Point>,
    pub drops: Vec<Drop>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Fen a month of the household.
    pub income: i64,
    pub tier: String,
    /// Fen a year from all programmes.
    pub support: i64,
}

/// Where more income leaves a household with less.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drop {
    /// Fen a month of the household: the last income before, and the first after.
    pub before: i64,
    pub after: i64,
    pub tier_before: String,
    pub tier_after: String,
    /// Programmes that end there.
    pub lost: Vec<String>,
    /// Fen of support a year that go.
    pub support: i64,
    /// Fen a year the household has less, what it earns more counted in.
    pub worse_off: i64,
    /// Fen a month of the household at which it has as much again; `None` where that is beyond the curve.
    pub even_at: Option<i64>,
}

/// Real households on both sides of a programme's line of income.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncomeLine {
    pub programme: String,
    pub condition: String,
    pub title: Text,
    /// Within a tenth of the line.
    pub under: Count,
    pub over: Count,
    /// Fiftieths of the line from its distance, from -0.2 to +0.2.
    pub bands: Vec<LineBand>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LineBand {
    /// Parts per thousand of the line, from (inclusive) and to (exclusive).
    pub from: i64,
    pub to: i64,
    pub households: Count,
}

/// Households by how many programmes they hold together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stack {
    pub programmes: u64,
    pub households: Count,
    /// Fen a year, the mean of a household.
    pub mean_year: Sum,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    pub first: String,
    pub second: String,
    pub households: Count,
}

/// Entitled by the rules, and on no department's list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gap {
    pub programme: String,
    pub title: Text,
    /// Households that meet the rules.
    pub entitled: Count,
    /// Of them those on no list.
    pub missing: Count,
    /// On a list and not (or not known to be) entitled.
    pub beyond: Count,
}

/// The six dimensions over the district (Alkire-Foster).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Poverty {
    pub as_of: NaiveDate,
    pub pack_version: String,
    pub snapshot: String,
    /// Sources that were not read, because their agreement does not cover statistics.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<Withheld>,
    pub households: u64,
    pub people: u64,
    /// With an assessment of the last twelve months.
    pub assessed_households: u64,
    pub assessed_people: u64,
    /// Of all, in parts per thousand.
    pub share_households: u64,
    pub share_people: u64,
    /// The oldest assessment that counts.
    pub oldest: Option<NaiveDate>,
    /// Households weighted by their members, and each household alike.
    pub by_people: Vec<Measured>,
    pub by_households: Vec<Measured>,
    pub ms: u64,
}

/// The measures for one poverty line `k`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Parts per thousand of the weights.
    pub k: u32,
    pub total: PovertyRow,
    pub items: Vec<ItemRow>,
    pub tables: Vec<PovertyTable>,
}

/// Shares in millionths; exact sums stand behind them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PovertyRow {
    pub id: String,
    pub title: Text,
    /// People or households assessed.
    pub assessed: u64,
    pub poor: Count,
    pub incidence: Option<u64>,
    pub intensity: Option<u64>,
    pub m0: Option<u64>,
    /// Of the district's M0.
    pub contribution: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ItemRow {
    pub id: String,
    pub dimension: String,
    pub title: Text,
    /// Parts per thousand.
    pub weight: u32,
    /// Deprived in it, poor or not; millionths.
    pub uncensored: Option<u64>,
    /// Poor and deprived in it; millionths.
    pub censored: Option<u64>,
    /// Of M0; millionths.
    pub contribution: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PovertyTable {
    pub id: String,
    pub title: Text,
    pub rows: Vec<PovertyRow>,
}

#[derive(Debug, Clone, thiserror::Error)]
pub enum TrialError {
    #[error("the data pool holds nothing on or before {0}")]
    NoData(NaiveDate),
    #[error("the policy pack holds no rules for {0}")]
    NoRules(NaiveDate),
    #[error("{0}")]
    Fault(String),
}

/// What may be asked of the whole district.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    /// Each scenario against today's rules.
    Trial {
        as_of: NaiveDate,
        scenarios: Vec<Scenario>,
    },
    Cliffs {
        as_of: NaiveDate,
    },
    Poverty {
        as_of: NaiveDate,
    },
}

impl Question {
    pub fn as_of(&self) -> NaiveDate {
        match self {
            Question::Trial { as_of, .. } | Question::Cliffs { as_of } | Question::Poverty { as_of } => *as_of,
        }
    }
}

/// Where the answer to a question stands.
#[derive(Debug, Clone)]
pub enum Standing {
    /// Being worked out in the background.
    Running(Step),
    Trial(Arc<Trial>),
    Cliffs(Arc<Cliffs>),
    /// `None`: the pack assesses nobody.
    Poverty(Option<Arc<Poverty>>),
    Failed(TrialError),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Facts and programmes of everybody by today's rules.
    Today,
    /// What was asked.
    Question,
}

/// Works answers out in the background and keeps them: they rest on the pack, the snapshot, the day and the question
/// only, and asking again for the same costs nothing.
#[async_trait]
pub trait TryOut: Send + Sync {
    async fn ask(&self, question: Question) -> Standing;
}
