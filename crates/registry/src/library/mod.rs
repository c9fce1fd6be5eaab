//! The low-income library (低收入人口库, OP23): which households are in assistance, near it or suspected to need it; how
//! and when each came in, left or was refused; and who is given what, over all programmes and lists.
//!
//! It stands in the registry because it is a register of households, and because a decision (`casework`), a visit
//! (`watch`) and the pass over everybody must each write it within their own transaction: the registry is the one room
//! that all of them stand on. What a layer is, the pack says (`library.toml`); this room keeps what was known and when.
//!
//! Nothing is deleted: a household that leaves keeps its row and its history, and a line of help that a list names no
//! longer stays, marked as not named.

mod act;
mod help;
mod initials;
mod keep;
mod read;
mod rows;
mod tables;

pub use self::{
    act::{Act, Granted, decided_approved, decided_refused, ended, visited},
    help::{HelpFilter, HelpLine, help, help_counts, help_of},
    keep::{HelpRow, Kept, Listed, Survey, keep, list},
    read::{Counts, Entry, Event, Filter, Place, counts, entries, entry, events, search},
};
pub(crate) use initials::note as note_initials;
pub(crate) use tables::Tables;

/// The source of lines of help that this platform decided itself.
pub const OWN: &str = "case";
