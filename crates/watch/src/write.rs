//! Writes what a run decided, a chunk of households a transaction with its journal entry.

use crate::{
    error::Result,
    limits::Limits,
    need::{Changed, Household, Need, need},
    raise::{Run, entry},
    tables::{alert, alert_evidence, task},
    words::{level_from, level_id, severity_rank},
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use serde_json::json;
use std::collections::HashMap;
use tuodi_pack::{Pack, region::RegionLevel};
use tuodi_store::{Recorded, Store, Tx, insert_models};

/// Households of one transaction.
pub(crate) const HOUSEHOLDS: usize = 2_000;
/// Rows of one INSERT: 21 columns stay below SQLite's 32,766 bound values.
const ROWS: usize = 1_000;

/// The region of that level that a village lies in.
pub(crate) fn at_level(code: &str, level: RegionLevel) -> String {
    let digits: String = code.chars().take(level.digits()).collect();
    format!("{digits:0<12}")
}

pub(crate) async fn write(
    store: &Store,
    pack: &Pack,
    run: &Run,
    households: Vec<(i64, Household)>,
    at: DateTime<Utc>,
    today: NaiveDate,
) -> Result<u64> {
    // Days are counted before the transaction: it must not wait for anything.
    let mut due = HashMap::new();
    let needs: Vec<Option<Need>> = households.iter().map(|(_, h)| need(&pack.workflow, h)).collect();
    for need in needs.iter().flatten() {
        if let std::collections::hash_map::Entry::Vacant(slot) = due.entry(need.limit_days) {
            slot.insert(Limits::of(pack, today, need.limit_days)?);
        }
    }
    let run_id = run.id.clone();
    let jurisdiction = pack.info.jurisdiction.clone();
    store
        .write(move |tx| {
            Box::pin(async move { write_chunk(tx, run_id, jurisdiction, households, needs, due, at, today).await })
        })
        .await
}

#[expect(clippy::too_many_arguments, reason = "one call, from the function above; the parts have nothing in common")]
async fn write_chunk(
    tx: &Tx,
    run_id: String,
    jurisdiction: String,
    households: Vec<(i64, Household)>,
    needs: Vec<Option<Need>>,
    due: HashMap<u32, Limits>,
    at: DateTime<Utc>,
    today: NaiveDate,
) -> Result<Recorded<u64>> {
    let asking: Vec<i64> = households.iter().zip(&needs).filter(|(_, n)| n.is_some()).map(|((id, _), _)| *id).collect();
    let mut tasks: HashMap<i64, i64> = HashMap::new();

    let need_of: HashMap<i64, &Need> =
        households.iter().zip(&needs).filter_map(|((id, _), need)| Some((*id, need.as_ref()?))).collect();

    // One open task a household: what comes while it is open joins it. Locked, so that nobody closes it meanwhile.
    for row in task::Entity::find()
        .filter(task::Column::HouseholdId.is_in(asking.iter().copied()))
        .filter(task::Column::IsOpen.eq(true))
        .lock_exclusive()
        .all(tx.conn())
        .await?
    {
        let Some(need) = need_of.get(&row.household_id) else { continue };
        tasks.insert(row.household_id, row.id);
        join(tx, row, need, due[&need.limit_days]).await?;
    }
    let fresh: Vec<task::ActiveModel> = households
        .iter()
        .zip(&needs)
        .filter(|((id, _), _)| !tasks.contains_key(id))
        .filter_map(|((id, household), need)| {
            // Without an alert of its own (only more severe ones of a visit just ended) there is nothing to visit for.
            let need = need.as_ref().filter(|need| need.alerts > 0)?;
            Some(new_task(*id, household, need, &due, today))
        })
        .collect();
    let opened = fresh.len() as u64;
    for chunk in fresh.chunks(ROWS) {
        for row in task::Entity::insert_many(chunk.to_vec()).exec_with_returning(tx.conn()).await? {
            tasks.insert(row.household_id, row.id);
        }
    }

    let (mut rows, mut seen, mut changed, mut counted) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for ((id, household), need) in households.into_iter().zip(&needs) {
        let scored = need.as_ref().is_some_and(|need| need.scored);
        let task_id = need.as_ref().and_then(|_| tasks.get(&id).copied());
        for fresh in household.fresh {
            let mut row = fresh.row;
            if fresh.opens || (scored && fresh.points > 0) {
                row.task_id = Set(task_id);
                row.state = Set("open".to_owned());
            }
            rows.push(row);
        }
        if let Some(task_id) = task_id {
            // Out of the pool: what became more severe, and all points where they make the visit.
            let risen = household.risen.iter().filter(|r| r.pooled).map(|r| r.id);
            let points = household.standing.iter().filter(|s| scored && s.pooled).map(|s| s.id);
            counted.extend(risen.chain(points).map(|id| (id, task_id)));
        }
        seen.extend(household.seen);
        changed.extend(household.changed);
    }
    let (new, appended) = (rows.len(), seen.len() + changed.len());
    insert_models(tx, rows).await?;
    for chunk in seen.chunks(10_000) {
        alert::Entity::update_many()
            .col_expr(alert::Column::SeenOn, Expr::value(today))
            .filter(alert::Column::Id.is_in(chunk.iter().copied()))
            .exec(tx.conn())
            .await?;
    }
    update_changed(tx, changed, &run_id, today).await?;
    for (id, task_id) in counted {
        alert::Entity::update_many()
            .col_expr(alert::Column::TaskId, Expr::value(task_id))
            .col_expr(alert::Column::State, Expr::value("open"))
            .filter(alert::Column::Id.eq(id))
            .exec(tx.conn())
            .await?;
    }
    let details = json!({ "new": new, "appended": appended, "tasks": opened });
    Ok(Recorded::new(opened, entry(at, "watch.raise", &run_id, &jurisdiction, details)))
}

fn new_task(
    id: i64,
    household: &Household,
    need: &Need,
    due: &HashMap<u32, Limits>,
    today: NaiveDate,
) -> task::ActiveModel {
    let Limits { due_on, next_on, district_on } = due[&need.limit_days];
    task::ActiveModel {
        id: NotSet,
        household_id: Set(id),
        region_code: Set(household.region_code.clone()),
        township: Set(at_level(&household.region_code, RegionLevel::Township)),
        county: Set(at_level(&household.region_code, RegionLevel::County)),
        level: Set(level_id(need.level).to_owned()),
        severity: Set(severity_rank(need.severity)),
        state: Set("assigned".to_owned()),
        is_open: Set(true),
        reasons: Set(join_reasons(need.reasons.iter().map(|(_, id)| id.as_str()))),
        alerts: Set(need.alerts),
        limit_days: Set(need.limit_days as i32),
        created_on: Set(today),
        due_on: Set(due_on),
        next_on: Set(Some(next_on)),
        district_on: Set(district_on),
        assignee: Set(None),
        attempts: Set(0),
        outcome: Set(None),
        case_no: Set(None),
        closed_on: Set(None),
        version: Set(1),
    }
}

fn join_reasons<'a>(reasons: impl Iterator<Item = &'a str>) -> String {
    reasons.collect::<Vec<_>>().join(",")
}

/// An open task takes what came since: it can become more urgent, never less.
async fn join(tx: &Tx, row: task::Model, need: &Need, limits: Limits) -> Result<()> {
    let mut next = row.clone();
    let known: Vec<&str> = row.reasons.split(',').collect();
    let more: Vec<&str> = need.reasons.iter().map(|(_, id)| id.as_str()).filter(|id| !known.contains(id)).collect();
    if severity_rank(need.severity) > row.severity {
        next.reasons = join_reasons(more.iter().copied().chain(known.iter().copied()));
    } else {
        next.reasons = join_reasons(known.iter().copied().chain(more.iter().copied()));
    }
    next.severity = row.severity.max(severity_rank(need.severity));
    next.alerts += need.alerts;
    if limits.due_on < row.due_on {
        next.due_on = limits.due_on;
        next.next_on = Some(limits.next_on.min(row.next_on.unwrap_or(row.due_on)));
        next.district_on = limits.district_on.min(row.district_on);
        next.limit_days = need.limit_days as i32;
        if level_from(&row.level).is_none_or(|level| need.level > level) {
            next.level = level_id(need.level).to_owned();
        }
    }
    next.version += 1;
    let id = row.id;
    let mut active = next.into_active_model().reset_all();
    active.id = NotSet;
    task::Entity::update_many().set(active).filter(task::Column::Id.eq(id)).exec(tx.conn()).await?;
    Ok(())
}

/// Rewrites alerts whose evidence changed, many at a time (an insert that meets its own row updates it), and keeps
/// what they said before: an alert must show later what it was raised on.
async fn update_changed(tx: &Tx, changed: Vec<Changed>, run_id: &str, today: NaiveDate) -> Result<()> {
    use alert::Column as C;
    let mut changed: HashMap<i64, Changed> = changed.into_iter().map(|c| (c.id, c)).collect();
    let mut ids: Vec<i64> = changed.keys().copied().collect();
    ids.sort_unstable();
    for chunk in ids.chunks(ROWS) {
        let rows = alert::Entity::find()
            .filter(C::Id.is_in(chunk.iter().copied()))
            .filter(C::State.ne("closed"))
            .lock_exclusive()
            .all(tx.conn())
            .await?;
        let (mut earlier, mut next) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
        for mut row in rows {
            let Some(change) = changed.remove(&row.id) else { continue };
            earlier.push(alert_evidence::ActiveModel {
                id: NotSet,
                alert_id: Set(row.id),
                evidence: Set(std::mem::replace(&mut row.evidence, change.evidence)),
                severity: Set(row.severity),
                replaced_by: Set(run_id.to_owned()),
                replaced_on: Set(today),
            });
            row.evidence_mark = change.evidence_mark;
            row.measure = change.measure;
            row.severity = change.severity;
            row.points = change.points;
            row.appended += 1;
            row.seen_on = today;
            next.push(row.into_active_model().reset_all());
        }
        if next.is_empty() {
            continue;
        }
        insert_models(tx, earlier).await?;
        alert::Entity::insert_many(next)
            .on_conflict(
                OnConflict::column(C::Id)
                    .update_columns([
                        C::Evidence,
                        C::EvidenceMark,
                        C::Measure,
                        C::Severity,
                        C::Points,
                        C::Appended,
                        C::SeenOn,
                    ])
                    .to_owned(),
            )
            .exec_without_returning(tx.conn())
            .await?;
    }
    Ok(())
}
