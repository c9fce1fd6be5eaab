//! From findings to alerts to tasks: suppressed where one is open or just closed, merged into one visit a household.
//!
//! Set-based: everything known is read once, decided in memory, and written in chunks of households, each chunk one
//! transaction with its journal entry. A run that is interrupted is finished by the next: what it wrote is open then.

use crate::{
    error::Result,
    known::{Known, OpenAlert},
    measure::{is_worse, measure},
    need::{Call, Changed, Fresh, Household, Risen},
    tables::{alert, monitoring_run},
    words::severity_rank,
    write::{HOUSEHOLDS, at_level, write},
};
use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use rayon::prelude::*;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    EntityTrait,
    sea_query::OnConflict,
};
use serde_json::{Value, json};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashSet},
};
use tuodi_casework::beijing_date;
use tuodi_pack::{
    HouseholdId, Pack, PersonId,
    indicator::{Indicator, Level, Severity},
    region::RegionLevel,
};
use tuodi_store::{Entry, Keys, Recorded, Store};

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
    /// Of this alert.
    pub severity: Severity,
    /// Of this alert of a score indicator; others 0.
    pub points: u32,
    pub household_id: HouseholdId,
    pub person_id: Option<PersonId>,
    /// The household's village.
    pub region_code: String,
    /// Facts by name, as the indicator lists them: one JSON object, as the pass wrote it.
    pub evidence: String,
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
    /// Among the new ones those that open no task by themselves: they add points, or are mere information.
    pub pooled: u64,
    /// Tasks opened.
    pub tasks: u64,
}

fn subject(alert: &NewAlert) -> String {
    match alert.person_id {
        Some(person) => format!("p{person}"),
        None => format!("h{}", alert.household_id),
    }
}

/// Raises the findings of one run.
pub async fn raise(
    store: &Store,
    pack: &Pack,
    run: &Run,
    mut alerts: Vec<NewAlert>,
    now: DateTime<Utc>,
) -> Result<Raised> {
    let at = now.trunc_subsecs(6);
    let today = beijing_date(now);
    let keys = store.keys().clone();
    let findings = alerts.len();
    let known = Known::load(store, pack, today).await?;
    let worse_permille = pack.workflow.monitoring.worse_permille;
    let mut raised = Raised::default();
    let mut households: BTreeMap<i64, Household> = BTreeMap::new();
    let mut raising = Vec::with_capacity(alerts.len());
    let mut twice: HashSet<(String, String)> = HashSet::with_capacity(alerts.len());
    // Found twice in one run, the most severe counts.
    alerts.sort_by_key(|alert| Reverse(alert.severity));
    for mut new in alerts {
        let Some(indicator) = pack.indicator(&new.indicator) else {
            return Err(crate::WatchError::NoIndicator(new.indicator));
        };
        let subject = subject(&new);
        if !twice.insert((new.indicator.clone(), subject.clone())) {
            continue;
        }
        // A household that no register places anywhere is the district's to find.
        if new.region_code.is_empty() {
            new.region_code.clone_from(&pack.info.jurisdiction);
        }
        let household = households.entry(new.household_id.0).or_default();
        household.region_code.clone_from(&new.region_code);
        let lookup = (new.indicator.clone(), subject.clone());
        if let Some(open) = known.open.get(&lookup) {
            raised.appended += 1;
            append(&keys, pack, indicator, &new, open, household);
            continue;
        }
        if let Some(closed) = known.closed.get(&lookup)
            && severity_rank(new.severity) <= closed.severity
            && !is_worse(
                indicator.worse,
                worse_permille,
                open_measure(&keys, closed.measure.as_deref())?,
                measure(pack, indicator, &new.evidence),
            )
        {
            raised.suppressed += 1;
            continue;
        }
        raised.new += 1;
        if !indicator.opens_task_at(new.severity) {
            raised.pooled += 1;
        }
        raising.push((indicator, new, subject));
    }
    // Every alert is sealed by itself: on all cores.
    let sealed: Vec<(i64, Fresh)> = raising
        .into_par_iter()
        .map(|(indicator, new, subject)| {
            let measured = measure(pack, indicator, &new.evidence);
            (new.household_id.0, fresh(&keys, indicator, new, subject, measured, run, today))
        })
        .collect();
    for (household, fresh) in sealed {
        households.entry(household).or_default().fresh.push(fresh);
    }
    for (id, household) in &mut households {
        household.standing = known.standing.get(id).cloned().unwrap_or_default();
        for standing in &mut household.standing {
            if let Some(changed) = household.changed.iter().find(|c| c.id == standing.id) {
                standing.more = changed.points > standing.points;
                standing.points = changed.points;
            }
        }
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

fn call(alert: &NewAlert) -> Call {
    Call { severity: alert.severity, level: alert.level, limit_days: alert.limit_days }
}

fn mark(keys: &Keys, evidence: &str) -> String {
    keys.token("alert.evidence", evidence)
}

fn open_measure(keys: &Keys, measure: Option<&[u8]>) -> Result<Option<i64>> {
    match measure {
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
    pack: &Pack,
    indicator: &Indicator,
    new: &NewAlert,
    open: &OpenAlert,
    household: &mut Household,
) {
    let mark = mark(keys, &new.evidence);
    let rank = severity_rank(new.severity);
    let points = i32::try_from(new.points).unwrap_or(i32::MAX);
    // A pack that has changed may send somebody for what waited in the pool.
    let pooled = open.state == "pooled";
    let opens = indicator.opens_task_at(new.severity);
    if mark == open.evidence_mark && rank <= open.severity && points == open.points && !(pooled && opens) {
        household.seen.push(open.id);
        return;
    }
    if opens && (pooled || rank > open.severity) {
        household.risen.push(Risen { id: open.id, indicator: new.indicator.clone(), call: call(new), pooled });
    }
    household.changed.push(Changed {
        id: open.id,
        evidence: keys.seal("alert.evidence", &new.evidence),
        evidence_mark: mark,
        measure: seal_measure(keys, measure(pack, indicator, &new.evidence)),
        severity: rank.max(open.severity),
        points,
    });
}

fn fresh(
    keys: &Keys,
    indicator: &Indicator,
    new: NewAlert,
    subject: String,
    measured: Option<i64>,
    run: &Run,
    today: NaiveDate,
) -> Fresh {
    let (call, opens) = (call(&new), indicator.opens_task_at(new.severity));
    let points = i32::try_from(new.points).unwrap_or(i32::MAX);
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
        evidence_mark: Set(mark(keys, &new.evidence)),
        evidence: Set(keys.seal("alert.evidence", &new.evidence)),
        measure: Set(seal_measure(keys, measured)),
        appended: Set(0),
        state: Set(if opens { "open" } else { "pooled" }.to_owned()),
        task_id: Set(None),
        run_id: Set(run.id.clone()),
        raised_on: Set(today),
        seen_on: Set(today),
        closed_on: Set(None),
        outcome: Set(None),
    };
    Fresh { row, indicator: new.indicator, call, points, opens }
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

pub(crate) fn entry(at: DateTime<Utc>, act: &str, run: &str, region: &str, details: Value) -> Entry {
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
