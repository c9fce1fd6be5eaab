//! The drawn assessments of a desk, one of them, and giving it to somebody who did not make the first.

use super::{PURPOSE, resource};
use crate::{
    CaseError, CaseNo, Cx, FieldError,
    application::applicant_of,
    change::{change, load},
    error::Result,
    queue::region_name,
    scope,
    tables::{case_file, rater_sample, visit},
};
use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde_json::json;
use tuodi_access::{Account, Act, Role, accounts, looks};
use tuodi_pack::{HouseholdId, PersonId, Text};
use tuodi_store::Recorded;

/// Rows of one list: a month's sample of a township is some dozens.
const MOST: u64 = 200;
/// Looks read to see whether somebody knows the first answers.
const LOOKS: u64 = 10_000;

/// One to be made a second time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    pub id: i64,
    pub case: CaseNo,
    pub name: String,
    pub region_code: String,
    pub region: Text,
    pub month: NaiveDate,
    pub due_on: NaiveDate,
    pub assignee: Option<String>,
    pub done: Option<NaiveDate>,
}

/// With what whoever goes there needs, and nothing of the first assessment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleView {
    pub row: Sample,
    pub applicant: String,
    pub address: String,
    pub phone: String,
    pub may_assess: bool,
}

pub(super) async fn load_sample(conn: &impl ConnectionTrait, id: i64) -> Result<rater_sample::Model> {
    let row = rater_sample::Entity::find_by_id(id).one(conn).await?;
    row.ok_or_else(|| CaseError::NotFound { kind: "drawn assessment", id: id.to_string() })
}

/// Accounts that made the first assessment.
pub(super) async fn first_of(conn: &impl ConnectionTrait, row: &rater_sample::Model) -> Result<Vec<String>> {
    let first = visit::Entity::find_by_id(row.visit_id).one(conn).await?;
    let first = first.ok_or_else(|| CaseError::NotFound { kind: "visit", id: row.visit_id.to_string() })?;
    Ok(first.visitors.split(',').filter(|a| !a.is_empty()).map(str::to_owned).collect())
}

/// Whether somebody has opened the case since the first assessment was recorded, and so may know its answers.
pub(super) async fn has_seen(cx: &Cx, row: &rater_sample::Model, account: &str) -> Result<bool> {
    let first = visit::Entity::find_by_id(row.visit_id).one(cx.store.read()).await?;
    let since = first.map(|v| v.recorded_at);
    let subject = CaseNo(row.case_no.clone()).subject();
    let looks = looks::of_subject(&cx.store, &subject, LOOKS).await?;
    let blind = [PURPOSE, "six-dimension assessment"];
    Ok(looks.iter().any(|look| {
        look.account == account
            && since.is_none_or(|since| look.at >= since)
            && !blind.contains(&look.purpose.as_str())
            && !look.purpose.starts_with("refused")
    }))
}

/// Those still to be made, what is due first before. A third-party assessor sees what was given to them and no other.
pub async fn seconds(cx: &Cx) -> Result<Vec<Sample>> {
    use rater_sample::Column as C;
    cx.authorise_region(Act::ViewQueue, "assessment", "", &cx.actor.region)?;
    let mut query = rater_sample::Entity::find()
        .filter(scope::within(&cx.actor.region, C::RegionCode, C::Township, C::County))
        .filter(C::SecondOn.is_null());
    if cx.actor.role == Role::ThirdPartyAssessor {
        query = query.filter(C::Assignee.eq(cx.actor.account.as_str()));
    }
    let rows = query.order_by_asc(C::DueOn).order_by_asc(C::Id).limit(MOST).all(cx.store.read()).await?;
    named(cx, rows).await
}

async fn named(cx: &Cx, rows: Vec<rater_sample::Model>) -> Result<Vec<Sample>> {
    let ids: Vec<HouseholdId> = rows.iter().map(|row| HouseholdId(row.household_id)).collect();
    let households = tuodi_registry::households(&cx.store, &ids).await?;
    let named = rows.into_iter().map(|row| Sample {
        id: row.id,
        name: households.get(&HouseholdId(row.household_id)).map(|h| h.head_name.clone()).unwrap_or_default(),
        case: CaseNo(row.case_no),
        region: region_name(cx, &row.region_code),
        region_code: row.region_code,
        month: row.month,
        due_on: row.due_on,
        assignee: row.assignee,
        done: row.second_on,
    });
    Ok(named.collect())
}

async fn opened(cx: &Cx, id: i64) -> Result<(rater_sample::Model, case_file::Model, Vec<String>)> {
    let row = load_sample(cx.store.read(), id).await?;
    let file = load(cx.store.read(), &CaseNo(row.case_no.clone())).await?;
    let first = first_of(cx.store.read(), &row).await?;
    Ok((row, file, first))
}

/// One, opened for whoever may go there. A look.
pub async fn sample(cx: &Cx, id: i64) -> Result<SampleView> {
    let (row, file, first) = opened(cx, id).await?;
    cx.access.authorise(&cx.actor, Act::ViewCase, &resource(&row, &file, &[]), PURPOSE)?;
    looks::record(&cx.store, &cx.actor, &crate::cx::case_no(&file).subject(), PURPOSE, cx.at()).await?;
    let may = cx.access.authorise(&cx.actor, Act::RecordVisit, &resource(&row, &file, &first), "casework").is_ok();
    let may_assess = row.second_on.is_none() && may && !has_seen(cx, &row, &cx.actor.account).await?;
    let person = applicant_of(cx, PersonId(file.applicant_id)).await?;
    Ok(SampleView {
        row: named(cx, vec![row]).await?.remove(0),
        applicant: person.name,
        address: person.address.unwrap_or_default(),
        phone: person.phone.unwrap_or_default(),
        may_assess,
    })
}

/// Leaders give any; an officer what is nobody's or the officer's own. Whoever made the first gives none away either.
fn may_give(cx: &Cx, row: &rater_sample::Model, file: &case_file::Model) -> Result<()> {
    let own = row.assignee.as_ref().is_none_or(|a| *a == cx.actor.account);
    let unassigned = rater_sample::Model { assignee: None, ..row.clone() };
    let asked = resource(&unassigned, file, &[]).assigned_to(own.then(|| cx.actor.account.clone()));
    cx.access.authorise(&cx.actor, Act::Assign, &asked, "casework")?;
    Ok(())
}

fn can(cx: &Cx, to: &Account, row: &rater_sample::Model, file: &case_file::Model, first: &[String]) -> bool {
    let given = rater_sample::Model { assignee: Some(to.id.clone()), ..row.clone() };
    cx.access.authorise(&to.actor(), Act::RecordVisit, &resource(&given, file, first), "casework").is_ok()
}

/// Those who can make it: did not make the first, have not read it. Nobody where the actor may not give it.
pub async fn second_assessors(cx: &Cx, id: i64) -> Result<Vec<Account>> {
    let (row, file, first) = opened(cx, id).await?;
    if row.second_on.is_some() || may_give(cx, &row, &file).is_err() {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for account in accounts::officers(&cx.store, &row.county).await? {
        if can(cx, &account, &row, &file, &first) && !has_seen(cx, &row, &account.id).await? {
            all.push(account);
        }
    }
    Ok(all)
}

pub async fn give_second(cx: &Cx, id: i64, to: &str, key: &str) -> Result<()> {
    let (row, file, first) = opened(cx, id).await?;
    cx.authorise_region(Act::ViewQueue, "assessment", "", &row.region_code)?;
    // Nothing is left to give: the form sent twice.
    if row.second_on.is_none() && row.assignee.as_deref() == Some(to) {
        return Ok(());
    }
    may_give(cx, &row, &file)?;
    let wrong = |key| CaseError::Invalid(vec![FieldError::new("to", key)]);
    let account = accounts::find(&cx.store, to).await?.ok_or_else(|| wrong("error.choice"))?;
    if !can(cx, &account, &row, &file, &first) {
        return Err(wrong("error.choice"));
    }
    if has_seen(cx, &row, &account.id).await? {
        return Err(wrong("error.seen_first"));
    }
    let cx2 = cx.clone();
    change(cx, "assessment.give_second", format!("second:{id}"), key, move |tx| {
        Box::pin(async move {
            let row = load_sample(tx.conn(), id).await?;
            if row.second_on.is_some() {
                return Err(CaseError::Answered { id });
            }
            let details = json!({ "from": row.assignee, "to": account.id });
            let entry = cx2.entry("assessment.give_second", format!("second:{id}"), &row.region_code, details);
            let mut row = row.into_active_model();
            row.assignee = Set(Some(account.id.clone()));
            row.update(tx.conn()).await?;
            Ok(Recorded::new((), entry))
        })
    })
    .await
}
