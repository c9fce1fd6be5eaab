//! One file on disk, row by row: CSV in three encodings, or a workbook written with constant memory.

use crate::SynthError;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Plain UTF-8 with line feeds.
    Utf8,
    /// UTF-8 as spreadsheets save it: byte order mark, CR LF.
    Utf8Bom,
    /// What most departmental systems of the region export.
    Gb18030,
    Xlsx,
}

/// Rows a worksheet may hold (Excel's own limit is 1,048,576).
const SHEET_ROWS: u32 = 1_000_000;

pub enum Sheet {
    Csv { path: PathBuf, out: BufWriter<File>, format: Format, line: String },
    Xlsx { path: PathBuf, book: Box<Workbook>, row: u32 },
}

impl Sheet {
    pub fn create(path: &Path, format: Format) -> Result<Sheet, SynthError> {
        if format == Format::Xlsx {
            let mut book = Workbook::new();
            // the clock stays out of the file: equal seeds give equal bytes
            let created = ExcelDateTime::from_ymd(2026, 1, 1).map_err(|e| SynthError::sheet(path, e))?;
            book.set_properties(&DocProperties::new().set_creation_datetime(&created));
            book.add_worksheet_with_constant_memory().map_err(|e| SynthError::sheet(path, e))?;
            return Ok(Sheet::Xlsx { path: path.to_owned(), book: Box::new(book), row: 0 });
        }
        let file = File::create(path).map_err(|e| SynthError::file(path, e))?;
        let mut out = BufWriter::with_capacity(1 << 18, file);
        if format == Format::Utf8Bom {
            out.write_all("\u{feff}".as_bytes()).map_err(|e| SynthError::file(path, e))?;
        }
        Ok(Sheet::Csv { path: path.to_owned(), out, format, line: String::with_capacity(512) })
    }

    /// Writes one row. `numeric` says which cells a workbook keeps as numbers.
    pub fn row<'a>(&mut self, cells: impl Iterator<Item = (&'a str, bool)>) -> Result<(), SynthError> {
        match self {
            Sheet::Csv { path, out, format, line } => {
                line.clear();
                for (i, (cell, _)) in cells.enumerate() {
                    if i > 0 {
                        line.push(',');
                    }
                    if cell.contains([',', '"', '\n', '\r']) {
                        line.push('"');
                        line.push_str(&cell.replace('"', "\"\""));
                        line.push('"');
                    } else {
                        line.push_str(cell);
                    }
                }
                line.push_str(if *format == Format::Utf8 { "\n" } else { "\r\n" });
                let written = if *format == Format::Gb18030 {
                    out.write_all(&encoding_rs::GB18030.encode(line).0)
                } else {
                    out.write_all(line.as_bytes())
                };
                written.map_err(|e| SynthError::file(path, e))
            }
            Sheet::Xlsx { path, book, row } => {
                if *row >= SHEET_ROWS {
                    return Err(SynthError::SheetFull { path: path.clone() });
                }
                let sheet = book.worksheet_from_index(0).map_err(|e| SynthError::sheet(path, e))?;
                for (i, (cell, numeric)) in cells.enumerate() {
                    if cell.is_empty() {
                        continue;
                    }
                    let column = i as u16;
                    let number = if numeric { cell.parse::<f64>().ok() } else { None };
                    match number {
                        Some(number) => sheet.write_number(*row, column, number),
                        None => sheet.write_string(*row, column, cell),
                    }
                    .map_err(|e| SynthError::sheet(path, e))?;
                }
                *row += 1;
                Ok(())
            }
        }
    }

    pub fn finish(self) -> Result<(), SynthError> {
        match self {
            Sheet::Csv { path, mut out, .. } => out.flush().map_err(|e| SynthError::file(&path, e)),
            Sheet::Xlsx { path, mut book, .. } => book.save(&path).map_err(|e| SynthError::sheet(&path, e)),
        }
    }
}
