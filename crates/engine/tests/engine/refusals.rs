//! Dates without data or rules, households that are not there, statements that give too much.

use crate::pool::{Pool, as_of, day, fixture, fixture_dir};
use serde_json::json;
use std::path::Path;
use tuodi_engine::{Engine, EngineError, SnapshotFiles};
use tuodi_pack::{Evaluate, EvaluateError, HouseholdId, OverlayRow, Pack};

fn one_person() -> Pool {
    let mut pool = Pool::default();
    pool.person(1, 1, "1990-01-01");
    pool
}

#[tokio::test]
async fn an_empty_pool_is_refused_and_not_a_district_without_hardship() {
    let engine = Engine::new(fixture(), SnapshotFiles::default()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let error = engine.pass(as_of(), dir.path()).await.unwrap_err();
    assert!(matches!(error, EngineError::NoData { .. }), "{error}");
    let error = engine.check(HouseholdId(1), as_of(), &[]).await.unwrap_err();
    assert!(matches!(error, EvaluateError::NoData(_)), "{error}");
}

#[tokio::test]
async fn a_date_before_the_first_entry_of_the_register_is_refused() {
    let mut pool = one_person();
    pool.register[0].updated = "2026-03-10".to_owned();
    let (engine, dir) = pool.engine();
    let error = engine.pass(day("2026-03-09"), dir.path()).await.unwrap_err();
    assert!(matches!(error, EngineError::NoData { .. }), "{error}");
    assert!(engine.pass(day("2026-03-10"), dir.path()).await.is_ok());
}

#[tokio::test]
async fn dates_outside_the_packs_time_are_refused() {
    let (engine, dir) = one_person().engine();
    for date in ["2025-12-31", "2028-01-01"] {
        let error = engine.pass(day(date), dir.path()).await.unwrap_err();
        assert!(matches!(error, EngineError::NoRules { .. }), "{error}");
        let error = engine.check(HouseholdId(1), day(date), &[]).await.unwrap_err();
        assert!(matches!(error, EvaluateError::NoRules(_)), "{error}");
    }
}

#[tokio::test]
async fn a_household_that_nobody_lives_in_is_named() {
    let (engine, _dir) = one_person().engine();
    let error = engine.check(HouseholdId(77), as_of(), &[]).await.unwrap_err();
    assert!(matches!(error, EvaluateError::NoSuchHousehold(HouseholdId(77))), "{error}");
}

#[tokio::test]
async fn an_added_row_with_a_column_that_does_not_exist_says_which() {
    let (engine, _dir) = one_person().engine();
    let values = json!({ "person_id": 1, "household_id": 1, "wages": 1 });
    let row = OverlayRow { source: "PF01".to_owned(), values: values.as_object().unwrap().clone() };
    let error = engine.check(HouseholdId(1), as_of(), &[row]).await.unwrap_err().to_string();
    assert!(error.contains("wages") && error.contains("`wage`"), "{error}");
}

#[tokio::test]
async fn two_rows_for_one_person_stop_the_pass_and_name_the_group() {
    let dir = tempfile::tempdir().unwrap();
    copy(&fixture_dir(), dir.path());
    let path = dir.path().join("facts/medical.sql");
    let sql = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, sql.replace("GROUP BY person_id", "GROUP BY person_id, settle_date")).unwrap();
    let pack = std::sync::Arc::new(Pack::load(dir.path()).unwrap());
    let mut pool = one_person();
    pool.bill(1, 100);
    pool.bills.push((1, "2026-07-01".to_owned(), 100));
    let files = pool.write(&dir.path().join("pool"));
    let engine = Engine::new(pack, files).unwrap();
    let error = engine.pass(as_of(), &dir.path().join("out")).await.unwrap_err().to_string();
    assert!(error.contains("facts/medical.sql") && error.contains("one row for each person_id"), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_parquet_is_named_when_the_engine_opens() {
    let dir = tempfile::tempdir().unwrap();
    let mut files = one_person().write(dir.path());
    std::fs::write(&files.sources["DS12"][0], b"not parquet").unwrap();
    let error = Engine::new(fixture(), files.clone()).err().unwrap().to_string();
    assert!(error.contains("DS12") && error.contains("batch=wages.parquet"), "{error}");
    files.sources.remove("DS12");
    assert!(Engine::new(fixture(), files).is_ok());
}

pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).unwrap();
        }
    }
}
