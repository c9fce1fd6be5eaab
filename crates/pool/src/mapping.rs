//! What a steward said the headings of a file stand for, where they are not those of its contract.

use crate::spelling;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Fits every file that has just these headings, in whatever order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    pub source: String,
    /// Heading (as [`Mapping::heading`] writes it) to a column of the contract, with the unit where it holds money:
    /// `total_fee|元`. Empty: the column is not taken.
    pub headings: BTreeMap<String, String>,
}

impl Mapping {
    /// How a heading is written here: half-width, lower-case, without the unit of money behind it. `None` for blank
    /// ones and for columns that quarantine files add.
    pub fn heading(cell: &str) -> Option<String> {
        let text = match spelling::header(cell) {
            (name, Some(_)) => name,
            (_, None) => spelling::header_text(cell),
        };
        (!text.is_empty() && !text.starts_with('_')).then_some(text)
    }

    /// Column and unit (fen for one of it) behind a heading; `None` for one that is left out.
    pub(crate) fn column(&self, heading: &str) -> Option<(&str, Option<i64>)> {
        let to = self.headings.get(heading).filter(|to| !to.is_empty())?;
        Some(match to.split_once('|') {
            Some((column, unit)) => (column, spelling::fen_per(unit)),
            None => (to, None),
        })
    }

    pub(crate) fn fits(&self, cells: &[String]) -> bool {
        let mut headings: Vec<String> = cells.iter().filter_map(|cell| Mapping::heading(cell)).collect();
        headings.sort();
        headings.iter().eq(self.headings.keys())
    }
}
