//! The last steps of each batch (files made durable, compared with other sources, published), taken while the next file
//! is read already: the database and the disk are slower than a core that converts.

use super::{scores::percent, taker::Taker};
use crate::{BatchState, Manifest, Pool, PoolError, vault::Durable};
use std::{
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread::{Scope, ScopedJoinHandle},
};
use tuodi_pack::{Pack, source::Source};

/// Batches that may wait: bounds what an interruption may leave to be read again.
const WAITING: usize = 8;

/// A batch whose rows are all written, and whose people are on their way into the vault.
pub(super) struct Whole<'a> {
    pub taker: Taker<'a>,
    pub manifest: Manifest,
    pub source: Option<Source>,
    /// None where nobody was entered.
    pub people: Option<Durable>,
}

pub(super) struct Publisher<'scope, 'a> {
    to: SyncSender<Whole<'a>>,
    thread: ScopedJoinHandle<'scope, Result<(), PoolError>>,
}

impl<'scope, 'a: 'scope> Publisher<'scope, 'a> {
    /// `published`: what the pool holds already.
    pub fn start<'env>(
        scope: &'scope Scope<'scope, 'env>,
        pool: &'a Pool,
        pack: &'a Pack,
        published: Vec<Manifest>,
    ) -> Publisher<'scope, 'a> {
        let (to, from) = sync_channel(WAITING);
        Publisher { to, thread: scope.spawn(move || publish_all(pool, pack, published, &from)) }
    }

    /// Batches appear in the order in which they are given here.
    pub fn publish(&self, whole: Whole<'a>) {
        // Fails only after a fault, which `finish` tells.
        let _ = self.to.send(whole);
    }

    pub fn has_failed(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits until all that was given is there, or says why not.
    pub fn finish(self) -> Result<(), PoolError> {
        drop(self.to);
        self.thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

fn publish_all(
    pool: &Pool,
    pack: &Pack,
    mut published: Vec<Manifest>,
    from: &Receiver<Whole<'_>>,
) -> Result<(), PoolError> {
    for Whole { taker, mut manifest, source, people } in from {
        taker.finish(pool)?;
        if let (BatchState::Taken, Some(source)) = (manifest.state, source) {
            let file = pool.parquet_path(&manifest.source, &manifest.batch);
            let (same, both) = pool.agreement(pack, &source, &published, &file)?;
            manifest.quality.consistency = (both > 0).then(|| percent(same, both));
        }
        if let Some(people) = people {
            people()?;
        }
        pool.publish(&manifest)?;
        published.push(manifest);
    }
    Ok(())
}
