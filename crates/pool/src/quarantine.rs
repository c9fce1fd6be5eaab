//! Rows put aside: sealed on disk, given back as CSV that can be corrected and sent again.

use crate::{PoolError, convert::FieldUse, convert::Plan, convert::Problem, record};
use std::{
    borrow::Cow,
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

/// Encrypts what is put aside: those rows hold names and numbers. The caller has the keys.
pub trait Sealer: Sync {
    fn seal(&self, plain: &str) -> Vec<u8>;
    fn open(&self, sealed: &[u8]) -> Result<String, SealError>;
}

#[derive(Debug, thiserror::Error)]
#[error("a sealed quarantine file cannot be opened with this installation's key")]
pub struct SealError;

/// Columns that intake adds; a file that comes back may keep or drop them, they are not read as data. `_batch` tells
/// which batch a correction belongs to, so that ten corrected rows do not pass for a new full list.
pub(crate) const ADDED: [&str; 5] = ["_batch", "_row", "_column", "_reason_code", "_reason"];
const PIECE: usize = 512 << 10;

/// Seals pieces one after the other. Each begins with batch, number and whether it is the last, so that pieces
/// cannot be exchanged, dropped or reordered unnoticed.
pub(crate) struct QuarantineWriter<'a> {
    path: PathBuf,
    out: BufWriter<File>,
    sealer: &'a dyn Sealer,
    batch: String,
    text: String,
    piece: u32,
}

impl<'a> QuarantineWriter<'a> {
    pub fn create(path: &Path, batch: &str, plan: &Plan, sealer: &'a dyn Sealer) -> Result<Self, PoolError> {
        let out = BufWriter::new(File::create(path).map_err(PoolError::disk(path))?);
        let mut text = String::new();
        let own = plan.header.cells.iter().zip(&plan.fields).filter(|(_, used)| **used != FieldUse::Added);
        record::write(&mut text, own.map(|(cell, _)| cell.as_str()).chain(ADDED));
        Ok(QuarantineWriter { path: path.to_owned(), out, sealer, batch: batch.to_owned(), text, piece: 0 })
    }

    pub fn add(&mut self, plan: &Plan, row: i64, raw: &str, problems: &[Problem]) -> Result<(), PoolError> {
        let mut fields: Vec<Cow<'_, str>> = Vec::new();
        record::split(raw, plan.delimiter, &mut fields);
        let mut cells: Vec<Cow<'_, str>> = Vec::with_capacity(fields.len() + ADDED.len());
        for (i, used) in plan.fields.iter().enumerate() {
            if *used != FieldUse::Added {
                cells.push(fields.get(i).map_or(Cow::Borrowed(""), |f| kept_as_text(f)));
            }
        }
        // Fields too many have no column to return to; they stay visible in the last one that has.
        if fields.len() > plan.fields.len()
            && let Some(last) = cells.last_mut()
        {
            let rest = fields[plan.fields.len()..].join(",");
            if !rest.trim().is_empty() {
                *last = Cow::Owned(format!("{last},{rest}"));
            }
        }
        let columns: Vec<&str> = problems.iter().map(|p| plan.written(p.column)).collect();
        let codes: Vec<&str> = problems.iter().map(|p| p.reason.code()).collect();
        let reasons: Vec<String> = problems.iter().map(|p| p.reason.both()).collect();
        cells.push(Cow::Borrowed(&self.batch));
        cells.push(row.to_string().into());
        cells.push(columns.join(";").into());
        cells.push(codes.join(";").into());
        cells.push(reasons.join("; ").into());
        record::write(&mut self.text, &cells);
        if self.text.len() >= PIECE { self.put(false) } else { Ok(()) }
    }

    fn put(&mut self, last: bool) -> Result<(), PoolError> {
        let plain = format!("{} {} {}\n{}", self.batch, self.piece, u8::from(last), self.text);
        self.text.clear();
        self.piece += 1;
        let sealed = self.sealer.seal(&plain);
        let length = (sealed.len() as u32).to_le_bytes();
        self.out.write_all(&length).and_then(|()| self.out.write_all(&sealed)).map_err(PoolError::disk(&self.path))
    }

    /// Durable when this returns.
    pub fn finish(mut self) -> Result<(), PoolError> {
        self.put(true)?;
        self.out.flush().and_then(|()| self.out.get_ref().sync_all()).map_err(PoolError::disk(&self.path))
    }
}

impl Plan {
    /// A column as the file's own header calls it.
    fn written(&self, column: Option<usize>) -> &str {
        match column {
            None => "",
            Some(i) => match self.columns[i].field {
                Some(field) => self.header.cells[field].trim(),
                None => &self.columns[i].name,
            },
        }
    }
}

/// Spreadsheets turn long numbers into floats and lose their last digits. A tab behind keeps them text, and intake
/// takes it off again.
pub(crate) fn kept_as_text(field: &str) -> Cow<'_, str> {
    let long = field.len() >= 12 && field.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'X' | b'x'));
    if long { Cow::Owned(format!("{field}\t")) } else { Cow::Borrowed(field) }
}

/// The CSV of a batch's quarantine file.
pub(crate) fn read(path: &Path, batch: &str, sealer: &dyn Sealer) -> Result<String, PoolError> {
    let damaged = || PoolError::QuarantineDamaged { batch: batch.to_owned() };
    let bytes = std::fs::read(path).map_err(PoolError::disk(path))?;
    let mut out = String::new();
    let mut rest = bytes.as_slice();
    let mut piece = 0_u32;
    loop {
        let (length, behind) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
        let length = u32::from_le_bytes(*length) as usize;
        let sealed = behind.get(..length).ok_or_else(damaged)?;
        let plain = sealer.open(sealed)?;
        let (head, text) = plain.split_once('\n').ok_or_else(damaged)?;
        let last = head == format!("{batch} {piece} 1");
        if !last && head != format!("{batch} {piece} 0") {
            return Err(damaged());
        }
        out.push_str(text);
        rest = &behind[length..];
        piece += 1;
        match (last, rest.is_empty()) {
            (true, true) => return Ok(out),
            (false, false) => {}
            _ => return Err(damaged()),
        }
    }
}
