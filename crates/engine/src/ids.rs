//! Sets of numbers of people and households.

use std::collections::HashSet;

/// The registry gives numbers in sequence, so a bit for each number up to a limit is small and quick; a number beyond it
/// goes into a hashed set.
#[derive(Debug, Clone, Default)]
pub(crate) struct IdSet {
    bits: Vec<u64>,
    beyond: HashSet<i64>,
    len: usize,
}

/// 16 MB of bits.
const LIMIT: i64 = 1 << 27;

impl IdSet {
    /// Whether it was not yet there.
    pub fn insert(&mut self, id: i64) -> bool {
        let new = if (0..LIMIT).contains(&id) {
            let (word, bit) = ((id >> 6) as usize, 1_u64 << (id & 63));
            if word >= self.bits.len() {
                self.bits.resize((word + 1).max(self.bits.len() * 2), 0);
            }
            let new = self.bits[word] & bit == 0;
            self.bits[word] |= bit;
            new
        } else {
            self.beyond.insert(id)
        };
        self.len += usize::from(new);
        new
    }

    pub fn contains(&self, id: i64) -> bool {
        if (0..LIMIT).contains(&id) {
            self.bits.get((id >> 6) as usize).is_some_and(|word| word & (1 << (id & 63)) != 0)
        } else {
            self.beyond.contains(&id)
        }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn add_all(&mut self, ids: impl Iterator<Item = i64>) {
        ids.for_each(|id| {
            self.insert(id);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_can_be_held_and_none_counts_twice() {
        let mut set = IdSet::default();
        let ids = [0, 1, 63, 64, LIMIT - 1, LIMIT, i64::MAX, -5];
        set.add_all(ids.into_iter().chain(ids));
        assert_eq!(set.len(), ids.len());
        assert!(ids.into_iter().all(|id| set.contains(id)));
        assert!(![2, 65, LIMIT + 1, -4].into_iter().any(|id| set.contains(id)));
    }
}
