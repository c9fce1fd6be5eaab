//! Triggers about houses, calamities and what others report: M016 to M019, M024 to M027, M029 to M033.

use super::health::serious;
use super::purse::data_income;
use super::{Alert, Subject, View, household, person};
use crate::calamity::{Calamity, CalamityKind, Harm, HouseDamage};
use crate::children::ChildStatus;
use crate::clue::{Channel, ClueKind};
use crate::housing::HouseGrade;
use crate::partner::Roster;
use crate::rows::Programme;
use crate::steps::{Step, StepEnd};
use chrono::{Days, NaiveDate};
use std::collections::{HashMap, HashSet};

pub const INDICATORS: &[&str] =
    &["M016", "M017", "M018", "M019", "M024", "M025", "M026", "M027", "M029", "M030", "M031", "M032", "M033"];

/// Needs the alerts of work, health and bills: a relapse is one of them after an exit.
pub fn find(view: &View<'_>, found: &mut Vec<Alert>) {
    houses(view, found);
    calamities(view, found);
    rural(view, found);
    partners(view, found);
    clues(view, found);
    relapses(view, found);
    refused(view, found);
    exits(view, found);
    prices(view, found);
    moves(view, found);
}

/// M016.
fn houses(view: &View<'_>, found: &mut Vec<Alert>) {
    let mut newest: HashMap<usize, (NaiveDate, HouseGrade)> = HashMap::new();
    for h in &view.d.housing {
        let (Some(grade), Some(start)) = (h.grade, h.start) else { continue };
        let over = h.end.is_some_and(|end| end < view.as_of);
        if over || start > view.as_of || !view.counted(h.applicant as usize) {
            continue;
        }
        let at = newest.entry(view.household_of(h.applicant)).or_insert((start, grade));
        *at = (*at).max((start, grade));
    }
    for (home, (day, grade)) in newest {
        if grade >= HouseGrade::C && day > view.months_ago(12) && view.low_income(home) {
            found.push(household("M016", home));
        }
    }
}

fn house_hit(c: &Calamity) -> bool {
    !matches!(c.kind, CalamityKind::Fire | CalamityKind::Traffic)
        && (matches!(c.damage, Some(HouseDamage::Collapsed | HouseDamage::Severe)) || c.moved == Some(true))
}

fn burnt(c: &Calamity) -> bool {
    c.kind == CalamityKind::Fire
        && (c.damage.is_some_and(|d| d != HouseDamage::None) || c.harm.is_some_and(|h| h != Harm::None))
}

/// M017, M018, M019.
fn calamities(view: &View<'_>, found: &mut Vec<Alert>) {
    for c in &view.d.calamities {
        let Some(who) = c.person.filter(|p| view.person[*p as usize]) else { continue };
        let home = view.household_of(who);
        if !view.since(c.day, view.days_ago(30)) || !view.any_living(home) {
            continue;
        }
        if house_hit(c) {
            found.push(household("M017", home));
        }
        if burnt(c) {
            found.push(household("M018", home));
        }
        let hurt = c.kind == CalamityKind::Traffic && matches!(c.harm, Some(Harm::Dead | Harm::Severe));
        // last year's disposable income a head
        let average = if view.d.is_rural(home) { 2_640_000 } else { 5_280_000 };
        if hurt && view.size[home] > 0 && data_income(view, home).month * 12 < average * view.size[home] {
            found.push(household("M019", home));
        }
    }
}

/// M024.
fn rural(view: &View<'_>, found: &mut Vec<Alert>) {
    for r in &view.d.rural {
        let home = view.household_of(r.member);
        let at_risk = r.entered <= view.as_of && !(r.cleared && r.cleared_on.is_none_or(|day| day <= view.as_of));
        let due = r.entered > view.days_ago(90) || r.entered < view.months_ago(6);
        if at_risk && due && view.living[r.member as usize] && !view.receives(home) {
            found.push(household("M024", home));
        }
    }
}

/// M025.
fn partners(view: &View<'_>, found: &mut Vec<Alert>) {
    for p in &view.d.partners {
        let who = p.person as usize;
        let new = matches!(p.roster, Roster::Worker | Roster::WomenCancer)
            && view.since(p.start, view.days_ago(90))
            && p.end.is_none_or(|end| end >= view.as_of);
        if new && view.living[who] && !view.low_income(view.household_of(p.person)) {
            found.push(person("M025", who));
        }
    }
}

/// M026, M027.
fn clues(view: &View<'_>, found: &mut Vec<Alert>) {
    for c in &view.d.clues {
        let home = match (c.household, c.person) {
            (Some(home), _) => home as usize,
            (None, Some(who)) if view.person[who as usize] => view.household_of(who),
            _ => continue,
        };
        let open = c.received <= view.as_of && c.closed.is_none_or(|day| day > view.as_of);
        if !open || !view.any_living(home) {
            continue;
        }
        if !matches!(c.channel, Channel::Petition | Channel::Media) {
            found.push(household("M026", home));
        } else if c.kind != ClueKind::Other {
            found.push(household("M027", home));
        }
    }
}

/// M029.
fn relapses(view: &View<'_>, found: &mut Vec<Alert>) {
    let mut left: HashSet<usize> = HashSet::new();
    for r in &view.d.roster {
        let over = r.end.is_some_and(|end| end < view.as_of && end > view.months_ago(12));
        if r.programme != Programme::Temporary && r.start <= view.as_of && over && view.living[r.person as usize] {
            left.insert(view.household_of(r.person));
        }
    }
    let mut worse: HashSet<usize> = HashSet::new();
    for alert in found.iter().filter(|a| ["M002", "M003", "M004", "M006", "M008"].contains(&a.indicator)) {
        worse.insert(match alert.subject {
            Subject::Person(who) => view.household_of(who),
            Subject::Household(home) => home as usize,
        });
    }
    let bills = super::events::yearly_bills(view);
    for home in left {
        if !view.receives(home) && (worse.contains(&home) || bills[home] >= 2_000_000) {
            found.push(household("M029", home));
        }
    }
}

/// M030.
fn refused(view: &View<'_>, found: &mut Vec<Alert>) {
    let mut newest: HashMap<usize, NaiveDate> = HashMap::new();
    for s in view.d.steps.iter().filter(|s| s.end == Some(StepEnd::Refused)) {
        let day = s.ended.unwrap_or(s.started);
        if day <= view.as_of {
            let at = newest.entry(view.household_of(s.person)).or_insert(day);
            *at = (*at).max(day);
        }
    }
    let jobs = super::work::register(view);
    let serious = serious(view, true);
    let mut struck: HashMap<usize, NaiveDate> = HashMap::new();
    for c in view.d.calamities.iter().filter(|c| c.day <= view.as_of) {
        let hurt = matches!(c.harm, Some(Harm::Dead | Harm::Severe));
        if let Some(who) = c.person.filter(|p| view.person[*p as usize] && (house_hit(c) || burnt(c) || hurt)) {
            let at = struck.entry(view.household_of(who)).or_insert(c.day);
            *at = (*at).max(c.day);
        }
    }
    for (home, day) in newest {
        if day <= view.months_ago(6) || view.receives(home) || !view.any_living(home) {
            continue;
        }
        let members = view.d.households[home].members();
        let own = members.flat_map(|m| {
            let certified = view.certificate[m].map(|c| c.issued).filter(|_| view.living[m]);
            let ill = serious.get(&(m as u32)).copied().filter(|_| view.living[m]);
            let age = view.age(m);
            let jobless = jobs.get(&(m as u32)).and_then(|w| w.newly_lost(view));
            let jobless = jobless.filter(|_| view.living[m] && (16..=59).contains(&age));
            let died = view.death[m].filter(|_| view.person[m]);
            let away = view.custody[m].filter(|_| view.living[m]);
            [certified, ill, jobless, died, away]
        });
        let worse =
            own.chain([struck.get(&home).copied()]).flatten().any(|event| event > view.days_ago(90) && event > day);
        if worse {
            found.push(household("M030", home));
        }
    }
}

/// M031.
fn exits(view: &View<'_>, found: &mut Vec<Alert>) {
    let soon = view.as_of + Days::new(30);
    for s in view.open_steps().filter(|s| s.step == Step::GradualExit) {
        let home = view.household_of(s.person);
        if s.due.is_some_and(|due| due >= view.as_of && due <= soon) && view.any_living(home) {
            found.push(household("M031", home));
        }
    }
    for r in &view.d.roster {
        let ends = r.end.is_some_and(|end| end >= view.as_of && end <= soon) && r.start <= view.as_of;
        let dibao = matches!(r.programme, Programme::Dibao | Programme::DibaoSingle);
        if ends && dibao && view.living[r.person as usize] {
            found.push(household("M031", view.household_of(r.person)));
        }
    }
}

/// M032.
fn prices(view: &View<'_>, found: &mut Vec<Alert>) {
    let newest = view.d.prices.iter().filter(|p| p.published <= view.as_of).max_by_key(|p| p.month);
    let rises = newest.is_some_and(|p| (p.cpi >= 35 || p.food >= 60) && p.published > view.months_ago(1));
    if !rises {
        return;
    }
    for who in 0..view.d.people.len() {
        let enrolled = view.roster[who];
        let paid = enrolled.dibao || enrolled.dibao_single || enrolled.tekun;
        let dole = view.purse.get(&(who as u32)).is_some_and(|p| p.newest_benefit().is_some_and(|b| p.dole[b]));
        if view.living[who] && (paid || dole) {
            found.push(household("M032", view.household_of(who as u32)));
        }
    }
    for c in &view.d.children {
        let listed = matches!(c.status, ChildStatus::Orphan | ChildStatus::DeFacto)
            && c.start <= view.as_of
            && c.end.is_none_or(|end| end >= view.as_of);
        if listed && view.living[c.person as usize] {
            found.push(household("M032", view.household_of(c.person)));
        }
    }
}

/// M033.
fn moves(view: &View<'_>, found: &mut Vec<Alert>) {
    for r in &view.d.roster {
        let current =
            r.programme != Programme::Temporary && r.start <= view.as_of && r.end.is_none_or(|end| end >= view.as_of);
        let who = r.person as usize;
        if current && r.elsewhere.is_some() && view.living[who] && view.d.updated(r.person) > view.days_ago(90) {
            found.push(person("M033", who));
        }
    }
}
