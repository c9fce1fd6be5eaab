//! Values on their way into a file, and how a sender spells them.

use crate::chance::Chance;
use crate::month::Month;
use crate::person::{Household, Person};
use crate::words;
use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use std::fmt::Write;

/// One value of a row, before a sender has spelt it.
#[derive(Debug, Clone, Copy)]
pub enum Cell<'a> {
    Nothing,
    Id(&'a str),
    Text(&'a str),
    Int(i64),
    Money(i64),
    Date(NaiveDate),
    Month(Month),
    Time(NaiveDateTime),
    Bool(bool),
    /// Hundredths: areas and shares.
    Decimal(i64),
    /// The contract's code and the Chinese word.
    Code((&'static str, &'static str)),
    /// A number of digits and letters made from parts: prefix, number, width.
    Serial(&'static str, u64, usize),
    /// A digest: what finance sends instead of an account number.
    Digest(u64),
    Name(&'a Person),
    /// Road, house, room.
    Address(&'a Household),
    /// Citizen number, kind and grade in one.
    Certificate(&'a str, u8, u8),
    /// A firm's or shop's invented name.
    Firm(u64, bool),
}

/// A column of a source: the contract's name and the title departments use.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    pub name: &'static str,
    pub title: &'static str,
    /// The title says the unit.
    pub money: bool,
}

pub const fn col(name: &'static str, title: &'static str) -> Column {
    Column { name, title, money: false }
}

pub const fn money(name: &'static str, title: &'static str) -> Column {
    Column { name, title, money: true }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoneyForm {
    /// `金额`, in the contract's unit.
    Fen,
    /// `金额（分）`.
    FenTitled,
    /// `金额（元）`, with two decimals.
    Yuan,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateForm {
    /// 2026-08-05
    Iso,
    /// 2026/8/5
    Slash,
    /// 20260805
    Compact,
    /// 2026年8月5日
    Chinese,
    /// 2026.08.05
    Dot,
}

const DATE_FORMS: [DateForm; 5] = [DateForm::Iso, DateForm::Slash, DateForm::Compact, DateForm::Chinese, DateForm::Dot];

/// How one sender writes.
#[derive(Debug, Clone, Copy)]
pub struct Spelling {
    pub money: MoneyForm,
    pub dates: DateForm,
    /// Chinese words instead of codes, and Chinese titles instead of column names.
    pub chinese: bool,
    /// Slips of the hand, which a careful reader repairs: they change no value.
    pub slips: bool,
}

impl Spelling {
    pub const CLEAN: Spelling = Spelling { money: MoneyForm::Fen, dates: DateForm::Iso, chinese: false, slips: false };

    pub fn title(&self, column: &Column, money: bool, out: &mut String) {
        out.push_str(if self.chinese { column.title } else { column.name });
        if money && self.chinese {
            match self.money {
                MoneyForm::Fen => {}
                MoneyForm::FenTitled => out.push_str("（分）"),
                MoneyForm::Yuan => out.push_str("（元）"),
            }
        }
    }

    /// Writes a value. `careless` marks a row where slips happen.
    pub fn write(&self, cell: Cell<'_>, careless: bool, chance: &mut Chance, out: &mut String) {
        let slip = careless && self.slips;
        match cell {
            Cell::Nothing => {}
            Cell::Id(id) => self.id(id, slip, chance, out),
            Cell::Text(text) => {
                if slip && chance.happens(0.1) {
                    out.push(' ');
                    out.push_str(text);
                    out.push_str("  ");
                } else {
                    out.push_str(text);
                }
            }
            Cell::Int(n) => _ = write!(out, "{n}"),
            Cell::Money(fen) => match self.money {
                MoneyForm::Yuan if self.chinese => {
                    let sign = if fen < 0 { "-" } else { "" };
                    let fen = fen.unsigned_abs();
                    _ = write!(out, "{sign}{}.{:02}", fen / 100, fen % 100);
                }
                _ => _ = write!(out, "{fen}"),
            },
            Cell::Date(date) => {
                let form = if slip && chance.happens(0.5) { *chance.one_of(&DATE_FORMS) } else { self.dates };
                date_in(form, date, out);
            }
            Cell::Month(month) => {
                let (y, m) = (month.year(), month.number());
                _ = if self.slips && self.dates != DateForm::Compact {
                    write!(out, "{y}-{m:02}")
                } else {
                    write!(out, "{y}{m:02}")
                };
            }
            Cell::Time(time) => {
                let day = time.date();
                if self.chinese && self.dates == DateForm::Slash {
                    _ = write!(out, "{}/{}/{} ", day.year(), day.month(), day.day());
                } else {
                    _ = write!(out, "{:04}-{:02}-{:02} ", day.year(), day.month(), day.day());
                }
                _ = write!(out, "{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second());
            }
            Cell::Bool(b) => out.push_str(match (self.chinese, b) {
                (true, true) => "是",
                (true, false) => "否",
                (false, true) => "true",
                (false, false) => "false",
            }),
            Cell::Decimal(n) => _ = write!(out, "{}.{:02}", n / 100, n % 100),
            Cell::Code((code, word)) => out.push_str(if self.chinese { word } else { code }),
            Cell::Serial(prefix, number, width) => _ = write!(out, "{prefix}{number:0width$}"),
            Cell::Digest(n) => _ = write!(out, "{:016x}", mix(n)),
            Cell::Name(person) => {
                person.write_name(out);
                if slip && chance.happens(0.1) {
                    out.push(' ');
                }
            }
            Cell::Address(home) => {
                let road = words::ROADS[home.road as usize];
                _ = write!(out, "{road}{}号{}室", home.house, home.room);
            }
            Cell::Certificate(id, kind, grade) => _ = write!(out, "{id}{kind}{grade}"),
            Cell::Firm(n, company) => {
                let n = mix(n);
                out.push_str("清晏区");
                out.push_str(words::COMPANY_WORDS[n as usize % words::COMPANY_WORDS.len()]);
                out.push_str(words::COMPANY_TRADES[(n >> 20) as usize % words::COMPANY_TRADES.len()]);
                out.push_str(if company { "有限公司" } else { "店" });
            }
        }
    }

    /// Old numbers, lower-case x, full-width digits, blanks around the value: one person all the same.
    fn id(&self, id: &str, slip: bool, chance: &mut Chance, out: &mut String) {
        let start = out.len();
        if slip && chance.happens(0.25) && old_number(id, out) {
            return;
        }
        if slip && chance.happens(0.15) {
            out.extend(id.chars().map(wide));
            return;
        }
        if slip && chance.happens(0.2) {
            out.push(' ');
        }
        out.push_str(id);
        if self.slips && id.ends_with('X') && chance.happens(0.4) {
            out.pop();
            out.push('x');
        }
        if slip && out.len() > start && chance.happens(0.2) {
            out.push_str("  ");
        }
    }
}

/// Spreads neighbouring numbers far apart (the finaliser of SplitMix64).
pub fn mix(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

/// The number of 15 digits that people born before 2000 once had.
fn old_number(id: &str, out: &mut String) -> bool {
    if id.len() != 18 || &id[6..8] != "19" {
        return false;
    }
    out.push_str(&id[..6]);
    out.push_str(&id[8..17]);
    true
}

fn wide(c: char) -> char {
    match c {
        '0'..='9' => char::from_u32('０' as u32 + (c as u32 - '0' as u32)).unwrap_or(c),
        'X' => 'Ｘ',
        _ => c,
    }
}

fn date_in(form: DateForm, date: NaiveDate, out: &mut String) {
    let (y, m, d) = (date.year(), date.month(), date.day());
    _ = match form {
        DateForm::Iso => write!(out, "{y:04}-{m:02}-{d:02}"),
        DateForm::Slash => write!(out, "{y}/{m}/{d}"),
        DateForm::Compact => write!(out, "{y:04}{m:02}{d:02}"),
        DateForm::Chinese => write!(out, "{y}年{m}月{d}日"),
        DateForm::Dot => write!(out, "{y:04}.{m:02}.{d:02}"),
    };
}
