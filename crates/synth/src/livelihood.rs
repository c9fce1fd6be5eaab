//! Work, pensions and what social insurance knows of them, month by month.
//!
//! Reasoning: a peri-urban district in the middle of the income scale (last year's per-capita disposable income 52,800 yuan
//! urban, 26,400 rural). Wages are log-normal with medians of 5,800 and 4,300 yuan; employees' pensions have a median of 3,300.
//! Residents' pensions are the central 143 yuan with a small local part; two in five rural elders get a living pension for
//! land taken, 900 to 1,500 yuan, as in worked case 1. Two adults in three leave a trace here.

use crate::chance::Chance;
use crate::district::District;
use crate::month::Month;
use crate::person::{RegStatus, Story};
use crate::rows::{Benefit, Contribution, Scheme, SocialRow};
use tuodi_pack::id_no::Sex;

/// Whole months before the day asked about for which files are sent.
pub const MONTHS: i32 = 3;

/// Central part of the residents' pension, fen a month.
pub const CENTRAL: i64 = 14_300;

const MIN_WAGE: i64 = 220_000;

/// What one adult has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Means {
    Nothing,
    Wage { fen: i64 },
    Flexible { base: i64 },
    ResidentPayer,
    Pension { fen: i64 },
    ResidentPension { fen: i64 },
    Unemployed { fen: i64 },
    Injured { fen: i64, nursing: i64 },
    Maternity { fen: i64 },
}

pub fn earn(district: &mut District, chance: &mut Chance) {
    for h in 0..district.households.len() {
        let story = district.households[h].story;
        let rural = district.is_rural(h);
        match story {
            Story::Fixed => {}
            Story::Ordinary | Story::Planned | Story::Rigid => {
                for person in district.households[h].members() {
                    let means = ordinary(district, person as u32, rural, chance);
                    give(district, person as u32, means, chance);
                }
            }
            Story::Dibao | Story::Tekun | Story::Edge | Story::Missed => little(district, h, story, rural, chance),
        }
    }
}

fn retired(district: &District, person: u32) -> bool {
    let p = &district.people[person as usize];
    p.age_on(district.as_of) >= if p.sex == Sex::Male { 60 } else { 55 }
}

fn ordinary(district: &District, person: u32, rural: bool, chance: &mut Chance) -> Means {
    let age = district.people[person as usize].age_on(district.as_of);
    if age < 16 || (age < 23 && chance.happens(0.7)) {
        return Means::Nothing;
    }
    if retired(district, person) {
        return match chance.weighted(if rural { [0.15, 0.8, 0.05] } else { [0.76, 0.2, 0.04] }.into_iter()) {
            0 => Means::Pension { fen: chance.money(3_300.0, 0.3, 10) },
            1 if age < 60 => Means::Nothing,
            1 => {
                let land = chance.happens(if rural { 0.4 } else { 0.25 });
                let local = if land { chance.between(900, 1_500) } else { chance.between(40, 190) };
                Means::ResidentPension { fen: CENTRAL + local * 100 }
            }
            _ => Means::Nothing,
        };
    }
    let weights = if rural { [0.44, 0.1, 0.16, 0.3] } else { [0.62, 0.1, 0.08, 0.2] };
    match chance.weighted(weights.into_iter()) {
        0 => match chance.share() {
            s if s < 0.006 => Means::Unemployed { fen: 154_000 },
            s if s < 0.0075 => {
                let nursing = if chance.happens(0.3) { chance.between(1_200, 2_400) * 100 } else { 0 };
                Means::Injured { fen: chance.money(3_600.0, 0.25, 100), nursing }
            }
            s if s < 0.012 && district.people[person as usize].sex == Sex::Female && age < 45 => {
                Means::Maternity { fen: chance.money(5_200.0, 0.3, 100) }
            }
            _ => Means::Wage { fen: chance.money(if rural { 4_300.0 } else { 5_800.0 }, 0.45, 100).max(MIN_WAGE) },
        },
        1 => Means::Flexible { base: 402_000 },
        2 => Means::ResidentPayer,
        _ => Means::Nothing,
    }
}

/// Households on little: a share of the line, spread over those who can have anything. Each adult leaves a trace, for
/// the bureau has looked.
fn little(district: &mut District, h: usize, story: Story, rural: bool, chance: &mut Chance) {
    let members = district.households[h].members();
    let standard: i64 = if rural { 84_000 } else { 96_000 };
    let line = standard * members.len() as i64;
    let percent = match story {
        Story::Dibao => chance.between(25, 93),
        Story::Missed => chance.between(30, 97),
        Story::Tekun => chance.between(10, 60),
        _ => chance.between(104, 147),
    };
    let adults: Vec<u32> =
        members.map(|m| m as u32).filter(|m| district.people[*m as usize].age_on(district.as_of) >= 16).collect();
    if adults.is_empty() {
        return;
    }
    let share = line * percent / 100 / adults.len() as i64 / 1_000 * 1_000;
    for person in adults {
        let means = if retired(district, person) && district.people[person as usize].age_on(district.as_of) >= 60 {
            Means::ResidentPension { fen: CENTRAL + share }
        } else if share <= 154_000 && chance.happens(0.3) {
            Means::Unemployed { fen: share }
        } else {
            // what is left of a wage after the cost of working: 30 % of it, at most half the standard
            let small = share * 10 / 7;
            Means::Wage { fen: if small * 3 / 10 <= standard / 2 { small } else { share + standard / 2 } }
        };
        give(district, person, means, chance);
    }
}

/// Of families just above the line three quarters of a year are asked for: a fall of their income would show there. Of
/// elders and disabled people in families that are not monitored the last month: that they are paid at all.
fn months(district: &District, household: u32) -> i32 {
    match district.households[household as usize].story {
        Story::Edge | Story::Rigid => 3 * MONTHS,
        _ if district.monitored(household as usize) => MONTHS,
        _ => 1,
    }
}

/// Writes the months of one person; nothing after a death or a move.
pub fn give(district: &mut District, person: u32, means: Means, chance: &mut Chance) {
    let p = &district.people[person as usize];
    // planned people are given their means before anybody is watched, and all leave their trace
    let unseen = district.watched.get(person as usize) == Some(&false);
    if p.status == RegStatus::Moved || means == Means::Nothing || unseen {
        return;
    }
    let steady = district.household_of(person).story == Story::Fixed;
    let now = Month::of(district.as_of);
    let employers = (district.people.len() / 60).max(20) as i64;
    let employer = match means {
        // small firms are many: the square root of the draw puts half the people into a quarter of the firms
        Means::Wage { .. } => 1 + (chance.share() * chance.share() * employers as f64) as u32,
        _ => 0,
    };
    // one in two hundred employees lost the job in these months
    let left = match means {
        Means::Wage { .. } if steady => 0,
        Means::Wage { .. } if chance.happens(0.005) => chance.between(1, 2) as i32,
        _ => 0,
    };
    // a pension stops for want of a proof of life, a contribution is late: one in three hundred
    let halted = !steady && chance.happens(0.0033);
    for back in (1..=months(district, district.people[person as usize].household)).rev() {
        let month = now.plus(-back);
        if district.people[person as usize].died.is_some_and(|d| Month::of(d) < month) {
            break;
        }
        let mut row = SocialRow {
            person,
            scheme: Scheme::EmpPension,
            month,
            employer,
            base: None,
            paid: None,
            benefit: None,
            central: None,
            nursing: None,
            state: None,
        };
        match means {
            Means::Nothing => continue,
            Means::Wage { fen } => {
                row.base = Some(fen);
                row.paid = Some(if back <= left {
                    Contribution::Stopped
                } else if halted && back == 1 {
                    Contribution::Arrears
                } else {
                    Contribution::Paid
                });
            }
            Means::Flexible { base } => {
                row.base = Some(base);
                row.paid = Some(Contribution::Paid);
            }
            Means::ResidentPayer => {
                row.scheme = Scheme::ResPension;
                row.paid = Some(Contribution::Paid);
            }
            Means::Pension { fen } => row.benefit = Some(fen),
            Means::ResidentPension { fen } => {
                row.scheme = Scheme::ResPension;
                row.benefit = Some(fen);
                row.central = Some(CENTRAL);
            }
            Means::Unemployed { fen } => {
                row.scheme = Scheme::Unemployment;
                row.benefit = Some(fen);
            }
            Means::Injured { fen, nursing } => {
                row.scheme = Scheme::Injury;
                row.benefit = Some(fen);
                row.nursing = (nursing > 0).then_some(nursing);
            }
            Means::Maternity { fen } => {
                row.scheme = Scheme::Maternity;
                row.benefit = Some(fen);
            }
        }
        if row.benefit.is_some() {
            let pension = matches!(row.scheme, Scheme::EmpPension | Scheme::ResPension);
            row.state = Some(match (halted && back == 1, pension) {
                (true, true) => Benefit::Suspended,
                (true, false) => Benefit::Ended,
                _ => Benefit::Active,
            });
        }
        district.social.push(row);
    }
}
