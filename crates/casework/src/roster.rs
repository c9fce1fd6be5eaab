//! Taking over recipients from the roster (DS05): each becomes a case that is assisted, with its benefit and the
//! date of its next check. Taken over once, however often the roster comes.

use crate::{
    CaseNo, CaseState, NextStep,
    application::at_level,
    change::NOTHING_DUE,
    cx::beijing_date,
    decision::first_of_month,
    error::Result,
    tables::{benefit, case_event, case_file},
};
use chrono::{DateTime, Datelike, Months, NaiveDate, SubsecRound, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use serde_json::json;
use std::collections::HashSet;
use tuodi_pack::{Fen, HouseholdId, Pack, PersonId, region::RegionLevel};
use tuodi_store::{Entry, Recorded, Store, insert_models, next_numbers};

/// One certificate of the roster: a household in one programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterRow {
    /// The certificate's number as a token of the pool.
    pub certificate: String,
    pub applicant: PersonId,
    pub household: HouseholdId,
    pub programme: String,
    pub monthly: Fen,
    pub members: i32,
    pub start_date: NaiveDate,
    pub region_code: String,
    /// A, B or C.
    pub class: Option<String>,
    pub last_reverify: Option<NaiveDate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Imported {
    pub cases: u64,
    /// Known already, or twice in the list.
    pub skipped: u64,
}

/// Rows of one INSERT: 31 columns a case stay below SQLite's 32,766 bound values.
const CHUNK: usize = 1_000;

fn key(row: &RosterRow) -> String {
    format!("{}:{}", row.certificate, row.programme)
}

/// Takes recipients over. Rows of programmes the pack does not know are taken too: they are paid all the same.
pub async fn import_roster(store: &Store, pack: &Pack, rows: Vec<RosterRow>, now: DateTime<Utc>) -> Result<Imported> {
    let known: Vec<Option<String>> = benefit::Entity::find()
        .select_only()
        .column(benefit::Column::RosterKey)
        .filter(benefit::Column::RosterKey.is_not_null())
        .into_tuple()
        .all(store.read())
        .await?;
    let mut known: HashSet<String> = known.into_iter().flatten().collect();
    let all = rows.len() as u64;
    let fresh: Vec<RosterRow> = rows.into_iter().filter(|row| known.insert(key(row))).collect();
    let taken = fresh.len() as u64;
    for chunk in fresh.chunks(CHUNK) {
        take_chunk(store, pack, chunk.to_vec(), now).await?;
    }
    Ok(Imported { cases: taken, skipped: all - taken })
}

async fn take_chunk(store: &Store, pack: &Pack, rows: Vec<RosterRow>, now: DateTime<Utc>) -> Result<()> {
    let (prefix, jurisdiction) = (pack.info.case_prefix.clone(), pack.info.jurisdiction.clone());
    let at = now.trunc_subsecs(6);
    let checks: Vec<_> = rows.iter().map(|row| next_reverify(pack, row, beijing_date(at))).collect();
    store
        .write(move |tx| {
            Box::pin(async move {
                let year = beijing_date(at).year();
                let mut files = Vec::with_capacity(rows.len());
                let mut benefits = Vec::with_capacity(rows.len());
                let mut events = Vec::with_capacity(rows.len());
                let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
                let first = next_numbers(tx, &format!("case:{year}"), count).await?;
                for (number, (row, check)) in (first..).zip(rows.iter().zip(checks)) {
                    let case = CaseNo::new(&prefix, year, number);
                    files.push(file_of(&case, row, check, at));
                    benefits.push(benefit_of(&case, row, check));
                    events.push(event_of(&case, at));
                }
                insert_models(tx, files).await?;
                insert_models(tx, benefits).await?;
                insert_models(tx, events).await?;
                let entry = Entry {
                    at,
                    actor: "system".to_owned(),
                    role: "R00".to_owned(),
                    act: "case.take_over".to_owned(),
                    subject: "roster:DS05".to_owned(),
                    region: jurisdiction,
                    details: json!({ "cases": rows.len() }),
                };
                Ok::<_, crate::CaseError>(Recorded::new((), entry))
            })
        })
        .await
}

/// By the periods of the day on which it is taken over.
fn next_reverify(pack: &Pack, row: &RosterRow, today: NaiveDate) -> Option<NaiveDate> {
    let months = pack.check_months(row.class.as_deref(), &row.region_code, today)?;
    Some(row.last_reverify.unwrap_or(row.start_date) + Months::new(months))
}

fn file_of(case: &CaseNo, row: &RosterRow, check: Option<NaiveDate>, at: DateTime<Utc>) -> case_file::ActiveModel {
    case_file::Model {
        case_no: case.0.clone(),
        state: CaseState::Assisting.id().to_owned(),
        next_step: NextStep::Reverify.id().to_owned(),
        is_open: false,
        waits: false,
        channel: "system".to_owned(),
        household_id: row.household.0,
        applicant_id: row.applicant.0,
        members: row.members,
        region_code: row.region_code.clone(),
        township: at_level(&row.region_code, RegionLevel::Township),
        county: at_level(&row.region_code, RegionLevel::County),
        tier: None,
        programme: Some(row.programme.clone()),
        monthly: Some(row.monthly.0),
        step_due: check,
        total_due: None,
        due_on: check.unwrap_or(NOTHING_DUE),
        submitted_on: None,
        accepted_on: None,
        decided_on: Some(row.start_date),
        decided_days: None,
        checked: false,
        visited: false,
        assignee: None,
        raised: None,
        step_since: None,
        noted: false,
        kept_out: None,
        alert_task: None,
        version: 1,
        opened_at: at,
        updated_at: at,
    }
    .into_active_model()
    .reset_all()
}

fn benefit_of(case: &CaseNo, row: &RosterRow, check: Option<NaiveDate>) -> benefit::ActiveModel {
    benefit::ActiveModel {
        id: NotSet,
        case_no: Set(case.0.clone()),
        household_id: Set(row.household.0),
        payee_id: Set(row.applicant.0),
        region_code: Set(row.region_code.clone()),
        township: Set(at_level(&row.region_code, RegionLevel::Township)),
        county: Set(at_level(&row.region_code, RegionLevel::County)),
        programme: Set(row.programme.clone()),
        monthly: Set(row.monthly.0),
        members: Set(row.members),
        from_month: Set(first_of_month(row.start_date)),
        to_month: Set(None),
        // The finance bureau pays them to cards it keeps; this platform has never had their accounts.
        pay_route: Set("finance_card".to_owned()),
        roster_key: Set(Some(key(row))),
        class: Set(row.class.clone()),
        last_reverify: Set(row.last_reverify),
        next_reverify: Set(check),
        status: Set("active".to_owned()),
        pays_from: Set(None),
        arithmetic: Set(None),
        hold: Set(None),
        known_on: Set(Some(row.start_date)),
    }
}

fn event_of(case: &CaseNo, at: DateTime<Utc>) -> case_event::ActiveModel {
    case_event::ActiveModel {
        id: NotSet,
        case_no: Set(case.0.clone()),
        at: Set(at),
        act: Set("case.take_over".to_owned()),
        from_state: Set(None),
        to_state: Set(CaseState::Assisting.id().to_owned()),
        actor: Set("system".to_owned()),
        role: Set("R00".to_owned()),
        channel: Set("system".to_owned()),
        details: Set(json!({ "source": "DS05" })),
    }
}
