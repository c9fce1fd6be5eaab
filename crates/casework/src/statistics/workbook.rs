//! The monthly report as offices file it: title, unit, day, a merged heading for each programme, sums first.

use super::{MonthReport, Shown};
use crate::{BankFile, Cx, error::Result};
use chrono::Datelike;
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook, Worksheet};
use sha2::{Digest, Sha256};
use tuodi_pack::Lang;

const COLUMNS: [(&str, &str); 7] = [
    ("户数（户）", "Households"),
    ("人数（人）", "People"),
    ("本月新增（户）", "New"),
    ("本月退出（户）", "Stopped"),
    ("金额待定（户）", "Without an amount yet"),
    ("本月应发（元）", "Due, CNY"),
    ("名单发放（元）", "On signed lists, CNY"),
];

struct Looks {
    title: Format,
    small: Format,
    head: Format,
    cell: Format,
    whole: Format,
    money: Format,
}

fn looks() -> Looks {
    let boxed = || Format::new().set_border(FormatBorder::Thin);
    Looks {
        title: Format::new().set_bold().set_font_size(16).set_align(FormatAlign::Center),
        small: Format::new().set_align(FormatAlign::Left),
        head: boxed().set_bold().set_text_wrap().set_align(FormatAlign::Center).set_align(FormatAlign::VerticalCenter),
        cell: boxed(),
        whole: boxed().set_num_format("#,##0"),
        money: boxed().set_num_format("#,##0.00"),
    }
}

/// Columns of a programme's own categories: what lists pay is not kept by category.
const OF_A_CLASS: usize = 6;

/// The first `columns` figures of a row; a dash for what is held back.
fn figures(
    sheet: &mut Worksheet,
    looks: &Looks,
    (row, first): (u32, u16),
    shown: &Shown,
    columns: usize,
    least: Option<u64>,
) -> Result<()> {
    let whole = shown.whole.iter().map(|n| (n.map(|n| n as f64), &looks.whole));
    let sums = shown.sums.iter().map(|fen| (fen.map(|fen| fen.0 as f64 / 100.0), &looks.money));
    for (column, (figure, format)) in (first..).zip(whole.chain(sums).take(columns)) {
        match figure {
            Some(figure) => sheet.write_number_with_format(row, column, figure, format)?,
            None => sheet.write_string_with_format(row, column, format!("<{}", least.unwrap_or(0)), &looks.cell)?,
        };
    }
    Ok(())
}

/// The report as a workbook: by region, and by the programmes' own categories. Sums only: nobody is named in it.
pub fn month_workbook(cx: &Cx, report: &MonthReport, lang: Lang) -> Result<BankFile> {
    let looks = looks();
    let word = |zh: &'static str, en: &'static str| if lang == Lang::Zh { zh } else { en };
    let region = |code: &str| cx.pack.regions.get(code).map_or(code, |r| r.name.get(lang)).to_owned();
    let programme = |id: &str| cx.pack.programme(id).map_or(id, |p| p.title.get(lang)).to_owned();
    let (month, day) = (report.month, report.as_of);
    let title = match lang {
        Lang::Zh => format!("{}社会救助月报表（{}年{}月）", region(&report.region), month.year(), month.month()),
        Lang::En => format!("Social assistance of {}, {}", region(&report.region), month.format("%B %Y")),
    };
    let about = match lang {
        Lang::Zh => format!("数据截至：{}年{}月{}日　　计量单位：户、人、元", day.year(), day.month(), day.day()),
        Lang::En => format!("As known on {day}. Units: households, people, CNY"),
    };
    let programmes = report.programmes();
    let width = u16::try_from(COLUMNS.len() * programmes.len().max(1)).unwrap_or(u16::MAX);
    let mut file = Workbook::new();
    let sheet = file.add_worksheet();
    sheet.set_name(word("按地区", "By region"))?;
    sheet.merge_range(0, 0, 0, width, &title, &looks.title)?;
    sheet.merge_range(1, 0, 1, width, &about, &looks.small)?;
    sheet.merge_range(2, 0, 3, 0, word("地区", "Region"), &looks.head)?;
    for (i, id) in programmes.iter().enumerate() {
        let first = 1 + u16::try_from(i * COLUMNS.len()).unwrap_or(u16::MAX);
        sheet.merge_range(2, first, 2, first + 6, &programme(id), &looks.head)?;
        for (column, (zh, en)) in (first..).zip(COLUMNS) {
            sheet.write_string_with_format(3, column, word(zh, en), &looks.head)?;
        }
    }
    let places = std::iter::once(None).chain(report.townships().into_iter().map(Some));
    for (row, township) in (4..).zip(places) {
        let name = township.map_or_else(|| word("合计", "Total").to_owned(), region);
        sheet.write_string_with_format(row, 0, name, &looks.cell)?;
        for (i, id) in programmes.iter().enumerate() {
            let first = 1 + u16::try_from(i * COLUMNS.len()).unwrap_or(u16::MAX);
            figures(sheet, &looks, (row, first), &report.shown(id, township), COLUMNS.len(), report.least)?;
        }
    }
    sheet.set_column_width(0, 20)?;
    for column in 1..=width {
        sheet.set_column_width(column, 13)?;
    }
    sheet.set_freeze_panes(4, 1)?;
    sheet.set_landscape();

    let sheet = file.add_worksheet();
    sheet.set_name(word("按类别", "By category"))?;
    sheet.merge_range(0, 0, 0, 7, &title, &looks.title)?;
    sheet.merge_range(1, 0, 1, 7, &about, &looks.small)?;
    let heads = [("项目", "Programme"), ("类别", "Category")].into_iter().chain(COLUMNS.into_iter().take(OF_A_CLASS));
    for (column, (zh, en)) in (0..).zip(heads) {
        sheet.write_string_with_format(2, column, word(zh, en), &looks.head)?;
    }
    for (row, (id, class, shown)) in (3..).zip(report.shown_classes()) {
        let known = cx.pack.workflow.living.classes.iter().find(|c| c.id == class);
        sheet.write_string_with_format(row, 0, programme(id), &looks.cell)?;
        sheet.write_string_with_format(row, 1, known.map_or(class, |c| c.title.get(lang)), &looks.cell)?;
        figures(sheet, &looks, (row, 2), &shown, OF_A_CLASS, report.least)?;
    }
    sheet.set_column_width(0, 22)?;
    sheet.set_column_width(1, 30)?;
    for column in 2..8 {
        sheet.set_column_width(column, 15)?;
    }
    let bytes = file.save_to_buffer()?;
    Ok(BankFile {
        name: format!("report_{}_{}_{}.xlsx", report.region, month.format("%Y-%m"), day),
        mime: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        sha256: hex::encode(Sha256::digest(&bytes)),
        bytes,
    })
}
