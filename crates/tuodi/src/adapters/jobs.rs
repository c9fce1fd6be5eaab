//! Running jobs: one file at a time, tried or taken, resumed after a restart, stopped when somebody cancels.

use super::{
    sealer::KeySealer,
    spool::{Arriving, Unsealed},
    unnumbered,
    vault::RegistryVault,
    watched,
};
use crate::{error::VerbError, installation::Installation};
use chrono::{DateTime, Utc};
use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::Notify;
use tuodi_inbox::{FileOutcome, InboxError, Job, JobReport, Stage};
use tuodi_linkage::Config;
use tuodi_pack::{Pack, Text, id_no::IdNo};
use tuodi_pool::{
    Durable, FileReport, FileState, IntakeOptions, IntakeReport, Mapping, PersonRecord, Pool, PoolError, Progress,
    Refusal, Tokeniser, Vault,
};
use tuodi_store::Store;
use tuodi_web::Clock;

/// How long to wait for another intake on the same pool, and for jobs that another process received.
const AGAIN: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_secs(30);
/// How long a file waits for somebody who confirms it.
const PATIENCE: chrono::Duration = chrono::Duration::days(14);

/// A pool's file, tried without asking who people are.
struct NoVault(Tokeniser);

impl Vault for NoVault {
    fn person(&mut self, _: &IdNo, _: Option<PersonRecord<'_>>) -> i64 {
        0
    }

    fn household(&mut self, _: &str) -> i64 {
        0
    }

    fn tokeniser(&self) -> Tokeniser {
        self.0.clone()
    }

    fn flush(&mut self) -> Durable {
        Box::new(|| Ok(()))
    }
}

pub fn tokeniser(store: &Store) -> Tokeniser {
    let keys = store.keys().clone();
    Arc::new(move |domain, value| keys.token(domain, value))
}

/// What stewards said about headings, as the pool wants it.
pub async fn mappings(store: &Store) -> Result<Vec<Mapping>, InboxError> {
    let saved = tuodi_inbox::saved_headings(store).await?;
    Ok(saved.into_iter().map(|s| Mapping { source: s.source, headings: s.headings }).collect())
}

pub fn words(refusal: &Refusal) -> [Text; 3] {
    [&refusal.place, &refusal.problem, &refusal.remedy].map(|text| Text::clone(text))
}

fn last_name(file: &str) -> String {
    file.rsplit(['/', '\\']).next().unwrap_or(file).to_owned()
}

fn outcome(file: FileReport) -> FileOutcome {
    FileOutcome {
        file: last_name(&file.file),
        state: match file.state {
            FileState::Taken => "taken",
            FileState::Held => "held",
            FileState::AlreadyTaken => "already_taken",
            FileState::Refused => "refused",
        }
        .to_owned(),
        source: file.source,
        batch: file.batch,
        rows_read: file.rows_read,
        rows_taken: file.rows_taken,
        rows_quarantined: file.rows_quarantined,
        reasons: file.reasons,
        refusal: file.refusal.as_ref().map(words),
    }
}

/// What is going on, shared with the pages.
#[derive(Default)]
struct Now {
    rows: HashMap<String, u64>,
    stop: Arc<AtomicBool>,
}

pub struct Jobs {
    store: Store,
    pack: Arc<Pack>,
    pool: PathBuf,
    spool: PathBuf,
    /// How people are recognised, where the pack says so.
    linkage: Option<Config>,
    clock: Clock,
    changed: Notify,
    now: Mutex<Now>,
}

enum Ran {
    Report(IntakeReport),
    /// Somebody cancelled it.
    Stopped,
    /// Another intake is running.
    Busy,
}

impl Jobs {
    pub fn new(installation: &Installation, store: Store, clock: Clock) -> Result<Jobs, VerbError> {
        Ok(Jobs {
            store,
            pack: installation.pack.clone(),
            pool: installation.pool_dir(),
            spool: installation.spool_dir(),
            linkage: unnumbered::config(&installation.pack_dir)?,
            clock,
            changed: Notify::new(),
            now: Mutex::default(),
        })
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    pub fn pack(&self) -> &Arc<Pack> {
        &self.pack
    }

    pub fn pool_dir(&self) -> &PathBuf {
        &self.pool
    }

    pub fn time(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// A job's folder; its id is one name.
    pub fn folder(&self, job: &str) -> PathBuf {
        let name: String = job.chars().filter(char::is_ascii_alphanumeric).collect();
        self.spool.join(name)
    }

    /// The file in a job's folder.
    pub fn file(&self, job: &str) -> Option<PathBuf> {
        let entries = std::fs::read_dir(self.folder(job)).ok()?;
        entries.flatten().find(|e| !e.file_name().to_string_lossy().starts_with('.')).map(|e| e.path())
    }

    /// A new job's id.
    pub fn new_id(&self) -> String {
        format!("{:032x}", rand::random::<u128>())
    }

    /// A file for a new job, sealed as it is written, in a folder that only the installation can read.
    pub fn create(&self, job: &str, file_name: &str) -> std::io::Result<Box<Arriving>> {
        let folder = self.folder(job);
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder)?;
        Ok(Box::new(Arriving::create(self.store.keys(), &folder.join(safe_name(file_name)))?))
    }

    /// Gives the file of a job another name: known only once it has come.
    pub fn rename(&self, job: &str, file_name: &str) -> std::io::Result<()> {
        let found = self.file(job).ok_or(std::io::ErrorKind::NotFound)?;
        std::fs::rename(&found, found.with_file_name(safe_name(file_name)))
    }

    pub fn drop_file(&self, job: &str) {
        let folder = self.folder(job);
        if folder.exists()
            && let Err(e) = std::fs::remove_dir_all(&folder)
        {
            tracing::warn!("{} cannot be removed: {e}", folder.display());
        }
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn progress(&self, job: &str) -> Option<u64> {
        self.now().rows.get(job).copied()
    }

    pub fn wake(&self) {
        self.changed.notify_one();
    }

    /// Runs what waits, one after the other, for as long as the process lives.
    pub async fn run(self: Arc<Self>) {
        if let Err(e) = self.sweep().await {
            tracing::error!("files of finished jobs could not be removed: {e}");
        }
        loop {
            let pause = match tuodi_inbox::due(&self.store).await {
                Ok(jobs) => match jobs.into_iter().next() {
                    Some(job) => match self.work(&job).await {
                        Ok(true) => continue,
                        Ok(false) => AGAIN,
                        Err(e) => {
                            tracing::error!(job = %job.id, "the job's end could not be recorded: {e}");
                            LOOK
                        }
                    },
                    None => {
                        self.expire().await;
                        LOOK
                    }
                },
                Err(e) => {
                    tracing::error!("jobs could not be read: {e}");
                    LOOK
                }
            };
            let _ = tokio::time::timeout(pause, self.changed.notified()).await;
        }
    }

    /// Files that nobody confirmed are not kept for ever.
    async fn expire(&self) {
        let now = self.time();
        match tuodi_inbox::expire(&self.store, now - PATIENCE, now).await {
            Ok(jobs) => jobs.iter().for_each(|job| self.drop_file(&job.id)),
            Err(e) => tracing::error!("jobs that nobody confirmed could not be given up: {e}"),
        }
    }

    /// Removes files that no job needs any more, whatever ended before it could.
    async fn sweep(&self) -> Result<(), InboxError> {
        let needed: HashSet<String> = tuodi_inbox::unfinished(&self.store).await?;
        for entry in std::fs::read_dir(&self.spool).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !needed.contains(&name) {
                match tuodi_inbox::find(&self.store, &name).await {
                    Ok(job) => self.end(&job),
                    Err(InboxError::NotFound(_)) => self.drop_file(&name),
                    Err(e) => return Err(e),
                }
            }
        }
        Ok(())
    }

    /// A file that came from a watched folder goes back beside it; every other is removed.
    fn end(&self, job: &Job) {
        match watched::give_back(self, job) {
            Ok(()) => self.drop_file(&job.id),
            Err(e) => tracing::error!(job = %job.id, "the file cannot be moved back beside its watched folder: {e}"),
        }
    }

    /// Whether the job went on; `false` while it has to wait.
    async fn work(self: &Arc<Self>, job: &Job) -> Result<bool, InboxError> {
        let Some(path) = self.file(&job.id) else {
            tuodi_inbox::fail(&self.store, job, "the file sent is not there any more".to_owned(), self.time()).await?;
            return Ok(true);
        };
        let ran = {
            let _cancelled = self.watch(job);
            self.intake(job, path).await
        };
        self.now().rows.remove(&job.id);
        match ran {
            Ok(Ran::Busy) => return Ok(false),
            Ok(Ran::Stopped) => {}
            Ok(Ran::Report(report)) => {
                if job.stage == Stage::Taking {
                    self.follow(&report).await;
                }
                let report = JobReport { files: report.outcomes.into_iter().map(outcome).collect() };
                tuodi_inbox::finish(&self.store, job, report, self.time()).await?;
            }
            Err(e) => {
                tracing::error!(job = %job.id, "the job failed: {e}");
                tuodi_inbox::fail(&self.store, job, e.to_string(), self.time()).await?;
            }
        }
        let job = tuodi_inbox::find(&self.store, &job.id).await?;
        if job.stage.is_over() {
            self.end(&job);
        }
        Ok(true)
    }

    /// What was taken is in the pool, whatever becomes of this; the next intake of the same batch does it again.
    async fn follow(&self, report: &IntakeReport) {
        let batches = report.outcomes.iter().filter_map(|o| o.batch.clone()).collect();
        let linkage = self.linkage.as_ref();
        if let Err(e) = unnumbered::follow(&self.store, &self.pool, &self.pack, linkage, batches, self.time()).await {
            tracing::error!("people without a number that holds could not be proposed: {e}");
        }
    }

    /// Looks out for somebody who cancels the job while it runs.
    fn watch(self: &Arc<Self>, job: &Job) -> Watch {
        let stop = Arc::new(AtomicBool::new(false));
        *self.now() = Now { rows: HashMap::new(), stop: stop.clone() };
        let (jobs, id) = (self.clone(), job.id.clone());
        Watch(tokio::spawn(async move {
            loop {
                let _ = tokio::time::timeout(AGAIN, jobs.changed.notified()).await;
                match tuodi_inbox::find(&jobs.store, &id).await {
                    Ok(job) if job.stage.is_running() => {}
                    Ok(_) => return stop.store(true, Ordering::Relaxed),
                    Err(e) => tracing::warn!("whether job {id} was cancelled cannot be read: {e}"),
                }
            }
        }))
    }

    async fn intake(self: &Arc<Self>, job: &Job, path: PathBuf) -> Result<Ran, VerbError> {
        let pool = Pool::open(&self.pool)?;
        let mappings = mappings(&self.store).await?;
        let now = self.time();
        let mut vault: Box<dyn Vault + Send> = match job.stage {
            Stage::Taking => Box::new(RegistryVault::load(&self.store, &self.pack.info.jurisdiction, now).await?),
            _ => Box::new(NoVault(tokeniser(&self.store))),
        };
        let (jobs, job, pack) = (self.clone(), job.clone(), self.pack.clone());
        let sealer = KeySealer(self.store.keys().clone());
        let unsealed = Unsealed::new(self.store.keys().clone());
        let stop = self.now().stop.clone();
        let ran = tokio::task::spawn_blocking(move || {
            let progress = |p: Progress<'_>| {
                *jobs.now().rows.entry(job.id.clone()).or_default() = p.rows;
            };
            let stopped = || stop.load(Ordering::Relaxed);
            let mut options = IntakeOptions::new(crate::day_of(now), now, job.account.clone());
            options.dry_run = job.stage != Stage::Taking;
            options.progress = Some(&progress);
            options.stop = Some(&stopped);
            options.mappings = &mappings;
            options.source = job.source.clone();
            let open = |path: &Path| unsealed.open(path);
            options.open = Some(&open);
            pool.intake(&[path], &pack, vault.as_mut(), &sealer, &options)
        })
        .await
        .map_err(|e| VerbError::Refused(format!("the run ended in a fault: {e}")))?;
        tuodi_registry::make_look_ups(&self.store).await?;
        match ran {
            Ok(report) => Ok(Ran::Report(report)),
            Err(PoolError::Busy) => Ok(Ran::Busy),
            Err(PoolError::Stopped) => Ok(Ran::Stopped),
            Err(e) => Err(e.into()),
        }
    }
}

/// The name under which a file is kept while it waits: one name, and never a hidden one.
fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last.chars().filter(|c| !c.is_control()).take(60).collect();
    match name.trim_start_matches(['.', '~', ' ']) {
        "" => "file".to_owned(),
        name => name.to_owned(),
    }
}

/// Ends with the run it watches.
struct Watch(tokio::task::JoinHandle<()>);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::safe_name;

    #[test]
    fn a_file_name_stays_one_name_in_its_folder() {
        assert_eq!(safe_name("C:\\数据\\DS09_8月.csv"), "DS09_8月.csv");
        assert_eq!(safe_name("../../etc/passwd"), "passwd");
        assert_eq!(safe_name(".hidden"), "hidden");
        assert_eq!(safe_name(".."), "file");
    }
}
