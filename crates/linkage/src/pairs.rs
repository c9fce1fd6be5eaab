//! Finding the pairs: of one file, of two, of what is new.

use crate::{
    Config, LinkError, Model, Records,
    block::{self, Blocks},
    score::Scorer,
};
use rayon::prelude::*;
use serde::Serialize;

/// Which rows are compared with which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every row with every other: a file that may name a person twice.
    Within,
    /// The first `left` rows with the rest: two files.
    Between { left: usize },
}

impl Scope {
    /// All pairs there are, whether compared or not.
    pub fn pairs(self, rows: usize) -> f64 {
        let rows = rows as f64;
        match self {
            Scope::Within => rows * (rows - 1.0) / 2.0,
            Scope::Between { left } => left as f64 * (rows - left as f64),
        }
    }
}

/// Two rows that may be one person, the earlier first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pair {
    pub left: u32,
    pub right: u32,
    /// Logarithm to base 2 of the odds that both are one person.
    pub weight: f32,
}

/// Blocks of a rule that were too large to be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// Place of the rule in the configuration.
    pub rule: usize,
    pub blocks: usize,
    pub rows: usize,
}

/// Pairs that are not plainly different, and how many were compared.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// In order of their rows.
    pub pairs: Vec<Pair>,
    pub compared: u64,
    pub skipped: Vec<Skipped>,
}

/// Bits below the band *ask* down to which pairs are kept, for the threshold curve and to see a row's next best partner.
const KEPT_BELOW: f64 = 6.0;

/// The odds' logarithm of a probability.
pub(crate) fn weight_of(probability: f64) -> f64 {
    (probability / (1.0 - probability)).log2()
}

pub(crate) fn kept_from(config: &Config) -> f32 {
    (weight_of(config.bands.ask) - KEPT_BELOW) as f32
}

/// Compares the pairs that the blocking rules bring together and keeps those that are not plainly different.
pub fn link(records: &Records, config: &Config, model: &Model, scope: Scope) -> Result<Found, LinkError> {
    let scorer = Scorer::new(records, config, model)?;
    let least = kept_from(config);
    let (parts, skipped) = block::pairs(
        records,
        config,
        scope,
        |_, _| true,
        || (0u64, Vec::new()),
        |(compared, found), a, b| {
            *compared += 1;
            if let Some(weight) = scorer.weight_from(a, b, least) {
                found.push(Pair { left: a, right: b, weight });
            }
        },
    );
    let mut all = Found { skipped, ..Found::default() };
    for (compared, found) in parts {
        all.compared += compared;
        all.pairs.extend(found);
    }
    all.pairs.par_sort_unstable_by_key(|pair| (pair.left, pair.right));
    Ok(all)
}

/// Rows kept in blocks, so that new rows are compared without going through all of them again.
pub struct Index {
    blocks: Blocks,
}

impl Index {
    pub fn of(records: &Records) -> Index {
        Index { blocks: Blocks::of(records) }
    }

    /// Compares the rows from `from` on, which were added since, with all before them and among themselves.
    pub fn link_new(&self, records: &Records, config: &Config, model: &Model, from: usize) -> Result<Found, LinkError> {
        let scorer = Scorer::new(records, config, model)?;
        let least = kept_from(config);
        let (pairs, skipped) = self.blocks.pairs_of_new(records, config.training.largest_block as usize, from);
        let weigh =
            |&(a, b): &(u32, u32)| scorer.weight_from(a, b, least).map(|weight| Pair { left: a, right: b, weight });
        let mut found: Vec<Pair> = pairs.par_iter().filter_map(weigh).collect();
        found.par_sort_unstable_by_key(|pair| (pair.left, pair.right));
        Ok(Found { compared: pairs.len() as u64, pairs: found, skipped })
    }
}
