//! What the pages ask of the ways in: files on their way into the pool, batches and their rows. The pool itself is
//! another floor; the binary answers through this trait.

use crate::DataError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::io::Write;
use tuodi_access::Actor;
use tuodi_casework::verify::ReplyRow;
use tuodi_inbox::Job;
use tuodi_pack::Text;

/// A first look at one file of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub file: String,
    pub encoding: Option<String>,
    /// Where it fits a contract, or the one it comes nearest to.
    pub source: Option<String>,
    /// Place, problem and remedy, where it would not be taken as it is.
    pub refusal: Option<[Text; 3]>,
    pub headings: Vec<SeenHeading>,
    /// The first rows, a value a heading; personal values masked.
    pub rows: Vec<Vec<SeenValue>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenHeading {
    pub text: String,
    /// What stands for it where its meaning is kept; empty for what is no column of data.
    pub key: String,
    /// The contract's column it stands for, or may stand for.
    pub column: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenValue {
    pub raw: String,
    pub taken: Option<String>,
    pub reason: Option<Text>,
}

/// Where a batch stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchStanding {
    pub counts: bool,
    /// Every row was put aside, for too few were valid.
    pub held: bool,
    pub undone: bool,
    /// May be undone and taken up again (what the platform wrote itself may not).
    pub sent_in: bool,
    /// Rows put aside that nobody has brought back.
    pub open: u64,
    pub corrects: Option<String>,
    /// Batches that brought rows of this one back.
    pub corrected_by: Vec<String>,
    pub words: Vec<BatchWord>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchWord {
    pub undone: bool,
    pub at: DateTime<Utc>,
    pub who: String,
    pub why: String,
}

/// Rows of a batch that wait for a correction, as the file wrote them: personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRows {
    pub source: String,
    pub headings: Vec<String>,
    pub rows: Vec<OpenRow>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRow {
    pub row: i64,
    pub cells: Vec<String>,
    /// Heading (empty: the row as a whole) and reason in both languages, ` / ` between.
    pub problems: Vec<(String, String)>,
}

/// Why a batch was not undone or taken up again.
#[derive(Debug, thiserror::Error)]
pub enum SayError {
    #[error("there is no such batch")]
    NoBatch,
    /// It is so already, the platform wrote it, or its file was sent again since: the last word of the key.
    #[error("refused: {0}")]
    Refused(&'static str),
    #[error("an intake is running")]
    Busy,
    #[error(transparent)]
    Data(#[from] DataError),
}

/// What a file that a form takes holds, row by row; or place, problem and remedy.
pub type Cells = Result<Vec<Vec<String>>, [Text; 3]>;

/// A file that is being received. What is written before [`Incoming::finish`] is no file.
pub trait Incoming: Write + Send {
    /// It is whole, and on the disk.
    fn finish(self: Box<Self>) -> std::io::Result<()>;
}

#[async_trait]
pub trait WaysIn: Send + Sync {
    /// Bytes of the largest file that is received.
    fn limit(&self) -> u64;
    /// The file of a new job, to be written.
    fn create(&self, job: &str, file_name: &str) -> Result<Box<dyn Incoming>, DataError>;
    /// Nothing became of it.
    fn drop_file(&self, job: &str);
    /// Jobs have changed: run what waits, stop what was cancelled.
    fn wake(&self);
    /// Rows read so far of the file at hand; `None` while it waits.
    fn progress(&self, job: &str) -> Option<u64>;
    /// The rows of a file that was received for a form and is no job. Nothing of it is kept.
    async fn cells(&self, file: &str) -> Result<Cells, DataError>;
    /// Rows of a department's reply to a list, by the source's contract.
    async fn typed(&self, rows: Vec<Vec<String>>, source: &str) -> Result<Result<Vec<ReplyRow>, [Text; 3]>, DataError>;
    /// The first rows of each file; empty when the file is gone.
    async fn look(&self, job: &Job) -> Result<Vec<Seen>, DataError>;
    async fn standing(&self, batch: &str) -> Result<Option<BatchStanding>, DataError>;
    async fn open_rows(&self, batch: &str) -> Result<Option<OpenRows>, DataError>;
    /// Writes mended rows as a file for a new job; its size in bytes.
    async fn mend(&self, job: &str, batch: &str, rows: Vec<(i64, Vec<String>)>) -> Result<u64, DataError>;
    /// The batch counts no longer, or again; journalled.
    async fn say(&self, actor: &Actor, batch: &str, undo: bool, why: &str, now: DateTime<Utc>) -> Result<(), SayError>;
}
