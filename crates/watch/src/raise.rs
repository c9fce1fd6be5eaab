//! From findings to alerts to tasks: suppressed where one is open or just closed, merged into one visit a household.
//!
//! Set-based: everything known is read once, decided in memory, and written in chunks of households, each chunk one
//! transaction with its journal entry. A run that is interrupted is finished by the next: what it wrote is open then.

use crate::{
    error::Result,
    tables::{alert, monitoring_run, task},
    words::{level_from, level_id, severity_of_rank, severity_rank},
};
use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use tuodi_casework::beijing_date;
use tuodi_pack::{
    HouseholdId, Pack, PersonId,
    indicator::{Indicator, Kind, Level, Severity},
    region::RegionLevel,
};
use tuodi_store::{Entry, Keys, Recorded, Store, Tx};

/// The population pass that found the alerts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub id: String,
    pub as_of: NaiveDate,
    pub pack_version: String,
    pub snapshot: String,
}

/// One finding of the pass.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAlert {
    pub indicator: String,
    pub severity: Severity,
    pub household_id: HouseholdId,
    pub person_id: Option<PersonId>,
    /// The household's village.
    pub region_code: String,
    /// Facts by name, as the indicator lists them.
    pub evidence: Value,
    /// Who must act first.
    pub level: Level,
    /// Working days.
    pub limit_days: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Raised {
    pub new: u64,
    /// Closed not long ago and not worse since.
    pub suppressed: u64,
    /// Open already.
    pub appended: u64,
    /// Score indicators among the new ones: they add points and open no task by themselves.
    pub pooled: u64,
    /// Tasks opened.
    pub tasks: u64,
}

/// Households of one transaction.
const HOUSEHOLDS: usize = 1_000;
/// Rows of one INSERT: 21 columns stay below SQLite's 32,766 bound values.
const ROWS: usize = 1_000;
/// Points of a household that open a task (indicators.md B1): orange for the village, red for the township.
const ORANGE_POINTS: i32 = 60;
const RED_POINTS: i32 = 90;
/// Cool-down where an indicator names none (indicators.md B1).
const COOLDOWN_DAYS: u32 = 90;

fn subject(alert: &NewAlert) -> String {
    match alert.person_id {
        Some(person) => format!("p{person}"),
        None => format!("h{}", alert.household_id),
    }
}

/// The first fact of the evidence, as a number: what "worse by a fifth" compares.
fn measure(indicator: &Indicator, evidence: &Value) -> Option<i64> {
    let name = indicator.evidence.first()?;
    let value = match evidence {
        Value::Object(facts) => facts.get(name)?,
        Value::Array(facts) => {
            facts.iter().find(|f| f.get("name").and_then(Value::as_str) == Some(name))?.get("value")?
        }
        _ => return None,
    };
    value.as_i64().or_else(|| value.as_str().and_then(|s| s.parse().ok()))
}

/// Worse by a fifth or more since it was closed.
fn is_worse(old: Option<i64>, new: Option<i64>) -> bool {
    match (old, new) {
        (Some(old), Some(new)) => i128::from(new.abs()) * 5 >= i128::from(old.abs()) * 6 && new.abs() > old.abs(),
        _ => false,
    }
}

fn at_level(code: &str, level: RegionLevel) -> String {
    let digits = level.digits().min(code.len());
    format!("{:0<12}", &code[..digits])
}

/// An alert to write, ready sealed.
struct Fresh {
    row: alert::ActiveModel,
    indicator: String,
    severity: Severity,
    level: Level,
    limit_days: u32,
    points: i32,
    scores: bool,
}

/// What one household gets from this run.
#[derive(Default)]
struct Household {
    region_code: String,
    fresh: Vec<Fresh>,
    /// Open alerts with changed evidence or higher severity.
    changed: Vec<alert::Model>,
    seen: Vec<i64>,
    /// Points of pooled alerts that stand already, with their ids.
    standing: Vec<(i64, i32)>,
}

/// Raises the findings of one run.
pub async fn raise(store: &Store, pack: &Pack, run: &Run, alerts: Vec<NewAlert>, now: DateTime<Utc>) -> Result<Raised> {
    let at = now.trunc_subsecs(6);
    let today = beijing_date(now);
    let keys = store.keys().clone();
    let findings = alerts.len();
    let known = Known::load(store, pack, today).await?;
    let mut raised = Raised::default();
    let mut households: BTreeMap<i64, Household> = BTreeMap::new();
    let mut twice: HashMap<(String, String), ()> = HashMap::with_capacity(alerts.len());
    for new in alerts {
        let Some(indicator) = pack.indicator(&new.indicator) else {
            return Err(crate::WatchError::NoIndicator(new.indicator));
        };
        let subject = subject(&new);
        if twice.insert((new.indicator.clone(), subject.clone()), ()).is_some() {
            continue;
        }
        let household = households.entry(new.household_id.0).or_default();
        household.region_code.clone_from(&new.region_code);
        let lookup = (new.indicator.clone(), subject.clone());
        if let Some(open) = known.open.get(&lookup) {
            raised.appended += 1;
            append(&keys, indicator, &new, open, household)?;
            continue;
        }
        let measured = measure(indicator, &new.evidence);
        if let Some(closed) = known.closed.get(&lookup)
            && !is_worse(open_measure(&keys, closed)?, measured)
            && severity_rank(new.severity) <= closed.severity
        {
            raised.suppressed += 1;
            continue;
        }
        raised.new += 1;
        let scores = indicator.kind == Kind::Score;
        if scores {
            raised.pooled += 1;
        }
        household.fresh.push(fresh(&keys, indicator, new, subject, measured, run, today)?);
    }
    for (id, household) in &mut households {
        household.standing = known.standing.get(id).cloned().unwrap_or_default();
    }
    record_run(store, run, findings, at, &pack.info.jurisdiction).await?;
    let mut list: Vec<(i64, Household)> = households.into_iter().collect();
    while !list.is_empty() {
        let rest = list.split_off(list.len().min(HOUSEHOLDS));
        let chunk = std::mem::replace(&mut list, rest);
        raised.tasks += write(store, pack, run, chunk, at, today).await?;
    }
    Ok(raised)
}

/// Alerts that stand: open ones by suppression key, closed ones in their cool-down, points by household.
struct Known {
    open: HashMap<(String, String), alert::Model>,
    closed: HashMap<(String, String), alert::Model>,
    standing: HashMap<i64, Vec<(i64, i32)>>,
}

fn cooldown(pack: &Pack, indicator: &str) -> u32 {
    match pack.indicator(indicator).map_or(0, |i| i.cooldown_days) {
        0 => COOLDOWN_DAYS,
        days => days,
    }
}

impl Known {
    async fn load(store: &Store, pack: &Pack, today: NaiveDate) -> Result<Known> {
        let mut known = Known { open: HashMap::new(), closed: HashMap::new(), standing: HashMap::new() };
        for row in alert::Entity::find().filter(alert::Column::State.ne("closed")).all(store.read()).await? {
            if row.state == "pooled" {
                known.standing.entry(row.household_id).or_default().push((row.id, row.points));
            }
            known.open.insert((row.indicator.clone(), row.subject.clone()), row);
        }
        let longest = pack.indicators.iter().map(|i| cooldown(pack, &i.id)).max().unwrap_or(COOLDOWN_DAYS);
        let since = today - chrono::Days::new(u64::from(longest));
        for row in alert::Entity::find()
            .filter(alert::Column::State.eq("closed"))
            .filter(alert::Column::ClosedOn.gt(since))
            .all(store.read())
            .await?
        {
            let Some(closed_on) = row.closed_on else { continue };
            if today < closed_on + chrono::Days::new(u64::from(cooldown(pack, &row.indicator))) {
                let key = (row.indicator.clone(), row.subject.clone());
                // Of several, the one closed last.
                if known.closed.get(&key).is_none_or(|other| other.closed_on < row.closed_on) {
                    known.closed.insert(key, row);
                }
            }
        }
        Ok(known)
    }
}

fn mark(keys: &Keys, evidence: &str) -> String {
    keys.token("alert.evidence", evidence)
}

fn open_measure(keys: &Keys, alert: &alert::Model) -> Result<Option<i64>> {
    match &alert.measure {
        Some(sealed) => Ok(keys.open("alert.measure", sealed)?.parse().ok()),
        None => Ok(None),
    }
}

fn seal_measure(keys: &Keys, measured: Option<i64>) -> Option<Vec<u8>> {
    measured.map(|m| keys.seal("alert.measure", &m.to_string()))
}

/// New evidence on an open alert is kept with it; no new alert, no new task (boundary b18).
fn append(
    keys: &Keys,
    indicator: &Indicator,
    new: &NewAlert,
    open: &alert::Model,
    household: &mut Household,
) -> Result<()> {
    let evidence = new.evidence.to_string();
    let mark = mark(keys, &evidence);
    let rank = severity_rank(new.severity);
    if mark == open.evidence_mark && rank <= open.severity {
        household.seen.push(open.id);
        return Ok(());
    }
    let mut changed = open.clone();
    changed.evidence = keys.seal("alert.evidence", &evidence);
    changed.evidence_mark = mark;
    changed.measure = seal_measure(keys, measure(indicator, &new.evidence));
    changed.severity = rank.max(open.severity);
    changed.appended += 1;
    household.changed.push(changed);
    Ok(())
}

fn fresh(
    keys: &Keys,
    indicator: &Indicator,
    new: NewAlert,
    subject: String,
    measured: Option<i64>,
    run: &Run,
    today: NaiveDate,
) -> Result<Fresh> {
    let evidence = new.evidence.to_string();
    let scores = indicator.kind == Kind::Score;
    let points = if scores { indicator.points as i32 } else { 0 };
    let row = alert::ActiveModel {
        id: NotSet,
        indicator: Set(new.indicator.clone()),
        subject: Set(subject),
        household_id: Set(new.household_id.0),
        person_id: Set(new.person_id.map(|p| p.0)),
        township: Set(at_level(&new.region_code, RegionLevel::Township)),
        county: Set(at_level(&new.region_code, RegionLevel::County)),
        region_code: Set(new.region_code),
        severity: Set(severity_rank(new.severity)),
        points: Set(points),
        evidence_mark: Set(mark(keys, &evidence)),
        evidence: Set(keys.seal("alert.evidence", &evidence)),
        measure: Set(seal_measure(keys, measured)),
        appended: Set(0),
        state: Set(if scores { "pooled" } else { "open" }.to_owned()),
        task_id: Set(None),
        run_id: Set(run.id.clone()),
        raised_on: Set(today),
        seen_on: Set(today),
        closed_on: Set(None),
        outcome: Set(None),
    };
    Ok(Fresh {
        row,
        indicator: new.indicator,
        severity: new.severity,
        level: new.level,
        limit_days: new.limit_days,
        points,
        scores,
    })
}

async fn record_run(store: &Store, run: &Run, findings: usize, at: DateTime<Utc>, jurisdiction: &str) -> Result<()> {
    let (run, jurisdiction) = (run.clone(), jurisdiction.to_owned());
    store
        .write(move |tx| {
            Box::pin(async move {
                let row = monitoring_run::ActiveModel {
                    id: Set(run.id.clone()),
                    as_of: Set(run.as_of),
                    pack_version: Set(run.pack_version.clone()),
                    snapshot: Set(run.snapshot.clone()),
                    findings: Set(findings as i64),
                    at: Set(at),
                };
                monitoring_run::Entity::insert(row)
                    .on_conflict(
                        OnConflict::column(monitoring_run::Column::Id)
                            .update_column(monitoring_run::Column::At)
                            .to_owned(),
                    )
                    .exec_without_returning(tx.conn())
                    .await?;
                let details = json!({
                    "as_of": run.as_of, "pack": run.pack_version, "snapshot": run.snapshot, "findings": findings,
                });
                Ok::<_, crate::WatchError>(Recorded::new((), entry(at, "watch.run", &run.id, &jurisdiction, details)))
            })
        })
        .await
}

fn entry(at: DateTime<Utc>, act: &str, run: &str, region: &str, details: Value) -> Entry {
    Entry {
        at,
        actor: "system".to_owned(),
        role: "R00".to_owned(),
        act: act.to_owned(),
        subject: format!("run:{run}"),
        region: region.to_owned(),
        details,
    }
}

/// What a task must be, from the alerts that make it.
struct Need {
    level: Level,
    severity: Severity,
    limit_days: u32,
    /// Indicators, most severe first.
    reasons: Vec<(Severity, String)>,
    alerts: i32,
}

/// The visit that a household's fresh alerts ask for; none where only points came and they are few.
fn need(household: &Household) -> Option<Need> {
    let mut needed: Option<Need> = None;
    let mut ask = |level: Level, severity: Severity, limit_days: u32| match &mut needed {
        None => needed = Some(Need { level, severity, limit_days, reasons: Vec::new(), alerts: 0 }),
        Some(need) => {
            // The most urgent says who goes; of two equally urgent the higher level.
            if limit_days < need.limit_days || (limit_days == need.limit_days && level > need.level) {
                need.level = level;
            }
            need.limit_days = need.limit_days.min(limit_days);
            need.severity = need.severity.max(severity);
        }
    };
    for alert in household.fresh.iter().filter(|a| !a.scores) {
        ask(alert.level, alert.severity, alert.limit_days);
    }
    let fresh_points: i32 = household.fresh.iter().map(|a| a.points).sum();
    let points = fresh_points + household.standing.iter().map(|(_, p)| p).sum::<i32>();
    let scored = fresh_points > 0 && points >= ORANGE_POINTS;
    if scored && points >= RED_POINTS {
        ask(Level::Township, Severity::Red, 3);
    } else if scored {
        ask(Level::Village, Severity::Orange, 5);
    }
    let mut need = needed?;
    need.reasons =
        household.fresh.iter().filter(|a| !a.scores || scored).map(|a| (a.severity, a.indicator.clone())).collect();
    need.reasons.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    need.reasons.dedup_by(|a, b| a.1 == b.1);
    need.alerts = household.fresh.iter().filter(|a| !a.scores || scored).count() as i32;
    if scored {
        need.alerts += household.standing.len() as i32;
    }
    Some(need)
}

async fn write(
    store: &Store,
    pack: &Pack,
    run: &Run,
    households: Vec<(i64, Household)>,
    at: DateTime<Utc>,
    today: NaiveDate,
) -> Result<u64> {
    // Days are counted before the transaction: it must not wait for anything.
    let mut due = HashMap::new();
    for need in households.iter().filter_map(|(_, h)| need(h)) {
        if let std::collections::hash_map::Entry::Vacant(slot) = due.entry(need.limit_days) {
            let first = pack.calendar.add_working_days(today, need.limit_days)?;
            let second = pack.calendar.add_working_days(today, need.limit_days * 2)?;
            slot.insert((first, second));
        }
    }
    let run_id = run.id.clone();
    let jurisdiction = pack.info.jurisdiction.clone();
    store
        .write(move |tx| {
            Box::pin(async move { write_chunk(tx, run_id, jurisdiction, households, due, at, today).await })
        })
        .await
}

async fn write_chunk(
    tx: &Tx,
    run_id: String,
    jurisdiction: String,
    households: Vec<(i64, Household)>,
    due: HashMap<u32, (NaiveDate, NaiveDate)>,
    at: DateTime<Utc>,
    today: NaiveDate,
) -> Result<Recorded<u64>> {
    let needs: Vec<Option<Need>> = households.iter().map(|(_, h)| need(h)).collect();
    let asking: Vec<i64> = households.iter().zip(&needs).filter(|(_, n)| n.is_some()).map(|((id, _), _)| *id).collect();
    let mut tasks: HashMap<i64, i64> = HashMap::new();

    // One open task a household: what comes while it is open joins it.
    for row in task::Entity::find()
        .filter(task::Column::HouseholdId.is_in(asking.iter().copied()))
        .filter(task::Column::IsOpen.eq(true))
        .all(tx.conn())
        .await?
    {
        let Some(place) = households.iter().position(|(id, _)| *id == row.household_id) else { continue };
        let Some(need) = &needs[place] else { continue };
        tasks.insert(row.household_id, row.id);
        join(tx, row, need, due[&need.limit_days]).await?;
    }
    let fresh: Vec<task::ActiveModel> = households
        .iter()
        .zip(&needs)
        .filter(|((id, _), _)| !tasks.contains_key(id))
        .filter_map(|((id, household), need)| need.as_ref().map(|need| new_task(*id, household, need, &due, today)))
        .collect();
    let opened = fresh.len() as u64;
    for chunk in fresh.chunks(ROWS) {
        for row in task::Entity::insert_many(chunk.to_vec()).exec_with_returning(tx.conn()).await? {
            tasks.insert(row.household_id, row.id);
        }
    }

    let (mut rows, mut seen, mut changed, mut counted) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for ((id, household), need) in households.into_iter().zip(&needs) {
        let scored = need.is_some() && household_scored(&household);
        let task_id = need.as_ref().and_then(|_| tasks.get(&id).copied());
        for fresh in household.fresh {
            let mut row = fresh.row;
            if !fresh.scores || scored {
                row.task_id = Set(task_id);
                row.state = Set("open".to_owned());
            }
            rows.push(row);
        }
        if let (true, Some(task_id)) = (scored, task_id) {
            counted.extend(household.standing.into_iter().map(|(alert, _)| (alert, task_id)));
        }
        seen.extend(household.seen);
        changed.extend(household.changed);
    }
    let (new, appended) = (rows.len(), seen.len() + changed.len());
    for chunk in rows.chunks(ROWS) {
        alert::Entity::insert_many(chunk.to_vec()).exec_without_returning(tx.conn()).await?;
    }
    seen.extend(changed.iter().map(|a| a.id));
    for chunk in seen.chunks(10_000) {
        alert::Entity::update_many()
            .col_expr(alert::Column::SeenOn, Expr::value(today))
            .filter(alert::Column::Id.is_in(chunk.iter().copied()))
            .exec(tx.conn())
            .await?;
    }
    update_changed(tx, changed, today).await?;
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

fn household_scored(household: &Household) -> bool {
    let fresh: i32 = household.fresh.iter().map(|a| a.points).sum();
    fresh > 0 && fresh + household.standing.iter().map(|(_, p)| p).sum::<i32>() >= ORANGE_POINTS
}

fn new_task(
    id: i64,
    household: &Household,
    need: &Need,
    due: &HashMap<u32, (NaiveDate, NaiveDate)>,
    today: NaiveDate,
) -> task::ActiveModel {
    let (due_on, district_on) = due[&need.limit_days];
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
async fn join(tx: &Tx, row: task::Model, need: &Need, (due_on, district_on): (NaiveDate, NaiveDate)) -> Result<()> {
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
    if due_on < row.due_on {
        next.due_on = due_on;
        next.district_on = district_on.min(row.district_on);
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

/// Rewrites alerts whose evidence changed, many at a time: an insert that meets its own row updates it.
async fn update_changed(tx: &Tx, changed: Vec<alert::Model>, today: NaiveDate) -> Result<()> {
    use alert::Column as C;
    let rows: Vec<alert::ActiveModel> = changed
        .into_iter()
        .map(|mut row| {
            row.seen_on = today;
            row.into_active_model().reset_all()
        })
        .collect();
    for chunk in rows.chunks(ROWS) {
        alert::Entity::insert_many(chunk.to_vec())
            .on_conflict(
                OnConflict::column(C::Id)
                    .update_columns([C::Evidence, C::EvidenceMark, C::Measure, C::Severity, C::Appended, C::SeenOn])
                    .to_owned(),
            )
            .exec_without_returning(tx.conn())
            .await?;
    }
    Ok(())
}

pub(crate) fn severity(rank: i32) -> Severity {
    severity_of_rank(rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worse_by_a_fifth_counts_and_a_little_less_does_not() {
        assert!(is_worse(Some(50_000), Some(60_000)));
        assert!(!is_worse(Some(50_000), Some(59_999)));
        assert!(!is_worse(Some(0), Some(0)));
        assert!(is_worse(Some(0), Some(1)));
        assert!(!is_worse(None, Some(1)));
    }
}
