//! Help in an emergency (急难型临时救助): first the help, then the papers (LS18).
//!
//! Somebody tells of it, one visit or call makes sure, the township hands out what is needed within hours; papers follow, then
//! what else is due, or the way to other help. No economic check and no publicity come before help. An emergency is no
//! recognition case: a household may have one of those open meanwhile, and who is on no register here is helped too.
//!
//! Whoever verified, paid or proposed does not decide. What is late is told upwards and opens a task for a person; nothing is
//! asked back by itself, and nobody is sent away by a machine.

mod decide;
mod late;
pub(crate) mod migration;
mod papers;
mod pay;
mod report;
mod reserve;
pub(crate) mod tables;
mod view;

pub(crate) use self::reserve::paid_of_funds;
pub use self::{
    decide::{Decision, Proposal, decide_emergency, propose_help},
    late::tell_late_emergencies,
    papers::{Papers, excuse_papers, record_papers},
    pay::{Payment, Way, pay_advance, pay_second},
    report::{Found, Report, Reported, Source, report_emergency, verify_emergency},
    reserve::{ReserveBook, ReserveLine, reserve_books, top_up},
    view::{EmergencyFilter, EmergencyRow, EmergencyView, Paid, Proposed, emergencies, emergency},
};

use crate::{
    CaseError, Cx, FieldError,
    change::NOTHING_DUE,
    error::Result,
    tables::{case_file, emergency as file, reserve_entry},
};
use chrono::{DateTime, Days, NaiveDate, TimeZone, Utc};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tuodi_access::{Act, Grant, Resource, Sensitivity};
use tuodi_pack::{HouseholdId, Pack, codes, emergency::Emergency};
use tuodi_store::{Recorded, Tx};

const SEALED: &str = "emergency.content";
const SEALED_FOUND: &str = "emergency.found";
const SEALED_PAPERS: &str = "emergency.papers";
const SEALED_PROPOSAL: &str = "emergency.proposal";
const SEALED_DECISION: &str = "emergency.decision";
const SEALED_PAYMENT: &str = "emergency.payment";
const WHO: &str = "emergency.who";
const MOST_TEXT: usize = 2000;
const MOST_LINE: usize = 200;

codes! {
    /// Where an emergency is.
    EmergencyState {
        Reported = "reported", "待核实", "to be verified";
        Verified = "verified", "待先行救助", "first help due";
        Advanced = "advanced", "待补手续", "papers to follow";
        /// The papers never came: a person looks into it.
        Chasing = "chasing", "手续逾期，待人工处理", "papers late, to be looked into";
        Documented = "documented", "待提出后续救助", "what follows to be proposed";
        Proposed = "proposed", "待审批", "to be decided";
        Granted = "granted", "待付后续救助", "second part to be paid";
        Closed = "closed", "已办结", "finished";
    }
}

codes! {
    /// What somebody does next.
    EmergencyAct {
        Verify = "verify", "核实", "verify";
        Advance = "advance", "先行救助", "first help";
        Papers = "papers", "补手续", "papers";
        Excuse = "excuse", "手续逾期处理", "settle late papers";
        Propose = "propose", "提出后续救助", "propose what follows";
        Decide = "decide", "审批", "decide";
        Second = "second", "付后续救助", "pay the second part";
    }
}

impl EmergencyAct {
    /// The states in which it can be done.
    pub fn in_state(self, state: EmergencyState) -> bool {
        use EmergencyState as S;
        match self {
            EmergencyAct::Verify => state == S::Reported,
            EmergencyAct::Advance => state == S::Verified,
            // Who can wait for the money may have the papers first.
            EmergencyAct::Papers => matches!(state, S::Verified | S::Advanced | S::Chasing),
            EmergencyAct::Excuse => state == S::Chasing,
            EmergencyAct::Propose => state == S::Documented,
            EmergencyAct::Decide => state == S::Proposed,
            EmergencyAct::Second => state == S::Granted,
        }
    }

    pub(crate) fn permission(self) -> Act {
        match self {
            EmergencyAct::Verify => Act::RecordVisit,
            EmergencyAct::Advance | EmergencyAct::Papers | EmergencyAct::Second => Act::GrantEmergency,
            EmergencyAct::Propose => Act::Review,
            EmergencyAct::Decide | EmergencyAct::Excuse => Act::Decide,
        }
    }
}

/// Who it is and what was told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    pub name: String,
    pub id_no: String,
    pub phone: String,
    pub place: String,
    /// Each time somebody told of it, oldest first.
    pub words: Vec<String>,
}

fn rules(cx: &Cx) -> Result<&Emergency> {
    let rules = cx.pack.workflow.emergency.as_ref();
    rules.ok_or_else(|| CaseError::NotFound { kind: "emergency lane of the pack", id: String::new() })
}

fn subject(no: &str) -> String {
    format!("emergency:{no}")
}

fn state_of(row: &file::Model) -> EmergencyState {
    // Only this room writes the column, from the same enum.
    EmergencyState::from_id(&row.state).unwrap_or(EmergencyState::Closed)
}

async fn load(conn: &impl ConnectionTrait, no: &str) -> Result<file::Model> {
    file::Entity::find_by_id(no.to_owned())
        .one(conn)
        .await?
        .ok_or_else(|| CaseError::NotFound { kind: "emergency", id: no.to_owned() })
}

/// As the page showed it, and at a state in which this is done.
async fn load_for(tx: &Tx, no: &str, version: i32, act: EmergencyAct) -> Result<file::Model> {
    let row = load(tx.conn(), no).await?;
    if row.version != version {
        return Err(CaseError::EmergencyChanged { no: no.to_owned() });
    }
    if act.in_state(state_of(&row)) { Ok(row) } else { Err(CaseError::EmergencyStage { no: no.to_owned() }) }
}

/// Officers who are relatives of the household keep out of this too (DB57 art. 11).
async fn relatives(conn: &impl ConnectionTrait, row: &file::Model) -> Result<Vec<String>> {
    let Some(household) = row.household_id else { return Ok(Vec::new()) };
    let lists: Vec<Option<String>> = case_file::Entity::find()
        .select_only()
        .column(case_file::Column::KeptOut)
        .filter(case_file::Column::HouseholdId.eq(household))
        .filter(case_file::Column::KeptOut.is_not_null())
        .into_tuple()
        .all(conn)
        .await?;
    let all: BTreeSet<String> =
        lists.iter().flatten().flat_map(|l| l.split(',')).filter(|a| !a.is_empty()).map(str::to_owned).collect();
    Ok(all.into_iter().collect())
}

/// Asks the policies about one emergency.
async fn authorise(cx: &Cx, act: Act, row: &file::Model, excluded: Vec<String>) -> Result<Grant> {
    let mut resource = Resource::general("emergency", row.no.as_str(), row.region_code.as_str());
    resource.sensitivity = Sensitivity::Personal;
    resource.owner = row.household_id.map(HouseholdId);
    if act == Act::Decide && township_decides(cx, row) {
        // Up to the limit the county has given the decision to the township (IM art. 48).
        resource = resource.assigned_to([cx.actor.account.clone()]);
    }
    let resource = resource.excluding(excluded).excluding(relatives(cx.store.read(), row).await?);
    Ok(cx.access.authorise(&cx.actor, act, &resource, "emergency help")?)
}

/// Who may not decide: whoever verified, paid or proposed.
async fn kept_out(conn: &impl ConnectionTrait, row: &file::Model) -> Result<Vec<String>> {
    let paid = payments_of(conn, &row.no).await?.into_iter().map(|p| p.entered_by);
    Ok([row.verified_by.clone(), row.proposed_by.clone()].into_iter().flatten().chain(paid).collect())
}

/// Who does this act besides those whom the law keeps out.
async fn authorise_act(cx: &Cx, act: EmergencyAct, row: &file::Model) -> Result<Grant> {
    let excluded = match act {
        EmergencyAct::Decide | EmergencyAct::Excuse => kept_out(cx.store.read(), row).await?,
        // Who decides and who pays are two.
        EmergencyAct::Second => row.decided_by.clone().into_iter().collect(),
        _ => Vec::new(),
    };
    authorise(cx, act.permission(), row, excluded).await
}

/// Whether what is proposed, or was handed out where nothing is proposed, is within the township's own limit.
fn township_decides(cx: &Cx, row: &file::Model) -> bool {
    let Some(rules) = cx.pack.workflow.emergency.as_ref() else { return false };
    decider(&cx.pack, row, cx.today()).is_some_and(|by| by.id == rules.township)
}

fn decider<'p>(pack: &'p Pack, row: &file::Model, on: NaiveDate) -> Option<&'p tuodi_pack::decider::DecidedBy> {
    let programme = pack.programme(&pack.workflow.emergency.as_ref()?.programme)?;
    pack.decider(programme, tuodi_pack::Fen(row.total.unwrap_or(0)), &row.region_code, on)
}

async fn payments_of(conn: &impl ConnectionTrait, no: &str) -> Result<Vec<reserve_entry::Model>> {
    Ok(reserve_entry::Entity::find().filter(reserve_entry::Column::EmergencyNo.eq(no)).all(conn).await?)
}

async fn paid_so_far(conn: &impl ConnectionTrait, no: &str) -> Result<i64> {
    Ok(payments_of(conn, no).await?.iter().map(|p| p.amount).sum())
}

/// The end of a day in Beijing.
fn end_of(day: NaiveDate) -> DateTime<Utc> {
    let next = (day + Days::new(1)).and_hms_opt(0, 0, 0).unwrap_or_default();
    Utc.from_utc_datetime(&next) - chrono::Duration::hours(8)
}

/// Puts an emergency at a state, with what the list sorts by.
fn put(cx: &Cx, row: &mut file::Model, state: EmergencyState) -> Result<()> {
    row.state = state.id().to_owned();
    row.is_open = state != EmergencyState::Closed;
    row.raised = None;
    row.due_at = match state {
        EmergencyState::Reported | EmergencyState::Verified => row.advance_due,
        EmergencyState::Advanced | EmergencyState::Chasing => end_of(row.papers_due.unwrap_or(cx.today())),
        EmergencyState::Closed => {
            row.closed_on = Some(cx.today());
            end_of(NOTHING_DUE - Days::new(1))
        }
        EmergencyState::Documented | EmergencyState::Proposed | EmergencyState::Granted => {
            let due = crate::limits::stage_due(&cx.pack, Some(&rules(cx)?.programme), "confirming", cx.today())?;
            end_of(due.unwrap_or(NOTHING_DUE - Days::new(1)))
        }
    };
    Ok(())
}

/// Writes it one version on, with its journal entry, which names nobody. The new version.
async fn save(
    tx: &Tx,
    cx: &Cx,
    mut row: file::Model,
    act: &'static str,
    details: serde_json::Value,
) -> Result<Recorded<i32>> {
    let (no, before) = (row.no.clone(), row.version);
    row.version += 1;
    let entry = cx.entry(act, subject(&no), &row.region_code, details);
    let saved = file::Entity::update_many()
        .set(row.into_active_model().reset_all())
        .filter(file::Column::No.eq(no.as_str()))
        .filter(file::Column::Version.eq(before))
        .exec(tx.conn())
        .await?;
    // Somebody else was first.
    if saved.rows_affected == 1 {
        Ok(Recorded::new(before + 1, entry))
    } else {
        Err(CaseError::EmergencyChanged { no })
    }
}

/// Words that are asked for: trimmed, and a problem where there are none or too many.
fn words(field: &str, text: &str, needed: bool, errors: &mut Vec<FieldError>) -> String {
    let text = text.trim().to_owned();
    if needed && text.is_empty() {
        errors.push(FieldError::new(field, "error.required"));
    } else if text.chars().count() > MOST_TEXT {
        errors.push(FieldError::new(field, "error.too_long"));
    }
    text
}

/// One line of the same.
fn line(field: &str, text: &str, needed: bool, errors: &mut Vec<FieldError>) -> String {
    let text = text.trim().to_owned();
    if needed && text.is_empty() {
        errors.push(FieldError::new(field, "error.required"));
    } else if text.chars().count() > MOST_LINE {
        errors.push(FieldError::new(field, "error.too_long"));
    }
    text
}

/// A moment that was: not before `from`, not after now.
fn moment(
    cx: &Cx,
    field: &str,
    at: Option<DateTime<Utc>>,
    from: DateTime<Utc>,
    errors: &mut Vec<FieldError>,
) -> DateTime<Utc> {
    match at {
        Some(at) if at >= from && at <= cx.now => tuodi_store::micros(at),
        _ => {
            errors.push(FieldError::new(field, "error.moment"));
            cx.at()
        }
    }
}

fn fine(errors: Vec<FieldError>) -> Result<()> {
    if errors.is_empty() { Ok(()) } else { Err(CaseError::Invalid(errors)) }
}
