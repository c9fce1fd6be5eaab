//! The database: connections, migrations, changes with their journal, keys of sealed columns.
//!
//! Invariants: every change of state is one transaction with its journal entries ([`Store::write`] cannot be
//! called without one); an acknowledged change is on the disk; the journal only grows, and each lane of it is a
//! chain of hashes; a sealed value is readable only with the key and only as the column it was sealed for.
//!
//! This room never reads the clock, never decides who may do what, and never writes a key, a name or a number
//! of a person into a log or an error.

mod bulk;
mod change;
mod connect;
mod counter;
mod error;
pub mod journal;
mod keys;
pub mod migrate;
mod migrations;
mod page;
mod poll;
mod sealed_file;
mod table;
mod tx;
mod writer;

pub use self::{
    bulk::{insert_models, insert_rows},
    change::{BoxFuture, Entry, Recorded},
    connect::Store,
    counter::{next_number, next_numbers},
    error::StoreError,
    keys::{ColumnKey, Keys},
    page::Page,
    sealed_file::SealedWriter,
    tx::Tx,
};
pub use sea_orm::DbBackend;
pub use sea_orm_migration::MigrationTrait;

/// Timestamps as both databases keep them: whole microseconds.
pub fn micros(at: chrono::DateTime<chrono::Utc>) -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
}
