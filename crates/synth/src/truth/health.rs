//! Triggers about health, care and school: M004, M005, M014, M015, M023, M028, M035.

use super::{Alert, View, household, person};
use crate::disease::{DiseaseList, DiseaseStatus};
use crate::enrolment::EnrolmentStatus;
use crate::month::Month;
use crate::planted::before;
use crate::rows::{Disability, Visit};
use crate::school::{Pupil, PupilStatus, Stage};
use crate::utility::Meter;
use chrono::{Datelike, Days, NaiveDate};
use std::collections::HashMap;

pub const INDICATORS: &[&str] = &["M004", "M005", "M014", "M015", "M023", "M028", "M035"];

pub fn find(view: &View<'_>, found: &mut Vec<Alert>) {
    for (who, day) in serious(view, true) {
        if view.living[who as usize] && day > view.days_ago(90) {
            found.push(person("M004", who as usize));
        }
    }
    insurance(view, found);
    schools(view, found);
    carers(view, found);
    silent_meters(view, found);
    lost_function(view, found);
}

/// Who stands on the serious list, and since when: the newest entry or the oldest.
pub fn serious(view: &View<'_>, newest: bool) -> HashMap<u32, NaiveDate> {
    let mut all: HashMap<u32, NaiveDate> = HashMap::new();
    for r in &view.d.diseases {
        if r.list == DiseaseList::Serious && r.status == DiseaseStatus::Active && r.confirmed <= view.as_of {
            let at = all.entry(r.person).or_insert(r.confirmed);
            *at = if newest { r.confirmed.max(*at) } else { r.confirmed.min(*at) };
        }
    }
    all
}

/// M005.
fn insurance(view: &View<'_>, found: &mut Vec<Alert>) {
    let mut rows: HashMap<u32, (bool, bool)> = HashMap::new();
    for e in view.d.enrolments.iter().filter(|e| e.year == view.as_of.year()) {
        let at = rows.entry(e.person).or_default();
        match e.status {
            EnrolmentStatus::Active => at.0 = true,
            EnrolmentStatus::Stopped | EnrolmentStatus::Arrears => at.1 = true,
        }
    }
    for (who, (active, lapsed)) in rows {
        if lapsed && !active && view.counted(who as usize) && view.low_income(view.household_of(who)) {
            found.push(person("M005", who as usize));
        }
    }
}

/// M014, M015.
fn schools(view: &View<'_>, found: &mut Vec<Alert>) {
    let year = before(view.as_of, 10).year();
    let mut current: HashMap<u32, &Pupil> = HashMap::new();
    for p in &view.d.pupils {
        let at = current.entry(p.person).or_insert(p);
        if p.year > at.year {
            *at = p;
        }
        let began = NaiveDate::from_ymd_opt(p.year, 9, 1);
        let enters = matches!(p.stage, Stage::College | Stage::Undergraduate)
            && p.grade == 1
            && p.status == PupilStatus::Enrolled
            && began.is_some_and(|day| view.since(day, view.months_ago(12)));
        if enters && view.living[p.person as usize] && view.low_income(view.household_of(p.person)) {
            found.push(person("M015", p.person as usize));
        }
    }
    for (who, p) in current {
        let who = who as usize;
        let left = p.status == PupilStatus::Dropped && p.year >= year;
        let compulsory = p.stage == Stage::Primary || p.stage == Stage::Junior && p.grade != 3;
        let gone = p.year == year - 1
            && matches!(p.status, PupilStatus::Enrolled | PupilStatus::Suspended)
            && compulsory
            && p.grade != 9;
        if view.living[who] && (6..=15).contains(&view.age(who)) && (left || gone) {
            found.push(person("M014", who));
        }
    }
}

/// M023.
fn carers(view: &View<'_>, found: &mut Vec<Alert>) {
    let recent = view.days_ago(60);
    let mut long_stay = vec![false; view.d.people.len()];
    for s in &view.d.settlements {
        let long = s.admitted.is_some_and(|admitted| (s.settled - admitted).num_days() > 30);
        if s.visit == Visit::Inpatient && !s.refund && view.since(s.settled, recent) && long {
            long_stay[s.person as usize] = true;
        }
    }
    let helpless = |m: usize| {
        view.counted(m)
            && view.certificate[m].is_some_and(|c| {
                let kinds = [Disability::Limb, Disability::Intellectual, Disability::Mental, Disability::Multiple];
                c.grade == 1 && kinds.contains(&c.kind)
            })
    };
    for (home, of) in view.d.households.iter().enumerate() {
        if !of.members().any(helpless) {
            continue;
        }
        let lost = of.members().any(|m| {
            view.person[m]
                && view.age(m) >= 18
                && !helpless(m)
                && (view.death[m].is_some_and(|day| day > recent)
                    || view.living[m] && view.custody[m].is_some_and(|day| day > recent)
                    || long_stay[m])
        });
        let left = of.members().any(|m| view.counted(m) && view.age(m) >= 18 && !helpless(m) && !long_stay[m]);
        if lost && !left {
            found.push(household("M023", home));
        }
    }
}

/// M028.
fn silent_meters(view: &View<'_>, found: &mut Vec<Alert>) {
    /// Last month's quantity, the sum of the twelve to compare with, and how many of them are known.
    #[derive(Default)]
    struct Year(Option<i64>, i64, i64);
    let mut meters: HashMap<(u32, u32, Meter), Year> = HashMap::new();
    let now = Month::of(view.as_of);
    for u in view.d.utilities.iter().filter(|u| u.kind != Meter::Gas) {
        let Some(holder) = u.holder else { continue };
        let at = meters.entry((holder, u.account, u.kind)).or_default();
        match now.0 - u.month.0 {
            1 => at.0 = Some(u.quantity),
            3..=14 => {
                at.1 += u.quantity;
                at.2 += 1;
            }
            _ => {}
        }
    }
    for ((holder, ..), Year(last, sum, months)) in meters {
        let who = holder as usize;
        let alone = view.counted(who) && view.size[view.household_of(holder)] == 1;
        let frail = view.age(who) >= 70 || view.severe(who);
        let silent = last.is_some_and(|last| months >= 6 && sum > 0 && last * 10 * months < sum);
        if alone && frail && silent {
            found.push(person("M028", who));
        }
    }
}

/// Illnesses after which people often cannot manage alone: strokes, paralysis, broken hips and spines, amputations.
const CRIPPLING: [&str; 15] =
    ["I60", "I61", "I62", "I63", "I64", "I69", "G81", "G82", "G83", "S72", "S14", "S24", "S34", "S78", "S88"];

/// M035.
fn lost_function(view: &View<'_>, found: &mut Vec<Alert>) {
    let month = view.as_of - Days::new(30);
    for s in &view.d.settlements {
        let who = s.person as usize;
        let discharged = s.visit == Visit::Inpatient && !s.refund && view.since(s.settled, month);
        let crippling = CRIPPLING.iter().any(|code| s.diagnosis.starts_with(code));
        if discharged && crippling && view.living[who] && view.roster[who].tekun {
            found.push(person("M035", who));
        }
    }
}
