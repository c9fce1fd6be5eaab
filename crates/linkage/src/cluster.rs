//! From weighed pairs to an answer: clusters of rows that are one person, or one-to-one links.

use crate::{
    Config, Found, LinkError, Model, Pair, Records, Relation, Scope,
    pairs::{kept_from, weight_of},
    score::Scorer,
};
use rustc_hash::FxHashMap;
use serde::Serialize;

/// What is to be done with a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    Same,
    /// A person decides.
    Ask,
    Different,
}

impl Band {
    pub fn word(self) -> &'static str {
        match self {
            Band::Same => "same",
            Band::Ask => "ask",
            Band::Different => "different",
        }
    }
}

/// A pair with its band.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Judged {
    pub left: u32,
    pub right: u32,
    pub weight: f32,
    pub band: Band,
}

impl Judged {
    /// A pair by its weight alone.
    pub fn of(config: &Config, pair: &Pair) -> Judged {
        let weight = f64::from(pair.weight);
        let band = match () {
            () if weight >= weight_of(config.bands.same) => Band::Same,
            () if weight >= weight_of(config.bands.ask) => Band::Ask,
            () => Band::Different,
        };
        Judged { left: pair.left, right: pair.right, weight: pair.weight, band }
    }

    /// That both rows are one person.
    pub fn probability(&self) -> f64 {
        1.0 / (1.0 + (-f64::from(self.weight)).exp2())
    }
}

/// Puts pairs into their bands.
///
/// Within one file rows of band *same* become clusters: the strongest pairs first, and two clusters are joined only
/// if their rows agree on the whole (mean weight of all pairs between them at least that of *ask*), so that a chain of
/// likenesses joins nobody to a stranger; a pair refused so is asked about. Pairs that follow from a cluster are given too.
/// Between two files of `one_to_one` each row keeps its best partner, and a person is asked where the next best is near.
pub fn judge(
    records: &Records,
    config: &Config,
    model: &Model,
    scope: Scope,
    found: &Found,
) -> Result<Vec<Judged>, LinkError> {
    let scorer = Scorer::new(records, config, model)?;
    let mut judged = match (scope, config.relation) {
        (Scope::Within, _) => clusters(&scorer, config, &found.pairs),
        (Scope::Between { .. }, Relation::OneToOne) => one_to_one(config, &found.pairs),
        (Scope::Between { .. }, Relation::Many) => found.pairs.iter().map(|pair| Judged::of(config, pair)).collect(),
    };
    judged.sort_by(|a, b| b.weight.total_cmp(&a.weight).then((a.left, a.right).cmp(&(b.left, b.right))));
    Ok(judged)
}

fn strongest_first(pairs: &[Pair]) -> Vec<&Pair> {
    let mut order: Vec<&Pair> = pairs.iter().collect();
    order.sort_by(|a, b| b.weight.total_cmp(&a.weight).then((a.left, a.right).cmp(&(b.left, b.right))));
    order
}

fn one_to_one(config: &Config, pairs: &[Pair]) -> Vec<Judged> {
    let mut taken: FxHashMap<u32, ()> = FxHashMap::default();
    // By row: the weight of its best and of its next best partner.
    let mut best: FxHashMap<u32, [f32; 2]> = FxHashMap::default();
    for pair in pairs {
        for row in [pair.left, pair.right] {
            let two = best.entry(row).or_insert([f32::NEG_INFINITY; 2]);
            if pair.weight > two[0] {
                *two = [pair.weight, two[0]];
            } else if pair.weight > two[1] {
                two[1] = pair.weight;
            }
        }
    }
    let near = |pair: &Pair| {
        [pair.left, pair.right]
            .iter()
            .any(|row| pair.weight - best[row][1] < config.bands.margin as f32 && best[row][0] == pair.weight)
    };
    let mut judged = Vec::new();
    for pair in strongest_first(pairs) {
        if taken.contains_key(&pair.left) || taken.contains_key(&pair.right) {
            continue;
        }
        taken.insert(pair.left, ());
        taken.insert(pair.right, ());
        let mut one = Judged::of(config, pair);
        if one.band == Band::Same && near(pair) {
            one.band = Band::Ask;
        }
        judged.push(one);
    }
    judged
}

/// Rows joined so far.
struct Clusters {
    of: FxHashMap<u32, usize>,
    rows: Vec<Vec<u32>>,
}

impl Clusters {
    fn number(&mut self, row: u32) -> usize {
        let next = self.rows.len();
        let number = *self.of.entry(row).or_insert(next);
        if number == next {
            self.rows.push(vec![row]);
        }
        number
    }
}

/// Rows that one person may have in one file; a larger cluster is a mistake, and what would enlarge it is asked about.
const MOST_ROWS: usize = 40;

fn clusters(scorer: &Scorer<'_>, config: &Config, pairs: &[Pair]) -> Vec<Judged> {
    let (same, ask) = (weight_of(config.bands.same), weight_of(config.bands.ask));
    let mut clusters = Clusters { of: FxHashMap::default(), rows: Vec::new() };
    let mut refused: FxHashMap<(u32, u32), ()> = FxHashMap::default();
    for pair in strongest_first(pairs).into_iter().take_while(|pair| f64::from(pair.weight) >= same) {
        let (a, b) = (clusters.number(pair.left), clusters.number(pair.right));
        if a == b {
            continue;
        }
        let (one, other) = (&clusters.rows[a], &clusters.rows[b]);
        let joined = if one.len() == 1 && other.len() == 1 {
            true
        } else if one.len() + other.len() > MOST_ROWS {
            false
        } else {
            let between = one.iter().flat_map(|x| other.iter().map(move |y| (*x.min(y), *x.max(y))));
            let sum: f64 = between.map(|(x, y)| f64::from(scorer.weight(x, y))).sum();
            sum / (one.len() * other.len()) as f64 >= ask
        };
        if !joined {
            refused.insert((pair.left, pair.right), ());
            continue;
        }
        let (into, from) = if one.len() >= other.len() { (a, b) } else { (b, a) };
        let moved = std::mem::take(&mut clusters.rows[from]);
        for row in &moved {
            clusters.of.insert(*row, into);
        }
        clusters.rows[into].extend(moved);
    }
    let together = |pair: &Pair| match (clusters.of.get(&pair.left), clusters.of.get(&pair.right)) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    };
    let mut judged: Vec<Judged> = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let mut one = Judged::of(config, pair);
        if together(pair) {
            one.band = Band::Same;
        } else if one.band == Band::Same || refused.contains_key(&(pair.left, pair.right)) {
            one.band = Band::Ask;
        }
        judged.push(one);
    }
    follow(scorer, config, pairs, &clusters, &mut judged);
    judged
}

/// Pairs inside a cluster that were not among those found.
fn follow(scorer: &Scorer<'_>, config: &Config, pairs: &[Pair], clusters: &Clusters, judged: &mut Vec<Judged>) {
    let known =
        |left: u32, right: u32| pairs.binary_search_by_key(&(left, right), |pair| (pair.left, pair.right)).is_ok();
    for rows in clusters.rows.iter().filter(|rows| rows.len() > 2) {
        let mut rows = rows.clone();
        rows.sort_unstable();
        for (at, &left) in rows.iter().enumerate() {
            for &right in &rows[at + 1..] {
                if !known(left, right) {
                    let weight = scorer.weight(left, right).max(kept_from(config));
                    judged.push(Judged { left, right, weight, band: Band::Same });
                }
            }
        }
    }
}
