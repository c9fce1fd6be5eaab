//! Pupils and students of this school year.
//!
//! Reasoning: nearly all children of 3 to 17 are in school (gross enrolment: kindergarten 91 %, senior level 92 %, Ministry
//! of Education, 2023), three in a thousand in a special one; of those of 18 to 21 six in ten study, a third of them
//! outside the province, whom no file names.
//! One pupil in 1,500 of compulsory age has left school, more among families on little. Private: one kindergarten in
//! three, one school in fifteen.

use crate::cell::mix;
use crate::chance::Chance;
use crate::district::District;
use crate::month::Month;
use crate::person::{RegStatus, Story};
use crate::rows::codes;
use chrono::{Datelike, Months, NaiveDate};

codes!(Stage {
    Preschool = "preschool" "幼儿园", Primary = "primary" "小学", Junior = "junior" "初中", Senior = "senior" "普通高中",
    Vocational = "vocational" "中职", College = "college" "专科", Undergraduate = "undergraduate" "本科",
    Postgraduate = "postgraduate" "研究生", Special = "special" "特殊教育",
});
codes!(PupilStatus { Enrolled = "enrolled" "在读", Suspended = "suspended" "休学", Dropped = "dropped" "辍学", Graduated = "graduated" "毕业" });
codes!(SchoolNature { Public = "public" "公办", Private = "private" "民办" });

#[derive(Debug, Clone)]
pub struct Pupil {
    pub person: u32,
    pub school: u32,
    pub nature: SchoolNature,
    pub stage: Stage,
    pub grade: u8,
    /// The year in which the school year began.
    pub year: i32,
    /// Fen a year.
    pub tuition: i64,
    pub board: i64,
    pub aid: i64,
    pub status: PupilStatus,
    pub boarding: bool,
}

/// The school year of the newest complete list: lists of a year that begins in September arrive by November.
pub fn listed_year(day: NaiveDate) -> i32 {
    day.checked_sub_months(Months::new(10)).unwrap_or(day).year()
}

/// The school year that runs on a day: it begins on 1 September. Universities name who was admitted before lists arrive.
pub fn school_year(day: NaiveDate) -> i32 {
    if day.month() >= 9 { day.year() } else { day.year() - 1 }
}

/// Stage and grade by completed years on the day the school year began.
fn place(age: i64, chance: &mut Chance) -> Option<(Stage, u8)> {
    Some(match age {
        6..=14 if chance.happens(0.003) => (Stage::Special, age as u8 - 5),
        3..=5 if chance.happens(0.91) => (Stage::Preschool, age as u8 - 2),
        6..=11 => (Stage::Primary, age as u8 - 5),
        12..=14 => (Stage::Junior, age as u8 - 11),
        15..=17 if chance.happens(0.92) => {
            (if chance.happens(0.58) { Stage::Senior } else { Stage::Vocational }, age as u8 - 14)
        }
        18..=21 if chance.happens(0.4) => {
            (if chance.happens(0.5) && age < 21 { Stage::College } else { Stage::Undergraduate }, age as u8 - 17)
        }
        22..=24 if chance.happens(0.04) => (Stage::Postgraduate, age as u8 - 21),
        _ => return None,
    })
}

pub fn enrol(district: &mut District, chance: &mut Chance) {
    let year = listed_year(district.as_of);
    let next = school_year(district.as_of);
    let began = Month(year * 12 + 8).first();
    for i in 0..district.people.len() {
        let p = &district.people[i];
        let home = p.household as usize;
        let age = crate::person::age_on(p.birth, began);
        let by_hand = district.by_hand(home);
        let here = p.status == RegStatus::Active && p.died.is_none();
        if !(3..=24).contains(&age) || !here || !(by_hand || district.watched[i] || (6..=15).contains(&age)) {
            continue;
        }
        let story = district.households[home].story;
        let Some((stage, grade)) = place(age, chance) else { continue };
        if by_hand {
            // of families laid out by hand the children of compulsory age are at a public school, unless the plan says
            if matches!(stage, Stage::Primary | Stage::Junior) && !district.pupils.iter().any(|r| r.person == i as u32)
            {
                let pupil = pupil(i as u32, stage, grade, year);
                district.pupils.push(pupil);
            }
            continue;
        }
        let nature = if chance.happens(if stage == Stage::Preschool { 0.33 } else { 0.065 }) {
            SchoolNature::Private
        } else {
            SchoolNature::Public
        };
        let boarding = match stage {
            Stage::Preschool | Stage::Primary => false,
            Stage::Junior => chance.happens(0.2),
            Stage::Senior | Stage::Vocational => chance.happens(0.5),
            _ => true,
        };
        let tuition = match (stage, nature) {
            (Stage::Primary | Stage::Junior | Stage::Special, SchoolNature::Public) => 0,
            (Stage::Preschool, SchoolNature::Public) => 300_000,
            (Stage::Preschool, _) => chance.between(60, 140) * 10_000,
            (Stage::Senior, SchoolNature::Public) => 160_000,
            (Stage::Vocational, SchoolNature::Public) => 0,
            (Stage::College, SchoolNature::Public) => 500_000,
            (Stage::Undergraduate | Stage::Postgraduate, SchoolNature::Public) => 480_000,
            _ => chance.between(80, 220) * 10_000,
        };
        let board = if boarding { chance.between(6, 12) * 10_000 } else { 0 };
        let aided = matches!(story, Story::Dibao | Story::Edge | Story::Rigid) && stage != Stage::Primary;
        let aid = if aided && chance.happens(0.8) { (tuition / 2 + 100_000) / 10_000 * 10_000 } else { 0 };
        let compulsory = (6..15).contains(&age);
        let leaves = if story == Story::Ordinary { 0.000_5 } else { 0.004 };
        let status = match chance.share() {
            s if s < leaves => PupilStatus::Dropped,
            s if s < leaves + 0.002 => PupilStatus::Suspended,
            s if !compulsory && s < leaves + 0.007 => PupilStatus::Dropped,
            _ => PupilStatus::Enrolled,
        };
        let school = 1 + (mix(home as u64) % 40) as u32 + stage as u32 * 100;
        let aid = if status == PupilStatus::Enrolled { aid } else { 0 };
        let person = i as u32;
        let row = Pupil { person, school, nature, stage, grade, year, tuition, board, aid, status, boarding };
        // of those who finish the senior level six in ten are admitted to a college or university of the province
        if next > year && grade == 3 && stage == Stage::Senior && status == PupilStatus::Enrolled && chance.happens(0.6)
        {
            let stage = if chance.happens(0.5) { Stage::College } else { Stage::Undergraduate };
            let (school, tuition, board, boarding) = (school % 100 + stage as u32 * 100, 500_000, 90_000, true);
            let nature = SchoolNature::Public;
            let first =
                Pupil { school, nature, stage, grade: 1, year: next, tuition, board, boarding, aid: 0, ..row.clone() };
            district.pupils.push(first);
        }
        district.pupils.push(row);
    }
}

/// A pupil of a public school who pays nothing and sleeps at home.
pub fn pupil(person: u32, stage: Stage, grade: u8, year: i32) -> Pupil {
    Pupil {
        person,
        school: 1 + person % 40 + stage as u32 * 100,
        nature: SchoolNature::Public,
        stage,
        grade,
        year,
        tuition: 0,
        board: 0,
        aid: 0,
        status: PupilStatus::Enrolled,
        boarding: false,
    }
}
