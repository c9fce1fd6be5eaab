//! Learning m and u (Fellegi and Sunter 1969; expectation-maximisation as Winkler 1988), over counted patterns of levels.

use crate::{Config, Records, block, dictionary::scramble, model::NO_LEVEL, pairs::Scope};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// How many pairs show each combination of levels; four bits a field.
pub struct Patterns {
    counts: Vec<(u64, f64)>,
}

fn pattern(records: &Records, config: &Config, a: u32, b: u32) -> u64 {
    let (x, y) = (records.row(a), records.row(b));
    let level = |(at, field): (usize, &crate::Field)| u64::from(records.level(at, &field.levels, x, y)) << (4 * at);
    config.fields.iter().enumerate().map(level).sum()
}

fn level_of(pattern: u64, field: usize) -> u8 {
    (pattern >> (4 * field) & 15) as u8
}

/// Rows that are drawn together; the groups are the same whatever the number of threads.
const GROUP: usize = 512;

impl Patterns {
    /// Patterns with the number of pairs that show each.
    pub fn counted(counts: impl IntoIterator<Item = (u64, f64)>) -> Patterns {
        let mut counts: Vec<(u64, f64)> = counts.into_iter().collect();
        // Sums of floating point numbers depend on their order.
        counts.sort_unstable_by_key(|(pattern, _)| *pattern);
        Patterns { counts }
    }

    fn merged(parts: Vec<FxHashMap<u64, u64>>, each: f64) -> Patterns {
        let mut all: FxHashMap<u64, u64> = FxHashMap::default();
        for (pattern, count) in parts.into_iter().flatten() {
            *all.entry(pattern).or_insert(0) += count;
        }
        Patterns::counted(all.into_iter().map(|(pattern, count)| (pattern, count as f64 * each)))
    }

    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Of pairs drawn at random; all pairs where there are not more.
    pub fn random(records: &Records, config: &Config, scope: Scope, seed: u64) -> Patterns {
        let rows = records.rows() as u64;
        let wanted = config.training.random_pairs.max(1);
        let few = scope.pairs(records.rows()) <= wanted as f64;
        let add = |counts: &mut FxHashMap<u64, u64>, a: u64, b: u64| {
            *counts.entry(pattern(records, config, a as u32, b as u32)).or_insert(0) += 1;
        };
        // All pairs of a few rows at a time: their values stay near the processor, where single pairs would be fetched anew.
        let compared = |mut chance: u64| {
            let mut draw = |from: usize, to: usize, count: usize| -> Vec<u64> {
                let below = |chance: u64| from as u64 + ((u128::from(chance) * (to - from) as u128) >> 64) as u64;
                let mut drawn: Vec<u64> = (0..count)
                    .map(|_| {
                        chance = scramble(chance);
                        below(chance)
                    })
                    .collect();
                drawn.sort_unstable();
                drawn.dedup();
                drawn
            };
            let mut counts = FxHashMap::default();
            match scope {
                Scope::Within => {
                    let drawn = draw(0, rows as usize, GROUP);
                    for (at, &a) in drawn.iter().enumerate() {
                        drawn[at + 1..].iter().for_each(|&b| add(&mut counts, a, b));
                    }
                }
                Scope::Between { left } => {
                    let side = GROUP * 7 / 10;
                    let (ours, theirs) = (draw(0, left, side), draw(left, rows as usize, side));
                    for &a in &ours {
                        theirs.iter().for_each(|&b| add(&mut counts, a, b));
                    }
                }
            }
            counts
        };
        let parts: Vec<FxHashMap<u64, u64>> = if few {
            let left = if let Scope::Between { left } = scope { left as u64 } else { rows };
            let all = |a: u64| {
                let mut counts = FxHashMap::default();
                let first = if let Scope::Between { left } = scope { left as u64 } else { a + 1 };
                (first..rows).for_each(|b| add(&mut counts, a, b));
                counts
            };
            (0..left).into_par_iter().map(all).collect()
        } else {
            let groups = wanted.div_ceil((GROUP * GROUP / 2) as u64);
            (0..groups).into_par_iter().map(|group| compared(scramble(seed ^ scramble(group)))).collect()
        };
        Patterns::merged(parts, 1.0)
    }

    /// Of the pairs that blocking rules bring together; a sample where there are many, each pair standing for several.
    pub fn candidates(records: &Records, config: &Config, scope: Scope, seed: u64) -> Patterns {
        let total = block::count(records, config, scope);
        let share = (config.training.candidate_pairs as f64 / total.max(1) as f64).min(1.0);
        let drawn = |a: u32, b: u32| {
            share >= 1.0
                || (scramble(seed ^ scramble(u64::from(a) << 32 | u64::from(b))) as f64) < share * 2f64.powi(64)
        };
        let parts = block::pairs(records, config, scope, drawn, FxHashMap::default, |counts, a, b| {
            *counts.entry(pattern(records, config, a, b)).or_insert(0) += 1;
        });
        Patterns::merged(parts.0, 1.0 / share)
    }
}

/// m and u by field and level, the last level being *different*.
#[derive(Debug, Clone)]
pub struct Learnt {
    pub prior: f64,
    pub m: Vec<Vec<f64>>,
    pub u: Vec<Vec<f64>>,
    pub iterations: u32,
    pub converged: bool,
    /// By field: those that it repeats ([`crate::Field::contains`]).
    pub contains: Vec<Vec<usize>>,
}

/// Where learning begins: one person's values mostly agree, a better level more often than a worse one.
pub fn start(config: &Config, rows: usize, scope: Scope) -> Learnt {
    let matches = match scope {
        Scope::Within => rows as f64 / 10.0,
        Scope::Between { left } => left.min(rows - left) as f64 / 2.0,
    };
    let m = config.fields.iter().map(|field| {
        let against = |at: usize| field.levels.get(at).is_some_and(|level| level.speaks_against());
        let mut best = true;
        let shares: Vec<f64> = (0..=field.levels.len())
            .map(|at| match () {
                () if against(at) => 0.001,
                () if std::mem::take(&mut best) => 0.9,
                () => 0.1 / field.levels.len() as f64,
            })
            .collect();
        let sum: f64 = shares.iter().sum();
        shares.into_iter().map(|share| share / sum).collect()
    });
    let u = config.fields.iter().map(|field| vec![1.0; field.levels.len() + 1]).collect();
    let prior = (matches.max(1.0) / scope.pairs(rows)).clamp(1e-12, 0.5);
    let contains = config.fields.iter().map(|field| field.contains.clone()).collect();
    Learnt { prior, m: m.collect(), u, iterations: 0, converged: false, contains }
}

/// Pairs of one person that are taken to have been met beforehand, agreeing as where learning begins: a handful of pairs
/// teaches little, and no level is impossible.
const MATCHES_BEFORE: f64 = 20.0;
/// Pairs of two persons that are taken to have been met beforehand, alike on every level.
const OTHERS_BEFORE: f64 = 0.25;
/// No share may move more than this in the last round.
const STILL: f64 = 1e-6;

/// Expectation-maximisation until nothing moves. `all` is the number of pairs there are; those not among the candidates
/// are taken for two persons each.
pub fn learn(candidates: &Patterns, random: &Patterns, all: f64, start: Learnt, rounds: u32) -> Learnt {
    let before = |levels: &Vec<f64>| levels.iter().map(|share| share * MATCHES_BEFORE).collect();
    let matches_before: Vec<Vec<f64>> = start.m.iter().map(before).collect();
    let others_before = others_before(&start.u);
    let mut now = Learnt { u: shares(random, &others_before, |_| 1.0), ..start };
    for round in 1..=rounds.max(1) {
        let weights = Weights::of(&now);
        let m = shares(candidates, &matches_before, |pattern| weights.probability(pattern));
        let matches: f64 = candidates.counts.iter().map(|(pattern, count)| count * weights.probability(*pattern)).sum();
        // Random pairs hold pairs of one person too, many of them where files are small; they must not count for u.
        let u = shares(random, &others_before, |pattern| 1.0 - weights.probability(pattern));
        let prior = (matches / all).clamp(1e-12, 0.5);
        let moved = |old: &[Vec<f64>], new: &[Vec<f64>]| {
            old.iter().flatten().zip(new.iter().flatten()).map(|(old, new)| (old - new).abs()).fold(0.0, f64::max)
        };
        let still = moved(&now.m, &m) < STILL && moved(&now.u, &u) < STILL && (prior / now.prior - 1.0).abs() < STILL;
        now = Learnt { prior, m, u, iterations: round, converged: still, contains: now.contains };
        if still {
            break;
        }
    }
    now
}

/// u of random pairs as they are, for where there are no examples to learn from.
pub fn u_of(random: &Patterns, shape: &[Vec<f64>]) -> Vec<Vec<f64>> {
    shares(random, &others_before(shape), |_| 1.0)
}

fn others_before(shape: &[Vec<f64>]) -> Vec<Vec<f64>> {
    shape.iter().map(|levels| vec![OTHERS_BEFORE / levels.len() as f64; levels.len()]).collect()
}

/// Each level's share, patterns counting as far as `part` says, added to what was met `before`.
fn shares(patterns: &Patterns, before: &[Vec<f64>], part: impl Fn(u64) -> f64) -> Vec<Vec<f64>> {
    let mut sums: Vec<Vec<f64>> = before.to_vec();
    for (pattern, count) in &patterns.counts {
        let weight = count * part(*pattern);
        for (field, levels) in sums.iter_mut().enumerate() {
            let level = level_of(*pattern, field);
            if level != NO_LEVEL {
                levels[usize::from(level)] += weight;
            }
        }
    }
    for levels in &mut sums {
        let sum: f64 = levels.iter().sum();
        levels.iter_mut().for_each(|share| *share /= sum);
    }
    sums
}

/// Natural logarithms of m/u, so that many fields neither overflow nor vanish.
struct Weights {
    prior: f64,
    fields: Vec<Vec<f64>>,
    contains: Vec<Vec<usize>>,
}

impl Weights {
    fn of(learnt: &Learnt) -> Weights {
        let field = |(m, u): (&Vec<f64>, &Vec<f64>)| m.iter().zip(u).map(|(m, u)| m.ln() - u.ln()).collect();
        Weights {
            prior: learnt.prior.ln() - (-learnt.prior).ln_1p(),
            fields: learnt.m.iter().zip(&learnt.u).map(field).collect(),
            contains: learnt.contains.clone(),
        }
    }

    fn probability(&self, pattern: u64) -> f64 {
        let field = |at: usize| self.fields[at].get(usize::from(level_of(pattern, at))).copied().unwrap_or(0.0);
        let mut odds = self.prior + (0..self.fields.len()).map(field).sum::<f64>();
        for (at, contained) in self.contains.iter().enumerate() {
            if !contained.is_empty() && field(at) > 0.0 {
                odds -= contained.iter().map(|other| field(*other).max(0.0)).sum::<f64>();
            }
        }
        1.0 / (1.0 + (-odds).exp())
    }
}

#[cfg(test)]
#[path = "em_tests.rs"]
mod tests;
