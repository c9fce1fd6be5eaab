//! One department's file: its title rows, its header, its rows, and the rows that should not be there.

use crate::SynthError;
use crate::cell::{Cell, Column, MoneyForm, Spelling};
use crate::chance::Chance;
use crate::sheet::{Format, Sheet};
use serde::Serialize;
use std::path::Path;

/// How a broken row is broken (reject codes of data-sources.md section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// E01: the check character does not fit.
    CheckCharacter,
    /// E02: a region that the pack does not know.
    UnknownRegion,
    /// E03: a day that does not exist.
    ImpossibleDate,
    /// E04: a word outside the code list.
    UnknownCode,
    /// E06: a negative amount that is no refund.
    NegativeAmount,
    /// E07: the key is empty.
    MissingKey,
    /// E08: a day that has not come yet.
    FutureDate,
}

/// A fault that can be laid into a column, by the column's place.
pub type FaultAt = (usize, Fault);

pub struct FileSpec<'a> {
    pub source: &'static str,
    pub name: String,
    pub format: Format,
    pub spelling: Spelling,
    /// Rows above the header.
    pub preface: Vec<String>,
    pub columns: &'a [Column],
    pub faults: &'a [FaultAt],
}

/// What was written; goes into `truth/expected.json`.
#[derive(Debug, Clone, Serialize)]
pub struct FileReport {
    pub file: String,
    pub source: String,
    /// Data rows in the file: good ones, exact duplicates and broken ones.
    pub rows: u64,
    pub good: u64,
    pub duplicates: u64,
    pub broken: u64,
}

/// Writes one file. `fill` is called for each row and puts the row's cells into the vector; it returns false at the end.
pub fn write<'a>(
    dir: &Path,
    spec: &FileSpec<'_>,
    chance: &mut Chance,
    mut fill: impl FnMut(&mut Vec<Cell<'a>>) -> bool,
) -> Result<FileReport, SynthError> {
    let mut sheet = Sheet::create(&dir.join(&spec.name), spec.format)?;
    let mut report = FileReport {
        file: spec.name.clone(),
        source: spec.source.to_owned(),
        rows: 0,
        good: 0,
        duplicates: 0,
        broken: 0,
    };
    for line in &spec.preface {
        sheet.row(std::iter::once((line.as_str(), false)))?;
    }
    let mut cells: Vec<Cell<'a>> = Vec::with_capacity(spec.columns.len());
    let mut texts: Vec<(String, bool)> = spec.columns.iter().map(|_| (String::new(), false)).collect();
    let mut more = fill(&mut cells);
    header(spec, &cells, &mut texts);
    put(&mut sheet, &texts)?;
    let dirty = spec.spelling.slips;
    let (mut duplicated, mut broke) = (false, false);
    while more {
        let careless = dirty && chance.happens(0.03);
        spell(spec, &cells, careless, chance, &mut texts);
        put(&mut sheet, &texts)?;
        report.good += 1;
        if dirty {
            // the twelfth good row at the latest, so that small files show both kinds too
            if chance.happens(0.0008) || (!duplicated && report.good == 12) {
                put(&mut sheet, &texts)?;
                report.duplicates += 1;
                duplicated = true;
            }
            // Never so many that a small file would be held whole: nine rows in ten are good (data-sources.md 0.5).
            let by_chance = chance.happens(0.0008) && (report.broken + 1) * 25 <= report.good;
            if !spec.faults.is_empty() && (by_chance || (!broke && report.good == 9)) {
                let (at, fault) = *chance.one_of(spec.faults);
                break_cell(&mut texts[at], fault, spec.spelling);
                put(&mut sheet, &texts)?;
                report.broken += 1;
                broke = true;
            }
            // Somebody's number mistyped: without luck in it, so that every district has rows whose person must be found.
            if report.good == 25
                && let Some((at, fault)) = spec.faults.iter().find(|(_, fault)| *fault == Fault::CheckCharacter)
            {
                spell(spec, &cells, false, chance, &mut texts);
                break_cell(&mut texts[*at], *fault, spec.spelling);
                put(&mut sheet, &texts)?;
                report.broken += 1;
            }
        }
        cells.clear();
        more = fill(&mut cells);
    }
    sheet.finish()?;
    report.rows = report.good + report.duplicates + report.broken;
    Ok(report)
}

/// The header follows the kinds of the first row: money columns say their unit.
fn header(spec: &FileSpec<'_>, _first: &[Cell<'_>], texts: &mut [(String, bool)]) {
    for (column, (text, numeric)) in spec.columns.iter().zip(texts.iter_mut()) {
        text.clear();
        *numeric = false;
        spec.spelling.title(column, column.money || is_money(column.name), text);
    }
}

fn is_money(name: &str) -> bool {
    matches!(
        name,
        "benefit_month"
            | "amount"
            | "amount_month"
            | "total_fee"
            | "fund_basic"
            | "fund_major"
            | "fund_assist"
            | "oop_policy"
            | "oop_outside"
            | "pay_base"
            | "basic_pension_central"
            | "injury_nursing"
            | "price"
            | "est_value"
            | "capital"
            | "paid_capital"
            | "balance"
            | "avg_balance_12m"
            | "inflow_12m"
    )
}

fn spell(spec: &FileSpec<'_>, cells: &[Cell<'_>], careless: bool, chance: &mut Chance, texts: &mut [(String, bool)]) {
    debug_assert_eq!(cells.len(), spec.columns.len(), "{}", spec.source);
    for (cell, (text, numeric)) in cells.iter().zip(texts.iter_mut()) {
        text.clear();
        spec.spelling.write(*cell, careless, chance, text);
        *numeric = matches!(cell, Cell::Money(_) | Cell::Int(_) | Cell::Decimal(_));
    }
}

fn put(sheet: &mut Sheet, texts: &[(String, bool)]) -> Result<(), SynthError> {
    sheet.row(texts.iter().map(|(t, n)| (t.as_str(), *n)))
}

fn break_cell((text, numeric): &mut (String, bool), fault: Fault, spelling: Spelling) {
    match fault {
        Fault::CheckCharacter => {
            let plain: String = text.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
            // one step on in the list of check characters is always wrong; an old or full-width number gets too short
            let last = plain.chars().last().unwrap_or('0');
            let wrong = if last == '7' { '8' } else { '7' };
            *text = match plain.len() {
                18 => format!("{}{wrong}", &plain[..17]),
                _ => "9901021970".to_owned(),
            };
        }
        Fault::UnknownRegion => *text = "990999999999".to_owned(),
        Fault::ImpossibleDate => *text = "2026-02-30".to_owned(),
        Fault::UnknownCode => *text = "无此项".to_owned(),
        Fault::NegativeAmount => {
            *text = if spelling.money == MoneyForm::Yuan && spelling.chinese { "-35.00" } else { "-3500" }.to_owned();
            *numeric = true;
        }
        Fault::MissingKey => text.clear(),
        Fault::FutureDate => *text = "2099-01-01".to_owned(),
    }
}
