//! Deaths, moves and custody.
//!
//! Deaths: hazard by age after Gompertz, 1.15 % a year at 62 and growing by 10.5 % a year of age, which gives a crude rate
//! near the national 7.9 per 1,000 (2023). Reports: nearly all deaths have a medical certificate, four in five are
//! struck from the register within weeks (villages take one to three months), most are cremated.
//! Custody: about 120 of 100,000 people in prison, nine in ten of them men; a tenth of that in compulsory detoxification.

use crate::chance::Chance;
use crate::district::District;
use crate::person::{RegStatus, Story};
use crate::rows::{Custody, Death, DeathSource, Measure};
use chrono::{Days, Months, NaiveDate};

/// Months of death reports in the files.
const REPORTED_MONTHS: u32 = 18;

const CAUSES: &[&str] = &["I21.9", "I63.9", "C34.9", "C22.0", "J44.1", "J18.9", "I61.9", "V89.2", "E11.9", "K74.6"];

pub fn befall(district: &mut District, chance: &mut Chance) {
    let first = district.as_of.checked_sub_months(Months::new(REPORTED_MONTHS)).unwrap_or(district.as_of);
    let days = (district.as_of - first).num_days();
    let years = days as f64 / 365.25;
    for i in 0..district.people.len() {
        let story = district.household_of(i as u32).story;
        if matches!(story, Story::Planned | Story::Fixed) {
            continue;
        }
        let person = &district.people[i];
        let age = person.age_on(district.as_of) as f64;
        let man = if district.is_male(i as u32) { 1.25 } else { 0.8 };
        let hazard = (0.0115 * (0.105 * (age - 62.0)).exp() * man).min(0.5);
        if chance.happens(hazard * years) {
            let day = district.as_of - Days::new(chance.between(1, days - 1) as u64);
            if day > person.birth {
                die(district, i as u32, day, chance);
                continue;
            }
        }
        // moved away or settled abroad, and still in the file
        if chance.happens(0.008) {
            district.people[i].status = RegStatus::Moved;
        } else if chance.happens(0.0004) {
            district.people[i].status = RegStatus::Cancelled;
        } else if age >= 18.0 && story != Story::Tekun {
            custody(district, i as u32, chance);
        }
    }
}

/// Records a death by the bodies that know of it by now.
pub fn die(district: &mut District, person: u32, day: NaiveDate, chance: &mut Chance) {
    let since = (district.as_of - day).num_days();
    district.people[person as usize].died = Some(day);
    let cause = Some(*chance.one_of(CAUSES));
    let mut known = false;
    if chance.happens(0.93) {
        report(district, person, day, DeathSource::Medical, cause, chance.between(0, 5));
        known = true;
    }
    let cremated = day + Days::new(3);
    if chance.happens(0.85) && cremated < district.as_of {
        report(district, person, day, DeathSource::Cremation, None, chance.between(3, 9));
        known = true;
    }
    let late = chance.between(7, 75);
    if late < since && chance.happens(0.88) || !known {
        // one office in thirty writes the day of the report; the earliest date counts
        let written = if known && chance.happens(0.03) { day + Days::new(2) } else { day };
        let written = if written < district.as_of { written } else { day };
        report(district, person, written, DeathSource::Police, None, late.min(since - 1).max(0));
        district.people[person as usize].status = RegStatus::Cancelled;
    }
}

pub fn report(
    district: &mut District,
    person: u32,
    day: NaiveDate,
    source: DeathSource,
    cause: Option<&'static str>,
    delay: i64,
) {
    let latest = district.as_of - Days::new(1);
    let known = (day + Days::new(delay.max(0) as u64)).min(latest).max(day);
    let cremated = (source == DeathSource::Cremation).then_some((day + Days::new(3)).min(known));
    district.deaths.push(Death { person, date: day, source, cause, cremated, recorded: known });
}

fn custody(district: &mut District, person: u32, chance: &mut Chance) {
    let man = if district.is_male(person) { 1.8 } else { 0.2 };
    let kind = chance.share() / man;
    let (measure, months) = if kind < 0.0012 {
        (Measure::Prison, chance.between(6, 120))
    } else if kind < 0.0018 {
        (Measure::Detox, 24)
    } else if kind < 0.0021 {
        (Measure::Detention, 3)
    } else if kind < 0.0032 {
        (Measure::Community, chance.between(6, 36))
    } else {
        return;
    };
    let as_of = district.as_of;
    let age = district.people[person as usize].age_on(as_of);
    if age < 20 {
        return;
    }
    let start = as_of - Days::new(chance.between(5, (months * 30 + 400).min(2400)) as u64);
    let expected = start.checked_add_months(Months::new(months as u32));
    let over = expected.is_some_and(|e| e <= as_of);
    let ended = if over { expected.map(|e| e - Days::new(chance.between(0, 30) as u64)) } else { None };
    add_custody(district, person, measure, start, expected, ended);
}

pub fn add_custody(
    district: &mut District,
    person: u32,
    measure: Measure,
    start: NaiveDate,
    expected: Option<NaiveDate>,
    ended: Option<NaiveDate>,
) {
    let number = district.custodies.len() as u32 + 1;
    let minor = district.people[district.household_of(person).members()]
        .iter()
        .any(|p| p.age_on(district.as_of) < 18 && p.died.is_none());
    district.custodies.push(Custody { number, person, measure, start, expected, ended, minor_child: Some(minor) });
}
