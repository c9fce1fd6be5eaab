//! What people declared of their income when they applied, in the system before this one.
//!
//! Reasoning: one wage earner in twelve of the families on the roster has a declaration on file. Most wrote what the
//! employer pays, one in eight clearly less: those are what the comparison of declarations is for.

use crate::chance::Chance;
use crate::district::District;
use crate::month::Month;
use crate::person::Story;
use crate::rows::Contribution;
use chrono::{Days, NaiveDate};

#[derive(Debug, Clone)]
pub struct Declared {
    pub person: u32,
    pub case: u32,
    pub wage: Option<i64>,
    pub on: NaiveDate,
}

pub fn declare(district: &mut District, chance: &mut Chance) {
    let newest = Month::of(district.as_of).plus(-1);
    for i in 0..district.social.len() {
        let row = &district.social[i];
        let (Some(base), Some(Contribution::Paid)) = (row.base, row.paid) else { continue };
        let (person, month, employer) = (row.person, row.month, row.employer);
        let story = district.household_of(person).story;
        if month != newest || employer == 0 || !matches!(story, Story::Dibao | Story::Edge | Story::Rigid) {
            continue;
        }
        if chance.happens(0.083) {
            let percent = if chance.happens(0.125) { chance.between(40, 75) } else { chance.between(92, 100) };
            let on = district.as_of - Days::new(chance.between(20, 600) as u64);
            add(district, person, Some(base * percent / 100), on);
        }
    }
}

pub fn add(district: &mut District, person: u32, wage: Option<i64>, on: NaiveDate) {
    let case = district.declared.len() as u32 + 1;
    district.declared.push(Declared { person, case, wage, on });
}
