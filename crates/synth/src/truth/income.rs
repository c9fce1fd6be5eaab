//! What a household lives on, as far as departments' rows say (indicators M036, M039, M042).
//!
//! The order of trust is the rules' own: wages that were taxed, then social insurance where an employer pays it in, then
//! what was declared. Somebody of 16 or more of whom nothing is known makes the household's income unknown.

use super::View;
use super::purse::Purse;
use crate::disease::{DiseaseList, DiseaseStatus};
use chrono::NaiveDate;
use std::collections::HashMap;

#[derive(Debug, Clone, Copy, Default)]
pub struct Income {
    /// Every counted member of 16 or more has some source.
    pub known: bool,
    /// Counted members.
    pub size: i64,
    /// Fen a month.
    pub standard: i64,
    pub gross: i64,
    /// Gross less the cost of working and less hardship.
    pub counted: i64,
}

/// Out-of-pocket cost of each person in twelve months, fen; refunds count against it.
pub fn own_bills(view: &View<'_>) -> Vec<i64> {
    let year = view.months_ago(12);
    let mut bills = vec![0i64; view.d.people.len()];
    for s in view.d.settlements.iter().filter(|s| view.since(s.settled, year)) {
        let own = if s.refund { -(s.oop_policy.abs() + s.oop_outside.abs()) } else { s.oop_policy + s.oop_outside };
        bills[s.person as usize] += own;
    }
    bills
}

/// Income by household. `serious` names those with a disease of the serious list.
pub fn incomes(view: &View<'_>, bills: &[i64], serious: &[bool]) -> Vec<Income> {
    // what was declared last
    let mut declared: HashMap<usize, (NaiveDate, i64)> = HashMap::new();
    for row in view.d.declared.iter().filter(|row| row.on <= view.as_of) {
        let Some(wage) = row.wage else { continue };
        let at = declared.entry(row.person as usize).or_insert((row.on, wage));
        if row.on >= at.0 {
            *at = (row.on, wage);
        }
    }
    let one = |home: usize| {
        let standard = view.standard(home);
        let mut all = Income { known: true, standard, ..Income::default() };
        let (mut cost, mut hardship) = (0, 0);
        for who in view.counted_members(home) {
            let purse = view.purse.get(&(who as u32));
            let seen = purse.and_then(Purse::wage);
            let said = declared.get(&who).map(|(_, wage)| *wage);
            let (benefit, any) =
                purse.and_then(|p| p.newest_benefit().map(|back| (p, back))).map_or((0, false), |(p, back)| {
                    // a pension that is all central part is a source too
                    (p.benefit[back], p.benefit[back] > 0 || p.residents_pension[back] || p.employees_pension[back])
                });
            all.size += 1;
            all.known &= view.age(who) < 16 || seen.is_some() || any || said.is_some();
            let wage = seen.or(said).unwrap_or(0);
            all.gross += wage + benefit;
            // 30 % of it, at most half the standard, rounded up to the fen
            cost += ((wage * 300 + 999) / 1_000).min(standard / 2);
            if view.severe(who) || serious[who] {
                hardship += bills[who].max(0);
            }
        }
        let net = all.gross - cost;
        all.counted = net - ((hardship + 11) / 12).min((net + 1) / 2);
        all.known &= all.size > 0;
        all
    };
    (0..view.d.households.len()).map(one).collect()
}

/// Who is on the register of serious diseases today.
pub fn seriously_ill(view: &View<'_>) -> Vec<bool> {
    let mut ill = vec![false; view.d.people.len()];
    for row in &view.d.diseases {
        ill[row.person as usize] |=
            row.list == DiseaseList::Serious && row.status == DiseaseStatus::Active && row.confirmed <= view.as_of;
    }
    ill
}
