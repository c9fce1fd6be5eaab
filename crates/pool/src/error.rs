//! What stops an intake, and what refuses one file of it.

use crate::{SealError, VaultError};
use serde::Serialize;
use std::path::PathBuf;
use tuodi_pack::{Lang, Text};

/// Why one file was refused whole. Other files of the same intake go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{file}: {}: {}; {}", place.en, problem.en, remedy.en)]
pub struct Refusal {
    /// The path as it was given.
    pub file: String,
    pub place: Box<Text>,
    pub problem: Box<Text>,
    pub remedy: Box<Text>,
}

impl Refusal {
    /// The refusal as one line in that language.
    pub fn line(&self, lang: Lang) -> String {
        let (place, problem, remedy) = (self.place.get(lang), self.problem.get(lang), self.remedy.get(lang));
        match lang {
            Lang::Zh => format!("{}（{place}）：{problem}。{remedy}。", self.file),
            Lang::En => format!("{}: {place}: {problem}; {remedy}", self.file),
        }
    }

    pub(crate) fn new(place: Text, problem: Text, remedy: Text) -> Refusal {
        Refusal { file: String::new(), place: Box::new(place), problem: Box::new(problem), remedy: Box::new(remedy) }
    }

    pub(crate) fn whole(problem: Text, remedy: Text) -> Refusal {
        Refusal::new(Text::new("整个文件", "whole file"), problem, remedy)
    }

    pub(crate) fn unreadable(error: &std::io::Error) -> Refusal {
        Refusal::whole(
            Text::new(format!("读不了这个文件：{error}"), format!("cannot be read: {error}")),
            Text::new("请检查文件是否还在、是否有读取权限", "check that the file is there and may be read"),
        )
    }
}

/// A fault, or a request that cannot be met: nothing to do with what one file holds.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    #[error("{path}: {source}", path = path.display())]
    Disk { path: PathBuf, source: std::io::Error },
    #[error("{path}: the manifest cannot be read: {source}", path = path.display())]
    Manifest { path: PathBuf, source: serde_json::Error },
    #[error("{path}: the batch cannot be written: {source}", path = path.display())]
    Parquet { path: PathBuf, source: parquet::errors::ParquetError },
    #[error("another intake is running on this pool; wait until it has ended")]
    Busy,
    #[error("{path}: there is no such file or folder", path = path.display())]
    NoSuchPath { path: PathBuf },
    #[error("{path}: there is no file in this folder", path = path.display())]
    NoFiles { path: PathBuf },
    #[error("stopped before the file was taken; nothing of it was kept")]
    Stopped,
    #[error("there is no batch {batch}")]
    NoSuchBatch { batch: String },
    #[error("batch {batch} has no quarantined rows")]
    NothingQuarantined { batch: String },
    #[error("batch {batch} was written by the platform itself; what it holds is changed in the cases it comes from")]
    OfThePlatform { batch: String },
    #[error("batch {batch} is {state} already")]
    AlreadySo { batch: String, state: &'static str },
    #[error("the file of batch {batch} was sent again since and stands as batch {twin}; undo that one first")]
    SentAgain { batch: String, twin: String },
    #[error("the quarantine file of batch {batch} was changed or cut after it was written")]
    QuarantineDamaged { batch: String },
    #[error("source {source_id} is not one that this platform writes itself")]
    NotAPlatformSource { source_id: String },
    #[error("source {source_id}, row {row}: column {column} does not hold a {expected}")]
    PlatformValue { source_id: String, row: usize, column: String, expected: &'static str },
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl PoolError {
    pub(crate) fn disk(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> PoolError {
        let path = path.into();
        move |source| PoolError::Disk { path, source }
    }
}
