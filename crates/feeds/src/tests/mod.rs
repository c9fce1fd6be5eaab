//! The room through its public face, on each database, by the rules of the fictional district.

use crate::{
    Arrival, Desk, FeedsError, RecordForm, Score, Scores, Trouble, close, follow, journal_withheld, record, records,
    renewals, standing, tasks,
};
use chrono::{DateTime, Days, NaiveDate, TimeZone, Utc};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, LazyLock},
};
use tuodi_access::{Access, Actor, Role};
use tuodi_pack::{Pack, Purpose, Renewal, WithheldWhy};
use tuodi_store::{Store, journal};
use tuodi_testing::each_store;

/// The district's pack, read once for all tests.
fn pack() -> Arc<Pack> {
    static PACK: LazyLock<Arc<Pack>> = LazyLock::new(|| {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/qingyan");
        Arc::new(Pack::load(&dir).unwrap_or_else(|problems| panic!("{problems}")))
    });
    PACK.clone()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Ten in the morning in Beijing.
fn morning(text: &str) -> DateTime<Utc> {
    Utc.from_utc_datetime(&day(text).and_hms_opt(2, 0, 0).unwrap())
}

fn actor(role: Role) -> Actor {
    let region = "990102000000".to_owned();
    Actor { account: "steward".into(), name: "steward".into(), role, region, ..Actor::system() }
}

struct World {
    store: Store,
    access: Access,
    pack: Arc<Pack>,
    steward: Actor,
}

impl World {
    fn new(store: Store) -> World {
        World { store, access: Access::new().unwrap(), pack: pack(), steward: actor(Role::DataSteward) }
    }

    fn desk(&self, on: &str) -> Desk<'_> {
        Desk { store: &self.store, access: &self.access, pack: &self.pack, actor: &self.steward, now: morning(on) }
    }

    async fn acts(&self) -> Vec<String> {
        let entries = journal::latest(&self.store, 50, 0).await.unwrap();
        let mut acts: Vec<String> = entries.into_iter().map(|e| e.act).filter(|a| a.starts_with("feed.")).collect();
        acts.sort();
        acts
    }
}

fn arrival(on: &str) -> Arrival {
    let scores =
        Scores { completeness: Some(100.0), validity: Some(99.0), uniqueness: Some(100.0), ..Scores::default() };
    Arrival {
        batch: on.to_owned(),
        group: on.to_owned(),
        at: morning(on),
        taken: true,
        from_file: true,
        contract_version: 1,
        scores,
        reasons: BTreeMap::new(),
    }
}

fn renewal(until: &str) -> RecordForm {
    RecordForm {
        source: "DS18".to_owned(),
        number: "QY-GX-2026-18".to_owned(),
        until: day(until),
        document: " 清数〔2027〕18号 ".to_owned(),
    }
}

fn troubles(arrivals: &[Arrival], on: &str) -> Vec<Trouble> {
    let pack = pack();
    standing(pack.source("DS09").unwrap(), arrivals, &[], morning(on)).troubles
}

#[test]
fn a_daily_feed_is_late_after_its_lag_and_by_how_many_days_is_said() {
    let arrivals = [arrival("2026-09-01")];
    assert_eq!(troubles(&arrivals, "2026-09-04"), []);
    assert_eq!(troubles(&arrivals, "2026-09-07"), [Trouble::Late { days: 3, newest: day("2026-09-01") }]);
    // Made again as of then, a feed is not late because of what came or failed to come since.
    let later = [arrival("2026-09-01"), arrival("2026-09-30")];
    assert_eq!(troubles(&later, "2026-09-07").len(), 1);
    assert_eq!(troubles(&later, "2026-09-03"), []);
}

#[test]
fn what_the_platform_writes_itself_and_what_never_came_is_not_late() {
    let own = [Arrival { from_file: false, ..arrival("2026-01-05") }];
    assert_eq!(troubles(&own, "2026-09-07"), []);
    assert_eq!(troubles(&[], "2026-09-07"), []);
}

#[test]
fn a_score_under_the_promise_degrades_a_feed_and_the_worst_part_of_a_list_counts() {
    let scores = |validity| Scores { validity: Some(validity), ..Scores::default() };
    let part = |name: &str, validity| Arrival {
        batch: name.to_owned(),
        group: "list".to_owned(),
        scores: scores(validity),
        ..arrival("2026-09-01")
    };
    let found = troubles(&[part("a", 99.0), part("b", 93.5)], "2026-09-02");
    let expected = Trouble::Degraded { held: false, below: vec![(Score::Validity, 93.5)], promised: 95 };
    assert_eq!(found, [expected]);
    let held = Arrival { taken: false, ..part("c", 99.0) };
    let found = troubles(&[arrival("2026-09-01"), Arrival { at: morning("2026-09-02"), ..held }], "2026-09-02");
    assert!(matches!(found.as_slice(), [Trouble::Degraded { held: true, .. }]), "{found:?}");
}

#[test]
fn out_of_agreement_names_the_purposes_and_the_day() {
    let pack = pack();
    let source = pack.source("DS18").unwrap();
    let found = standing(source, &[arrival("2028-02-01")], &[], morning("2028-02-01")).troubles;
    let [Trouble::Agreement { purposes, ended }] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(*ended, Some(day("2027-12-31")));
    assert!(purposes.contains(&Purpose::Monitoring) && !purposes.contains(&Purpose::Service));
    let until = Renewal { source: "DS18".into(), number: "QY-GX-2026-18".into(), until: day("2029-12-31") };
    let renewed = standing(source, &[arrival("2028-02-01")], &[until], morning("2028-02-01"));
    assert_eq!((renewed.troubles.len(), renewed.days_left(day("2029-12-30"))), (0, Some(1)));
}

#[tokio::test]
async fn a_renewal_is_recorded_with_its_paper_and_opens_the_source_for_later_days() {
    each_store(crate::migrations, async |store| {
        let w = World::new(store);
        record(&w.desk("2027-12-01"), renewal("2029-12-31")).await.unwrap();
        let all = renewals(&w.store).await.unwrap();
        let source = w.pack.source("DS18").unwrap();
        assert_eq!(source.may_serve(Purpose::Monitoring, day("2028-06-01"), &all), Ok(()));
        // A department takes it back: the latest record counts.
        record(&w.desk("2028-03-01"), renewal("2028-03-31")).await.unwrap();
        let all = renewals(&w.store).await.unwrap();
        let withheld = source.may_serve(Purpose::Monitoring, day("2028-06-01"), &all).unwrap_err();
        assert_eq!(withheld.why, WithheldWhy::Ended { until: day("2028-03-31") });
        let shown = records(&w.store, "DS18").await.unwrap();
        assert_eq!(shown.iter().map(|r| r.until).collect::<Vec<_>>(), [day("2028-03-31"), day("2029-12-31")]);
        assert_eq!((shown[0].document.as_str(), shown[0].by.as_str()), ("清数〔2027〕18号", "steward"));
        assert_eq!(w.acts().await, ["feed.agreement", "feed.agreement"]);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_recorded_is_refused_and_nothing_changes() {
    each_store(crate::migrations, async |store| {
        let w = World::new(store);
        let bad = RecordForm { until: day("2025-12-31"), document: " ".to_owned(), ..renewal("2029-12-31") };
        let error = record(&w.desk("2027-12-01"), bad).await.unwrap_err();
        let FeedsError::Invalid(problems) = error else { panic!("{error}") };
        assert_eq!(problems.iter().map(|p| p.problem).collect::<Vec<_>>(), ["before_begin", "document"]);
        let unknown = RecordForm { number: "QY-GX-1999-01".to_owned(), ..renewal("2029-12-31") };
        assert!(matches!(record(&w.desk("2027-12-01"), unknown).await, Err(FeedsError::NotFound { .. })));
        let officer = actor(Role::DistrictOfficer);
        let desk = Desk { actor: &officer, ..w.desk("2027-12-01") };
        assert!(matches!(record(&desk, renewal("2029-12-31")).await, Err(FeedsError::Denied(_))));
        assert!(renewals(&w.store).await.unwrap().is_empty());
        assert!(w.acts().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_late_feed_opens_one_task_and_a_new_batch_closes_it() {
    each_store(crate::migrations, async |store| {
        let w = World::new(store);
        let source = w.pack.source("DS09").unwrap();
        let on = |arrivals: &[Arrival], at: &str| vec![standing(source, arrivals, &[], morning(at))];
        let (old, new) = ([arrival("2026-09-01")], [arrival("2026-09-01"), arrival("2026-09-09")]);
        let follow_on = async |arrivals: &[Arrival], at: &str| {
            follow(&w.store, &w.pack, &on(arrivals, at), morning(at)).await.unwrap()
        };
        assert_eq!(follow_on(&old, "2026-09-07").await, (1, 0));
        assert_eq!(follow_on(&old, "2026-09-08").await, (0, 0), "one task, however often one looks");
        let open = tasks(&w.store, Some("DS09"), true).await.unwrap();
        assert_eq!((open.len(), open[0].trouble.as_str()), (1, "late"));
        assert_eq!(open[0].due_on, w.pack.calendar.add_working_days(day("2026-09-07"), 3).unwrap());
        assert_eq!(follow_on(&new, "2026-09-09").await, (0, 1));
        let all = tasks(&w.store, None, false).await.unwrap();
        assert_eq!((all.len(), all[0].outcome.as_deref()), (1, Some("mended")));
        assert_eq!(w.acts().await, ["feed.task_mended", "feed.task_open"]);
    })
    .await;
}

#[tokio::test]
async fn a_task_that_a_person_closed_stays_closed_until_the_trouble_comes_back() {
    each_store(crate::migrations, async |store| {
        let w = World::new(store);
        let source = w.pack.source("DS09").unwrap();
        let look = async |arrivals: &[Arrival], at: &str| {
            let standings = [standing(source, arrivals, &[], morning(at))];
            follow(&w.store, &w.pack, &standings, morning(at)).await.unwrap()
        };
        let old = [arrival("2026-09-01")];
        look(&old, "2026-09-07").await;
        let id = tasks(&w.store, None, true).await.unwrap()[0].id;
        assert!(matches!(close(&w.desk("2026-09-08"), id, " ").await, Err(FeedsError::Invalid(_))));
        close(&w.desk("2026-09-08"), id, "接口换了地址，周五补发").await.unwrap();
        assert!(matches!(close(&w.desk("2026-09-08"), id, "again").await, Err(FeedsError::Closed(_))));
        assert_eq!(look(&old, "2026-09-09").await, (0, 0));
        let arrived = [arrival("2026-09-01"), arrival("2026-09-11")];
        assert_eq!(look(&arrived, "2026-09-11").await, (0, 0));
        assert_eq!(look(&arrived, "2026-09-30").await, (1, 0), "late again");
        assert_eq!(tasks(&w.store, None, false).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_refused_reading_is_in_the_journal_without_a_person() {
    each_store(crate::migrations, async |store| {
        let w = World::new(store);
        let on = day("2028-06-01") + Days::new(1);
        let withheld = w.pack.source("DS18").unwrap().may_serve(Purpose::Verification, on, &[]).unwrap_err();
        let now = morning("2028-06-02");
        journal_withheld(&w.store, &w.pack, &Actor::system(), "household:12", &[withheld], now).await.unwrap();
        journal_withheld(&w.store, &w.pack, &Actor::system(), "household:12", &[], now).await.unwrap();
        assert_eq!(w.acts().await, ["feed.withhold"]);
    })
    .await;
}

#[test]
fn old_rows_in_a_batch_that_came_on_time_are_no_trouble_and_wrong_rows_are() {
    let pack = pack();
    let source = pack.source("DS02").unwrap();
    let mut batch = arrival("2026-11-20");
    batch.scores.timeliness = Some(15.0);
    assert_eq!(standing(source, [&batch], &[], morning("2026-11-21")).troubles, []);
    batch.scores.validity = Some(80.0);
    let troubles = standing(source, [&batch], &[], morning("2026-11-21")).troubles;
    assert!(
        matches!(troubles.as_slice(), [Trouble::Degraded { below, .. }] if *below == [(Score::Validity, 80.0)]),
        "{troubles:?}"
    );
}
