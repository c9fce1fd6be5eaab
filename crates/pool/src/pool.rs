//! The pool's folder: batches, manifests, what may be swept up.
//!
//! ```text
//! DIR/source=DS09/batch=<id>.parquet   rows
//! DIR/source=DS09/batch=<id>.r1.parquet  the same rows since numbers of people were merged
//! DIR/source=DS09/batch=<id>.json      the manifest: the batch exists from the moment this does
//! DIR/quarantine/<id>.csv.sealed       rows put aside
//! DIR/.lock                            held by whoever writes
//! ```

use crate::{BatchState, Manifest, PoolError, Snapshot, SnapshotBatch, snapshot};
use std::{
    collections::HashSet,
    ffi::OsStr,
    fs::{File, TryLockError},
    io::Write,
    path::{Path, PathBuf},
};

#[derive(Debug, Clone)]
pub struct Pool {
    dir: PathBuf,
}

/// Held while the pool is written; the system lets go of it when the process ends, however it ends.
pub(crate) struct PoolLock {
    _file: File,
}

fn sync_folder(dir: &Path) -> Result<(), PoolError> {
    File::open(dir).and_then(|d| d.sync_all()).map_err(PoolError::disk(dir))
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>, PoolError> {
    match std::fs::read_dir(dir) {
        Ok(entries) => {
            let mut paths: Vec<PathBuf> =
                entries.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>().map_err(PoolError::disk(dir))?;
            paths.sort();
            Ok(paths)
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(PoolError::disk(dir)(e)),
    }
}

impl Pool {
    /// Opens the pool in this folder, making the folder if need be, and sweeps up what a killed process left behind
    /// (unless somebody is writing right now).
    pub fn open(dir: &Path) -> Result<Pool, PoolError> {
        std::fs::create_dir_all(dir).map_err(PoolError::disk(dir))?;
        let pool = Pool { dir: dir.to_owned() };
        match pool.lock() {
            Ok(_lock) => pool.clean()?,
            Err(PoolError::Busy) => {}
            Err(e) => return Err(e),
        }
        Ok(pool)
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn lock(&self) -> Result<PoolLock, PoolError> {
        let path = self.dir.join(".lock");
        let file =
            File::options().create(true).truncate(false).write(true).open(&path).map_err(PoolError::disk(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(PoolLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(PoolError::Busy),
            Err(TryLockError::Error(e)) => Err(PoolError::disk(path)(e)),
        }
    }

    fn source_folders(&self) -> Result<Vec<PathBuf>, PoolError> {
        let is_source = |p: &PathBuf| p.file_name().and_then(OsStr::to_str).is_some_and(|n| n.starts_with("source="));
        Ok(entries(&self.dir)?.into_iter().filter(is_source).collect())
    }

    /// Removes files that belong to no batch. Only with the lock held.
    pub(crate) fn clean(&self) -> Result<(), PoolError> {
        let mut known: HashSet<String> = HashSet::new();
        let mut others: Vec<PathBuf> = Vec::new();
        for folder in self.source_folders()? {
            for path in entries(&folder)? {
                match path
                    .file_name()
                    .and_then(OsStr::to_str)
                    .and_then(|n| n.strip_prefix("batch=")?.strip_suffix(".json"))
                {
                    Some(batch) => {
                        known.insert(batch.to_owned());
                    }
                    None => others.push(path),
                }
            }
        }
        others.extend(entries(&self.dir.join("quarantine"))?);
        for path in others {
            let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
            let batch = name.strip_prefix("batch=").unwrap_or(name);
            let batch = batch.strip_suffix(".parquet").or_else(|| batch.strip_suffix(".csv.sealed"));
            let batch = batch.map(|b| b.split_once(".r").map_or(b, |(batch, _)| batch));
            if batch.is_none_or(|b| !known.contains(b)) {
                std::fs::remove_file(&path).map_err(PoolError::disk(&path))?;
            }
        }
        Ok(())
    }

    /// All batches ever taken or held, in order of arrival.
    pub fn batches(&self) -> Result<Vec<Manifest>, PoolError> {
        let mut manifests = Vec::new();
        for folder in self.source_folders()? {
            for path in entries(&folder)? {
                if path.extension() == Some(OsStr::new("json")) {
                    let text = std::fs::read(&path).map_err(PoolError::disk(&path))?;
                    let manifest: Manifest = serde_json::from_slice(&text)
                        .map_err(|source| PoolError::Manifest { path: path.clone(), source })?;
                    manifests.push(manifest);
                }
            }
        }
        manifests.sort_by(|a, b| a.batch.cmp(&b.batch));
        Ok(manifests)
    }

    /// The batches that count now.
    pub fn snapshot(&self) -> Result<Snapshot, PoolError> {
        let manifests = self.batches()?;
        let current = snapshot::current(&manifests).into_iter().cloned();
        Ok(Snapshot::of(current.map(|m| SnapshotBatch { path: self.rows_path(&m), manifest: m }).collect()))
    }

    /// The snapshot made of just these batches, by [`Manifest::name`]: how an old finding is computed again.
    pub fn snapshot_of(&self, names: &[String]) -> Result<Snapshot, PoolError> {
        let manifests = self.batches()?;
        let found = names.iter().map(|name| {
            let taken = |m: &Manifest| (m.state == BatchState::Taken).then(|| m.named(name)).flatten();
            let manifest =
                manifests.iter().find_map(taken).ok_or_else(|| PoolError::NoSuchBatch { batch: name.clone() })?;
            Ok(SnapshotBatch { path: self.rows_path(&manifest), manifest })
        });
        Ok(Snapshot::of(found.collect::<Result<_, PoolError>>()?))
    }

    pub(crate) fn parquet_path(&self, source: &str, batch: &str) -> PathBuf {
        self.dir.join(format!("source={source}")).join(format!("batch={batch}.parquet"))
    }

    /// The rows of a batch as they are read now.
    pub(crate) fn rows_path(&self, manifest: &Manifest) -> PathBuf {
        self.parquet_path(&manifest.source, &manifest.name())
    }

    pub(crate) fn quarantine_path(&self, batch: &str) -> PathBuf {
        self.dir.join("quarantine").join(format!("{batch}.csv.sealed"))
    }

    /// Gives a durable `….tmp` its final name.
    pub(crate) fn settle_file(&self, temporary: &Path) -> Result<(), PoolError> {
        let name = temporary.with_extension("");
        std::fs::rename(temporary, &name).map_err(PoolError::disk(temporary))?;
        match name.parent() {
            Some(folder) => sync_folder(folder),
            None => Ok(()),
        }
    }

    /// Writes the manifest: from here on the batch exists.
    pub(crate) fn publish(&self, manifest: &Manifest) -> Result<(), PoolError> {
        let folder = self.dir.join(format!("source={}", manifest.source));
        std::fs::create_dir_all(&folder).map_err(PoolError::disk(&folder))?;
        sync_folder(&self.dir)?;
        let temporary = folder.join(format!("batch={}.json.tmp", manifest.batch));
        let text = serde_json::to_vec_pretty(manifest)
            .map_err(|source| PoolError::Manifest { path: temporary.clone(), source })?;
        File::create(&temporary)
            .and_then(|mut file| {
                file.write_all(&text)?;
                file.sync_all()
            })
            .map_err(PoolError::disk(&temporary))?;
        self.settle_file(&temporary)
    }
}
