//! Several values in one cell, such as the names of those who live in a household. They are told apart by how they sound,
//! so that a homophone typed wrong is the same member.

use super::Side;
use crate::{
    Level,
    dictionary::mix,
    han::{Glyph, counts},
};
use rustc_hash::FxHashMap;

#[derive(Default)]
pub struct Sets {
    members: Vec<u64>,
    ends: Vec<u32>,
    seen: FxHashMap<char, u32>,
}

const DIVIDERS: &[char] = &[';', '；', '、', '，', ',', '|', '/', ' ', '\t', '\u{3000}'];

/// The members of a cell, as written.
pub fn members(raw: &str) -> impl Iterator<Item = &str> {
    raw.split(DIVIDERS).filter(|member| member.chars().any(counts))
}

/// The members in order, so that their order in the cell makes no difference.
pub fn normal(raw: &str, out: &mut String) {
    let mut all: Vec<&str> = members(raw).collect();
    all.sort_unstable();
    all.dedup();
    for (i, member) in all.iter().enumerate() {
        if i > 0 {
            out.push(';');
        }
        out.extend(member.chars().filter(|c| counts(*c)));
    }
}

impl Sets {
    pub fn push(&mut self, value: &str) {
        let start = self.members.len();
        for member in value.split(';') {
            let sounds =
                member.chars().map(|c| u64::from(*self.seen.entry(c).or_insert_with(|| Glyph::of(c).sounds[0])));
            let member = mix(sounds);
            self.members.push(member);
        }
        self.members[start..].sort_unstable();
        self.ends.push(self.members.len() as u32);
    }

    fn of(&self, id: u32) -> &[u64] {
        let id = id as usize;
        let start = if id == 0 { 0 } else { self.ends[id - 1] as usize };
        &self.members[start..self.ends[id] as usize]
    }

    /// The same for sets of the same members.
    pub fn all(&self, id: u32) -> u64 {
        mix(self.of(id).iter().copied())
    }

    #[inline]
    pub fn holds(&self, level: Level, a: Side, b: Side) -> bool {
        let (x, y) = (self.of(a.value), self.of(b.value));
        match level {
            Level::Equal => x == y,
            Level::NamesOther => {
                a.owner != 0 && b.owner != 0 && a.owner != b.owner && (x.contains(&b.owner) || y.contains(&a.owner))
            }
            Level::Any => shared(x, y) > 0,
            Level::Share(percent) => {
                let both = shared(x, y);
                both > 0 && both * 100 >= percent as usize * (x.len() + y.len() - both)
            }
            _ => false,
        }
    }
}

/// Members of two ordered sets that are in both.
fn shared(x: &[u64], y: &[u64]) -> usize {
    let (mut i, mut j, mut both) = (0, 0, 0);
    while i < x.len() && j < y.len() {
        match x[i].cmp(&y[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => (i, j, both) = (i + 1, j + 1, both + 1),
        }
    }
    both
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::{Forms, Kind};

    fn level(a: (&str, &str), b: (&str, &str)) -> &'static str {
        let mut names = Forms::new(Kind::Name);
        names.push(a.0);
        names.push(b.0);
        let mut sets = Sets::default();
        let mut text = String::new();
        for raw in [a.1, b.1] {
            text.clear();
            normal(raw, &mut text);
            sets.push(&text);
        }
        let (x, y) = (Side { value: 0, owner: names.sound(0) }, Side { value: 1, owner: names.sound(1) });
        let found = Kind::Set.levels().iter().find(|level| sets.holds(**level, x, y)).map_or("different", Level::word);
        let back = Kind::Set.levels().iter().find(|level| sets.holds(**level, y, x)).map_or("different", Level::word);
        assert_eq!(found, back);
        found
    }

    #[test]
    fn a_household_finds_its_level() {
        assert_eq!(level(("王伟", "李静、王梓轩"), ("王伟", "王梓轩;李静")), "equal");
        assert_eq!(level(("王伟", "李静、王梓轩"), ("王伟", "李敬、王梓轩")), "equal");
        assert_eq!(level(("王伟", "李静、王梓轩"), ("王伟", "李静")), "share");
        assert_eq!(level(("王伟", "李静、王梓轩、王秀英"), ("王伟", "李静、陈兰、陈梅")), "any");
        assert_eq!(level(("王伟", "李静"), ("王伟", "陈兰")), "different");
    }

    #[test]
    fn twins_name_each_other() {
        assert_eq!(level(("王梓轩", "李静、王伟、王梓涵"), ("王梓涵", "李静、王伟、王梓轩")), "names_other");
    }
}
