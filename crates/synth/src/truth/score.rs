//! Score indicators: what weighs on a household and opens no task by itself.

use super::income::{self, Income};
use super::{Alert, View, household, person};
use crate::children::ChildStatus;
use crate::disease::{DiseaseList, DiseaseStatus};
use crate::enrolment::{EnrolmentStatus, MedicalScheme};
use crate::housing::HousingKind;
use crate::month::Month;
use crate::rows::*;
use crate::school::{Pupil, PupilStatus, SchoolNature, Stage};
use chrono::{Datelike, NaiveDate};
use std::collections::HashSet;

pub const INDICATORS: &[&str] =
    &["M036", "M038", "M039", "M040", "M041", "M042", "M043", "M045", "M046", "M047", "M048", "M050", "M054"];

pub fn find(view: &View<'_>, found: &mut Vec<Alert>) {
    let bills = income::own_bills(view);
    let ill = income::seriously_ill(view);
    let incomes = income::incomes(view, &bills, &ill);
    burdens(view, &bills, &incomes, found);
    illness_and_age(view, &ill, found);
    schools(view, &incomes, found);
    insurance(view, found);
    gaps(view, found);
    debts(view, found);
    children(view, found);
    assessments(view, found);
}

/// M036, M039.
fn burdens(view: &View<'_>, bills: &[i64], incomes: &[Income], found: &mut Vec<Alert>) {
    for (home, of) in view.d.households.iter().enumerate() {
        let i = &incomes[home];
        if !i.known || !view.any_living(home) {
            continue;
        }
        let oop: i64 = of.members().filter(|m| view.person[*m]).map(|m| bills[m]).sum();
        if oop > 0 && oop * 1_000 >= 100 * i.gross * 12 {
            found.push(household("M036", home));
        }
        let line = i.standard * i.size;
        if i.counted * 1_000 >= line * 1_500 && i.counted * 1_000 < line * 1_800 {
            found.push(household("M039", home));
        }
    }
}

/// M038, M040, M048.
fn illness_and_age(view: &View<'_>, serious: &[bool], found: &mut Vec<Alert>) {
    let mut chronic: Vec<HashSet<&str>> = vec![HashSet::new(); view.d.people.len()];
    for row in &view.d.diseases {
        let held = row.status == DiseaseStatus::Active && row.confirmed <= view.as_of;
        if held && row.list == DiseaseList::Chronic {
            chronic[row.person as usize].insert(row.code);
        }
    }
    for (home, of) in view.d.households.iter().enumerate() {
        let counted: Vec<usize> = of.members().filter(|m| view.counted(*m)).collect();
        if counted.is_empty() {
            continue;
        }
        if counted.iter().all(|m| view.age(*m) >= 60) && counted.iter().any(|m| chronic[*m].len() >= 2) {
            found.push(household("M038", home));
        }
        if counted.iter().all(|m| view.age(*m) >= 65) {
            found.push(household("M048", home));
        }
        let able = |m: &usize| (16..60).contains(&view.age(*m)) && !view.severe(*m) && !serious[*m];
        if !counted.iter().any(able) {
            found.push(household("M040", home));
        }
    }
}

/// M041, M042.
fn schools(view: &View<'_>, incomes: &[Income], found: &mut Vec<Alert>) {
    let year = crate::school::listed_year(view.as_of);
    let mut latest: Vec<Option<&Pupil>> = vec![None; view.d.people.len()];
    for pupil in view.d.pupils.iter().filter(|p| p.year >= year) {
        let at = &mut latest[pupil.person as usize];
        if at.is_none_or(|known| known.year < pupil.year) {
            *at = Some(pupil);
        }
    }
    for (home, of) in view.d.households.iter().enumerate() {
        let enrolled = || {
            of.members()
                .filter(|m| view.counted(*m))
                .filter_map(|m| latest[m])
                .filter(|p| p.status == PupilStatus::Enrolled)
        };
        let beyond = |p: &&Pupil| {
            use Stage::{College, Preschool, Senior, Undergraduate, Vocational};
            matches!(p.stage, Preschool | Senior | Vocational | College | Undergraduate)
        };
        if enrolled().filter(beyond).count() >= 2 {
            found.push(household("M041", home));
        }
        let fees: i64 = enrolled()
            .filter(|p| p.nature == SchoolNature::Private && matches!(p.stage, Stage::Special | Stage::Vocational))
            .map(|p| (p.tuition + p.board - p.aid).max(0))
            .sum();
        let i = &incomes[home];
        if i.known && fees * 1_000 > 300 * i.gross * 12 {
            found.push(household("M042", home));
        }
    }
}

/// M043.
fn insurance(view: &View<'_>, found: &mut Vec<Alert>) {
    let last = view.as_of.year() - 1;
    let mut owed = vec![false; view.d.people.len()];
    let mut active = vec![false; view.d.people.len()];
    for e in &view.d.enrolments {
        let who = e.person as usize;
        owed[who] |= e.year == last && e.scheme == MedicalScheme::Resident && e.status == EnrolmentStatus::Arrears;
        active[who] |= e.year >= last && e.status == EnrolmentStatus::Active;
    }
    let now = Month::of(view.as_of).0;
    let mut behind: HashSet<(u32, i32)> = HashSet::new();
    let mut months = vec![0; view.d.people.len()];
    for row in view.d.social.iter().filter(|r| r.scheme == Scheme::ResPension && r.paid == Some(Contribution::Arrears))
    {
        let back = now - row.month.0;
        if (1..=24).contains(&back) && behind.insert((row.person, back)) {
            months[row.person as usize] += 1;
        }
    }
    for who in 0..view.d.people.len() {
        if view.living[who] && (owed[who] && !active[who] || months[who] >= 12) {
            found.push(person("M043", who));
        }
    }
}

/// M045.
fn gaps(view: &View<'_>, found: &mut Vec<Alert>) {
    let now = Month::of(view.as_of).0;
    // nearest month paid, nearest month said anything; 0 is none
    let mut seen = vec![(0, 0); view.d.people.len()];
    for row in view.d.social.iter().filter(|r| r.scheme == Scheme::EmpPension) {
        let back = now - row.month.0;
        let Some(paid) = row.paid.filter(|_| (1..=3).contains(&back)) else { continue };
        let at: &mut (i32, i32) = &mut seen[row.person as usize];
        let nearer = |known: i32| if known == 0 { back } else { known.min(back) };
        at.1 = nearer(at.1);
        if paid == Contribution::Paid {
            at.0 = nearer(at.0);
        }
    }
    for (who, (paid, said)) in seen.into_iter().enumerate() {
        if paid >= 2 && said < paid && view.living[who] && (16..60).contains(&view.age(who)) {
            found.push(person("M045", who));
        }
    }
}

fn runs(view: &View<'_>, start: Option<NaiveDate>, end: Option<NaiveDate>) -> bool {
    start.is_none_or(|day| day <= view.as_of) && end.is_none_or(|day| day >= view.as_of)
}

/// M046, M047.
fn debts(view: &View<'_>, found: &mut Vec<Alert>) {
    for account in view.d.funds.iter().filter(|f| f.overdue.is_some_and(|months| months >= 2)) {
        if view.counted(account.person as usize) {
            found.push(household("M046", view.household_of(account.person)));
        }
    }
    for flat in view.d.housing.iter().filter(|h| h.kind == HousingKind::Rental) {
        let behind = flat.arrears.is_some_and(|months| months >= 2);
        if behind && runs(view, flat.start, flat.end) && view.counted(flat.applicant as usize) {
            found.push(household("M047", view.household_of(flat.applicant)));
        }
    }
}

/// M050.
fn children(view: &View<'_>, found: &mut Vec<Alert>) {
    for row in view.d.children.iter().filter(|r| r.status == ChildStatus::LeftBehind) {
        let who = row.person as usize;
        if runs(view, Some(row.start), row.end) && view.living[who] && view.age(who) < 18 {
            found.push(person("M050", who));
        }
    }
}

/// M054.
fn assessments(view: &View<'_>, found: &mut Vec<Alert>) {
    let mut newest: Vec<Option<(NaiveDate, u32)>> = vec![None; view.d.households.len()];
    for row in view.d.assessments.iter().filter(|r| view.since(r.on, view.months_ago(12))) {
        let at = &mut newest[row.household as usize];
        if at.is_none_or(|(on, _)| on <= row.on) {
            *at = Some((row.on, row.low));
        }
    }
    for (home, newest) in newest.into_iter().enumerate() {
        if newest.is_some_and(|(_, low)| low >= 30_000) && view.any_living(home) {
            found.push(household("M054", home));
        }
    }
}
