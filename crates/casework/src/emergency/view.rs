//! Emergencies as lists and pages show them, to those who may.

use super::{
    EmergencyAct, EmergencyState, SEALED, SEALED_DECISION, SEALED_FOUND, SEALED_PAPERS, SEALED_PROPOSAL, Told,
    authorise, authorise_act, decider, file, load, pay, payments_of, reserve, rules, state_of,
};
use crate::{CaseError, Cx, error::Result, queue::region_name, scope, tables::reserve_entry};
use chrono::{DateTime, Months, NaiveDate, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;
use tuodi_access::{Act, looks};
use tuodi_pack::{Fen, HouseholdId, PersonId, Text};
use tuodi_store::Page;

/// Which of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EmergencyFilter {
    pub closed: bool,
    /// Only what is late now.
    pub late: bool,
    pub page: u64,
    pub per_page: u64,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmergencyRow {
    pub no: String,
    pub state: EmergencyState,
    /// Id of the pack.
    pub kind: String,
    pub region: Text,
    pub name: String,
    pub told_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub late: bool,
    /// township, district
    pub raised: Option<String>,
    /// Handed out so far.
    pub paid: Fen,
    pub outcome: Option<String>,
    pub version: i32,
}

/// One payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    /// advance, second
    pub part: String,
    pub amount: Fen,
    pub way: String,
    pub source: String,
    pub at: DateTime<Utc>,
    pub paper: String,
    pub received_by: String,
    pub witness: String,
    pub goods: String,
    pub by: String,
}

/// What was proposed, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    pub total: Fen,
    pub referrals: Vec<String>,
    pub text: String,
    pub by: String,
    /// Day, who, whether they agreed, words, paper of the special review.
    pub decided: Option<(NaiveDate, String, bool, String, String)>,
}

/// One emergency, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmergencyView {
    pub row: EmergencyRow,
    pub who: Told,
    pub person: Option<PersonId>,
    pub household: Option<HouseholdId>,
    pub persons: u32,
    pub source: String,
    pub opened_by: String,
    pub advance_due: DateTime<Utc>,
    /// When, by whom, visit or call, what was found.
    pub verified: Option<(DateTime<Utc>, String, String, String)>,
    pub grade: Option<String>,
    pub payments: Vec<Paid>,
    pub papers_due: Option<NaiveDate>,
    pub papers_on: Option<NaiveDate>,
    pub papers: Vec<String>,
    pub papers_note: String,
    pub proposed: Option<Proposed>,
    /// What the grade comes to.
    pub computed: Option<Fen>,
    /// The most that may be handed out before a decision.
    pub most_at_once: Fen,
    /// What of the decided amount is not handed out.
    pub rest: Fen,
    /// Who decides on the amount proposed, in words, and whether by a special review.
    pub decided_by: Option<(Text, bool)>,
    /// Of this household for the same cause in twelve months, and from how many on there is a reason to give.
    pub awards: (u64, Option<u64>),
    /// Left in the township's reserve.
    pub reserve: Fen,
    /// What this person may do now.
    pub may: Vec<EmergencyAct>,
}

/// What the grade comes to; `None` before it is known.
pub(super) fn computed(cx: &Cx, row: &file::Model) -> Option<Fen> {
    let persons = u32::try_from(row.persons).unwrap_or(1);
    cx.pack.emergency_amount(row.grade.as_deref()?, persons, &row.region_code, cx.today())
}

/// How often the household was helped for the same cause in twelve months, and how often is usual.
pub(super) async fn awards(cx: &Cx, row: &file::Model) -> Result<(u64, Option<u64>)> {
    use file::Column as C;
    let most = cx.pack.parameters.value(&rules(cx)?.awards, &row.region_code, cx.today());
    let most = most.and_then(|n| u64::try_from(n).ok());
    let mut same = Condition::any();
    if let Some(household) = row.household_id {
        same = same.add(C::HouseholdId.eq(household));
    }
    if let Some(who) = &row.who_key {
        same = same.add(C::WhoKey.eq(who.clone()));
    }
    if same.is_empty() {
        return Ok((0, most));
    }
    let count = file::Entity::find()
        .filter(same)
        .filter(C::No.ne(row.no.as_str()))
        .filter(C::Kind.eq(row.kind.as_str()))
        .filter(C::Outcome.is_in(["helped", "advance_only"]))
        .filter(C::ClosedOn.gt(cx.today() - Months::new(12)))
        .count(cx.store.read())
        .await?;
    Ok((count, most))
}

fn within(region: &str) -> Condition {
    use file::Column as C;
    scope::within(region, C::RegionCode, C::Township, C::County)
}

fn row_of(cx: &Cx, row: &file::Model, paid: i64) -> Result<EmergencyRow> {
    let told: Told = serde_json::from_str(&cx.store.keys().open(SEALED, &row.content)?)?;
    Ok(EmergencyRow {
        no: row.no.clone(),
        state: state_of(row),
        kind: row.kind.clone(),
        region: region_name(cx, &row.region_code),
        name: told.name,
        told_at: row.told_at,
        due_at: row.due_at,
        late: row.is_open && row.due_at < cx.now,
        raised: row.raised.clone(),
        paid: Fen(paid),
        outcome: row.outcome.clone(),
        version: row.version,
    })
}

/// One page of the actor's region: the open ones by what is due first, the finished ones newest first.
pub async fn emergencies(cx: &Cx, filter: &EmergencyFilter) -> Result<Page<EmergencyRow>> {
    use file::Column as C;
    cx.authorise_region(Act::ViewQueue, "emergency", "", &cx.actor.region)?;
    let mut query = file::Entity::find().filter(within(&cx.actor.region)).filter(C::IsOpen.eq(!filter.closed));
    if filter.late {
        query = query.filter(C::DueAt.lt(cx.now));
    }
    let (page, per_page) = (filter.page.max(1), filter.per_page.clamp(1, 100));
    let total = query.clone().count(cx.store.read()).await?;
    query = if filter.closed { query.order_by_desc(C::ClosedOn) } else { query.order_by_asc(C::DueAt) };
    let rows = query
        .order_by_asc(C::No)
        .offset(Page::<()>::offset(page, per_page))
        .limit(per_page)
        .all(cx.store.read())
        .await?;
    let mut paid: BTreeMap<String, i64> = BTreeMap::new();
    let payments = reserve_entry::Entity::find()
        .filter(reserve_entry::Column::EmergencyNo.is_in(rows.iter().map(|r| r.no.as_str())))
        .all(cx.store.read())
        .await?;
    for payment in payments {
        *paid.entry(payment.emergency_no.unwrap_or_default()).or_default() += payment.amount;
    }
    let rows = rows.iter().map(|r| row_of(cx, r, paid.get(&r.no).copied().unwrap_or(0))).collect::<Result<Vec<_>>>()?;
    Ok(Page { rows, total, page, per_page })
}

fn split(list: &str) -> Vec<String> {
    list.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect()
}

/// One of them; the look is kept.
pub async fn emergency(cx: &Cx, no: &str) -> Result<EmergencyView> {
    let row = load(cx.store.read(), no).await?;
    authorise(cx, Act::ViewCase, &row, Vec::new()).await?;
    let subject = row.household_id.map_or_else(|| super::subject(no), |h| format!("household:{h}"));
    looks::record(&cx.store, &cx.actor, &subject, "emergency help", cx.now).await?;
    let keys = cx.store.keys();
    let open = |column: &str, sealed: Option<&Vec<u8>>| match sealed {
        Some(sealed) => Ok::<_, CaseError>(keys.open(column, sealed)?),
        None => Ok(String::new()),
    };
    let state = state_of(&row);
    let mut may = Vec::new();
    for act in EmergencyAct::ALL.iter().copied().filter(|act| act.in_state(state)) {
        if authorise_act(cx, act, &row).await.is_ok() {
            may.push(act);
        }
    }
    let mut payments = Vec::new();
    for payment in payments_of(cx.store.read(), no).await? {
        let slip = reserve::slip(cx, &payment)?;
        payments.push(Paid {
            part: payment.part.unwrap_or_default(),
            amount: Fen(payment.amount),
            way: payment.way.unwrap_or_default(),
            source: payment.source,
            at: payment.paid_at.unwrap_or(payment.entered_at),
            paper: payment.paper,
            received_by: slip.received_by,
            witness: slip.witness,
            goods: slip.goods,
            by: payment.entered_by,
        });
    }
    let paid: i64 = payments.iter().map(|p| p.amount.0).sum();
    let verified = match (row.verified_at, &row.verified_by) {
        (Some(at), Some(by)) => {
            let how = row.verified_how.clone().unwrap_or_default();
            Some((at, by.clone(), how, open(SEALED_FOUND, row.found.as_ref())?))
        }
        _ => None,
    };
    let proposed = match (row.total, &row.proposed_by) {
        (Some(total), Some(by)) => {
            let decided = match (row.decided_on, &row.decided_by, row.agreed) {
                (Some(on), Some(who), Some(agreed)) => {
                    let words = open(SEALED_DECISION, row.decision.as_ref())?;
                    Some((on, who.clone(), agreed, words, row.minutes.clone()))
                }
                _ => None,
            };
            Some(Proposed {
                total: Fen(total),
                referrals: split(&row.referrals),
                text: open(SEALED_PROPOSAL, row.proposal.as_ref())?,
                by: by.clone(),
                decided,
            })
        }
        _ => None,
    };
    Ok(EmergencyView {
        who: serde_json::from_str(&keys.open(SEALED, &row.content)?)?,
        person: row.person_id.map(PersonId),
        household: row.household_id.map(HouseholdId),
        persons: u32::try_from(row.persons).unwrap_or(1),
        source: row.source.clone(),
        opened_by: row.opened_by.clone(),
        advance_due: row.advance_due,
        verified,
        grade: row.grade.clone(),
        payments,
        papers_due: row.papers_due,
        papers_on: row.papers_on,
        papers: split(&row.papers),
        papers_note: open(SEALED_PAPERS, row.papers_note.as_ref())?,
        computed: computed(cx, &row),
        most_at_once: pay::most_at_once(cx, &row)?,
        rest: Fen((row.total.unwrap_or(paid) - paid).max(0)),
        decided_by: row
            .total
            .and_then(|_| decider(&cx.pack, &row, cx.today()))
            .map(|by| (by.title.clone(), by.special)),
        awards: awards(cx, &row).await?,
        reserve: Fen(reserve::balance_of(cx, &row.township).await?),
        may,
        proposed,
        row: row_of(cx, &row, paid)?,
    })
}
