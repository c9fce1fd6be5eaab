//! Households laid out by hand: for each indicator the cases at its lines, on both sides.
//!
//! They come first in the register and chance adds nothing that an indicator reads, so what must follow from each of
//! them is known beforehand and written to `truth/facts.csv`.

mod compliance;
mod dues;
mod events;
mod families;
mod family;
mod health;
mod score;
mod shock;
mod traces;
mod work;

use crate::cell::mix;
use crate::chance::Chance;
use crate::fate;
use crate::illness;
use crate::person::{Relation, Story};
use crate::population::{Member, Population};
use crate::rows::{DeathSource, Settlement, Visit};
use chrono::{Days, Months, NaiveDate};
use tuodi_pack::id_no::Sex;

pub use families::Family;

/// One planted fact: what was laid out and whether the indicator must follow.
#[derive(Debug, Clone)]
pub struct Plant {
    pub indicator: &'static str,
    pub household: u32,
    /// The person who is the subject, for indicators about persons; else the head.
    pub person: u32,
    pub raised: bool,
    pub what: &'static str,
}

pub struct Plan<'a, 'b> {
    pub at: &'b mut Population<'a>,
    pub chance: &'b mut Chance,
    pub plants: Vec<Plant>,
    pub families: Vec<Family>,
    /// Village for the next household: the plan goes round the district.
    next: usize,
}

/// Lays out the whole plan. Returns what was planted.
pub fn lay_out(at: &mut Population<'_>, chance: &mut Chance) -> (Vec<Plant>, Vec<Family>) {
    let mut plan = Plan { at, chance, plants: Vec::new(), families: Vec::new(), next: 0 };
    events::lay_out(&mut plan);
    health::lay_out(&mut plan);
    work::lay_out(&mut plan);
    family::lay_out(&mut plan);
    shock::lay_out(&mut plan);
    compliance::lay_out(&mut plan);
    score::lay_out(&mut plan);
    traces::lay_out(&mut plan);
    dues::lay_out(&mut plan);
    families::lay_out(&mut plan);
    (plan.plants, plan.families)
}

/// One member by age on the day asked about.
pub fn aged(age: i64, sex: Sex, relation: Relation) -> (When, Sex, Relation) {
    (When::Aged(age), sex, relation)
}

/// A birthday: by age, or exactly.
#[derive(Debug, Clone, Copy)]
pub enum When {
    Aged(i64),
    On(NaiveDate),
}

impl Plan<'_, '_> {
    pub fn as_of(&self) -> NaiveDate {
        self.at.district.as_of
    }

    pub fn days_ago(&self, days: u64) -> NaiveDate {
        self.as_of() - Days::new(days)
    }

    pub fn months_ago(&self, months: u32) -> NaiveDate {
        before(self.as_of(), months)
    }

    /// Adds a household in the next village and returns its members.
    pub fn home(&mut self, story: Story, members: &[(When, Sex, Relation)]) -> Vec<u32> {
        let villages = self.at.district.villages.len();
        let village = (mix(self.next as u64) as usize % villages) as u16;
        self.next += 1;
        self.home_in(village, story, members)
    }

    pub fn home_in(&mut self, village: u16, story: Story, members: &[(When, Sex, Relation)]) -> Vec<u32> {
        let members: Vec<Member> = members
            .iter()
            .map(|(when, sex, relation)| Member {
                sex: *sex,
                birth: match when {
                    When::Aged(age) => self.at.born(*age, self.chance),
                    When::On(day) => *day,
                },
                relation: *relation,
                surname: None,
            })
            .collect();
        let home = self.at.add(village, &members, story, self.chance);
        self.at.district.households[home].members().map(|m| m as u32).collect()
    }

    /// A couple in their forties: the plain household that most plants start from.
    pub fn couple(&mut self) -> Vec<u32> {
        self.home(Story::Planned, &[aged(46, Sex::Male, Relation::Head), aged(44, Sex::Female, Relation::Spouse)])
    }

    pub fn alone(&mut self, age: i64) -> u32 {
        self.home(Story::Planned, &[aged(age, Sex::Female, Relation::Head)])[0]
    }

    pub fn plant(&mut self, indicator: &'static str, person: u32, raised: bool, what: &'static str) {
        let household = self.at.district.people[person as usize].household;
        self.plants.push(Plant { indicator, household, person, raised, what });
    }

    /// A settlement with this much to pay oneself.
    pub fn bill(&mut self, person: u32, visit: Visit, day: NaiveDate, oop: i64) {
        let basic = oop * 2;
        let outside = oop / 5;
        illness::add_settlement(
            self.at.district,
            Settlement {
                number: 0,
                person,
                visit,
                org: 7,
                admitted: (visit == Visit::Inpatient).then(|| day - Days::new(9)),
                settled: day,
                diagnosis: if visit == Visit::Inpatient { "C50.9" } else { "J06.9" },
                total: oop + basic,
                basic,
                major: 0,
                assist: 0,
                oop_policy: oop - outside,
                oop_outside: outside,
                refund: false,
            },
        );
    }

    /// Takes the last settlement back.
    pub fn refund(&mut self, day: NaiveDate) {
        if let Some(last) = self.at.district.settlements.last().cloned() {
            illness::add_settlement(self.at.district, illness::refund_of(&last, day));
        }
    }

    pub fn dies(&mut self, person: u32, day: NaiveDate, sources: &[DeathSource]) {
        let district = &mut *self.at.district;
        district.people[person as usize].died = Some(day);
        for source in sources {
            fate::report(district, person, day, *source, None, 4);
            if *source == DeathSource::Police {
                district.people[person as usize].status = crate::person::RegStatus::Cancelled;
            }
        }
    }
}

pub fn before(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_sub_months(Months::new(months)).unwrap_or(day)
}
