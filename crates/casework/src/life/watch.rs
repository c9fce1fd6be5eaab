//! What the platform does once a day: knows who is asked, tells them before it is due, sends somebody where it has lapsed.

use super::enter::proven;
use crate::{
    Cx,
    change::{change, load, state_of, tell},
    cx::case_no,
    error::Result,
    tables::{benefit, life},
};
use chrono::{Days, Months, NaiveDate};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Query},
};
use serde_json::json;
use tuodi_pack::living::LifeProof;
use tuodi_store::{Entry, Recorded, Tx};

/// Cases in one change.
const CHUNK: u64 = 200;

/// The last day of a proof of this day.
pub(super) fn lasts(cx: &Cx, seen: NaiveDate) -> NaiveDate {
    let months = cx.pack.workflow.living.proof.as_ref().map_or(0, |p| p.months);
    seen.checked_add_months(Months::new(months)).unwrap_or(seen)
}

/// By when somebody goes to whoever has not been seen.
pub(super) fn visit_by(cx: &Cx) -> Result<NaiveDate> {
    let days = cx.pack.workflow.living.proof.as_ref().map_or(0, |p| p.visit_days);
    Ok(cx.pack.calendar.add_working_days(cx.today(), days)?)
}

/// Benefits that go on and whose recipients are asked, each case once.
fn asked(rules: &LifeProof, today: NaiveDate) -> Condition {
    use benefit::Column as B;
    Condition::all()
        .add(B::Status.eq("active"))
        .add(B::Programme.is_in(rules.programmes.iter().map(String::as_str)))
        .add(Condition::any().add(B::ToMonth.is_null()).add(B::ToMonth.gte(crate::first_of_month(today))))
}

/// For the platform itself, once a day; said twice a day, the second finds nothing to do. How many cases it touched.
pub async fn watch_lives(cx: &Cx) -> Result<u64> {
    let Some(rules) = cx.pack.workflow.living.proof.clone() else { return Ok(0) };
    Ok(forget(cx, &rules).await? + enrol(cx, &rules).await? + remind(cx, &rules).await? + lapse(cx).await?)
}

/// Cases whose help has ended are not asked any more; their proofs stay.
async fn forget(cx: &Cx, rules: &LifeProof) -> Result<u64> {
    let paid = Query::select()
        .expr(Expr::value(1))
        .from(benefit::Entity)
        .and_where(Expr::col((benefit::Entity, benefit::Column::CaseNo)).equals((life::Entity, life::Column::CaseNo)))
        .cond_where(asked(rules, cx.today()))
        .to_owned();
    let ended = life::Entity::find().filter(Expr::exists(paid).not()).order_by_asc(life::Column::CaseNo);
    let mut count = 0;
    loop {
        let rows = ended.clone().limit(CHUNK).all(cx.store.read()).await?;
        if rows.is_empty() {
            return Ok(count);
        }
        count += rows.len() as u64;
        each(cx, "case.life_over", rows, |tx, row| {
            Box::pin(async move {
                life::Entity::delete_by_id(row.case_no.clone()).exec(tx.conn()).await?;
                Ok(json!({}))
            })
        })
        .await?;
    }
}

/// Cases that are paid and not yet asked. Nobody is late on the first day: there are always the days of a reminder.
async fn enrol(cx: &Cx, rules: &LifeProof) -> Result<u64> {
    let known = Query::select()
        .expr(Expr::value(1))
        .from(life::Entity)
        .and_where(Expr::col((life::Entity, life::Column::CaseNo)).equals((benefit::Entity, benefit::Column::CaseNo)))
        .to_owned();
    let new = benefit::Entity::find()
        .filter(asked(rules, cx.today()))
        .filter(Expr::exists(known).not())
        .order_by_asc(benefit::Column::CaseNo)
        .order_by_asc(benefit::Column::Id);
    let soonest = cx.today() + Days::new(u64::from(rules.remind_days));
    let mut count = 0;
    loop {
        let mut found = new.clone().limit(CHUNK).all(cx.store.read()).await?;
        if found.is_empty() {
            return Ok(count);
        }
        found.dedup_by(|b, a| a.case_no == b.case_no);
        let mut rows = Vec::with_capacity(found.len());
        for b in found {
            let proof = proven(cx, cx.store.read(), &b.case_no).await?;
            let seen = Ord::max(b.last_reverify.unwrap_or(b.from_month), b.from_month);
            rows.push(life::Model {
                due_on: Ord::max(proof.unwrap_or_else(|| lasts(cx, seen)), soonest),
                case_no: b.case_no,
                region_code: b.region_code,
                township: b.township,
                county: b.county,
                programme: b.programme,
                reminded_on: None,
                visit_by: None,
            });
        }
        count += rows.len() as u64;
        each(cx, "case.life_begins", rows, move |tx, row| {
            Box::pin(async move {
                let details = json!({ "due": row.due_on });
                life::Entity::insert(row.into_active_model().reset_all()).exec_without_returning(tx.conn()).await?;
                Ok(details)
            })
        })
        .await?;
    }
}

async fn remind(cx: &Cx, rules: &LifeProof) -> Result<u64> {
    let ahead = cx.today() + Days::new(u64::from(rules.remind_days));
    let soon = life::Entity::find()
        .filter(life::Column::DueOn.lte(ahead))
        .filter(life::Column::DueOn.gte(cx.today()))
        .filter(life::Column::RemindedOn.is_null());
    let today = cx.today();
    mark(cx, "case.life_remind", soon, move |row| row.reminded_on = Set(Some(today))).await
}

async fn lapse(cx: &Cx) -> Result<u64> {
    let late = life::Entity::find().filter(life::Column::DueOn.lt(cx.today())).filter(life::Column::VisitBy.is_null());
    let by = visit_by(cx)?;
    mark(cx, "case.life_visit", late, move |row| row.visit_by = Set(Some(by))).await
}

/// Says it of each case once, in chunks.
async fn mark(
    cx: &Cx,
    act: &'static str,
    wanted: sea_orm::Select<life::Entity>,
    set: impl Fn(&mut life::ActiveModel) + Clone + Send + Sync + 'static,
) -> Result<u64> {
    let mut count = 0;
    loop {
        let rows = wanted.clone().order_by_asc(life::Column::CaseNo).limit(CHUNK).all(cx.store.read()).await?;
        if rows.is_empty() {
            return Ok(count);
        }
        count += rows.len() as u64;
        let set = set.clone();
        each(cx, act, rows, move |tx, row| {
            let set = set.clone();
            Box::pin(async move {
                let due = row.due_on;
                let mut row = row.into_active_model();
                set(&mut row);
                let by = row.visit_by.clone().take().flatten();
                row.update(tx.conn()).await?;
                Ok(json!({ "due": due, "visit_by": by }))
            })
        })
        .await?;
    }
}

type Done<'t> = tuodi_store::BoxFuture<'t, Result<serde_json::Value>>;

/// One change for these cases, with the story and the journal entry of each.
async fn each<F>(cx: &Cx, act: &'static str, rows: Vec<life::Model>, body: F) -> Result<()>
where
    F: for<'t> Fn(&'t Tx, life::Model) -> Done<'t> + Send + Sync + 'static,
{
    let cx2 = cx.clone();
    change(cx, act, "case:life".to_owned(), "", move |tx| {
        Box::pin(async move {
            let mut entries: Vec<Entry> = Vec::with_capacity(rows.len());
            for row in rows {
                let file = load(tx.conn(), &crate::CaseNo(row.case_no.clone())).await?;
                let details = body(tx, row).await?;
                tell(tx, &cx2, &file, act, Some(state_of(&file)), details.clone()).await?;
                entries.push(cx2.entry(act, case_no(&file).subject(), &file.region_code, details));
            }
            let mut entries = entries.into_iter();
            let Some(first) = entries.next() else {
                return Err(crate::CaseError::NotFound { kind: "proof of life", id: String::new() });
            };
            Ok(entries.fold(Recorded::new((), first), Recorded::and))
        })
    })
    .await
}
