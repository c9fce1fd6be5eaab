//! The newer departments' rows against the people they are about.

use super::{district, map, options};
use crate::children::ChildStatus;
use crate::disease::DiseaseList;
use crate::enrolment::EnrolmentStatus;
use crate::jobs::JobEventKind;
use crate::marriage::MarriageEvent;
use crate::rows::{Scheme, Visit};
use crate::school::{PupilStatus, Stage};
use crate::truth::{self, View};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn couples_of_the_registry_are_a_man_and_a_woman_of_age_who_share_a_household() {
    let (district, _) = district(20_000, 21);
    let mut couples = 0;
    for m in &district.marriages {
        assert!(m.date < district.as_of);
        let (Some(man), Some(woman)) = (m.man, m.woman) else { continue };
        assert!(district.is_male(man) && !district.is_male(woman));
        for who in [man, woman] {
            assert!(district.people[who as usize].age_on(m.date) >= 20, "{m:?}");
        }
        let together = district.people[man as usize].household == district.people[woman as usize].household;
        couples += usize::from(together && m.event == MarriageEvent::Marriage);
    }
    assert!(couples > 200, "{couples}");
}

#[test]
fn nineteen_of_twenty_people_who_are_asked_about_are_insured_and_nobody_twice_in_one_scheme() {
    let (district, _) = district(30_000, 22);
    let asked: Vec<usize> = (0..district.people.len())
        .filter(|i| district.watched[*i] && !district.by_hand(district.people[*i].household as usize))
        .collect();
    let active: BTreeSet<u32> =
        (district.enrolments.iter()).filter(|e| e.status == EnrolmentStatus::Active).map(|e| e.person).collect();
    let insured = asked.iter().filter(|i| active.contains(&(**i as u32))).count() as f64 / asked.len() as f64;
    assert!((0.92..0.99).contains(&insured), "{insured}");
    let keys: BTreeSet<_> = district.enrolments.iter().map(|e| (e.person, e.year, e.scheme)).collect();
    assert_eq!(keys.len(), district.enrolments.len(), "id_no + year + scheme is the contract's key");
}

#[test]
fn a_registered_disease_has_its_bills_and_one_row_a_person() {
    let (district, _) = district(30_000, 23);
    let billed: BTreeSet<(u32, &str)> = district.settlements.iter().map(|s| (s.person, s.diagnosis)).collect();
    let mut keys = BTreeSet::new();
    for r in &district.diseases {
        assert!(keys.insert((r.person, r.code)), "id_no + disease_code is the contract's key: {r:?}");
        assert!(r.confirmed < district.as_of && r.followed.is_none_or(|day| day >= r.confirmed));
        let home = district.people[r.person as usize].household as usize;
        if !district.by_hand(home) && r.list != DiseaseList::Dementia {
            assert!(billed.contains(&(r.person, r.code)), "{r:?}");
        }
    }
    let serious = district.diseases.iter().filter(|r| r.list == DiseaseList::Serious).count();
    let stays: BTreeSet<u32> = (district.settlements.iter())
        .filter(|s| s.visit == Visit::Inpatient && crate::illness::SERIOUS.contains(&s.diagnosis))
        .map(|s| s.person)
        .collect();
    assert!(serious > 20 && serious <= stays.len() + 40, "{serious} of {}", stays.len());
}

#[test]
fn pupils_are_as_old_as_their_stage_and_stand_in_one_row_a_year() {
    let (district, _) = district(20_000, 24);
    let mut keys = BTreeSet::new();
    let mut stages: BTreeMap<Stage, usize> = BTreeMap::new();
    for p in &district.pupils {
        assert!(keys.insert((p.person, p.year)), "id_no + school_year is the contract's key: {p:?}");
        let age = district.people[p.person as usize].age_on(district.as_of);
        let ages = match p.stage {
            Stage::Preschool => 3..=7,
            Stage::Primary => 6..=13,
            Stage::Junior => 12..=17,
            Stage::Senior | Stage::Vocational => 15..=19,
            Stage::Special => 6..=17,
            Stage::College | Stage::Undergraduate => 17..=23,
            Stage::Postgraduate => 22..=26,
        };
        assert!(ages.contains(&age), "{age}: {p:?}");
        *stages.entry(p.stage).or_default() += 1;
    }
    assert!(stages.len() >= 8, "{stages:?}");
    let dropped = district.pupils.iter().filter(|p| p.status == PupilStatus::Dropped).count();
    assert!(dropped * 100 < district.pupils.len(), "{dropped} of {}", district.pupils.len());
}

#[test]
fn who_draws_unemployment_benefit_was_registered_before_it_began_or_never_came() {
    let (district, _) = district(30_000, 25);
    let drawing: BTreeSet<u32> =
        district.social.iter().filter(|s| s.scheme == Scheme::Unemployment).map(|s| s.person).collect();
    let registered: BTreeSet<u32> = (district.jobs.iter())
        .filter(|j| j.kind == JobEventKind::Unemploy && drawing.contains(&j.person))
        .filter(|j| (district.as_of - j.date).num_days() > 90)
        .map(|j| j.person)
        .collect();
    assert!(registered.len() * 2 > drawing.len() / 2, "{} of {}", registered.len(), drawing.len());
    assert!(district.jobs.iter().all(|j| j.date < district.as_of));
}

#[test]
fn listed_children_were_minors_when_they_were_listed_and_orphans_are_paid() {
    let (district, _) = district(60_000, 26);
    for c in &district.children {
        assert!(district.people[c.person as usize].age_on(c.start) < 18, "{c:?}");
        if c.status == ChildStatus::Orphan && !district.by_hand(district.people[c.person as usize].household as usize) {
            assert!(c.benefit.is_some());
        }
    }
    assert!(district.children.iter().any(|c| c.status == ChildStatus::LeftBehind));
}

#[test]
fn unsafe_houses_stand_in_villages_and_public_ones_in_town() {
    use crate::housing::{HouseGrade, HousingKind};
    let (district, _) = district(60_000, 27);
    for h in &district.housing {
        let home = district.people[h.applicant as usize].household as usize;
        if !district.by_hand(home) {
            let rural = matches!(h.kind, HousingKind::Survey | HousingKind::Rebuilt);
            assert_eq!(district.is_rural(home), rural, "{h:?}");
        }
    }
    let unsafe_ones = district.housing.iter().filter(|h| h.grade >= Some(HouseGrade::C)).count();
    assert!(unsafe_ones > 0);
}

#[test]
fn monthly_data_are_sent_of_a_third_of_the_people_and_of_every_elder() {
    let (district, _) = district(60_000, 28);
    let watched = district.watched.iter().filter(|w| **w).count() as f64 / district.people.len() as f64;
    assert!((0.2..0.4).contains(&watched), "{watched}");
    for (p, watched) in district.people.iter().zip(&district.watched) {
        assert!(*watched || p.age_on(district.as_of) < 70);
    }
}

#[test]
fn a_district_of_3000_people_has_every_indicator_at_three_seeds() {
    for seed in [1, 2, 3] {
        let (district, _, _) = crate::make(&options(3_000, seed), &map(), &|_| {}).expect("a district");
        let view = View::of(&district);
        let found: BTreeSet<&str> = truth::alerts(&view).into_iter().map(|a| a.indicator).collect();
        let missing: Vec<&str> = truth::indicators().into_iter().filter(|i| !found.contains(i)).collect();
        assert!(missing.is_empty(), "seed {seed}: {missing:?}");
        assert_eq!(found.len(), 75);
    }
}
