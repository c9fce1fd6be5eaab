//! How good an answer is, where the truth is known.

use crate::{Band, Judged, Records, Scope, block};
use rustc_hash::FxHashMap;
use serde::Serialize;

/// Whom each row is about, by row; rows of which nothing is known belong to nobody else's pair.
pub struct Truth {
    persons: Vec<u32>,
}

impl Truth {
    /// A number for each row's person; `None` where it is not known.
    pub fn new(persons: impl IntoIterator<Item = Option<u32>>) -> Truth {
        Truth { persons: persons.into_iter().map(|person| person.unwrap_or(u32::MAX)).collect() }
    }

    fn same(&self, a: u32, b: u32) -> bool {
        let (a, b) = (self.persons[a as usize], self.persons[b as usize]);
        a == b && a != u32::MAX
    }

    /// All pairs of one person, the earlier row first.
    fn pairs(&self, scope: Scope) -> Vec<(u32, u32)> {
        let mut rows: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for (row, person) in self.persons.iter().enumerate().filter(|(_, person)| **person != u32::MAX) {
            rows.entry(*person).or_default().push(row as u32);
        }
        let mut pairs = Vec::new();
        for rows in rows.values() {
            for (at, &a) in rows.iter().enumerate() {
                let crosses = |b: &u32| match scope {
                    Scope::Within => true,
                    Scope::Between { left } => (a as usize) < left && (*b as usize) >= left,
                };
                pairs.extend(rows[at + 1..].iter().copied().filter(crosses).map(|b| (a, b)));
            }
        }
        pairs
    }
}

/// Right and wrong at one threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// Bits.
    pub weight: f64,
    pub found: usize,
    pub right: usize,
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
}

impl Point {
    fn new(weight: f64, found: usize, right: usize, truth: usize) -> Point {
        // Nothing found and nothing to find: no mistake was made.
        let share = |part: usize, whole: usize| if whole == 0 { 1.0 } else { part as f64 / whole as f64 };
        let (precision, recall) = (share(right, found), share(right, truth));
        let f1 = if precision + recall == 0.0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) };
        Point { weight, found, right, precision, recall, f1 }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Quality {
    /// Pairs of one person.
    pub truth: usize,
    /// Of these, how many a blocking rule brings together: recall cannot be higher.
    pub reachable: f64,
    /// What the machine decides by itself: the band *same*.
    pub same: Point,
    /// With everything that a person is asked about as well; recall if every question is answered rightly.
    pub same_or_ask: Point,
    /// Questions.
    pub asked: usize,
    /// The threshold curve, by whole bits.
    pub curve: Vec<Point>,
    /// The point of the curve with the highest F1.
    pub best: Point,
}

/// Compares judged pairs with the truth.
pub fn measure(records: &Records, scope: Scope, judged: &[Judged], truth: &Truth) -> Quality {
    let pairs = truth.pairs(scope);
    let total = pairs.len();
    let met = pairs.iter().filter(|(a, b)| block::met(records, *a, *b)).count();
    let point = |weight: f64, wanted: &dyn Fn(&Judged) -> bool| {
        let found = judged.iter().filter(|j| wanted(j));
        let (count, right) =
            found.fold((0, 0), |(count, right), j| (count + 1, right + usize::from(truth.same(j.left, j.right))));
        Point::new(weight, count, right, total)
    };
    let lowest = |band: Band| {
        judged.iter().filter(|j| j.band <= band).map(|j| f64::from(j.weight)).fold(f64::INFINITY, f64::min)
    };
    let bits = |fold: fn(f64, f64) -> f64, from: f64| judged.iter().map(|j| f64::from(j.weight)).fold(from, fold);
    let (low, high) = (bits(f64::min, f64::INFINITY), bits(f64::max, f64::NEG_INFINITY));
    let curve: Vec<Point> = if judged.is_empty() {
        Vec::new()
    } else {
        (low.floor() as i32..=high.floor() as i32)
            .map(|weight| point(f64::from(weight), &|j| j.weight >= weight as f32))
            .collect()
    };
    let same = point(lowest(Band::Same), &|j| j.band == Band::Same);
    let best = curve.iter().copied().max_by(|a, b| a.f1.total_cmp(&b.f1)).unwrap_or(same);
    Quality {
        truth: total,
        reachable: if total == 0 { 1.0 } else { met as f64 / total as f64 },
        same,
        same_or_ask: point(lowest(Band::Ask), &|j| j.band != Band::Different),
        asked: judged.iter().filter(|j| j.band == Band::Ask).count(),
        curve,
        best,
    }
}
