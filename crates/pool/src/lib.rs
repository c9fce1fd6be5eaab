//! The data pool: departments' files in, pseudonymous Parquet batches out.
//!
//! Intake finds the contract of each file, converts its values, sends names and numbers to the vault, keeps good
//! rows as an immutable batch and puts bad rows aside, sealed, with row, column and reason: rows read are rows taken
//! plus rows quarantined. A batch exists when its manifest does; a process killed before that leaves nothing visible.
//!
//! This room never keeps a name, a citizen number, a telephone number or an address in the pool, never quotes a row's
//! values in an error, never changes or deletes a batch (an undone one stays and does not
//! count; merged numbers are read from a copy beside it), never evaluates a rule and never reads the clock.

mod batch;
mod cells;
mod consistency;
mod contract;
mod convert;
mod dates;
mod error;
mod input;
mod intake;
mod look;
mod manifest;
mod mapping;
mod numbers;
mod open_rows;
mod past;
mod pipeline;
mod platform;
mod pool;
mod quarantine;
mod reason;
mod record;
mod report;
mod revise;
mod schema;
mod snapshot;
mod spelling;
mod undo;
mod vault;

pub use self::{
    cells::{MOST_ROWS, TypedRow, cells, typed},
    error::{PoolError, Refusal},
    input::Opener,
    look::{Heading, Seen, Value},
    manifest::{BatchState, Format, Manifest, Quality},
    mapping::Mapping,
    open_rows::{OpenRow, OpenRows, open_count},
    past::{Counts, PastRow},
    pool::Pool,
    quarantine::{SealError, Sealer},
    reason::Reason,
    report::{FileReport, FileState, IntakeOptions, IntakeReport, Limits, Progress, SourceReport},
    revise::Revision,
    schema::pool_schema,
    snapshot::{Snapshot, SnapshotBatch},
    undo::Word,
    vault::{Durable, MemoryVault, PersonRecord, Tokeniser, Vault, VaultError},
};
