//! A trial as an Excel workbook: a sheet of groups for each scenario, and what the figures mean.

use crate::words;
use rust_xlsxwriter::{Format, FormatBorder, Workbook, Worksheet, XlsxError};
use tuodi_pack::{
    Lang, Pack,
    trial::{Count, Outcome, Row, Sum, Trial},
};

/// `who` made it, for the last sheet.
pub fn trial_book(pack: &Pack, trial: &Trial, lang: Lang, who: &str) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheets = Book { pack, lang, head: Format::new().set_bold().set_border_bottom(FormatBorder::Thin) };
    let several = trial.outcomes.len() > 1;
    for (i, outcome) in trial.outcomes.iter().enumerate() {
        let name = |key: &str| {
            let word = words::text(lang, key);
            if several { format!("{word} {}", i + 1) } else { word.to_owned() }
        };
        sheets.groups(book.add_worksheet().set_name(name("trial.sheet.tables"))?, outcome)?;
        sheets.programmes(book.add_worksheet().set_name(name("trial.sheet.programmes"))?, outcome)?;
        sheets.moves(book.add_worksheet().set_name(name("trial.sheet.moves"))?, outcome)?;
        sheets.sizes(book.add_worksheet().set_name(name("trial.sheet.sizes"))?, outcome)?;
    }
    sheets.about(book.add_worksheet().set_name(words::text(lang, "trial.sheet.about"))?, trial, who)?;
    book.save_to_buffer()
}

struct Book<'a> {
    pack: &'a Pack,
    lang: Lang,
    head: Format,
}

const COLUMNS: [&str; 11] = [
    "group",
    "households",
    "helped",
    "gain",
    "lose",
    "enter",
    "leave",
    "change_tier",
    "month",
    "month_change",
    "year_change",
];

/// What is kept back stays a text, so that nobody adds it up as nothing.
const FEW: &str = "<10";

fn count(sheet: &mut Worksheet, row: u32, col: u16, n: Count) -> Result<(), XlsxError> {
    match n {
        Some(n) => sheet.write_number(row, col, n as f64)?,
        None => sheet.write_string(row, col, FEW)?,
    };
    Ok(())
}

fn money(sheet: &mut Worksheet, row: u32, col: u16, fen: Sum) -> Result<(), XlsxError> {
    let yuan = Format::new().set_num_format("#,##0.00");
    match fen {
        // Fen are exact in a double far beyond any district's budget.
        Some(fen) => sheet.write_number_with_format(row, col, fen as f64 / 100.0, &yuan)?,
        None => sheet.write_string(row, col, "—")?,
    };
    Ok(())
}

impl Book<'_> {
    fn header(&self, sheet: &mut Worksheet, keys: &[&str]) -> Result<(), XlsxError> {
        for (col, key) in keys.iter().enumerate() {
            let word = words::text(self.lang, &format!("trial.column.{key}"));
            sheet.write_string_with_format(0, col as u16, word, &self.head)?;
        }
        sheet.set_freeze_panes(1, 1)?;
        Ok(())
    }

    fn tier(&self, id: &str) -> String {
        self.pack.programme(id).map_or("—", |p| p.title.get(self.lang)).to_owned()
    }

    fn groups(&self, sheet: &mut Worksheet, outcome: &Outcome) -> Result<(), XlsxError> {
        self.header(sheet, &COLUMNS)?;
        let mut at = 1;
        self.row(sheet, at, &outcome.total)?;
        for table in &outcome.tables {
            at += 2;
            sheet.write_string_with_format(at, 0, table.title.get(self.lang), &self.head)?;
            for row in &table.rows {
                at += 1;
                self.row(sheet, at, row)?;
            }
        }
        sheet.autofit();
        Ok(())
    }

    fn row(&self, sheet: &mut Worksheet, at: u32, row: &Row) -> Result<(), XlsxError> {
        sheet.write_string(at, 0, row.title.get(self.lang))?;
        sheet.write_number(at, 1, row.households as f64)?;
        let counts = [row.helped, row.gain, row.lose, row.enter, row.leave, row.change_tier];
        for (i, n) in counts.into_iter().enumerate() {
            count(sheet, at, 2 + i as u16, n)?;
        }
        for (i, fen) in [row.month, row.month_change, row.year_change].into_iter().enumerate() {
            money(sheet, at, 8 + i as u16, fen)?;
        }
        Ok(())
    }

    fn programmes(&self, sheet: &mut Worksheet, outcome: &Outcome) -> Result<(), XlsxError> {
        self.header(sheet, &["programme", "before", "after", "year", "year_change"])?;
        for (i, row) in outcome.programmes.iter().enumerate() {
            let at = i as u32 + 1;
            sheet.write_string(at, 0, row.title.get(self.lang))?;
            count(sheet, at, 1, row.before)?;
            count(sheet, at, 2, row.after)?;
            money(sheet, at, 3, row.year)?;
            money(sheet, at, 4, row.year_change)?;
        }
        sheet.autofit();
        Ok(())
    }

    fn moves(&self, sheet: &mut Worksheet, outcome: &Outcome) -> Result<(), XlsxError> {
        self.header(sheet, &["from", "to", "households"])?;
        for (i, row) in outcome.moves.iter().enumerate() {
            let at = i as u32 + 1;
            sheet.write_string(at, 0, self.tier(&row.from))?;
            sheet.write_string(at, 1, self.tier(&row.to))?;
            count(sheet, at, 2, row.households)?;
        }
        sheet.autofit();
        Ok(())
    }

    fn sizes(&self, sheet: &mut Worksheet, outcome: &Outcome) -> Result<(), XlsxError> {
        self.header(sheet, &["size", "households"])?;
        for (i, row) in outcome.sizes.iter().enumerate() {
            let at = i as u32 + 1;
            sheet.write_string(at, 0, span(row.from, row.to))?;
            count(sheet, at, 1, row.households)?;
        }
        sheet.autofit();
        Ok(())
    }

    fn about(&self, sheet: &mut Worksheet, trial: &Trial, who: &str) -> Result<(), XlsxError> {
        let word = |key: &str| words::text(self.lang, &format!("trial.sheet.{key}"));
        let lines = [
            ("day", trial.as_of.to_string()),
            ("rules", trial.pack_version.clone()),
            ("data", trial.snapshot.clone()),
            ("district", trial.households.to_string()),
            ("who", who.to_owned()),
        ];
        let mut at = 0;
        for (key, value) in lines {
            sheet.write_string_with_format(at, 0, word(key), &self.head)?;
            sheet.write_string(at, 1, value)?;
            at += 1;
        }
        for outcome in &trial.outcomes {
            at += 1;
            sheet.write_string_with_format(at, 0, word("scenario"), &self.head)?;
            sheet.write_string(at, 1, &outcome.name)?;
            at += 1;
            for (col, key) in ["parameter", "unit", "old", "new"].into_iter().enumerate() {
                let title = words::text(self.lang, &format!("trial.column.{key}"));
                sheet.write_string_with_format(at, col as u16, title, &self.head)?;
            }
            for set in &outcome.settings {
                at += 1;
                sheet.write_string(at, 0, format!("{} ({})", set.title.get(self.lang), set.parameter))?;
                sheet.write_string(at, 1, &set.unit)?;
                if let Some(from) = set.from {
                    sheet.write_number(at, 2, from as f64)?;
                }
                sheet.write_number(at, 3, set.to as f64)?;
            }
            at += 1;
        }
        for key in ["least", "money"] {
            sheet.write_string(at, 0, word(key))?;
            at += 1;
        }
        sheet.set_column_width(0, 28)?;
        sheet.set_column_width(1, 40)?;
        Ok(())
    }
}

/// `+50 … +100` in yuan.
pub(crate) fn span(from: Option<i64>, to: Option<i64>) -> String {
    let yuan = |fen: i64| format!("{}{}", if fen > 0 { "+" } else { "" }, tuodi_pack::Fen(fen));
    match (from, to) {
        (Some(from), Some(to)) => format!("{} … {}", yuan(from), yuan(to)),
        (Some(from), None) => format!("≥ {}", yuan(from)),
        (None, Some(to)) => format!("≤ {}", yuan(to)),
        (None, None) => String::new(),
    }
}
