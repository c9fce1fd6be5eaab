//! On which occasions a household is assessed (again): a new subject at once, somebody found at the follow-up, a family that
//! has changed, a recipient at intervals (workflow.md 3.1). Each occasion opens one task with its last day; whichever
//! assessment comes first, at a home visit of the case, at the door or by itself, closes what it answers.
//!
//! A preliminary assessment answers nothing (indicators.md A3), and an assessment by itself changes no help.

mod assess;
mod give;
mod list;
pub(crate) mod migration;
mod open;
pub(crate) mod tables;
mod watch;

pub use self::{
    assess::{AssessForm, Assessed, assess},
    give::{assessors, give},
    list::{DueCut, DueFilter, DueRow, Task, due_assessments, due_of_case, task},
    open::{at_the_door, found},
    watch::watch_assessments,
};
pub(crate) use self::{
    assess::{Record, rows, weighed},
    open::{answered, begin},
};

use crate::tables::reassessment;
use tuodi_access::{Resource, Sensitivity};
use tuodi_pack::HouseholdId;

/// Longest text here, in characters.
const MOST_TEXT: usize = 500;
const SEALED: &str = "assessment.record";

/// One task for the policies: whoever it was given to is the one it is assigned to.
fn resource(row: &reassessment::Model, kept_out: Vec<String>) -> Resource {
    let owner = HouseholdId(row.household_id);
    Resource::of_household("assessment", row.id.to_string(), &row.region_code, owner, Sensitivity::Personal)
        .excluding(kept_out)
        .assigned_to(row.assignee.clone())
}
