//! What people type: kept as typed, read generously, and each problem at its field.

use crate::{View, words};
use std::collections::BTreeMap;
use tuodi_pack::Fen;

/// The fields of a posted form, in plain text.
pub type Fields = BTreeMap<String, String>;

/// One problem: the field's id on the page and the message, which the summary repeats word for word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub field: String,
    pub message: String,
}

/// The problems of a form. Templates ask it for a field's message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    pub fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(Problem { field: field.into(), message: message.into() });
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// The message of one field; empty when it is fine.
    pub fn of(&self, field: &str) -> &str {
        self.0.iter().find(|p| p.field == field).map_or("", |p| p.message.as_str())
    }

    /// The rooms' field errors in the reader's words. A field with words of its own for the mistake has them in the door's
    /// catalogue as `<door>.problem.<field>_<kind>` (`citizen.problem.reasons_required`); the others are common.
    pub fn from_room(v: &View, door: &str, errors: &[tuodi_casework::FieldError]) -> Problems {
        let mut problems = Problems::default();
        for error in errors {
            let kind = error.key.rsplit('.').next().unwrap_or_default();
            let base = error.field.split('.').next().unwrap_or_default();
            let own = words::find(v.lang, &format!("{door}.problem.{base}_{kind}"));
            problems.add(&error.field, own.unwrap_or_else(|| v.t_of("common.form.error", kind)));
        }
        problems
    }
}

/// One choice of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub hint: String,
    pub chosen: bool,
}

impl Choice {
    /// Without a hint.
    pub fn new(value: impl Into<String>, label: impl Into<String>, chosen: &str) -> Choice {
        let value = value.into();
        Choice { chosen: value == chosen, label: label.into(), hint: String::new(), value }
    }
}

/// Digits as people type them: full width, with commas or spaces, in 万, with 元 behind.
pub fn plain_digits(typed: &str) -> String {
    typed
        .chars()
        .filter_map(|c| match c {
            '０'..='９' => char::from_u32(c as u32 - '０' as u32 + '0' as u32),
            '．' | '。' => Some('.'),
            ',' | '，' | '、' | '_' => None,
            c if c.is_whitespace() => None,
            c => Some(c),
        })
        .collect()
}

/// Reads an amount in yuan: `12000`, `１２，０００元`, `1.2万`, `￥300.50`. `None` when it is no amount of money.
pub fn money(typed: &str) -> Option<Fen> {
    let text = plain_digits(typed);
    let text = text.trim_start_matches(['¥', '￥']).trim_end_matches('元').trim_end_matches('块');
    let (number, factor) = match text.strip_suffix('万') {
        Some(number) => (number, 10_000),
        None => (text, 1),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || part.len() > 6 || !digits(whole) || !digits(part) {
        return None;
    }
    // Exact: yuan are scaled to millionths before the factor, and fen must come out whole.
    let millionths: i128 = format!("{whole}{part:0<6}").parse().ok()?;
    let fen = millionths * factor * 100;
    (fen % 1_000_000 == 0).then(|| i64::try_from(fen / 1_000_000).ok().map(Fen)).flatten()
}

/// A date typed as `2026-11-20`, `2026/11/20`, `2026.11.20` or `20261120`, also in full-width digits.
pub fn date(typed: &str) -> Option<chrono::NaiveDate> {
    let text: String =
        plain_digits(typed).replace(['/', '.', '年', '月'], "-").trim_end_matches(['日', '号']).to_owned();
    chrono::NaiveDate::parse_from_str(&text, "%Y-%m-%d")
        .or_else(|_| chrono::NaiveDate::parse_from_str(&text, "%Y%m%d"))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_read_the_way_people_write_it() {
        for (typed, fen) in [
            ("12000", 1_200_000),
            ("12,000", 1_200_000),
            ("１２，０００", 1_200_000),
            ("1.2万", 1_200_000),
            ("1.2 万元", 1_200_000),
            ("3万", 3_000_000),
            ("￥300.5", 30_050),
            ("300.50元", 30_050),
            ("0", 0),
            ("0.01", 1),
        ] {
            assert_eq!(money(typed), Some(Fen(fen)), "{typed}");
        }
    }

    #[test]
    fn what_is_no_amount_is_asked_again() {
        for typed in ["", "三万八", "12.345", "1.2.3", "-5", "abc", "1e5", "9999999999999"] {
            assert_eq!(money(typed), None, "{typed}");
        }
    }

    #[test]
    fn dates_are_read_in_the_usual_forms() {
        let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 5);
        for typed in [
            "2026-11-05",
            "2026/11/5",
            "2026.11.05",
            "20261105",
            "2026年11月5日",
            "２０２６－１１－０５".replace('－', "-").as_str(),
        ] {
            assert_eq!(date(typed), day, "{typed}");
        }
        assert_eq!(date("2026-02-30"), None);
    }
}
