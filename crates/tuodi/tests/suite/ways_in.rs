//! Ways into the pool besides `intake` of a folder: jobs that go on after a restart, batches undone, archives.

use crate::common::{AS_OF, District, json, refused};
use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
    sync::Arc,
    time::Duration,
};
use tuodi::{
    adapters::{jobs::Jobs, ways::PoolWays},
    installation::Installation,
};
use tuodi_access::{Access, Actor, Role};
use tuodi_inbox::{Cx, Job, NewJob, Stage};
use tuodi_pool::Pool;
use tuodi_web::WaysIn;

/// Meters of a waterworks, two of them with a month that does not exist.
fn meters() -> String {
    let mut text = "户号,类别,月份,用量,金额（元）\n".to_owned();
    for n in 0..60 {
        let month = if n < 2 { "2026-13" } else { "2026-07" };
        text += &format!("W{n},水,{month},{n},1.50\n");
    }
    text
}

fn steward(store: &tuodi_store::Store) -> Cx {
    let actor = Actor {
        account: "steward".to_owned(),
        name: String::new(),
        role: Role::DataSteward,
        region: "990102000000".to_owned(),
        ..Actor::system()
    };
    Cx { store: store.clone(), access: Access::new().unwrap(), actor, now: tuodi::now() }
}

async fn ways(district: &District) -> (Arc<Jobs>, PoolWays) {
    let installation = Installation::open(Path::new(&district.data())).unwrap();
    let store = installation.store().await.unwrap();
    let jobs = Arc::new(Jobs::new(&installation, store, Arc::new(tuodi::now)).unwrap());
    (jobs.clone(), PoolWays::new(jobs, 1 << 20))
}

/// Receives a file as the page does.
async fn receive(ways: &PoolWays, id: &str, text: &str, confirmed: bool) -> Job {
    let mut file = ways.create(id, "../水表.csv").unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file.finish().unwrap();
    let place = ways.jobs.file(id).unwrap();
    assert_eq!(place, ways.jobs.folder(id).join("水表.csv"));
    let lies = std::fs::read(&place).unwrap();
    assert!(!lies.windows(7).any(|w| w == b"2026-07"), "what waits lies sealed");
    let new = NewJob {
        id: id.to_owned(),
        file_name: "水表.csv".to_owned(),
        bytes: text.len() as u64,
        source: None,
        corrects: None,
        confirmed,
        digest: None,
    };
    tuodi_inbox::receive(&steward(ways.jobs.store()), new).await.unwrap()
}

async fn until(ways: &PoolWays, id: &str, stage: Stage) -> Job {
    for _ in 0..600 {
        let job = tuodi_inbox::find(ways.jobs.store(), id).await.unwrap();
        if job.stage == stage {
            return job;
        }
        assert!(!job.stage.is_over(), "{job:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("job {id} never came to {stage:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_a_stopped_server_left_go_on_with_the_next_and_their_files_go_with_them() {
    let district = District::empty();
    {
        // Received, and then the server was gone.
        let (_, ways) = ways(&district).await;
        receive(&ways, "first", &meters(), true).await;
        receive(&ways, "second", &meters().replace('W', "V"), false).await;
        receive(&ways, "third", &meters().replace('W', "U"), true).await;
        tuodi_inbox::cancel(&steward(ways.jobs.store()), "third").await.unwrap();
        receive(&ways, "lost", "x", false).await;
        std::fs::remove_dir_all(ways.jobs.folder("lost")).unwrap();
    }
    let (jobs, ways) = ways(&district).await;
    let running = tokio::spawn(jobs.clone().run());
    let done = until(&ways, "first", Stage::Done).await;
    let file = &done.report.as_ref().unwrap().files[0];
    assert_eq!((file.rows_read, file.rows_taken, file.rows_quarantined), (60, 58, 2), "{file:?}");
    let checked = until(&ways, "second", Stage::Checked).await;
    assert_eq!((checked.report.unwrap().files[0].rows_taken, ways.look(&done).await.unwrap().len()), (58, 0));
    let failed = until(&ways, "lost", Stage::Failed).await;
    assert!(failed.trouble.unwrap().contains("not there any more"));
    let pool = Pool::open(ways.jobs.pool_dir()).unwrap();
    assert_eq!(pool.snapshot().unwrap().rows(), 58, "what was only tried or cancelled is not in the pool");
    assert!(!ways.jobs.folder("first").exists() && !ways.jobs.folder("third").exists());
    let second = tuodi_inbox::find(jobs.store(), "second").await.unwrap();
    let seen = ways.look(&second).await.unwrap();
    assert_eq!((seen[0].source.as_deref(), seen[0].rows.len()), (Some("DS26"), 8));
    tuodi_inbox::confirm(&steward(jobs.store()), "second").await.unwrap();
    ways.wake();
    until(&ways, "second", Stage::Done).await;
    assert_eq!(pool.snapshot().unwrap().rows(), 116);

    // The two broken rows, mended on the page.
    let batch = done.report.unwrap().files[0].batch.clone().unwrap();
    let open = ways.open_rows(&batch).await.unwrap().unwrap();
    assert_eq!(open.rows.iter().map(|r| r.row).collect::<Vec<_>>(), [1, 2]);
    let mended = open.rows.into_iter().map(|mut r| {
        r.cells[2] = "2026-07".to_owned();
        (r.row, r.cells)
    });
    let bytes = ways.mend("mended", &batch, mended.collect()).await.unwrap();
    let new = NewJob {
        id: "mended".to_owned(),
        file_name: "mended.csv".to_owned(),
        bytes,
        source: Some("DS26".to_owned()),
        corrects: Some(batch.clone()),
        confirmed: true,
        digest: None,
    };
    tuodi_inbox::receive(&steward(jobs.store()), new).await.unwrap();
    ways.wake();
    until(&ways, "mended", Stage::Done).await;
    assert_eq!(pool.snapshot().unwrap().rows(), 118);
    let standing = ways.standing(&batch).await.unwrap().unwrap();
    assert_eq!((standing.open, standing.corrected_by.len(), standing.counts), (0, 1, true));
    running.abort();
}

#[test]
fn a_batch_taken_by_mistake_is_undone_and_taken_up_again_and_the_journal_says_so() {
    let district = District::empty();
    let data = district.data();
    let file = district.dir.path().join("水表.csv");
    std::fs::write(&file, meters()).unwrap();
    let taken = json(&["intake", file.to_str().unwrap(), "--data", &data, "--as-of", AS_OF]);
    let batch = taken["outcomes"][0]["batch"].as_str().unwrap().to_owned();
    let undone = json(&["batch", "undo", "--data", &data, "--batch", &batch, "--why", "the file of another month"]);
    assert_eq!(undone["undone"], true);
    let twice = refused(&["batch", "undo", "--data", &data, "--batch", &batch, "--why", "again"]);
    assert!(twice.contains("undone already"), "{twice}");
    // Findings that rest on the batches before can still be made: the rows are there.
    let parquet = Path::new(&data).join(format!("pool/source=DS26/batch={batch}.parquet"));
    assert!(parquet.exists());
    let redone = json(&["batch", "redo", "--data", &data, "--batch", &batch, "--why", "it was right"]);
    assert!(redone["undone"] == false && redone["snapshot"] != undone["snapshot"]);
    assert!(refused(&["batch", "redo", "--data", &data, "--batch", "none", "--why", "x"]).contains("no batch none"));
    json(&["journal", "verify", "--data", &data]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_dropped_into_the_watched_folder_is_taken_once_it_is_whole_and_moved_with_a_report() {
    use tuodi::adapters::watched::Watched;
    let district = District::empty();
    let (jobs, ways) = ways(&district).await;
    let folder = district.dir.path().join("watched");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("水表.csv"), meters()).unwrap();
    std::fs::write(folder.join("说明.txt"), "没有表头的说明\n").unwrap();
    std::fs::write(folder.join("unfinished.csv.part"), meters()).unwrap();
    let watched = Watched { jobs: jobs.clone(), access: Access::new().unwrap(), folder: folder.clone() };
    let watching = tokio::spawn(watched.run());
    let running = tokio::spawn(jobs.clone().run());
    let names = |which: &str| -> Vec<String> {
        let entries = std::fs::read_dir(folder.join(which)).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries.map(|e| e.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    };
    for _ in 0..300 {
        if names("done").len() == 2 && names("failed").len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    watching.abort();
    running.abort();
    let (done, failed) = (names("done"), names("failed"));
    assert!(done[0].ends_with("水表.csv") && done[1].ends_with("水表.csv.report.json"), "{done:?}");
    assert!(failed[0].ends_with("说明.txt"), "{failed:?}");
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.join("failed").join(&failed[1])).unwrap()).unwrap();
    assert_eq!(report["report"]["files"][0]["state"], "refused", "{report}");
    assert!(folder.join("unfinished.csv.part").exists());
    assert_eq!(Pool::open(ways.jobs.pool_dir()).unwrap().snapshot().unwrap().rows(), 58);
}

/// The script of docs/connectors.md, word for word.
fn script_of_the_documents() -> String {
    let text = std::fs::read_to_string(crate::common::repository().join("docs/connectors.md")).unwrap();
    let (_, rest) = text.split_once("```sh\n").expect("the documents hold a script");
    rest.split("```").next().unwrap().to_owned()
}

/// A pair that OpenSSL makes in the district's folder, its public half registered; the key's id.
async fn key_of_the_waterworks(district: &District, store: &tuodi_store::Store) -> String {
    let make = "openssl genpkey -algorithm ed25519 -out ds26.key && openssl pkey -in ds26.key -pubout -outform DER";
    let made = Command::new("sh").args(["-ec", make]).current_dir(district.dir.path()).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    let public: [u8; 32] = made.stdout[made.stdout.len() - 32..].try_into().unwrap();
    tuodi_inbox::admit_key(&steward(store), "DS26", "waterworks", public).await.unwrap().id
}

fn push(district: &District, base: &str, key: &str) -> Output {
    let dir = district.dir.path();
    std::fs::write(dir.join("push.sh"), script_of_the_documents()).unwrap();
    let mut command = Command::new("sh");
    command.args(["push.sh", "meters.csv"]).current_dir(dir).env("BASE", base).env("SOURCE", "DS26");
    command.env("KEYID", key).env("KEY", "ds26.key").env("no_proxy", "*").output().unwrap()
}

fn told(output: &Output) -> serde_json::Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_being_taken_when_the_server_was_killed_is_taken_by_the_next() {
    const ROWS: usize = 150_000;
    let district = District::empty();
    let (jobs, ways) = ways(&district).await;
    let key = key_of_the_waterworks(&district, jobs.store()).await;
    let rows: String = (0..ROWS).map(|n| format!("W{n},水,2026-07,{n},1.50\n")).collect();
    let text = "户号,类别,月份,用量,金额（元）\n".to_owned() + &rows;
    std::fs::write(district.dir.path().join("meters.csv"), text).unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let start = || {
        let mut command = crate::common::tuodi();
        command.args(["serve", "--data", &district.data(), "--listen", &free.to_string()]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let listens = async || {
        for _ in 0..600 {
            if std::net::TcpStream::connect(free).is_ok() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        false
    };
    let mut server = start();
    assert!(listens().await);
    let sent = tokio::task::block_in_place(|| told(&push(&district, &format!("http://{free}"), &key)));
    let job = sent["job"].as_str().unwrap().to_owned();
    // In the middle of it: rows of the batch lie on the disk, and it is not in the pool.
    let pool = Path::new(&district.data()).join("pool");
    let begun = || walk(&pool).iter().any(|name| name.contains("DS26"));
    for _ in 0..2_000 {
        if begun() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    server.kill().unwrap();
    server.wait().unwrap();
    let stage = tuodi_inbox::find(jobs.store(), &job).await.unwrap().stage;
    assert_eq!(stage, Stage::Taking, "killed in the middle");
    assert!(jobs.file(&job).is_some(), "the file still lies there");
    let mut server = start();
    assert!(listens().await);
    let done = until(&ways, &job, Stage::Done).await;
    // Done is said first, and then the file that lay waiting is put away.
    for _ in 0..600 {
        if !jobs.folder(&job).exists() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(done.report.unwrap().files[0].rows_taken, ROWS as u64);
    assert_eq!(Pool::open(ways.jobs.pool_dir()).unwrap().snapshot().unwrap().rows(), ROWS as u64);
    assert!(!jobs.folder(&job).exists());
}

/// Every file under a folder.
fn walk(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.path() {
            path if path.is_dir() => found.extend(walk(&path)),
            path => found.push(path.display().to_string()),
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn the_script_of_the_documents_sends_a_file_that_is_taken_once() {
    let district = District::empty();
    let installation = Installation::open(Path::new(&district.data())).unwrap();
    let (state, jobs) = tuodi::verbs::serve::state(installation, false).await.unwrap();
    let store = state.store.clone();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(tuodi_web::serve(listener, state, std::future::pending()));
    let running = tokio::spawn(jobs.clone().run());

    let key = key_of_the_waterworks(&district, &store).await;
    std::fs::write(district.dir.path().join("meters.csv"), meters()).unwrap();
    let send = || push(&district, &base, &key);
    let first = tokio::task::block_in_place(|| told(&send()));
    let job = first["job"].as_str().unwrap().to_owned();
    for _ in 0..600 {
        if tuodi_inbox::find(&store, &job).await.unwrap().stage == Stage::Done {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let again = tokio::task::block_in_place(|| told(&send()));
    assert_eq!((&again["job"], &again["report"]["files"][0]["rows_taken"]), (&first["job"], &58.into()), "{again}");
    assert_eq!(Pool::open(jobs.pool_dir()).unwrap().snapshot().unwrap().rows(), 58);
    tuodi_inbox::revoke_key(&steward(&store), "DS26", &key).await.unwrap();
    let late = tokio::task::block_in_place(send);
    assert!(!late.status.success() && String::from_utf8_lossy(&late.stdout).contains("problem:revoked"), "{late:?}");
    running.abort();
    serving.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_fetched_taken_once_and_its_failures_become_a_task() {
    use department::{Behaviour, Department, ROWS};
    use tuodi::adapters::{
        feeds,
        fetching::{Fetching, Stop},
    };
    use tuodi_inbox::{Outcome, PATIENCE};
    let district = District::empty();
    let behaviours = [
        vec![Behaviour::Answer, Behaviour::Answer, Behaviour::Other],
        vec![Behaviour::Fail(500); PATIENCE as usize],
        vec![Behaviour::Answer],
    ];
    let department = Department::new(behaviours.concat(), None).start().await.unwrap();
    let url = department.replace("/ask", "/export");
    let config = format!("[[fetch]]\nsource = \"DS26\"\nurl = \"{url}\"\nat = \"02:30\"\n");
    std::fs::write(Path::new(&district.data()).join("connectors.toml"), config).unwrap();
    let installation = Installation::open(Path::new(&district.data())).unwrap();
    let fetches = installation.fetches().unwrap();
    let (jobs, ways) = ways(&district).await;
    let running = tokio::spawn(jobs.clone().run());
    let fetching = Fetching { jobs: jobs.clone(), access: Access::new().unwrap(), fetches, limit: 1 << 20 };
    fetching.plan().await.unwrap();
    let store = jobs.store();
    let once = async || {
        let planned = tuodi_inbox::fetch_of(store, "DS26").await.unwrap().unwrap();
        fetching.once(&planned, &Stop::default()).await.unwrap();
        tuodi_inbox::fetch_of(store, "DS26").await.unwrap().unwrap()
    };
    let rows = || Pool::open(jobs.pool_dir()).unwrap().snapshot().unwrap().rows();
    let tasks = async || {
        let pool = Pool::open(jobs.pool_dir()).unwrap();
        feeds::follow(store, jobs.pack(), &pool, tuodi::now()).await.unwrap();
        let open = tuodi_feeds::tasks(store, Some("DS26"), true).await.unwrap();
        open.into_iter().filter(|t| t.trouble == "unfetched").count()
    };

    let first = once().await;
    let job = until(&ways, first.job.as_deref().unwrap(), Stage::Done).await;
    assert_eq!((rows(), job.source.as_deref()), (ROWS as u64, Some("DS26")), "{job:?}");
    assert!(first.next > tuodi::now() + chrono::Duration::days(29), "monthly: {}", first.next);
    let again = once().await;
    assert_eq!((again.last.unwrap().1, again.job, rows()), (Outcome::Same, first.job.clone(), ROWS as u64));
    let other = once().await;
    assert!(other.last.unwrap().1 == Outcome::New && other.job != first.job, "it has changed its mind");
    until(&ways, other.job.as_deref().unwrap(), Stage::Done).await;

    for n in 1..=PATIENCE {
        assert_eq!(tasks().await, 0);
        let failed = once().await;
        assert!(failed.failures == n && failed.next < tuodi::now() + chrono::Duration::hours(7), "{failed:?}");
    }
    assert_eq!(tasks().await, 1);
    assert_eq!(once().await.failures, 0);
    assert_eq!(tasks().await, 0, "well again, the task is closed");
    assert_eq!(std::fs::read_dir(jobs.folder("x").parent().unwrap()).unwrap().count(), 0, "nothing is left lying");
    running.abort();
}
