//! A district for the field's reference study: so many people on a disability subsidy, so many of them destitute persons
//! who are supported already.
//!
//! A city compared 199,292 recipients of the two disability subsidies with its roster of destitute persons and found 1,116
//! on both. The same shape can be made here, so that whoever compares must find those and nobody else.

use crate::SynthError;
use crate::assistance::{self, Spell};
use crate::chance::Chance;
use crate::district::District;
use crate::month::Month;
use crate::person::{RegStatus, Story};
use crate::rows::*;
use chrono::{Days, Months};

/// How many people have an active living or nursing subsidy, and how many of them are on the roster as destitute persons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipients {
    pub people: u64,
    pub overlaps: u64,
}

/// What counts today, by person.
struct Today {
    subsidised: Vec<bool>,
    tekun: Vec<bool>,
}

fn active(district: &District, s: &SubsidyRow) -> bool {
    matches!(s.kind, SubsidyKind::Living | SubsidyKind::Nursing)
        && s.status == SubsidyStatus::Active
        && s.start <= district.as_of
        && s.end.is_none_or(|end| end >= district.as_of)
}

fn today(district: &District) -> Today {
    let mut today = Today { subsidised: vec![false; district.people.len()], tekun: vec![false; district.people.len()] };
    for s in &district.subsidies {
        today.subsidised[s.person as usize] |= active(district, s);
    }
    for r in district.roster.iter().filter(|r| r.programme == Programme::Tekun) {
        today.tekun[r.person as usize] |= r.start <= district.as_of && r.end.is_none_or(|end| end >= district.as_of);
    }
    today
}

/// People with an active living or nursing subsidy.
pub fn count(district: &District) -> u64 {
    today(district).subsidised.into_iter().filter(|on| *on).count() as u64
}

/// Takes subsidies away and gives them until the numbers are as wanted. Those laid out by hand stay as they are and
/// count; the dead and those who moved away get none.
pub fn fit(district: &mut District, wanted: Recipients, chance: &mut Chance) -> Result<(), SynthError> {
    let refuse = |why| SynthError::Recipients { wanted: wanted.people, why };
    if wanted.overlaps > wanted.people {
        return Err(refuse("more overlaps than people"));
    }
    let by_hand: Vec<bool> = district.people.iter().map(|p| district.by_hand(p.household as usize)).collect();
    let here: Vec<bool> = district.people.iter().map(|p| p.died.is_none() && p.status == RegStatus::Active).collect();
    // chance gives nobody both, and the dead nothing
    let now = today(district);
    for i in 0..district.subsidies.len() {
        let s = &district.subsidies[i];
        let who = s.person as usize;
        if !by_hand[who] && (now.tekun[who] || !here[who]) && active(district, s) {
            district.subsidies[i].status = SubsidyStatus::Stopped;
        }
    }
    let mut now = today(district);
    let count = |now: &Today, both: bool| {
        (0..now.subsidised.len()).filter(|who| now.subsidised[*who] && (!both || now.tekun[*who])).count() as u64
    };
    let planted = (0..by_hand.len()).filter(|who| by_hand[*who] && now.subsidised[*who]).count() as u64;
    if planted > wanted.people || count(&now, true) > wanted.overlaps {
        return Err(refuse("more than that are laid out by hand"));
    }
    // too many: the last ones of chance lose theirs
    let mut spare = count(&now, false).saturating_sub(wanted.people - (wanted.overlaps - count(&now, true)));
    for who in (0..by_hand.len()).rev() {
        if spare == 0 {
            break;
        }
        if now.subsidised[who] && !by_hand[who] {
            now.subsidised[who] = false;
            spare -= 1;
        }
    }
    for i in 0..district.subsidies.len() {
        let s = &district.subsidies[i];
        if !now.subsidised[s.person as usize] && active(district, s) {
            district.subsidies[i].status = SubsidyStatus::Stopped;
        }
    }
    // a second row of one person and one subsidy could share its key with the first
    let mut known = vec![false; by_hand.len()];
    for s in &district.subsidies {
        known[s.person as usize] |= s.kind == SubsidyKind::Nursing;
    }
    for c in &district.certificates {
        known[c.person as usize] = true;
    }
    let free = |who: &usize| here[*who] && !by_hand[*who] && !known[*who];
    let mut order: Vec<usize> = (0..by_hand.len()).filter(free).collect();
    for i in (1..order.len()).rev() {
        order.swap(i, chance.below(i + 1));
    }
    // destitute persons first; where there are too few, old people who live on their own means join them
    let mut left = wanted.overlaps - count(&now, true);
    let give = |district: &mut District, now: &mut Today, who: usize, chance: &mut Chance| {
        grant(district, who as u32, chance);
        now.subsidised[who] = true;
    };
    for &who in &order {
        if left > 0 && now.tekun[who] && !now.subsidised[who] {
            give(district, &mut now, who, chance);
            left -= 1;
        }
    }
    for &who in &order {
        let old = district.people[who].age_on(district.as_of) >= 60;
        let alone = district.households[district.people[who].household as usize].story == Story::Ordinary;
        if left > 0 && old && alone && !now.tekun[who] && !now.subsidised[who] {
            enrol(district, who as u32);
            now.tekun[who] = true;
            give(district, &mut now, who, chance);
            left -= 1;
        }
    }
    if left > 0 {
        return Err(refuse("there are too few old people for so many overlaps"));
    }
    let mut left = wanted.people - count(&now, false);
    for &who in &order {
        if left > 0 && !now.tekun[who] && !now.subsidised[who] {
            give(district, &mut now, who, chance);
            left -= 1;
        }
    }
    if left > 0 { Err(refuse("there are too few people")) } else { Ok(()) }
}

/// On the roster for two years, checked lately.
fn enrol(district: &mut District, person: u32) {
    let as_of = district.as_of;
    let start = Month::of(as_of).plus(-24).first();
    let spell = Spell {
        start,
        end: None,
        class: 'A',
        reverified: as_of - Days::new(60),
        monthly: Some(135_800),
        stop_reason: "",
    };
    assistance::add_roster(district, &[person], person, Programme::Tekun, &spell);
}

/// A nursing subsidy with the certificate it rests on, and last month's payment.
fn grant(district: &mut District, person: u32, chance: &mut Chance) {
    let as_of = district.as_of;
    let issued = as_of - Days::new(chance.between(120, 3_200) as u64);
    let kind = *chance.one_of(&[Disability::Limb, Disability::Visual, Disability::Intellectual, Disability::Mental]);
    let grade = chance.between(1, 2) as u8;
    district.certificates.push(Certificate {
        person,
        kind,
        grade,
        issued,
        expires: issued.checked_add_months(Months::new(120)),
        status: CertStatus::Valid,
        guardian: None,
    });
    let liveness = as_of - Days::new(chance.between(3, 350) as u64);
    let amount = if grade == 1 { 16_000 } else { 12_000 };
    district.subsidies.push(SubsidyRow {
        person,
        kind: SubsidyKind::Nursing,
        amount,
        start: Month::of(as_of).plus(-(chance.between(1, 30) as i32)).first(),
        end: None,
        liveness: Some(liveness),
        liveness_due: liveness.checked_add_months(Months::new(12)),
        status: SubsidyStatus::Active,
    });
    let month = Month::of(as_of).plus(-1);
    let day = month.day(15);
    assistance::pay(district, PayItem::DisabilityNursing, person, person, amount, month, day, PayState::Paid);
}
