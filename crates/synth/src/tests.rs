//! The district against what is known of districts, and the plan against the truth.

mod sources;

use super::*;
use crate::planted::Plant;
use crate::truth::{Alert, Subject, View};
use std::collections::{BTreeMap, BTreeSet};
use tuodi_pack::Text;
use tuodi_pack::id_no::{IdNo, Sex};
use tuodi_pack::region::{Area, Region, RegionLevel};

/// One county with two streets and a town, and a neighbour.
pub fn map() -> Regions {
    let region = |code: &str, parent: &str, area| Region {
        code: code.to_owned(),
        level: RegionLevel::of_code(code),
        parent: (!parent.is_empty()).then(|| parent.to_owned()),
        name: Text::new(format!("甲{code}"), code),
        area,
    };
    let mut all = vec![
        region("990000000000", "", None),
        region("990100000000", "990000000000", None),
        region("990102000000", "990100000000", None),
        region("990121000000", "990100000000", None),
    ];
    for (town, villages) in
        [("990102001", ["001", "002"]), ("990102002", ["001", "002"]), ("990102100", ["200", "201"])]
    {
        let code = format!("{town}000");
        all.push(region(&code, "990102000000", None));
        for village in villages {
            let area = if village < "200" { Area::Urban } else { Area::Rural };
            all.push(region(&format!("{town}{village}"), &code, Some(area)));
        }
    }
    Regions::new(all)
}

fn options(people: u64, seed: u64) -> Options {
    let as_of = NaiveDate::from_ymd_opt(2026, 9, 1).expect("a date");
    Options { people, seed, as_of, ..Options::default() }
}

fn district(people: u64, seed: u64) -> (District, Vec<Plant>) {
    let (district, plants, _) = make(&options(people, seed), &map(), &|_| {}).expect("a district");
    (district, plants)
}

#[test]
fn every_planted_case_is_found_where_it_must_be_and_nowhere_else() {
    for (seed, as_of) in [(7, (2026, 9, 1)), (8, (2026, 5, 31)), (9, (2026, 12, 31)), (10, (2028, 2, 29))] {
        let as_of = NaiveDate::from_ymd_opt(as_of.0, as_of.1, as_of.2).expect("a date");
        let (district, plants, _) =
            make(&Options { as_of, ..options(4_000, seed) }, &map(), &|_| {}).expect("a district");
        let view = View::of(&district);
        let alerts: BTreeSet<Alert> = truth::alerts(&view).into_iter().collect();
        let mut wrong = Vec::new();
        for plant in &plants {
            // each indicator is about persons or about households, never both
            let raised = [Subject::Person(plant.person), Subject::Household(plant.household)]
                .into_iter()
                .any(|subject| alerts.contains(&Alert { indicator: plant.indicator, subject }));
            if raised != plant.raised {
                wrong.push(format!("{} {}: {raised}", plant.indicator, plant.what));
            }
        }
        assert!(wrong.is_empty(), "on {as_of}: {wrong:#?}");
    }
}

#[test]
fn each_indicator_has_planted_cases_on_both_sides() {
    let (_, plants) = district(4_000, 1);
    for indicator in truth::indicators() {
        for side in [true, false] {
            assert!(plants.iter().any(|p| p.indicator == indicator && p.raised == side), "{indicator} {side}");
        }
    }
}

#[test]
fn the_register_holds_as_many_people_as_asked_for_with_right_and_different_numbers() {
    let (district, _) = district(6_001, 2);
    assert_eq!(district.people.len(), 6_001);
    let mut numbers = BTreeSet::new();
    for p in &district.people {
        let id = IdNo::parse(p.id()).expect("a right number");
        assert!(id.as_str().starts_with("9901"));
        assert_eq!((id.birth_date(), id.sex()), (p.birth, p.sex));
        assert!(numbers.insert(p.id_no), "a number was given twice");
    }
}

#[test]
fn ages_and_households_are_those_of_the_census() {
    let (district, _) = district(60_000, 3);
    let n = district.people.len() as f64;
    let share = |lo: i64, hi: i64| {
        district.people.iter().filter(|p| (lo..=hi).contains(&p.age_on(district.as_of))).count() as f64 / n * 100.0
    };
    let mean = n / district.households.len() as f64;
    assert!((mean - 2.62).abs() < 0.12, "mean household size {mean}");
    assert!((share(0, 14) - 17.95).abs() < 2.0, "0-14: {}", share(0, 14));
    assert!((share(60, 120) - 18.7).abs() < 2.0, "60+: {}", share(60, 120));
    assert!((share(65, 120) - 13.5).abs() < 2.0, "65+: {}", share(65, 120));
    let men = district.people.iter().filter(|p| p.sex == Sex::Male).count() as f64 / n * 100.0;
    assert!((men - 51.2).abs() < 2.0, "men: {men}");
}

#[test]
fn deaths_stays_certificates_and_rosters_have_national_rates() {
    let (district, _) = district(60_000, 4);
    let n = district.people.len() as f64;
    let deaths = district.people.iter().filter(|p| p.died.is_some()).count() as f64 / n * 1_000.0 / 1.5;
    assert!((6.0..10.0).contains(&deaths), "deaths of 1,000 a year: {deaths}");
    let stays = district.settlements.iter().filter(|s| s.admitted.is_some() && !s.refund).count() as f64;
    let stays = stays / n * 12.0 / f64::from(illness::SETTLED_MONTHS);
    assert!((0.14..0.24).contains(&stays), "stays a person a year: {stays}");
    let certified: BTreeSet<u32> = district.certificates.iter().map(|c| c.person).collect();
    let certified = certified.len() as f64 / n * 100.0;
    assert!((2.0..3.5).contains(&certified), "certificates: {certified} %");
    let dibao: BTreeSet<u32> = district
        .roster
        .iter()
        .filter(|r| r.programme == rows::Programme::Dibao && r.end.is_none())
        .map(|r| r.person)
        .collect();
    let dibao = dibao.len() as f64 / n * 100.0;
    assert!((2.0..3.6).contains(&dibao), "dibao: {dibao} %");
}

#[test]
fn alerts_that_open_tasks_concern_one_to_four_people_in_a_hundred() {
    let (district, _) = district(60_000, 5);
    let view = View::of(&district);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for alert in truth::alerts(&view) {
        *counts.entry(alert.indicator).or_default() += 1;
    }
    // M036 to M055 add points and open no task; M032 is one list for the whole district
    let score = |indicator: &str| ("M036"..="M055").contains(&indicator) || indicator == "M032";
    let tasks: usize = counts.iter().filter(|(i, _)| !score(i)).map(|(_, n)| n).sum();
    let share = tasks as f64 / district.people.len() as f64 * 100.0;
    assert!((0.7..4.0).contains(&share), "{share} %: {counts:?}");
}

#[test]
fn what_a_settlement_costs_is_paid_by_somebody() {
    let (district, _) = district(5_000, 6);
    for s in &district.settlements {
        assert_eq!(s.total, s.basic + s.major + s.assist + s.oop_policy + s.oop_outside, "{s:?}");
        assert_eq!(s.total < 0, s.refund);
        assert!(s.settled < district.as_of);
    }
}

#[test]
fn equal_seeds_give_equal_districts_and_other_seeds_others() {
    let ids = |seed| district(4_000, seed).0.people.iter().map(|p| p.id_no).collect::<Vec<_>>();
    assert_eq!(ids(11), ids(11));
    assert_ne!(ids(11), ids(12));
}

#[test]
fn as_many_people_are_on_a_subsidy_and_on_two_rosters_as_asked_for() {
    for (seed, people, overlaps) in [(1, 1_000, 7), (2, 60, 3), (3, 900, 200)] {
        let wanted = Recipients { people, overlaps };
        let asked = Options { recipients: Some(wanted), ..options(4_000, seed) };
        let (district, _, _) = make(&asked, &map(), &|_| {}).expect("a district");
        let active = |s: &&rows::SubsidyRow| {
            matches!(s.kind, rows::SubsidyKind::Living | rows::SubsidyKind::Nursing)
                && s.status == rows::SubsidyStatus::Active
                && s.start <= district.as_of
                && s.end.is_none_or(|end| end >= district.as_of)
        };
        let on: BTreeSet<u32> = district.subsidies.iter().filter(active).map(|s| s.person).collect();
        assert_eq!(on.len() as u64, people, "seed {seed}");
        let found = truth::alerts(&View::of(&district));
        let both = found.iter().filter(|a| a.indicator == "M057").count() as u64;
        assert_eq!(both, overlaps, "seed {seed}: all of them and nobody else");
        let keys: BTreeSet<_> = district.subsidies.iter().map(|s| (s.person, s.kind, s.start)).collect();
        assert_eq!(keys.len(), district.subsidies.len(), "no two rows of one key");
    }
}

#[test]
fn more_overlaps_than_people_or_fewer_people_than_are_laid_out_by_hand_are_refused() {
    for (people, overlaps) in [(5, 6), (1, 0), (100, 0), (3_999, 7)] {
        let asked = Options { recipients: Some(Recipients { people, overlaps }), ..options(4_000, 1) };
        let refused = make(&asked, &map(), &|_| {});
        assert!(matches!(refused, Err(SynthError::Recipients { .. })), "{people} {overlaps}");
    }
}

#[test]
fn too_few_people_and_a_map_without_villages_are_refused() {
    assert!(matches!(make(&options(10, 1), &map(), &|_| {}), Err(SynthError::TooFewPeople { asked: 10, .. })));
    assert!(matches!(make(&options(4_000, 1), &Regions::default(), &|_| {}), Err(SynthError::NoVillages)));
}
