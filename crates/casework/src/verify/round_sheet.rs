//! The list for a department: one sheet that says who is asked about and holds the columns of the answer. Filled in, it is
//! the reply.

use crate::verify::rounds::Asked;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use tuodi_pack::{
    Pack,
    source::{Column, ColumnType, Source},
};

/// Our own columns: how they are headed, first as we write it.
pub const OWN: [&[&str]; 7] = [
    &["询问编号", "Query reference"],
    &["查询对象", "Person asked about"],
    &["核对授权号", "Authorisation of the query"],
    &["核对用途", "Purpose of the query"],
    &["情况截至", "Facts as of"],
    &["结果（有/无/拒绝）", "Result (found/none/refused)"],
    &["拒绝原因", "Reason of refusal"],
];
pub(super) const REFERENCE: usize = 0;
pub(super) const RESULT: usize = 5;
pub(super) const REASON: usize = 6;

fn heading(column: &Column) -> String {
    match column.kind {
        ColumnType::Money => format!("{}（元）", column.title.zh),
        _ => column.title.zh.clone(),
    }
}

pub(super) fn write(pack: &Pack, source: &Source, people: &[Asked]) -> Result<Vec<u8>, XlsxError> {
    let bold = Format::new().set_bold();
    // As text: a number of eighteen digits would lose its last three.
    let text = Format::new().set_num_format("@");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("询问名单")?;
    let columns: Vec<&Column> = source.columns.iter().filter(|c| c.kind != ColumnType::Ignore).collect();
    let heads = OWN.iter().map(|names| names[0].to_owned()).chain(columns.iter().map(|c| heading(c)));
    for (i, head) in heads.enumerate() {
        let at = i as u16;
        sheet.write_with_format(0, at, head, &bold)?;
        sheet.set_column_width(at, 18)?;
        sheet.set_column_format(at, &text)?;
    }
    // The first column of a number is that of the person asked about.
    let number = columns.iter().position(|c| c.kind == ColumnType::IdNo);
    for (i, person) in people.iter().enumerate() {
        let row = i as u32 + 1;
        let purpose = pack.verification.purpose(&person.purpose).map_or("", |p| p.title.zh.as_str());
        let as_of = person.as_of.to_string();
        let cells = [&*person.reference, &*person.name, &*person.authorisation, purpose, &*as_of];
        for (at, cell) in cells.into_iter().enumerate() {
            sheet.write_with_format(row, at as u16, cell, &text)?;
        }
        if let Some(at) = number {
            sheet.write_with_format(row, (OWN.len() + at) as u16, person.id_no.as_str(), &text)?;
        }
    }
    sheet.set_freeze_panes(1, 2)?;
    book.save_to_buffer()
}
