//! `kill -9` while a list is made: whoever asks again gets the whole list, and nobody is on it twice.

use crate::common::*;
use sea_orm::{ConnectionTrait, Statement};
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};
use tuodi_access::{Access, Role};
use tuodi_casework::{Channel, Cx, RosterRow, prepare_batch};
use tuodi_pack::{Fen, HouseholdId, PersonId};
use tuodi_store::Store;
use tuodi_testing::test_keys;

const FOLDER: &str = "TUODI_TEST_KILLED_RUN";
/// More than two parts.
const HOUSEHOLDS: i64 = 9_000;

async fn store_in(folder: &Path) -> Store {
    let store = Store::open(&Store::sqlite_url(&folder.join("run.db")), test_keys()).await.unwrap();
    store.migrate(migrations()).await.unwrap();
    store
}

fn payer(store: &Store) -> Cx {
    Cx {
        store: store.clone(),
        access: Access::new().unwrap(),
        pack: pack(),
        actor: actor(Role::DistrictOfficer, "d-officer", COUNTY),
        channel: Channel::Window,
        now: morning(day(2026, 9, 9)),
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "started and killed by the next test"]
async fn makes_a_long_list() {
    let folder = PathBuf::from(std::env::var(FOLDER).expect("the test that starts this names the folder"));
    let store = store_in(&folder).await;
    prepare_batch(&payer(&store), day(2026, 9, 1), "").await.unwrap();
}

async fn one(store: &Store, sql: &str) -> i64 {
    let row = store.read().query_one_raw(Statement::from_string(store.backend(), sql)).await.unwrap().unwrap();
    row.try_get_by_index::<i64>(0).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_whose_making_was_killed_is_finished_by_the_next_one_with_nobody_on_it_twice() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(folder.path()).await;
    let rows = (1..=HOUSEHOLDS).map(|i| RosterRow {
        certificate: format!("c{i}"),
        applicant: PersonId(i),
        household: HouseholdId(i),
        programme: "dibao".to_owned(),
        monthly: Fen(10_000 + i),
        members: 2,
        start_date: day(2025, 3, 1),
        region_code: VILLAGE.to_owned(),
        class: None,
        last_reverify: None,
    });
    let pack = Arc::clone(&payer(&store).pack);
    tuodi_casework::import_roster(&store, &pack, rows.collect(), morning(day(2026, 7, 1))).await.unwrap();

    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "killed_run::makes_a_long_list"])
        .env(FOLDER, folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = "SELECT CAST(COALESCE(MAX(after_id), 0) AS BIGINT) FROM payment_batch WHERE status = 'making'";
    while one(&store, begun).await == 0 {
        assert!(child.try_wait().unwrap().is_none(), "it was to be killed half way");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let half = one(&store, "SELECT COUNT(*) FROM payment_line").await;
    assert!(half > 0 && half < HOUSEHOLDS, "killed half way: {half}");

    let id = prepare_batch(&payer(&store), day(2026, 9, 1), "").await.unwrap();
    let row = tuodi_casework::batch(&payer(&store), id, 1, 1).await.unwrap().row;
    let total: i64 = (1..=HOUSEHOLDS).map(|i| 10_000 + i).sum();
    assert_eq!((i64::from(row.lines), row.total, row.status.as_str()), (HOUSEHOLDS, Fen(total), "prepared"));
    assert_eq!(one(&store, "SELECT COUNT(DISTINCT benefit_id) FROM payment_line").await, HOUSEHOLDS);
    assert_eq!(one(&store, "SELECT COUNT(*) FROM payment_item").await, HOUSEHOLDS);
    tuodi_store::journal::verify(&store).await.unwrap();
}
