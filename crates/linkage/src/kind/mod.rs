//! How a kind of field is read and compared. Each keeps, for every distinct value, what its comparison needs.

mod code;
mod date;
mod id;
mod name;
mod set;
mod text;

use crate::{Level, dictionary::Groups};
use serde::{Deserialize, Serialize};

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Equal or not.
    Exact,
    /// A person's name in Chinese characters.
    Name,
    /// A calendar date, in the usual ways of writing it.
    Date,
    /// A citizen number (GB 11643-1999), whole, masked or mistyped.
    IdNumber,
    /// A code whose beginning is the larger unit, such as a region's.
    Code,
    /// Several values in one cell, divided by `;`, `、`, `，`, `,`, `|` or blanks; compared by how they sound.
    Set,
    /// Any text.
    Text,
}

impl Kind {
    pub fn word(self) -> &'static str {
        match self {
            Kind::Exact => "exact",
            Kind::Name => "name",
            Kind::Date => "date",
            Kind::IdNumber => "id_number",
            Kind::Code => "code",
            Kind::Set => "set",
            Kind::Text => "text",
        }
    }

    /// The levels that this kind knows, best first.
    pub fn levels(self) -> &'static [Level] {
        match self {
            Kind::Exact => &[Level::Equal],
            Kind::Name => &[
                Level::Equal,
                Level::Variant,
                Level::Homophone,
                Level::Transposed,
                Level::OneEdit,
                Level::Given,
                Level::Surname,
            ],
            Kind::Date => &[
                Level::Equal,
                Level::Swapped,
                Level::OneDigit,
                Level::Transposed,
                Level::SameMonth,
                Level::SameDay,
                Level::WithinDays(55),
                Level::SameYear,
            ],
            Kind::IdNumber => &[
                Level::Equal,
                Level::CheckDigit,
                Level::OneEdit,
                Level::Transposed,
                Level::Partial(8),
                Level::BothValid,
            ],
            Kind::Code => &[Level::Equal, Level::Prefix(9)],
            Kind::Set => &[Level::NamesOther, Level::Equal, Level::Share(50), Level::Any],
            Kind::Text => &[Level::Equal, Level::Contains, Level::Distance(1), Level::Similarity(90)],
        }
    }

    /// The levels of a field whose configuration names none.
    pub fn usual_levels(self) -> Vec<Level> {
        match self {
            Kind::Code => [12, 9, 6, 4].into_iter().map(Level::Prefix).collect(),
            Kind::Text => vec![Level::Equal, Level::Contains, Level::Similarity(90), Level::Similarity(75)],
            kind => kind.levels().to_vec(),
        }
    }
}

/// A date in any of the usual ways of writing it; `None` where there is no such day.
pub fn date(raw: &str) -> Option<chrono::NaiveDate> {
    let mut digits = String::new();
    date::normal(raw, &mut digits);
    chrono::NaiveDate::parse_from_str(&digits, "%Y%m%d").ok()
}

/// One value of a pair, with the name of whom it belongs to where the field asks for it.
#[derive(Clone, Copy)]
pub struct Side {
    pub value: u32,
    /// How the owner's name sounds; 0 where unknown or not asked for.
    pub owner: u64,
}

/// Comparison values of a field's distinct values, in the dictionary's order.
pub enum Forms {
    Exact,
    Name(name::Names),
    Date(date::Dates),
    Id(id::Ids),
    Code(code::Codes),
    Set(set::Sets),
    Text(text::Texts),
}

impl Forms {
    pub fn new(kind: Kind) -> Forms {
        match kind {
            Kind::Exact => Forms::Exact,
            Kind::Name => Forms::Name(name::Names::default()),
            Kind::Date => Forms::Date(date::Dates::default()),
            Kind::IdNumber => Forms::Id(id::Ids::default()),
            Kind::Code => Forms::Code(code::Codes::default()),
            Kind::Set => Forms::Set(set::Sets::default()),
            Kind::Text => Forms::Text(text::Texts::default()),
        }
    }

    /// Writes the value as it is kept and told apart into `out`; left empty where it says nothing.
    pub fn normal(kind: Kind, raw: &str, out: &mut String) {
        out.clear();
        match kind {
            Kind::Exact => out.extend(raw.trim().chars().map(crate::han::half_width)),
            Kind::Name => out.extend(raw.chars().filter(|c| crate::han::counts(*c)).take(name::LONGEST)),
            Kind::Date => date::normal(raw, out),
            Kind::IdNumber => id::normal(raw, out),
            Kind::Code => out.extend(raw.chars().map(crate::han::half_width).filter(|c| !c.is_whitespace())),
            Kind::Set => set::normal(raw, out),
            Kind::Text => text::normal(raw, out),
        }
    }

    /// Takes the next distinct value, as [`Forms::normal`] wrote it.
    pub fn push(&mut self, value: &str) {
        match self {
            Forms::Exact => {}
            Forms::Name(names) => names.push(value),
            Forms::Date(dates) => dates.push(value),
            Forms::Id(ids) => ids.push(value),
            Forms::Code(codes) => codes.push(value),
            Forms::Set(sets) => sets.push(value),
            Forms::Text(texts) => texts.push(value),
        }
    }

    /// The place in `levels` of the first that holds; their number where none does. Neither value is missing.
    #[inline]
    pub fn level(&self, levels: &[Level], a: Side, b: Side) -> u8 {
        let first =
            |holds: &dyn Fn(Level) -> bool| levels.iter().position(|level| holds(*level)).unwrap_or(levels.len()) as u8;
        match self {
            Forms::Exact => first(&|level| level == Level::Equal && a.value == b.value),
            Forms::Name(names) => names.level(levels, a.value, b.value),
            Forms::Date(dates) => first(&|level| dates.holds(level, a.value, b.value)),
            Forms::Id(ids) => first(&|level| ids.holds(level, a.value, b.value)),
            Forms::Code(codes) => first(&|level| codes.holds(level, a.value, b.value)),
            Forms::Set(sets) => first(&|level| sets.holds(level, a, b)),
            Forms::Text(texts) => first(&|level| texts.holds(level, a.value, b.value)),
        }
    }

    /// How a name sounds; 0 for what is no name.
    pub fn sound(&self, value: u32) -> u64 {
        match self {
            Forms::Name(names) => names.sound(value),
            _ => 0,
        }
    }
}

/// How often values are met, as written and as they sound.
#[derive(Default)]
pub struct Frequencies {
    pub written: Groups,
    pub sounding: Groups,
}

impl Frequencies {
    /// Takes the next distinct value.
    pub fn push(&mut self, forms: &Forms, value: u32) {
        match forms {
            Forms::Name(names) => {
                self.written.push(names.folded(value));
                self.sounding.push(names.sound(value));
            }
            Forms::Set(sets) => {
                let all = sets.all(value);
                self.written.push(all);
                self.sounding.push(all);
            }
            _ => {
                self.written.push(u64::from(value) + 1);
                self.sounding.push(u64::from(value) + 1);
            }
        }
    }
}
