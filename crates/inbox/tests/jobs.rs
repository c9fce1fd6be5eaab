//! The life of a job, on both databases.

use chrono::{DateTime, Duration, TimeZone, Utc};
use std::collections::BTreeMap;
use tuodi_access::{Access, Actor, Role};
use tuodi_inbox::{Cx, FileOutcome, InboxError, Job, JobReport, NewJob, Stage};
use tuodi_store::{Store, journal};
use tuodi_testing::each_store;

fn morning() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 9, 1, 1, 0, 0).unwrap()
}

fn tables() -> Vec<Box<dyn tuodi_store::MigrationTrait>> {
    let mut all = tuodi_access::migrations();
    all.extend(tuodi_inbox::migrations());
    all
}

fn cx(store: &Store, role: &str, minutes: i64) -> Cx {
    let actor = Actor {
        account: format!("account-{role}"),
        name: "某人".to_owned(),
        role: Role::from_id(role).unwrap(),
        region: "990102000000".to_owned(),
        ..Actor::system()
    };
    Cx { store: store.clone(), access: Access::new().unwrap(), actor, now: morning() + Duration::minutes(minutes) }
}

fn new(id: &str) -> NewJob {
    NewJob {
        id: id.to_owned(),
        file_name: "DS09_990102195703160028.csv".to_owned(),
        bytes: 1_234,
        source: None,
        corrects: None,
        confirmed: false,
        digest: None,
    }
}

fn report(state: &str) -> JobReport {
    JobReport {
        files: vec![FileOutcome {
            file: "a.csv".to_owned(),
            state: state.to_owned(),
            source: Some("DS09".to_owned()),
            batch: Some("b-1".to_owned()),
            rows_read: 100,
            rows_taken: 98,
            rows_quarantined: 2,
            reasons: BTreeMap::from([("E03".to_owned(), 2)]),
            refusal: None,
        }],
    }
}

async fn acts(store: &Store, job: &Job) -> Vec<String> {
    let entries = journal::entries_of(store, &format!("job:{}", job.id)).await.unwrap();
    entries.into_iter().map(|e| e.act).collect()
}

#[tokio::test]
async fn a_job_is_checked_confirmed_and_taken_and_each_step_is_journalled() {
    each_store(tables, async |store| {
        let steward = cx(&store, "R16", 0);
        let job = tuodi_inbox::receive(&steward, new("j1")).await.unwrap();
        assert_eq!((job.stage, job.file_name.contains("0316002")), (Stage::Checking, false));
        let due = tuodi_inbox::due(&store).await.unwrap();
        assert_eq!(due, std::slice::from_ref(&job));
        assert!(matches!(
            tuodi_inbox::confirm(&steward, "j1").await,
            Err(InboxError::WrongStage { found: Stage::Checking })
        ));
        tuodi_inbox::finish(&store, &due[0], report("taken"), morning()).await.unwrap();
        assert!(tuodi_inbox::due(&store).await.unwrap().is_empty());
        assert!(tuodi_inbox::unfinished(&store).await.unwrap().contains("j1"));
        tuodi_inbox::confirm(&steward, "j1").await.unwrap();
        let due = tuodi_inbox::due(&store).await.unwrap();
        assert_eq!(due[0].stage, Stage::Taking);
        tuodi_inbox::finish(&store, &due[0], report("taken"), morning()).await.unwrap();
        let done = tuodi_inbox::find(&store, "j1").await.unwrap();
        assert_eq!((done.stage, done.report.as_ref().unwrap().sum(|f| f.rows_taken)), (Stage::Done, 98));
        assert!(tuodi_inbox::unfinished(&store).await.unwrap().is_empty());
        assert_eq!(acts(&store, &job).await, ["data.receive", "data.check", "data.confirm", "data.take"]);
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_check_stays_cancelled_and_what_was_taken_in_time_is_said_to_be_taken() {
    each_store(tables, async |store| {
        let steward = cx(&store, "R16", 0);
        let checking = tuodi_inbox::receive(&steward, new("j1")).await.unwrap();
        tuodi_inbox::cancel(&steward, "j1").await.unwrap();
        tuodi_inbox::finish(&store, &checking, report("taken"), morning()).await.unwrap();
        assert_eq!(tuodi_inbox::find(&store, "j1").await.unwrap().stage, Stage::Cancelled);
        let taking = tuodi_inbox::receive(&steward, NewJob { confirmed: true, ..new("j2") }).await.unwrap();
        tuodi_inbox::cancel(&steward, "j2").await.unwrap();
        tuodi_inbox::finish(&store, &taking, report("taken"), morning()).await.unwrap();
        assert_eq!(tuodi_inbox::find(&store, "j2").await.unwrap().stage, Stage::Done);
        assert!(matches!(tuodi_inbox::cancel(&steward, "j2").await, Err(InboxError::WrongStage { .. })));
        tuodi_inbox::fail(&store, &taking, "the disk is full".to_owned(), morning()).await.unwrap();
        assert_eq!(tuodi_inbox::find(&store, "j2").await.unwrap().stage, Stage::Done);
        assert!(matches!(tuodi_inbox::find(&store, "none").await, Err(InboxError::NotFound(_))));
    })
    .await;
}

#[tokio::test]
async fn only_a_data_steward_sends_files_in() {
    each_store(tables, async |store| {
        for role in ["R05", "R07", "R17"] {
            let denied = tuodi_inbox::receive(&cx(&store, role, 0), new("j1")).await;
            assert!(matches!(denied, Err(InboxError::Denied(_))), "{role}");
            let denied = tuodi_inbox::explain(&cx(&store, role, 0), "DS09", BTreeMap::new()).await;
            assert!(matches!(denied, Err(InboxError::Denied(_))), "{role}");
        }
        assert_eq!(tuodi_inbox::list(&store, 1, 10).await.unwrap().total, 0);
    })
    .await;
}

#[tokio::test]
async fn jobs_are_listed_newest_first_by_the_page() {
    each_store(tables, async |store| {
        for n in 0..5 {
            tuodi_inbox::receive(&cx(&store, "R16", n), new(&format!("j{n}"))).await.unwrap();
        }
        let page = tuodi_inbox::list(&store, 2, 2).await.unwrap();
        assert_eq!((page.total, page.rows.iter().map(|j| j.id.as_str()).collect::<Vec<_>>()), (5, vec!["j2", "j1"]));
    })
    .await;
}

#[tokio::test]
async fn what_headings_mean_is_kept_replaced_and_forgotten() {
    each_store(tables, async |store| {
        let said = |to: &str| BTreeMap::from([("票号".to_owned(), to.to_owned()), ("备注".to_owned(), String::new())]);
        let steward = cx(&store, "R16", 0);
        let first = tuodi_inbox::explain(&steward, "DS09", said("id_no")).await.unwrap();
        let second = tuodi_inbox::explain(&cx(&store, "R16", 1), "DS09", said("settle_id")).await.unwrap();
        assert_eq!(first, second);
        let saved = tuodi_inbox::saved_headings(&store).await.unwrap();
        assert_eq!((saved.len(), saved[0].headings["票号"].as_str()), (1, "settle_id"));
        let steward = cx(&store, "R16", 2);
        tuodi_inbox::forget(&steward, &first).await.unwrap();
        assert!(tuodi_inbox::saved_headings(&store).await.unwrap().is_empty());
        assert!(matches!(tuodi_inbox::forget(&steward, &first).await, Err(InboxError::NotFound(_))));
        let entries = journal::entries_of(&store, &format!("headings:{first}")).await.unwrap();
        assert_eq!(
            entries.iter().map(|e| e.act.as_str()).collect::<Vec<_>>(),
            ["data.explain", "data.explain", "data.forget"]
        );
    })
    .await;
}

#[tokio::test]
async fn a_key_counts_for_its_source_until_it_is_revoked_and_a_request_once() {
    each_store(tables, async |store| {
        let steward = cx(&store, "R16", 0);
        assert!(matches!(
            tuodi_inbox::admit_key(&cx(&store, "R07", 0), "DS26", "x", [7; 32]).await,
            Err(InboxError::Denied(_))
        ));
        let key = tuodi_inbox::admit_key(&steward, "DS26", "waterworks", [7; 32]).await.unwrap();
        let found = tuodi_inbox::sender_key(&store, &key.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(&key));
        let present = async |nonce: &str, minutes: i64| {
            let now = morning() + Duration::minutes(minutes);
            tuodi_inbox::present(&store, &key, "data.push", nonce, now + Duration::minutes(10), now).await.unwrap()
        };
        assert!(present("a", 0).await && present("b", 1).await);
        assert!(!present("a", 1).await, "the same number again");
        assert!(present("a", 30).await, "a request as old as that is refused for its age");
        let revoke = async |source: &str| tuodi_inbox::revoke_key(&steward, source, &key.id).await;
        assert!(matches!(revoke("DS09").await, Err(InboxError::NotFound(_))), "of another source");
        revoke("DS26").await.unwrap();
        assert!(matches!(revoke("DS26").await, Err(InboxError::NotFound(_))), "once is enough");
        let listed = tuodi_inbox::sender_keys(&store, "DS26").await.unwrap();
        assert!(listed[0].revoked.is_some() && listed[0].used.is_some());
        assert!(tuodi_inbox::sender_keys(&store, "DS09").await.unwrap().is_empty());
        tuodi_inbox::turned_away(&store, "DS26", "replayed", Some(&key.id), morning()).await.unwrap();
        let entries = journal::entries_of(&store, "source:DS26").await.unwrap();
        let mut acts: Vec<_> = entries.iter().map(|e| e.act.as_str()).collect();
        acts.sort_unstable();
        let push = ["data.push"; 3];
        assert_eq!(acts, [&["data.key_admit", "data.key_revoke"][..], &push, &["data.push_refuse"]].concat());
    })
    .await;
}

#[tokio::test]
async fn the_same_bytes_of_a_source_are_one_job_unless_nothing_came_of_it() {
    each_store(tables, async |store| {
        let steward = cx(&store, "R16", 0);
        let pushed = |id: &str, digest: &str| NewJob {
            source: Some("DS26".to_owned()),
            digest: Some(digest.to_owned()),
            confirmed: true,
            ..new(id)
        };
        let before =
            async |digest: &str| tuodi_inbox::sent_before(&store, "DS26", digest).await.unwrap().map(|job| job.id);
        tuodi_inbox::receive(&steward, pushed("j1", "d1")).await.unwrap();
        assert!(matches!(tuodi_inbox::receive(&steward, pushed("j2", "d1")).await, Err(InboxError::UnderWay)));
        assert_eq!(before("d1").await.as_deref(), Some("j1"));
        let job = tuodi_inbox::find(&store, "j1").await.unwrap();
        tuodi_inbox::finish(&store, &job, report("taken"), morning()).await.unwrap();
        assert_eq!(before("d1").await.as_deref(), Some("j1"), "taken long ago, it is still the same");
        tuodi_inbox::receive(&steward, pushed("j3", "d3")).await.unwrap();
        let job = tuodi_inbox::find(&store, "j3").await.unwrap();
        tuodi_inbox::finish(&store, &job, report("refused"), morning()).await.unwrap();
        assert_eq!(before("d3").await, None, "its headings may have been explained since");
        tuodi_inbox::receive(&steward, pushed("j4", "d4")).await.unwrap();
        tuodi_inbox::cancel(&steward, "j4").await.unwrap();
        assert_eq!(before("d4").await, None);
        assert_eq!(tuodi_inbox::sent_before(&store, "DS09", "d1").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_fetched_source_keeps_when_it_is_due_how_it_went_and_since_when_it_fails() {
    use tuodi_inbox::{Outcome, PATIENCE, Run};
    each_store(tables, async |store| {
        let at = |minutes: i64| morning() + Duration::minutes(minutes);
        let planned = |kind: &'static str| [("DS26".to_owned(), kind)];
        tuodi_inbox::plan_fetches(&store, &planned("http"), at(0)).await.unwrap();
        tuodi_inbox::plan_fetches(&store, &planned("http"), at(5)).await.unwrap();
        let due = tuodi_inbox::due_fetches(&store, at(0)).await.unwrap();
        assert_eq!((due.len(), due[0].next, due[0].failures), (1, at(0), 0), "planned once, due at once");
        let ran = async |outcome: Outcome, digest: Option<&str>, minutes: i64| {
            let job = (outcome == Outcome::New).then(|| "j1".to_owned());
            let digest = digest.map(str::to_owned);
            let run = Run { source: "DS26".to_owned(), outcome, digest, job, next: at(minutes + 60) };
            tuodi_inbox::ran(&store, run, at(minutes)).await.unwrap();
            tuodi_inbox::fetch_of(&store, "DS26").await.unwrap().unwrap()
        };
        let new = ran(Outcome::New, Some("d1"), 1).await;
        assert_eq!((new.well, new.job.as_deref(), new.next), (Some(at(1)), Some("j1"), at(61)));
        assert!(tuodi_inbox::due_fetches(&store, at(60)).await.unwrap().is_empty());
        let failed = || Outcome::Failed { code: "silent".to_owned(), detail: "x".to_owned() };
        for n in 1..=PATIENCE {
            let now = ran(failed(), None, 10 + i64::from(n)).await;
            assert_eq!((now.failures, now.failing_since, now.well), (n, Some(at(11)), Some(at(1))));
            assert_eq!(now.is_stuck(), (n == PATIENCE).then_some(at(11)));
            assert_eq!((now.digest.as_deref(), now.last), (Some("d1"), Some((at(10 + i64::from(n)), failed()))));
        }
        let steward = cx(&store, "R16", 30);
        tuodi_inbox::fetch_now(&steward, "DS26").await.unwrap();
        assert_eq!(tuodi_inbox::due_fetches(&store, at(30)).await.unwrap().len(), 1);
        assert!(matches!(tuodi_inbox::fetch_now(&steward, "DS09").await, Err(InboxError::NotFound(_))));
        assert!(matches!(tuodi_inbox::fetch_now(&cx(&store, "R07", 0), "DS26").await, Err(InboxError::Denied(_))));
        // A run is stopped by whoever looks after the feed, while there is one; that is no failure, and nothing went well.
        assert!(matches!(tuodi_inbox::stop_fetch(&steward, "DS26").await, Err(InboxError::NotFound(_))));
        tuodi_inbox::begin_fetch(&store, "DS26", at(30)).await.unwrap();
        assert!(matches!(tuodi_inbox::stop_fetch(&cx(&store, "R07", 0), "DS26").await, Err(InboxError::Denied(_))));
        tuodi_inbox::stop_fetch(&steward, "DS26").await.unwrap();
        let running = tuodi_inbox::fetch_of(&store, "DS26").await.unwrap().unwrap();
        assert_eq!((running.running, running.stopping), (Some(at(30)), true));
        let stopped = ran(Outcome::Stopped, None, 30).await;
        assert_eq!((stopped.failures, stopped.running, stopped.stopping), (PATIENCE, None, false));
        assert_eq!((stopped.well, stopped.last), (Some(at(1)), Some((at(30), Outcome::Stopped))));
        let same = ran(Outcome::Same, Some("d1"), 31).await;
        assert_eq!((same.failures, same.is_stuck(), same.job.as_deref()), (0, None, Some("j1")));
        tuodi_inbox::plan_fetches(&store, &planned("postgresql"), at(40)).await.unwrap();
        assert_eq!(tuodi_inbox::fetches(&store).await.unwrap()[0].kind, "postgresql");
        tuodi_inbox::plan_fetches(&store, &[], at(41)).await.unwrap();
        assert!(tuodi_inbox::fetches(&store).await.unwrap().is_empty());
        let entries = journal::entries_of(&store, "source:DS26").await.unwrap();
        assert_eq!(entries.iter().filter(|e| e.act == "data.fetch").count(), 8);
        assert_eq!(entries.iter().filter(|e| e.act == "data.fetch_now").count(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_nobody_confirms_is_given_up_and_what_is_under_way_is_not() {
    each_store(tables, async |store| {
        let steward = cx(&store, "R16", 0);
        for id in ["old", "young", "confirmed"] {
            let job = tuodi_inbox::receive(&steward, new(id)).await.unwrap();
            let at = morning() + Duration::minutes(if id == "young" { 9 } else { 1 });
            tuodi_inbox::finish(&store, &job, report("taken"), at).await.unwrap();
        }
        tuodi_inbox::confirm(&cx(&store, "R16", 2), "confirmed").await.unwrap();
        let now = morning() + Duration::minutes(20);
        let gone = tuodi_inbox::expire(&store, morning() + Duration::minutes(5), now).await.unwrap();
        assert_eq!(gone.iter().map(|j| j.id.as_str()).collect::<Vec<_>>(), ["old"]);
        let stage = async |id: &str| tuodi_inbox::find(&store, id).await.unwrap().stage;
        let stages = (stage("old").await, stage("young").await, stage("confirmed").await);
        assert_eq!(stages, (Stage::Cancelled, Stage::Checked, Stage::Taking));
        assert!(acts(&store, &gone[0]).await.contains(&"data.expire".to_owned()));
    })
    .await;
}
