//! What the platform does once a day: recipients' next assessments are put down with their day, and what nobody is
//! assessed for any more is closed.

use super::open::put;
use crate::{
    CaseNo, CaseState, Cx,
    change::{change, load},
    error::Result,
    tables::{benefit, case_file, reassessment, visit},
};
use chrono::{Days, Months, NaiveDate};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Query},
};
use serde_json::json;
use std::collections::BTreeSet;
use tuodi_pack::{
    assessment::PRELIMINARY,
    reassess::{Occasion, Trigger},
};
use tuodi_store::{Entry, Recorded};

/// Cases in one change.
const CHUNK: u64 = 200;

/// For the platform itself, once a day; said twice a day, the second finds nothing to do. How many it touched.
pub async fn watch_assessments(cx: &Cx) -> Result<u64> {
    let ended = end(cx).await?;
    let Some(trigger) = cx.pack.trigger(Occasion::Standing).cloned() else { return Ok(ended) };
    Ok(ended + enrol(cx, &trigger).await?)
}

/// Benefits that go on.
fn paid(trigger: &Trigger, today: NaiveDate) -> Condition {
    use benefit::Column as B;
    Condition::all()
        .add(B::Status.eq("active"))
        .add(B::Programme.is_in(trigger.programmes.iter().map(String::as_str)))
        .add(Condition::any().add(B::ToMonth.is_null()).add(B::ToMonth.gte(crate::first_of_month(today))))
}

/// What is open for a case that is over, or for a recipient who is none any more.
async fn end(cx: &Cx) -> Result<u64> {
    use reassessment::Column as C;
    let over = [CaseState::Refused, CaseState::Terminated, CaseState::Exited].map(CaseState::id);
    let of_ended = Query::select()
        .column(case_file::Column::CaseNo)
        .from(case_file::Entity)
        .and_where(case_file::Column::State.is_in(over))
        .to_owned();
    let mut gone = Condition::any().add(C::CaseNo.in_subquery(of_ended));
    if let Some(trigger) = cx.pack.trigger(Occasion::Standing) {
        let still = Query::select()
            .column(benefit::Column::CaseNo)
            .from(benefit::Entity)
            .cond_where(paid(trigger, cx.today()))
            .to_owned();
        gone = gone
            .add(Condition::all().add(C::Occasion.eq(Occasion::Standing.id())).add(C::CaseNo.not_in_subquery(still)));
    }
    let wanted = reassessment::Entity::find().filter(C::Outcome.is_null()).filter(gone).order_by_asc(C::Id);
    let mut count = 0;
    loop {
        let rows = wanted.clone().limit(CHUNK).all(cx.store.read()).await?;
        if rows.is_empty() {
            return Ok(count);
        }
        count += rows.len() as u64;
        let cx2 = cx.clone();
        change(cx, "assessment.over", "assessment".to_owned(), "", move |tx| {
            Box::pin(async move {
                let mut entries = Vec::with_capacity(rows.len());
                for row in rows {
                    let subject = format!("assessment:{}", row.id);
                    let details = json!({ "occasion": row.occasion });
                    entries.push(cx2.entry("assessment.over", subject, &row.region_code, details));
                    let mut row = row.into_active_model();
                    row.outcome = Set(Some("ended".to_owned()));
                    row.closed_on = Set(Some(cx2.today()));
                    row.update(tx.conn()).await?;
                }
                Ok(all(&cx2, entries))
            })
        })
        .await?;
    }
}

/// Recipients without a next day. Each household once, by the benefit that is checked first.
async fn enrol(cx: &Cx, trigger: &Trigger) -> Result<u64> {
    let open = Query::select()
        .expr(Expr::value(1))
        .from(reassessment::Entity)
        .and_where(
            Expr::col((reassessment::Entity, reassessment::Column::HouseholdId))
                .equals((benefit::Entity, benefit::Column::HouseholdId)),
        )
        .and_where(Expr::col((reassessment::Entity, reassessment::Column::Occasion)).eq(Occasion::Standing.id()))
        .and_where(Expr::col((reassessment::Entity, reassessment::Column::Outcome)).is_null())
        .to_owned();
    let new = benefit::Entity::find()
        .filter(paid(trigger, cx.today()))
        .filter(Expr::exists(open).not())
        .order_by_asc(benefit::Column::HouseholdId)
        .order_by_asc(benefit::Column::Id);
    let mut count = 0;
    loop {
        let mut rows = new.clone().limit(CHUNK).all(cx.store.read()).await?;
        if rows.is_empty() {
            return Ok(count);
        }
        let mut seen = BTreeSet::new();
        rows.retain(|b| seen.insert(b.household_id));
        let (cx2, trigger) = (cx.clone(), trigger.clone());
        count += change(cx, "assessment.due", "assessment".to_owned(), "", move |tx| {
            Box::pin(async move {
                let mut entries = Vec::with_capacity(rows.len());
                for row in rows {
                    let due = next(tx.conn(), &cx2, &trigger, &row).await?;
                    let file = load(tx.conn(), &CaseNo(row.case_no)).await?;
                    entries.extend(put(tx, &cx2, &trigger, &file, (cx2.today(), due)).await?);
                }
                let put = entries.len() as u64;
                Ok(all(&cx2, entries).map(|()| put))
            })
        })
        .await?;
    }
}

fn all(cx: &Cx, entries: Vec<Entry>) -> Recorded<()> {
    let mut entries = entries.into_iter();
    let first = entries.next().unwrap_or_else(|| {
        cx.entry("assessment.due", "assessment".to_owned(), &cx.pack.info.jurisdiction, json!({ "opened": 0 }))
    });
    entries.fold(Recorded::new((), first), Recorded::and)
}

/// So many months after the last assessment, or with the periodic check where that follows soon: one visit does for both.
/// Whoever was never assessed here goes by the last check; nobody is late on the first day.
async fn next(conn: &impl ConnectionTrait, cx: &Cx, trigger: &Trigger, of: &benefit::Model) -> Result<NaiveDate> {
    let soonest = cx.pack.calendar.add_working_days(cx.today(), trigger.limit_days)?;
    let Some(months) = trigger.months_of(&cx.pack, of.class.as_deref(), &of.region_code, cx.today()) else {
        return Ok(soonest);
    };
    let last = last_assessed(conn, of).await?.or(of.last_reverify);
    let Some(due) = last.and_then(|day| day.checked_add_months(Months::new(months))) else { return Ok(soonest) };
    let joined = due + Days::new(u64::from(trigger.join_days));
    let due = of.next_reverify.filter(|check| (due..=joined).contains(check)).unwrap_or(due);
    Ok(Ord::max(due, soonest))
}

/// The last whole assessment of the household that this platform has closed an occasion with, or that a visit of the case
/// made.
async fn last_assessed(conn: &impl ConnectionTrait, of: &benefit::Model) -> Result<Option<NaiveDate>> {
    let answered = reassessment::Entity::find()
        .filter(reassessment::Column::HouseholdId.eq(of.household_id))
        .filter(reassessment::Column::AnsweredOn.is_not_null())
        .order_by_desc(reassessment::Column::AnsweredOn)
        .one(conn)
        .await?
        .and_then(|row| row.answered_on);
    let visited = visit::Entity::find()
        .filter(visit::Column::CaseNo.eq(of.case_no.as_str()))
        .filter(visit::Column::Completeness.gte(PRELIMINARY as i32))
        .order_by_desc(visit::Column::VisitedOn)
        .one(conn)
        .await?
        .map(|row| row.visited_on);
    Ok(Ord::max(answered, visited))
}
