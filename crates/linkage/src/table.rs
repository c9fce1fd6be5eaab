//! Rows from CSV text, and pairs as CSV text.

use crate::{Chunk, Config, Judged, Model, Records, score::levels};
use std::io::{Read, Write};

/// What is wrong with a table. The text of a cell is never quoted: it may be about a person.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    #[error("the file is empty; the first line must name the columns")]
    Empty,
    #[error("there are no rows below the line that names the columns")]
    NoRows,
    #[error(
        "there is no column {wanted} for the field {field:?}{hint}; the columns are {has}. Rename the column, or add its name to columns = […] of the field"
    )]
    NoColumn { field: String, wanted: String, has: String, hint: String },
    #[error("line {line}: {message}")]
    Line { line: u64, message: String },
    #[error(transparent)]
    Csv(#[from] csv::Error),
}

/// What rows are called, by row.
#[derive(Default)]
pub struct RowNames {
    text: String,
    ends: Vec<u32>,
}

impl RowNames {
    pub fn get(&self, row: u32) -> &str {
        let row = row as usize;
        let start = if row == 0 { 0 } else { self.ends[row - 1] as usize };
        &self.text[start..self.ends[row] as usize]
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    fn push(&mut self, name: &str) {
        self.text.push_str(name);
        self.ends.push(self.text.len() as u32);
    }
}

/// Bytes of cells that are passed on together.
const CHUNK: usize = 4 << 20;

/// Adds the rows of a CSV text (UTF-8, titles in the first line) to `records` and their names to `names`; how many.
///
/// Where the configuration names no column for them, rows are known by `prefix` and their line.
pub fn read_csv(
    records: &mut Records,
    names: &mut RowNames,
    config: &Config,
    prefix: &str,
    input: impl Read + Send,
) -> Result<usize, TableError> {
    let mut reader =
        csv::ReaderBuilder::new().flexible(false).has_headers(true).buffer_capacity(1 << 18).from_reader(input);
    let titles = reader.byte_headers()?.clone();
    if titles.is_empty() {
        return Err(TableError::Empty);
    }
    let titles: Vec<String> = titles
        .iter()
        .map(|title| {
            String::from_utf8_lossy(title).trim_matches(|c: char| c == '\u{feff}' || c.is_whitespace()).to_owned()
        })
        .collect();
    let find = |field: &str, wanted: &[String]| {
        let found = wanted.iter().find_map(|wanted| titles.iter().position(|title| title == wanted));
        found.ok_or_else(|| TableError::NoColumn {
            field: field.to_owned(),
            wanted: wanted.join(" or "),
            has: titles.join(", "),
            hint: wanted
                .iter()
                .find_map(|wanted| tuodi_pack::near::nearest(wanted, titles.iter().map(String::as_str)))
                .map_or(String::new(), |n| format!(" (did you mean {n:?}?)")),
        })
    };
    let id = match config.id.as_slice() {
        [] => None,
        wanted => Some(find("id", wanted)?),
    };
    let columns = config.fields.iter().map(|field| match find(&field.name, &field.columns) {
        Err(_) if field.optional => Ok(None),
        found => found.map(Some),
    });
    let columns: Vec<Option<usize>> = columns.collect::<Result<_, _>>()?;
    let before = names.len();
    let (mut filled, mut taken) = (Chunk::default(), Chunk::default());
    let mut row = csv::ByteRecord::new();
    let mut more = true;
    while more {
        std::mem::swap(&mut filled, &mut taken);
        filled.clear();
        // The next rows are read while the last ones are taken.
        let (read, ()) = rayon::join(
            || -> Result<bool, TableError> {
                while filled.bytes() < CHUNK {
                    if !reader.read_byte_record(&mut row)? {
                        return Ok(false);
                    }
                    let line = row.position().map_or(0, csv::Position::line);
                    let cell = |at: usize| {
                        std::str::from_utf8(&row[at]).map_err(|_| TableError::Line {
                            line,
                            message: format!("the column {:?} is not UTF-8; save the file as UTF-8", titles[at]),
                        })
                    };
                    for &at in &columns {
                        filled.push(at.map_or(Ok(""), &cell)?);
                    }
                    match id {
                        Some(at) if cell(at)?.trim().is_empty() => {
                            let message = format!("the column {:?}, which names the row, is empty", titles[at]);
                            return Err(TableError::Line { line, message });
                        }
                        Some(at) => names.push(cell(at)?.trim()),
                        None => names.push(&format!("{prefix}{line}")),
                    }
                }
                Ok(true)
            },
            || records.extend(&taken),
        );
        more = read?;
    }
    records.extend(&filled);
    match names.len() - before {
        0 => Err(TableError::NoRows),
        rows => Ok(rows),
    }
}

/// Writes pairs as CSV: names of both rows, weight in bits, probability, band, and each field's level.
pub fn write_pairs(
    out: impl Write,
    records: &Records,
    config: &Config,
    model: &Model,
    names: &RowNames,
    pairs: &[Judged],
) -> Result<(), TableError> {
    let mut csv = csv::Writer::from_writer(out);
    let titles = ["left", "right", "weight", "probability", "band"].into_iter();
    csv.write_record(titles.chain(config.fields.iter().map(|field| field.name.as_str())))?;
    let words: Vec<Vec<&str>> =
        model.fields.iter().map(|field| field.levels.iter().map(|level| level.level.as_str()).collect()).collect();
    for pair in pairs {
        let [weight, probability] = [format!("{:.2}", pair.weight), format!("{:.6}", pair.probability())];
        let start = [names.get(pair.left), names.get(pair.right), &weight, &probability, pair.band.word()];
        let levels = levels(records, config, pair.left, pair.right);
        let word = |(at, level): (usize, u8)| words[at].get(usize::from(level)).copied().unwrap_or("missing");
        csv.write_record(start.into_iter().chain(levels.enumerate().map(word)))?;
    }
    csv.flush().map_err(csv::Error::from)?;
    Ok(())
}
