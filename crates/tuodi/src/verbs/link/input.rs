//! Configuration, rows and truth from files.

use crate::error::VerbError;
use rustc_hash::FxHashMap;
use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::Path,
};
use tuodi_linkage::{Config, Records, RowNames, Scope, Truth, read_csv};

/// The rows of one file or of two, those of the first file first.
pub struct Rows {
    pub records: Records,
    pub names: RowNames,
    pub scope: Scope,
}

fn wrong(file: &Path, message: impl ToString) -> VerbError {
    VerbError::File { file: file.to_owned(), message: message.to_string() }
}

pub fn read_config(path: &Path) -> Result<Config, VerbError> {
    let text = std::fs::read_to_string(path).map_err(|e| wrong(path, e))?;
    Config::parse(&text)
        .map_err(|e| VerbError::File { file: format!("{}:{}", path.display(), e.line).into(), message: e.message })
}

/// The file as UTF-8: what is GB18030 is decoded, what cannot be text is refused.
fn text_of(path: &Path) -> Result<Box<dyn Read + Send>, VerbError> {
    let mut file = File::open(path).map_err(|e| wrong(path, e))?;
    let mut head = vec![0; 1 << 16];
    let mut length = 0;
    loop {
        match file.read(&mut head[length..]).map_err(|e| wrong(path, e))? {
            0 => break,
            n => length += n,
        }
    }
    head.truncate(length);
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PAR1") || head.contains(&0) {
        return Err(wrong(path, "this is no CSV text; save the table as CSV"));
    }
    file.seek(SeekFrom::Start(0)).map_err(|e| wrong(path, e))?;
    let utf8 = match std::str::from_utf8(&head) {
        Ok(_) => true,
        // Cut in the middle of a character.
        Err(e) => e.error_len().is_none(),
    };
    if utf8 {
        return Ok(Box::new(file));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|e| wrong(path, e))?;
    let (text, _, broken) = encoding_rs::GB18030.decode(&bytes);
    if broken {
        return Err(wrong(path, "this is neither UTF-8 nor GB18030; save the table as CSV in UTF-8"));
    }
    Ok(Box::new(std::io::Cursor::new(text.into_owned().into_bytes())))
}

pub fn read_rows(config: &Config, left: &Path, right: Option<&Path>) -> Result<Rows, VerbError> {
    let (mut records, mut names) = (Records::new(config), RowNames::default());
    let mut read = |path: &Path, prefix: &str| {
        read_csv(&mut records, &mut names, config, prefix, text_of(path)?).map_err(|e| wrong(path, e))
    };
    let first = read(left, if right.is_some() { "left:" } else { "" })?;
    let scope = match right {
        Some(right) => {
            read(right, "right:")?;
            Scope::Between { left: first }
        }
        None => Scope::Within,
    };
    Ok(Rows { records, names, scope })
}

/// `truth.csv`: a column with rows' names and one with their persons.
pub fn read_truth(path: &Path, rows: &Rows) -> Result<Truth, VerbError> {
    let mut reader = csv::Reader::from_reader(text_of(path)?);
    let titles = reader.headers().map_err(|e| wrong(path, e))?.clone();
    let column = |title: &str| {
        let titles: Vec<&str> = titles.iter().collect();
        titles.iter().position(|t| t.trim_start_matches('\u{feff}') == title).ok_or_else(|| {
            wrong(
                path,
                format!("there is no column {title}; a truth has record and person, this has {}", titles.join(", ")),
            )
        })
    };
    let (record, person) = (column("record")?, column("person")?);
    let mut persons: FxHashMap<String, u32> = FxHashMap::default();
    let mut of: FxHashMap<String, u32> = FxHashMap::default();
    for line in reader.records() {
        let line = line.map_err(|e| wrong(path, e))?;
        let next = persons.len() as u32;
        let person = *persons.entry(line[person].to_owned()).or_insert(next);
        of.insert(line[record].to_owned(), person);
    }
    let known: Vec<Option<u32>> =
        (0..rows.names.len() as u32).map(|row| of.get(rows.names.get(row)).copied()).collect();
    if known.iter().all(Option::is_none) {
        return Err(wrong(
            path,
            "none of the rows is named here; its record column must hold what `id` of the configuration names",
        ));
    }
    Ok(Truth::new(known))
}
