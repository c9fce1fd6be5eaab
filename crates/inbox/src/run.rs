//! What whoever runs the jobs asks and says. It acts as the platform, on behalf of the person who sent the file.

use crate::{
    Job, JobReport, Stage,
    cx::entry,
    error::{InboxError, Result},
    job::{Step, select, step},
};
use chrono::{DateTime, Utc};
use serde_json::json;
use std::collections::HashSet;
use tuodi_access::Actor;
use tuodi_store::Store;

/// Jobs that wait for work, in order of arrival: after a restart also those that were at it.
pub async fn due(store: &Store) -> Result<Vec<Job>> {
    select(store, "WHERE stage IN ('checking', 'taking') ORDER BY at_us, id", vec![]).await
}

/// Jobs whose files are still needed.
pub async fn unfinished(store: &Store) -> Result<HashSet<String>> {
    let jobs = select(store, "WHERE stage IN ('checking', 'checked', 'taking')", vec![]).await?;
    Ok(jobs.into_iter().map(|job| job.id).collect())
}

/// Files that nobody confirmed since `before` are given up: whoever wants them sends them again.
pub async fn expire(store: &Store, before: DateTime<Utc>, now: DateTime<Utc>) -> Result<Vec<Job>> {
    let before = tuodi_store::micros(before).timestamp_micros();
    let forgotten = select(store, "WHERE stage = 'checked' AND changed_us < $1", vec![before.into()]).await?;
    let mut given_up = Vec::new();
    for job in forgotten {
        let said =
            entry(&Actor::system(), now, "data.expire", format!("job:{}", job.id), json!({ "for": job.account }));
        let from = &[Stage::Checked];
        let (id, to) = (job.id.clone(), Stage::Cancelled);
        match step(store, Step { job: id, from, to, report: None, trouble: None, source: None, at: now }, said).await {
            Ok(()) => given_up.push(job),
            // Somebody confirmed at this moment.
            Err(InboxError::WrongStage { .. }) => {}
            Err(e) => return Err(e),
        }
    }
    Ok(given_up)
}

/// Checked, or taken. What was taken is taken, even if somebody cancelled at the last moment.
pub async fn finish(store: &Store, job: &Job, report: JobReport, now: DateTime<Utc>) -> Result<()> {
    let (from, to, act): (&'static [Stage], _, _) = match job.stage {
        Stage::Taking => (&[Stage::Taking, Stage::Cancelled], Stage::Done, "data.take"),
        _ => (&[Stage::Checking], Stage::Checked, "data.check"),
    };
    let batches: Vec<&String> = report.files.iter().filter_map(|f| f.batch.as_ref()).collect();
    let details = json!({
        "for": job.account,
        "batches": batches,
        "rows_read": report.sum(|f| f.rows_read),
        "rows_taken": report.sum(|f| f.rows_taken),
        "rows_quarantined": report.sum(|f| f.rows_quarantined),
    });
    let said = entry(&Actor::system(), now, act, format!("job:{}", job.id), details);
    let made = Step { job: job.id.clone(), from, to, report: Some(report), trouble: None, source: None, at: now };
    match step(store, made, said).await {
        // Somebody cancelled the check meanwhile: nothing was to come of it.
        Err(InboxError::WrongStage { .. }) if to == Stage::Checked => Ok(()),
        done => done,
    }
}

/// The machine could not; the pool is as it was before.
pub async fn fail(store: &Store, job: &Job, trouble: String, now: DateTime<Utc>) -> Result<()> {
    let said = entry(&Actor::system(), now, "data.fail", format!("job:{}", job.id), json!({ "for": job.account }));
    let from = &[Stage::Checking, Stage::Taking];
    let made = Step {
        job: job.id.clone(),
        from,
        to: Stage::Failed,
        report: None,
        trouble: Some(trouble),
        source: None,
        at: now,
    };
    match step(store, made, said).await {
        Err(InboxError::WrongStage { .. }) => Ok(()),
        done => done,
    }
}
