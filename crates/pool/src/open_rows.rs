//! Rows of a batch that are put aside and wait for a correction.

use crate::{
    Format, Manifest, Pool, PoolError, Sealer, quarantine,
    quarantine::{ADDED, kept_as_text},
    record, spelling,
};
use serde::Serialize;
use std::borrow::Cow;

/// A batch's open rows, as its file wrote them. They hold personal data: the caller answers for who sees them and logs
/// the look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenRows {
    pub source: String,
    /// The file's own headings.
    pub headings: Vec<String>,
    pub rows: Vec<OpenRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenRow {
    /// Its number in the file's data, 1 being the first.
    pub row: i64,
    pub cells: Vec<String>,
    /// Heading of each cell that is wrong (empty: the row as a whole), code, and reason in both languages.
    pub problems: Vec<(String, String, String)>,
}

impl Manifest {
    fn has_back(&self, row: i64) -> bool {
        self.brings_back
            .binary_search_by(|&(first, last)| {
                use std::cmp::Ordering::{Equal, Greater, Less};
                if last < row {
                    Less
                } else if first > row {
                    Greater
                } else {
                    Equal
                }
            })
            .is_ok()
    }
}

/// What brought rows of this batch back and was not undone since.
fn corrections<'a>(manifests: &'a [Manifest], batch: &'a str) -> impl Iterator<Item = &'a Manifest> {
    manifests.iter().filter(move |m| m.corrects.as_deref() == Some(batch) && !m.is_undone())
}

/// How many of a batch's quarantined rows nobody has brought back yet.
pub fn open_count(manifests: &[Manifest], of: &Manifest) -> u64 {
    let mut ranges: Vec<(i64, i64)> =
        corrections(manifests, &of.batch).flat_map(|m| m.brings_back.iter().copied()).collect();
    ranges.sort_unstable();
    let (mut back, mut upto) = (0_u64, i64::MIN);
    for (first, last) in ranges {
        let first = first.max(upto.saturating_add(1));
        if first <= last {
            back += (last - first) as u64 + 1;
            upto = last;
        }
    }
    of.rows_quarantined.saturating_sub(back)
}

impl Pool {
    /// The batch's quarantined rows that no standing correction has brought back.
    pub fn open_rows(&self, batch: &str, sealer: &dyn Sealer) -> Result<OpenRows, PoolError> {
        let (manifest, header, rows) = self.open_records(batch, sealer)?;
        let damaged = || PoolError::QuarantineDamaged { batch: batch.to_owned() };
        let own = header.len().checked_sub(ADDED.len()).ok_or_else(damaged)?;
        let mut open = OpenRows { source: manifest.source, headings: header[..own].to_vec(), rows: Vec::new() };
        for (row, mut cells) in rows {
            let added = cells.split_off(own.min(cells.len()));
            let [_, _, columns, codes, reasons] = added.as_slice() else { return Err(damaged()) };
            // A single reason may hold the separator.
            let reasons: Vec<&str> =
                if codes.contains(';') { reasons.split("; ").collect() } else { vec![reasons.as_str()] };
            let problems = codes.split(';').zip(columns.split(';')).zip(reasons);
            let owned = |((code, column), reason): ((&str, &str), &str)| {
                (column.to_owned(), code.to_owned(), reason.to_owned())
            };
            let problems = problems.map(owned).collect();
            let cells = cells.into_iter().map(|cell| cell.trim_end_matches('\t').to_owned()).collect();
            open.rows.push(OpenRow { row, cells, problems });
        }
        Ok(open)
    }

    /// The same rows as CSV: the file's own columns, then `_batch,_row,_column,_reason_code,_reason`. Correct it and
    /// send it again; the added columns may stay.
    pub fn quarantine_csv(&self, batch: &str, sealer: &dyn Sealer) -> Result<Vec<u8>, PoolError> {
        let (_, header, rows) = self.open_records(batch, sealer)?;
        let mut text = "\u{feff}".to_owned();
        record::write(&mut text, header);
        for (_, cells) in rows {
            record::write(&mut text, cells);
        }
        Ok(text.into_bytes())
    }

    #[expect(clippy::type_complexity, reason = "header and numbered records, used here only")]
    fn open_records(
        &self,
        batch: &str,
        sealer: &dyn Sealer,
    ) -> Result<(Manifest, Vec<String>, Vec<(i64, Vec<String>)>), PoolError> {
        let manifests = self.batches()?;
        let manifest = manifests
            .iter()
            .find(|m| m.batch == batch)
            .ok_or_else(|| PoolError::NoSuchBatch { batch: batch.to_owned() })?;
        if manifest.format == Format::Platform || manifest.rows_quarantined == 0 {
            return Err(PoolError::NothingQuarantined { batch: batch.to_owned() });
        }
        let text = quarantine::read(&self.quarantine_path(batch), batch, sealer)?;
        let damaged = || PoolError::QuarantineDamaged { batch: batch.to_owned() };
        let mut records = Records { text: &text, from: 0 };
        let header = records.next().ok_or_else(damaged)?;
        let at = header.iter().position(|cell| cell == "_row").ok_or_else(damaged)?;
        let back: Vec<&Manifest> = corrections(&manifests, batch).collect();
        let mut open = Vec::new();
        for cells in records {
            let row: i64 = cells.get(at).and_then(|cell| cell.parse().ok()).ok_or_else(damaged)?;
            if !back.iter().any(|m| m.has_back(row)) {
                open.push((row, cells));
            }
        }
        Ok((manifest.clone(), header, open))
    }
}

impl OpenRows {
    /// Corrected rows as a file that intake knows for what it is: each row's number, and its cells in the order of
    /// `headings`.
    pub fn correction(&self, batch: &str, rows: &[(i64, Vec<String>)]) -> Vec<u8> {
        let mut text = "\u{feff}".to_owned();
        record::write(&mut text, self.headings.iter().map(String::as_str).chain(["_batch", "_row"]));
        for (row, cells) in rows {
            let number = row.to_string();
            let own = cells.iter().map(|cell| kept_as_text(spelling::bare(cell)));
            record::write(&mut text, own.chain([Cow::Borrowed(batch), Cow::Borrowed(number.as_str())]));
        }
        text.into_bytes()
    }
}

struct Records<'a> {
    text: &'a str,
    from: usize,
}

impl Iterator for Records<'_> {
    type Item = Vec<String>;

    fn next(&mut self) -> Option<Vec<String>> {
        let stop = record::end(self.text.as_bytes(), self.from, b',')?;
        let mut fields = Vec::new();
        record::split(&self.text[self.from..stop], b',', &mut fields);
        self.from = stop;
        Some(fields.into_iter().map(Cow::into_owned).collect())
    }
}
