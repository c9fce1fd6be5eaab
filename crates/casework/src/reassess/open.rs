//! An occasion opens with its last day, and what answers it closes it: within the change of whatever set it off.

use crate::{
    CaseNo, Cx,
    change::load,
    error::Result,
    tables::{case_file, reassessment},
};
use chrono::{Days, NaiveDate};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
};
use serde_json::json;
use tuodi_pack::{
    HouseholdId,
    assessment::Index,
    indicator::Level,
    reassess::{Occasion, Trigger},
};
use tuodi_store::{Entry, Tx};

fn desk(level: Level) -> &'static str {
    match level {
        Level::Grid => "grid",
        Level::Village => "village",
        Level::Township => "township",
        Level::District => "district",
    }
}

/// Opens an occasion that begins today. Nothing where the pack asks for none, or one of the kind is open: what comes on
/// top belongs to it.
pub(crate) async fn begin(tx: &Tx, cx: &Cx, when: Occasion, file: &case_file::Model) -> Result<Option<Entry>> {
    let Some(trigger) = cx.pack.trigger(when) else { return Ok(None) };
    begin_since(tx, cx, trigger, file, cx.today()).await
}

async fn begin_since(
    tx: &Tx,
    cx: &Cx,
    trigger: &Trigger,
    file: &case_file::Model,
    since: NaiveDate,
) -> Result<Option<Entry>> {
    let due = cx.pack.calendar.add_working_days(cx.today(), trigger.limit_days)?;
    put(tx, cx, trigger, file, (since, due)).await
}

/// The same with its last day known. An assessment of the first of the two days or later answers it.
pub(super) async fn put(
    tx: &Tx,
    cx: &Cx,
    trigger: &Trigger,
    file: &case_file::Model,
    (since, due): (NaiveDate, NaiveDate),
) -> Result<Option<Entry>> {
    use reassessment::Column as C;
    let open = reassessment::Entity::find()
        .filter(C::HouseholdId.eq(file.household_id))
        .filter(C::Occasion.eq(trigger.when.id()))
        .filter(C::Outcome.is_null());
    if open.count(tx.conn()).await? > 0 {
        return Ok(None);
    }
    let ahead = due - Days::new(u64::from(trigger.ahead_days));
    let shown = if trigger.when == Occasion::Standing { ahead.max(cx.today()) } else { cx.today() };
    let row = reassessment::ActiveModel {
        id: NotSet,
        occasion: Set(trigger.when.id().to_owned()),
        household_id: Set(file.household_id),
        case_no: Set(file.case_no.clone()),
        region_code: Set(file.region_code.clone()),
        township: Set(file.township.clone()),
        county: Set(file.county.clone()),
        desk: Set(desk(trigger.desk).to_owned()),
        since: Set(since),
        shown_on: Set(shown),
        due_on: Set(due),
        opened_at: Set(cx.at()),
        assignee: Set(None),
        answered_on: Set(None),
        answered_by: Set(None),
        outcome: Set(None),
        closed_on: Set(None),
    };
    let id = reassessment::Entity::insert(row).exec(tx.conn()).await?.last_insert_id;
    let details =
        json!({ "occasion": trigger.when.id(), "case": file.case_no, "due": due, "desk": desk(trigger.desk) });
    Ok(Some(cx.entry("assessment.due", format!("assessment:{id}"), &file.region_code, details)))
}

/// An assessment of the household closes every occasion that was open on its day. A preliminary one closes none.
pub(crate) async fn answered(
    tx: &Tx,
    cx: &Cx,
    household: HouseholdId,
    on: NaiveDate,
    index: &Index,
    by: &'static str,
) -> Result<Vec<Entry>> {
    use reassessment::Column as C;
    if index.is_preliminary() {
        return Ok(Vec::new());
    }
    let rows = reassessment::Entity::find()
        .filter(C::HouseholdId.eq(household.0))
        .filter(C::Outcome.is_null())
        .filter(C::Since.lte(on))
        .order_by_asc(C::Id)
        .all(tx.conn())
        .await?;
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        let details = json!({ "occasion": row.occasion, "by": by, "on": on, "due": row.due_on });
        entries.push(cx.entry("assessment.answered", format!("assessment:{}", row.id), &row.region_code, details));
        let mut row = row.into_active_model();
        row.answered_on = Set(Some(on));
        row.answered_by = Set(Some(cx.actor.account.clone()));
        row.outcome = Set(Some(by.to_owned()));
        row.closed_on = Set(Some(cx.today()));
        row.update(tx.conn()).await?;
    }
    Ok(entries)
}

/// Need was confirmed at the door on `visited`: the household is assessed within its days, which run from when it became
/// known. What was asked at that visit answers it, however late it was entered.
pub async fn found(tx: &Tx, cx: &Cx, case: &CaseNo, visited: NaiveDate) -> Result<Option<Entry>> {
    let Some(trigger) = cx.pack.trigger(Occasion::Found) else { return Ok(None) };
    let file = load(tx.conn(), case).await?;
    begin_since(tx, cx, trigger, &file, visited).await
}

/// What was asked at the visit of a task answers what is open for the household.
pub async fn at_the_door(tx: &Tx, cx: &Cx, household: HouseholdId, on: NaiveDate, index: &Index) -> Result<Vec<Entry>> {
    answered(tx, cx, household, on, index, "task").await
}
