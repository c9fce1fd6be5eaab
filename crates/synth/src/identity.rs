//! Citizen numbers of the district: address codes of the pack's own counties, which begin with 99.

use crate::person::Name;
use crate::{chance::Chance, words};
use chrono::{Datelike, NaiveDate};
use std::collections::HashMap;
use tuodi_pack::id_no::{Sex, check_character};

/// Gives out numbers; never the same one twice.
#[derive(Default)]
pub struct Numbers {
    given: HashMap<(u32, NaiveDate, bool), u16>,
}

impl Numbers {
    /// `None` when the 500 numbers of that place, day and sex are used up.
    pub fn next(&mut self, county: u32, birth: NaiveDate, sex: Sex) -> Option<[u8; 18]> {
        let used = self.given.entry((county, birth, sex == Sex::Male)).or_insert(0);
        if *used >= 499 {
            return None;
        }
        *used += 1;
        let sequence = *used * 2 + u16::from(sex == Sex::Male);
        let first17 = format!("{county:06}{:04}{:02}{:02}{sequence:03}", birth.year(), birth.month(), birth.day());
        let check = check_character(&first17)?;
        let mut id = [0u8; 18];
        id[..17].copy_from_slice(first17.as_bytes());
        id[17] = check as u8;
        Some(id)
    }
}

/// A surname by the order of frequency in the list: the first ten are carried by about two people in five.
pub fn surname(chance: &mut Chance) -> u16 {
    let share = chance.share();
    let n = words::SURNAMES.len() as f64;
    (share * share * n) as u16
}

pub fn name(chance: &mut Chance, surname: u16, sex: Sex) -> Name {
    let list = match sex {
        Sex::Male => words::GIVEN_MALE,
        Sex::Female => words::GIVEN_FEMALE,
    };
    let first = chance.below(list.len()) as u16;
    let second = if chance.happens(0.12) {
        u16::MAX
    } else if chance.happens(0.002) {
        1000 + chance.below(words::GIVEN_RARE.len()) as u16
    } else {
        chance.below(list.len()) as u16
    };
    Name { surname, given: [first, second] }
}
