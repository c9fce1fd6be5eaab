//! Meters, and people of whom hardly anybody has heard.

use super::{Alert, View, household, person};
use crate::enrolment::EnrolmentStatus;
use crate::month::Month;
use crate::rows::*;
use crate::utility::{Meter, UtilityRow};
use chrono::Datelike;
use std::collections::BTreeMap;

pub const INDICATORS: &[&str] = &["M052", "M053", "M055"];

pub fn find(view: &View<'_>, found: &mut Vec<Alert>) {
    meters(view, found);
    silence(view, found);
}

/// Months back, and what was read then.
type Reading<'a> = (i32, &'a UtilityRow);

/// M052, M053: water and power only, by account.
fn meters(view: &View<'_>, found: &mut Vec<Alert>) {
    let now = Month::of(view.as_of).0;
    let mut accounts: BTreeMap<(u32, Meter, u32), Vec<Reading<'_>>> = BTreeMap::new();
    for row in view.d.utilities.iter().filter(|u| u.kind != Meter::Gas) {
        let Some(holder) = row.holder.filter(|h| view.person[*h as usize]) else { continue };
        accounts.entry((row.account, row.kind, holder)).or_default().push((now - row.month.0, row));
    }
    for ((_, _, holder), rows) in accounts {
        let home = view.household_of(holder);
        if !view.any_living(home) {
            continue;
        }
        let at = |back: i32| rows.iter().find(|(b, _)| *b == back).map(|(_, row)| row.quantity);
        let before: Vec<i64> = (3..=14).filter_map(at).collect();
        let (count, sum) = (before.len() as i64, before.iter().sum::<i64>());
        let low = |quantity: i64| quantity * 2 * count <= sum;
        if count >= 6 && sum > 0 && at(1).is_some_and(low) && at(2).is_some_and(low) {
            found.push(household("M052", home));
        }
        let newest = rows.iter().filter(|(back, _)| (1..=6).contains(back)).min_by_key(|(back, _)| *back);
        if newest.is_some_and(|(_, row)| row.arrears_months.is_some_and(|months| months >= 2)) {
            found.push(household("M053", home));
        }
    }
}

/// M055: fewer than three of eight sources.
fn silence(view: &View<'_>, found: &mut Vec<Alert>) {
    let n = view.d.people.len();
    let now = Month::of(view.as_of).0;
    let recent = |month: Month| (1..=3).contains(&(now - month.0));
    let (mut subsidised, mut treated) = (vec![false; n], vec![false; n]);
    let (mut enrolled, mut insured, mut metered) = (vec![false; n], vec![false; n], vec![false; n]);
    for s in &view.d.subsidies {
        let open =
            s.status != SubsidyStatus::Stopped && s.start <= view.as_of && s.end.is_none_or(|end| end >= view.as_of);
        subsidised[s.person as usize] |= open;
    }
    for s in &view.d.settlements {
        treated[s.person as usize] |= view.since(s.settled, view.months_ago(12));
    }
    for e in &view.d.enrolments {
        enrolled[e.person as usize] |= e.year == view.as_of.year() && e.status == EnrolmentStatus::Active;
    }
    for s in &view.d.social {
        insured[s.person as usize] |= recent(s.month);
    }
    for u in &view.d.utilities {
        if let Some(holder) = u.holder {
            metered[holder as usize] |= u.quantity > 0 && recent(u.month);
        }
    }
    for who in 0..n {
        let certified = view.certificate[who].is_some();
        if !view.living[who] || view.age(who) < 70 && !certified {
            continue;
        }
        let traces = [
            true,
            view.roster[who].any,
            certified,
            subsidised[who],
            treated[who],
            enrolled[who],
            insured[who],
            metered[who],
        ];
        if traces.into_iter().filter(|t| *t).count() < 3 {
            found.push(person("M055", who));
        }
    }
}
