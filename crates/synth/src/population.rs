//! Who lives with whom: household structures and ages.
//!
//! Sources: Seventh National Population Census (2020), family households by size (1: 25.4 %, 2: 29.7 %, 3: 21.0 %, 4: 13.2 %,
//! 5: 6.2 %, 6 and more: 4.6 %; mean 2.62), ages (0–14: 17.95 %, 60 and over: 18.70 %, 65 and over: 13.50 %). How the
//! sizes split into shapes (couples, lone parents, three generations) is our own reasoning within those totals.

use crate::chance::Chance;
use crate::district::District;
use crate::identity::{self, Numbers};
use crate::person::{Household, Name, Person, RegStatus, Relation, Story};
use crate::words;
use chrono::{Days, Months, NaiveDate};
use tuodi_pack::id_no::Sex;

/// One shape of household.
struct Shape {
    weight: f64,
    /// Youngest, most likely and oldest age of the head.
    head: (i64, i64, i64),
    couple: bool,
    minors: u8,
    adult_children: u8,
    parents: u8,
    grandchildren: u8,
    siblings: u8,
}

const fn shape(weight: f64, head: (i64, i64, i64), couple: bool, others: [u8; 5]) -> Shape {
    let [minors, adult_children, parents, grandchildren, siblings] = others;
    Shape { weight, head, couple, minors, adult_children, parents, grandchildren, siblings }
}

/// Others: minor children, grown children, parents, grandchildren, siblings.
const SHAPES: &[Shape] = &[
    // one person
    shape(18.4, (20, 36, 59), false, [0, 0, 0, 0, 0]),
    shape(7.0, (60, 66, 96), false, [0, 0, 0, 0, 0]),
    // two
    shape(8.6, (58, 64, 90), true, [0, 0, 0, 0, 0]),
    shape(11.4, (24, 44, 59), true, [0, 0, 0, 0, 0]),
    shape(2.6, (24, 36, 54), false, [1, 0, 0, 0, 0]),
    shape(3.2, (32, 46, 62), false, [0, 0, 1, 0, 0]),
    shape(2.6, (46, 54, 64), false, [0, 1, 0, 0, 0]),
    shape(0.5, (54, 64, 76), false, [0, 0, 0, 1, 0]),
    shape(0.8, (22, 34, 56), false, [0, 0, 0, 0, 1]),
    // three
    shape(9.8, (23, 36, 52), true, [1, 0, 0, 0, 0]),
    shape(7.2, (44, 51, 60), true, [0, 1, 0, 0, 0]),
    shape(1.2, (30, 48, 58), true, [0, 0, 1, 0, 0]),
    shape(1.0, (26, 37, 48), false, [2, 0, 0, 0, 0]),
    shape(1.0, (24, 36, 50), false, [1, 0, 1, 0, 0]),
    shape(0.6, (52, 60, 72), true, [0, 0, 0, 1, 0]),
    // four
    shape(7.0, (25, 38, 50), true, [2, 0, 0, 0, 0]),
    shape(2.4, (26, 38, 50), true, [1, 0, 1, 0, 0]),
    shape(1.2, (34, 44, 56), true, [0, 0, 2, 0, 0]),
    shape(2.9, (40, 46, 54), true, [1, 1, 0, 0, 0]),
    // five and more
    shape(2.6, (24, 36, 48), true, [1, 0, 2, 0, 0]),
    shape(2.2, (27, 39, 50), true, [2, 0, 1, 0, 0]),
    shape(1.0, (30, 38, 48), true, [3, 0, 0, 0, 0]),
    shape(2.3, (26, 38, 48), true, [2, 0, 2, 0, 0]),
    shape(0.8, (30, 38, 48), true, [3, 0, 2, 0, 0]),
];

/// Common ethnic groups by code (GB/T 3304) in parts per 1000, the rest Han.
const ETHNIC: &[(u8, f64)] = &[(1, 955.0), (3, 14.0), (11, 12.0), (15, 8.0), (2, 6.0), (6, 5.0)];

/// Moves people into the district.
pub struct Population<'a> {
    pub district: &'a mut District,
    pub numbers: Numbers,
}

/// One member of a household that is being put together.
pub struct Member {
    pub sex: Sex,
    pub birth: NaiveDate,
    pub relation: Relation,
    pub surname: Option<u16>,
}

impl Population<'_> {
    /// Fills the district up to `people` persons. The last household is cut to fit, so that the register has exactly that many.
    pub fn fill(&mut self, people: usize, chance: &mut Chance) {
        let weights: Vec<f64> = self.district.villages.iter().map(|v| v.weight).collect();
        while self.district.people.len() < people {
            let village = chance.weighted(weights.iter().copied()) as u16;
            let mut members = self.members(chance);
            members.truncate(people - self.district.people.len());
            self.add(village, &members, Story::Ordinary, chance);
        }
    }

    fn members(&self, chance: &mut Chance) -> Vec<Member> {
        let shape = &SHAPES[chance.weighted(SHAPES.iter().map(|s| s.weight))];
        let (lo, mode, hi) = shape.head;
        let head_age = triangular(chance, lo, mode, hi);
        // women live longer: most old people who live alone are women
        let male = if shape.couple {
            0.75
        } else if lo >= 60 {
            0.38
        } else {
            0.55
        };
        let head_sex = if chance.happens(male) { Sex::Male } else { Sex::Female };
        let family = identity::surname(chance);
        let mut members = vec![self.member(head_sex, head_age, Relation::Head, Some(family), chance)];
        if shape.couple {
            let gap = chance.between(-2, 5);
            let spouse = if head_sex == Sex::Male { head_age - gap } else { head_age + gap };
            members.push(self.member(other(head_sex), spouse.max(21), Relation::Spouse, None, chance));
        }
        let mut youngest = 18;
        for _ in 0..shape.minors {
            // a mother is 21 to 37 at a birth; brothers and sisters are at least a year and a half apart
            let age = chance.between((head_age - 37).clamp(0, 16), (head_age - 21).clamp(0, 17)).min(youngest - 1);
            youngest = (age - 1).max(1);
            members.push(self.child(age.max(0), Relation::Child, family, chance));
        }
        for _ in 0..shape.adult_children {
            let age = chance.between((head_age - 34).max(18), (head_age - 23).clamp(18, 30));
            members.push(self.child(age, Relation::Child, family, chance));
        }
        for i in 0..shape.parents {
            let age = (head_age + chance.between(22, 33)).min(97);
            let sex = match i {
                0 if shape.parents == 1 => {
                    if chance.happens(0.3) {
                        Sex::Male
                    } else {
                        Sex::Female
                    }
                }
                0 => Sex::Male,
                _ => Sex::Female,
            };
            let surname = (sex == Sex::Male).then_some(family);
            members.push(self.member(sex, age, Relation::Parent, surname, chance));
        }
        for _ in 0..shape.grandchildren {
            let age = chance.between(2, (head_age - 45).clamp(3, 16));
            members.push(self.child(age, Relation::Grandchild, family, chance));
        }
        for _ in 0..shape.siblings {
            members.push(self.child((head_age + chance.between(-6, 6)).max(18), Relation::Sibling, family, chance));
        }
        members
    }

    fn child(&self, age: i64, relation: Relation, family: u16, chance: &mut Chance) -> Member {
        // sex ratio at birth 111 (census 2020)
        let sex = if chance.happens(0.526) { Sex::Male } else { Sex::Female };
        self.member(sex, age, relation, Some(family), chance)
    }

    fn member(&self, sex: Sex, age: i64, relation: Relation, surname: Option<u16>, chance: &mut Chance) -> Member {
        Member { sex, birth: self.born(age, chance), relation, surname }
    }

    /// A birthday that makes a person `age` years old on the day asked about.
    pub fn born(&self, age: i64, chance: &mut Chance) -> NaiveDate {
        let age = u32::try_from(age.clamp(0, 115)).unwrap_or(0);
        let latest = self.district.as_of.checked_sub_months(Months::new(12 * age)).unwrap_or(self.district.as_of);
        let days = chance.between(1, 364) as u64;
        latest.checked_sub_days(Days::new(days)).unwrap_or(latest)
    }

    /// Adds a household and gives its members their numbers and names. Returns its index.
    pub fn add(&mut self, village: u16, members: &[Member], story: Story, chance: &mut Chance) -> usize {
        let first = self.district.people.len() as u32;
        let household = self.district.households.len() as u32;
        let common = identity::surname(chance);
        for member in members {
            // one in twelve was first registered in another county and keeps its code for life
            let mut county = self.district.county_number;
            if !self.district.other_counties.is_empty() && chance.happens(0.08) {
                county = *chance.one_of(&self.district.other_counties);
            }
            let mut birth = member.birth;
            let id_no = loop {
                if let Some(id) = self.numbers.next(county, birth, member.sex) {
                    break id;
                }
                birth = birth.pred_opt().unwrap_or(birth);
            };
            let surname = match member.relation {
                Relation::Spouse => identity::surname(chance),
                _ => member.surname.unwrap_or(common),
            };
            let name: Name = identity::name(chance, surname, member.sex);
            let ethnic = ETHNIC[chance.weighted(ETHNIC.iter().map(|e| e.1))].0;
            self.district.people.push(Person {
                id_no,
                name,
                sex: member.sex,
                birth,
                household,
                relation: member.relation,
                ethnic,
                status: RegStatus::Active,
                died: None,
            });
        }
        self.district.households.push(Household {
            village,
            first,
            size: members.len() as u8,
            road: chance.below(words::ROADS.len()) as u8,
            house: chance.between(1, 399) as u16,
            room: (chance.between(1, 18) * 100 + chance.between(1, 4)) as u16,
            story,
        });
        household as usize
    }
}

fn other(sex: Sex) -> Sex {
    match sex {
        Sex::Male => Sex::Female,
        Sex::Female => Sex::Male,
    }
}

fn triangular(chance: &mut Chance, lo: i64, mode: i64, hi: i64) -> i64 {
    let (a, c, b) = (lo as f64, mode as f64, hi as f64 + 1.0);
    let u = chance.share();
    let cut = (c - a) / (b - a);
    let x = if u < cut { a + (u * (b - a) * (c - a)).sqrt() } else { b - ((1.0 - u) * (b - a) * (b - c)).sqrt() };
    (x as i64).clamp(lo, hi)
}
