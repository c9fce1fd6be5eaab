//! Old Excel files (.xls) say themselves how much memory they want. What they say is checked before they are opened:
//! the container by `cfb`, and here the size of every sheet.

use crate::Refusal;
use std::{
    fs::File,
    io::{BufReader, ErrorKind, Read},
};
use tuodi_pack::Text;

/// What Excel 97 to 2003 can hold.
const MAX_ROWS: u64 = 65_536;
const MAX_COLUMNS: u64 = 256;
/// Sheets of this format are read as a whole: about 200 MB.
const MAX_CELLS: u64 = 4 << 20;
const MAX_BYTES: u64 = 256 << 20;

const FILE_PASS: u16 = 0x002f;
const SUBSTREAM: u16 = 0x0809;
const DIMENSIONS: u16 = 0x0200;
const MUL_RK: u16 = 0x00bd;
/// Formula, number, label, rich label, boolean, RK, shared string: each begins with its row and its column.
const CELLS: [u16; 7] = [0x0006, 0x0203, 0x0204, 0x00d6, 0x0205, 0x027e, 0x00fd];

pub(super) fn damaged() -> Refusal {
    Refusal::whole(
        Text::new("旧版 Excel 文件（.xls）不完整或已损坏", "the old Excel file (.xls) is cut off or damaged"),
        Text::new("请在 Excel 中打开检查，另存为 .xlsx 后发送", "open it in Excel, save it as .xlsx and send that"),
    )
}

fn too_large() -> Refusal {
    Refusal::whole(
        Text::new("旧版 Excel 文件（.xls）过大", "the old Excel file (.xls) is too large"),
        Text::new("请另存为 .xlsx 或 CSV 后发送", "save it as .xlsx or CSV and send that"),
    )
}

fn locked() -> Refusal {
    Refusal::whole(
        Text::new("工作簿设了密码", "the workbook has a password"),
        Text::new("请去掉密码后重新发送", "save it without a password and send that"),
    )
}

pub(super) fn check(file: File) -> Result<(), Refusal> {
    if file.metadata().map_err(|e| Refusal::unreadable(&e))?.len() > MAX_BYTES {
        return Err(too_large());
    }
    let mut container = cfb::CompoundFile::open(BufReader::new(file)).map_err(|_| damaged())?;
    if container.is_stream("/EncryptedPackage") {
        return Err(locked());
    }
    let name = ["/Workbook", "/Book"].into_iter().find(|name| container.is_stream(name)).ok_or_else(damaged)?;
    let mut records = BufReader::new(container.open_stream(name).map_err(|_| damaged())?);
    let (mut all, mut rows, mut columns) = (0, 0, 0);
    let mut data = Vec::new();
    let mut head = [0; 4];
    loop {
        match records.read_exact(&mut head) {
            Ok(()) => {}
            Err(e) if e.kind() == ErrorKind::UnexpectedEof => break,
            Err(_) => return Err(damaged()),
        }
        let (kind, length) = (word(&head, 0), word(&head, 2));
        data.resize(usize::from(length), 0);
        match records.read_exact(&mut data) {
            Ok(()) => {}
            // Some programs leave zeros behind the last record.
            Err(e) if e.kind() == ErrorKind::UnexpectedEof => break,
            Err(_) => return Err(damaged()),
        }
        let (last_row, last_column) = match kind {
            FILE_PASS => return Err(locked()),
            SUBSTREAM => {
                all += rows * columns;
                (rows, columns) = (0, 0);
                continue;
            }
            DIMENSIONS if matches!(data.len(), 10 | 14 | 16) => dimensions(&data)?,
            MUL_RK if data.len() >= 6 => (u64::from(word(&data, 0)) + 1, u64::from(word(&data, data.len() - 2)) + 1),
            kind if CELLS.contains(&kind) && data.len() >= 4 => {
                (u64::from(word(&data, 0)) + 1, u64::from(word(&data, 2)) + 1)
            }
            _ => continue,
        };
        if last_row > MAX_ROWS || last_column > MAX_COLUMNS {
            return Err(damaged());
        }
        (rows, columns) = (rows.max(last_row), columns.max(last_column));
        if all + rows * columns > MAX_CELLS {
            return Err(too_large());
        }
    }
    Ok(())
}

/// Rows and columns as the sheet itself claims them; a reader makes room for so many.
fn dimensions(data: &[u8]) -> Result<(u64, u64), Refusal> {
    let short = |at| u64::from(word(data, at));
    let (rows, columns) = match data.len() {
        10 => ((short(0), short(2)), (short(4), short(6))),
        _ => ((long(data, 0), long(data, 4)), (short(8), short(10))),
    };
    let empty = rows.1 == 0 || columns.1 == 0;
    if !empty && (rows.0 >= rows.1 || columns.0 == columns.1) {
        return Err(damaged());
    }
    Ok((rows.1, columns.1))
}

fn word(data: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([data[at], data[at + 1]])
}

fn long(data: &[u8], at: usize) -> u64 {
    u64::from(word(data, at)) | u64::from(word(data, at + 2)) << 16
}
