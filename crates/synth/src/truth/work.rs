//! Triggers about work and income: M006 to M009.

use super::purse::data_income;
use super::{Alert, View, household, person};
use crate::jobs::JobEventKind;
use crate::month::Month;
use crate::rows::{CarStatus, CarUse, EntityRole, EntityStatus, EstateEvent, Usage};
use crate::steps::Step;
use chrono::NaiveDate;
use std::collections::{HashMap, HashSet};

pub const INDICATORS: &[&str] = &["M006", "M007", "M008", "M009"];

pub fn find(view: &View<'_>, found: &mut Vec<Alert>) {
    jobs(view, found);
    incomes(view, found);
}

/// Newest registration as jobless and newest one of work.
#[derive(Debug, Clone, Copy, Default)]
pub struct Work {
    pub lost: Option<NaiveDate>,
    pub found: Option<NaiveDate>,
}

pub fn register(view: &View<'_>) -> HashMap<u32, Work> {
    let mut all: HashMap<u32, Work> = HashMap::new();
    for j in view.d.jobs.iter().filter(|j| j.date <= view.as_of) {
        let at = all.entry(j.person).or_default();
        match j.kind {
            JobEventKind::Unemploy => at.lost = at.lost.max(Some(j.date)),
            JobEventKind::Employ => at.found = at.found.max(Some(j.date)),
            _ => {}
        }
    }
    all
}

impl Work {
    /// Registered as jobless in 90 days, and no work registered later.
    pub fn newly_lost(&self, view: &View<'_>) -> Option<NaiveDate> {
        self.lost.filter(|day| *day > view.days_ago(90) && self.found.is_none_or(|found| found <= *day))
    }
}

fn jobs(view: &View<'_>, found: &mut Vec<Alert>) {
    let register = register(view);
    let now = Month::of(view.as_of);
    for who in 0..view.d.people.len() {
        if !view.living[who] {
            continue;
        }
        let work = register.get(&(who as u32)).copied().unwrap_or_default();
        let purse = view.purse.get(&(who as u32));
        let age = view.age(who);
        let stopped = purse.is_some_and(|p| {
            let last_three = 1..=3;
            last_three.clone().all(|b| p.base[b].is_none() && p.tax[b].is_none() && !p.employees_pension[b])
                && p.base[4].is_some()
                && (4..=12).filter(|b| p.base[*b].is_some()).count() >= 6
                && work.found.is_none_or(|day| day < now.plus(-3).first())
        });
        if (16..=59).contains(&age) && (work.newly_lost(view).is_some() || stopped) {
            found.push(person("M006", who));
        }
        let Some(p) = purse else { continue };
        let newest_active = (0..=12).find(|b| p.dole[*b]);
        // the earliest month said to be the end, after the last one paid
        let Some(end) = (0..newest_active.unwrap_or(13)).rev().find(|b| p.dole_ended[*b]) else { continue };
        let ended = now.plus(-(end as i32)).first();
        let since = end + 1;
        let works = work.found.is_some_and(|day| day >= now.plus(-(since as i32)).first())
            || (0..=since.min(12)).any(|b| p.base[b].is_some() || p.tax[b].is_some());
        let retired = p.newest_benefit().is_some_and(|b| p.employees_pension[b] || p.residents_pension[b]);
        if ended > view.days_ago(60) && !works && !retired {
            found.push(person("M007", who));
        }
    }
}

/// M008, M009.
fn incomes(view: &View<'_>, found: &mut Vec<Alert>) {
    let rich = property_fails(view);
    let waiting = in_hand(view);
    for home in 0..view.d.households.len() {
        let size = view.size[home];
        if size == 0 || !view.any_living(home) {
            continue;
        }
        let income = data_income(view, home);
        let line = view.standard(home) * size;
        if income.six > 0 && income.three * 4 <= income.six && income.three < 6 * line {
            found.push(household("M008", home));
        }
        let low = income.known && income.month < line;
        if low && !view.receives(home) && !rich.contains(&home) && !waiting.contains(&home) {
            found.push(household("M009", home));
        }
    }
}

/// Households with more than the limits of dibao allow.
fn property_fails(view: &View<'_>) -> HashSet<usize> {
    let mut fails = HashSet::new();
    let mut homes: HashMap<usize, HashMap<u32, i64>> = HashMap::new();
    for e in &view.d.estates {
        let held = e.usage == Usage::Residence && e.event != EstateEvent::Cancel && e.registered <= view.as_of;
        if held && view.counted(e.holder as usize) {
            let area = homes.entry(view.household_of(e.holder)).or_default().entry(e.unit).or_insert(e.area);
            *area = (*area).max(e.area);
        }
    }
    fails.extend(
        homes
            .into_iter()
            .filter(|(home, units)| units.len() > 1 && units.values().sum::<i64>() >= 2_500 * view.size[*home])
            .map(|(home, _)| home),
    );
    for v in &view.d.vehicles {
        let kept = v.status != CarStatus::Scrapped && v.usage != CarUse::Disability && v.first <= view.as_of;
        if kept && view.counted(v.owner as usize) && (v.usage == CarUse::Private || v.value.unwrap_or(0) > 3_000_000) {
            fails.insert(view.household_of(v.owner));
        }
    }
    for e in &view.d.entities {
        let runs = e.status == EntityStatus::Active && e.role != EntityRole::Supervisor && e.founded <= view.as_of;
        if runs && view.counted(e.person as usize) && e.capital.max(e.paid).unwrap_or(0) > 0 {
            fails.insert(view.household_of(e.person));
        }
    }
    let mut newest: HashMap<u32, (NaiveDate, i64)> = HashMap::new();
    for a in view.d.assets.iter().filter(|a| a.date <= view.as_of && view.counted(a.person as usize)) {
        let at = newest.entry(a.person).or_insert((a.date, 0));
        if a.date > at.0 {
            *at = (a.date, 0);
        }
        if a.date == at.0 {
            at.1 += a.balance;
        }
    }
    let mut assets: HashMap<usize, i64> = HashMap::new();
    for (who, (_, sum)) in newest {
        *assets.entry(view.household_of(who)).or_default() += sum;
    }
    fails.extend(
        assets.into_iter().filter(|(h, sum)| *sum > 24 * view.standard(*h) * view.size[*h]).map(|(home, _)| home),
    );
    fails
}

/// Households that have applied: a step of an application that runs, or a declaration of the last three months.
fn in_hand(view: &View<'_>) -> HashSet<usize> {
    let applying = view.open_steps().filter(|s| s.step != Step::GradualExit);
    let mut waiting: HashSet<usize> = applying.map(|s| view.household_of(s.person)).collect();
    let quarter = view.months_ago(3);
    waiting.extend(view.d.declared.iter().filter(|d| view.since(d.on, quarter)).map(|d| view.household_of(d.person)));
    waiting
}
