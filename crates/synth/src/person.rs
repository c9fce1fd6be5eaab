//! People and households of the district, as they are; files show them as departments see them.

use crate::words;
use chrono::{Datelike, NaiveDate};
use tuodi_pack::id_no::Sex;

/// Relation to the head of the register (codes of GB/T 4761).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    Head,
    Spouse,
    Child,
    Parent,
    Grandchild,
    Sibling,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegStatus {
    Active,
    Moved,
    Cancelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name {
    pub surname: u16,
    /// Indexes into the list of the person's sex; `u16::MAX` where there is no second character.
    pub given: [u16; 2],
}

#[derive(Debug, Clone)]
pub struct Person {
    pub id_no: [u8; 18],
    pub name: Name,
    pub sex: Sex,
    pub birth: NaiveDate,
    pub household: u32,
    pub relation: Relation,
    /// GB/T 3304.
    pub ethnic: u8,
    pub status: RegStatus,
    pub died: Option<NaiveDate>,
}

impl Person {
    pub fn id(&self) -> &str {
        std::str::from_utf8(&self.id_no).unwrap_or_default()
    }

    /// Completed years on a day. Born on 29 February: a year older from 1 March in other years.
    pub fn age_on(&self, day: NaiveDate) -> i64 {
        age_on(self.birth, day)
    }

    /// Writes the name into `out`.
    pub fn write_name(&self, out: &mut String) {
        out.push_str(words::SURNAMES[self.name.surname as usize]);
        let list = match self.sex {
            Sex::Male => words::GIVEN_MALE,
            Sex::Female => words::GIVEN_FEMALE,
        };
        for given in self.name.given {
            let given = given as usize;
            if given < list.len() {
                out.push_str(list[given]);
            } else if let Some(rare) = words::GIVEN_RARE.get(given.wrapping_sub(1000)) {
                out.push_str(rare);
            }
        }
    }

    /// The code of the relation for this sex.
    pub fn relation_code(&self) -> &'static str {
        match (self.relation, self.sex) {
            (Relation::Head, _) => "02",
            (Relation::Spouse, Sex::Male) => "11",
            (Relation::Spouse, Sex::Female) => "12",
            (Relation::Child, Sex::Male) => "20",
            (Relation::Child, Sex::Female) => "30",
            (Relation::Parent, Sex::Male) => "51",
            (Relation::Parent, Sex::Female) => "52",
            (Relation::Grandchild, Sex::Male) => "41",
            (Relation::Grandchild, Sex::Female) => "42",
            (Relation::Sibling, Sex::Male) => "73",
            (Relation::Sibling, Sex::Female) => "77",
        }
    }
}

pub fn age_on(birth: NaiveDate, day: NaiveDate) -> i64 {
    let years = i64::from(day.year() - birth.year());
    if (day.month(), day.day()) < (birth.month(), birth.day()) { years - 1 } else { years }
}

/// The economic story of a household; it decides what departments will know of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Story {
    Ordinary,
    /// On the roster, with income below the line.
    Dibao,
    Tekun,
    Edge,
    Rigid,
    /// Below the line on the data, but nobody has applied.
    Missed,
    /// Laid out by hand; chance adds only work and pensions, which no indicator of the plan reads.
    Planned,
    /// Laid out by hand to the last row, so that tier and amount can be worked out.
    Fixed,
}

#[derive(Debug, Clone)]
pub struct Household {
    /// Index into the district's villages.
    pub village: u16,
    pub first: u32,
    pub size: u8,
    pub road: u8,
    pub house: u16,
    pub room: u16,
    pub story: Story,
}

impl Household {
    pub fn members(&self) -> std::ops::Range<usize> {
        self.first as usize..self.first as usize + self.size as usize
    }
}
