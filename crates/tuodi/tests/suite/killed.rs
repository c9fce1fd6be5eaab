//! `kill -9` at any moment: what was acknowledged is there, what was not is not half there.

use crate::common::{AS_OF, District, json, tuodi};
use std::{
    collections::HashMap,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};
use tuodi::{installation, verbs::bench};
use tuodi_access::Access;
use tuodi_casework::CaseNo;
use tuodi_store::{Keys, Store};

fn manifests(data: &str) -> usize {
    let pool = Path::new(data).join("pool");
    let Ok(sources) = std::fs::read_dir(pool) else { return 0 };
    sources
        .flatten()
        .filter_map(|source| std::fs::read_dir(source.path()).ok())
        .flatten()
        .flatten()
        .filter(|file| file.path().extension().is_some_and(|e| e == "json"))
        .count()
}

#[test]
fn an_intake_killed_half_way_is_finished_by_the_next_one() {
    let whole = District::new(3_000, 21);
    let unharmed = whole.intake();
    let expected = whole.pass();

    let district = District::new(3_000, 21);
    let mut kills = 0;
    // Killed several times, each time a few batches further.
    for batches in [1, 4, 9] {
        let mut child = tuodi()
            .args(["intake", &district.files(), "--data", &district.data(), "--as-of", AS_OF])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary runs");
        while manifests(&district.data()) < batches && child.try_wait().expect("a child").is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        if child.try_wait().expect("a child").is_none() {
            kills += 1;
        }
        let _ = child.kill();
        let _ = child.wait();
    }
    assert!(kills > 0, "the intake was killed at least once before it ended");
    let finished = district.intake();
    assert_eq!(finished["files"], unharmed["files"]);
    assert_eq!(finished["refused"], 0);
    let again = district.intake();
    assert_eq!(again["already_taken"], unharmed["files"], "every file is there exactly once");
    let pass = district.pass();
    for key in ["people", "households", "rows", "tiers", "alerts"] {
        assert_eq!(pass[key], expected[key], "{key}");
    }
    let verified = json(&["journal", "verify", "--data", &district.data()]);
    assert_eq!(verified["ok"], true);
}

const CASES: usize = 200;
const FOLDER: &str = "TUODI_TEST_KILLED_FOLDER";

async fn store_in(folder: &Path) -> Store {
    let keys = Keys::load_or_create(&folder.join("key")).expect("a key");
    let url = format!("sqlite://{}", folder.join("cases.db").display());
    Store::open(&url, keys).await.expect("SQLite opens")
}

/// The process to be killed: changes 200 cases at once and says each change after it was acknowledged.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "started and killed by the next test"]
async fn changes_two_hundred_cases_at_once() {
    let folder = std::env::var(FOLDER).expect("the test that starts this names the folder");
    let store = store_in(Path::new(&folder)).await;
    store.migrate(installation::migrations()).await.expect("tables");
    let pack = installation::load_pack(&crate::common::repository().join("packs/qingyan")).expect("the pack loads");
    let cases = bench::drafts(&store, &Arc::new(pack), CASES).await.expect("drafts");
    let mut clients = tokio::task::JoinSet::new();
    for (cx, case, mut version) in cases {
        clients.spawn(async move {
            for round in 0.. {
                let fields = [("reason_text".to_owned(), format!("第{round}次"))].into();
                version =
                    tuodi_casework::save_step(&cx, &case, version, "reasons", fields).await.expect("saved").version;
                println!("acknowledged {case} {version}");
            }
        });
    }
    while clients.join_next().await.is_some() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_change_is_lost_when_the_process_is_killed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--ignored", "--exact", "killed::changes_two_hundred_cases_at_once", "--nocapture"])
        .env(FOLDER, folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the test binary runs");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let mut acknowledged: HashMap<String, i32> = HashMap::new();
    let mut count = 0;
    let take = |line: String, acknowledged: &mut HashMap<String, i32>| {
        let mut words = line.split_whitespace();
        if words.next() == Some("acknowledged") {
            // The last line may be cut by the kill: only whole ones count.
            if let (Some(case), Some(version)) = (words.next(), words.next().and_then(|v| v.parse().ok())) {
                acknowledged.insert(case.to_owned(), version);
            }
        }
    };
    while count < 3 * CASES {
        let line = lines.next().expect("the process goes on until it is killed").expect("text");
        take(line, &mut acknowledged);
        count += 1;
    }
    child.kill().expect("killed");
    for line in lines.map_while(Result::ok) {
        take(line, &mut acknowledged);
    }
    child.wait().expect("ended");
    assert_eq!(acknowledged.len(), CASES, "every case was changed");

    let store = store_in(folder.path()).await;
    store.migrate(installation::migrations()).await.expect("tables");
    let pack = installation::load_pack(&crate::common::repository().join("packs/qingyan")).expect("the pack loads");
    let cx = bench::clerk(&store, &Access::new().expect("policies"), &Arc::new(pack), "reader");
    for (case, version) in acknowledged {
        let case: CaseNo = case.parse().expect("a case number");
        let found = tuodi_casework::view(&cx, &case, "test").await.expect("the case is there").row.version;
        assert!(found >= version, "{case}: version {version} was acknowledged, {found} is stored");
    }
    tuodi_store::journal::verify(&store).await.expect("the journal holds");
}
