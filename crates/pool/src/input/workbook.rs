//! Workbooks. A sheet of an XLSX file is read cell by cell and is never in memory as a whole (its shared strings are);
//! one of an XLS file is, within the bounds of `ole_guard`.

use super::{Halt, Opened, Sink, ole_guard};
use crate::{
    Refusal,
    contract::{Contracts, HEAD_ROWS},
    manifest::Format,
    record::Rows,
};
use calamine::{Data, DataRef, ExcelDateTime, Reader, Xls, XlsError, Xlsx, XlsxError};
use std::{
    fs::File,
    io::BufReader,
    panic::{AssertUnwindSafe, catch_unwind},
};
use tuodi_pack::Text;

/// What Excel itself can hold.
const MAX_ROWS: u32 = 1_048_576;
const MAX_COLUMNS: u32 = 16_384;
/// A contract's columns and then some; keeps a stray cell far to the right from costing memory in every row.
const WIDEST: usize = 1_024;

/// Takes one row of cells, and whether one of them was an error; says whether to go on.
type TakeRow<'a> = dyn FnMut(&[String], bool) -> Result<bool, Halt> + 'a;

trait Workbook {
    fn sheets(&self) -> Vec<String>;
    /// Calls `take` with each row from the sheet's first on (blank rows too) until it says `false`.
    fn each_row(&mut self, sheet: &str, take: &mut TakeRow<'_>) -> Result<(), Halt>;
}

fn damaged(error: &XlsxError) -> Refusal {
    Refusal::whole(
        Text::new(format!("XLSX 文件读不下去：{error}"), format!("the XLSX file cannot be read on: {error}")),
        Text::new("请在 Excel 中打开检查，另存后重新发送", "open it in Excel, save it again and send that"),
    )
}

pub(super) fn read(file: &Opened<'_>, contracts: &Contracts<'_>, sink: &mut Sink<'_>) -> Result<(), Halt> {
    let opened = BufReader::new(file.file()?);
    let mut workbook: Box<dyn Workbook> = match file.format {
        Format::Xls => Box::new(guarded(|| Xls::new(opened))?),
        _ => Box::new(Xlsx::new(opened).map_err(|e| damaged(&e))?),
    };
    let sheet = the_sheet(workbook.as_mut(), contracts)?;
    let mut rows = Rows::default();
    workbook.each_row(&sheet, &mut |cells, lossy| {
        rows.push(cells);
        rows.lossy |= lossy;
        if rows.is_full() {
            sink(std::mem::take(&mut rows))?;
        }
        Ok(true)
    })?;
    if rows.len() > 0 { sink(rows) } else { Ok(()) }
}

/// The one sheet with data; where several have rows, the one whose header fits a contract.
fn the_sheet(workbook: &mut dyn Workbook, contracts: &Contracts<'_>) -> Result<String, Halt> {
    let mut filled: Vec<(String, bool)> = Vec::new();
    for name in workbook.sheets() {
        let mut head: Vec<Vec<String>> = Vec::new();
        match workbook.each_row(&name, &mut |cells, _| {
            head.push(cells.to_vec());
            Ok(head.len() < HEAD_ROWS)
        }) {
            Ok(()) => {}
            // Charts and dialogs are sheets too.
            Err(_) if head.is_empty() => continue,
            Err(halt) => return Err(halt),
        }
        if head.iter().flatten().any(|cell| !cell.is_empty()) {
            let fits = contracts.fits(&head);
            filled.push((name, fits));
        }
    }
    let fitting = filled.iter().filter(|(_, fits)| *fits).count();
    if fitting > 1 {
        return Err(Refusal::whole(
            Text::new("有不止一张工作表是数据表", "more than one sheet holds data"),
            Text::new("请每张工作表单独存为一个文件发送", "save each sheet as a file of its own and send those"),
        )
        .into());
    }
    let chosen = filled.iter().position(|(_, fits)| *fits).unwrap_or(0);
    match filled.into_iter().nth(chosen) {
        Some((name, _)) => Ok(name),
        None => Err(Refusal::whole(
            Text::new("工作簿里没有数据", "there is no data in the workbook"),
            Text::new("请重新导出后发送", "export it again and send it"),
        )
        .into()),
    }
}

impl Workbook for Xlsx<BufReader<File>> {
    fn sheets(&self) -> Vec<String> {
        self.sheet_names()
    }

    fn each_row(&mut self, sheet: &str, take: &mut TakeRow<'_>) -> Result<(), Halt> {
        let mut cells = self.worksheet_cells_reader(sheet).map_err(|e| damaged(&e))?;
        let mut row: Vec<String> = Vec::new();
        let mut number = 0_u32;
        let mut lossy = false;
        let mut any = false;
        while let Some(cell) = cells.next_cell().map_err(|e| damaged(&e))? {
            let (at, column) = cell.get_position();
            if at >= MAX_ROWS || column >= MAX_COLUMNS || at < number {
                return Err(damaged(&XlsxError::RowNumberOverflow).into());
            }
            let value = cell.get_value();
            if matches!(value, DataRef::Empty) {
                continue;
            }
            while number < at {
                if !take(&row, std::mem::take(&mut lossy))? {
                    return Ok(());
                }
                row.clear();
                number += 1;
            }
            any = true;
            // Beyond any contract's width a cell only has to show that it is there.
            let column = (column as usize).min(WIDEST);
            if row.len() <= column {
                row.resize(column + 1, String::new());
            }
            lossy |= matches!(value, DataRef::Error(_));
            write_cell(value, &mut row[column]);
        }
        if any {
            take(&row, lossy)?;
        }
        Ok(())
    }
}

/// The reader of this old format trusts offsets in the file: one that points nowhere ends it in a panic.
fn guarded<T>(read: impl FnOnce() -> Result<T, XlsError>) -> Result<T, Refusal> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(_)) | Err(_) => Err(ole_guard::damaged()),
    }
}

impl Workbook for Xls<BufReader<File>> {
    fn sheets(&self) -> Vec<String> {
        self.sheet_names()
    }

    fn each_row(&mut self, sheet: &str, take: &mut TakeRow<'_>) -> Result<(), Halt> {
        let range = guarded(|| self.worksheet_range(sheet))?;
        let Some((above, left)) = range.start() else { return Ok(()) };
        let mut row: Vec<String> = Vec::new();
        for _ in 0..above {
            if !take(&row, false)? {
                return Ok(());
            }
        }
        for cells in range.rows() {
            row.clear();
            row.resize(left as usize, String::new());
            let mut lossy = false;
            for cell in cells {
                let value = borrowed(cell);
                lossy |= matches!(value, DataRef::Error(_));
                let mut text = String::new();
                write_cell(&value, &mut text);
                row.push(text);
            }
            if !take(&row, lossy)? {
                return Ok(());
            }
        }
        Ok(())
    }
}

fn borrowed(cell: &Data) -> DataRef<'_> {
    match cell {
        Data::Int(n) => DataRef::Int(*n),
        Data::Float(n) => DataRef::Float(*n),
        Data::String(s) | Data::DateTimeIso(s) | Data::DurationIso(s) => DataRef::SharedString(s),
        Data::Bool(b) => DataRef::Bool(*b),
        Data::DateTime(at) => DataRef::DateTime(*at),
        Data::Error(e) => DataRef::Error(e.clone()),
        _ => DataRef::Empty,
    }
}

fn write_cell(value: &DataRef<'_>, out: &mut String) {
    out.clear();
    match value {
        DataRef::Empty => {}
        DataRef::SharedString(s) => out.push_str(s),
        DataRef::String(s) | DataRef::DateTimeIso(s) | DataRef::DurationIso(s) => out.push_str(s),
        DataRef::Int(n) => out.push_str(&n.to_string()),
        DataRef::Float(n) => write_float(*n, out),
        DataRef::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        DataRef::DateTime(at) if at.is_datetime() => write_datetime(at, out),
        DataRef::DateTime(at) => write_float(at.as_f64(), out),
        // `#N/A`: shown as what cannot be read.
        DataRef::Error(_) => out.push('\u{fffd}'),
    }
}

/// Whole numbers without a point. Above 2^53 a spreadsheet has lost digits: the exponent form makes sure that
/// such a cell is never taken for a citizen number or a count.
fn write_float(n: f64, out: &mut String) {
    use std::fmt::Write;
    let _ = if n.abs() >= 9_007_199_254_740_992.0 {
        write!(out, "{n:e}")
    } else if n.fract() == 0.0 {
        write!(out, "{}", n as i64)
    } else {
        write!(out, "{n}")
    };
}

fn write_datetime(at: &ExcelDateTime, out: &mut String) {
    use std::fmt::Write;
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    let _ = write!(out, "{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) != (0, 0, 0) {
        let _ = write!(out, " {hour:02}:{minute:02}:{second:02}");
    }
}
