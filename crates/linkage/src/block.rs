//! Which rows stand in one block, and every pair of them once.

use crate::{
    Config, Records,
    pairs::{Scope, Skipped},
};
use rayon::prelude::*;
use std::ops::Range;

/// The rows of one rule in order of their keys, those without a key left out.
pub struct Sorted {
    rows: Vec<(u64, u32)>,
}

impl Sorted {
    pub fn new(keys: &[u64], rows: Range<usize>) -> Sorted {
        let mut rows: Vec<(u64, u32)> = rows.filter(|row| keys[*row] != 0).map(|row| (keys[row], row as u32)).collect();
        rows.par_sort_unstable();
        Sorted { rows }
    }

    /// Runs of two and more rows of one key.
    fn blocks(&self) -> Vec<Range<usize>> {
        let mut blocks = Vec::new();
        let mut start = 0;
        for at in 1..=self.rows.len() {
            if at == self.rows.len() || self.rows[at].0 != self.rows[start].0 {
                if at - start > 1 {
                    blocks.push(start..at);
                }
                start = at;
            }
        }
        blocks
    }

    /// The rows of one key.
    fn block(&self, key: u64) -> &[(u64, u32)] {
        let start = self.rows.partition_point(|(k, _)| *k < key);
        let length = self.rows[start..].partition_point(|(k, _)| *k == key);
        &self.rows[start..start + length]
    }
}

/// Whether an earlier rule has brought these two together.
#[inline]
fn met_before(records: &Records, rule: usize, a: u32, b: u32) -> bool {
    records.keys[..rule].iter().any(|keys| keys[a as usize] != 0 && keys[a as usize] == keys[b as usize])
}

/// Whether any rule brings these two together.
pub fn met(records: &Records, a: u32, b: u32) -> bool {
    met_before(records, records.keys.len(), a, b)
}

/// How many pairs the rules bring together, those that several bring together counted as often.
pub fn count(records: &Records, config: &Config, scope: Scope) -> u64 {
    let pairs = |keys: &Vec<u64>| {
        let sorted = Sorted::new(keys, 0..records.rows());
        let largest = config.training.largest_block as usize;
        let blocks = sorted.blocks().into_iter().filter(|block| block.len() <= largest);
        let pairs = |block: Range<usize>| match scope {
            Scope::Within => block.len() * (block.len() - 1) / 2,
            Scope::Between { left } => {
                let split = sorted.rows[block.clone()].partition_point(|(_, row)| (*row as usize) < left);
                split * (block.len() - split)
            }
        };
        blocks.map(pairs).sum::<usize>() as u64
    };
    records.keys.iter().map(pairs).sum()
}

/// Calls `each` once for every pair of the scope that some rule brings together and that is wanted, the earlier row first;
/// in parallel, with a state for each part of the work. Blocks larger than `training.largest_block` are skipped and told.
pub fn pairs<T: Send>(
    records: &Records,
    config: &Config,
    scope: Scope,
    wanted: impl Fn(u32, u32) -> bool + Sync + Send,
    start: impl Fn() -> T + Sync + Send,
    each: impl Fn(&mut T, u32, u32) + Sync + Send,
) -> (Vec<T>, Vec<Skipped>) {
    let largest = config.training.largest_block as usize;
    let mut results = Vec::new();
    let mut skipped = Vec::new();
    for rule in 0..records.keys.len() {
        let sorted = Sorted::new(&records.keys[rule], 0..records.rows());
        let mut blocks = sorted.blocks();
        let too_large = |block: &Range<usize>| block.len() > largest;
        let left_out = blocks.iter().filter(|block| too_large(block));
        let (count, rows) = left_out.fold((0, 0), |(count, rows), block| (count + 1, rows + block.len()));
        if count > 0 {
            skipped.push(Skipped { rule, blocks: count, rows });
            blocks.retain(|block| !too_large(block));
        }
        let parts = blocks.par_iter().fold(&start, |mut state, block| {
            let rows = &sorted.rows[block.clone()];
            // Rows of one key are in order, so those of the first file come first.
            let split = match scope {
                Scope::Within => 0,
                Scope::Between { left } => rows.partition_point(|(_, row)| (*row as usize) < left),
            };
            for (at, &(_, a)) in rows.iter().enumerate() {
                let partners = match scope {
                    Scope::Within => &rows[at + 1..],
                    Scope::Between { .. } if at < split => &rows[split..],
                    Scope::Between { .. } => break,
                };
                for &(_, b) in partners {
                    if wanted(a, b) && !met_before(records, rule, a, b) {
                        each(&mut state, a, b);
                    }
                }
            }
            state
        });
        results.extend(parts.collect::<Vec<T>>());
    }
    (results, skipped)
}

/// Blocks of rows that are there, so that new ones meet only those of their own blocks.
pub struct Blocks {
    rules: Vec<Sorted>,
    /// Rows that are in `rules`.
    upto: usize,
}

impl Blocks {
    pub fn of(records: &Records) -> Blocks {
        let upto = records.rows();
        Blocks { rules: records.keys.iter().map(|keys| Sorted::new(keys, 0..upto)).collect(), upto }
    }

    /// Pairs of the rows from `from` on with all before them and among themselves, the earlier row first.
    pub fn pairs_of_new(&self, records: &Records, largest: usize, from: usize) -> (Vec<(u32, u32)>, Vec<Skipped>) {
        let mut found = Vec::new();
        let mut skipped = Vec::new();
        for (rule, (sorted, keys)) in self.rules.iter().zip(&records.keys).enumerate() {
            let recent = Sorted::new(keys, self.upto..records.rows());
            let mut left_out = Skipped { rule, blocks: 0, rows: 0 };
            for (b, &key) in keys.iter().enumerate().skip(from) {
                if key == 0 {
                    continue;
                }
                let (old, recent) = (sorted.block(key), recent.block(key));
                if old.len() + recent.len() > largest {
                    (left_out.blocks, left_out.rows) = (left_out.blocks + 1, left_out.rows + 1);
                    continue;
                }
                let before = old.iter().chain(recent).map(|(_, a)| *a).filter(|a| (*a as usize) < b);
                found.extend(before.filter(|a| !met_before(records, rule, *a, b as u32)).map(|a| (a, b as u32)));
            }
            if left_out.blocks > 0 {
                skipped.push(left_out);
            }
        }
        (found, skipped)
    }
}
