//! One family of the fictional district, its officers, and an engine that answers what a test tells it.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, LazyLock, Mutex},
};
use tuodi_access::{Access, Account, Actor, NewAccount, Role, accounts};
use tuodi_casework::{
    CaseNo, Channel, ConsentForm, Cx, FamilySignature, Mark, MemberFinding, Proposal, QueueFilter, Signature,
    VisitForm, Visitor, WorkAbility,
};
use tuodi_pack::{
    AlertFinding, Answer, CheckResult, ConditionResult, Evaluate, EvaluateError, FactValue, Fen, HouseholdId,
    OverlayRow, Pack, PersonId, ProgrammeResult, id_no::IdNo,
};
use tuodi_registry::{IdentityBook, PersonRecord};
use tuodi_store::{Entry, MigrationTrait, Store};

pub const VILLAGE: &str = "990102001001";
pub const TOWNSHIP: &str = "990102001000";
pub const OTHER_TOWNSHIP: &str = "990102002000";
pub const COUNTY: &str = "990102000000";

pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    let mut all = tuodi_registry::migrations();
    all.extend(tuodi_access::migrations());
    all.extend(tuodi_casework::migrations());
    all
}

/// The district's pack, read once for all tests.
pub fn pack() -> Arc<Pack> {
    static PACK: LazyLock<Arc<Pack>> = LazyLock::new(|| {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/qingyan");
        Arc::new(Pack::load(&dir).unwrap_or_else(|problems| panic!("{problems}")))
    });
    PACK.clone()
}

/// The policies, parsed once for all tests.
pub fn access() -> Access {
    static ACCESS: LazyLock<Access> = LazyLock::new(|| Access::new().expect("the policies parse"));
    ACCESS.clone()
}

pub fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).unwrap()
}

/// Ten in the morning in Beijing.
pub fn morning(date: NaiveDate) -> DateTime<Utc> {
    Utc.from_utc_datetime(&date.and_hms_opt(2, 0, 0).unwrap())
}

/// A district with one family: father 45, mother 42, son 12 (worked case 2).
pub struct District {
    pub store: Store,
    pub access: Access,
    pub pack: Arc<Pack>,
    pub household: HouseholdId,
    pub father: PersonId,
    pub mother: PersonId,
    pub son: PersonId,
}

pub fn person(number: &str, name: &str, household: &str, relation: &str) -> PersonRecord {
    PersonRecord {
        household_no: Some(household.to_owned()),
        name: Some(name.to_owned()),
        phone: None,
        address: Some("柳岸社区7栋".to_owned()),
        region_code: Some(VILLAGE.to_owned()),
        relation: Some(relation.to_owned()),
        registered: true,
        ..PersonRecord::new(IdNo::parse(number).unwrap())
    }
}

pub fn entry(act: &str) -> Entry {
    Entry {
        at: morning(day(2026, 7, 1)),
        actor: "system".to_owned(),
        role: "R00".to_owned(),
        act: act.to_owned(),
        subject: "test".to_owned(),
        region: COUNTY.to_owned(),
        details: serde_json::json!({}),
    }
}

pub async fn district(store: Store) -> District {
    let people = vec![
        person("990102198104120036", "安建国", "H1", "01"),
        person("990102198309200021", "柳秀英", "H1", "10"),
        person("990102201406010013", "安小石", "H1", "20"),
    ];
    let mut book = IdentityBook::load(&store).await.unwrap();
    let ids = book.take(&store, people, entry("people.take")).await.unwrap();
    let household = tuodi_registry::household_of(&store, ids[0]).await.unwrap().unwrap();
    District { store, access: access(), pack: pack(), household, father: ids[0], mother: ids[1], son: ids[2] }
}

pub fn actor(role: Role, account: &str, region: &str) -> Actor {
    Actor { account: account.to_owned(), name: account.to_owned(), role, region: region.to_owned(), ..Actor::system() }
}

impl District {
    pub fn cx(&self, actor: Actor, channel: Channel, date: NaiveDate) -> Cx {
        Cx {
            store: self.store.clone(),
            access: self.access.clone(),
            pack: self.pack.clone(),
            actor,
            channel,
            now: morning(date),
        }
    }

    pub fn citizen(&self, date: NaiveDate) -> Cx {
        let mut citizen = actor(Role::Applicant, "c-father", VILLAGE);
        citizen.person = Some(self.father);
        citizen.household = Some(self.household);
        self.cx(citizen, Channel::Online, date)
    }

    pub fn officer(&self, date: NaiveDate) -> Cx {
        self.cx(actor(Role::TownshipOfficer, "t-officer", TOWNSHIP), Channel::Window, date)
    }

    /// Another officer of the same township.
    pub fn second_officer(&self, date: NaiveDate) -> Cx {
        self.cx(actor(Role::TownshipOfficer, "t-second", TOWNSHIP), Channel::Window, date)
    }

    /// Somebody who reads the public notices, without an account.
    pub fn passer_by(&self, date: NaiveDate) -> Cx {
        self.cx(Actor::public(), Channel::Online, date)
    }

    pub fn leader(&self, date: NaiveDate) -> Cx {
        self.cx(actor(Role::TownshipLeader, "t-leader", TOWNSHIP), Channel::Window, date)
    }

    pub fn district_officer(&self, date: NaiveDate) -> Cx {
        self.cx(actor(Role::DistrictOfficer, "d-officer", COUNTY), Channel::Window, date)
    }

    pub fn reviewer(&self, date: NaiveDate) -> Cx {
        self.cx(actor(Role::Reviewer, "d-reviewer", COUNTY), Channel::Window, date)
    }

    /// The whole form, as the family types it.
    pub fn form(&self) -> BTreeMap<String, String> {
        let mut fields: BTreeMap<String, String> = [
            ("reasons", "illness,income"),
            ("phone", "139 0000 0000"),
            ("bank", "清晏农商银行"),
            ("account", "6200 0000 0000 1234 567"),
            ("fin_assets", "6,500"),
            ("vehicle_value", "0"),
            ("company_capital", "0"),
            ("self_paid_medical_12m", "6000"),
            ("home_count", "1"),
            ("truth", "yes"),
        ]
        .into_iter()
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .collect();
        for member in [self.father, self.mother, self.son] {
            fields.insert(format!("member.{member}"), "here".to_owned());
        }
        fields.insert(format!("wage_month.{}", self.father), "1,800".to_owned());
        fields.insert(format!("other_income_month.{}", self.father), "0".to_owned());
        fields.insert(format!("wage_month.{}", self.mother), "0".to_owned());
        fields.insert(format!("other_income_month.{}", self.mother), "0".to_owned());
        fields
    }

    pub async fn consents(&self, cx: &Cx, case: &CaseNo) {
        for (person, name) in [(self.father, "安建国"), (self.mother, "柳秀英")] {
            let form = ConsentForm { person, name: name.to_owned(), mark: Mark::Typed, evidence: None };
            tuodi_casework::give_consent(cx, case, form).await.unwrap();
        }
    }

    /// A submitted and accepted application of 2026-07-06.
    pub async fn accepted(&self) -> CaseNo {
        self.accepted_with(self.form()).await
    }

    /// The form with what the platform's own step asks for besides.
    pub fn whole_form(&self) -> BTreeMap<String, String> {
        let mut form = self.form();
        form.insert("relative".to_owned(), "no".to_owned());
        form
    }

    /// Finds the same, and departments confirm everything that the family declared.
    pub fn knowing(&self) -> Engine {
        let of = |person, name: &str, value: &str| FactValue {
            name: name.to_owned(),
            person_id: person,
            value: Some(value.to_owned()),
            unit: "fen".to_owned(),
        };
        let mut more = vec![of(None, "household_oop_12m", "600000")];
        for (person, income) in [(self.father, "180000"), (self.mother, "0")] {
            more.push(of(Some(person), "own_income_month", income));
            more.push(of(Some(person), "income_known", "true"));
        }
        Engine { more, ..Engine::dibao() }
    }

    /// A visit with every item of the assessment answered.
    pub fn whole_visit(&self, on: NaiveDate) -> VisitForm {
        let items = self.pack.assessment.items.iter();
        let answers = items.map(|item| (item.id.clone(), item.choices[0].id.clone())).collect();
        VisitForm { answers, ..self.visit(on) }
    }

    /// Everything answered, checked and visited.
    pub async fn surveyed_whole(&self, engine: &Engine, form: BTreeMap<String, String>) -> CaseNo {
        let case = self.accepted_with(form).await;
        let officer = self.officer(day(2026, 7, 8));
        tuodi_casework::run_check(&officer, engine, &case, self.version(&case).await).await.unwrap();
        let version = self.version(&case).await;
        tuodi_casework::record_visit(&officer, engine, &case, version, self.whole_visit(day(2026, 7, 8)))
            .await
            .unwrap();
        case
    }

    pub async fn accepted_with(&self, form: BTreeMap<String, String>) -> CaseNo {
        let citizen = self.citizen(day(2026, 7, 6));
        let case = tuodi_casework::open_draft(&citizen, self.father).await.unwrap();
        let saved = tuodi_casework::save_step(&citizen, &case, 1, "check", form).await.unwrap();
        self.consents(&citizen, &case).await;
        let version = self.version(&case).await;
        assert!(saved.errors.is_empty(), "{:?}", saved.errors);
        tuodi_casework::submit(&citizen, &case, version, &format!("submit-{case}")).await.unwrap();
        case
    }

    /// Checked and visited, without differences.
    pub async fn surveyed(&self, engine: &Engine) -> CaseNo {
        let case = self.accepted().await;
        let officer = self.officer(day(2026, 7, 8));
        tuodi_casework::run_check(&officer, engine, &case, self.version(&case).await).await.unwrap();
        let version = self.version(&case).await;
        tuodi_casework::record_visit(&officer, engine, &case, version, self.visit(day(2026, 7, 8))).await.unwrap();
        case
    }

    pub async fn reviewed(&self, engine: &Engine) -> CaseNo {
        let case = self.surveyed(engine).await;
        let officer = self.officer(day(2026, 7, 9));
        let version = self.version(&case).await;
        tuodi_casework::give_opinion(&officer, &case, version, dibao(), "", "opinion-1").await.unwrap();
        case
    }

    /// Posted on 2026-07-10, hanging to the 17th.
    pub async fn publicised(&self, engine: &Engine) -> CaseNo {
        let case = self.reviewed(engine).await;
        let version = self.version(&case).await;
        let leader = self.leader(day(2026, 7, 10));
        tuodi_casework::sign_opinion(&leader, &case, version, true, "", "sign-1").await.unwrap();
        case
    }

    pub async fn confirming(&self, engine: &Engine) -> CaseNo {
        let case = self.publicised(engine).await;
        let ended =
            tuodi_casework::end_due_publicity(&self.cx(Actor::system(), Channel::System, day(2026, 7, 18))).await;
        assert_eq!(ended.unwrap(), 1);
        case
    }

    pub fn visit(&self, on: NaiveDate) -> VisitForm {
        let finding = |person, ability| MemberFinding {
            person,
            self_care_fail: Some(0),
            work_ability: ability,
            has_able_supporter: Some(true),
            lives_here: Some(true),
            serious_disease: None,
            wage_month: None,
        };
        VisitForm {
            visited_on: on,
            visitors: vec![
                Visitor { account: Some("t-officer".to_owned()), name: "许静".to_owned() },
                Visitor { account: Some("v-officer".to_owned()), name: "何敏".to_owned() },
            ],
            members: vec![
                finding(self.father, Some(WorkAbility::Full)),
                finding(self.mother, Some(WorkAbility::NoAbility)),
            ],
            seen: Vec::new(),
            answers: BTreeMap::new(),
            signatures: vec![Some(signature()), Some(signature())],
            family: Some(FamilySignature::Signed(signature())),
            papers: Vec::new(),
            note: String::new(),
        }
    }

    pub async fn version(&self, case: &CaseNo) -> i32 {
        self.row(case).await.version
    }

    /// The case as the district's queue shows it.
    pub async fn row(&self, case: &CaseNo) -> tuodi_casework::QueueRow {
        let cx = self.reviewer(day(2026, 7, 6));
        let filter = QueueFilter { search: case.0.clone(), ..QueueFilter::default() };
        let page = tuodi_casework::queue(&cx, &filter).await.unwrap();
        page.rows.into_iter().next().expect("the case is in the district's queue")
    }

    pub async fn acts(&self, case: &CaseNo) -> Vec<String> {
        let rows = tuodi_store::journal::entries_of(&self.store, &case.subject()).await.unwrap();
        rows.into_iter().map(|row| row.act).collect()
    }
}

/// One drawn on a screen.
pub fn signature() -> Signature {
    let mut png = Vec::new();
    let ink = image::RgbImage::from_fn(32, 12, |x, _| image::Rgb([if x < 16 { 20 } else { 255 }; 3]));
    ink.write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
    Signature::Drawn(tuodi_casework::papers::Content::read(&png).unwrap())
}

pub fn dibao() -> Proposal {
    Proposal::Approve { programme: "dibao".to_owned(), monthly: Fen::yuan(2540) }
}

/// Answers as told; remembers what it was asked with.
pub struct Engine {
    pub tier: String,
    pub monthly: Fen,
    /// Savings as banks answer, in fen; none where no bank answered.
    pub fin_assets: Option<i64>,
    pub assets_answer: Answer,
    /// Ids of matters that follow.
    pub matters: Vec<String>,
    /// Facts of people and of the household besides.
    pub more: Vec<FactValue>,
    pub alerts: Vec<AlertFinding>,
    pub asked: Mutex<Vec<Vec<OverlayRow>>>,
    /// What verifications read for.
    pub read_for: Mutex<Vec<tuodi_pack::Purpose>>,
}

impl Engine {
    pub fn dibao() -> Engine {
        Engine {
            tier: "dibao".to_owned(),
            monthly: Fen::yuan(2540),
            fin_assets: Some(650_000),
            assets_answer: Answer::Holds,
            matters: Vec::new(),
            more: Vec::new(),
            alerts: Vec::new(),
            asked: Mutex::new(Vec::new()),
            read_for: Mutex::default(),
        }
    }
}

fn fact(name: &str, value: Option<i64>) -> FactValue {
    FactValue { name: name.to_owned(), person_id: None, value: value.map(|v| v.to_string()), unit: "fen".to_owned() }
}

#[async_trait]
impl Evaluate for Engine {
    async fn read_for(
        &self,
        purpose: tuodi_pack::Purpose,
        household_id: HouseholdId,
        as_of: NaiveDate,
        overlay: &[OverlayRow],
    ) -> Result<CheckResult, EvaluateError> {
        self.read_for.lock().unwrap().push(purpose);
        self.check_under(household_id, as_of, as_of, overlay).await
    }

    async fn check_under(
        &self,
        household_id: HouseholdId,
        as_of: NaiveDate,
        law_of: NaiveDate,
        overlay: &[OverlayRow],
    ) -> Result<CheckResult, EvaluateError> {
        self.asked.lock().unwrap().push(overlay.to_vec());
        let condition = |name: &str, answer, measure, line, facts| ConditionResult {
            name: name.to_owned(),
            answer,
            person_id: None,
            facts,
            measure,
            line,
            margin: None,
            unit: "fen/month".to_owned(),
            basis: "DB57 art.8".to_owned(),
            rows: Vec::new(),
            parameters: Vec::new(),
            changes: Vec::new(),
        };
        // 82,000 of 288,000 a month (worked case 2)
        let income = condition("income_below_line", Answer::Holds, Some(82_000), Some(288_000), Vec::new());
        let assets = condition(
            "fin_assets_within",
            self.assets_answer,
            self.fin_assets,
            Some(6_912_000),
            vec![
                fact("fin_assets", self.fin_assets),
                fact("home_count", Some(1)),
                fact("vehicle_value_max", Some(0)),
                fact("company_capital", Some(0)),
            ],
        );
        let programme = ProgrammeResult {
            programme: "dibao".to_owned(),
            kind: Default::default(),
            per: Default::default(),
            parts: Vec::new(),
            answer: Answer::all([Answer::Holds, self.assets_answer]),
            person_id: None,
            conditions: vec![income, assets],
            monthly: (self.tier == "dibao").then_some(self.monthly),
            amount_facts: vec![fact("dibao_standard", Some(96_000)), fact("income_known_month", Some(82_000))],
            changes: Vec::new(),
        };
        Ok(CheckResult {
            household_id,
            as_of,
            law_of: (law_of != as_of).then_some(law_of),
            pack_version: "2026.1".to_owned(),
            snapshot: "snapshot-1".to_owned(),
            tier: self.tier.clone(),
            monthly: self.monthly,
            income_pc: Some(Fen(27_333)),
            programmes: vec![programme],
            alerts: self.alerts.clone(),
            labels: Vec::new(),
            needs: Vec::new(),
            matters: self.matters.clone(),
            points: 0,
            level: None,
            decided_by: None,
            compared: vec![
                fact("fin_assets", self.fin_assets),
                fact("home_count", Some(1)),
                fact("vehicle_value_max", Some(0)),
                fact("company_capital", Some(0)),
            ]
            .into_iter()
            .chain(self.more.clone())
            .collect(),
            rows: Vec::new(),
            withheld: Vec::new(),
        })
    }
}

/// An account of an office. Signs nobody in; so any password does.
pub async fn account(store: &Store, id: &str, role: Role, region: &str) {
    let account = Account {
        id: id.to_owned(),
        name: format!("{id}的名字"),
        role,
        region: region.to_owned(),
        person: None,
        household: None,
        demo: false,
    };
    let new = NewAccount { account, password: "long enough".to_owned() };
    accounts::create(store, new, entry("account.create")).await.unwrap();
}

/// A judgement that rests on no document.
pub fn judged(use_: tuodi_casework::Use, reason: &str) -> tuodi_casework::Judgement {
    tuodi_casework::Judgement { use_, reason: reason.to_owned(), paper: None }
}
