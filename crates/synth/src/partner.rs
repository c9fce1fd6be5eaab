//! Rosters of unions, the women's federation, veterans' affairs, the Red Cross and charities.
//!
//! Reasoning: these bodies reach about one poor person in fifteen and, of the others, three in a thousand: workers after
//! a dismissal, women with one of the two cancers, students of poor families. A help is 500 to 6,000 yuan a year.

use crate::chance::Chance;
use crate::district::District;
use crate::person::{RegStatus, Story};
use crate::rows::codes;
use chrono::{Days, NaiveDate};

codes!(Roster { Worker = "worker" "困难职工", WomenCancer = "women_cancer" "两癌妇女", Veteran = "veteran" "困难退役军人", RedCross = "redcross" "红十字救助", Charity = "charity" "慈善救助", Lottery = "lottery" "福彩公益金" });

#[derive(Debug, Clone)]
pub struct PartnerRow {
    pub person: u32,
    pub roster: Roster,
    pub start: NaiveDate,
    pub end: Option<NaiveDate>,
    pub aid: Option<i64>,
}

const ALL: [(Roster, f64); 6] = [
    (Roster::Worker, 0.3),
    (Roster::WomenCancer, 0.12),
    (Roster::Veteran, 0.1),
    (Roster::RedCross, 0.14),
    (Roster::Charity, 0.24),
    (Roster::Lottery, 0.1),
];

pub fn help(district: &mut District, chance: &mut Chance) {
    for i in 0..district.people.len() {
        let story = district.household_of(i as u32).story;
        let share = match story {
            Story::Planned | Story::Fixed => continue,
            Story::Ordinary => 0.003,
            _ => 0.065,
        };
        let age = district.people[i].age_on(district.as_of);
        if age < 18 || district.people[i].status == RegStatus::Moved || !chance.happens(share) {
            continue;
        }
        let roster = ALL[chance.weighted(ALL.iter().map(|r| r.1))].0;
        if roster == Roster::WomenCancer && district.is_male(i as u32) || roster == Roster::Worker && age >= 60 {
            continue;
        }
        let start = district.as_of - Days::new(chance.between(2, 900) as u64);
        let end = chance
            .happens(0.35)
            .then(|| start + Days::new(chance.between(60, 700) as u64))
            .filter(|end| *end < district.as_of);
        let aid = chance.happens(0.85).then(|| chance.between(5, 60) * 10_000);
        district.partners.push(PartnerRow { person: i as u32, roster, start, end, aid });
    }
}
