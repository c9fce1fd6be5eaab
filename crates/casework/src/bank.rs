//! The file for the bank: CSV (UTF-8 with BOM, which spreadsheet programs need to show Chinese) or XLSX.

use crate::{case_no::codes, error::Result};
use chrono::{Datelike, NaiveDate};
use rust_xlsxwriter::{Format, Workbook};
use sha2::{Digest, Sha256};
use tuodi_pack::{Fen, Pack};

codes! {
    BankFormat {
        Csv = "csv", "CSV", "CSV";
        Xlsx = "xlsx", "Excel", "Excel";
    }
}

#[derive(Clone, PartialEq, Eq)]
pub struct BankFile {
    pub name: String,
    pub mime: &'static str,
    pub bytes: Vec<u8>,
    /// Hex; stands in the journal.
    pub sha256: String,
}

/// Without the bytes: they hold names and accounts.
impl std::fmt::Debug for BankFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BankFile({}, {} bytes)", self.name, self.bytes.len())
    }
}

pub(crate) struct BankLine {
    /// Comes back in the bank's answer.
    pub reference: String,
    pub case: String,
    pub name: String,
    pub id_no: String,
    pub bank: String,
    pub account: String,
    pub programme: String,
    pub village: String,
    pub amount: Fen,
}

const HEADER: [&str; 11] = [
    "序号",
    "案件号",
    "户名",
    "身份号码",
    "开户银行",
    "账号",
    "救助类别",
    "村（社区）",
    "发放月份",
    "金额（元）",
    "流水号",
];

/// `1724.00`: always two decimals, no separators, as banks read it.
fn plain_yuan(amount: Fen) -> String {
    format!("{}.{:02}", amount.0 / 100, (amount.0 % 100).abs())
}

/// A cell that begins like a formula is written as text: nobody's name may run in a spreadsheet.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

pub(crate) fn write(pack: &Pack, month: NaiveDate, lines: &[BankLine], format: BankFormat) -> Result<BankFile> {
    let month_text = format!("{}-{:02}", month.year(), month.month());
    let bytes = match format {
        BankFormat::Csv => csv_bytes(&month_text, lines),
        BankFormat::Xlsx => xlsx_bytes(&month_text, lines)?,
    };
    Ok(BankFile {
        name: format!("{}_{}.{}", pack.info.id, month_text, format.id()),
        mime: match format {
            BankFormat::Csv => "text/csv; charset=utf-8",
            BankFormat::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        },
        sha256: hex::encode(Sha256::digest(&bytes)),
        bytes,
    })
}

fn cells(number: usize, month: &str, line: &BankLine) -> [String; 11] {
    [
        number.to_string(),
        line.case.clone(),
        harmless(&line.name),
        line.id_no.clone(),
        harmless(&line.bank),
        line.account.clone(),
        line.programme.clone(),
        line.village.clone(),
        month.to_owned(),
        plain_yuan(line.amount),
        line.reference.clone(),
    ]
}

fn csv_bytes(month: &str, lines: &[BankLine]) -> Vec<u8> {
    let mut text = String::from("\u{feff}");
    let mut push = |row: &[String]| {
        for (i, cell) in row.iter().enumerate() {
            if i > 0 {
                text.push(',');
            }
            if cell.contains([',', '"', '\n', '\r']) {
                text.push('"');
                text.push_str(&cell.replace('"', "\"\""));
                text.push('"');
            } else {
                text.push_str(cell);
            }
        }
        text.push_str("\r\n");
    };
    push(&HEADER.map(str::to_owned));
    for (i, line) in lines.iter().enumerate() {
        push(&cells(i + 1, month, line));
    }
    text.into_bytes()
}

fn xlsx_bytes(month: &str, lines: &[BankLine]) -> Result<Vec<u8>> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let money = Format::new().set_num_format("#,##0.00");
    let sheet = book.add_worksheet();
    sheet.set_name("数据")?;
    for (column, title) in HEADER.iter().enumerate() {
        sheet.write_string_with_format(0, column as u16, *title, &bold)?;
    }
    let mut total = 0;
    for (i, line) in lines.iter().enumerate() {
        let row = i as u32 + 1;
        sheet.write_number(row, 0, row)?;
        // Numbers of people and accounts are text: a spreadsheet would round their last digits.
        for (column, cell) in cells(i + 1, month, line).into_iter().enumerate().take(9).skip(1) {
            sheet.write_string(row, column as u16, cell)?;
        }
        sheet.write_number_with_format(row, 9, line.amount.0 as f64 / 100.0, &money)?;
        sheet.write_string(row, 10, &line.reference)?;
        total += line.amount.0;
    }
    let last = lines.len() as u32;
    sheet.autofilter(0, 0, last.max(1), HEADER.len() as u16 - 1)?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, width) in [6, 14, 12, 22, 18, 26, 18, 16, 10, 12, 14].into_iter().enumerate() {
        sheet.set_column_width(column as u16, width)?;
    }
    let notes = book.add_worksheet();
    notes.set_name("说明")?;
    for (row, (name, value)) in [
        ("发放月份", month.to_owned()),
        ("笔数", lines.len().to_string()),
        ("合计（元）", plain_yuan(Fen(total))),
        ("账号为空的", "由财政部门按身份号码发放到其掌握的一卡通账户".to_owned()),
    ]
    .into_iter()
    .enumerate()
    {
        notes.write_string_with_format(row as u32, 0, name, &bold)?;
        notes.write_string(row as u32, 1, value)?;
    }
    notes.set_column_width(0, 16)?;
    notes.set_column_width(1, 60)?;
    Ok(book.save_to_buffer()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, amount: i64) -> BankLine {
        BankLine {
            reference: "1-1".to_owned(),
            case: "QY26-00001".to_owned(),
            name: name.to_owned(),
            id_no: "990102195703160028".to_owned(),
            bank: "清晏农商银行".to_owned(),
            account: "6200000000001234567".to_owned(),
            programme: "最低生活保障".to_owned(),
            village: "柳荫社区".to_owned(),
            amount: Fen(amount),
        }
    }

    #[test]
    fn the_csv_begins_with_a_byte_order_mark_and_writes_two_decimals() {
        let text = String::from_utf8(csv_bytes("2026-09", &[line("李某", 254_000)])).unwrap();
        assert!(text.starts_with('\u{feff}'));
        assert!(text.contains(",2026-09,2540.00,1-1\r\n"), "{text}");
    }

    #[test]
    fn a_name_cannot_become_a_formula() {
        let text = String::from_utf8(csv_bytes("2026-09", &[line("=1+1", 100)])).unwrap();
        assert!(text.contains(",'=1+1,"), "{text}");
    }

    #[test]
    fn the_workbook_is_a_zip_with_the_same_lines() {
        let bytes = xlsx_bytes("2026-09", &[line("李某", 254_000)]).unwrap();
        assert_eq!(&bytes[..2], b"PK");
    }
}
