//! What pairs of rows must share to be compared: a field's value, or a part of it.

use crate::{Kind, dictionary::mix, kind::Forms};

/// A part of a field's value. Written after the field's name and a dot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The whole value; a name in its common characters.
    Whole,
    /// Names: toneless syllables of the commonest readings.
    Sound,
    /// Names: first letters of those.
    Initials,
    /// Names: the first character.
    Surname,
    /// Names: everything but the first character, by sound.
    Given,
    /// Dates.
    Year,
    /// Dates: year and month.
    Month,
    /// Dates: month and day, the smaller first, so that two who changed places are one key.
    Day,
    /// Codes, texts, numbers: so many leading characters.
    First(u32),
    /// Numbers, texts: so many last characters.
    Last(u32),
    /// Citizen numbers: address code and birth date.
    Birth,
}

impl Part {
    /// Reads what follows the dot; the message says what could be written.
    pub fn parse(text: &str, kind: Kind) -> Result<Part, String> {
        let number = |word: &str| text.strip_prefix(word).and_then(|n| n.parse::<u32>().ok()).filter(|n| *n > 0);
        let part = match (kind, text) {
            (Kind::Name, "sound") => Some(Part::Sound),
            (Kind::Name, "initials") => Some(Part::Initials),
            (Kind::Name, "surname") => Some(Part::Surname),
            (Kind::Name, "given") => Some(Part::Given),
            (Kind::Date, "year") => Some(Part::Year),
            (Kind::Date, "month") => Some(Part::Month),
            (Kind::Date, "day") => Some(Part::Day),
            (Kind::IdNumber, "birth") => Some(Part::Birth),
            (Kind::Code | Kind::Text | Kind::IdNumber, _) => {
                number("first").map(Part::First).or_else(|| number("last").map(Part::Last))
            }
            _ => None,
        };
        part.ok_or_else(|| {
            let parts = match kind {
                Kind::Name => "sound, initials, surname, given",
                Kind::Date => "year, month, day",
                Kind::IdNumber => "birth, first6, last4",
                Kind::Code | Kind::Text => "first6, last4",
                Kind::Exact | Kind::Set => "nothing: such a field has no parts",
            };
            format!("{text:?} is no part of a field of kind {}; write {parts}", kind.word())
        })
    }

    /// A hash of the part, the same in every process; 0 where the value has no such part.
    pub fn key(self, text: &str, forms: &Forms, value: u32) -> u64 {
        let glyphs = |f: &dyn Fn(&[crate::han::Glyph]) -> Option<u64>| match forms {
            Forms::Name(names) => f(names.glyphs(value)).unwrap_or(0),
            _ => 0,
        };
        match (self, forms) {
            (Part::Whole, Forms::Name(names)) => names.folded(value),
            (Part::Whole, _) => bytes(text.as_bytes()),
            (Part::Sound, _) => forms.sound(value),
            (Part::Initials, _) => {
                glyphs(&|g| Some(mix(g.iter().map(|g| u64::from(g.initial())).chain([g.len() as u64]))))
            }
            (Part::Surname, _) => glyphs(&|g| Some(mix([u64::from(g.first()?.folded)]))),
            (Part::Given, _) => glyphs(&|g| (g.len() > 1).then(|| mix(g[1..].iter().map(|g| u64::from(g.sounds[0]))))),
            (Part::Year, Forms::Date(dates)) => bytes(&dates.digits(value)[..4]),
            (Part::Month, Forms::Date(dates)) => bytes(&dates.digits(value)[..6]),
            (Part::Day, Forms::Date(dates)) => {
                let digits = dates.digits(value);
                let (month, day) = (&digits[4..6], &digits[6..]);
                mix([bytes(month.min(day)), bytes(month.max(day))])
            }
            (Part::First(length), Forms::Code(codes)) => codes.prefix(value, length as usize).map_or(0, bytes),
            (Part::First(length), _) => text
                .char_indices()
                .nth(length as usize - 1)
                .map_or(0, |(at, c)| bytes(&text.as_bytes()[..at + c.len_utf8()])),
            (Part::Last(length), _) => {
                text.char_indices().rev().nth(length as usize - 1).map_or(0, |(at, _)| bytes(&text.as_bytes()[at..]))
            }
            (Part::Birth, Forms::Id(ids)) => ids.first14(value).map_or(0, bytes),
            _ => 0,
        }
    }
}

fn bytes(bytes: &[u8]) -> u64 {
    mix(bytes.chunks(8).map(|chunk| chunk.iter().fold(0, |n, b| n << 8 | u64::from(*b))))
}
