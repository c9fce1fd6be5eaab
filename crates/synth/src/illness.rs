//! Illness and disability: settlements and certificates.
//!
//! Reasoning: 0.17 to 0.2 admissions a person a year, twice that among the old (health statistics bulletin), very unevenly
//! spread (log-normal frailty). A stay costs 6,500 yuan in the middle; three people in two thousand have an illness whose
//! stays cost seven times that. Of the in-policy part the basic scheme pays about 70 %, major-illness insurance 60 % of what
//! is left above 15,000 yuan, medical assistance three quarters of the rest for recipients.
//! Certificates: 2.7 % of people hold one (China Disabled Persons' Federation), kinds and grades near its statistics.

use crate::chance::Chance;
use crate::district::District;
use crate::month::Month;
use crate::person::{RegStatus, Story};
use crate::rows::{CertStatus, Certificate, Disability, Settlement, Visit};
use chrono::{Days, Months, NaiveDate};

/// Months of settlements in the files: the twelve that are asked about and two before, which must not count.
pub const SETTLED_MONTHS: u32 = 14;

const STAYS: &[&str] = &["J18.9", "I25.1", "I63.9", "K80.2", "S72.0", "E11.9", "M51.2", "O82.0", "K35.8", "N20.1"];
pub const SERIOUS: &[&str] = &["C34.9", "C50.9", "C22.0", "N18.5", "C16.9", "C91.0", "I50.9"];
const CLINIC: &[&str] = &["J06.9", "K29.7", "M54.5", "L30.9", "R51", "J20.9", "H10.9"];
const CHRONIC: &[&str] = &["I10", "E11.9", "J44.1", "F20.9", "N18.3", "I25.1"];

pub fn settle(district: &mut District, chance: &mut Chance) {
    let last = district.as_of - Days::new(1);
    let first = district.as_of.checked_sub_months(Months::new(SETTLED_MONTHS)).unwrap_or(last);
    let years = (last - first).num_days() as f64 / 365.25;
    for i in 0..district.people.len() {
        let story = district.household_of(i as u32).story;
        let person = &district.people[i];
        if matches!(story, Story::Planned | Story::Fixed) || person.status == RegStatus::Moved {
            continue;
        }
        let until = person.died.map_or(last, |d| d.min(last));
        if until <= first {
            continue;
        }
        let age = person.age_on(district.as_of);
        let frailty = chance.lognormal(0.66, 0.9) * if story == Story::Ordinary { 1.0 } else { 1.5 };
        let (stays, clinic, chronic) = match age {
            ..5 => (0.15, 0.8, 0.0),
            5..40 => (0.075, 0.28, 0.01),
            40..60 => (0.13, 0.36, 0.16),
            60..80 => (0.32, 0.55, 0.65),
            _ => (0.48, 0.5, 0.7),
        };
        let serious = chance.happens(if age >= 45 { 0.003 } else { 0.0006 });
        let before = person.birth;
        let visits = [
            (Visit::Inpatient, stays * frailty + if serious { 2.5 } else { 0.0 }),
            (Visit::Outpatient, clinic * frailty),
            (Visit::Chronic, chronic * frailty),
            (Visit::Pharmacy, 0.08 * frailty),
        ];
        for (visit, rate) in visits {
            // of people whom nobody watches only hospital stays are exchanged
            let sent = visit == Visit::Inpatient || district.watched[i];
            for _ in 0..poisson(rate * years, chance) {
                let day = first + Days::new(chance.between(0, (until - first).num_days()) as u64);
                if day >= before && sent {
                    let aided = matches!(story, Story::Dibao | Story::Tekun);
                    one(district, i as u32, visit, day, serious, aided, chance);
                }
            }
        }
    }
}

fn poisson(mean: f64, chance: &mut Chance) -> u32 {
    let limit = (-mean.min(30.0)).exp();
    let mut product = chance.share();
    let mut n = 0;
    while product > limit {
        product *= chance.share();
        n += 1;
    }
    n
}

fn one(
    district: &mut District,
    person: u32,
    visit: Visit,
    day: NaiveDate,
    serious: bool,
    aided: bool,
    chance: &mut Chance,
) {
    let (total, outside, share, list) = match visit {
        Visit::Inpatient if serious => (chance.money(44_000.0, 0.6, 1), 0.16, 0.66, SERIOUS),
        Visit::Inpatient => (chance.money(6_500.0, 0.75, 1), 0.09, 0.7, STAYS),
        Visit::Outpatient => (chance.money(190.0, 0.7, 1), 0.12, 0.5, CLINIC),
        Visit::Chronic => (chance.money(420.0, 0.6, 1), 0.05, 0.65, CHRONIC),
        Visit::Pharmacy => (chance.money(85.0, 0.6, 1), 0.35, 0.0, CLINIC),
    };
    let oop_outside = (total as f64 * outside * (0.5 + chance.share())) as i64;
    let in_policy = total - oop_outside;
    let basic = (in_policy as f64 * share * (0.92 + 0.16 * chance.share())) as i64;
    let left = in_policy - basic;
    let major = if visit == Visit::Inpatient { (left - 1_500_000).max(0) * 6 / 10 } else { 0 };
    let assist = if aided { (left - major) * 3 / 4 } else { 0 };
    let row = Settlement {
        number: 0,
        person,
        visit,
        org: chance.between(1, 40) as u8,
        admitted: (visit == Visit::Inpatient).then(|| day - Days::new(chance.between(3, 21) as u64)),
        settled: day,
        diagnosis: list[chance.below(list.len())],
        total,
        basic,
        major,
        assist,
        oop_policy: left - major - assist,
        oop_outside,
        refund: false,
    };
    // some stays are settled twice and the first settlement is given back
    if visit != Visit::Pharmacy && chance.happens(0.003) {
        let back = (day + Days::new(chance.between(1, 12) as u64)).min(district.as_of - Days::new(1));
        add_settlement(district, refund_of(&row, back));
    }
    add_settlement(district, row);
}

/// The negative row that takes a settlement back.
pub fn refund_of(row: &Settlement, day: NaiveDate) -> Settlement {
    Settlement {
        settled: day,
        total: -row.total,
        basic: -row.basic,
        major: -row.major,
        assist: -row.assist,
        oop_policy: -row.oop_policy,
        oop_outside: -row.oop_outside,
        refund: true,
        ..row.clone()
    }
}

pub fn add_settlement(district: &mut District, mut row: Settlement) {
    row.number = district.settlements.len() as u32 + 1;
    district.settlements.push(row);
}

pub fn certify(district: &mut District, chance: &mut Chance) {
    for i in 0..district.people.len() {
        let story = district.household_of(i as u32).story;
        if matches!(story, Story::Planned | Story::Fixed) {
            continue;
        }
        let age = district.people[i].age_on(district.as_of);
        let base = match age {
            ..18 => 0.006,
            18..60 => 0.019,
            _ => 0.06,
        };
        let poor = if story == Story::Ordinary { 0.88 } else { 3.2 };
        if !chance.happens(base * poor) || age < 1 {
            continue;
        }
        let kind = KINDS[chance.weighted(KINDS.iter().map(|k| k.1))].0;
        let grade = 1 + chance.weighted([0.12, 0.22, 0.28, 0.38].into_iter()) as u8;
        // certificates hold ten years; a few have run out unseen
        let oldest = (age * 12 - 6).clamp(2, 126);
        let issued = district.as_of - Days::new(chance.between(1, oldest * 30) as u64);
        let status = match chance.share() {
            s if s < 0.955 => CertStatus::Valid,
            s if s < 0.97 => CertStatus::Frozen,
            _ => CertStatus::Cancelled,
        };
        let guardian = if matches!(kind, Disability::Intellectual | Disability::Mental) {
            district
                .household_of(i as u32)
                .members()
                .map(|m| m as u32)
                .find(|m| *m != i as u32 && district.people[*m as usize].age_on(district.as_of) >= 18)
        } else {
            None
        };
        district.certificates.push(Certificate {
            person: i as u32,
            kind,
            grade,
            issued,
            expires: issued.checked_add_months(Months::new(120)),
            status,
            guardian,
        });
        // a grade that was changed leaves the old certificate behind, cancelled
        if chance.happens(0.04) && grade > 1 && Month::of(issued).year() > 2018 {
            district.certificates.push(Certificate {
                person: i as u32,
                kind,
                grade: grade - 1,
                issued: issued - Days::new(400),
                expires: issued.checked_add_months(Months::new(107)),
                status: CertStatus::Cancelled,
                guardian: None,
            });
        }
    }
}

const KINDS: &[(Disability, f64)] = &[
    (Disability::Visual, 11.0),
    (Disability::Hearing, 9.0),
    (Disability::Speech, 1.6),
    (Disability::Limb, 53.0),
    (Disability::Intellectual, 9.6),
    (Disability::Mental, 11.5),
    (Disability::Multiple, 4.3),
];
