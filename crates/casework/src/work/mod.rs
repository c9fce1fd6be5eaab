//! Whose work it is: cases handed to a colleague, somebody on leave and who stands in, reminders, what is late told to the
//! next level, filters that an officer keeps.
//!
//! None of it moves a case. Whoever stands in acts under their own name, so the separation of duties holds for them as for
//! everybody; a case that somebody may not act in is not theirs by being handed to them.

mod absence;
mod assign;
mod call;
mod filters;
pub(crate) mod migration;
pub(crate) mod tables;

use self::absence::stands_in_for;
pub use self::{
    absence::{Absence, absences, back_early, go_on_leave},
    assign::{Colleague, HandOver, assign, colleagues, hand_overs},
    call::{Call, calls, escalate_late_cases, note_cases, remind},
    filters::{SavedFilter, forget_filter, save_filter, saved_filters},
};
pub(crate) use self::{assign::own_and_stood_in, call::raised_to};

/// Most cases in one form.
pub const MOST_CASES: usize = 100;
const MOST_TEXT: usize = 500;
