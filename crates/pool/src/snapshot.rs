//! A snapshot: the batches that count now. With the pack's version and a date it determines every finding.

use crate::{Format, Manifest};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, HashSet},
    path::PathBuf,
};

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SnapshotBatch {
    pub path: PathBuf,
    pub manifest: Manifest,
}

/// Of a source that replaces, the newest group of batches; of a source that appends, all batches. A key that comes
/// in two batches of an appending source is there twice: `_batch` sorts by arrival, so the greater one is the later
/// word, and the facts that need one row a key take that.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Snapshot {
    /// Hash of the list of batches: equal lists, equal ids.
    pub id: String,
    /// By source id, in order of arrival.
    pub sources: BTreeMap<String, Vec<SnapshotBatch>>,
}

impl Snapshot {
    pub fn batches(&self, source: &str) -> &[SnapshotBatch] {
        self.sources.get(source).map_or(&[], Vec::as_slice)
    }

    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    pub fn rows(&self) -> u64 {
        self.sources.values().flatten().map(|b| b.manifest.rows_taken).sum()
    }

    pub(crate) fn of(batches: Vec<SnapshotBatch>) -> Snapshot {
        let mut sources: BTreeMap<String, Vec<SnapshotBatch>> = BTreeMap::new();
        for batch in batches {
            sources.entry(batch.manifest.source.clone()).or_default().push(batch);
        }
        let mut hash = Sha256::new();
        for batch in sources.values_mut().flat_map(|list| {
            list.sort_by(|a, b| a.manifest.batch.cmp(&b.manifest.batch));
            list
        }) {
            hash.update(batch.manifest.name().as_bytes());
            hash.update(b"\n");
        }
        Snapshot { id: hex::encode(&hash.finalize()[..8]), sources }
    }
}

/// Which of these batches count now. What the platform wrote itself and what came in files are two strands: neither
/// takes the other's place.
pub(crate) fn current(manifests: &[Manifest]) -> Vec<&Manifest> {
    let taken = || manifests.iter().filter(|m| m.stands());
    let strand = |m: &Manifest| m.format == Format::Platform;
    let mut newest: BTreeMap<(&str, bool), &Manifest> = BTreeMap::new();
    for m in taken() {
        let best = newest.entry((&m.source, strand(m))).or_insert(m);
        if (m.group_at, &m.group) > (best.group_at, &best.group) {
            *best = m;
        }
    }
    let in_newest =
        |m: &Manifest| newest.get(&(m.source.as_str(), strand(m))).is_some_and(|best| best.group == m.group);
    let beside: HashSet<&str> =
        taken().filter(|m| in_newest(m)).flat_map(|m| m.beside.iter().map(String::as_str)).collect();
    // A contract that changed its mind is taken at its latest word.
    taken()
        .filter(|m| {
            newest.get(&(m.source.as_str(), strand(m))).is_none_or(|best| !best.replaces)
                || in_newest(m)
                || beside.contains(m.batch.as_str())
        })
        .collect()
}
