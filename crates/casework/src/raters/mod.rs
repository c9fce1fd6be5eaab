//! Whether two assessors would say the same: each month a drawn share of the signed assessments is made a second time by
//! somebody who did not make the first and has not read it; the district sees how far they agree. What differs much is
//! looked at together. Nothing here changes an assessment, a tier or any help.

pub mod agreement;
mod book;
mod draw;
pub(crate) mod migration;
mod report;
mod sample;
mod second;
pub(crate) mod tables;

pub use self::{
    agreement::Agreement,
    book::rater_workbook,
    draw::{draw_seconds, drawn},
    report::{Gap, RaterReport, ReportLine, rater_gap, rater_report},
    sample::{Sample, SampleView, give_second, sample, second_assessors, seconds},
    second::{assess_second, look_together},
};

use crate::{
    kin,
    tables::{case_file, rater_sample},
};
use tuodi_access::{Resource, Sensitivity};
use tuodi_pack::HouseholdId;

const SEALED: &str = "rater_sample.second";
const SEALED_LOOKED: &str = "rater_sample.looked";
const MOST_TEXT: usize = 500;
/// Why a sample's page is looked at, in the log of looks.
const PURPOSE: &str = "second assessment";

/// For the policies: out are relatives and whoever made the first assessment.
fn resource(row: &rater_sample::Model, file: &case_file::Model, first: &[String]) -> Resource {
    let owner = HouseholdId(row.household_id);
    let id = format!("second:{}", row.id);
    Resource::of_household("assessment", id, &row.region_code, owner, Sensitivity::Personal)
        .excluding(kin::kept_out(file))
        .excluding(first.iter().cloned())
        .assigned_to(row.assignee.clone())
}
