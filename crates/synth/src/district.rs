//! The district as it is: people, households and what each department holds about them.

use crate::person::{Household, Person};
use crate::rows::*;
use chrono::NaiveDate;
use tuodi_pack::id_no::Sex;
use tuodi_pack::region::{Area, RegionLevel, Regions};

/// A village or community of the district.
#[derive(Debug, Clone)]
pub struct Village {
    pub code: String,
    pub area: Area,
    /// Index into [`District::townships`].
    pub township: u16,
    /// Share of the people who live there, in no particular unit.
    pub weight: f64,
}

pub struct District {
    pub as_of: NaiveDate,
    /// The county's code, 12 digits, and its first six as a number.
    pub county: String,
    pub county_number: u32,
    pub other_counties: Vec<u32>,
    /// Names of the townships, for file names and title rows.
    pub townships: Vec<String>,
    pub villages: Vec<Village>,
    pub people: Vec<Person>,
    pub households: Vec<Household>,
    pub deaths: Vec<Death>,
    pub roster: Vec<RosterRow>,
    pub payments: Vec<Payment>,
    pub certificates: Vec<Certificate>,
    pub subsidies: Vec<SubsidyRow>,
    pub settlements: Vec<Settlement>,
    pub social: Vec<SocialRow>,
    pub estates: Vec<Estate>,
    pub vehicles: Vec<Vehicle>,
    pub entities: Vec<Entity>,
    pub assets: Vec<Asset>,
    pub custodies: Vec<Custody>,
}

/// The county where the fictional district lies, unless the pack has none of that code.
const HOME_COUNTY: &str = "990102000000";

impl District {
    /// An empty district on the pack's map. `None` when no county of the map has villages.
    pub fn on_map(regions: &Regions, as_of: NaiveDate) -> Option<District> {
        let peopled = |code: &str| {
            regions
                .at_level(RegionLevel::Village)
                .any(|v| regions.ancestor(&v.code, RegionLevel::County).is_some_and(|c| c.code == code))
        };
        let counties: Vec<String> = regions.at_level(RegionLevel::County).map(|c| c.code.clone()).collect();
        let county = counties
            .iter()
            .find(|c| *c == HOME_COUNTY && peopled(c))
            .or_else(|| counties.iter().find(|c| peopled(c)))?
            .clone();
        let number = |code: &str| code.get(..6).and_then(|c| c.parse::<u32>().ok()).unwrap_or(990_102);
        let mut townships = Vec::new();
        let mut villages = Vec::new();
        for township in regions.at_level(RegionLevel::Township).filter(|t| t.parent.as_deref() == Some(&county)) {
            townships.push(township.name.zh.clone());
            for village in regions.children(&township.code) {
                let area = village.area.unwrap_or(Area::Urban);
                // communities hold three times the people of a village; the tail of the code varies it by a third
                let tail = village.code[9..].parse::<u32>().unwrap_or(1);
                let weight = if area == Area::Urban { 3.0 } else { 1.0 } * (0.8 + f64::from(tail * 7 % 5) * 0.13);
                villages.push(Village {
                    code: village.code.clone(),
                    area,
                    township: (townships.len() - 1) as u16,
                    weight,
                });
            }
        }
        Some(District {
            as_of,
            county_number: number(&county),
            other_counties: counties.iter().filter(|c| **c != county).map(|c| number(c)).collect(),
            county,
            townships,
            villages,
            people: Vec::new(),
            households: Vec::new(),
            deaths: Vec::new(),
            roster: Vec::new(),
            payments: Vec::new(),
            certificates: Vec::new(),
            subsidies: Vec::new(),
            settlements: Vec::new(),
            social: Vec::new(),
            estates: Vec::new(),
            vehicles: Vec::new(),
            entities: Vec::new(),
            assets: Vec::new(),
            custodies: Vec::new(),
        })
    }

    pub fn household_of(&self, person: u32) -> &Household {
        &self.households[self.people[person as usize].household as usize]
    }

    pub fn village_of(&self, person: u32) -> &Village {
        &self.villages[self.household_of(person).village as usize]
    }

    pub fn is_rural(&self, household: usize) -> bool {
        self.villages[self.households[household].village as usize].area == Area::Rural
    }

    pub fn is_male(&self, person: u32) -> bool {
        self.people[person as usize].sex == Sex::Male
    }
}

/// The number under which the police keep a household.
pub fn household_no(household: u32) -> u64 {
    100_000_001 + u64::from(household)
}
