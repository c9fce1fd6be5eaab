//! Sources that are fetched on a schedule: when next, how it went last. Where from, and under which key, is the
//! installation's configuration and never here.

use crate::{
    Cx,
    cx::entry,
    error::{InboxError, Result},
    job::execute,
};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use serde_json::json;
use tuodi_access::{Act, Actor, Resource};
use tuodi_store::{Recorded, Store, micros};

/// So many failures one after the other are somebody's task.
pub const PATIENCE: u32 = 5;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    pub source: String,
    /// `http`, `postgresql`.
    pub kind: String,
    pub next: DateTime<Utc>,
    /// The last run, however it ended.
    pub last: Option<(DateTime<Utc>, Outcome)>,
    /// The last run that brought something, new or not.
    pub well: Option<DateTime<Utc>>,
    /// Failures since.
    pub failures: u32,
    /// When the first of them was.
    pub failing_since: Option<DateTime<Utc>>,
    /// SHA-256 in hexadecimal of what came last.
    pub digest: Option<String>,
    /// The job that it became.
    pub job: Option<String>,
    /// When the run that is under way began.
    pub running: Option<DateTime<Utc>>,
    /// Somebody wants that run to stop.
    pub stopping: bool,
}

impl Fetch {
    /// Since when it fails, where it has failed too often to wait any longer.
    pub fn is_stuck(&self) -> Option<DateTime<Utc>> {
        self.failing_since.filter(|_| self.failures >= PATIENCE)
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Something new, which became a job.
    New,
    /// The same bytes as last time: nothing changes.
    Same,
    /// A person stopped it.
    Stopped,
    /// Nothing came: what happened, and a detail for whoever mends it.
    Failed { code: String, detail: String },
}

impl Outcome {
    pub fn id(&self) -> &'static str {
        match self {
            Outcome::New => "new",
            Outcome::Same => "same",
            Outcome::Stopped => "stopped",
            Outcome::Failed { .. } => "failed",
        }
    }
}

const COLUMNS: &str = "source, kind, next_us, last_us, outcome, code, detail, well_us, failures, failing_us, digest, job, \
     running_us, stop_us";

fn fetch(row: &QueryResult) -> Result<Fetch> {
    let at = |column: &str| -> Result<Option<DateTime<Utc>>> {
        let us: Option<i64> = row.try_get("", column)?;
        Ok(us.map(|us| DateTime::from_timestamp_micros(us).unwrap_or_default()))
    };
    let outcome: Option<String> = row.try_get("", "outcome")?;
    let text = |column: &str| -> Result<String> { Ok(row.try_get::<Option<String>>("", column)?.unwrap_or_default()) };
    let outcome = match outcome.as_deref() {
        None => None,
        Some("new") => Some(Outcome::New),
        Some("same") => Some(Outcome::Same),
        Some("stopped") => Some(Outcome::Stopped),
        Some(_) => Some(Outcome::Failed { code: text("code")?, detail: text("detail")? }),
    };
    Ok(Fetch {
        source: row.try_get("", "source")?,
        kind: row.try_get("", "kind")?,
        next: at("next_us")?.unwrap_or_default(),
        last: at("last_us")?.zip(outcome),
        well: at("well_us")?,
        failures: u32::try_from(row.try_get::<i64>("", "failures")?).unwrap_or_default(),
        failing_since: at("failing_us")?,
        digest: row.try_get("", "digest")?,
        job: row.try_get("", "job")?,
        running: at("running_us")?,
        stopping: at("stop_us")?.is_some(),
    })
}

async fn select(store: &Store, rest: &str, values: Vec<Value>) -> Result<Vec<Fetch>> {
    let sql = format!("SELECT {COLUMNS} FROM inbox_fetch {rest}");
    let statement = Statement::from_sql_and_values(store.backend(), sql, values);
    store.read().query_all_raw(statement).await?.iter().map(fetch).collect()
}

/// By source.
pub async fn fetches(store: &Store) -> Result<Vec<Fetch>> {
    select(store, "ORDER BY source", vec![]).await
}

pub async fn fetch_of(store: &Store, source: &str) -> Result<Option<Fetch>> {
    Ok(select(store, "WHERE source = $1", vec![source.into()]).await?.into_iter().next())
}

/// Runs that are due, the longest waiting first.
pub async fn due_fetches(store: &Store, now: DateTime<Utc>) -> Result<Vec<Fetch>> {
    let now = micros(now).timestamp_micros();
    select(store, "WHERE next_us <= $1 ORDER BY next_us, source", vec![now.into()]).await
}

/// Brings the schedule in line with the configuration: sources and kinds. A new one is due at once; what is configured no
/// longer is forgotten, its batches stay.
pub async fn plan_fetches(store: &Store, configured: &[(String, &'static str)], now: DateTime<Utc>) -> Result<()> {
    // Whatever ran when the process ended runs no more.
    let still = "UPDATE inbox_fetch SET running_us = NULL, stop_us = NULL WHERE running_us IS NOT NULL";
    let forgotten = store.upkeep(move |tx| Box::pin(async move { execute(tx, still, vec![]).await.map(|_| ()) }));
    forgotten.await?;
    let planned = fetches(store).await?;
    let known = |source: &str, kind: &str| planned.iter().any(|f| f.source == source && f.kind == kind);
    let wanted = |fetch: &Fetch| configured.iter().any(|(source, kind)| fetch.source == *source && fetch.kind == *kind);
    for fetch in planned.iter().filter(|f| !wanted(f)) {
        let details = json!({ "kind": fetch.kind });
        let entry = entry(&Actor::system(), now, "data.fetch_end", format!("source:{}", fetch.source), details);
        let values: Vec<Value> = vec![fetch.source.clone().into()];
        let change = store.write(move |tx| {
            Box::pin(async move {
                execute(tx, "DELETE FROM inbox_fetch WHERE source = $1", values).await?;
                Ok::<_, InboxError>(Recorded::new((), entry))
            })
        });
        change.await?;
    }
    for (source, kind) in configured.iter().filter(|(source, kind)| !known(source, kind)) {
        let entry =
            entry(&Actor::system(), now, "data.fetch_plan", format!("source:{source}"), json!({ "kind": kind }));
        let at = micros(now).timestamp_micros();
        let values: Vec<Value> = vec![source.clone().into(), (*kind).into(), at.into()];
        let change = store.write(move |tx| {
            Box::pin(async move {
                let sql = "INSERT INTO inbox_fetch (source, kind, next_us, failures) VALUES ($1, $2, $3, 0)";
                execute(tx, sql, values).await?;
                Ok::<_, InboxError>(Recorded::new((), entry))
            })
        });
        change.await?;
    }
    Ok(())
}

/// A run begins.
pub async fn begin_fetch(store: &Store, source: &str, now: DateTime<Utc>) -> Result<()> {
    let entry = entry(&Actor::system(), now, "data.fetch_begin", format!("source:{source}"), json!({}));
    let values: Vec<Value> = vec![source.into(), micros(now).timestamp_micros().into()];
    let change = store.write(move |tx| {
        Box::pin(async move {
            execute(tx, "UPDATE inbox_fetch SET running_us = $2, stop_us = NULL WHERE source = $1", values).await?;
            Ok::<_, InboxError>(Recorded::new((), entry))
        })
    });
    change.await
}

/// A person wants the run that is under way to stop. What it has brought so far is dropped; the schedule stays.
///
/// # Errors
/// Who may not look after feeds; a source that is not being fetched.
pub async fn stop_fetch(cx: &Cx, source: &str) -> Result<()> {
    let resource = Resource::general("feed", source, cx.actor.region.as_str());
    cx.access.authorise(&cx.actor, Act::ManageFeed, &resource, "inbox")?;
    let entry = cx.entry("data.fetch_stop", format!("source:{source}"), json!({}));
    let values: Vec<Value> = vec![source.into(), micros(cx.now).timestamp_micros().into()];
    let source = source.to_owned();
    cx.store
        .write(move |tx| {
            Box::pin(async move {
                let sql = "UPDATE inbox_fetch SET stop_us = $2 WHERE source = $1 AND running_us IS NOT NULL";
                match execute(tx, sql, values).await? {
                    0 => Err(InboxError::NotFound(source)),
                    _ => Ok(Recorded::new((), entry)),
                }
            })
        })
        .await
}

/// A run that ended.
pub struct Run {
    pub source: String,
    pub outcome: Outcome,
    /// Of what came.
    pub digest: Option<String>,
    pub job: Option<String>,
    pub next: DateTime<Utc>,
}

/// Keeps how a run ended, and when the next is.
pub async fn ran(store: &Store, run: Run, now: DateTime<Utc>) -> Result<()> {
    let (code, detail) = match &run.outcome {
        Outcome::Failed { code, detail } => (Some(code.clone()), Some(detail.clone())),
        Outcome::New | Outcome::Same | Outcome::Stopped => (None, None),
    };
    let details = json!({ "outcome": run.outcome.id(), "why": code, "job": run.job });
    let entry = entry(&Actor::system(), now, "data.fetch", format!("source:{}", run.source), details);
    let failed = code.is_some();
    let values: Vec<Value> = vec![
        run.source.into(),
        run.next.timestamp_micros().into(),
        micros(now).timestamp_micros().into(),
        run.outcome.id().into(),
        code.into(),
        detail.into(),
        run.digest.into(),
        run.job.into(),
    ];
    // What was stopped has neither failed nor gone well.
    let how = match run.outcome {
        Outcome::Stopped => "failures = failures",
        _ if failed => "failures = failures + 1, failing_us = COALESCE(failing_us, $3)",
        _ => "failures = 0, failing_us = NULL, well_us = $3",
    };
    let change = store.write(move |tx| {
        Box::pin(async move {
            let sql = format!(
                "UPDATE inbox_fetch SET next_us = $2, last_us = $3, outcome = $4, code = $5, detail = $6, \
                 digest = COALESCE($7, digest), job = COALESCE($8, job), running_us = NULL, stop_us = NULL, {how} WHERE source = $1"
            );
            execute(tx, &sql, values).await?;
            Ok::<_, InboxError>(Recorded::new((), entry))
        })
    });
    change.await
}

/// A person does not want to wait for the schedule.
///
/// # Errors
/// Who may not look after feeds; a source that is not fetched.
pub async fn fetch_now(cx: &Cx, source: &str) -> Result<()> {
    let resource = Resource::general("feed", source, cx.actor.region.as_str());
    cx.access.authorise(&cx.actor, Act::ManageFeed, &resource, "inbox")?;
    let entry = cx.entry("data.fetch_now", format!("source:{source}"), json!({}));
    let values: Vec<Value> = vec![source.into(), micros(cx.now).timestamp_micros().into()];
    let source = source.to_owned();
    cx.store
        .write(move |tx| {
            Box::pin(async move {
                match execute(tx, "UPDATE inbox_fetch SET next_us = $2 WHERE source = $1", values).await? {
                    0 => Err(InboxError::NotFound(source)),
                    _ => Ok(Recorded::new((), entry)),
                }
            })
        })
        .await
}
