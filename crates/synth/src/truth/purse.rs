//! What social insurance and the tax bureau say that a person earned and was paid, month by month.

use super::View;
use crate::month::Month;
use crate::rows::{Benefit, Contribution, Scheme};
use crate::taxes::IncomeKind;
use std::collections::HashMap;

/// Months looked at: 0 is the running one, 1 the whole month before it.
const BACK: usize = 13;

/// One person's months.
#[derive(Debug, Clone, Default)]
pub struct Purse {
    /// Wages and fees withheld on, all payers.
    pub tax: [Option<i64>; BACK],
    /// Bases that an employer paid in, and of how many rows.
    pub base: [Option<i64>; BACK],
    rows: [i64; BACK],
    /// Whether the employees' scheme said anything of contributions, and whether they were paid.
    reported: [Option<bool>; BACK],
    /// Active benefits, the central part of residents' pensions left out.
    pub benefit: [i64; BACK],
    said: [bool; BACK],
    pub employees_pension: [bool; BACK],
    pub residents_pension: [bool; BACK],
    pub dole: [bool; BACK],
    pub dole_ended: [bool; BACK],
}

/// Central part of a residents' pension where a row does not say it.
const CENTRAL: i64 = 14_300;

pub fn purses(view: &View<'_>) -> HashMap<u32, Purse> {
    let mut all: HashMap<u32, Purse> = HashMap::new();
    let now = Month::of(view.as_of);
    let at = |month: Month| usize::try_from(now.0 - month.0).ok().filter(|back| *back < BACK);
    for s in &view.d.social {
        let Some(back) = at(s.month) else { continue };
        let purse = all.entry(s.person).or_default();
        if s.scheme == Scheme::EmpPension {
            if let Some(state) = s.paid {
                let paid = purse.reported[back].get_or_insert(false);
                *paid |= state == Contribution::Paid;
            }
            if let (Some(Contribution::Paid), Some(base), true) = (s.paid, s.base, s.employer > 0) {
                *purse.base[back].get_or_insert(0) += base;
                purse.rows[back] += 1;
            }
        }
        let Some(state) = s.state else { continue };
        purse.said[back] = true;
        if s.scheme == Scheme::Unemployment && state == Benefit::Ended {
            purse.dole_ended[back] = true;
        }
        if state != Benefit::Active {
            continue;
        }
        let fen = s.benefit.unwrap_or(0);
        purse.benefit[back] += match s.scheme {
            Scheme::ResPension => (fen - s.central.unwrap_or(CENTRAL)).max(0),
            _ => fen,
        };
        match s.scheme {
            Scheme::EmpPension => purse.employees_pension[back] = true,
            Scheme::ResPension => purse.residents_pension[back] = true,
            Scheme::Unemployment => purse.dole[back] = true,
            Scheme::Injury | Scheme::Maternity => {}
        }
    }
    for t in view.d.taxes.iter().filter(|t| matches!(t.kind, IncomeKind::Wage | IncomeKind::Labour)) {
        if let Some(back) = at(t.month) {
            *all.entry(t.person).or_default().tax[back].get_or_insert(0) += t.income;
        }
    }
    all
}

impl Purse {
    /// The newest of the last three months that says anything of benefits.
    pub fn newest_benefit(&self) -> Option<usize> {
        (1..=3).find(|back| self.said[*back])
    }

    /// Wage a month over the last three: tax before social insurance; none where contributions have stopped.
    pub fn wage(&self) -> Option<i64> {
        let newest = (1..=3).find(|back| self.reported[*back].is_some());
        let taxed: Vec<i64> = (1..=3).filter_map(|back| self.tax[back]).collect();
        if !taxed.is_empty() {
            let stopped = newest.is_some_and(|back| self.reported[back] == Some(false));
            return (!stopped).then(|| taxed.iter().sum::<i64>() / taxed.len() as i64);
        }
        let paid = (1..=3).find(|back| self.base[*back].is_some());
        if paid.is_none() || paid != newest {
            return None;
        }
        let (sum, rows) = (1..=3).fold((0, 0), |(s, n), b| (s + self.base[b].unwrap_or(0), n + self.rows[b]));
        Some(sum / rows)
    }

    /// Wage and benefits of some months, from one source of wages for all nine.
    fn income(&self, months: std::ops::RangeInclusive<usize>) -> i64 {
        let taxed = (1..=9).any(|back| self.tax[back].is_some());
        months.map(|b| if taxed { self.tax[b].unwrap_or(0) } else { self.base[b].unwrap_or(0) } + self.benefit[b]).sum()
    }
}

/// A household's income by the departments alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct DataIncome {
    /// Fen a month, the cost of working taken off.
    pub month: i64,
    /// Nobody of 16 and over is without a wage and a benefit.
    pub known: bool,
    /// Sums of the last three months and of the six before.
    pub three: i64,
    pub six: i64,
}

pub fn data_income(view: &View<'_>, home: usize) -> DataIncome {
    let mut income = DataIncome { known: true, ..DataIncome::default() };
    for m in view.counted_members(home) {
        let Some(purse) = view.purse.get(&(m as u32)) else {
            income.known &= view.age(m) < 16;
            continue;
        };
        let wage = purse.wage();
        let benefit = purse.newest_benefit().map_or(0, |back| purse.benefit[back]);
        let earned = wage.unwrap_or(0);
        // 30 % of a wage, rounded up, at most half the standard, is the cost of working
        let cost = ((earned * 300 + 999) / 1_000).min(view.standard(home) / 2);
        income.month += earned - cost + benefit;
        income.known &= view.age(m) < 16 || wage.is_some() || benefit > 0;
        income.three += purse.income(1..=3);
        income.six += purse.income(4..=9);
    }
    income
}
