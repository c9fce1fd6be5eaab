//! From a number of a person or household to its row.

use std::collections::HashMap;

/// The registry gives numbers in sequence, so a plain table usually does.
pub(crate) enum Lookup {
    Direct { least: i64, rows: Vec<u32> },
    Hashed(HashMap<i64, u32>),
}

const NOWHERE: u32 = u32::MAX;

impl Lookup {
    /// `Err` with the number of different keys when a key stands twice.
    pub fn new(keys: &[i64]) -> Result<Lookup, usize> {
        let least = keys.iter().copied().min().unwrap_or(0);
        let span = keys.iter().copied().max().unwrap_or(0).checked_sub(least).and_then(|s| usize::try_from(s).ok());
        let mut twice = 0;
        let lookup = match span {
            Some(span) if span <= keys.len() * 4 + 1024 => {
                let mut rows = vec![NOWHERE; span + 1];
                for (row, key) in keys.iter().enumerate() {
                    let slot = &mut rows[(key - least) as usize];
                    twice += usize::from(*slot != NOWHERE);
                    *slot = row as u32;
                }
                Lookup::Direct { least, rows }
            }
            _ => {
                let mut rows = HashMap::with_capacity(keys.len());
                for (row, key) in keys.iter().enumerate() {
                    twice += usize::from(rows.insert(*key, row as u32).is_some());
                }
                Lookup::Hashed(rows)
            }
        };
        if twice > 0 { Err(keys.len() - twice) } else { Ok(lookup) }
    }

    pub fn get(&self, key: i64) -> Option<u32> {
        match self {
            Lookup::Direct { least, rows } => {
                let slot = usize::try_from(key.checked_sub(*least)?).ok()?;
                rows.get(slot).copied().filter(|r| *r != NOWHERE)
            }
            Lookup::Hashed(rows) => rows.get(&key).copied(),
        }
    }
}
