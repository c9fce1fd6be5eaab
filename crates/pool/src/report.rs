//! What intake is told, and what it reports.

use crate::{Mapping, Opener, Refusal};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

/// Bounds that keep a hostile or broken file from eating the machine.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// One line of a CSV or JSON file.
    pub line_bytes: usize,
    /// All entries of a workbook or an archive, inflated.
    pub inflated_bytes: u64,
    /// An entry that inflates to more than `ratio_from` may not inflate more than this many times.
    pub ratio: u64,
    pub ratio_from: u64,
    /// Entries of one archive.
    pub packed_files: usize,
    /// Under this share of valid rows a batch is put aside whole (data-sources.md 0.5).
    pub validity_percent: f64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            line_bytes: 1 << 20,
            inflated_bytes: 2 << 30,
            ratio: 100,
            ratio_from: 64 << 20,
            packed_files: 2_000,
            validity_percent: 90.0,
        }
    }
}

/// How far an intake has come.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    pub file: &'a str,
    /// 1 is the first.
    pub number: usize,
    pub files: usize,
    /// Rows of this file read so far.
    pub rows: u64,
}

pub struct IntakeOptions<'a> {
    /// Dates later than this are in the future (E08).
    pub as_of_today: NaiveDate,
    pub now: DateTime<Utc>,
    /// Account that takes the files in; goes into the manifests.
    pub who: String,
    /// Say what would happen; write nothing and ask the vault for nothing.
    pub dry_run: bool,
    pub limits: Limits,
    pub progress: Option<&'a dyn Fn(Progress<'_>)>,
    /// Asked now and then; once it says yes, the file at hand is left as if it had never been begun.
    pub stop: Option<&'a dyn Fn() -> bool>,
    /// What stewards said about headings that no contract knows.
    pub mappings: &'a [Mapping],
    /// The source of all these files, where a person said so instead of their names.
    pub source: Option<String>,
    /// For files that do not lie plain on the disk.
    pub open: Option<&'a Opener<'a>>,
}

impl IntakeOptions<'_> {
    pub fn new(as_of_today: NaiveDate, now: DateTime<Utc>, who: impl Into<String>) -> Self {
        IntakeOptions {
            as_of_today,
            now,
            who: who.into(),
            dry_run: false,
            limits: Limits::default(),
            progress: None,
            stop: None,
            mappings: &[],
            source: None,
            open: None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    Taken,
    /// Fewer valid rows than a batch must have: all rows are in quarantine, none in the pool.
    Held,
    /// The same bytes were taken before; nothing changed.
    AlreadyTaken,
    /// Breaks its contract, or is damaged; nothing of it was kept.
    Refused,
}

#[derive(Debug, Clone, Serialize)]
pub struct FileReport {
    pub file: String,
    pub state: FileState,
    pub source: Option<String>,
    pub batch: Option<String>,
    pub encoding: Option<String>,
    pub rows_read: u64,
    pub rows_taken: u64,
    pub rows_quarantined: u64,
    /// Rows by the code of their first problem.
    pub reasons: std::collections::BTreeMap<String, u64>,
    pub ms: u64,
    pub refusal: Option<Refusal>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SourceReport {
    pub source: String,
    pub rows_read: u64,
    pub rows_taken: u64,
    pub rows_quarantined: u64,
}

#[derive(Debug, Clone, Default, Serialize)]
pub struct IntakeReport {
    /// Files found, whatever became of them.
    pub files: u64,
    pub taken: u64,
    pub held: u64,
    pub already_taken: u64,
    pub refused: u64,
    pub rows_read: u64,
    pub rows_taken: u64,
    pub rows_quarantined: u64,
    pub ms: u64,
    pub sources: Vec<SourceReport>,
    pub outcomes: Vec<FileReport>,
}

impl IntakeReport {
    /// Nothing refused and no batch held. Single quarantined rows are everyday life.
    pub fn all_well(&self) -> bool {
        self.refused == 0 && self.held == 0
    }

    pub fn refusals(&self) -> impl Iterator<Item = &Refusal> {
        self.outcomes.iter().filter_map(|o| o.refusal.as_ref())
    }

    pub(crate) fn add(&mut self, file: FileReport) {
        self.files += 1;
        match file.state {
            FileState::Taken => self.taken += 1,
            FileState::Held => self.held += 1,
            FileState::AlreadyTaken => self.already_taken += 1,
            FileState::Refused => self.refused += 1,
        }
        self.rows_read += file.rows_read;
        self.rows_taken += file.rows_taken;
        self.rows_quarantined += file.rows_quarantined;
        if let (Some(id), FileState::Taken | FileState::Held) = (&file.source, file.state) {
            let at = self.sources.binary_search_by(|s| s.source.cmp(id)).unwrap_or_else(|at| {
                self.sources.insert(at, SourceReport { source: id.clone(), ..SourceReport::default() });
                at
            });
            let source = &mut self.sources[at];
            source.rows_read += file.rows_read;
            source.rows_taken += file.rows_taken;
            source.rows_quarantined += file.rows_quarantined;
        }
        self.outcomes.push(file);
    }
}
