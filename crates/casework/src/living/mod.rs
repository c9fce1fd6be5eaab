//! Life after the decision: periodic checks, changes that a family tells or data show, a rise at once, less or nothing only
//! after the recipient's view and a person's decision, the gradual exit, death (workflow.md 3, transitions 26 to 32).
//!
//! Nothing here reduces or stops anything by itself.

mod benefits;
mod decide;
mod end;
pub(crate) mod migration;
mod open;
pub(crate) mod posted;
mod propose;
pub(crate) mod tables;
mod view;

pub(crate) use self::benefits::next_check;
pub use self::{
    decide::decide_change,
    open::{Why, open_recheck, tell_change},
    propose::{Change, STOP_CODES, give_view, propose_change, recheck_unchanged, stop_text},
    view::{Recheck, rechecks},
};
