//! What stored findings rest on, kept beside them, so that the next pass can see what has changed.

use crate::{EngineError, Inner, snapshot::Input};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use tuodi_pack::Pack;

/// Name of the file.
pub(crate) const STATE: &str = "rests-on.json";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    /// Version of this program: other code may find otherwise.
    pub version: String,
    /// Hash of all files of the pack.
    pub pack: String,
    pub as_of: NaiveDate,
    /// File names by source id.
    pub sources: BTreeMap<String, Vec<String>>,
}

impl State {
    pub fn of(inner: &Inner, as_of: NaiveDate) -> State {
        let sources = inner.snapshot.inputs.iter().map(|(id, input)| {
            let names = match input {
                Input::Files(files) => files.iter().map(|f| name(&f.path)).collect(),
                Input::Rows(_) => Vec::new(),
            };
            (id.clone(), names)
        });
        State {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pack: fingerprint(&inner.pack),
            as_of,
            sources: sources.collect(),
        }
    }

    /// `None` where there is none, or none that can be understood.
    pub fn read(dir: &Path) -> Option<State> {
        serde_json::from_slice(&std::fs::read(dir.join(STATE)).ok()?).ok()
    }

    pub fn write(&self, dir: &Path) -> Result<PathBuf, EngineError> {
        let path = dir.join(STATE);
        let fail = |message: String| EngineError::Write { path: path.clone(), message };
        let text = serde_json::to_vec_pretty(self).map_err(|e| fail(e.to_string()))?;
        std::fs::write(&path, text).map_err(|e| fail(e.to_string()))?;
        Ok(path)
    }
}

pub(crate) fn name(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

fn fingerprint(pack: &Pack) -> String {
    let mut hash = Sha256::new();
    for (file, text) in pack.files.iter() {
        hash.update((file.len() as u64).to_le_bytes());
        hash.update(file);
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
