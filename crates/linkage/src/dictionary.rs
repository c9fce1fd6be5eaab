//! Every distinct value of a field once; rows hold its number.

use hashbrown::HashTable;
use rustc_hash::FxHasher;
use std::hash::Hasher;

/// A row has no value of this field.
pub const MISSING: u32 = u32::MAX;

/// Distinct texts, numbered in order of their first appearance. A byte a character and 12 bytes a text.
#[derive(Default)]
pub struct Dictionary {
    text: String,
    ends: Vec<u32>,
    places: HashTable<u32>,
}

fn hash(text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    hasher.finish()
}

impl Dictionary {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text's number, and whether it is new. Texts beyond four gigabytes in all are not kept: they are missing.
    pub fn intern(&mut self, text: &str) -> (u32, bool) {
        let hash_of = hash(text);
        let Dictionary { text: all, ends, places } = self;
        let at = |id: u32| {
            let start = if id == 0 { 0 } else { ends[id as usize - 1] as usize };
            &all[start..ends[id as usize] as usize]
        };
        if let Some(&id) = places.find(hash_of, |&id| at(id) == text) {
            return (id, false);
        }
        let Ok(end) = u32::try_from(all.len() + text.len()) else { return (MISSING, false) };
        let id = ends.len() as u32;
        places.insert_unique(hash_of, id, |&id| hash(at(id)));
        all.push_str(text);
        ends.push(end);
        (id, true)
    }
}

/// The number of groups of distinct values (values that count as one in some respect), with how many rows are in each.
#[derive(Default)]
pub struct Groups {
    numbers: rustc_hash::FxHashMap<u64, u32>,
    /// By value id.
    pub of: Vec<u32>,
    /// Rows, by group.
    pub rows: Vec<u32>,
}

impl Groups {
    /// Puts the next value into the group of this hash.
    pub fn push(&mut self, hash: u64) {
        let next = self.rows.len() as u32;
        let group = *self.numbers.entry(hash).or_insert(next);
        if group == next {
            self.rows.push(0);
        }
        self.of.push(group);
    }

    pub fn count(&mut self, value: u32) {
        self.rows[self.of[value as usize] as usize] += 1;
    }

    pub fn rows_like(&self, value: u32) -> u32 {
        self.rows[self.of[value as usize] as usize]
    }
}

/// A hash of numbers that is the same in every process: keys of blocks rest on it.
pub fn mix(parts: impl IntoIterator<Item = u64>) -> u64 {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    for part in parts {
        state = scramble(state ^ part);
    }
    state | 1
}

/// Finaliser of splitmix64 (Steele, Lea and Flood, 2014).
pub fn scramble(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}
