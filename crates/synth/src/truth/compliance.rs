//! Compliance: what is paid, and to whom it should not be.

use super::{Alert, View, household, person};
use crate::month::Month;
use crate::rows::*;
use std::collections::HashMap;

pub const INDICATORS: &[&str] = &["M056", "M057", "M060", "M064", "M065", "M067", "M069", "M071", "M072"];

pub fn find(view: &View<'_>, found: &mut Vec<Alert>) {
    paid_after_death(view, found);
    two_subsidies(view, found);
    homes(view, found);
    vehicles(view, found);
    firms(view, found);
    enrolled(view, found);
    liveness(view, found);
}

/// M056.
fn paid_after_death(view: &View<'_>, found: &mut Vec<Alert>) {
    for p in &view.d.payments {
        let who = p.beneficiary.unwrap_or(p.payee) as usize;
        let Some(died) = view.death[who] else { continue };
        if view.person[who]
            && p.state == PayState::Paid
            && view.since(p.date, view.months_ago(12))
            && p.month > Month::of(died)
        {
            found.push(person("M056", who));
        }
    }
}

pub fn runs(view: &View<'_>, s: &SubsidyRow) -> bool {
    s.status == SubsidyStatus::Active && s.start <= view.as_of && s.end.is_none_or(|end| end >= view.as_of)
}

/// M057, M060.
fn two_subsidies(view: &View<'_>, found: &mut Vec<Alert>) {
    let mut known = vec![false; view.d.people.len()];
    for c in view.d.certificates.iter().filter(|c| c.issued <= view.as_of) {
        known[c.person as usize] = true;
    }
    for s in &view.d.subsidies {
        let who = s.person as usize;
        if !runs(view, s) || !matches!(s.kind, SubsidyKind::Living | SubsidyKind::Nursing) || !view.living[who] {
            continue;
        }
        if view.roster[who].tekun {
            found.push(person("M057", who));
        }
        if known[who] && view.certificate[who].is_none() {
            found.push(person("M060", who));
        }
    }
}

/// M064.
fn homes(view: &View<'_>, found: &mut Vec<Alert>) {
    // household -> unit -> area
    let mut held: HashMap<usize, HashMap<u32, i64>> = HashMap::new();
    for e in &view.d.estates {
        if view.counted(e.holder as usize)
            && e.usage == Usage::Residence
            && e.event != EstateEvent::Cancel
            && e.registered <= view.as_of
        {
            let area = held.entry(view.household_of(e.holder)).or_default().entry(e.unit).or_insert(e.area);
            *area = (*area).max(e.area);
        }
    }
    for (home, units) in held {
        let size = view.d.households[home].members().filter(|m| view.counted(*m)).count() as i64;
        let area: i64 = units.values().sum();
        // 25 square metres a head, in hundredths
        if units.len() > 1 && area >= 2_500 * size && view.receives(home) {
            found.push(household("M064", home));
        }
    }
}

/// M065.
fn vehicles(view: &View<'_>, found: &mut Vec<Alert>) {
    for v in &view.d.vehicles {
        let home = view.household_of(v.owner);
        if !view.counted(v.owner as usize)
            || v.status == CarStatus::Scrapped
            || v.usage == CarUse::Disability
            || v.first > view.as_of
            || !view.receives(home)
        {
            continue;
        }
        let members = || view.d.households[home].members().filter(|m| view.living[*m]).map(|m| view.roster[m]);
        let value = v.value.unwrap_or(0);
        let over = if members().any(|r| r.dibao || r.tekun) {
            v.usage == CarUse::Private || value > 3_000_000
        } else if members().any(|r| r.edge || r.dibao_single) {
            value > 8_000_000
        } else {
            value > 15_000_000
        };
        if over {
            found.push(household("M065", home));
        }
    }
}

/// M067.
fn firms(view: &View<'_>, found: &mut Vec<Alert>) {
    for e in &view.d.entities {
        let home = view.household_of(e.person);
        let stake = e.capital.unwrap_or(0).max(e.paid.unwrap_or(0));
        if view.counted(e.person as usize)
            && e.status == EntityStatus::Active
            && e.role != EntityRole::Supervisor
            && e.founded <= view.as_of
            && stake > 0
            && view.receives(home)
        {
            found.push(household("M067", home));
        }
    }
}

/// M069, M071.
fn enrolled(view: &View<'_>, found: &mut Vec<Alert>) {
    for (who, r) in view.roster.iter().enumerate() {
        if !view.living[who] {
            continue;
        }
        if view.custody[who].is_some() && (r.dibao || r.dibao_single || r.tekun) {
            found.push(person("M069", who));
        }
        if r.late {
            found.push(household("M071", view.household_of(who as u32)));
        }
    }
}

/// M072.
fn liveness(view: &View<'_>, found: &mut Vec<Alert>) {
    let mut seen = vec![false; view.d.people.len()];
    for s in &view.d.settlements {
        seen[s.person as usize] |= s.visit != Visit::Pharmacy && !s.refund && view.since(s.settled, view.days_ago(90));
    }
    for s in &view.d.subsidies {
        let who = s.person as usize;
        if runs(view, s) && s.liveness_due.is_some_and(|due| due < view.as_of) && view.living[who] && !seen[who] {
            found.push(person("M072", who));
        }
    }
}
