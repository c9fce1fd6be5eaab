//! Triggers and scores: what happened to people.

use super::{Alert, View, household, person};
use crate::person::age_on;
use crate::rows::{Disability, Programme, SubsidyKind, SubsidyStatus, Visit};

pub const INDICATORS: &[&str] =
    &["M001", "M002", "M003", "M010", "M011", "M012", "M034", "M037", "M044", "M049", "M051"];

pub fn find(view: &View<'_>, found: &mut Vec<Alert>) {
    bills(view, found);
    certificates(view, found);
    deaths(view, found);
    custody(view, found);
    age_allowance(view, found);
    lone_parents(view, found);
    temporary_help(view, found);
}

/// What households paid themselves in the last three months, and in the nine before, in fen.
fn paid(view: &View<'_>) -> [Vec<i64>; 2] {
    let year = view.months_ago(12);
    let quarter = view.months_ago(3);
    let mut earlier = vec![0i64; view.d.households.len()];
    let mut recent = vec![0i64; view.d.households.len()];
    for s in &view.d.settlements {
        // somebody who is no longer of the district belongs to none of its households
        if !view.since(s.settled, year) || !view.person[s.person as usize] {
            continue;
        }
        let own = if s.refund { -(s.oop_policy.abs() + s.oop_outside.abs()) } else { s.oop_policy + s.oop_outside };
        let sums = if s.settled > quarter { &mut recent } else { &mut earlier };
        sums[view.household_of(s.person)] += own;
    }
    [recent, earlier]
}

/// What households paid themselves in twelve months, in fen.
pub fn yearly_bills(view: &View<'_>) -> Vec<i64> {
    let [recent, earlier] = paid(view);
    recent.into_iter().zip(earlier).map(|(a, b)| a + b).collect()
}

/// M001, M002, M037.
fn bills(view: &View<'_>, found: &mut Vec<Alert>) {
    let [recent, earlier] = paid(view);
    let mut stays = vec![0u32; view.d.people.len()];
    let year = view.months_ago(12);
    for s in &view.d.settlements {
        if view.since(s.settled, year) && s.visit == Visit::Inpatient && !s.refund {
            stays[s.person as usize] += 1;
        }
    }
    for home in 0..view.d.households.len() {
        if !view.any_living(home) {
            continue;
        }
        if recent[home] + earlier[home] >= 1_000_000 {
            found.push(household("M001", home));
        }
        if recent[home] >= 600_000 && recent[home] >= earlier[home] {
            found.push(household("M002", home));
        }
    }
    for (who, count) in stays.into_iter().enumerate() {
        if count >= 3 && view.living[who] {
            found.push(person("M037", who));
        }
    }
}

/// M003, M044.
fn certificates(view: &View<'_>, found: &mut Vec<Alert>) {
    for (who, certificate) in view.certificate.iter().enumerate() {
        let Some(c) = certificate else { continue };
        if !view.living[who] {
            continue;
        }
        if c.issued > view.days_ago(90) {
            found.push(person("M003", who));
        }
        let severe = c.grade <= 2 || (c.grade == 3 && matches!(c.kind, Disability::Intellectual | Disability::Mental));
        if !severe {
            found.push(person("M044", who));
        }
    }
}

/// M010, M011.
fn deaths(view: &View<'_>, found: &mut Vec<Alert>) {
    for (home, of) in view.d.households.iter().enumerate() {
        if !view.any_living(home) {
            continue;
        }
        let dead = |m: &usize| view.person[*m] && view.death[*m].is_some();
        let prime = of.members().filter(dead).any(|m| {
            view.death[m].is_some_and(|day| {
                view.since(day, view.days_ago(60)) && (25..=50).contains(&age_on(view.d.people[m].birth, day))
            })
        });
        if prime {
            found.push(household("M010", home));
        }
        let lately =
            of.members().filter(dead).any(|m| view.death[m].is_some_and(|day| view.since(day, view.days_ago(90))));
        if lately && of.members().any(|m| view.person[m] && view.roster[m].any) {
            found.push(household("M011", home));
        }
    }
}

/// M012.
fn custody(view: &View<'_>, found: &mut Vec<Alert>) {
    for (home, of) in view.d.households.iter().enumerate() {
        let entered =
            of.members().any(|m| view.living[m] && view.custody[m].is_some_and(|start| start > view.days_ago(90)));
        if entered && of.members().any(|m| view.counted(m)) {
            found.push(household("M012", home));
        }
    }
}

/// M034.
fn age_allowance(view: &View<'_>, found: &mut Vec<Alert>) {
    let mut open = vec![false; view.d.people.len()];
    for s in view.d.subsidies.iter().filter(|s| s.kind == SubsidyKind::Age) {
        let running = s.start <= view.as_of && s.end.is_none_or(|end| end >= view.as_of);
        open[s.person as usize] |= running && s.status != SubsidyStatus::Stopped;
    }
    for (who, open) in open.into_iter().enumerate() {
        if !open && view.living[who] && view.age(who) >= 80 {
            found.push(person("M034", who));
        }
    }
}

/// M049.
fn lone_parents(view: &View<'_>, found: &mut Vec<Alert>) {
    for (home, of) in view.d.households.iter().enumerate() {
        let (mut adults, mut minors) = (0, 0);
        for m in of.members().filter(|m| view.counted(*m)) {
            if view.age(m) >= 18 {
                adults += 1;
            } else {
                minors += 1;
            }
        }
        if adults == 1 && minors > 0 {
            found.push(household("M049", home));
        }
    }
}

/// M051.
fn temporary_help(view: &View<'_>, found: &mut Vec<Alert>) {
    for row in &view.d.roster {
        let home = view.household_of(row.person);
        if row.programme == Programme::Temporary
            && view.since(row.start, view.months_ago(12))
            && view.person[row.person as usize]
            && view.any_living(home)
        {
            found.push(household("M051", home));
        }
    }
}
