//! The roster, what was paid, and the welfare subsidies.
//!
//! Reasoning: recipients get the difference to the line for twelve months; age allowance comes without asking at 80; the
//! two disability subsidies follow certificate and roster. What goes wrong does so at the rates that checks of such
//! lists find: some payments after a death, two subsidies beside tekun (0.5 %), lapsed certificates, re-verifications
//! that are late.

use crate::chance::Chance;
use crate::district::District;
use crate::month::Month;
use crate::person::{RegStatus, Relation, Story};
use crate::rows::*;
use chrono::{Datelike, Days, Months, NaiveDate};

/// Months of payments in the files.
pub const PAID_MONTHS: i32 = 12;

pub fn assist(district: &mut District, chance: &mut Chance) {
    let severe = severely_disabled(district);
    let mut inside = vec![false; district.people.len()];
    for c in &district.custodies {
        inside[c.person as usize] |= matches!(c.measure, Measure::Prison | Measure::Detox) && c.ended.is_none();
    }
    for h in 0..district.households.len() {
        match district.households[h].story {
            Story::Planned | Story::Fixed => {}
            Story::Ordinary | Story::Missed => once(district, h, chance),
            Story::Dibao => enrol(district, h, Programme::Dibao, &inside, chance),
            Story::Tekun => enrol(district, h, Programme::Tekun, &inside, chance),
            Story::Edge => {
                enrol(district, h, Programme::Edge, &inside, chance);
                let single = district.households[h].members().map(|m| m as u32).find(|m| severe[*m as usize]);
                if let Some(person) = single.filter(|p| living(district, *p)) {
                    single_person(district, person, chance);
                }
            }
            Story::Rigid => enrol(district, h, Programme::Rigid, &inside, chance),
        }
    }
    subsidies(district, chance);
}

fn living(district: &District, person: u32) -> bool {
    let p = &district.people[person as usize];
    p.died.is_none() && p.status == RegStatus::Active
}

fn severely_disabled(district: &District) -> Vec<bool> {
    let mut severe = vec![false; district.people.len()];
    for c in district.certificates.iter().filter(|c| c.status == CertStatus::Valid) {
        severe[c.person as usize] |= c.severe();
    }
    severe
}

/// A severely disabled member of an edge household on dibao alone (DB57 art.8).
fn single_person(district: &mut District, person: u32, chance: &mut Chance) {
    let start = month_start(district.as_of, chance.between(2, 40) as u32);
    let reverified = (district.as_of - Days::new(chance.between(5, 350) as u64)).max(start);
    let rural = district.is_rural(district.people[person as usize].household as usize);
    let monthly = if rural { 84_000 + 25_200 } else { 96_000 + 28_800 };
    let spell = Spell { start, end: None, class: 'A', reverified, monthly: Some(monthly), stop_reason: "" };
    add_roster(district, &[person], person, Programme::DibaoSingle, &spell);
    let now = Month::of(district.as_of);
    for month in (1..=PAID_MONTHS).rev().map(|back| now.plus(-back)).filter(|m| *m > Month::of(start)) {
        pay(district, PayItem::DibaoSingle, person, person, monthly, month, month.day(10), PayState::Paid);
    }
}

/// Families without a running programme: help that has ended, and temporary assistance.
fn once(district: &mut District, h: usize, chance: &mut Chance) {
    let Some(head) = district.households[h].members().map(|m| m as u32).find(|m| living(district, *m)) else { return };
    if chance.happens(0.0035) {
        let start = district.as_of - Days::new(chance.between(3, 700) as u64);
        temporary(district, head, start, chance.between(5, 40) * 10_000);
    }
    if chance.happens(0.006) {
        let start = month_start(district.as_of, chance.between(30, 80) as u32);
        let end = start.checked_add_months(Months::new(chance.between(8, 26) as u32)).map(|d| d - Days::new(1));
        let members: Vec<u32> = district.households[h].members().map(|m| m as u32).collect();
        let monthly = Some(chance.between(20, 120) * 1_000);
        let spell = Spell { start, end, class: 'B', reverified: start, monthly, stop_reason: "收入超过标准" };
        add_roster(district, &members, head, Programme::Dibao, &spell);
    }
}

/// One payment of temporary assistance, with its row of the roster.
pub fn temporary(district: &mut District, person: u32, start: NaiveDate, amount: i64) {
    let end = (start + Days::new(30)).min(district.as_of);
    let spell = Spell {
        start,
        end: Some(end),
        class: 'B',
        reverified: start,
        monthly: Some(amount),
        stop_reason: "一次性救助",
    };
    add_roster(district, &[person], person, Programme::Temporary, &spell);
    let month = Month::of(start);
    if month >= Month::of(district.as_of).plus(-PAID_MONTHS) && start + Days::new(5) < district.as_of {
        pay(district, PayItem::Temporary, person, person, amount, month, start + Days::new(5), PayState::Paid);
    }
}

/// One spell on the roster.
pub struct Spell {
    pub start: NaiveDate,
    pub end: Option<NaiveDate>,
    pub class: char,
    pub reverified: NaiveDate,
    pub monthly: Option<i64>,
    pub stop_reason: &'static str,
}

pub fn add_roster(district: &mut District, members: &[u32], applicant: u32, programme: Programme, spell: &Spell) {
    let case = district.roster.last().map_or(1, |r| r.case + 1);
    for person in members {
        district.roster.push(RosterRow {
            person: *person,
            case,
            programme,
            applicant,
            members: members.len() as u8,
            monthly: spell.monthly,
            class: spell.class,
            start: spell.start,
            end: spell.end,
            stop_reason: spell.stop_reason,
            elsewhere: None,
            reverified: spell.reverified,
        });
    }
}

fn enrol(district: &mut District, h: usize, programme: Programme, inside: &[bool], chance: &mut Chance) {
    let as_of = district.as_of;
    let all: Vec<u32> = district.households[h].members().map(|m| m as u32).collect();
    // the dead stay on for the month of the death, and some of them longer, until the death is seen
    let members: Vec<u32> = all
        .iter()
        .copied()
        .filter(|m| {
            let p = &district.people[*m as usize];
            // prisoners do not count (DB57 art.7); one in fifteen was overlooked
            p.status != RegStatus::Moved && (!inside[*m as usize] || chance.happens(0.07))
        })
        .collect();
    let Some(&head) = members.first() else { return };
    let start = month_start(as_of, chance.between(2, 70) as u32);
    let able = members.iter().any(|m| (18..60).contains(&district.people[*m as usize].age_on(as_of)));
    let class = match programme {
        Programme::Tekun => 'A',
        _ if !able => 'A',
        _ if chance.happens(0.5) => 'B',
        _ => 'C',
    };
    let period = if class == 'C' { 180 } else { 362 };
    let late = if chance.happens(0.025) { chance.between(8, 120) } else { -chance.between(0, period - 1) };
    let reverified = (as_of - Days::new((period + late).max(1) as u64)).max(start);
    let standard: i64 = if district.is_rural(h) { 84_000 } else { 96_000 };
    let size = members.len() as i64;
    let monthly = match programme {
        Programme::Dibao => Some((standard * size * chance.between(12, 78) / 100 + 9_999) / 10_000 * 10_000),
        Programme::Tekun => Some(standard * 13 / 10 + 11_000),
        _ => None,
    };
    let mut lingering = Vec::new();
    for &member in &members {
        let mut spell = Spell { start, end: None, class, reverified, monthly, stop_reason: "" };
        if let Some(died) = district.people[member as usize].died {
            let seen = chance.happens(0.9);
            let closed = Month::of(died).last();
            if closed < start {
                continue;
            }
            if seen && closed < as_of {
                spell.end = Some(closed);
                spell.stop_reason = "死亡";
            } else {
                lingering.push(member);
            }
        }
        add_roster(district, &[member], head, programme, &spell);
    }
    renumber(district, members.len());
    let Some(monthly) = monthly else { return };
    let item = if programme == Programme::Tekun { PayItem::Tekun } else { PayItem::Dibao };
    // the head's account; where the head has died, the account of the next who lives
    let now = Month::of(as_of);
    for back in (1..=PAID_MONTHS).rev() {
        let month = now.plus(-back);
        if month < Month::of(start).plus(1) {
            continue;
        }
        let Some(payee) = members.iter().copied().find(|m| {
            let p = &district.people[*m as usize];
            p.died.is_none_or(|d| Month::of(d) >= month) || (lingering.contains(m) && chance.happens(0.5))
        }) else {
            break;
        };
        let state = match chance.share() {
            s if s < 0.003 => PayState::Returned,
            s if s < 0.01 && back == 1 => PayState::Pending,
            _ => PayState::Paid,
        };
        pay(district, item, payee, payee, monthly, month, month.day(10), state);
    }
}

/// The rows of one enrolment share one case number.
fn renumber(district: &mut District, most: usize) {
    let at = district.roster.len().saturating_sub(most);
    let Some(last) = district.roster.last().cloned() else { return };
    let count = district.roster[at..].iter().filter(|r| r.applicant == last.applicant && r.start == last.start).count();
    for row in &mut district.roster[at..] {
        if row.applicant == last.applicant && row.start == last.start {
            row.case = last.case;
            row.members = count as u8;
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "one row of the pay list, column by column")]
pub fn pay(
    district: &mut District,
    item: PayItem,
    payee: u32,
    beneficiary: u32,
    amount: i64,
    month: Month,
    date: NaiveDate,
    state: PayState,
) {
    let number = district.payments.len() as u32 + 1;
    // a third of the lists name the payee only
    let beneficiary = (payee != beneficiary || !number.is_multiple_of(3)).then_some(beneficiary);
    district.payments.push(Payment { number, item, payee, beneficiary, amount, month, date, state });
}

fn month_start(as_of: NaiveDate, months_ago: u32) -> NaiveDate {
    Month::of(as_of).plus(-(months_ago as i32)).first()
}

/// Age allowance by age, fen a month.
pub fn age_allowance(age: i64) -> i64 {
    match age {
        ..80 => 0,
        80..90 => 6_000,
        90..100 => 12_000,
        _ => 50_000,
    }
}

fn subsidies(district: &mut District, chance: &mut Chance) {
    let mut entitled: Vec<Option<(bool, bool, u8)>> = vec![None; district.people.len()];
    for c in &district.certificates {
        // the lists are made from the certificates of the day; one lapsed certificate in ten stays unseen
        let lapsed = c.status != CertStatus::Valid || c.expires.is_some_and(|e| e < district.as_of);
        if entitled[c.person as usize].is_none() {
            entitled[c.person as usize] = Some((c.severe(), lapsed, c.grade));
        }
    }
    for (i, entitlement) in entitled.into_iter().enumerate() {
        let person = i as u32;
        let story = district.household_of(person).story;
        if matches!(story, Story::Planned | Story::Fixed) || district.people[i].status == RegStatus::Moved {
            continue;
        }
        let age = district.people[i].age_on(district.as_of);
        if age >= 80 && chance.happens(0.975) {
            grant(district, person, SubsidyKind::Age, age_allowance(age), chance);
        }
        if age >= 65 && matches!(story, Story::Dibao | Story::Edge) && chance.happens(0.35) {
            grant(district, person, SubsidyKind::Service, 20_000, chance);
        }
        let Some((severe, lapsed, grade)) = entitlement else { continue };
        if lapsed && !chance.happens(0.1) || story == Story::Tekun && !chance.happens(0.02) {
            continue;
        }
        if story == Story::Dibao || story == Story::Edge && severe {
            let amount = if story == Story::Dibao { 12_000 } else { 8_000 };
            grant(district, person, SubsidyKind::Living, amount, chance);
        }
        if severe && chance.happens(0.92) {
            let amount = [16_000, 12_000, 8_000][(grade.clamp(1, 3) - 1) as usize];
            grant(district, person, SubsidyKind::Nursing, amount, chance);
        }
    }
}

/// Last year's row, this year's row at the new standard, and the payments.
fn grant(district: &mut District, person: u32, kind: SubsidyKind, amount: i64, chance: &mut Chance) {
    let as_of = district.as_of;
    let year = Month(as_of.year() * 12);
    let years = chance.between(0, 9);
    let died = district.people[person as usize].died;
    let item = match kind {
        SubsidyKind::Living => PayItem::DisabilityLiving,
        SubsidyKind::Nursing => PayItem::DisabilityNursing,
        SubsidyKind::Age => PayItem::AgeAllowance,
        SubsidyKind::Service => PayItem::ElderService,
    };
    if years > 0 {
        let end = year.plus(-1).last();
        let gone = died.filter(|d| *d <= end);
        let row = SubsidyRow {
            person,
            kind,
            amount: amount * 9 / 10,
            start: year.plus(-12).first(),
            end: Some(gone.map_or(end, |d| Month::of(d).last())),
            liveness: None,
            liveness_due: None,
            status: SubsidyStatus::Stopped,
        };
        if row.end >= Some(row.start) {
            district.subsidies.push(row);
        }
        if gone.is_some() {
            return;
        }
    }
    let start =
        if years > 0 { year.first() } else { month_start(as_of, chance.between(1, 7) as u32).max(year.first()) };
    if died.is_some_and(|d| d < start) {
        return;
    }
    // proof of life once a year; two in a hundred are late
    let proved = if chance.happens(0.02) { chance.between(370, 500) } else { chance.between(3, 350) };
    let liveness = as_of - Days::new(proved as u64);
    let unseen = died.is_none_or(|_| chance.happens(0.12));
    let (status, end) = match died {
        Some(d) if !unseen => (SubsidyStatus::Stopped, Some(Month::of(d).last())),
        _ if chance.happens(0.012) => (SubsidyStatus::Suspended, None),
        _ => (SubsidyStatus::Active, None),
    };
    let liveness = died.map_or(liveness, |d| liveness.min(d));
    district.subsidies.push(SubsidyRow {
        person,
        kind,
        amount,
        start,
        end,
        liveness: Some(liveness),
        liveness_due: liveness.checked_add_months(Months::new(12)),
        status,
    });
    let now = Month::of(as_of);
    for back in (1..=PAID_MONTHS).rev() {
        let month = now.plus(-back);
        if month < Month::of(start) && years == 0 {
            continue;
        }
        let after_death = died.is_some_and(|d| Month::of(d) < month);
        // payments to the dead go on for a month or two before the list is corrected
        if after_death && !(unseen && died.is_some_and(|d| month.0 - Month::of(d).0 <= 2)) {
            continue;
        }
        let guardian =
            district.household_of(person).members().map(|m| m as u32).find(|m| {
                *m != person && district.people[*m as usize].relation == Relation::Head && living(district, *m)
            });
        // minors and one in eight of the others are paid through the head of the household
        let minor = district.people[person as usize].age_on(as_of) < 18;
        let payee =
            guardian.filter(|_| minor || crate::cell::mix(u64::from(person)).is_multiple_of(8)).unwrap_or(person);
        let state = if chance.happens(0.002) { PayState::Returned } else { PayState::Paid };
        pay(district, item, payee, person, amount, month, month.day(15), state);
    }
}
