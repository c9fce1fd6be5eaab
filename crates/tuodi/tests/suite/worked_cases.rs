//! The worked cases of the pack as new applications: departments' files through intake, the rest typed into the pages by
//! officers, the decision's letter read at the end.

use crate::{
    browser::{Answer, Browser, PASSWORD, SIGNED},
    common::{District, json, repository},
};
use axum::http::StatusCode;
use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use std::{
    collections::BTreeMap,
    fmt::Write,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};
use toml::{Table, Value};
use tuodi::installation::Installation;
use tuodi_access::{Account, NewAccount, Role, accounts};
use tuodi_pack::{
    Fen, Pack, PersonId,
    assessment::Answers,
    case::WorkedCase,
    id_no::{IdNo, check_character},
    source::{Column, ColumnType, Origin, Source},
};
use tuodi_store::{Entry, Store};

/// Those that begin with an application. The others tell of people who are helped already.
const CASES: &[&str] = &[
    "case-01",
    "case-02",
    "case-03",
    "case-04",
    "case-05",
    "case-06",
    "case-07-fail-0",
    "case-07-fail-3",
    "case-07-fail-4",
    "case-09-before",
    "case-11-x",
    "case-11-y",
    "case-12-before",
    "case-13-wage-0",
    "case-13-wage-1000",
    "case-13-wage-1371",
    "case-13-wage-1372",
    "case-13-wage-2000",
    "case-14-before",
    "case-14",
    "case-15",
    "case-16",
    "case-17",
    "case-20",
];

struct Case {
    of: WorkedCase,
    numbers: BTreeMap<i64, IdNo>,
    village: String,
    answers: Answers,
}

impl Case {
    fn read(pack: &Pack, at: usize, id: &str) -> Case {
        let of = pack.cases.iter().find(|c| c.id == id).expect("a case of the pack").clone();
        let registered = || of.rows.iter().filter(|row| row.source == "DS01").map(|row| &row.values);
        let numbers = registered().map(|values| {
            let person = values["person_id"].as_integer().expect("a person");
            (person, number(at, person, values))
        });
        Case {
            numbers: numbers.collect(),
            village: registered().next().expect("a person")["reg_region_code"].as_str().expect("a region").to_owned(),
            answers: of
                .assessment
                .as_ref()
                .map_or_else(Answers::new, |a| pack.assessment.answers_of(a).expect("answers of the pack")),
            of,
        }
    }

    fn county(&self) -> &str {
        &self.village[..6]
    }

    /// What the household declares or the visit finds, by person (none: the household), the last of each.
    fn told(&self, source: &str) -> BTreeMap<Option<i64>, Table> {
        let mut told: BTreeMap<Option<i64>, Table> = BTreeMap::new();
        for row in self.of.rows.iter().filter(|row| row.source == source) {
            let person = row.values.get("person_id").and_then(Value::as_integer);
            told.entry(person).or_default().extend(row.values.clone());
        }
        told
    }
}

/// A number of the unreal region that fits the person: born on the day, odd for men.
fn number(case: usize, person: i64, values: &Table) -> IdNo {
    let text = |name: &str| values[name].as_str().expect("a text");
    let serial = case as i64 * 20 + person * 2 + i64::from(text("sex") == "male");
    let first = format!("{}{}{serial:03}", &text("reg_region_code")[..6], text("birth_date").replace('-', ""));
    let check = check_character(&first).expect("seventeen digits");
    IdNo::parse(&format!("{first}{check}")).expect("a whole number")
}

/// One file a source with every case's rows, as the contract words it.
fn departments_write(pack: &Pack, cases: &[Case], dir: &std::path::Path) {
    std::fs::create_dir_all(dir).expect("a folder");
    for source in pack.sources.iter().filter(|s| s.origin == Origin::Department) {
        let mut lines = Vec::new();
        for (at, case) in cases.iter().enumerate() {
            for row in case.of.rows.iter().filter(|row| row.source == source.id) {
                let cells =
                    source.columns.iter().map(|column| cell(source, column, &row.values, at, case, lines.len()));
                lines.push(cells.collect::<Vec<_>>());
            }
        }
        if lines.is_empty() {
            continue;
        }
        let mut file = csv::Writer::from_path(dir.join(format!("{}.csv", source.id))).expect("a file");
        file.write_record(source.columns.iter().map(|c| c.title.zh.as_str())).expect("a header");
        for line in lines {
            file.write_record(line).expect("a row");
        }
        file.flush().expect("the file is whole");
    }
}

/// A value as the department writes it; what the case leaves open and the contract wants is a plain nothing.
fn cell(source: &Source, column: &Column, values: &Table, at: usize, case: &Case, row: usize) -> String {
    let given = column.pool_name().and_then(|name| values.get(&name));
    let person = |value: &Value| {
        let id = value.as_integer().expect("a person's number");
        case.numbers
            .get(&id)
            .unwrap_or_else(|| panic!("{}: person {id} is in no register", case.of.id))
            .as_str()
            .to_owned()
    };
    match (column.kind, given) {
        (ColumnType::IdNo, Some(value)) => person(value),
        (ColumnType::HouseholdNo, Some(value)) => format!("H{at}-{value}"),
        (ColumnType::Token, Some(value)) => format!("{at}-{}", value.as_str().expect("a text")),
        (_, Some(Value::String(text))) => text.clone(),
        (_, Some(value)) => value.to_string(),
        (ColumnType::Name, None) => {
            let person = values.get("person_id").and_then(Value::as_integer).unwrap_or(1);
            let given = ["明", "芳", "军", "敏"][person as usize % 4];
            format!("案{}{given}", ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸"][at % 10])
        }
        (_, None) if column.null => String::new(),
        (ColumnType::Address, None) => "石桥路1号".to_owned(),
        (ColumnType::Phone, None) => "13900000000".to_owned(),
        (ColumnType::Token, None) => format!("{}-{at}-{row}", source.id),
        (ColumnType::Date, None) => "2026-01-05".to_owned(),
        (ColumnType::Datetime, None) => "2026-01-05T09:00:00Z".to_owned(),
        (ColumnType::Region, None) => case.village.clone(),
        (ColumnType::Enum, None) => column.codes.keys().next().expect("a code").clone(),
        (ColumnType::Bool, None) => "false".to_owned(),
        (ColumnType::Str | ColumnType::Code, None) => "0".to_owned(),
        (ColumnType::Money | ColumnType::Int | ColumnType::Decimal, None) => "0".to_owned(),
        (kind, None) => panic!("{}: {} is wanted ({kind:?})", source.id, column.name),
    }
}

/// The product over the cases' data, with a clock that stands where it is put.
struct Office {
    app: axum::Router,
    store: Store,
    seconds: Arc<AtomicI64>,
    _district: District,
}

impl Office {
    async fn open(cases: &[Case]) -> Office {
        let district = District::empty();
        let installation = Installation::open(district.data().as_ref()).expect("an installation");
        departments_write(&installation.pack, cases, district.files().as_ref());
        let taken = json(&["intake", &district.files(), "--data", &district.data(), "--as-of", "2026-09-30"]);
        assert_eq!(taken["rows_quarantined"], 0, "{taken}");
        assert_eq!(taken["refused"], 0, "{taken}");
        let (mut state, _) = tuodi::verbs::serve::state(installation, false).await.expect("the product starts");
        let seconds = Arc::new(AtomicI64::new(0));
        let clock = seconds.clone();
        state.clock =
            Arc::new(move || DateTime::<Utc>::from_timestamp(clock.load(Ordering::Relaxed), 0).expect("a moment"));
        let store = state.store.clone();
        let office = Office { app: tuodi_web::router(state), store, seconds, _district: district };
        let mut places: Vec<(&str, &str)> = cases.iter().map(|c| (c.county(), c.village.as_str())).collect();
        places.sort_unstable();
        places.dedup_by_key(|(county, _)| *county);
        for (county, village) in places {
            for (role, region) in [
                (Role::TownshipOfficer, format!("{}000", &village[..9])),
                (Role::VillageOfficer, village.to_owned()),
                (Role::TownshipLeader, format!("{}000", &village[..9])),
                (Role::Reviewer, format!("{county}000000")),
            ] {
                office.account(county, role, region).await;
            }
        }
        office
    }

    async fn account(&self, county: &str, role: Role, region: String) {
        let account = Account {
            id: format!("{}-{county}", role.name()),
            name: role.name().to_owned(),
            role,
            region: region.clone(),
            person: None,
            household: None,
            demo: false,
        };
        let entry = Entry {
            at: DateTime::<Utc>::UNIX_EPOCH,
            actor: "system".to_owned(),
            role: Role::System.id().to_owned(),
            act: "account.create".to_owned(),
            subject: format!("account:{}", account.id),
            region,
            details: serde_json::json!({}),
        };
        let new = NewAccount { account, password: PASSWORD.to_owned() };
        accounts::create(&self.store, new, entry).await.expect("an account");
    }

    /// Nine in the morning in Beijing.
    fn on(&self, day: NaiveDate) {
        let at = day.and_time(NaiveTime::from_hms_opt(1, 0, 0).expect("an hour")).and_utc();
        self.seconds.store(at.timestamp(), Ordering::Relaxed);
    }

    async fn seat(&self, case: &Case, role: Role) -> Browser {
        let mut browser = Browser::over(self.app.clone());
        browser.sign_in(&format!("{}-{}", role.name(), case.county())).await;
        browser
    }
}

#[track_caller]
fn went(case: &Case, answer: &Answer) {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}: {}", case.of.id, plain(&answer.body));
}

/// A page as it is read: without its marks.
fn plain(page: &str) -> String {
    let from = page.find("<main").unwrap_or(0);
    let until = page.find("</main>").unwrap_or(page.len());
    let (mut out, mut inside) = (String::new(), false);
    for c in page[from..until].replace("</td>", " | ").replace("</p>", "\n").replace("</tr>", "\n").chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    let lines = out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Yuan as typed; what the case does not say the applicant does not know.
fn amount(fields: &mut Vec<(String, String)>, name: String, value: Option<i64>) {
    match value {
        Some(fen) => fields.push((name, format!("{}.{:02}", fen / 100, fen % 100))),
        None => fields.push(("unknown".to_owned(), name)),
    }
}

async fn post(browser: &mut Browser, page: &Answer, address: &str, fields: &[(String, String)]) -> Answer {
    let pairs: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    browser.post(page, address, &pairs).await
}

fn pair(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

/// Members of the applicant's household on the form, by the case's own numbers.
async fn members(office: &Office, case: &Case, form: &Answer) -> BTreeMap<i64, PersonId> {
    let numbers: Vec<IdNo> = case.numbers.values().cloned().collect();
    let found = tuodi_registry::find_numbers(&office.store, &numbers).await.expect("the register answers");
    let mut members = BTreeMap::new();
    for (own, number) in &case.numbers {
        let (person, _) = found[number];
        if form.body.contains(&format!("name=\"member.{person}\"")) {
            members.insert(*own, person);
        }
    }
    members
}

/// At the window: found by number, the form typed, everybody's consent on paper. Gives the case's number and its members.
async fn applies(office: &Office, case: &Case, officer: &mut Browser) -> (String, BTreeMap<i64, PersonId>) {
    let page = officer.get("/desk/intake/new").await;
    let number = case.numbers[&1].as_str();
    let found = officer.post(&page, "/desk/intake/find", &[("q", number)]).await;
    let person = found.hidden("person");
    let opened = officer.post(&found, "/desk/intake", &[("person", &person)]).await;
    went(case, &opened);
    let no = opened.location().rsplit('/').next().expect("a number").to_owned();
    let address = format!("/desk/intake/{no}");
    let form = officer.get(&address).await;
    let members = members(office, case, &form).await;

    let declared = case.told("PF01");
    let of =
        |person: Option<i64>, name: &str| declared.get(&person).and_then(|v| v.get(name)).and_then(Value::as_integer);
    // One page for all: what several members declare is put together as the contract says.
    let all = |name: &str| {
        let each = members.keys().filter_map(|m| of(Some(*m), name)).collect::<Vec<_>>();
        of(None, name).or_else(|| (!each.is_empty()).then(|| each.iter().sum()))
    };
    let mut fields =
        vec![pair("reasons", "income"), pair("truth", "yes"), pair("mark", "paper"), pair("act", "submit")];
    for (own, person) in &members {
        fields.push((format!("member.{person}"), "here".to_owned()));
        fields.push(pair("consent", person.to_string()));
        // What the household has in common stands with whoever applies.
        let shared = |name| of(Some(*own), name).or_else(|| of(None, name).filter(|_| *own == 1));
        amount(&mut fields, format!("wage_month.{person}"), shared("wage_month"));
        amount(&mut fields, format!("other_income_month.{person}"), shared("other_income_month"));
    }
    for name in ["fin_assets", "vehicle_value", "company_capital", "self_paid_medical_12m", "home_count"] {
        amount(&mut fields, name.to_owned(), all(name));
    }
    for name in ["education_12m", "rehabilitation_12m"] {
        if let Some(fen) = all(name) {
            amount(&mut fields, name.to_owned(), Some(fen));
        }
    }
    fields.extend([pair("version", form.hidden("version")), pair("key", form.hidden("key"))]);
    went(case, &post(officer, &form, &address, &fields).await);
    (no, members)
}

async fn visited(case: &Case, no: &str, members: &BTreeMap<i64, PersonId>, officer: &mut Browser) {
    let address = format!("/desk/cases/{no}/visit");
    let page = officer.get(&address).await;
    let mut fields = vec![
        pair("version", page.hidden("version")),
        pair("visited_on", case.of.as_of.to_string()),
        pair("visitor.0", "township_officer"),
        pair("account.0", format!("township_officer-{}", case.county())),
        pair("visitor.1", "village_officer"),
        pair("account.1", format!("village_officer-{}", case.county())),
    ];
    fields.extend(SIGNED.map(|(name, value)| pair(name, value)));
    fields.extend(case.answers.iter().map(|(item, choice)| (item.clone(), choice.clone())));
    for (own, values) in case.told("PF02") {
        let Some(person) = own.and_then(|own| members.get(&own)) else { continue };
        if let Some(failed) = values.get("self_care_fail").and_then(Value::as_integer) {
            let items = ["eat", "dress", "bed", "toilet", "walk", "wash"];
            let failed = &items[..failed as usize];
            for item in if failed.is_empty() { &["none"][..] } else { failed } {
                fields.push((format!("self_care.{person}"), (*item).to_owned()));
            }
        }
        for (name, field) in [("has_able_supporter", "supporter"), ("serious_disease", "disease")] {
            if let Some(yes) = values.get(name).and_then(Value::as_bool) {
                fields.push((format!("{field}.{person}"), if yes { "yes" } else { "no" }.to_owned()));
            }
        }
        if let Some(wage) = values.get("wage_month").and_then(Value::as_integer) {
            fields.push((format!("wage.{person}"), (wage / 100).to_string()));
        }
    }
    let pairs: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    went(case, &officer.post_parts(&page, &address, &pairs).await);
}

/// Posts a form of the case's page with its version.
async fn act(case: &Case, no: &str, browser: &mut Browser, last: &str, fields: &[(String, String)]) -> Answer {
    let page = browser.get(&format!("/desk/cases/{no}")).await;
    assert_eq!(page.status, StatusCode::OK, "{}: {}", case.of.id, plain(&page.body));
    let mut all = vec![pair("version", page.hidden("version"))];
    all.extend_from_slice(fields);
    post(browser, &page, &format!("/desk/cases/{no}/{last}"), &all).await
}

/// The same with the page that asks for confirmation in between.
async fn act_twice(case: &Case, no: &str, browser: &mut Browser, last: &str, fields: &[(String, String)]) {
    let confirm = act(case, no, browser, last, fields).await;
    assert_eq!(confirm.status, StatusCode::OK, "{}: {}", case.of.id, plain(&confirm.body));
    let mut all = fields.to_vec();
    all.extend([pair("version", confirm.hidden("version")), pair("confirm", "yes")]);
    went(case, &post(browser, &confirm, &format!("/desk/cases/{no}/{last}"), &all).await);
}

/// From the window to the decision, of which the engine must have said what the case expects; gives the letter.
async fn played(office: &Office, case: &Case) -> String {
    office.on(case.of.as_of);
    let mut officer = office.seat(case, Role::TownshipOfficer).await;
    let (no, members) = applies(office, case, &mut officer).await;
    went(case, &act(case, &no, &mut officer, "check", &[]).await);
    visited(case, &no, &members, &mut officer).await;
    let home = format!("/desk/cases/{no}");
    for _ in 0..12 {
        let page = officer.get(&home).await;
        let Some(id) = page.body.split(&format!("{home}/differences/")).nth(1) else { break };
        let last = format!("differences/{}", id.split('"').next().expect("a number"));
        let answer = act(case, &no, &mut officer, &last, &[pair("use", "found"), pair("reason", "按核对结果")]).await;
        went(case, &answer);
    }
    let seen = plain(&officer.get(&home).await.body);
    let monthly = Fen(case.of.expect.monthly);
    if monthly.0 > 0 {
        let said = format!("{} 元/月", monthly);
        assert!(seen.contains(&said), "{}: the engine should say {said}:\n{seen}", case.of.id);
    }
    let yuan = format!("{}.{:02}", monthly.0 / 100, monthly.0 % 100);
    let proposal = match case.of.expect.tier.as_str() {
        "none" => {
            vec![pair("outcome", "refuse"), pair("reason_code", tuodi_casework::REFUSAL_CODES[0].0)]
        }
        tier => vec![pair("outcome", "approve"), pair("programme", tier), pair("monthly", yuan)],
    };
    let keyed =
        |key: &str| [proposal.clone(), vec![pair("text", "按规定审核"), pair("key", format!("{key}-{no}"))]].concat();
    went(case, &act(case, &no, &mut officer, "opinion", &keyed("opinion")).await);
    let mut leader = office.seat(case, Role::TownshipLeader).await;
    act_twice(case, &no, &mut leader, "sign", &[pair("agree", "yes"), pair("key", format!("sign-{no}"))]).await;
    office.on(case.of.as_of + Duration::days(9));
    let mut officer = office.seat(case, Role::TownshipOfficer).await;
    if officer.get(&home).await.body.contains("/end-publicity") {
        went(case, &act(case, &no, &mut officer, "end-publicity", &[]).await);
    }
    let mut reviewer = office.seat(case, Role::Reviewer).await;
    act_twice(case, &no, &mut reviewer, "decide", &keyed("decide")).await;
    let page = reviewer.get(&home).await;
    let mark = format!("{home}/notices/");
    let letters = page.body.split(&mark).skip(1).map(|l| l.split('"').next().expect("a number"));
    let mut letter = String::new();
    for number in letters {
        let page = reviewer.get(&format!("{home}/notices/{number}")).await;
        assert_eq!(page.status, StatusCode::OK);
        let text = plain(&page.body);
        if text.contains("确认告知书") {
            letter = text;
        }
    }
    assert!(!letter.is_empty(), "{}: no letter of the decision", case.of.id);
    letter
}

#[test]
fn every_worked_case_that_begins_with_an_application_ends_in_its_tier_its_amount_and_its_letter() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .thread_stack_size(32 << 20)
        .enable_all()
        .build()
        .expect("a runtime");
    let pack = Pack::load(&repository().join("packs/qingyan")).expect("the district's pack loads");
    let cases: Vec<Case> = CASES.iter().enumerate().map(|(at, id)| Case::read(&pack, at, id)).collect();
    let office = runtime.block_on(Office::open(&cases));
    let (mut letters, mut failed) = (String::new(), Vec::new());
    for case in &cases {
        // One that fails does not hide the others.
        match catch_unwind(AssertUnwindSafe(|| runtime.block_on(played(&office, case)))) {
            Ok(letter) => writeln!(letters, "===== {}\n{letter}\n", case.of.id).expect("a text grows"),
            Err(_) => failed.push(case.of.id.as_str()),
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
    insta::assert_snapshot!("letters", letters);
}
