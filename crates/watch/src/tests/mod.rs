//! The room through its public face, on each database, by the rules of the fictional district.

#[path = "../../../casework/tests/suite/common/mod.rs"]
mod common;

mod bulk;
mod figures;
mod outcomes;
mod points;
mod raising;
mod reach;
mod rules;

use crate::{NewAlert, OutcomeCode, OutcomeForm, Raised, Run, TaskFilter, TaskRow, raise, tasks};
use chrono::NaiveDate;
use common::{COUNTY, District, VILLAGE, actor, day, district, migrations, morning};
use sea_orm::ConnectionTrait;
use serde_json::json;
use std::collections::BTreeMap;
use tuodi_access::Role;
use tuodi_casework::{Channel, Cx};
use tuodi_pack::{HouseholdId, id_no::check_character};
use tuodi_registry::IdentityBook;
use tuodi_store::{MigrationTrait, Store};

fn all_migrations() -> Vec<Box<dyn MigrationTrait>> {
    let mut all = migrations();
    all.extend(crate::migrations());
    all
}

/// Thursday of worked case 10.
fn thursday() -> NaiveDate {
    day(2026, 9, 3)
}

fn friday() -> NaiveDate {
    day(2026, 9, 4)
}

/// A finding on the family's household, as the pack declares the indicator, with its first fact at `measure`.
fn alert(d: &District, indicator: &str, measure: i64) -> NewAlert {
    let rule = d.pack.indicator(indicator).unwrap();
    let mut evidence = json!({});
    evidence[rule.evidence[0].as_str()] = json!(measure);
    NewAlert {
        indicator: indicator.to_owned(),
        severity: rule.severity,
        points: if rule.kind == tuodi_pack::indicator::Kind::Score { rule.points } else { 0 },
        household_id: d.household,
        person_id: None,
        region_code: VILLAGE.to_owned(),
        evidence: evidence.to_string(),
        level: rule.actor,
        limit_days: rule.limit_days,
    }
}

/// The same of another household.
fn at(d: &District, household_id: HouseholdId, region: &str, indicator: &str, measure: i64) -> NewAlert {
    NewAlert { household_id, region_code: region.to_owned(), ..alert(d, indicator, measure) }
}

/// More households of one elder each, registered where told.
async fn neighbours(d: &District, regions: &[&str]) -> Vec<HouseholdId> {
    let mut people = Vec::new();
    for (i, region) in regions.iter().enumerate() {
        let first = format!("99010219400101{:03}", 2 * i);
        let number = format!("{first}{}", check_character(&first).unwrap());
        let mut elder = common::person(&number, "何桂枝", &format!("N{i}"), "01");
        elder.region_code = Some((*region).to_owned());
        people.push(elder);
    }
    let mut book = IdentityBook::load(&d.store).await.unwrap();
    let ids = book.take(&d.store, people, common::entry("people.take")).await.unwrap();
    let mut households = Vec::new();
    for id in ids {
        households.push(tuodi_registry::household_of(&d.store, id).await.unwrap().unwrap());
    }
    households
}

async fn raise_on(d: &District, id: &str, alerts: Vec<NewAlert>, on: NaiveDate) -> Raised {
    let run = Run {
        id: id.to_owned(),
        as_of: on,
        pack_version: d.pack.info.version.clone(),
        snapshot: format!("snapshot-{id}"),
    };
    raise(&d.store, &d.pack, &run, alerts, morning(on)).await.unwrap()
}

fn village_officer(d: &District, on: NaiveDate) -> Cx {
    d.cx(actor(Role::VillageOfficer, "v-officer", VILLAGE), Channel::Visit, on)
}

fn grid_worker(d: &District, on: NaiveDate) -> Cx {
    d.cx(actor(Role::GridWorker, "g-worker", VILLAGE), Channel::Visit, on)
}

/// Everything of the district, open.
async fn open_tasks(d: &District, on: NaiveDate) -> Vec<TaskRow> {
    let cx = d.cx(actor(Role::DistrictOfficer, "d-officer", COUNTY), Channel::Window, on);
    tasks(&cx, &TaskFilter { per_page: 100, ..TaskFilter::default() }).await.unwrap().rows
}

async fn only_task(d: &District, on: NaiveDate) -> TaskRow {
    let mut rows = open_tasks(d, on).await;
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

/// A form that every code accepts: somebody was there, a note, the whole assessment.
fn form(d: &District, code: OutcomeCode, on: NaiveDate) -> OutcomeForm {
    let mut answers = BTreeMap::new();
    for item in &d.pack.assessment.items {
        let best = item.choices.iter().min_by_key(|c| c.score).unwrap();
        answers.insert(item.id.clone(), best.id.clone());
    }
    OutcomeForm {
        visited_on: on, with_whom: "户主本人".to_owned(), code, note: "已上门看过".to_owned(), answers
    }
}

/// One number from the database, for what no page shows.
async fn number(store: &Store, sql: &str) -> i64 {
    let statement = sea_orm::Statement::from_string(store.backend(), format!("SELECT COUNT(*) AS n FROM {sql}"));
    store.read().query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
}
