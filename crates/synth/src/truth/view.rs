//! The words that the definitions share: who is a person, who lives, who counts, who is on the roster, who is certified.

use crate::district::District;
use crate::person::RegStatus;
use crate::planted::before;
use crate::rows::*;
use chrono::{Days, NaiveDate};

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
        };
        view.enrolled();
        view.certified();
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

    /// At least one living person of it is on the roster.
    pub fn receives(&self, household: usize) -> bool {
        self.d.households[household].members().any(|m| self.living[m] && self.roster[m].any)
    }
}
