//! Homes, vehicles, firms and, where somebody signed for it, money in banks.
//!
//! Reasoning: most urban households own a registered home, villages are registered only in part (homesteads are missing), one
//! household in three has a car. Families on the roster seldom have more than they may; about one in a hundred does, which
//! is what the compliance indicators look for. Financial assets are asked only with an authorisation: for recipients, and
//! for families of the low-income pool that have signed one; homes, cars and firms only of families that are monitored.

use crate::chance::Chance;
use crate::district::District;
use crate::person::{RegStatus, Relation, Story};
use crate::rows::*;
use crate::words;
use chrono::{Days, NaiveDate};

pub fn own(district: &mut District, chance: &mut Chance) {
    for h in 0..district.households.len() {
        let household = &district.households[h];
        let story = household.story;
        // registers of property answer about people who are asked about
        if matches!(story, Story::Planned | Story::Fixed) || !district.monitored(h) {
            continue;
        }
        let rural = district.is_rural(h);
        let adults: Vec<u32> = household
            .members()
            .map(|m| m as u32)
            .filter(|m| {
                let p = &district.people[*m as usize];
                p.age_on(district.as_of) >= 18 && p.status != RegStatus::Moved
            })
            .collect();
        let Some(&head) = adults.first() else { continue };
        let spouse = adults.iter().copied().find(|a| district.people[*a as usize].relation == Relation::Spouse);
        homes(district, story, rural, head, spouse, chance);
        cars(district, story, rural, &adults, chance);
        firms(district, story, &adults, chance);
        let authorised = match story {
            Story::Ordinary => chance.happens(0.008),
            _ => true,
        };
        if authorised {
            accounts(district, story, rural, &adults, chance);
        }
    }
}

fn poor(story: Story) -> bool {
    story != Story::Ordinary
}

fn homes(district: &mut District, story: Story, rural: bool, head: u32, spouse: Option<u32>, chance: &mut Chance) {
    let owns = if poor(story) {
        0.3
    } else if rural {
        0.22
    } else {
        0.52
    };
    if !chance.happens(owns) {
        return;
    }
    let more = if poor(story) { 0.03 } else { 0.07 };
    let count = 1 + usize::from(chance.happens(more)) + usize::from(chance.happens(more / 6.0));
    for _ in 0..count {
        let area = chance.lognormal(if poor(story) { 58.0 } else { 92.0 }, 0.3) * 100.0;
        let registered = long_ago(district.as_of, 7_000, chance);
        let event = [EstateEvent::First, EstateEvent::Transfer, EstateEvent::Mortgage, EstateEvent::Cancel]
            [chance.weighted([0.3, 0.46, 0.22, 0.02].into_iter())];
        let price = (event == EstateEvent::Transfer).then(|| (area * 65.0) as i64 * 100);
        let usage = match chance.share() {
            s if s < 0.96 => Usage::Residence,
            s if s < 0.985 => Usage::Shop,
            s if s < 0.99 => Usage::Office,
            _ => Usage::Other,
        };
        let holders = match spouse {
            Some(spouse) if chance.happens(0.45) => vec![(head, 50), (spouse, 50)],
            _ => vec![(head, 100)],
        };
        add_estate(district, &holders, usage, area as i64, registered, event, price);
    }
}

/// One unit, one row a holder.
pub fn add_estate(
    district: &mut District,
    holders: &[(u32, u8)],
    usage: Usage,
    area: i64,
    registered: NaiveDate,
    event: EstateEvent,
    price: Option<i64>,
) {
    let unit = district.estates.last().map_or(1, |e| e.unit + 1);
    for (holder, share) in holders {
        district.estates.push(Estate { unit, holder: *holder, share: *share, usage, area, registered, event, price });
    }
}

fn cars(district: &mut District, story: Story, rural: bool, adults: &[u32], chance: &mut Chance) {
    let owns = if poor(story) {
        0.02
    } else if rural {
        0.24
    } else {
        0.34
    };
    if chance.happens(owns) {
        let owner = *chance.one_of(adults);
        let (model, new) = *chance.one_of(words::CAR_MODELS);
        let first = long_ago(district.as_of, 3_600, chance);
        let years = (district.as_of - first).num_days() as f64 / 365.25;
        let value = (new as f64 * (-0.14 * years).exp()) as i64 * 100;
        let truck = model.contains('货') || model.contains('包');
        add_vehicle(
            district,
            Vehicle {
                plate: 0,
                owner,
                kind: if truck { "轻型普通货车" } else { "小型轿车" },
                usage: if truck && chance.happens(0.5) { CarUse::Operating } else { CarUse::Private },
                model,
                first,
                transferred: chance.happens(0.12).then(|| first + Days::new(200)).filter(|d| *d < district.as_of),
                value: chance.happens(0.95).then_some(value),
                status: match chance.share() {
                    s if s < 0.9 => CarStatus::Normal,
                    s if s < 0.96 => CarStatus::Mortgaged,
                    _ => CarStatus::Scrapped,
                },
            },
        );
    }
    if poor(story) && chance.happens(0.03) {
        let first = long_ago(district.as_of, 2_000, chance);
        let owner = *chance.one_of(adults);
        add_vehicle(
            district,
            Vehicle {
                plate: 0,
                owner,
                kind: "残疾人机动轮椅车",
                usage: CarUse::Disability,
                model: "安行 T1 代步车",
                first,
                transferred: None,
                value: Some(620_000),
                status: CarStatus::Normal,
            },
        );
    }
}

pub fn add_vehicle(district: &mut District, mut vehicle: Vehicle) {
    vehicle.plate = district.vehicles.len() as u32 + 1;
    district.vehicles.push(vehicle);
}

fn firms(district: &mut District, story: Story, adults: &[u32], chance: &mut Chance) {
    let scale = if poor(story) { 0.15 } else { 1.0 };
    for &person in adults {
        let age = district.people[person as usize].age_on(district.as_of);
        if !(20..70).contains(&age) {
            continue;
        }
        if chance.happens(0.042 * scale) {
            let capital = chance.between(1, 20) * 1_000_000;
            firm(district, &[(person, EntityRole::Owner)], chance.happens(0.9).then_some(capital), chance);
        }
        if chance.happens(0.008 * scale) {
            let capital = chance.between(5, 200) * 1_000_000;
            let mut roles = vec![(person, EntityRole::LegalRep), (person, EntityRole::Shareholder)];
            if let Some(other) = adults.iter().copied().find(|a| *a != person) {
                let role = if chance.happens(0.5) { EntityRole::Shareholder } else { EntityRole::Supervisor };
                roles.push((other, role));
            }
            firm(district, &roles, Some(capital), chance);
        }
    }
}

fn firm(district: &mut District, roles: &[(u32, EntityRole)], capital: Option<i64>, chance: &mut Chance) {
    let status = match chance.share() {
        s if s < 0.62 => EntityStatus::Active,
        s if s < 0.68 => EntityStatus::Abnormal,
        s if s < 0.78 => EntityStatus::Revoked,
        _ => EntityStatus::Cancelled,
    };
    let founded = long_ago(district.as_of, 5_000, chance);
    let paid = capital.filter(|_| chance.happens(0.4)).map(|c| c / 2);
    add_firm(district, roles, capital, paid, founded, status);
}

pub fn add_firm(
    district: &mut District,
    roles: &[(u32, EntityRole)],
    capital: Option<i64>,
    paid: Option<i64>,
    founded: NaiveDate,
    status: EntityStatus,
) {
    let number = district.entities.last().map_or(1, |e| e.number + 1);
    for (person, role) in roles {
        // a supervisor holds no share
        let holds = *role != EntityRole::Supervisor;
        district.entities.push(Entity {
            number,
            person: *person,
            role: *role,
            capital: capital.filter(|_| holds),
            paid: paid.filter(|_| holds),
            founded,
            status,
            year: (status == EntityStatus::Active).then_some(2025),
        });
    }
}

/// Kind, how many have it, and how much of the usual sum.
const KINDS: [(AssetKind, f64, f64); 6] = [
    (AssetKind::Deposit, 1.0, 1.0),
    (AssetKind::Internet, 0.3, 0.1),
    (AssetKind::Insurance, 0.06, 0.4),
    (AssetKind::Wealth, 0.03, 0.8),
    (AssetKind::Fund, 0.01, 0.3),
    (AssetKind::Security, 0.005, 0.3),
];

fn accounts(district: &mut District, story: Story, rural: bool, adults: &[u32], chance: &mut Chance) {
    let standard: i64 = if rural { 84_000 } else { 96_000 };
    // two years of the standard a head are allowed for dibao: nearly all are far below
    let median = match story {
        Story::Ordinary => 30_000.0,
        Story::Dibao | Story::Tekun | Story::Missed => 0.12 * 24.0 * standard as f64 / 100.0,
        _ => 0.2 * 36.0 * standard as f64 / 100.0,
    };
    let day = district.as_of - Days::new(chance.between(10, 80) as u64);
    for &person in adults {
        for (kind, has, part) in KINDS {
            if chance.happens(has) {
                let balance = chance.money(median * part, 0.7, 1);
                add_asset(district, person, kind, balance, day);
            }
        }
    }
}

pub fn add_asset(district: &mut District, person: u32, kind: AssetKind, balance: i64, date: NaiveDate) {
    let household = district.people[person as usize].household;
    district.assets.push(Asset {
        query: household + 1,
        authorisation: household + 1,
        person,
        org: 1 + (crate::cell::mix(u64::from(person)) % 9) as u8,
        kind,
        balance,
        average: Some(balance * 9 / 10),
        inflow: Some(balance / 3),
        date,
    });
}

/// A day in the past, recent ones somewhat more often.
fn long_ago(as_of: NaiveDate, days: i64, chance: &mut Chance) -> NaiveDate {
    let share = chance.share();
    as_of - Days::new(2 + (share.powf(1.3) * days as f64) as u64)
}
