//! The small installation of `support` with everybody who works in an office, an engine that finds, a pool that has
//! batches, an alert, and a clock that can be set forward.

#![allow(dead_code, reason = "each test file uses a part")]

pub mod trials;
pub mod ways;

use crate::support::{self, PASSWORD, Site, VILLAGE, entry, morning, pack, site};
use async_trait::async_trait;
use chrono::{Duration, NaiveDate};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use tuodi_access::{Account, NewAccount, Role, accounts};
use tuodi_feeds::{Arrival, Scores};
use tuodi_pack::{
    Answer, CheckResult, ConditionResult, Evaluate, EvaluateError, FactValue, Fen, HouseholdId, OverlayRow, Pack,
    ProgrammeResult, SourceRow,
    indicator::{Level, Severity},
};
use tuodi_watch::{NewAlert, Run};
use tuodi_web::{AppState, BatchFigure, DataError, DataFigures, FundFigure, FundState, PassFigure};

pub const TOWNSHIP: &str = "990102001000";
pub const DISTRICT: &str = "990102000000";
/// In the evidence of the alert, which a grid worker must not see.
pub const SECRET_AMOUNT: &str = "54,321";

/// Finds that the minimum living guarantee is due, and savings that nobody declared.
struct Finder(Arc<Pack>, Disputed);

/// The household and the person about whose wage sources contradict each other, where a test wants one.
pub type Disputed = Arc<std::sync::Mutex<Option<(HouseholdId, tuodi_pack::PersonId)>>>;

/// What the tax office and the declaration say of that person.
fn contradicting(disputed: &Disputed) -> Vec<FactValue> {
    let Some((_, person)) = *disputed.lock().expect("a lock") else { return Vec::new() };
    [
        ("wage_disputed", "true"),
        ("taxed_wage_month", "520000"),
        ("declared_wage_month", "180000"),
        ("wage_counted_month", "520000"),
    ]
    .map(|(name, value)| FactValue {
        name: name.to_owned(),
        person_id: Some(person),
        value: Some(value.to_owned()),
        unit: "fen/month".to_owned(),
    })
    .into()
}

#[async_trait]
impl Evaluate for Finder {
    async fn check_under(
        &self,
        household: HouseholdId,
        as_of: NaiveDate,
        _: NaiveDate,
        _: &[OverlayRow],
    ) -> Result<CheckResult, EvaluateError> {
        let rules = self.0.programme("dibao").expect("the district has dibao");
        let fact = |name: &str, value: &str, unit: &str| FactValue {
            name: name.to_owned(),
            person_id: None,
            value: Some(value.to_owned()),
            unit: unit.to_owned(),
        };
        let condition = |c: &tuodi_pack::programme::Condition| ConditionResult {
            name: c.name.clone(),
            answer: Answer::Holds,
            person_id: None,
            facts: vec![fact("fin_assets", "1845000", "fen"), fact("home_count", "1", "homes")],
            measure: c.measure.is_some().then_some(100),
            line: c.line.is_some().then_some(900),
            margin: c.measure.is_some().then_some(800),
            unit: c.unit.clone(),
            basis: c.basis.clone(),
            rows: vec![0],
            parameters: Vec::new(),
            changes: Vec::new(),
        };
        let row = SourceRow {
            source: "DS21".to_owned(),
            batch: "b-1".to_owned(),
            row: 7,
            person_id: None,
            arrived: "2026-11-16T02:00:00Z".to_owned(),
            values: serde_json::Map::new(),
        };
        Ok(CheckResult {
            household_id: household,
            as_of,
            law_of: None,
            pack_version: "2026.1".to_owned(),
            snapshot: "test".to_owned(),
            tier: "dibao".to_owned(),
            monthly: Fen::yuan(1724),
            income_pc: Some(Fen::yuan(620)),
            programmes: vec![ProgrammeResult {
                programme: "dibao".to_owned(),
                kind: Default::default(),
                per: Default::default(),
                parts: Vec::new(),
                answer: Answer::Holds,
                person_id: None,
                conditions: rules.conditions.iter().map(condition).collect(),
                monthly: Some(Fen::yuan(1724)),
                amount_facts: vec![fact("size", "3", "persons")],
                changes: Vec::new(),
            }],
            alerts: Vec::new(),
            labels: Vec::new(),
            needs: Vec::new(),
            matters: Vec::new(),
            points: 0,
            level: None,
            decided_by: None,
            compared: [fact("fin_assets", "1845000", "fen"), fact("home_count", "1", "homes")]
                .into_iter()
                .chain(contradicting(&self.1))
                .collect(),
            rows: vec![row],
            withheld: Vec::new(),
        })
    }

    async fn check_known(
        &self,
        _: tuodi_pack::Purpose,
        household: HouseholdId,
        as_of: NaiveDate,
        _: NaiveDate,
    ) -> Result<CheckResult, EvaluateError> {
        self.check(household, as_of, &[]).await
    }
}

/// One clean batch and one with a row put aside.
struct Batches(Disputed);

pub const QUARANTINED: &str =
    "姓名,_batch,_row,_column,_reason_code,_reason\n某人,b-2,4,id_no,bad_id_no,身份号码的校验码不对\n";

#[async_trait]
impl DataFigures for Batches {
    async fn batches(&self) -> Result<Vec<BatchFigure>, DataError> {
        let batch = |batch: &str, source: &str, aside| BatchFigure {
            batch: batch.to_owned(),
            source: source.to_owned(),
            file: format!("{source}.csv"),
            rows_read: 1_284,
            rows_taken: 1_284 - aside,
            rows_quarantined: aside,
            arrived: morning() - Duration::days(1),
            arrival: Arrival {
                batch: batch.to_owned(),
                group: batch.to_owned(),
                at: morning() - Duration::days(1),
                taken: true,
                from_file: true,
                contract_version: 1,
                scores: Scores {
                    completeness: Some(100.0),
                    validity: Some(if aside > 0 { 91.5 } else { 100.0 }),
                    uniqueness: Some(100.0),
                    timeliness: Some(100.0),
                    consistency: None,
                },
                reasons: (aside > 0).then(|| ("E01".to_owned(), aside)).into_iter().collect(),
            },
        };
        // What one mended row became; it stands with the list that it belongs to.
        let one = batch("b-one", "DS02", 0);
        let arrival = Arrival { group: "b-2".to_owned(), ..one.arrival };
        let one = BatchFigure { rows_read: 1, rows_taken: 1, arrival, ..one };
        Ok(vec![batch("b-2", "DS02", 1), batch("b-1", "DS21", 0), one])
    }

    async fn quarantine(&self, batch: &str) -> Result<Option<Vec<u8>>, DataError> {
        Ok((batch == "b-2").then(|| QUARANTINED.as_bytes().to_vec()))
    }

    async fn last_pass(&self) -> Result<Option<PassFigure>, DataError> {
        Ok(Some(PassFigure {
            run: "run-1".to_owned(),
            as_of: morning().date_naive(),
            finished: morning(),
            people: 3,
            households: 1,
            tiers: vec![("dibao".to_owned(), 1), ("none".to_owned(), 5)],
            alerts: 1,
            pack_version: "2026.1".to_owned(),
        }))
    }

    async fn needs(&self) -> Result<Option<Arc<tuodi_web::NeedFigures>>, DataError> {
        let disputed = *self.0.lock().expect("a lock");
        let all = disputed.into_iter().map(|(household, _)| tuodi_web::NeedFigure {
            household,
            region: VILLAGE.to_owned(),
            services: vec!["F01".to_owned(), "E01".to_owned()],
            labels: vec!["medical_burden".to_owned()],
        });
        let as_of = morning().date_naive();
        Ok(Some(Arc::new(tuodi_web::NeedFigures { run: "run-1".to_owned(), as_of, all: all.collect() })))
    }

    async fn history(
        &self,
        _: tuodi_pack::HouseholdId,
        _: &[tuodi_pack::PersonId],
        _: &[String],
    ) -> Result<Vec<tuodi_web::SaidOnce>, DataError> {
        Ok(Vec::new())
    }

    async fn conflicts(
        &self,
        on: NaiveDate,
        _: &[tuodi_pack::Renewal],
    ) -> Result<Arc<tuodi_web::ConflictFigures>, DataError> {
        let disputed = *self.0.lock().expect("a lock");
        let all = disputed.into_iter().map(|(household, person)| tuodi_web::ConflictFigure {
            item: "wage".to_owned(),
            person,
            household,
            region: VILLAGE.to_owned(),
            facts: contradicting(&self.0),
        });
        Ok(Arc::new(tuodi_web::ConflictFigures { as_of: on, snapshot: "s-1".to_owned(), all: all.collect() }))
    }

    async fn funds(&self, _: NaiveDate, _: &[tuodi_pack::Renewal]) -> Result<Vec<FundFigure>, DataError> {
        let of = |programme: &str, month: u32, state, sum| FundFigure {
            source: "DS06".to_owned(),
            programme: programme.to_owned(),
            month: NaiveDate::from_ymd_opt(2026, month, 1).expect("a day"),
            region: VILLAGE.to_owned(),
            state,
            payments: 3,
            sum,
        };
        Ok(vec![
            of("dibao", 9, FundState::Paid, 123_457),
            of("dibao", 10, FundState::Paid, 100_001),
            of("dibao", 10, FundState::Returned, 5_000),
            of("temporary", 10, FundState::Paid, 200_000),
        ])
    }
}

pub struct Office {
    pub site: Site,
    days: Arc<AtomicI64>,
    pub ways: Arc<ways::Ways>,
    pub disputed: Disputed,
}

impl Office {
    pub fn pass(&self, days: i64) {
        self.days.fetch_add(days, Ordering::Relaxed);
    }
}

pub async fn office() -> Office {
    office_asking(Arc::new(tuodi_pack::ask::NotConnected)).await
}

/// The same with these connections to departments.
pub async fn office_asking(asks: Arc<dyn tuodi_pack::ask::AskSources>) -> Office {
    let mut site = site(false).await;
    // The whole list each time: what has run is known by its name.
    let mut migrations = tuodi_registry::migrations();
    migrations.extend(tuodi_access::migrations());
    migrations.extend(tuodi_casework::migrations());
    migrations.extend(tuodi_watch::migrations());
    migrations.extend(tuodi_feeds::migrations());
    migrations.extend(tuodi_inbox::migrations());
    site.store.migrate(migrations).await.expect("migrations run");
    for (id, name, role, region) in [
        ("officer2", "方志远", Role::TownshipOfficer, TOWNSHIP),
        ("leader", "许静", Role::TownshipLeader, TOWNSHIP),
        ("village", "何敏", Role::VillageOfficer, VILLAGE),
        ("checker", "罗新", Role::CheckCentre, DISTRICT),
        ("district", "沈立", Role::DistrictOfficer, DISTRICT),
        ("district2", "高原", Role::DistrictOfficer, DISTRICT),
        ("reviewer", "马学琴", Role::Reviewer, DISTRICT),
        ("steward", "吴桂英", Role::DataSteward, DISTRICT),
        ("auditor", "孙玉成", Role::Auditor, DISTRICT),
        ("city", "罗玉", Role::CityViewer, "990100000000"),
    ] {
        let account = Account {
            id: id.to_owned(),
            name: name.to_owned(),
            role,
            region: region.to_owned(),
            person: None,
            household: None,
            demo: true,
        };
        let new = NewAccount { account, password: PASSWORD.to_owned() };
        accounts::create(&site.store, new, entry("account.create")).await.expect("an account");
    }
    let pack = pack();
    let run = Run {
        id: "run-1".to_owned(),
        as_of: morning().date_naive(),
        pack_version: "2026.1".to_owned(),
        snapshot: "test".to_owned(),
    };
    let alert = NewAlert {
        indicator: "M001".to_owned(),
        severity: Severity::Orange,
        points: 0,
        household_id: site.household,
        person_id: None,
        region_code: VILLAGE.to_owned(),
        evidence: serde_json::json!({ "household_oop_12m": 5_432_100 }).to_string(),
        level: Level::Village,
        limit_days: 3,
    };
    tuodi_watch::raise(&site.store, &pack, &run, vec![alert], morning()).await.expect("the alert is raised");

    let ways = Arc::new(ways::Ways::new());
    let days = Arc::new(AtomicI64::new(0));
    let disputed = Disputed::default();
    let clock = days.clone();
    let state = AppState {
        store: site.store.clone(),
        access: crate::support::access(),
        engine: Arc::new(Finder(pack.clone(), disputed.clone())),
        asks,
        pack,
        data: Arc::new(Batches(disputed.clone())),
        held: Arc::new(support::HeldBy),
        ways: ways.clone(),
        trials: Arc::new(trials::Trials),
        clock: Arc::new(move || morning() + Duration::days(clock.load(Ordering::Relaxed))),
        tls: false,
        demo: false,
        demo_time: None,
    };
    site.app = tuodi_web::router(state);
    Office { site, days, ways, disputed }
}

/// What every page keeps, whatever it shows.
pub fn whole(answer: &support::Answer, address: &str) {
    assert!(!answer.body.contains('□'), "{address} misses a word");
    assert_eq!(answer.body.matches("<h1").count(), 1, "{address} has one heading");
    assert!(!answer.body.contains(" style="), "{address} has an inline style");
    let mut ids: Vec<&str> =
        answer.body.split(" id=\"").skip(1).map(|r| r.split('"').next().unwrap_or_default()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "{address} has an id twice");
}
