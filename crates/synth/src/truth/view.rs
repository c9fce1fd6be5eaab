//! The words that the definitions share: who is a person, who lives, who counts, who is on the roster, who is certified.

use crate::district::District;
use crate::person::RegStatus;
use crate::planted::before;
use crate::rows::*;
use crate::steps::StepRow;
use crate::truth::purse::{Purse, purses};
use chrono::{Days, NaiveDate};
use std::collections::{HashMap, HashSet};

pub struct View<'a> {
    pub d: &'a District,
    pub as_of: NaiveDate,
    /// Earliest death date in any report.
    pub death: Vec<Option<NaiveDate>>,
    /// In the register, or struck from it because of a death.
    pub person: Vec<bool>,
    pub living: Vec<bool>,
    /// Start of the prison term or detoxification that runs; the latest where there are several.
    pub custody: Vec<Option<NaiveDate>>,
    /// Programmes in which a person is enrolled today.
    pub roster: Vec<Enrolled>,
    /// The certificate that counts today: valid, the latest, the worse grade.
    pub certificate: Vec<Option<&'a Certificate>>,
    /// Members who count, by household.
    pub size: Vec<i64>,
    /// Whether a living member is on the list against relapse with a risk that is not cleared, by household.
    pub rural_risk: Vec<bool>,
    pub purse: HashMap<u32, Purse>,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Enrolled {
    pub any: bool,
    pub dibao: bool,
    pub dibao_single: bool,
    pub tekun: bool,
    pub edge: bool,
    /// A re-verification is overdue.
    pub late: bool,
}

impl<'a> View<'a> {
    pub fn of(d: &'a District) -> View<'a> {
        let as_of = d.as_of;
        let n = d.people.len();
        let mut death: Vec<Option<NaiveDate>> = vec![None; n];
        for report in d.deaths.iter().filter(|r| r.date <= as_of) {
            let at = &mut death[report.person as usize];
            *at = Some(at.map_or(report.date, |known| known.min(report.date)));
        }
        let person: Vec<bool> = d
            .people
            .iter()
            .zip(&death)
            .map(|(p, death)| match p.status {
                RegStatus::Active => true,
                RegStatus::Cancelled => death.is_some(),
                RegStatus::Moved => false,
            })
            .collect();
        let living: Vec<bool> = person.iter().zip(&death).map(|(p, death)| *p && death.is_none()).collect();
        let mut custody: Vec<Option<NaiveDate>> = vec![None; n];
        for c in &d.custodies {
            let away = matches!(c.measure, Measure::Prison | Measure::Detox);
            let over = c.ended.or(c.expected).is_some_and(|end| end <= as_of);
            if away && c.start <= as_of && !over {
                let at = &mut custody[c.person as usize];
                *at = Some(at.map_or(c.start, |known| known.max(c.start)));
            }
        }
        let mut view = View {
            d,
            as_of,
            death,
            person,
            living,
            custody,
            roster: vec![Enrolled::default(); n],
            certificate: vec![None; n],
            size: vec![0; d.households.len()],
            rural_risk: vec![false; d.households.len()],
            purse: HashMap::new(),
        };
        view.enrolled();
        view.certified();
        for home in 0..d.households.len() {
            view.size[home] = view.counted_members(home).count() as i64;
        }
        for r in &d.rural {
            let cleared = r.cleared && r.cleared_on.is_none_or(|day| day <= as_of);
            if r.entered <= as_of && !cleared && view.living[r.member as usize] {
                let home = view.household_of(r.member);
                view.rural_risk[home] = true;
            }
        }
        view.purse = purses(&view);
        view
    }

    fn enrolled(&mut self) {
        for row in &self.d.roster {
            if row.start > self.as_of
                || row.programme == Programme::Temporary
                || row.end.is_some_and(|end| end < self.as_of)
            {
                continue;
            }
            let due = before(self.as_of, if row.class == 'C' { 6 } else { 12 });
            let at = &mut self.roster[row.person as usize];
            at.any = true;
            at.late |= row.reverified < due;
            match row.programme {
                Programme::Dibao => at.dibao = true,
                Programme::DibaoSingle => at.dibao_single = true,
                Programme::Tekun => at.tekun = true,
                Programme::Edge => at.edge = true,
                Programme::Rigid | Programme::Temporary => {}
            }
        }
    }

    fn certified(&mut self) {
        for c in &self.d.certificates {
            let valid = c.status == CertStatus::Valid
                && c.issued <= self.as_of
                && c.expires.is_none_or(|expires| expires >= self.as_of);
            if !valid {
                continue;
            }
            let at = &mut self.certificate[c.person as usize];
            let better = match at {
                None => true,
                Some(other) => c.issued > other.issued || (c.issued == other.issued && c.grade < other.grade),
            };
            if better {
                *at = Some(c);
            }
        }
    }

    /// Members who count: alive and at home.
    pub fn counted(&self, person: usize) -> bool {
        self.living[person] && self.custody[person].is_none()
    }

    pub fn age(&self, person: usize) -> i64 {
        self.d.people[person].age_on(self.as_of)
    }

    pub fn days_ago(&self, days: u64) -> NaiveDate {
        self.as_of - Days::new(days)
    }

    pub fn months_ago(&self, months: u32) -> NaiveDate {
        before(self.as_of, months)
    }

    /// Whether a day is later than the border and not later than today.
    pub fn since(&self, day: NaiveDate, border: NaiveDate) -> bool {
        day > border && day <= self.as_of
    }

    pub fn household_of(&self, person: u32) -> usize {
        self.d.people[person as usize].household as usize
    }

    pub fn any_living(&self, household: usize) -> bool {
        self.d.households[household].members().any(|m| self.living[m])
    }

    pub fn counted_members(&self, household: usize) -> impl Iterator<Item = usize> {
        self.d.households[household].members().filter(|m| self.counted(*m))
    }

    /// Standard of the place, fen a head a month.
    pub fn standard(&self, household: usize) -> i64 {
        if self.d.is_rural(household) { 84_000 } else { 96_000 }
    }

    /// By the certificate that counts: grade 1 or 2, or grade 3 of mind or intellect.
    pub fn severe(&self, person: usize) -> bool {
        self.certificate[person].is_some_and(|c| {
            c.grade <= 2 || c.grade == 3 && matches!(c.kind, Disability::Intellectual | Disability::Mental)
        })
    }

    /// On the roster, or watched against relapse.
    pub fn low_income(&self, household: usize) -> bool {
        self.receives(household) || self.rural_risk[household]
    }

    /// Steps of cases that have begun and not ended.
    pub fn open_steps(&self) -> impl Iterator<Item = &'a StepRow> {
        let as_of = self.as_of;
        let key = |s: &StepRow| (s.case, s.step, s.started);
        let ended: HashSet<_> =
            self.d.steps.iter().filter(|s| s.ended.is_some_and(|day| day <= as_of)).map(key).collect();
        self.d.steps.iter().filter(move |s| s.started <= as_of && !ended.contains(&key(s)))
    }

    /// At least one living person of it is on the roster.
    pub fn receives(&self, household: usize) -> bool {
        self.d.households[household].members().any(|m| self.living[m] && self.roster[m].any)
    }
}
