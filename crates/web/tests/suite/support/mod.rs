//! A small installation for page tests: the district's pack, one family, an account a role, no engine and no pool.

#![allow(dead_code, reason = "each test file uses a part")]

mod browser;
pub mod html;

pub use browser::{Answer, Browser, DRAWN, PASSWORD, SIGNED};

use async_trait::async_trait;
use axum::Router;
use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use std::{
    path::Path,
    sync::{Arc, LazyLock},
};
use tuodi_access::{Access, Account, NewAccount, Role, accounts};
use tuodi_pack::{
    CheckResult, Evaluate, EvaluateError, HouseholdId, OverlayRow, Pack, PersonId,
    id_no::{IdNo, check_character},
    trial::{Question, Standing, TrialError, TryOut},
};
use tuodi_registry::PersonRecord;
use tuodi_store::{Entry, Recorded, Store, StoreError};
use tuodi_testing::test_keys;
use tuodi_web::{
    AppState, BatchFigure, BatchStanding, DataError, DataFigures, FundFigure, OpenRows, PassFigure, SayError, Seen,
    WaysIn,
};

pub const VILLAGE: &str = "990102001001";

/// 20 November 2026, nine in the morning in Beijing: a Friday.
pub fn morning() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 20, 1, 0, 0).single().expect("a real moment")
}

/// The district's pack, read once for all tests.
pub fn pack() -> Arc<Pack> {
    static PACK: LazyLock<Arc<Pack>> = LazyLock::new(|| {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/qingyan");
        Arc::new(Pack::load(&dir).expect("the district's pack loads"))
    });
    PACK.clone()
}

/// The policies, parsed once for all tests.
pub fn access() -> Access {
    static ACCESS: LazyLock<Access> = LazyLock::new(|| Access::new().expect("the policies parse"));
    ACCESS.clone()
}

struct NoEngine;

#[async_trait]
impl Evaluate for NoEngine {
    async fn check_under(
        &self,
        _: HouseholdId,
        as_of: NaiveDate,
        _: NaiveDate,
        _: &[OverlayRow],
    ) -> Result<CheckResult, EvaluateError> {
        Err(EvaluateError::NoData(as_of))
    }
}

/// One row of everybody asked about.
/// What every source holds of everybody: one amount, by an agreement that holds on that morning alone.
pub struct HeldBy;

#[async_trait]
impl tuodi_pack::ask::HeldRows for HeldBy {
    async fn rows_of(
        &self,
        _: &str,
        on: NaiveDate,
        people: &[PersonId],
    ) -> Result<Vec<(usize, serde_json::Map<String, serde_json::Value>)>, tuodi_pack::ask::HeldError> {
        if on != morning().date_naive() {
            return Err(tuodi_pack::ask::HeldError::Withheld);
        }
        let row = serde_json::json!({ "amount": 1_724 });
        Ok((0..people.len()).map(|at| (at, row.as_object().expect("an object").clone())).collect())
    }
}

struct NoTrials;

#[async_trait]
impl TryOut for NoTrials {
    async fn ask(&self, question: Question) -> Standing {
        Standing::Failed(TrialError::NoData(question.as_of()))
    }
}

struct NoData;

#[async_trait]
impl DataFigures for NoData {
    async fn batches(&self) -> Result<Vec<BatchFigure>, DataError> {
        Ok(Vec::new())
    }
    async fn quarantine(&self, _: &str) -> Result<Option<Vec<u8>>, DataError> {
        Ok(None)
    }
    async fn last_pass(&self) -> Result<Option<PassFigure>, DataError> {
        Ok(None)
    }

    async fn needs(&self) -> Result<Option<Arc<tuodi_web::NeedFigures>>, DataError> {
        Ok(None)
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
        Ok(Arc::new(tuodi_web::ConflictFigures { as_of: on, snapshot: "s-1".to_owned(), all: Vec::new() }))
    }

    async fn funds(&self, _: NaiveDate, _: &[tuodi_pack::Renewal]) -> Result<Vec<FundFigure>, DataError> {
        Ok(Vec::new())
    }
}

pub struct NoWays;

#[async_trait]
impl WaysIn for NoWays {
    fn limit(&self) -> u64 {
        0
    }
    fn create(&self, _: &str, _: &str) -> Result<Box<dyn tuodi_web::Incoming>, DataError> {
        Err(DataError::Read("there is no spool here".into()))
    }
    fn drop_file(&self, _: &str) {}
    fn wake(&self) {}
    fn progress(&self, _: &str) -> Option<u64> {
        None
    }
    async fn look(&self, _: &tuodi_inbox::Job) -> Result<Vec<Seen>, DataError> {
        Ok(Vec::new())
    }
    async fn cells(&self, _: &str) -> Result<tuodi_web::Cells, DataError> {
        Err(DataError::Read("there is no spool here".into()))
    }
    async fn typed(
        &self,
        _: Vec<Vec<String>>,
        _: &str,
    ) -> Result<Result<Vec<tuodi_casework::verify::ReplyRow>, [tuodi_pack::Text; 3]>, DataError> {
        Ok(Ok(Vec::new()))
    }
    async fn standing(&self, _: &str) -> Result<Option<BatchStanding>, DataError> {
        Ok(None)
    }
    async fn open_rows(&self, _: &str) -> Result<Option<OpenRows>, DataError> {
        Ok(None)
    }
    async fn mend(&self, _: &str, _: &str, _: Vec<(i64, Vec<String>)>) -> Result<u64, DataError> {
        Err(DataError::Read("there is no spool here".into()))
    }
    async fn say(&self, _: &tuodi_access::Actor, _: &str, _: bool, _: &str, _: DateTime<Utc>) -> Result<(), SayError> {
        Err(SayError::NoBatch)
    }
}

pub struct Site {
    pub app: Router,
    pub store: Store,
    pub applicant: PersonId,
    pub spouse: PersonId,
    pub household: HouseholdId,
    _folder: tempfile::TempDir,
}

pub fn entry(act: &str) -> Entry {
    Entry {
        at: morning(),
        actor: "system".to_owned(),
        role: "R00".to_owned(),
        act: act.to_owned(),
        subject: "test:1".to_owned(),
        region: VILLAGE.to_owned(),
        details: serde_json::json!({}),
    }
}

fn record(birth: &str, serial: &str, name: &str) -> PersonRecord {
    let first17 = format!("990102{birth}{serial}");
    let check = check_character(&first17).expect("17 digits");
    let id_no = IdNo::parse(&format!("{first17}{check}")).expect("a number with its check character");
    PersonRecord { name: Some(name.to_owned()), region_code: Some(VILLAGE.to_owned()), ..PersonRecord::new(id_no) }
}

/// A couple with a child of nine, and accounts `citizen`, `officer`, `grid`, `admin`.
pub async fn site(demo: bool) -> Site {
    site_reached(demo, false).await
}

/// `tls`: by https, which a proxy ends.
pub async fn site_reached(demo: bool, tls: bool) -> Site {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite://{}", folder.path().join("tuodi.db").display());
    let store = Store::open(&url, test_keys()).await.expect("SQLite opens");
    let mut migrations = tuodi_registry::migrations();
    migrations.extend(tuodi_access::migrations());
    migrations.extend(tuodi_casework::migrations());
    store.migrate(migrations).await.expect("migrations run");

    let family = vec![
        record("19570316", "002", "刘桂芬"),
        record("19550120", "001", "周国栋"),
        record("20170601", "003", "周小满"),
    ];
    let (household, people) = store
        .write(move |tx| {
            Box::pin(async move {
                let mut people = Vec::new();
                for person in &family {
                    people.push(tuodi_registry::enter_person(tx, person).await.expect("the person is entered"));
                }
                let household = tuodi_registry::open_household(tx, VILLAGE, &people).await.expect("a household");
                Ok::<_, StoreError>(Recorded::new((household, people), entry("test.family")))
            })
        })
        .await
        .expect("the family is written");

    let account = |id: &str, name: &str, role: Role, region: &str, person: Option<PersonId>| NewAccount {
        account: Account {
            id: id.to_owned(),
            name: name.to_owned(),
            role,
            region: region.to_owned(),
            person,
            household: person.map(|_| household),
            demo: true,
        },
        password: PASSWORD.to_owned(),
    };
    for new in [
        account("citizen", "刘桂芬", Role::Applicant, VILLAGE, Some(people[0])),
        account("neighbour", "赵明", Role::Applicant, VILLAGE, None),
        account("officer", "陈立", Role::TownshipOfficer, "990102001000", None),
        account("grid", "何小敏", Role::GridWorker, VILLAGE, None),
        account("admin", "苏衡", Role::SystemAdmin, "990102000000", None),
    ] {
        accounts::create(&store, new, entry("account.create")).await.expect("an account");
    }

    let state = AppState {
        store: store.clone(),
        access: access(),
        pack: pack(),
        engine: Arc::new(NoEngine),
        asks: Arc::new(tuodi_pack::ask::NotConnected),
        data: Arc::new(NoData),
        held: Arc::new(HeldBy),
        ways: Arc::new(NoWays),
        trials: Arc::new(NoTrials),
        clock: Arc::new(morning),
        tls,
        demo,
        demo_time: None,
    };
    Site { app: tuodi_web::router(state), store, applicant: people[0], spouse: people[1], household, _folder: folder }
}

impl Browser {
    pub fn new(site: &Site) -> Browser {
        Browser::over(site.app.clone())
    }
}
