//! Triggers about who is left alone: elders, children, lone parents. M013, M020, M021, M022.

use super::health::serious;
use super::purse::data_income;
use super::{Alert, View, household, person};
use crate::children::{ChildRow, ParentState};
use crate::marriage::{Marriage, MarriageEvent};
use crate::person::Relation;
use crate::planted::before;
use crate::rows::{CertStatus, Disability, Measure};
use chrono::{Months, NaiveDate};
use std::collections::HashMap;

pub const INDICATORS: &[&str] = &["M013", "M020", "M021", "M022"];

pub fn find(view: &View<'_>, found: &mut Vec<Alert>) {
    releases(view, found);
    let events = newest_events(view);
    elders_alone(view, &events, found);
    children(view, found);
    lone_parents(view, &events, found);
}

/// M013.
fn releases(view: &View<'_>, found: &mut Vec<Alert>) {
    for c in &view.d.custodies {
        let who = c.person as usize;
        let away = matches!(c.measure, Measure::Prison | Measure::Detox);
        let home_now = c.ended.or(c.expected).is_some_and(|end| view.since(end, view.days_ago(30)));
        let low = || view.low_income(view.household_of(c.person));
        if away && home_now && view.living[who] && view.custody[who].is_none() && low() {
            found.push(person("M013", who));
        }
    }
}

/// The newest event of each person at the registry.
fn newest_events<'a>(view: &View<'a>) -> HashMap<u32, &'a Marriage> {
    let mut newest: HashMap<u32, &Marriage> = HashMap::new();
    for m in view.d.marriages.iter().filter(|m| m.date <= view.as_of) {
        for who in [m.man, m.woman].into_iter().flatten() {
            let at = newest.entry(who).or_insert(m);
            if m.date > at.date {
                *at = m;
            }
        }
    }
    newest
}

/// Husband or wife by the newest event.
fn married_to(events: &HashMap<u32, &Marriage>, who: u32) -> Option<u32> {
    let event = events.get(&who).filter(|m| m.event == MarriageEvent::Marriage)?;
    if event.man == Some(who) { event.woman } else { event.man }
}

/// M020.
fn elders_alone(view: &View<'_>, events: &HashMap<u32, &Marriage>, found: &mut Vec<Alert>) {
    let mut guarded = vec![false; view.d.people.len()];
    for c in &view.d.certificates {
        let valid = c.status == CertStatus::Valid
            && c.issued <= view.as_of
            && c.expires.is_none_or(|expires| expires >= view.as_of);
        guarded[c.person as usize] |= valid && c.guardian.is_some_and(|g| g != c.person && view.living[g as usize]);
    }
    for (who, guarded) in guarded.into_iter().enumerate() {
        let home = view.household_of(who as u32);
        let alone = view.counted(who) && view.size[home] == 1 && view.age(who) >= 80;
        let spouse = || married_to(events, who as u32).is_some_and(|s| view.living[s as usize]);
        if alone && !guarded && !spouse() {
            found.push(person("M020", who));
        }
    }
}

/// M021.
fn children(view: &View<'_>, found: &mut Vec<Alert>) {
    let unable = unable_since(view);
    let mut listed: HashMap<u32, Vec<&ChildRow>> = HashMap::new();
    for c in &view.d.children {
        if c.start <= view.as_of && c.end.is_none_or(|end| end >= view.as_of) {
            listed.entry(c.person).or_default().push(c);
        }
    }
    let bad = |state: Option<ParentState>| state.is_some_and(|s| s != ParentState::Ok);
    for who in 0..view.d.people.len() {
        if !view.counted(who) || view.age(who) >= 18 {
            continue;
        }
        let [father, mother] = parents(view, who);
        let known = |parent: Option<usize>| parent.and_then(|p| unable[p]);
        let rows = listed.get(&(who as u32)).map_or(&[][..], Vec::as_slice);
        let said =
            |state: fn(&ChildRow) -> Option<ParentState>| rows.iter().filter(|r| bad(state(r))).map(|r| r.start).min();
        let earliest = |a: Option<NaiveDate>, b: Option<NaiveDate>| a.into_iter().chain(b).min();
        let father = earliest(known(father), said(|r| r.father));
        let mother = earliest(known(mother), said(|r| r.mother));
        if let (Some(father), Some(mother)) = (father, mother)
            && father.max(mother) > view.days_ago(90)
        {
            found.push(person("M021", who));
        }
    }
}

/// Since when somebody cannot look after a child: dead, locked up for half a year, severely disabled, seriously ill.
fn unable_since(view: &View<'_>) -> Vec<Option<NaiveDate>> {
    let mut since = view.death.clone();
    let mut note = |who: u32, day: NaiveDate| {
        let at = &mut since[who as usize];
        *at = Some(at.map_or(day, |known| known.min(day)));
    };
    for c in &view.d.custodies {
        let away = matches!(c.measure, Measure::Prison | Measure::Detox) && c.start <= view.as_of;
        let over = c.ended.or(c.expected).is_some_and(|end| end <= view.as_of);
        let half_year = c.start.checked_add_months(Months::new(6));
        let long = match c.expected {
            Some(end) => half_year.is_some_and(|day| end >= day),
            None => c.start <= before(view.as_of, 6),
        };
        if away && !over && long {
            note(c.person, c.start);
        }
    }
    for c in &view.d.certificates {
        let valid = c.status == CertStatus::Valid
            && c.issued <= view.as_of
            && c.expires.is_none_or(|expires| expires >= view.as_of);
        let mind = matches!(c.kind, Disability::Intellectual | Disability::Mental);
        if valid && (c.grade <= 2 || mind) {
            note(c.person, c.issued);
        }
    }
    for (who, day) in serious(view, false) {
        note(who, day);
    }
    since
}

/// Father and mother of the same register, where it shows them.
fn parents(view: &View<'_>, child: usize) -> [Option<usize>; 2] {
    let p = &view.d.people[child];
    let members = || view.d.households[p.household as usize].members().filter(|m| view.person[*m]);
    let wanted = |relation: Relation| -> bool {
        match p.relation {
            Relation::Child => matches!(relation, Relation::Head | Relation::Spouse),
            Relation::Grandchild => relation == Relation::Child,
            _ => false,
        }
    };
    let of_sex = |male: bool| {
        let mut found = members().filter(|m| {
            let other = &view.d.people[*m];
            let older = p.relation == Relation::Child || older_by_15(other.birth, p.birth);
            wanted(other.relation) && view.d.is_male(*m as u32) == male && older
        });
        let first = found.next();
        first.filter(|_| found.next().is_none())
    };
    [of_sex(true), of_sex(false)]
}

fn older_by_15(elder: NaiveDate, younger: NaiveDate) -> bool {
    crate::person::age_on(elder, younger) >= 15
}

/// M022.
fn lone_parents(view: &View<'_>, events: &HashMap<u32, &Marriage>, found: &mut Vec<Alert>) {
    let recent = view.days_ago(90);
    for (home, of) in view.d.households.iter().enumerate() {
        if !view.counted_members(home).any(|m| view.age(m) < 18) {
            continue;
        }
        let died = |m: usize| view.person[m] && view.death[m].is_some_and(|day| day > recent);
        let is = |m: usize, relation| view.d.people[m].relation == relation;
        let lone = view.counted_members(home).any(|m| {
            let divorced = events
                .get(&(m as u32))
                .is_some_and(|e| e.event == MarriageEvent::Divorce && view.since(e.date, recent));
            let widowed = married_to(events, m as u32).is_some_and(|s| died(s as usize))
                || is(m, Relation::Head) && of.members().any(|s| is(s, Relation::Spouse) && died(s))
                || is(m, Relation::Spouse) && of.members().any(|s| is(s, Relation::Head) && died(s));
            view.age(m) >= 18 && (divorced || widowed)
        });
        if lone && data_income(view, home).month * 1_000 < 1_500 * view.standard(home) * view.size[home] {
            found.push(household("M022", home));
        }
    }
}
