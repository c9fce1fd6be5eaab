//! Chance as an argument: one seed, one stream of numbers for each topic.
//!
//! Separate streams keep topics apart: how departments spoil their files never changes who falls ill.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a stream of chance decides. New topics go to the end: a stream is known by its place.
#[derive(Debug, Clone, Copy)]
pub enum Topic {
    Plan,
    Population,
    Story,
    Livelihood,
    Illness,
    Property,
    Assistance,
    Fate,
    Mess,
    Marriage,
    Children,
    Enrolment,
    Disease,
    Jobs,
    School,
    Housing,
    Calamity,
    Clue,
    Tax,
    Fund,
    Rural,
    Partner,
    Utility,
    Assessment,
    Step,
    Declared,
    Recipients,
    Linkage,
}

pub struct Chance(ChaCha8Rng);

impl Chance {
    pub fn new(seed: u64, topic: Topic) -> Chance {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(topic as u64 + 1);
        Chance(rng)
    }

    /// True once in `1/p` times.
    pub fn happens(&mut self, p: f64) -> bool {
        p > 0.0 && self.0.random::<f64>() < p
    }

    /// Uniform in `lo..=hi`.
    pub fn between(&mut self, lo: i64, hi: i64) -> i64 {
        if hi <= lo { lo } else { self.0.random_range(lo..=hi) }
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0.random_range(0..n.max(1))
    }

    pub fn share(&mut self) -> f64 {
        self.0.random::<f64>()
    }

    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// Index drawn in proportion to the weights.
    pub fn weighted(&mut self, weights: impl Iterator<Item = f64> + Clone) -> usize {
        let total: f64 = weights.clone().sum();
        let mut at = self.share() * total;
        let mut last = 0;
        for (i, w) in weights.enumerate() {
            last = i;
            if at < w {
                return i;
            }
            at -= w;
        }
        last
    }

    /// Log-normal with the given median; `spread` is the standard deviation of the logarithm.
    pub fn lognormal(&mut self, median: f64, spread: f64) -> f64 {
        median * (spread * self.normal()).exp()
    }

    /// Standard normal (Box-Muller).
    pub fn normal(&mut self) -> f64 {
        let u = 1.0 - self.share();
        let v = self.share();
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }

    /// Log-normal money in whole fen, rounded to `step` fen.
    pub fn money(&mut self, median_yuan: f64, spread: f64, step: i64) -> i64 {
        let fen = self.lognormal(median_yuan * 100.0, spread) as i64;
        fen / step * step
    }
}
