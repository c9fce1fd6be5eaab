//! The district as it is: people, households and what each department holds about them.

use crate::assessments::{AnswerRow, AssessmentRow};
use crate::calamity::Calamity;
use crate::cell::mix;
use crate::children::ChildRow;
use crate::clue::Clue;
use crate::declared::Declared;
use crate::disease::DiseaseRow;
use crate::enrolment::Enrolment;
use crate::fund::FundAccount;
use crate::housing::HousingRow;
use crate::jobs::JobEvent;
use crate::marriage::Marriage;
use crate::partner::PartnerRow;
use crate::person::{Household, Person, Story};
use crate::price::PriceRow;
use crate::rows::*;
use crate::rural::RuralRow;
use crate::school::Pupil;
use crate::steps::StepRow;
use crate::taxes::TaxRow;
use crate::utility::UtilityRow;
use chrono::{Days, NaiveDate};
use std::collections::BTreeMap;
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
    /// Codes of the other counties, 12 digits: where a roster names a region elsewhere.
    pub neighbours: Vec<String>,
    /// Names of the townships, for file names and title rows.
    pub townships: Vec<String>,
    pub villages: Vec<Village>,
    pub people: Vec<Person>,
    /// People whose insurance, enrolment and other monthly data are exchanged; by index of `people`.
    pub watched: Vec<bool>,
    /// Days on which the register was changed, where the plan says so.
    pub updates: BTreeMap<u32, NaiveDate>,
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
    pub marriages: Vec<Marriage>,
    pub children: Vec<ChildRow>,
    pub enrolments: Vec<Enrolment>,
    pub diseases: Vec<DiseaseRow>,
    pub jobs: Vec<JobEvent>,
    pub pupils: Vec<Pupil>,
    pub housing: Vec<HousingRow>,
    pub calamities: Vec<Calamity>,
    pub clues: Vec<Clue>,
    pub taxes: Vec<TaxRow>,
    pub funds: Vec<FundAccount>,
    pub rural: Vec<RuralRow>,
    pub partners: Vec<PartnerRow>,
    pub utilities: Vec<UtilityRow>,
    pub declared: Vec<Declared>,
    pub assessments: Vec<AssessmentRow>,
    pub answers: Vec<AnswerRow>,
    pub steps: Vec<StepRow>,
    pub prices: Vec<PriceRow>,
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
            neighbours: counties.into_iter().filter(|c| *c != county).collect(),
            county,
            townships,
            villages,
            people: Vec::new(),
            watched: Vec::new(),
            updates: BTreeMap::new(),
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
            marriages: Vec::new(),
            children: Vec::new(),
            enrolments: Vec::new(),
            diseases: Vec::new(),
            jobs: Vec::new(),
            pupils: Vec::new(),
            housing: Vec::new(),
            calamities: Vec::new(),
            clues: Vec::new(),
            taxes: Vec::new(),
            funds: Vec::new(),
            rural: Vec::new(),
            partners: Vec::new(),
            utilities: Vec::new(),
            declared: Vec::new(),
            assessments: Vec::new(),
            answers: Vec::new(),
            steps: Vec::new(),
            prices: Vec::new(),
        })
    }

    /// When the police last wrote a person's row: over the last two and a half years, unless the plan says.
    pub fn updated(&self, person: u32) -> NaiveDate {
        let usual = || self.as_of.checked_sub_days(Days::new(2 + (u64::from(person) * 7) % 900)).unwrap_or(self.as_of);
        self.updates.get(&person).copied().unwrap_or_else(usual)
    }

    /// Laid out by the plan: chance adds nothing that an indicator reads.
    pub fn by_hand(&self, household: usize) -> bool {
        matches!(self.households[household].story, Story::Planned | Story::Fixed)
    }

    /// Families whose data the bureau asks for month by month: those of the low-income pool and those who once were in it,
    /// one in seven of the others.
    pub fn monitored(&self, household: usize) -> bool {
        self.households[household].story != Story::Ordinary || mix(household as u64).is_multiple_of(7)
    }

    /// Fills [`District::watched`]: monitored families, and beyond them whoever is 70 or holds a certificate, so that no
    /// elder and no disabled person is unseen for want of an exchange.
    pub fn watch(&mut self) {
        let mut watched: Vec<bool> =
            (self.people.iter()).map(|p| self.monitored(p.household as usize) || p.age_on(self.as_of) >= 70).collect();
        for c in &self.certificates {
            watched[c.person as usize] = true;
        }
        self.watched = watched;
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
