//! Fetching sources on their schedule: what comes goes the road of every file, what fails is tried again with more and
//! more patience, and becomes somebody's task when that does not help.

use super::jobs::Jobs;
use crate::error::VerbError;
use chrono::{DateTime, Days, Duration, NaiveTime, Utc};
use std::{
    collections::HashMap,
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::{sync::Notify, task::JoinSet};
use tuodi_access::{Access, Actor};
use tuodi_connect::{FetchConfig, FetchError, Fetches};
use tuodi_inbox::{Cx, Fetch, InboxError, NewJob, Outcome, Run};
use tuodi_pack::source::{FREQUENCIES, Source};
use tuodi_web::Incoming;

/// How often the schedule is looked at: a person who does not want to wait for it waits so long.
const LOOK: std::time::Duration = std::time::Duration::from_secs(3);
/// Sources fetched at the same time: a slow one keeps few others waiting, and a night's schedule does not flood the disk.
const AT_ONCE: usize = 4;
/// After the first failure, and at most after any.
const AGAIN_MINUTES: i64 = 5;
const AT_MOST_MINUTES: i64 = 6 * 60;

/// Days from one run to the next: the source's own frequency unless the configuration says otherwise. `None`: the source
/// comes on demand and nobody said how often.
pub fn period(config: &FetchConfig, source: &Source) -> Option<u32> {
    let own = FREQUENCIES.iter().find(|(name, _)| *name == source.frequency).and_then(|(_, days)| *days);
    config.every_days.or(own)
}

/// So many days later at that time of day in Beijing.
fn next(now: DateTime<Utc>, days: u32, at: NaiveTime) -> DateTime<Utc> {
    let beijing = Duration::hours(8);
    let day = (now + beijing).date_naive() + Days::new(days.into());
    day.and_time(at).and_utc() - beijing
}

/// When to try again after so many failures one after the other, this one among them.
fn again(now: DateTime<Utc>, failures: u32, asked_seconds: Option<u32>) -> DateTime<Utc> {
    let minutes = (AGAIN_MINUTES << failures.saturating_sub(1).min(10)).min(AT_MOST_MINUTES);
    now + Duration::minutes(minutes).max(Duration::seconds(asked_seconds.unwrap_or(0).into()))
}

/// By which a person stops a run.
#[derive(Clone, Default)]
pub struct Stop(Arc<(AtomicBool, Notify)>);

impl Stop {
    pub fn stop(&self) {
        self.0.0.store(true, Ordering::SeqCst);
        self.0.1.notify_one();
    }

    fn is_wanted(&self) -> bool {
        self.0.0.load(Ordering::SeqCst)
    }
}

/// A file that takes nothing more once its run is stopped: whoever still reads from a department ends there.
struct Stoppable<W>(W, Stop);

impl<W: Write> Write for Stoppable<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.1.is_wanted() { Err(std::io::Error::other("stopped")) } else { self.0.write(bytes) }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

pub struct Fetching {
    pub jobs: Arc<Jobs>,
    pub access: Access,
    pub fetches: Fetches,
    /// Bytes of the largest file that is received.
    pub limit: u64,
}

impl Fetching {
    pub async fn run(self) {
        if let Err(e) = self.plan().await {
            tracing::error!("the schedule of fetching could not be kept: {e}");
        }
        let this = Arc::new(self);
        let mut runs: JoinSet<String> = JoinSet::new();
        let mut running: HashMap<String, Stop> = HashMap::new();
        loop {
            match tuodi_inbox::fetches(this.jobs.store()).await {
                Ok(all) => {
                    for fetch in all.iter().filter(|f| f.stopping) {
                        if let Some(stop) = running.get(&fetch.source) {
                            stop.stop();
                        }
                    }
                    let now = this.jobs.time();
                    let mut due: Vec<Fetch> =
                        all.into_iter().filter(|f| f.next <= now && !running.contains_key(&f.source)).collect();
                    due.sort_by_key(|f| f.next);
                    for fetch in due.into_iter().take(AT_ONCE.saturating_sub(running.len())) {
                        let (this, stop) = (this.clone(), Stop::default());
                        running.insert(fetch.source.clone(), stop.clone());
                        runs.spawn(async move {
                            if let Err(e) = this.once(&fetch, &stop).await {
                                tracing::error!(source = %fetch.source, "how fetching went could not be kept: {e}");
                            }
                            fetch.source
                        });
                    }
                }
                Err(e) => tracing::error!("the schedule of fetching cannot be read: {e}"),
            }
            tokio::time::sleep(LOOK).await;
            while let Some(done) = runs.try_join_next() {
                match done {
                    Ok(source) => {
                        running.remove(&source);
                    }
                    // Which one it was is not told; whatever has no task any more may run again.
                    Err(e) => {
                        tracing::error!("a run of fetching broke off: {e}");
                        if runs.is_empty() {
                            running.clear();
                        }
                    }
                }
            }
        }
    }

    /// Brings the schedule in line with the configuration.
    pub async fn plan(&self) -> Result<(), InboxError> {
        let configured: Vec<_> = self.fetches.all().map(|c| (c.source.clone(), c.from.kind())).collect();
        tuodi_inbox::plan_fetches(self.jobs.store(), &configured, self.jobs.time()).await
    }

    /// One run, and the next one planned.
    pub async fn once(&self, planned: &Fetch, stop: &Stop) -> Result<(), InboxError> {
        let known = self.fetches.get(&planned.source).zip(self.jobs.pack().source(&planned.source));
        let Some((config, days)) = known.and_then(|(c, source)| Some((c, period(c, source)?))) else { return Ok(()) };
        let job = self.jobs.new_id();
        tuodi_inbox::begin_fetch(self.jobs.store(), &planned.source, self.jobs.time()).await?;
        let done = tokio::select! {
            done = self.fetch(planned, &job, stop) => Some(done),
            () = stop.0.1.notified() => None,
        };
        let now = self.jobs.time();
        // Also where the file broke off because of it.
        let done = done.filter(|done| done.is_ok() || !stop.is_wanted());
        let run = match done {
            None => {
                self.jobs.drop_file(&job);
                let next = next(now, days, config.at);
                Run { source: planned.source.clone(), outcome: Outcome::Stopped, digest: None, job: None, next }
            }
            Some(Ok((outcome, digest))) => Run {
                source: planned.source.clone(),
                job: (outcome == Outcome::New).then_some(job),
                outcome,
                digest: Some(digest),
                next: next(now, days, config.at),
            },
            Some(Err(error)) => {
                self.jobs.drop_file(&job);
                tracing::warn!(source = %planned.source, "fetching failed: {error}");
                let asked = match &error {
                    VerbError::Fetch(FetchError::Busy { after_seconds }) => *after_seconds,
                    _ => None,
                };
                let (code, detail) = match &error {
                    VerbError::Fetch(error) => (error.code(), error.detail()),
                    _ => ("write", String::new()),
                };
                Run {
                    source: planned.source.clone(),
                    outcome: Outcome::Failed { code: code.to_owned(), detail },
                    digest: None,
                    job: None,
                    next: again(now, planned.failures + 1, asked),
                }
            }
        };
        tuodi_inbox::ran(self.jobs.store(), run, now).await
    }

    /// What came, as a job where it is new; with its SHA-256.
    async fn fetch(&self, planned: &Fetch, job: &str, stop: &Stop) -> Result<(Outcome, String), VerbError> {
        let file = self.jobs.create(job, &planned.source).map_err(FetchError::Write)?;
        let file = Stoppable(file, stop.clone());
        let (fetched, file) = self.fetches.fetch(&planned.source, file, self.limit).await?;
        file.0.finish().map_err(FetchError::Write)?;
        let digest = hex::encode(fetched.sha256);
        if tuodi_inbox::sent_before(self.jobs.store(), &planned.source, &digest).await?.is_some() {
            self.jobs.drop_file(job);
            return Ok((Outcome::Same, digest));
        }
        self.jobs.rename(job, &fetched.file_name).map_err(FetchError::Write)?;
        let cx = Cx {
            store: self.jobs.store().clone(),
            access: self.access.clone(),
            actor: Actor::system(),
            now: self.jobs.time(),
        };
        let new = NewJob {
            id: job.to_owned(),
            file_name: fetched.file_name,
            bytes: fetched.bytes,
            source: Some(planned.source.clone()),
            corrects: None,
            confirmed: true,
            digest: Some(digest.clone()),
        };
        match tuodi_inbox::receive(&cx, new).await {
            Ok(_) => {
                self.jobs.wake();
                Ok((Outcome::New, digest))
            }
            // The same bytes were pushed at this moment.
            Err(InboxError::UnderWay) => {
                self.jobs.drop_file(job);
                Ok((Outcome::Same, digest))
            }
            Err(e) => Err(e.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn the_next_run_is_at_its_time_of_day_in_beijing_and_failures_wait_longer_each_time() {
        // Already the next day in Beijing.
        let now = Utc.with_ymd_and_hms(2026, 8, 31, 20, 0, 0).unwrap();
        let at = NaiveTime::from_hms_opt(2, 30, 0).unwrap();
        assert_eq!(next(now, 1, at), Utc.with_ymd_and_hms(2026, 9, 1, 18, 30, 0).unwrap());
        let minutes: Vec<i64> = (1..=9).map(|n| (again(now, n, None) - now).num_minutes()).collect();
        assert_eq!(minutes, [5, 10, 20, 40, 80, 160, 320, 360, 360]);
        assert_eq!((again(now, 1, Some(3_600)) - now).num_minutes(), 60, "as the department asks");
        assert_eq!((again(now, 1, Some(7)) - now).num_minutes(), 5);
        assert_eq!((again(now, u32::MAX, None) - now).num_minutes(), 360);
    }
}
