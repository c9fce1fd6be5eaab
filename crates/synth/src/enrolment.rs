//! Medical insurance enrolment of this year.
//!
//! Reasoning: 95 of 100 people are enrolled (Healthcare Security Administration, 2023); of the rest half stopped or did not
//! pay this year, half were never asked here. Who works for an employer or draws an employee's pension is in the employees'
//! scheme. Recipients are enrolled nearly all, with their premium paid for them (MED42). One in 300 stands in both schemes,
//! because a job began in the year.

use crate::chance::Chance;
use crate::district::District;
use crate::person::{RegStatus, Story};
use crate::rows::{Scheme, codes};
use chrono::Datelike;

codes!(MedicalScheme { Employee = "employee" "职工医保", Resident = "resident" "居民医保" });
codes!(EnrolmentStatus { Active = "active" "正常参保", Stopped = "stopped" "停保", Arrears = "arrears" "欠费" });

#[derive(Debug, Clone)]
pub struct Enrolment {
    pub person: u32,
    pub year: i32,
    pub scheme: MedicalScheme,
    pub status: EnrolmentStatus,
    /// Fen.
    pub own: Option<i64>,
    pub aid: Option<i64>,
    /// Why the premium was paid for the person; empty where it was not.
    pub category: &'static str,
}

/// Premium of a resident, fen a year.
pub const PREMIUM: i64 = 40_000;

pub fn enrol(district: &mut District, chance: &mut Chance) {
    let year = district.as_of.year();
    let mut employed = vec![false; district.people.len()];
    for s in &district.social {
        employed[s.person as usize] |= s.scheme == Scheme::EmpPension && (s.employer > 0 || s.benefit.is_some());
    }
    for (i, employed) in employed.into_iter().enumerate() {
        let home = district.people[i].household as usize;
        if district.by_hand(home) || !district.watched[i] || district.people[i].status == RegStatus::Moved {
            continue;
        }
        let story = district.households[home].story;
        let aided = match story {
            Story::Dibao => Some(("低保对象", PREMIUM)),
            Story::Tekun => Some(("特困人员", PREMIUM)),
            Story::Edge => Some(("低保边缘家庭成员", PREMIUM / 2)),
            _ => None,
        };
        // elders and recipients seldom leave the scheme
        let settled = aided.is_some() || district.people[i].age_on(district.as_of) >= 70;
        let (absent, status) = match chance.share() {
            s if s < if settled { 0.002 } else { 0.02 } => (true, EnrolmentStatus::Active),
            s if s < if settled { 0.006 } else { 0.035 } => (false, EnrolmentStatus::Arrears),
            s if s < if settled { 0.008 } else { 0.045 } => (false, EnrolmentStatus::Stopped),
            _ => (false, EnrolmentStatus::Active),
        };
        if absent {
            continue;
        }
        let paid = status == EnrolmentStatus::Active;
        let scheme = if employed { MedicalScheme::Employee } else { MedicalScheme::Resident };
        let aid = aided.filter(|_| paid && !employed);
        district.enrolments.push(Enrolment {
            person: i as u32,
            year,
            scheme,
            status,
            own: (!employed && paid).then(|| PREMIUM - aid.map_or(0, |a| a.1)),
            aid: aid.map(|a| a.1),
            category: aid.map_or("", |a| a.0),
        });
        if employed && chance.happens(0.0033) {
            let (scheme, status) = (MedicalScheme::Resident, EnrolmentStatus::Stopped);
            let (own, aid, category) = (Some(PREMIUM), None, "");
            district.enrolments.push(Enrolment { person: i as u32, year, scheme, status, own, aid, category });
        }
    }
}
