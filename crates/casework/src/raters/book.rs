//! The agreement of assessors as a workbook. Case numbers, no names.

use super::{RaterReport, ReportLine};
use crate::{BankFile, Cx, error::Result};
use rust_xlsxwriter::{Format, Workbook, Worksheet};
use sha2::{Digest, Sha256};
use tuodi_pack::Lang;

fn heads(sheet: &mut Worksheet, bold: &Format, row: u32, titles: &[&str]) -> Result<()> {
    for (column, title) in (0u16..).zip(titles) {
        sheet.write_string_with_format(row, column, *title, bold)?;
    }
    Ok(())
}

/// Two sheets: the figures, and the pairs that differ.
pub fn rater_workbook(cx: &Cx, report: &RaterReport, lang: Lang) -> Result<BankFile> {
    let word = |zh: &'static str, en: &'static str| if lang == Lang::Zh { zh } else { en };
    let bold = Format::new().set_bold();
    let share = Format::new().set_num_format("0.0%");
    let kappa = Format::new().set_num_format("0.000");
    let points = Format::new().set_num_format("0.0");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(word("一致性", "Agreement"))?;
    let titles = [
        word("编号", "Id"),
        word("题目、维度", "Question or dimension"),
        word("两人都答（对）", "Pairs"),
        word("只有一人答（对）", "Answered by one"),
        word("相同比例", "Same answer"),
        word("加权Kappa", "Weighted kappa"),
        word("说明", "Note"),
    ];
    heads(sheet, &bold, 0, &titles)?;
    let lines = report.level.iter().chain(&report.dimensions).chain(&report.questions);
    for (row, line) in (1u32..).zip(lines) {
        let ReportLine { id, title, agreement, one_sided } = line;
        sheet.write_string(row, 0, id)?;
        sheet.write_string(row, 1, title.get(lang))?;
        sheet.write_number(row, 2, agreement.pairs)?;
        sheet.write_number(row, 3, *one_sided)?;
        if let Some(same) = agreement.share() {
            sheet.write_number_with_format(row, 4, f64::from(same) / 1000.0, &share)?;
        }
        if let Some(found) = agreement.kappa {
            sheet.write_number_with_format(row, 5, f64::from(found) / 1000.0, &kappa)?;
        }
        if report.too_few(line) {
            sheet.write_string(row, 6, word("样本太少，仅供参考", "Too few pairs to go by"))?;
        }
    }
    sheet.autofit();
    let sheet = book.add_worksheet();
    sheet.set_name(word("差异", "Differences"))?;
    let titles = [
        word("案件号", "Case"),
        word("月份", "Month"),
        word("乡镇（街道）", "Township"),
        word("首评", "First"),
        word("复评", "Second"),
        word("相差", "Apart"),
        word("不一致的题目", "Answered differently"),
    ];
    heads(sheet, &bold, 0, &titles)?;
    for (row, gap) in (1u32..).zip(&report.gaps) {
        let township = cx.pack.regions.get(&gap.township).map_or(gap.township.as_str(), |r| r.name.get(lang));
        let differs: Vec<&str> = gap.differs.iter().map(|t| t.get(lang)).collect();
        sheet.write_string(row, 0, gap.case.as_str())?;
        sheet.write_string(row, 1, gap.month.format("%Y-%m").to_string())?;
        sheet.write_string(row, 2, township)?;
        for (column, thousandths) in [(3, gap.first.0), (4, gap.second.0), (5, gap.gap)] {
            sheet.write_number_with_format(row, column, f64::from(thousandths) / 1000.0, &points)?;
        }
        sheet.write_string(row, 6, differs.join(word("、", ", ")))?;
    }
    sheet.autofit();
    let bytes = book.save_to_buffer()?;
    Ok(BankFile {
        name: format!("raters_{}.xlsx", cx.now.format("%Y%m%d")),
        mime: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        sha256: hex::encode(Sha256::digest(&bytes)),
        bytes,
    })
}
