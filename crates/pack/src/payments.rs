//! What `workflow.toml` says about money: which fund pays what, how over-payment is taken back, and what is paid beside
//! the monthly list.

use crate::Text;
use serde::Deserialize;

/// The run that pays every benefit in force; the others stand in the pack as `[[run]]`.
pub const MONTHLY: &str = "monthly";
/// The run that pays again what the bank sent back.
pub const AGAIN: &str = "again";

/// How money that was paid without being due comes back.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// The largest part of a month's benefit that an instalment takes, in parts per 1000.
    #[serde(default)]
    pub share_permille: u32,
    #[serde(default)]
    pub basis: String,
    /// The cause of what had been paid for months after help ended: a death known late. Unset: nothing is entered.
    #[serde(default)]
    pub after_stop: Option<String>,
    #[serde(default)]
    pub note: String,
    #[serde(rename = "cause", default)]
    pub causes: Vec<Cause>,
}

/// Why too much was paid.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    pub id: String,
    pub title: Text,
    /// All of it is asked back; otherwise a person decides how much of it, down to nothing.
    #[serde(default)]
    pub whole: bool,
    /// Where an instalment may take another part of the benefit than usual.
    #[serde(default)]
    pub share_permille: Option<u32>,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

/// Money of one purpose, kept apart in the books.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fund {
    pub id: String,
    pub title: Text,
    /// What is paid out of it; also ids of runs.
    pub programmes: Vec<String>,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

/// Whom one amount of a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Each {
    #[default]
    Household,
    /// So much a head: the members that the decision counted.
    Person,
}

/// A payment beside the monthly list: heating, the price subsidy, a single top-up.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    pub id: String,
    pub title: Text,
    /// Benefits of these programmes in force in the month are paid.
    pub of: Vec<String>,
    #[serde(default)]
    pub each: Each,
    /// The amount is this parameter.
    #[serde(default)]
    pub amount: Option<String>,
    /// The amount is so many parts per 1000 of this parameter; the officer enters how many.
    #[serde(default)]
    pub share_of: Option<String>,
    /// A share is rounded up to whole multiples of so many fen, once, at the end. Unset: to whole fen.
    #[serde(default)]
    pub round_up: Option<u32>,
    /// Below so many parts per 1000 (a parameter) whoever makes the list is asked whether it is due at all.
    #[serde(default)]
    pub at_least: Option<String>,
    /// The month (1 to 12) in which a season begins; nobody is paid twice in one season. Unset: once a month.
    #[serde(default)]
    pub season_from: Option<u32>,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

/// How the amount of a run comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source<'a> {
    Parameter(&'a str),
    Share(&'a str),
    /// The officer enters it, with the paper that says so.
    Entered,
}

impl Run {
    pub fn source(&self) -> Source<'_> {
        match (&self.amount, &self.share_of) {
            (Some(id), _) => Source::Parameter(id),
            (None, Some(id)) => Source::Share(id),
            (None, None) => Source::Entered,
        }
    }
}

impl crate::Pack {
    pub fn run(&self, id: &str) -> Option<&Run> {
        self.workflow.runs.iter().find(|r| r.id == id)
    }

    /// The fund that pays a programme or a run; none where the pack names none.
    pub fn fund_of(&self, id: &str) -> Option<&Fund> {
        self.workflow.funds.iter().find(|f| f.programmes.iter().any(|p| p == id))
    }

    pub fn cause(&self, id: &str) -> Option<&Cause> {
        self.workflow.recovery.causes.iter().find(|c| c.id == id)
    }

    /// The largest part of a month's benefit that an instalment for this cause takes, in parts per 1000.
    pub fn instalment_permille(&self, cause: &str) -> u32 {
        self.cause(cause).and_then(|c| c.share_permille).unwrap_or(self.workflow.recovery.share_permille)
    }
}
