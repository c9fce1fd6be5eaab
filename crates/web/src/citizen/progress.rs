//! How far a case is, in the steps that every door names the same way.

use crate::View;
use tuodi_casework::{CaseState, StageRow};

/// One dot of the line of stages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageDot {
    pub title: String,
    pub when: String,
    /// done, now, todo: the class of the dot.
    pub at: &'static str,
}

const STAGES: [&str; 8] =
    ["submitted", "accepted", "checking", "surveying", "reviewed", "publicised", "confirming", "assisting"];

/// Index of the stage a state belongs to; `STAGES.len()` when all are done.
fn stage_of(state: CaseState) -> usize {
    match state {
        CaseState::Draft | CaseState::AwaitingConsent | CaseState::Returned => 0,
        CaseState::Submitted => 1,
        CaseState::Accepted | CaseState::Checking => 2,
        CaseState::Surveying => 3,
        CaseState::ManualCheck | CaseState::Reviewed => 4,
        CaseState::Publicised | CaseState::Objection | CaseState::Appraisal => 5,
        CaseState::Confirming
        | CaseState::SpecialReview
        | CaseState::Appealed
        | CaseState::Refused
        | CaseState::Terminated => 6,
        CaseState::Approved => 7,
        CaseState::Assisting
        | CaseState::Reverifying
        | CaseState::Adjusting
        | CaseState::GradualExit
        | CaseState::Exited => STAGES.len(),
    }
}

/// The dots of a case; none for one that ended before its time.
pub fn stages(v: &View, state: CaseState) -> Vec<StageDot> {
    if matches!(state, CaseState::Refused | CaseState::Terminated) {
        return Vec::new();
    }
    let now = stage_of(state);
    let dot = |(i, stage): (usize, &&str)| StageDot {
        title: v.t_of("citizen.stage", stage).to_owned(),
        when: String::new(),
        at: match i.cmp(&now) {
            std::cmp::Ordering::Less => "done",
            std::cmp::Ordering::Equal => "now",
            std::cmp::Ordering::Greater => "todo",
        },
    };
    STAGES.iter().enumerate().map(dot).collect()
}

/// The dots of the case's own page, with the days things were done.
pub fn dots(v: &View, state: CaseState, rows: &[StageRow]) -> Vec<StageDot> {
    if matches!(state, CaseState::Refused | CaseState::Terminated) {
        return Vec::new();
    }
    let dot = |row: &StageRow| StageDot {
        title: v.text(&row.title).to_owned(),
        when: row.done_on.map(|day| v.short_date(&day)).unwrap_or_default(),
        at: match (row.now, row.done_on) {
            (true, _) => "now",
            (false, Some(_)) => "done",
            (false, None) => "todo",
        },
    };
    rows.iter().map(dot).collect()
}

/// Colour and icon of a state; its word is casework's.
pub fn look(state: CaseState) -> (&'static str, &'static str) {
    match state {
        CaseState::Draft | CaseState::Returned => ("warmth", "pencil"),
        CaseState::AwaitingConsent => ("hold", "hand-stop"),
        CaseState::Approved | CaseState::Assisting => ("ok", "circle-check"),
        CaseState::Refused | CaseState::Terminated | CaseState::Exited => ("neutral", "info-circle"),
        CaseState::Objection | CaseState::Appraisal | CaseState::ManualCheck | CaseState::Appealed => {
            ("hold", "help-circle")
        }
        _ => ("info", "clock"),
    }
}
