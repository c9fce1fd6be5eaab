//! Taking a batch back, and taking it up again. Its rows and its quarantine stay; it only counts or does not count. What
//! it had superseded counts again while it does not.

use crate::{BatchState, Format, Manifest, Pool, PoolError};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One word about whether a batch counts; the last one said holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    pub undone: bool,
    pub at: DateTime<Utc>,
    pub who: String,
    pub why: String,
}

impl Manifest {
    pub fn is_undone(&self) -> bool {
        self.words.last().is_some_and(|word| word.undone)
    }

    /// Its rows may count, unless a later batch supersedes them.
    pub fn stands(&self) -> bool {
        self.state == BatchState::Taken && !self.is_undone()
    }
}

impl Pool {
    /// From now on the batch counts no longer: no new snapshot holds it. Findings made before still find it.
    pub fn undo(&self, batch: &str, who: &str, why: &str, now: DateTime<Utc>) -> Result<Manifest, PoolError> {
        self.say(batch, Word { undone: true, at: now, who: who.to_owned(), why: why.to_owned() })
    }

    /// A batch that was undone counts again.
    pub fn redo(&self, batch: &str, who: &str, why: &str, now: DateTime<Utc>) -> Result<Manifest, PoolError> {
        self.say(batch, Word { undone: false, at: now, who: who.to_owned(), why: why.to_owned() })
    }

    fn say(&self, batch: &str, word: Word) -> Result<Manifest, PoolError> {
        let _lock = self.lock()?;
        let manifests = self.batches()?;
        let mut manifest = may_say(&manifests, batch, word.undone)?.clone();
        manifest.words.push(word);
        self.publish(&manifest)?;
        Ok(manifest)
    }

    /// Whether the batch can be undone (or taken up again) now; the error says why not.
    pub fn may_undo(&self, batch: &str, undo: bool) -> Result<(), PoolError> {
        may_say(&self.batches()?, batch, undo).map(|_| ())
    }
}

fn may_say<'a>(manifests: &'a [Manifest], batch: &str, undo: bool) -> Result<&'a Manifest, PoolError> {
    let named = || batch.to_owned();
    let found = manifests.iter().find(|m| m.batch == batch).ok_or_else(|| PoolError::NoSuchBatch { batch: named() })?;
    if found.format == Format::Platform {
        return Err(PoolError::OfThePlatform { batch: named() });
    }
    if found.is_undone() == undo {
        return Err(PoolError::AlreadySo { batch: named(), state: if undo { "undone" } else { "in force" } });
    }
    // The same file was sent again since: both together would count its rows twice.
    let twin = |m: &&Manifest| m.batch != batch && m.sha256 == found.sha256 && !m.is_undone();
    match manifests.iter().find(twin) {
        Some(twin) if !undo => Err(PoolError::SentAgain { batch: named(), twin: twin.batch.clone() }),
        _ => Ok(found),
    }
}
