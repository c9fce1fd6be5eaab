//! The manifest that makes a batch exist.

use crate::{revise::Revision, undo::Word};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchState {
    Taken,
    /// Too few valid rows: every row is in quarantine; there is no Parquet file.
    Held,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    Csv,
    Xlsx,
    Xls,
    JsonLines,
    Parquet,
    /// Written by the platform itself.
    Platform,
}

/// The scores of data-sources.md 0.5, in percent with two decimals. `None`: not computable for this batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// Key values present.
    pub completeness: f64,
    /// Rows without a broken value.
    pub validity: f64,
    /// Rows that do not repeat the key of another.
    pub uniqueness: f64,
    /// The newest date in the batch against what the contract's frequency promises.
    pub timeliness: Option<f64>,
    /// Facts that another source gives too and gives the same, of those that both give when the batch arrives.
    pub consistency: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Sorts by arrival.
    pub batch: String,
    pub source: String,
    pub contract_version: u32,
    /// `qingyan@2026.1`.
    pub pack: String,
    pub state: BatchState,
    /// Batches of one group stand together: all files of one intake, and corrections sent later.
    pub group: String,
    /// When the group's first batch arrived. Of a source whose batches replace each other the newest group counts.
    pub group_at: DateTime<Utc>,
    pub file_name: String,
    pub sha256: String,
    pub bytes: u64,
    pub format: Format,
    pub encoding: Option<String>,
    pub rows_read: u64,
    pub rows_taken: u64,
    pub rows_quarantined: u64,
    /// Quarantined rows by the code of their first problem.
    pub reasons: BTreeMap<String, u64>,
    pub quality: Quality,
    pub arrived_at: DateTime<Utc>,
    pub who: String,
    /// The source's batches replace each other (full lists) instead of adding up.
    pub replaces: bool,
    /// Batches that no longer count because of this one.
    pub supersedes: Vec<String>,
    /// Of a full list in several files: batches taken earlier whose files came again, unchanged, with this one. They go
    /// on counting beside it, so that an intake that was interrupted, or a list of which one part changed, stays whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<String>,
    /// The batch whose quarantined rows this one brings back, corrected.
    pub corrects: Option<String>,
    /// Which of that batch's rows came back, as ranges from first to last, whatever became of them here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub brings_back: Vec<(i64, i64)>,
    /// The file's own headings, where the steward said which column of the contract each stands for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub mapped: BTreeMap<String, String>,
    /// Its rows as read since numbers of people were merged or parted; the last one holds. The file that came stays.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revisions: Vec<Revision>,
    /// When it was undone and taken up again, by whom and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<Word>,
}
