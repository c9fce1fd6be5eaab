//! Compliance beyond single programmes: what is paid twice, what was not said, what is late.

use super::compliance::runs;
use super::{Alert, View, household, person};
use crate::children::ChildStatus;
use crate::jobs::JobEventKind;
use crate::month::Month;
use crate::partner::Roster;
use crate::rows::*;
use crate::steps::Step;
use crate::taxes::IncomeKind;
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashMap, HashSet};

pub const INDICATORS: &[&str] =
    &["M058", "M059", "M061", "M062", "M063", "M066", "M068", "M070", "M073", "M074", "M075"];

pub fn find(view: &View<'_>, found: &mut Vec<Alert>) {
    subsidies(view, found);
    assets(view, found);
    refusals(view, found);
    wages(view, found);
    transactions(view, found);
    stacking(view, found);
    two_counties(view, found);
    steps(view, found);
    returned(view, found);
}

/// M058, M059, M061.
fn subsidies(view: &View<'_>, found: &mut Vec<Alert>) {
    let n = view.d.people.len();
    let now = Month::of(view.as_of).0;
    let mut active = vec![[false; 3]; n];
    for s in view.d.subsidies.iter().filter(|s| runs(view, s)) {
        let at = &mut active[s.person as usize];
        match s.kind {
            SubsidyKind::Living => at[0] = true,
            SubsidyKind::Nursing => at[1] = true,
            SubsidyKind::Service => at[2] = true,
            SubsidyKind::Age => {}
        }
    }
    // the nearest month with any benefit, and whether injury nursing is paid in it
    let mut nursed: Vec<(i32, bool)> = vec![(4, false); n];
    for row in view.d.social.iter().filter(|r| r.state.is_some()) {
        let back = now - row.month.0;
        let at = &mut nursed[row.person as usize];
        if !(1..=3).contains(&back) || back > at.0 {
            continue;
        }
        let pays = row.scheme == Scheme::Injury && row.nursing.unwrap_or(0) > 0 && row.state == Some(Benefit::Active);
        *at = if back < at.0 { (back, pays) } else { (back, at.1 || pays) };
    }
    let mut orphan = vec![false; n];
    for row in &view.d.children {
        let full = match row.status {
            ChildStatus::Orphan => true,
            ChildStatus::DeFacto => row.benefit.is_some_and(|fen| fen >= 160_000),
            _ => false,
        };
        let holds = row.start <= view.as_of && row.end.is_none_or(|end| end >= view.as_of);
        orphan[row.person as usize] |= full && holds;
    }
    for who in (0..n).filter(|who| view.living[*who]) {
        let [living, nursing, service] = active[who];
        if nursed[who].1 && (living || nursing) {
            found.push(person("M058", who));
        }
        if nursing && service {
            found.push(person("M059", who));
        }
        if orphan[who] && living {
            found.push(person("M061", who));
        }
    }
}

/// M062.
fn assets(view: &View<'_>, found: &mut Vec<Alert>) {
    let mut newest: HashMap<u32, (NaiveDate, i64)> = HashMap::new();
    for a in view.d.assets.iter().filter(|a| a.date <= view.as_of && view.counted(a.person as usize)) {
        let at = newest.entry(a.person).or_insert((a.date, 0));
        match a.date.cmp(&at.0) {
            std::cmp::Ordering::Greater => *at = (a.date, a.balance),
            std::cmp::Ordering::Equal => at.1 += a.balance,
            std::cmp::Ordering::Less => {}
        }
    }
    let mut homes: HashMap<usize, (NaiveDate, i64)> = HashMap::new();
    for (who, (day, sum)) in newest {
        let at = homes.entry(view.household_of(who)).or_insert((day, 0));
        *at = (at.0.max(day), at.1 + sum);
    }
    for (home, (day, sum)) in homes {
        if !view.receives(home) || !view.since(day, view.months_ago(3)) {
            continue;
        }
        let members = || view.d.households[home].members().filter(|m| view.living[*m]).map(|m| view.roster[m]);
        let months = if members().any(|r| r.dibao || r.tekun) {
            24
        } else if members().any(|r| r.edge || r.dibao_single) {
            36
        } else {
            48
        };
        let standard = if view.d.is_rural(home) { 84_000 } else { 96_000 };
        let size = view.d.households[home].members().filter(|m| view.counted(*m)).count() as i64;
        if sum > months * standard * size {
            found.push(household("M062", home));
        }
    }
}

/// M063.
fn refusals(view: &View<'_>, found: &mut Vec<Alert>) {
    let mut cleared: HashMap<u32, NaiveDate> = HashMap::new();
    let window = |day: NaiveDate| view.since(day, view.months_ago(24));
    for e in view.d.jobs.iter().filter(|e| window(e.date)) {
        if e.kind == JobEventKind::Employ || e.kind == JobEventKind::Refuse && !e.reason.is_empty() {
            let at = cleared.entry(e.person).or_insert(e.date);
            *at = (*at).max(e.date);
        }
    }
    let mut refused: BTreeMap<u32, u32> = BTreeMap::new();
    for e in view.d.jobs.iter().filter(|e| window(e.date)) {
        let counts = e.kind == JobEventKind::Refuse && e.reason.is_empty();
        if counts && cleared.get(&e.person).is_none_or(|day| e.date > *day) {
            *refused.entry(e.person).or_default() += 1;
        }
    }
    for (who, times) in refused {
        if times >= 3 && view.living[who as usize] && view.roster[who as usize].dibao {
            found.push(person("M063", who as usize));
        }
    }
}

/// M066.
fn wages(view: &View<'_>, found: &mut Vec<Alert>) {
    let now = Month::of(view.as_of).0;
    let mut said: HashMap<u32, (NaiveDate, Option<i64>)> = HashMap::new();
    for row in view.d.declared.iter().filter(|row| row.on <= view.as_of) {
        let at = said.entry(row.person).or_insert((row.on, row.wage));
        if row.on >= at.0 {
            *at = (row.on, row.wage);
        }
    }
    let mut taxed: HashMap<(u32, i32), i64> = HashMap::new();
    for t in view.d.taxes.iter().filter(|t| matches!(t.kind, IncomeKind::Wage | IncomeKind::Labour)) {
        *taxed.entry((t.person, now - t.month.0)).or_default() += t.income;
    }
    let mut based: HashMap<(u32, i32), i64> = HashMap::new();
    for s in view.d.social.iter().filter(|s| s.scheme == Scheme::EmpPension && s.employer != 0) {
        if let (Some(Contribution::Paid), Some(base)) = (s.paid, s.base) {
            *based.entry((s.person, now - s.month.0)).or_default() += base;
        }
    }
    for (who, (_, wage)) in said {
        let Some(wage) = wage else { continue };
        let over = (1..=3).all(|back| {
            let seen = taxed.get(&(who, back)).max(based.get(&(who, back)));
            seen.is_some_and(|fen| fen * 100 > wage * 120)
        });
        if over && view.counted(who as usize) && view.receives(view.household_of(who)) {
            found.push(person("M066", who as usize));
        }
    }
}

/// M068.
fn transactions(view: &View<'_>, found: &mut Vec<Alert>) {
    let mut since: HashMap<usize, NaiveDate> = HashMap::new();
    for row in &view.d.roster {
        let current = row.start <= view.as_of
            && row.end.is_none_or(|end| end >= view.as_of)
            && row.programme != Programme::Temporary;
        if current && view.living[row.person as usize] {
            let at = since.entry(view.household_of(row.person)).or_insert(row.start);
            *at = (*at).min(row.start);
        }
    }
    for e in view.d.estates.iter().filter(|e| e.usage == Usage::Residence && view.counted(e.holder as usize)) {
        let traded = match e.event {
            EstateEvent::Transfer | EstateEvent::Cancel => true,
            EstateEvent::First => e.price.is_some_and(|price| price > 0),
            EstateEvent::Mortgage => false,
        };
        let home = view.household_of(e.holder);
        let aided = since.get(&home).is_some_and(|start| e.registered >= *start);
        if traded && aided && view.since(e.registered, view.months_ago(12)) {
            found.push(household("M068", home));
        }
    }
}

/// M070.
fn stacking(view: &View<'_>, found: &mut Vec<Alert>) {
    let year = view.months_ago(12);
    let mut items: HashMap<usize, (HashSet<PayItem>, HashSet<Roster>, i64)> = HashMap::new();
    for p in view.d.payments.iter().filter(|p| p.state == PayState::Paid && view.since(p.date, year)) {
        let who = p.beneficiary.unwrap_or(p.payee);
        if view.person[who as usize] {
            let at = items.entry(view.household_of(who)).or_default();
            at.0.insert(p.item);
            at.2 += p.amount;
        }
    }
    for p in view.d.partners.iter().filter(|p| p.start <= view.as_of && p.end.is_none_or(|end| end > year)) {
        if let Some(aid) = p.aid.filter(|aid| *aid > 0 && view.person[p.person as usize]) {
            let at = items.entry(view.household_of(p.person)).or_default();
            at.1.insert(p.roster);
            at.2 += aid;
        }
    }
    for (home, (programmes, rosters, total)) in items {
        let size = view.d.households[home].members().filter(|m| view.counted(*m)).count() as i64;
        let standard = if view.d.is_rural(home) { 84_000 } else { 96_000 };
        if programmes.len() + rosters.len() >= 4 && size >= 1 && total * 1_000 > 1_500 * standard * size * 12 {
            found.push(household("M070", home));
        }
    }
}

/// M073.
fn two_counties(view: &View<'_>, found: &mut Vec<Alert>) {
    let mut places: HashMap<(u32, Programme), HashSet<Option<u16>>> = HashMap::new();
    for row in &view.d.roster {
        if row.start <= view.as_of
            && row.end.is_none_or(|end| end >= view.as_of)
            && row.programme != Programme::Temporary
            && view.living[row.person as usize]
        {
            places.entry((row.person, row.programme)).or_default().insert(row.elsewhere);
        }
    }
    for ((who, _), counties) in places {
        if counties.len() > 1 {
            found.push(person("M073", who as usize));
        }
    }
}

/// M074, and M075 for steps.
fn steps(view: &View<'_>, found: &mut Vec<Alert>) {
    let mut done: HashSet<(u32, Step, NaiveDate)> = HashSet::new();
    for s in view.d.steps.iter().filter(|s| s.ended.is_some_and(|day| day <= view.as_of)) {
        done.insert((s.case, s.step, s.started));
    }
    for s in view.d.steps.iter().filter(|s| s.started <= view.as_of && !done.contains(&(s.case, s.step, s.started))) {
        let home = view.household_of(s.person);
        if !view.any_living(home) {
            continue;
        }
        match s.step {
            Step::GradualExit if s.started < view.months_ago(6) => found.push(household("M074", home)),
            Step::GradualExit | Step::Returned | Step::AwaitingConsent => {}
            _ if s.due.is_some_and(|due| due < view.as_of) => found.push(household("M075", home)),
            _ => {}
        }
    }
}

/// M075 for payments.
fn returned(view: &View<'_>, found: &mut Vec<Alert>) {
    let mut paid: HashMap<(u32, PayItem, Month), NaiveDate> = HashMap::new();
    for p in view.d.payments.iter().filter(|p| p.state == PayState::Paid) {
        let at = paid.entry((p.beneficiary.unwrap_or(p.payee), p.item, p.month)).or_insert(p.date);
        *at = (*at).max(p.date);
    }
    for p in view.d.payments.iter().filter(|p| p.state == PayState::Returned && view.since(p.date, view.days_ago(90))) {
        let who = p.beneficiary.unwrap_or(p.payee);
        let home = view.household_of(who);
        let again = paid.get(&(who, p.item, p.month)).is_some_and(|day| *day >= p.date);
        if !again && view.person[who as usize] && view.any_living(home) {
            found.push(household("M075", home));
        }
    }
}
