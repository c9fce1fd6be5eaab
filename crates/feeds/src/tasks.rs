//! The desks that look after feeds get a task when one is late, degraded or out of agreement.

use crate::{
    Desk, FeedsError, FormProblem, Standing, entry,
    error::Result,
    local_date,
    tables::feed_task::{ActiveModel, Column, Entity, Model},
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use serde_json::json;
use tuodi_access::Actor;
use tuodi_pack::Pack;
use tuodi_store::{Recorded, Store};

/// A task as it is stored: one truth, one type.
pub use crate::tables::feed_task::Model as FeedTask;

/// Open tasks first, then the newest; of one source, or of all.
pub async fn tasks(store: &Store, source: Option<&str>, open_only: bool) -> Result<Vec<FeedTask>> {
    let mut query = Entity::find();
    if let Some(source) = source {
        query = query.filter(Column::Source.eq(source));
    }
    if open_only {
        query = query.filter(Column::IsOpen.eq(true));
    }
    Ok(query.order_by_desc(Column::IsOpen).order_by_desc(Column::Id).all(store.read()).await?)
}

/// Opens a task for each trouble that has none, and closes those whose feed is well again. A task that a person closed
/// stays closed while the trouble lasts, and comes back when it comes back. Returns how many were opened and closed.
pub async fn follow(store: &Store, pack: &Pack, standings: &[Standing], now: DateTime<Utc>) -> Result<(u64, u64)> {
    let today = local_date(now);
    let rows = Entity::find().order_by_asc(Column::Id).all(store.read()).await?;
    // The last task of a feed and trouble says where they stand.
    let last = |source: &str, trouble: &str| rows.iter().rev().find(|t| t.source == source && t.trouble == trouble);
    let limit = pack.workflow.feeds.limit_days;
    let due = pack.calendar.add_working_days(today, limit).unwrap_or(today + Days::new(limit.into()));
    let (mut opened, mut mended) = (0, 0);
    for standing in standings {
        for trouble in &standing.troubles {
            let known = last(&standing.source, trouble.id());
            if known.is_some_and(|t| t.is_open || t.outcome.as_deref() == Some(HANDLED)) {
                continue;
            }
            let words = trouble.words();
            let details = json!({ "trouble": trouble.id(), "zh": words.zh, "en": words.en, "due_on": due });
            let subject = format!("source:{}", standing.source);
            let entry = entry(&Actor::system(), pack, "feed.task_open", subject, details, now);
            let row = ActiveModel {
                id: NotSet,
                source: Set(standing.source.clone()),
                trouble: Set(trouble.id().to_owned()),
                opened_on: Set(today),
                due_on: Set(due),
                is_open: Set(true),
                outcome: Set(None),
                note: Set(String::new()),
                closed_by: Set(None),
                closed_on: Set(None),
            };
            let change = store.write(move |tx| {
                Box::pin(async move {
                    row.insert(tx.conn()).await?;
                    Ok::<_, FeedsError>(Recorded::new((), entry))
                })
            });
            change.await?;
            opened += 1;
        }
        for trouble in ["late", "degraded", "agreement", "unfetched"] {
            let well = standing.troubles.iter().all(|t| t.id() != trouble);
            let Some(task) = last(&standing.source, trouble).filter(|_| well) else { continue };
            // What a person had closed is over too: the next time is a new task.
            if task.is_open || task.outcome.as_deref() == Some(HANDLED) {
                let was_open = task.is_open;
                mend(store, pack, task.clone(), today, now).await?;
                mended += u64::from(was_open);
            }
        }
    }
    Ok((opened, mended))
}

const MENDED: &str = "mended";
const HANDLED: &str = "handled";
/// Closed by a person, and over since.
const OVER: &str = "over";

async fn mend(store: &Store, pack: &Pack, task: Model, today: NaiveDate, now: DateTime<Utc>) -> Result<()> {
    let details = json!({ "task": task.id, "trouble": task.trouble });
    let subject = format!("source:{}", task.source);
    let entry = entry(&Actor::system(), pack, "feed.task_mended", subject, details, now);
    let mut row = task.clone().into_active_model();
    row.is_open = Set(false);
    row.outcome = Set(Some(if task.is_open { MENDED } else { OVER }.to_owned()));
    if task.is_open {
        row.closed_by = Set(Some(Actor::system().account));
        row.closed_on = Set(Some(today));
    }
    let change = store.write(move |tx| {
        Box::pin(async move {
            row.update(tx.conn()).await?;
            Ok::<_, FeedsError>(Recorded::new((), entry))
        })
    });
    change.await
}

/// A person has seen to it, and says how.
///
/// # Errors
/// Who may not look after feeds; a task that is closed already; no words.
pub async fn close(desk: &Desk<'_>, id: i64, note: &str) -> Result<()> {
    let no = || FeedsError::NotFound { kind: "task", id: id.to_string() };
    let task = Entity::find_by_id(id).one(desk.store.read()).await?.ok_or_else(no)?;
    desk.authorise(&task.source)?;
    let note = note.trim().to_owned();
    if note.is_empty() || note.chars().count() > 500 {
        return Err(FeedsError::Invalid(vec![FormProblem { field: "note", problem: "note" }]));
    }
    let details = json!({ "task": id, "trouble": task.trouble });
    let entry = desk.entry("feed.task_close", &task.source, details);
    let (by, today) = (desk.actor.account.clone(), local_date(desk.now));
    let change = desk.store.write(move |tx| {
        Box::pin(async move {
            let done = Entity::update_many()
                .col_expr(Column::IsOpen, Expr::value(false))
                .col_expr(Column::Outcome, Expr::value(HANDLED))
                .col_expr(Column::Note, Expr::value(note))
                .col_expr(Column::ClosedBy, Expr::value(by))
                .col_expr(Column::ClosedOn, Expr::value(today))
                .filter(Column::Id.eq(id))
                .filter(Column::IsOpen.eq(true))
                .exec(tx.conn())
                .await?;
            if done.rows_affected == 1 { Ok(Recorded::new((), entry)) } else { Err(FeedsError::Closed(id)) }
        })
    });
    change.await
}
