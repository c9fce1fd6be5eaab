//! The rows of a small file as they were written, whatever its format: a list of people that a form takes, a
//! department's reply to a list of questions. Read as intake reads its files; nothing of it gets into the pool.

use crate::{
    Limits, Refusal, Tokeniser,
    contract::{Contracts, HEAD_ROWS, Hint},
    convert::{Plan, Slot, Surroundings},
    dates,
    input::{self, Found, Halt, Opener},
    manifest::Format,
    record, spelling,
};
use arrow::datatypes::{Decimal128Type, DecimalType};
use chrono::NaiveDate;
use serde_json::{Map, Value};
use std::path::Path;
use tuodi_pack::{Pack, Text, source::Column};

/// Rows that such a file may have.
pub const MOST_ROWS: usize = 1_048_576;

/// A row of a reply: columns of our own beside those of the source's contract.
#[derive(Debug, Clone, PartialEq)]
pub struct TypedRow {
    /// Of the file, from 1.
    pub row: usize,
    /// In the order in which they were asked for; empty where the row leaves one out.
    pub own: Vec<String>,
    /// As a reply over HTTP has them: money in fen, dates as `2026-09-01`, codes of the contract. Empty cells are left out.
    pub values: Map<String, Value>,
    /// Title of the column, and what is wrong with the value.
    pub problems: Vec<(Text, Text)>,
}

/// All rows of a file, of an archive those of its one file. Blank rows stay, so that the numbers of rows are the file's.
///
/// # Errors
/// Place, problem and remedy of a file that cannot be read, or is too long.
pub fn cells(
    path: &Path,
    scratch: &Path,
    open: Option<&Opener<'_>>,
    limits: &Limits,
) -> Result<Vec<Vec<String>>, Refusal> {
    let whole = Found::on_disk(path, open);
    let files = whole.inside(limits, scratch)?;
    let [file] = files.as_slice() else {
        return Err(Refusal::whole(
            Text::new("压缩包里不止一个文件", "there is more than one file in the archive"),
            Text::new("请只发一个文件", "send one file only"),
        ));
    };
    let opened = input::open(file, limits)?;
    let nobody = Contracts::new(&[], &[]);
    let mut all: Vec<Vec<String>> = Vec::new();
    let read = input::read(&opened, limits, &nobody, &mut |rows| {
        for i in 0..rows.len() {
            let mut fields = Vec::new();
            record::split(rows.record(i), opened.delimiter, &mut fields);
            all.push(fields.iter().map(|field| spelling::bare(field).to_owned()).collect());
        }
        if rows.lossy {
            return Err(Halt::Refused(Refusal::whole(
                Text::new("有的字符无法识别", "some characters cannot be decoded"),
                Text::new("请另存为 UTF-8 编码的 CSV 或 XLSX", "save it as CSV in UTF-8, or as XLSX"),
            )));
        }
        if all.len() > MOST_ROWS { Err(Halt::Gone) } else { Ok(()) }
    });
    match read {
        Ok(()) => Ok(all),
        Err(Halt::Refused(refusal)) => Err(refusal),
        Err(Halt::Gone) => Err(Refusal::whole(
            Text::new(format!("超过{MOST_ROWS}行"), format!("there are more than {MOST_ROWS} rows")),
            Text::new("请分成几个文件", "divide it into several files"),
        )),
    }
}

/// The rows below the header of a reply: `own` are the spellings of each column of ours, all others are the contract's.
///
/// # Errors
/// As [`cells`], and a header in which a column is missing, unknown or doubled.
pub fn typed(
    rows: &[Vec<String>],
    own: &[&[&str]],
    pack: &Pack,
    source: &str,
    tokeniser: Tokeniser,
    today: NaiveDate,
) -> Result<Vec<TypedRow>, Refusal> {
    let at = |row: &[String], names: &[&str]| {
        let is = |cell: &String| names.iter().any(|name| spelling::header_text(name) == spelling::header_text(cell));
        row.iter().position(is)
    };
    let found = rows.iter().take(HEAD_ROWS).position(|row| own.iter().all(|names| at(row, names).is_some()));
    let Some(header_row) = found else {
        let names: Vec<&str> = own.iter().filter_map(|names| names.first().copied()).collect();
        return Err(Refusal::whole(
            Text::new(
                format!("没有找到带这些列的表头：{}", names.join("、")),
                format!("no header has these columns: {}", names.join(", ")),
            ),
            Text::new(
                "请在下载的回复表上填写，不要删改表头",
                "fill in the form that was downloaded and leave its header as it is",
            ),
        ));
    };
    let head = &rows[header_row];
    let ours: Vec<usize> = own.iter().filter_map(|names| at(head, names)).collect();
    let theirs = |row: &[String]| -> Vec<String> {
        row.iter().enumerate().filter(|(i, _)| !ours.contains(i)).map(|(_, cell)| cell.clone()).collect()
    };
    let contracts = Contracts::new(&pack.sources, &[]);
    let header = contracts.find(&[theirs(head)], &Hint::of_source(source))?;
    let contract = &pack.sources[header.source];
    let plan = Plan::new(contract, header, b',', Format::Csv);
    let around = Surroundings::new(pack, today, tokeniser);
    let mut out = Vec::new();
    for (i, row) in rows.iter().enumerate().skip(header_row + 1).filter(|(_, row)| row.iter().any(|c| !c.is_empty())) {
        let fields = theirs(row);
        let own = ours.iter().map(|&at| row.get(at).cloned().unwrap_or_default()).collect();
        let mut typed = TypedRow { row: i + 1, own, values: Map::new(), problems: Vec::new() };
        for (column, plan) in contract.columns.iter().zip(&plan.columns) {
            let text = plan.field.and_then(|f| fields.get(f)).map_or("", String::as_str);
            // What is missing is for whoever knows whether the row says anything at all.
            if text.is_empty() {
                continue;
            }
            match plan.read(text, &around, &mut None) {
                Ok(slot) => typed.values.extend(value(column, slot, text, &plan.code_names)),
                Err(reason) => typed.problems.push((column.title.clone(), reason.text())),
            }
        }
        out.push(typed);
    }
    Ok(out)
}

fn value(column: &Column, slot: Slot, text: &str, codes: &[String]) -> Option<(String, Value)> {
    let value: Value = match slot {
        Slot::Null => return None,
        Slot::Int(n) => n.into(),
        Slot::Days(n) => dates::from_days(n)?.to_string().into(),
        Slot::Micros(n) => chrono::DateTime::from_timestamp_micros(n)?.to_rfc3339().into(),
        // Four places, as the pool keeps them, without a detour over fractions of two.
        Slot::Decimal(n) => Decimal128Type::format_decimal(n, Decimal128Type::MAX_PRECISION, 4).into(),
        Slot::Bool(yes) => yes.into(),
        Slot::Code(code) => codes.get(code as usize)?.as_str().into(),
        Slot::Region(code) => std::str::from_utf8(&code).ok()?.into(),
        Slot::Text | Slot::Id => text.into(),
    };
    Some((column.name.clone(), value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn pack() -> Pack {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/qingyan");
        Pack::load(&dir).unwrap_or_else(|problems| panic!("{problems}"))
    }

    fn rows(text: &str) -> Vec<Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.csv");
        std::fs::write(&path, text).unwrap();
        cells(&path, folder.path(), None, &Limits::default()).unwrap()
    }

    #[test]
    fn a_file_is_read_row_by_row_in_the_encoding_it_is_in() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("名单.csv");
        let (bytes, _, _) = encoding_rs::GB18030.encode("姓名,身份证号\n安建国,990102198104120036\n");
        std::fs::write(&path, bytes).unwrap();
        let read = cells(&path, folder.path(), None, &Limits::default()).unwrap();
        assert_eq!(read, [["姓名", "身份证号"], ["安建国", "990102198104120036"]]);
        std::fs::write(&path, b"\x89PNG\r\n\x1a\n\0\0\0").unwrap();
        let refused = cells(&path, folder.path(), None, &Limits::default()).unwrap_err();
        assert!(!refused.problem.zh.is_empty() && !refused.remedy.zh.is_empty());
    }

    #[test]
    fn a_reply_has_its_own_columns_beside_the_contracts_and_says_what_is_wrong_by_row() {
        let own: [&[&str]; 2] = [&["询问编号", "reference"], &["结果", "status"]];
        let text = "询问编号,结果,核对批次号,授权书编号,身份证号,机构代码,资产类型,余额（元）,查询日期\n\
                    7-1,有,B1,A1,990102198104120036,990001,存款,6500.00,2026/9/1\n\
                    7-2,无,,,,,,,\n\
                    7-3,有,B1,A1,990102198104120036,990001,存款,许多,2026-09-01\n";
        let pack = pack();
        let tokens: Tokeniser = Arc::new(|_, value| value.to_owned());
        let today = NaiveDate::from_ymd_opt(2026, 9, 2).unwrap();
        let read = typed(&rows(text), &own, &pack, "DS21", tokens.clone(), today);
        let read = read.unwrap_or_else(|r| panic!("{} {}", r.problem.zh, r.remedy.zh));
        assert_eq!(read[0].own, ["7-1", "有"]);
        assert_eq!(read[0].values["balance"], 650_000);
        assert_eq!(read[0].values["query_date"], "2026-09-01");
        assert!(read[1].values.is_empty() && read[1].problems.is_empty());
        assert_eq!((read[2].row, read[2].problems.len()), (4, 1));
        let without = typed(&rows("身份证号,余额\n1,2\n"), &own, &pack, "DS21", tokens, today).unwrap_err();
        assert!(without.problem.zh.contains("询问编号"), "{}", without.problem.zh);
    }
}
