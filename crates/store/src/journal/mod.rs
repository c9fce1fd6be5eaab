//! The journal: what was done, by whom, when, to what. It only grows.
//!
//! Entries lie in 16 lanes by their subject, each lane a chain: the hash of an entry covers its fields and the hash
//! before it, and the lane's head is sealed with the installation's key. Changing, moving or removing a row breaks
//! the chain; cutting rows off the end breaks the seal. Whoever keeps a copy of the heads elsewhere can also show
//! that the whole journal was not put back to an earlier state ([`verify_against`]).
//!
//! Lanes let unrelated changes commit side by side on PostgreSQL, where a lane's head row is locked while its
//! entries are appended.

mod append;
mod chain;
mod read;
mod verify;

pub(crate) use self::append::{admit, append, prepare};
pub use self::{
    read::{JournalFilter, JournalRow, entries_of, latest, search},
    verify::{Broken, LaneHead, Verified, What, verify, verify_against},
};

/// Chains running side by side.
pub const LANES: i16 = 16;
