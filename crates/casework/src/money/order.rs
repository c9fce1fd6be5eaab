//! Which list is to be made: the monthly one, or a run of the pack with the figures that it needs.

use crate::{Cx, FieldError, decision::first_of_month, error::Result};
use chrono::{Datelike, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use tuodi_pack::{
    Fen, Pack,
    payments::{AGAIN, Each, MONTHLY, Run, Source},
};

/// The largest rise that is believed: doubled prices are a slip of the hand.
const MOST_PERMILLE: i64 = 1_000;
/// The largest amount a head of a run that is believed, in fen.
const MOST: i64 = 10_000_000;

/// What an officer asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunOrder {
    pub month: NaiveDate,
    pub kind: String,
    pub terms: RunTerms,
}

/// The figures of a run that the officer enters, and the paper they stand in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunTerms {
    /// Rise of prices in parts per 1000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rise_permille: Option<i64>,
    /// So much for each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Fen>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub paper: String,
}

impl RunOrder {
    pub fn monthly(month: NaiveDate) -> RunOrder {
        RunOrder { month, kind: MONTHLY.to_owned(), terms: RunTerms::default() }
    }

    pub fn again(month: NaiveDate) -> RunOrder {
        RunOrder { kind: AGAIN.to_owned(), ..RunOrder::monthly(month) }
    }
}

/// An order that can be carried out: what it pays is known.
pub(crate) struct Job<'a> {
    pub month: NaiveDate,
    pub kind: &'a str,
    pub run: Option<&'a Run>,
    pub terms: &'a RunTerms,
    pub county: String,
}

impl<'a> Job<'a> {
    pub fn of(cx: &'a Cx, order: &'a RunOrder, county: String) -> Result<Job<'a>> {
        let run = cx.pack.run(&order.kind);
        let problem = |field: &str, key| Err(crate::CaseError::Invalid(vec![FieldError::new(field, key)]));
        if run.is_none() && ![MONTHLY, AGAIN].contains(&order.kind.as_str()) {
            return problem("kind", "error.choice");
        }
        let month = first_of_month(order.month);
        if let Some(run) = run {
            match run.source() {
                Source::Parameter(id) if cx.pack.parameters.value(id, &county, month).is_none() => {
                    return problem("kind", "error.no_amount");
                }
                Source::Share(_) if !order.terms.rise_permille.is_some_and(|r| (1..=MOST_PERMILLE).contains(&r)) => {
                    return problem("rise", "error.percent");
                }
                Source::Entered if !order.terms.amount.is_some_and(|a| (1..=MOST).contains(&a.0)) => {
                    return problem("amount", "error.amount");
                }
                Source::Parameter(_) | Source::Share(_) | Source::Entered => {}
            }
            if run.amount.is_none() && order.terms.paper.trim().is_empty() {
                return problem("paper", "error.required");
            }
        }
        Ok(Job { month, kind: &order.kind, run, terms: &order.terms, county })
    }

    /// The month that a payment stands for: the first of the season where a run has one.
    pub fn claimed(&self) -> NaiveDate {
        let Some(from) = self.run.and_then(|r| r.season_from) else { return self.month };
        let back = (self.month.month() + 12 - from) % 12;
        self.month - Months::new(back)
    }

    /// What a run pays for each, in fen.
    pub fn each(&self, pack: &Pack, region: &str) -> Option<i64> {
        let value = |id: &str| pack.parameters.value(id, region, self.month);
        match self.run?.source() {
            Source::Parameter(id) => value(id),
            Source::Share(id) => {
                // Parts of a fen count too: rounded once, as the pack says.
                let unit = i64::from(self.run?.round_up.unwrap_or(1).max(1));
                let thousandths = value(id)? * self.terms.rise_permille?;
                Some((thousandths + unit * 1_000 - 1) / (unit * 1_000) * unit)
            }
            Source::Entered => self.terms.amount.map(|a| a.0),
        }
    }

    pub fn heads(&self, members: i32, of_person: bool) -> i64 {
        match self.run.map(|r| r.each) {
            Some(Each::Person) if !of_person => i64::from(members.max(1)),
            _ => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_season_begins_in_its_month_and_lasts_over_the_new_year() {
        let heating: Run = serde_json::from_str(
            r#"{"id":"heating","title":{"zh":"暖","en":"Heat"},"of":["dibao"],"amount":"heating","season_from":11,"basis":"X"}"#,
        )
        .unwrap();
        let terms = RunTerms::default();
        let day = |y, m| NaiveDate::from_ymd_opt(y, m, 1).unwrap();
        for (month, first) in
            [(day(2026, 11), day(2026, 11)), (day(2027, 1), day(2026, 11)), (day(2026, 10), day(2025, 11))]
        {
            let job = Job { month, kind: "heating", run: Some(&heating), terms: &terms, county: String::new() };
            assert_eq!(job.claimed(), first, "{month}");
        }
    }
}
