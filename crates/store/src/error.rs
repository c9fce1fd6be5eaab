//! What can go wrong with storage. All of it is a fault, not a refusal: pages show a number to quote.

use sea_orm::DbErr;
use std::path::PathBuf;

#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    #[error("the database answered with an error")]
    Database(#[from] DbErr),
    #[error("a database URL begins with sqlite:// or postgres://")]
    Url,
    #[error("the key must be 64 hexadecimal digits (32 bytes)")]
    KeyFormat,
    #[error("the key file {path} cannot be used: {cause}")]
    KeyFile { path: PathBuf, cause: String },
    #[error("this database was set up with another key")]
    WrongKey,
    #[error("a sealed value of column {column} does not open with this key")]
    Sealed { column: String },
    #[error("two migrations bear the name {name}")]
    MigrationNamedTwice { name: String },
    #[error("a change was started inside another change")]
    Nested,
    #[error("the change failed midway and was undone")]
    Panicked,
    #[error("no thread for the writer: {cause}")]
    Thread { cause: String },
    #[error("the writer has ended; the change was not made")]
    WriterEnded,
    #[error("a journal entry for {act} holds what looks like a citizen number; entries carry ids, not people")]
    PersonalData { act: String },
    #[error("a journal lane is missing: {lane}")]
    LaneMissing { lane: i16 },
}

impl StoreError {
    pub(crate) fn thread(cause: std::io::Error) -> StoreError {
        StoreError::Thread { cause: cause.to_string() }
    }

    /// Whether a unique key refused the row: the caller may know what that means to a person.
    pub fn is_duplicate(&self) -> bool {
        matches!(self, StoreError::Database(e)
            if matches!(e.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_))))
    }
}
