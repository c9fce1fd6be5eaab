//! What the pages ask of the ways in, answered from the pool.

use super::{
    batches,
    jobs::{Jobs, mappings, tokeniser, words},
    sealer::KeySealer,
    spool::Unsealed,
};
use crate::error::VerbError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::{
    collections::VecDeque,
    io::Write,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tuodi_access::Actor;
use tuodi_casework::verify::{ROUND_COLUMNS, ReplyRow};
use tuodi_inbox::Job;
use tuodi_pack::Text;
use tuodi_pool::{Format, IntakeOptions, Pool, PoolError, open_count};
use tuodi_web::{
    BatchStanding, BatchWord, Cells, DataError, Incoming, OpenRow, OpenRows, SayError, Seen, SeenHeading, SeenValue,
    WaysIn,
};

/// Rows of the first look.
const SHOWN: usize = 8;
/// First looks that are remembered.
const LOOKS: usize = 16;

pub struct PoolWays {
    pub jobs: Arc<Jobs>,
    /// Bytes of the largest file that is received.
    limit: u64,
    /// First looks by job, source and what headings mean: a page that shows progress asks every other second, and a
    /// look reads the whole file.
    looks: Mutex<VecDeque<(String, Vec<Seen>)>>,
}

fn fault(error: impl std::error::Error + Send + Sync + 'static) -> DataError {
    DataError::Read(Box::new(error))
}

/// Reading files is work of threads, not of the runtime.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PoolError> + Send + 'static,
) -> Result<T, DataError> {
    tokio::task::spawn_blocking(work).await.map_err(fault)?.map_err(fault)
}

impl PoolWays {
    pub fn new(jobs: Arc<Jobs>, limit: u64) -> PoolWays {
        PoolWays { jobs, limit, looks: Mutex::default() }
    }

    fn looks(&self) -> MutexGuard<'_, VecDeque<(String, Vec<Seen>)>> {
        self.looks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pool(&self) -> Result<Pool, DataError> {
        Pool::open(self.jobs.pool_dir()).map_err(fault)
    }

    fn sealer(&self) -> KeySealer {
        KeySealer(self.jobs.store().keys().clone())
    }

    async fn pool_rows(&self, batch: &str) -> Result<Option<tuodi_pool::OpenRows>, DataError> {
        let (pool, sealer, batch) = (self.pool()?, self.sealer(), batch.to_owned());
        blocking(move || match pool.open_rows(&batch, &sealer) {
            Ok(open) => Ok(Some(open)),
            Err(PoolError::NoSuchBatch { .. } | PoolError::NothingQuarantined { .. }) => Ok(None),
            Err(e) => Err(e),
        })
        .await
    }
}

#[async_trait]
impl WaysIn for PoolWays {
    fn limit(&self) -> u64 {
        self.limit
    }

    fn create(&self, job: &str, file_name: &str) -> Result<Box<dyn Incoming>, DataError> {
        Ok(self.jobs.create(job, file_name).map_err(fault)?)
    }

    fn drop_file(&self, job: &str) {
        self.jobs.drop_file(job);
    }

    fn wake(&self) {
        self.jobs.wake();
    }

    fn progress(&self, job: &str) -> Option<u64> {
        self.jobs.progress(job)
    }

    async fn look(&self, job: &Job) -> Result<Vec<Seen>, DataError> {
        let Some(path) = self.jobs.file(&job.id) else { return Ok(Vec::new()) };
        let pool = self.pool()?;
        let mappings = mappings(self.jobs.store()).await.map_err(fault)?;
        let said = serde_json::to_string(&(&job.id, &job.source, &mappings)).map_err(fault)?;
        if let Some((_, seen)) = self.looks().iter().find(|(key, _)| *key == said) {
            return Ok(seen.clone());
        }
        let (pack, tokeniser, now) = (self.jobs.pack().clone(), tokeniser(self.jobs.store()), self.jobs.time());
        let (account, source) = (job.account.clone(), job.source.clone());
        let unsealed = Unsealed::new(self.jobs.store().keys().clone());
        let seen = blocking(move || {
            let open = |path: &Path| unsealed.open(path);
            let mut options = IntakeOptions::new(crate::day_of(now), now, account);
            options.mappings = &mappings;
            options.source = source;
            options.open = Some(&open);
            pool.look(&path, &pack, tokeniser, &options, SHOWN)
        })
        .await?;
        let heading = |h: tuodi_pool::Heading| SeenHeading { text: h.text, key: h.key, column: h.column };
        let value = |v: tuodi_pool::Value| SeenValue { raw: v.raw, taken: v.taken, reason: v.reason };
        let seen: Vec<Seen> = seen
            .into_iter()
            .map(|s| Seen {
                file: s.file,
                encoding: s.encoding,
                source: s.source,
                refusal: s.refusal.as_ref().map(words),
                headings: s.headings.into_iter().map(heading).collect(),
                rows: s.rows.into_iter().map(|row| row.into_iter().map(value).collect()).collect(),
            })
            .collect();
        let mut looks = self.looks();
        looks.truncate(LOOKS - 1);
        looks.push_front((said, seen.clone()));
        Ok(seen)
    }

    async fn cells(&self, file: &str) -> Result<Cells, DataError> {
        let found = self.jobs.file(file).ok_or_else(|| fault(std::io::Error::from(std::io::ErrorKind::NotFound)))?;
        let unsealed = Unsealed::new(self.jobs.store().keys().clone());
        let read = blocking(move || {
            let open = |path: &Path| unsealed.open(path);
            let scratch = found.parent().unwrap_or(Path::new("."));
            Ok(tuodi_pool::cells(&found, scratch, Some(&open), &tuodi_pool::Limits::default()))
        });
        Ok(read.await?.map_err(|refusal| words(&refusal)))
    }

    async fn typed(&self, rows: Vec<Vec<String>>, source: &str) -> Result<Result<Vec<ReplyRow>, [Text; 3]>, DataError> {
        let (pack, tokeniser, source) = (self.jobs.pack().clone(), tokeniser(self.jobs.store()), source.to_owned());
        let today = crate::day_of(self.jobs.time());
        let read = blocking(move || Ok(tuodi_pool::typed(&rows, &ROUND_COLUMNS, &pack, &source, tokeniser, today)));
        let row = |r: tuodi_pool::TypedRow| ReplyRow { row: r.row, own: r.own, values: r.values, problems: r.problems };
        Ok(read.await?.map(|rows| rows.into_iter().map(row).collect()).map_err(|refusal| words(&refusal)))
    }

    async fn standing(&self, batch: &str) -> Result<Option<BatchStanding>, DataError> {
        let (pool, batch) = (self.pool()?, batch.to_owned());
        blocking(move || {
            let manifests = pool.batches()?;
            let Some(m) = manifests.iter().find(|m| m.batch == batch) else { return Ok(None) };
            let counting = pool.snapshot()?;
            let word =
                |w: &tuodi_pool::Word| BatchWord { undone: w.undone, at: w.at, who: w.who.clone(), why: w.why.clone() };
            let corrected = |c: &&tuodi_pool::Manifest| c.corrects.as_ref() == Some(&m.batch) && !c.is_undone();
            Ok(Some(BatchStanding {
                counts: counting.batches(&m.source).iter().any(|b| b.manifest.batch == m.batch),
                held: m.state == tuodi_pool::BatchState::Held,
                undone: m.is_undone(),
                sent_in: m.format != Format::Platform,
                open: open_count(&manifests, m),
                corrects: m.corrects.clone(),
                corrected_by: manifests.iter().filter(corrected).map(|c| c.batch.clone()).collect(),
                words: m.words.iter().map(word).collect(),
            }))
        })
        .await
    }

    async fn open_rows(&self, batch: &str) -> Result<Option<OpenRows>, DataError> {
        let row = |r: tuodi_pool::OpenRow| OpenRow {
            row: r.row,
            cells: r.cells,
            problems: r.problems.into_iter().map(|(heading, _, reason)| (heading, reason)).collect(),
        };
        Ok(self.pool_rows(batch).await?.map(|open| OpenRows {
            source: open.source,
            headings: open.headings,
            rows: open.rows.into_iter().map(row).collect(),
        }))
    }

    async fn mend(&self, job: &str, batch: &str, rows: Vec<(i64, Vec<String>)>) -> Result<u64, DataError> {
        let open = self.pool_rows(batch).await?;
        let open = open.ok_or_else(|| fault(PoolError::NoSuchBatch { batch: batch.to_owned() }))?;
        let bytes = open.correction(batch, &rows);
        let mut file = self.create(job, "mended.csv")?;
        file.write_all(&bytes).map_err(fault)?;
        file.finish().map_err(fault)?;
        Ok(bytes.len() as u64)
    }

    async fn say(&self, actor: &Actor, batch: &str, undo: bool, why: &str, now: DateTime<Utc>) -> Result<(), SayError> {
        let pool = self.pool()?;
        match batches::say(&pool, self.jobs.store(), actor, batch, undo, why, now).await {
            Ok(_) => Ok(()),
            Err(VerbError::Pool(PoolError::NoSuchBatch { .. })) => Err(SayError::NoBatch),
            Err(VerbError::Pool(PoolError::AlreadySo { .. })) => Err(SayError::Refused("already")),
            Err(VerbError::Pool(PoolError::OfThePlatform { .. })) => Err(SayError::Refused("platform")),
            Err(VerbError::Pool(PoolError::SentAgain { .. })) => Err(SayError::Refused("sent_again")),
            Err(VerbError::Pool(PoolError::Busy)) => Err(SayError::Busy),
            Err(e) => Err(SayError::Data(fault(e))),
        }
    }
}
