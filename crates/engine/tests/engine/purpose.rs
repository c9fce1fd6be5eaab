//! A source whose agreement does not cover the purpose is not read: its facts are unknown, and the answer says so.

use crate::pool::{Pool, as_of, day, fixture, households};
use std::sync::Arc;
use tempfile::TempDir;
use tuodi_engine::{Engine, EngineError};
use tuodi_pack::{
    Agreement, Answer, CheckResult, Evaluate, EvaluateError, Fen, HouseholdId, Pack, Purpose, Renewal, WithheldWhy,
};

/// One poor person with known assets; the source of assets under agreements as the test has them.
fn engine_where(agreed: impl FnOnce(&mut Vec<Agreement>), source: &str) -> (Engine, TempDir) {
    let mut pool = Pool { assets: Some(Vec::new()), ..Pool::default() };
    pool.person(1, 1, "1990-01-01").wage(1, 10_000);
    let mut pack: Pack = (*fixture()).clone();
    agreed(&mut pack.sources.iter_mut().find(|s| s.id == source).unwrap().agreements);
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::new(Arc::new(pack), pool.write(dir.path())).unwrap();
    (engine, dir)
}

fn assets(result: &CheckResult) -> Answer {
    let poor = result.programmes.iter().find(|p| p.programme == "poor").unwrap();
    poor.conditions.iter().find(|c| c.name == "assets_within").unwrap().answer
}

async fn check(engine: &Engine) -> CheckResult {
    engine.check(HouseholdId(1), as_of(), &[]).await.unwrap()
}

fn ended(agreements: &mut [Agreement]) {
    agreements[0].until = Some(day("2026-03-31"));
}

#[tokio::test]
async fn a_source_within_its_agreement_is_read() {
    let (engine, _dir) = engine_where(|_| {}, "DS21");
    let result = check(&engine).await;
    assert_eq!((result.tier.as_str(), result.snapshot.as_str()), ("poor", "snapshot-1"));
    assert!(result.withheld.is_empty());
    assert_eq!(engine.readable_id(Purpose::Verification, as_of()), "snapshot-1");
}

#[tokio::test]
async fn after_the_end_of_its_agreement_a_source_is_unknown_and_never_no() {
    let (engine, _dir) = engine_where(|a| ended(a), "DS21");
    let result = check(&engine).await;
    assert_eq!(assets(&result), Answer::Unknown);
    assert_eq!((result.tier.as_str(), result.monthly), ("none", Fen::ZERO));
    assert_eq!(result.snapshot, "snapshot-1~DS21");
    assert!(result.rows.iter().all(|row| row.source != "DS21"));
    let [withheld] = result.withheld.as_slice() else { panic!("{:?}", result.withheld) };
    assert_eq!((withheld.source.as_str(), withheld.purpose), ("DS21", Purpose::Verification));
    assert_eq!(withheld.why, WithheldWhy::Ended { until: day("2026-03-31") });

    // On a day while it held it is read: yesterday is computed as yesterday.
    let before = engine.check(HouseholdId(1), day("2026-03-31"), &[]).await.unwrap();
    assert!(before.withheld.is_empty());
    assert_eq!(assets(&before), Answer::Holds);
}

#[tokio::test]
async fn each_reading_asks_for_its_own_purpose() {
    let (engine, _dir) = engine_where(|a| a[0].purposes = vec![Purpose::Verification], "DS21");
    assert_eq!(assets(&check(&engine).await), Answer::Holds);

    let again = engine.check_for(Purpose::Reverification, HouseholdId(1), as_of(), &[]).await.unwrap();
    assert_eq!(assets(&again), Answer::Unknown);
    assert_eq!(again.withheld[0].why, WithheldWhy::NotForPurpose);

    let out = tempfile::tempdir().unwrap();
    let pass = engine.pass(as_of(), out.path()).await.unwrap();
    assert_eq!(pass.snapshot, "snapshot-1~DS21");
    assert_eq!(pass.withheld[0].purpose, Purpose::Monitoring);
    assert_eq!(households(&out.path().join("households.parquet"))[&1].unknown, "poor");
    let sql = engine.script(as_of(), out.path()).unwrap();
    assert!(!sql.iter().any(|(_, sql)| sql.contains("DS21")), "the statements read it all the same");

    let trials = engine.trials(as_of()).await.unwrap();
    assert_eq!(trials.snapshot_id(), engine.readable_id(Purpose::Statistics, as_of()));
    let trial = trials.simulate(&[]).await.unwrap();
    assert_eq!((trial.snapshot.as_str(), trial.withheld[0].purpose), ("snapshot-1~DS21", Purpose::Statistics));
}

#[tokio::test]
async fn a_renewal_that_the_installation_records_opens_the_source_again() {
    let (engine, _dir) = engine_where(|a| ended(a), "DS21");
    let until = |until: &str| Renewal { source: "DS21".into(), number: "GX-21".into(), until: day(until) };
    let renewed = engine.with_renewals(vec![until("2027-03-31")]);
    assert_eq!(assets(&check(&renewed).await), Answer::Holds);
    // A department may also end it early.
    let (sound, _dir) = engine_where(|_| {}, "DS21");
    let ended = sound.with_renewals(vec![until("2026-05-31")]);
    assert_eq!(assets(&check(&ended).await), Answer::Unknown);
}

#[tokio::test]
async fn a_finding_is_made_again_as_it_was_whatever_was_agreed_since() {
    let (engine, _dir) = engine_where(|a| ended(a), "DS21");
    let then = check(&engine).await;
    let until = Renewal { source: "DS21".into(), number: "GX-21".into(), until: day("2027-03-31") };
    let renewed = engine.with_renewals(vec![until]);
    assert_ne!(check(&renewed).await, then);
    assert_eq!(check(&renewed.as_then(then.withheld.clone())).await, then);
}

#[tokio::test]
async fn an_incremental_pass_notices_that_a_source_may_no_longer_be_read() {
    let (engine, _dir) = engine_where(|_| {}, "DS21");
    let dirs = [(); 3].map(|()| tempfile::tempdir().unwrap());
    engine.pass(as_of(), dirs[0].path()).await.unwrap();
    let until = Renewal { source: "DS21".into(), number: "GX-21".into(), until: day("2026-05-31") };
    let ended = engine.with_renewals(vec![until]);
    let since = ended.pass_since(as_of(), dirs[0].path(), dirs[1].path()).await.unwrap();
    let full = ended.pass(as_of(), dirs[2].path()).await.unwrap();
    assert_eq!((since.tiers, since.withheld), (full.tiers, full.withheld));
    let of = |i: usize| households(&dirs[i].path().join("households.parquet"))[&1].unknown.clone();
    assert_eq!((of(1), of(2)), ("poor".to_owned(), "poor".to_owned()));
}

#[tokio::test]
async fn without_an_agreement_on_the_register_there_is_an_error_that_says_so() {
    let (engine, _dir) = engine_where(|a| a.clear(), "DS01");
    let out = tempfile::tempdir().unwrap();
    let error = engine.pass(as_of(), out.path()).await.unwrap_err();
    assert!(matches!(error, EngineError::Withheld(_)), "{error}");
    assert!(error.to_string().contains("DS01") && error.to_string().contains("conclude one"), "{error}");
    let error = engine.check(HouseholdId(1), as_of(), &[]).await.unwrap_err();
    assert!(matches!(error, EvaluateError::Withheld(_)), "{error}");
}
