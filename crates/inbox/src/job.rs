//! One file on its way into the pool.

use crate::{
    Cx,
    error::{InboxError, Result},
};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, Value};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use tuodi_pack::Text;
use tuodi_store::{Entry, Page, Recorded, Store, Tx};

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Somebody asked what would become of the file; nothing is taken.
    Checking,
    /// The answer stands; a person confirms, or says what headings mean, or lets it be.
    Checked,
    Taking,
    /// It is in the pool, as far as it goes.
    Done,
    Cancelled,
    /// The machine could not: a full disk, a lost database.
    Failed,
}

impl Stage {
    pub const ALL: [Stage; 6] =
        [Stage::Checking, Stage::Checked, Stage::Taking, Stage::Done, Stage::Cancelled, Stage::Failed];

    pub fn id(self) -> &'static str {
        match self {
            Stage::Checking => "checking",
            Stage::Checked => "checked",
            Stage::Taking => "taking",
            Stage::Done => "done",
            Stage::Cancelled => "cancelled",
            Stage::Failed => "failed",
        }
    }

    fn of(id: &str) -> Stage {
        Stage::ALL.into_iter().find(|s| s.id() == id).unwrap_or(Stage::Failed)
    }

    /// Somebody is at work on it, or will be.
    pub fn is_running(self) -> bool {
        matches!(self, Stage::Checking | Stage::Taking)
    }

    /// Nothing will happen to it any more; its file is not needed.
    pub fn is_over(self) -> bool {
        matches!(self, Stage::Done | Stage::Cancelled | Stage::Failed)
    }
}

/// What became, or would become, of the files of a job: one, or those of an archive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobReport {
    pub files: Vec<FileOutcome>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileOutcome {
    /// Without folders.
    pub file: String,
    /// `taken`, `held`, `already_taken`, `refused`.
    pub state: String,
    pub source: Option<String>,
    pub batch: Option<String>,
    pub rows_read: u64,
    pub rows_taken: u64,
    pub rows_quarantined: u64,
    /// Rows by the code of their first problem.
    pub reasons: BTreeMap<String, u64>,
    /// Place, problem and remedy, where the file is refused.
    pub refusal: Option<[Text; 3]>,
}

impl JobReport {
    pub fn sum(&self, of: impl Fn(&FileOutcome) -> u64) -> u64 {
        self.files.iter().map(of).sum()
    }

    /// Whether taking it would change anything.
    pub fn has_rows(&self) -> bool {
        self.files.iter().any(|f| matches!(f.state.as_str(), "taken" | "held"))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub id: String,
    pub stage: Stage,
    pub file_name: String,
    pub bytes: u64,
    /// The source a person named; none where the file speaks for itself.
    pub source: Option<String>,
    /// The batch whose rows it mends.
    pub corrects: Option<String>,
    pub report: Option<JobReport>,
    /// Why it failed, for the operator.
    pub trouble: Option<String>,
    pub account: String,
    pub region: String,
    pub at: DateTime<Utc>,
    pub changed: DateTime<Utc>,
}

pub struct NewJob {
    pub id: String,
    pub file_name: String,
    pub bytes: u64,
    pub source: Option<String>,
    pub corrects: Option<String>,
    /// Rows mended on the page, and what systems send by themselves, are taken without a trial.
    pub confirmed: bool,
    /// SHA-256 in hexadecimal, where the same bytes are to be one job only.
    pub digest: Option<String>,
}

const COLUMNS: &str =
    "id, stage, file_name, bytes, source, corrects, report, trouble, account, region, at_us, changed_us";

pub(crate) fn job(row: &QueryResult) -> Result<Job, DbErr> {
    let at = |column: &str| -> Result<DateTime<Utc>, DbErr> {
        Ok(DateTime::from_timestamp_micros(row.try_get("", column)?).unwrap_or_default())
    };
    let report: Option<String> = row.try_get("", "report")?;
    Ok(Job {
        id: row.try_get("", "id")?,
        stage: Stage::of(&row.try_get::<String>("", "stage")?),
        file_name: row.try_get("", "file_name")?,
        bytes: row.try_get::<i64>("", "bytes")?.unsigned_abs(),
        source: row.try_get("", "source")?,
        corrects: row.try_get("", "corrects")?,
        report: report.and_then(|text| serde_json::from_str(&text).ok()),
        trouble: row.try_get("", "trouble")?,
        account: row.try_get("", "account")?,
        region: row.try_get("", "region")?,
        at: at("at_us")?,
        changed: at("changed_us")?,
    })
}

pub(crate) async fn select(store: &Store, rest: &str, values: Vec<Value>) -> Result<Vec<Job>> {
    let sql = format!("SELECT {COLUMNS} FROM inbox_job {rest}");
    let rows = store.read().query_all_raw(Statement::from_sql_and_values(store.backend(), sql, values)).await?;
    Ok(rows.iter().map(job).collect::<Result<_, _>>()?)
}

/// Long numbers in a file's name may be somebody's.
fn without_numbers(name: &str) -> String {
    let mut out = String::new();
    let mut run = 0;
    for c in name.chars().filter(|c| !c.is_control()).take(120) {
        run = if c.is_ascii_digit() { run + 1 } else { 0 };
        out.push(if run > 10 { '*' } else { c });
    }
    out
}

/// A file has arrived whole; it is checked next.
///
/// # Errors
/// Who may not take data in; [`InboxError::UnderWay`] where the same bytes of the same source are.
pub async fn receive(cx: &Cx, new: NewJob) -> Result<Job> {
    cx.authorise(&new.id)?;
    let stage = if new.confirmed { Stage::Taking } else { Stage::Checking };
    let at = tuodi_store::micros(cx.now);
    let made = Job {
        id: new.id,
        stage,
        file_name: without_numbers(&new.file_name),
        bytes: new.bytes,
        source: new.source,
        corrects: new.corrects,
        report: None,
        trouble: None,
        account: cx.actor.account.clone(),
        region: cx.actor.region.clone(),
        at,
        changed: at,
    };
    let details = json!({
        "file": made.file_name, "bytes": made.bytes, "source": made.source, "corrects": made.corrects,
        "stage": stage.id(), "digest": new.digest,
    });
    let entry = cx.entry("data.receive", format!("job:{}", made.id), details);
    let role = cx.actor.role.id();
    let (row, digest) = (made.clone(), new.digest);
    let done = cx
        .store
        .write(move |tx| {
            Box::pin(async move {
                let values: Vec<Value> = vec![
                    row.id.into(),
                    row.stage.id().into(),
                    row.file_name.into(),
                    (row.bytes as i64).into(),
                    row.source.into(),
                    row.corrects.into(),
                    row.account.into(),
                    role.into(),
                    row.region.into(),
                    row.at.timestamp_micros().into(),
                    digest.into(),
                ];
                let sql = "INSERT INTO inbox_job (id, stage, file_name, bytes, source, corrects, account, role, region, \
                           at_us, changed_us, digest) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11) \
                           ON CONFLICT DO NOTHING";
                match execute(tx, sql, values).await? {
                    0 => Err(InboxError::UnderWay),
                    _ => Ok::<_, InboxError>(Recorded::new((), entry)),
                }
            })
        })
        .await;
    done.map(|()| made)
}

pub(crate) async fn execute(tx: &Tx, sql: &str, values: Vec<Value>) -> Result<u64> {
    let conn = tx.conn();
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, values);
    Ok(conn.execute_raw(statement).await?.rows_affected())
}

/// Newest first.
pub async fn list(store: &Store, page: u64, per_page: u64) -> Result<Page<Job>> {
    let count = Statement::from_string(store.backend(), "SELECT COUNT(*) AS n FROM inbox_job");
    let total: i64 = match store.read().query_one_raw(count).await? {
        Some(row) => row.try_get("", "n")?,
        None => 0,
    };
    let rest = format!("ORDER BY at_us DESC, id LIMIT {per_page} OFFSET {}", Page::<Job>::offset(page, per_page));
    Ok(Page { rows: select(store, &rest, vec![]).await?, total: total.unsigned_abs(), page, per_page })
}

pub async fn find(store: &Store, id: &str) -> Result<Job> {
    let found = select(store, "WHERE id = $1", vec![id.into()]).await?;
    found.into_iter().next().ok_or_else(|| InboxError::NotFound(id.to_owned()))
}

/// Where a job goes, with what it learnt on the way.
pub(crate) struct Step {
    pub job: String,
    pub from: &'static [Stage],
    pub to: Stage,
    pub report: Option<JobReport>,
    pub trouble: Option<String>,
    pub source: Option<String>,
    pub at: DateTime<Utc>,
}

/// Makes the step unless the job stands elsewhere by now.
pub(crate) async fn step(store: &Store, step: Step, entry: Entry) -> Result<()> {
    let report = step.report.as_ref().map(serde_json::to_string).transpose()?;
    let job = step.job.clone();
    let done = store
        .write(move |tx| {
            Box::pin(async move {
                let from: Vec<String> = step.from.iter().map(|s| format!("'{}'", s.id())).collect();
                let sql = format!(
                    "UPDATE inbox_job SET stage = $2, changed_us = $3, report = COALESCE($4, report), \
                     trouble = COALESCE($5, trouble), source = COALESCE($6, source) WHERE id = $1 AND stage IN ({})",
                    from.join(", ")
                );
                let values: Vec<Value> = vec![
                    step.job.clone().into(),
                    step.to.id().into(),
                    tuodi_store::micros(step.at).timestamp_micros().into(),
                    report.into(),
                    step.trouble.into(),
                    step.source.into(),
                ];
                if execute(tx, &sql, values).await? == 0 {
                    // Undone with the change: no entry without its row.
                    return Err(InboxError::NotFound(step.job));
                }
                Ok(Recorded::new((), entry))
            })
        })
        .await;
    match done {
        Err(InboxError::NotFound(_)) => Err(InboxError::WrongStage { found: find(store, &job).await?.stage }),
        done => done,
    }
}

async fn act(cx: &Cx, id: &str, name: &str, step_to: Step, details: serde_json::Value) -> Result<()> {
    cx.authorise(id)?;
    step(&cx.store, step_to, cx.entry(name, format!("job:{id}"), details)).await
}

fn plain(cx: &Cx, id: &str, from: &'static [Stage], to: Stage) -> Step {
    Step { job: id.to_owned(), from, to, report: None, trouble: None, source: None, at: cx.now }
}

/// A person has seen what would become of the file, and wants it taken.
pub async fn confirm(cx: &Cx, id: &str) -> Result<()> {
    act(cx, id, "data.confirm", plain(cx, id, &[Stage::Checked], Stage::Taking), json!({})).await
}

/// Check again: as a file of this source, or with headings explained since.
pub async fn recheck(cx: &Cx, id: &str, source: Option<String>) -> Result<()> {
    let details = json!({ "source": source });
    let step = Step { source, ..plain(cx, id, &[Stage::Checked], Stage::Checking) };
    act(cx, id, "data.recheck", step, details).await
}

/// Lets the file be. What is being taken at this moment may be taken nevertheless: then the job says so.
pub async fn cancel(cx: &Cx, id: &str) -> Result<()> {
    let from = &[Stage::Checking, Stage::Checked, Stage::Taking];
    act(cx, id, "data.cancel", plain(cx, id, from, Stage::Cancelled), json!({})).await
}
