//! The rows to be linked, as numbers of distinct values.

use crate::{
    Config,
    dictionary::{Dictionary, MISSING, mix},
    key::Part,
    kind::{Forms, Frequencies, Kind, Side},
};
use rayon::prelude::*;

/// Some rows on their way in: one cell a field of the configuration, in its order.
#[derive(Default)]
pub struct Chunk {
    text: String,
    ends: Vec<u32>,
}

impl Chunk {
    /// The next cell; empty where the row has none.
    pub fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len() as u32);
    }

    pub fn cells(&self) -> usize {
        self.ends.len()
    }

    /// Bytes of text; a chunk is best passed on before it holds some megabytes.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    fn cell(&self, at: usize) -> &str {
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.text[start..self.ends[at] as usize]
    }
}

/// One field of all rows.
pub(crate) struct Column {
    kind: Kind,
    dictionary: Dictionary,
    pub(crate) forms: Forms,
    pub(crate) frequencies: Option<Frequencies>,
    /// Keys that blocking rules need of it, by distinct value.
    keys: Vec<(Part, Vec<u64>)>,
}

impl Column {
    fn take(&mut self, cell: &str, normal: &mut String) -> u32 {
        Forms::normal(self.kind, cell, normal);
        if normal.is_empty() {
            return MISSING;
        }
        let (value, new) = self.dictionary.intern(normal);
        if value == MISSING {
            return MISSING;
        }
        if new {
            self.forms.push(normal);
            if let Some(frequencies) = &mut self.frequencies {
                frequencies.push(&self.forms, value);
            }
            for (part, keys) in &mut self.keys {
                keys.push(part.key(normal, &self.forms, value));
            }
        }
        if let Some(frequencies) = &mut self.frequencies {
            frequencies.written.count(value);
            frequencies.sounding.count(value);
        }
        value
    }

    fn key(&self, part: Part, value: u32) -> u64 {
        if value == MISSING {
            return 0;
        }
        self.keys.iter().find(|(p, _)| *p == part).map_or(0, |(_, keys)| keys[value as usize])
    }
}

/// Rows, added at the end; a row is known by its place from 0.
pub struct Records {
    pub(crate) columns: Vec<Column>,
    owners: Vec<Option<usize>>,
    /// Row after row, a value id for each field.
    values: Vec<u32>,
    /// By blocking rule: each row's key; 0 where it has none.
    pub(crate) keys: Vec<Vec<u64>>,
    rules: Vec<Vec<(usize, Part)>>,
}

impl Records {
    pub fn new(config: &Config) -> Records {
        let rules: Vec<Vec<(usize, Part)>> = config.blocks.iter().map(|block| block.parts.clone()).collect();
        let columns = config.fields.iter().enumerate().map(|(at, field)| {
            let mut keys: Vec<(Part, Vec<u64>)> = Vec::new();
            for (field, part) in rules.iter().flatten() {
                if *field == at && !keys.iter().any(|(p, _)| p == part) {
                    keys.push((*part, Vec::new()));
                }
            }
            Column {
                kind: field.kind,
                dictionary: Dictionary::default(),
                forms: Forms::new(field.kind),
                frequencies: field.frequency.then(Frequencies::default),
                keys,
            }
        });
        Records {
            columns: columns.collect(),
            owners: config.fields.iter().map(|field| field.owner).collect(),
            values: Vec::new(),
            keys: vec![Vec::new(); rules.len()],
            rules,
        }
    }

    /// Rows so far.
    pub fn rows(&self) -> usize {
        self.values.len() / self.columns.len()
    }

    /// Distinct values of a field.
    pub fn distinct(&self, field: usize) -> usize {
        self.columns[field].dictionary.len()
    }

    /// Adds the chunk's rows; cells that are left over at its end are not a row and are not taken.
    pub fn extend(&mut self, chunk: &Chunk) {
        let width = self.columns.len();
        let rows = chunk.cells() / width;
        let taken: Vec<Vec<u32>> = self
            .columns
            .par_iter_mut()
            .enumerate()
            .map(|(field, column)| {
                let mut normal = String::new();
                (0..rows).map(|row| column.take(chunk.cell(row * width + field), &mut normal)).collect()
            })
            .collect();
        let first = self.rows();
        self.values.reserve(rows * width);
        for row in 0..rows {
            self.values.extend(taken.iter().map(|column| column[row]));
        }
        let (values, columns) = (&self.values, &self.columns);
        self.keys.par_iter_mut().zip(&self.rules).for_each(|(keys, rule)| {
            keys.extend((first..first + rows).map(|row| {
                let parts = rule.iter().map(|(field, part)| columns[*field].key(*part, values[row * width + field]));
                if parts.clone().any(|key| key == 0) { 0 } else { mix(parts) }
            }));
        });
    }

    /// The row's value ids, by field.
    #[inline]
    pub(crate) fn row(&self, row: u32) -> &[u32] {
        let width = self.columns.len();
        &self.values[row as usize * width..(row as usize + 1) * width]
    }

    /// The place of the pair's level of a field; [`crate::model::NO_LEVEL`] where either has no value.
    #[inline]
    pub(crate) fn level(&self, field: usize, levels: &[crate::Level], a: &[u32], b: &[u32]) -> u8 {
        let (x, y) = (a[field], b[field]);
        if x == MISSING || y == MISSING {
            return crate::model::NO_LEVEL;
        }
        let owner = |row: &[u32]| match self.owners[field] {
            Some(owner) if row[owner] != MISSING => self.columns[owner].forms.sound(row[owner]),
            _ => 0,
        };
        let (a, b) = (Side { value: x, owner: owner(a) }, Side { value: y, owner: owner(b) });
        self.columns[field].forms.level(levels, a, b)
    }
}
