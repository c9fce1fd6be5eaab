//! What of the report somebody is shown: viewers above the district get no figure about so few that a neighbour would
//! know who they are (workflow.md 7: aggregates of ten and more), and none from which such a figure could be worked out.

use super::{Counts, MonthReport, figures::StatRow};
use std::collections::BTreeMap;
use tuodi_pack::Fen;

/// The figures of one row; `None` stands for a figure that is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// Households, people, new, stopped, without an amount yet.
    pub whole: [Option<u64>; 5],
    /// Due for the month, and on signed lists.
    pub sums: [Option<Fen>; 2],
}

impl Shown {
    fn all(c: &Counts) -> Shown {
        Shown {
            whole: [c.households, c.people, c.new, c.stopped, c.undetermined].map(Some),
            sums: [Some(c.due), Some(c.listed)],
        }
    }

    const NOTHING: Shown = Shown { whole: [None; 5], sums: [None; 2] };

    /// Those who came and went are few in any township: their number is shown for the whole only.
    fn of_many(c: &Counts, least: u64, whole: bool) -> Shown {
        if is_small(c, least) {
            return Shown::NOTHING;
        }
        let few = |n: u64| (whole && (n == 0 || n >= least)).then_some(n);
        Shown {
            whole: [Some(c.households), Some(c.people), few(c.new), few(c.stopped), few(c.undetermined)],
            ..Shown::all(c)
        }
    }
}

/// Somebody is in it, and fewer than `least`.
fn is_small(c: &Counts, least: u64) -> bool {
    *c != Counts::default() && c.households < least
}

/// Which of the parts of one sum are held back: the small ones, and the next larger with them while what is left out
/// could be worked out from the sum.
fn held_back<'a>(parts: impl Iterator<Item = (&'a str, Counts)>, least: u64) -> Vec<&'a str> {
    let mut parts: Vec<(&str, Counts)> = parts.filter(|(_, c)| *c != Counts::default()).collect();
    parts.sort_by_key(|(name, c)| (c.households, *name));
    let mut held = parts.iter().take_while(|(_, c)| is_small(c, least)).count();
    if held > 0 {
        let sum = |n: usize| parts[..n].iter().map(|(_, c)| c.households).sum::<u64>();
        while held < parts.len() && (held == 1 || sum(held) < least) {
            held += 1;
        }
    }
    parts[..held].iter().map(|(name, _)| *name).collect()
}

impl MonthReport {
    /// One programme in one township, or in all of them, as this reader sees it.
    pub fn shown(&self, programme: &str, township: Option<&str>) -> Shown {
        let counts = self.of(Some(programme), township);
        let Some(least) = self.least else { return Shown::all(&counts) };
        let Some(township) = township else { return Shown::of_many(&counts, least, true) };
        let of_programme = self.rows.iter().filter(|row| row.programme == programme);
        let parts = of_programme.map(|StatRow { township, counts, .. }| (township.as_str(), *counts));
        if held_back(parts, least).contains(&township) {
            return Shown::NOTHING;
        }
        Shown::of_many(&counts, least, false)
    }

    /// The programmes' own categories as this reader sees them: programme, category, figures.
    pub fn shown_classes(&self) -> Vec<(&str, &str, Shown)> {
        let mut of: BTreeMap<&str, Vec<(&str, Counts)>> = BTreeMap::new();
        for row in &self.classes {
            of.entry(&row.programme).or_default().push((&row.class, row.counts));
        }
        let one = |row: &super::ClassRow| match self.least {
            None => Shown::all(&row.counts),
            Some(least) => {
                let parts = of[row.programme.as_str()].iter().copied();
                match held_back(parts, least).contains(&row.class.as_str()) {
                    true => Shown::NOTHING,
                    false => Shown::of_many(&row.counts, least, false),
                }
            }
        };
        self.classes.iter().map(|row| (row.programme.as_str(), row.class.as_str(), one(row))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(households: u64) -> Counts {
        Counts { households, people: households * 2, due: Fen::yuan(1), ..Counts::default() }
    }

    fn held(parts: &[(&'static str, u64)]) -> Vec<&'static str> {
        held_back(parts.iter().map(|(name, n)| (*name, of(*n))), 10)
    }

    #[test]
    fn a_small_part_takes_others_with_it_until_it_cannot_be_worked_out() {
        assert_eq!(held(&[("a", 40), ("b", 10), ("c", 200)]), [""; 0]);
        assert_eq!(held(&[("a", 40), ("b", 3), ("c", 200)]), ["b", "a"]);
        assert_eq!(held(&[("a", 40), ("b", 3), ("c", 4), ("d", 60)]), ["b", "c", "a"]);
        assert_eq!(held(&[("a", 40), ("b", 6), ("c", 7), ("d", 60)]), ["b", "c"]);
        assert_eq!(held(&[("a", 3)]), ["a"]);
    }
}
