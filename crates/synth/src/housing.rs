//! Public housing, rent subsidies and surveys of houses.
//!
//! Reasoning: one urban family on little in eight rents from the city, one in twenty gets a rent subsidy. In villages the
//! houses of two poor families in five were surveyed in the last years; after the campaign for unsafe houses (finished in
//! 2020) grades C and D are rare, about three in a hundred.

use crate::chance::Chance;
use crate::district::District;
use crate::person::Story;
use crate::rows::codes;
use chrono::{Days, NaiveDate};

codes!(HousingKind { Rental = "public_rental" "公租房", Subsidy = "rent_subsidy" "租赁补贴", Rebuilt = "dilapidated" "危房改造", Survey = "survey" "房屋安全鉴定" });
codes!(HouseGrade { A = "A" "A级", B = "B" "B级", C = "C" "C级", D = "D" "D级" });

#[derive(Debug, Clone)]
pub struct HousingRow {
    pub number: u32,
    pub applicant: u32,
    pub kind: HousingKind,
    pub grade: Option<HouseGrade>,
    /// Hundredths of a square metre.
    pub area: Option<i64>,
    /// Fen a month.
    pub rent: Option<i64>,
    pub arrears: Option<u8>,
    pub start: Option<NaiveDate>,
    pub end: Option<NaiveDate>,
}

pub fn house(district: &mut District, chance: &mut Chance) {
    let today = district.as_of;
    for h in 0..district.households.len() {
        let story = district.households[h].story;
        if district.by_hand(h) || story == Story::Ordinary && !chance.happens(0.01) {
            continue;
        }
        let head = district.households[h].first;
        let size = i64::from(district.households[h].size);
        let day = |chance: &mut Chance, most: i64| today - Days::new(chance.between(20, most) as u64);
        if district.is_rural(h) {
            if !chance.happens(0.4) {
                continue;
            }
            let grade = match chance.share() {
                s if s < 0.008 => HouseGrade::D,
                s if s < 0.03 => HouseGrade::C,
                s if s < 0.3 => HouseGrade::B,
                _ => HouseGrade::A,
            };
            let start = day(chance, 2_200);
            let area = Some(chance.between(60, 140) * 100);
            add(district, HousingRow { area, start: Some(start), ..survey(head, grade) });
            let rebuilt = matches!(grade, HouseGrade::A) && chance.happens(0.15);
            if rebuilt {
                let start = Some(start - Days::new(300));
                let (kind, end) = (HousingKind::Rebuilt, start.map(|d| d + Days::new(240)));
                add(district, HousingRow { kind, area, start, end, ..survey(head, HouseGrade::D) });
            }
            continue;
        }
        let (kind, rent) = match chance.share() {
            s if s < 0.125 => (HousingKind::Rental, chance.between(60, 260) * 100),
            s if s < 0.175 => (HousingKind::Subsidy, chance.between(700, 1_400) * 100),
            _ => continue,
        };
        let rental = kind == HousingKind::Rental;
        let arrears = rental.then(|| if chance.happens(0.03) { chance.between(1, 5) as u8 } else { 0 });
        let area = rental.then(|| chance.between(13, 20) * 100 * size.min(4));
        let (start, rent) = (Some(day(chance, 2_400)), Some(rent));
        add(
            district,
            HousingRow { number: 0, applicant: head, kind, grade: None, area, rent, arrears, start, end: None },
        );
    }
}

/// A survey that says nothing but the grade.
pub fn survey(applicant: u32, grade: HouseGrade) -> HousingRow {
    HousingRow {
        number: 0,
        applicant,
        kind: HousingKind::Survey,
        grade: Some(grade),
        area: None,
        rent: None,
        arrears: None,
        start: None,
        end: None,
    }
}

pub fn add(district: &mut District, mut row: HousingRow) {
    row.number = district.housing.len() as u32 + 1;
    district.housing.push(row);
}
