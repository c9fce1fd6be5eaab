//! Water and power by meter and month.
//!
//! Reasoning: a household uses some 180 kWh and 8 tons a month, more in summer and winter, with a spread between homes
//! much wider than between months. Every fortieth account of a poor family is behind with a bill, every sixtieth has
//! fallen to half. Sent for poor families and for old or disabled people who live alone, a third and a quarter of them:
//! that is as many as a pilot reads, and meters of a whole town would be two and a half million rows a year.

use crate::cell::mix;
use crate::chance::Chance;
use crate::district::District;
use crate::month::Month;
use crate::person::{RegStatus, Story};
use crate::rows::codes;

codes!(Meter { Water = "water" "自来水", Power = "power" "用电", Gas = "gas" "燃气" });

#[derive(Debug, Clone)]
pub struct UtilityRow {
    pub account: u32,
    pub kind: Meter,
    pub month: Month,
    /// None where the account is a landlord's of another county.
    pub holder: Option<u32>,
    pub household: u32,
    /// Hundredths of a ton, a kilowatt hour, a cubic metre.
    pub quantity: i64,
    pub amount: i64,
    pub arrears: Option<i64>,
    pub arrears_months: Option<i64>,
}

/// Months in the files: the two that are asked about and twelve to compare them with.
pub const METERED_MONTHS: i32 = 14;

/// Share of the year's mean by calendar month, percent.
const SEASON: [i64; 12] = [122, 112, 92, 82, 84, 104, 128, 130, 98, 80, 84, 106];

pub fn read(district: &mut District, chance: &mut Chance) {
    let certified: std::collections::HashSet<u32> = district.certificates.iter().map(|c| c.person).collect();
    for h in 0..district.households.len() {
        let home = &district.households[h];
        if matches!(home.story, Story::Planned | Story::Fixed) {
            continue;
        }
        let here: Vec<u32> = home
            .members()
            .map(|m| m as u32)
            .filter(|m| {
                let p = &district.people[*m as usize];
                p.died.is_none() && p.status == RegStatus::Active
            })
            .collect();
        let Some(&head) = here.first() else { continue };
        let alone = here.len() == 1
            && (district.people[head as usize].age_on(district.as_of) >= 70 || certified.contains(&head));
        let spread = mix(h as u64);
        let poor = home.story != Story::Ordinary;
        let (power, water) = match (poor, alone) {
            (true, _) => (spread.is_multiple_of(3), spread.is_multiple_of(9)),
            (false, true) => (spread.is_multiple_of(4), false),
            (false, false) => (false, false),
        };
        let holder = (!chance.happens(0.06)).then_some(head);
        for (kind, sent, mean) in [(Meter::Power, power, 18_000.0), (Meter::Water, water, 820.0)] {
            if sent {
                let size = 0.55 + 0.25 * here.len() as f64;
                let mean = chance.lognormal(mean * size, 0.35) as i64;
                let fallen = chance.happens(0.017).then(|| chance.between(4, 48));
                let behind = if chance.happens(0.025) { chance.between(1, 5) } else { 0 };
                meter(district, h as u32, holder, kind, mean, fallen, behind, chance);
            }
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "one meter's year")]
fn meter(
    district: &mut District,
    household: u32,
    holder: Option<u32>,
    kind: Meter,
    mean: i64,
    fallen: Option<i64>,
    behind: i64,
    chance: &mut Chance,
) {
    let account = next_account(district);
    let now = Month::of(district.as_of);
    for back in (1..=METERED_MONTHS).rev() {
        let month = now.plus(-back);
        let season = if kind == Meter::Power { SEASON[month.number() as usize - 1] } else { 100 };
        let mut quantity = mean * season / 100 * chance.between(86, 114) / 100;
        if let Some(percent) = fallen.filter(|_| back <= 2) {
            quantity = mean * percent / 100;
        }
        let price = if kind == Meter::Power { 56 } else { 330 };
        let owed = (behind - i64::from(back) + 1).max(0);
        let amount = quantity * price / 100;
        add(
            district,
            UtilityRow {
                account,
                kind,
                month,
                holder,
                household,
                quantity,
                amount,
                arrears: (owed > 0).then_some(amount * owed),
                arrears_months: (owed > 0).then_some(owed),
            },
        );
    }
}

pub fn next_account(district: &District) -> u32 {
    district.utilities.last().map_or(1, |u| u.account + 1)
}

pub fn add(district: &mut District, row: UtilityRow) {
    district.utilities.push(row);
}
