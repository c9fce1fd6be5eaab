//! One cell, by the type its contract gives it.

use super::{Surroundings, plan::ColumnPlan};
use crate::{
    Reason, dates, numbers,
    spelling::{half_width, is_nothing},
};
use std::borrow::Cow;
use tuodi_pack::{id_no::IdNo, source::ColumnType};

/// A value read. Texts and citizen numbers stand elsewhere; this stays small enough to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    Null,
    Int(i64),
    Days(i32),
    Micros(i64),
    Decimal(i128),
    Bool(bool),
    Code(u32),
    Region([u8; 12]),
    Text,
    Id,
}

/// Codes are compared half-width and in lower case.
pub(crate) fn code_spelling(text: &str) -> Cow<'_, str> {
    let text = half_width(text);
    if text.bytes().any(|b| b.is_ascii_uppercase()) { Cow::Owned(text.to_ascii_lowercase()) } else { text }
}

/// Dates that mean "no end".
fn is_endless(text: &str) -> bool {
    matches!(text, "长期" | "永久" | "至今" | "长期有效")
}

pub(crate) fn read(
    column: &ColumnPlan,
    text: &str,
    around: &Surroundings,
    id: &mut Option<IdNo>,
) -> Result<Slot, Reason> {
    use ColumnType::*;
    let nothing = match column.kind {
        Ignore => return Ok(Slot::Null),
        Name | Address | Phone | Str => matches!(text, "" | "NULL" | "null" | "\\N"),
        Date | Datetime | Month => is_nothing(text) || (column.null && is_endless(text)),
        _ => is_nothing(text),
    };
    if nothing {
        *id = None;
        return if column.null { Ok(Slot::Null) } else { Err(Reason::Missing) };
    }
    match column.kind {
        Ignore | Name | Address | Phone | Str | Token | Code | HouseholdNo => Ok(Slot::Text),
        IdNo => match tuodi_pack::id_no::IdNo::parse(text) {
            Ok(number) => {
                *id = Some(number);
                Ok(Slot::Id)
            }
            Err(e) => Err(Reason::IdNo(e)),
        },
        Money => numbers::money(&half_width(text), column.scale).map(Slot::Int).ok_or(Reason::Unreadable),
        Int => numbers::int(&half_width(text)).map(Slot::Int).ok_or(Reason::Unreadable),
        Decimal => numbers::decimal(&half_width(text)).map(Slot::Decimal).ok_or(Reason::Unreadable),
        Bool => numbers::boolean(&half_width(text)).map(Slot::Bool).ok_or(Reason::Unreadable),
        Date | Month => {
            let text = half_width(text);
            let days = if column.kind == Date { dates::date(&text) } else { dates::month(&text) };
            let days = days.ok_or(Reason::BadDate)?;
            if column.no_future && days > around.today { Err(Reason::Future) } else { Ok(Slot::Days(days)) }
        }
        Datetime => {
            let micros = dates::moment(&half_width(text)).ok_or(Reason::BadDate)?;
            // Tomorrow begins at midnight in Beijing.
            let tomorrow = (i64::from(around.today + 1) * 86_400 - 8 * 3_600) * 1_000_000;
            if column.no_future && micros >= tomorrow { Err(Reason::Future) } else { Ok(Slot::Micros(micros)) }
        }
        Enum => {
            let known = column.codes.get(text).or_else(|| column.codes.get(code_spelling(text).as_ref()));
            known.map(|&code| Slot::Code(code)).ok_or(Reason::BadCode)
        }
        Region => region(&half_width(text), around).ok_or(Reason::UnknownRegion),
    }
}

/// Codes come cut to their level (6, 9 digits) or padded to twelve.
fn region(text: &str, around: &Surroundings) -> Option<Slot> {
    let digits = text.as_bytes();
    if !matches!(digits.len(), 2 | 4 | 6 | 9 | 12) {
        return None;
    }
    let mut code = [b'0'; 12];
    code[..digits.len()].copy_from_slice(digits);
    around.regions.contains(&code).then_some(Slot::Region(code))
}

/// FNV-1a over 128 bits: two keys of one file that differ and still meet are not to be expected in a lifetime.
pub(crate) struct KeyHash {
    state: u128,
    parts: u32,
    /// A person nobody could name (an unknown body) equals no other.
    nameless: bool,
}

const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;

impl KeyHash {
    pub fn new() -> KeyHash {
        KeyHash { state: BASIS, parts: 0, nameless: false }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for &b in bytes {
            self.state = (self.state ^ u128::from(b)).wrapping_mul(PRIME);
        }
        // A length keeps ("ab", "c") from meeting ("a", "bc").
        self.state = (self.state ^ (0x100 + bytes.len() as u128)).wrapping_mul(PRIME);
    }

    pub fn add(&mut self, slot: Slot, kind: ColumnType, id: Option<&IdNo>, text: &str) {
        self.parts += 1;
        match slot {
            Slot::Null => {
                self.nameless |= kind == ColumnType::IdNo;
                self.bytes(&[0xff]);
            }
            Slot::Int(n) | Slot::Micros(n) => self.bytes(&n.to_le_bytes()),
            Slot::Days(n) => self.bytes(&n.to_le_bytes()),
            Slot::Decimal(n) => self.bytes(&n.to_le_bytes()),
            Slot::Bool(v) => self.bytes(&[u8::from(v)]),
            Slot::Code(n) => self.bytes(&n.to_le_bytes()),
            Slot::Region(code) => self.bytes(&code),
            Slot::Text => self.bytes(half_width(text).as_bytes()),
            Slot::Id => self.bytes(id.map_or("", IdNo::as_str).as_bytes()),
        }
    }

    pub fn finish(self) -> Option<u128> {
        (self.parts > 0 && !self.nameless).then_some(self.state)
    }
}
