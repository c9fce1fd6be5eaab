//! Unknown, absent, tier order, rounding, added rows, reasons.

use crate::pool::{Pool, RURAL, as_of, day, fixture, households};
use serde_json::json;
use std::sync::Arc;
use tuodi_engine::Engine;
use tuodi_pack::{Answer, CheckResult, Evaluate, Fen, HouseholdId, OverlayRow, PersonId};

async fn check(pool: &Pool, household: i64) -> CheckResult {
    let (engine, _dir) = pool.engine();
    engine.check(HouseholdId(household), as_of(), &[]).await.unwrap()
}

fn answer(result: &CheckResult, programme: &str, condition: &str) -> Answer {
    let programme = result.programmes.iter().find(|p| p.programme == programme).unwrap();
    programme.conditions.iter().find(|c| c.name == condition).unwrap().answer
}

fn arrived() -> Pool {
    Pool { assets: Some(Vec::new()), ..Pool::default() }
}

#[tokio::test]
async fn a_source_that_has_not_arrived_leaves_the_answer_unknown_and_never_failed() {
    let mut pool = Pool { assets: None, ..Pool::default() };
    pool.person(1, 1, "1990-01-01").wage(1, 10_000);
    let result = check(&pool, 1).await;
    assert_eq!(answer(&result, "poor", "income_below_line"), Answer::Holds);
    assert_eq!(answer(&result, "poor", "assets_within"), Answer::Unknown);
    assert_eq!(result.tier, "none");

    let (engine, dir) = pool.engine();
    engine.pass(as_of(), dir.path()).await.unwrap();
    assert_eq!(households(&dir.path().join("households.parquet"))[&1].unknown, "poor");
}

#[tokio::test]
async fn a_group_can_do_without_a_source_that_the_pack_calls_optional() {
    let mut pool = Pool { assets: None, ..Pool::default() };
    pool.person(1, 1, "1990-01-01").wage(1, 10_000);
    let mut pack = (*fixture()).clone();
    pack.facts.iter_mut().find(|g| g.id == "assets").unwrap().optional = vec!["DS21".to_owned()];
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::new(Arc::new(pack), pool.write(dir.path())).unwrap();
    let result = engine.check(HouseholdId(1), as_of(), &[]).await.unwrap();
    assert_eq!(answer(&result, "poor", "assets_within"), Answer::Holds);
    assert_eq!(result.tier, "poor");
}

#[tokio::test]
async fn no_row_in_a_source_that_has_arrived_means_what_the_pack_says() {
    let mut pool = arrived();
    pool.person(1, 1, "1990-01-01").wage(1, 10_000);
    let result = check(&pool, 1).await;
    // fin_assets: absent = "0".
    assert_eq!(answer(&result, "poor", "assets_within"), Answer::Holds);
    assert_eq!(result.tier, "poor");
    assert_eq!(result.monthly, Fen(86_000));

    let mut pool = arrived();
    pool.person(1, 1, "1990-01-01");
    let result = check(&pool, 1).await;
    // income_known_month: absent = "unknown". One unknown condition beside one that holds leaves the programme unknown.
    assert_eq!(answer(&result, "poor", "income_below_line"), Answer::Unknown);
    assert_eq!(result.programmes.iter().find(|p| p.programme == "poor").unwrap().answer, Answer::Unknown);
    assert_eq!(result.income_pc, None);
}

#[tokio::test]
async fn one_failing_condition_decides_beside_an_unknown_one() {
    let mut pool = Pool { assets: None, ..Pool::default() };
    pool.person(1, 1, "1990-01-01").wage(1, 96_000);
    let result = check(&pool, 1).await;
    assert_eq!(result.programmes.iter().find(|p| p.programme == "poor").unwrap().answer, Answer::Fails);
}

#[tokio::test]
async fn the_first_programme_that_holds_gives_the_tier() {
    let mut pool = arrived();
    // 66 years old, no money: elders comes before poor.
    pool.person(1, 1, "1960-01-01").wage(1, 0);
    let result = check(&pool, 1).await;
    assert_eq!(result.tier, "elders");
    let poor = result.programmes.iter().find(|p| p.programme == "poor").unwrap();
    assert_eq!((poor.answer, poor.monthly), (Answer::Holds, Some(Fen(96_000))));
}

#[tokio::test]
async fn a_sum_over_members_is_rounded_up_to_whole_yuan_once() {
    let mut pool = arrived();
    pool.person(1, 1, "1950-01-01").person(2, 1, "1951-01-01").person(3, 1, "1952-01-01");
    // 3 x 300.33 = 900.99 -> 901 yuan; rounding each would give 903.
    assert_eq!(check(&pool, 1).await.monthly, Fen(90_100));
}

#[tokio::test]
async fn one_member_who_does_not_meet_it_keeps_the_household_out_but_the_dead_do_not_count() {
    let mut pool = arrived();
    pool.person(1, 1, "1950-01-01").person(2, 1, "1990-01-01");
    assert_eq!(check(&pool, 1).await.tier, "none");
    pool.deaths.push((2, "2026-02-01"));
    let result = check(&pool, 1).await;
    assert_eq!(result.tier, "elders");
    assert_eq!(result.monthly, Fen(30_100));
    // A death after the day asked about has not happened yet.
    pool.deaths = vec![(2, "2026-09-02")];
    assert_eq!(check(&pool, 1).await.tier, "none");
}

#[tokio::test]
async fn parameters_are_those_of_the_households_county() {
    let mut pool = arrived();
    pool.person(1, 1, "1990-01-01").wage(1, 84_000);
    assert_eq!(answer(&check(&pool, 1).await, "poor", "income_below_line"), Answer::Holds);
    pool.register[0].region = RURAL;
    let result = check(&pool, 1).await;
    let poor = result.programmes.iter().find(|p| p.programme == "poor").unwrap();
    let condition = &poor.conditions[0];
    assert_eq!(condition.answer, Answer::Fails);
    assert_eq!((condition.measure, condition.line, condition.margin), (Some(84_000), Some(84_000), Some(0)));
}

#[tokio::test]
async fn a_single_persons_programme_may_ask_for_the_households_tier() {
    let mut pool = arrived();
    pool.person(1, 1, "1990-01-01").person(2, 1, "2015-01-01").wage(1, 300_000).bill(1, 9_000_000);
    let result = check(&pool, 1).await;
    assert_eq!(result.tier, "bills");
    let of = |person| result.programmes.iter().find(|p| p.person_id == Some(PersonId(person))).unwrap();
    assert_eq!((of(2).answer, of(2).monthly), (Answer::Holds, Some(Fen(5_100))));
    assert_eq!((of(1).answer, of(1).monthly), (Answer::Fails, None));
    // What a single person gets is not the household's amount.
    assert_eq!(result.monthly, Fen(0));
}

#[tokio::test]
async fn what_a_case_adds_counts_in_that_check_and_stays_out_of_the_pool() {
    let mut pool = arrived();
    pool.person(1, 1, "1990-01-01").wage(1, 200_000);
    let (engine, _dir) = pool.engine();
    let values = json!({ "person_id": 1, "household_id": 1, "wage": 50_000, "declared_date": "2026-08-30" });
    let row = OverlayRow { source: "PF01".to_owned(), values: values.as_object().unwrap().clone() };
    let with = engine.check(HouseholdId(1), as_of(), std::slice::from_ref(&row)).await.unwrap();
    assert_eq!((with.tier.as_str(), with.monthly), ("poor", Fen(46_000)));
    let added = with.rows.iter().find(|r| r.source == "PF01").unwrap();
    assert_eq!((added.values["wage"].as_i64(), added.person_id), (Some(50_000), Some(PersonId(1))));
    let without = engine.check(HouseholdId(1), as_of(), &[]).await.unwrap();
    assert_eq!(without.tier, "none");
    // Declared after the day asked about: not yet.
    let early = engine.check(HouseholdId(1), day("2026-08-29"), &[row]).await.unwrap();
    assert_eq!(early.tier, "none");
}

#[tokio::test]
async fn every_answer_shows_its_facts_and_the_rows_they_rest_on() {
    let mut pool = arrived();
    pool.person(1, 1, "1990-01-01").person(2, 2, "1990-01-01").wage(1, 10_000).wage(2, 20_000).bill(2, 700);
    let result = check(&pool, 1).await;
    assert_eq!((result.snapshot.as_str(), result.pack_version.as_str()), ("snapshot-1", "1"));
    let condition = &result.programmes.iter().find(|p| p.programme == "poor").unwrap().conditions[0];
    let fact = condition.facts.iter().find(|f| f.name == "income_known_month").unwrap();
    assert_eq!((fact.value.as_deref(), fact.unit.as_str(), fact.person_id), (Some("10000"), "fen/month", None));
    let behind: Vec<(&str, &str, i64)> =
        condition.rows.iter().map(|i| &result.rows[*i]).map(|r| (r.source.as_str(), r.batch.as_str(), r.row)).collect();
    assert_eq!(behind, [("DS01", "register", 1), ("DS12", "wages", 1)]);
    let wage = result.rows.iter().find(|r| r.source == "DS12").unwrap();
    assert_eq!((wage.values["wage"].as_i64(), wage.arrived.as_str()), (Some(10_000), "2026-08-20"));
    // Nothing of the other household, and no number of a person among the values.
    assert!(result.rows.iter().all(|r| r.person_id == Some(PersonId(1))));
    assert!(result.rows.iter().all(|r| r.values.keys().all(|k| !k.ends_with("person_id"))));
}
