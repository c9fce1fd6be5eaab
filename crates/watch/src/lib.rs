//! Monitoring: alerts of the population pass, the tasks they become, the visits that end them.
//!
//! Invariants: one open alert an indicator and subject, one open task a household; every alert ends in an outcome
//! recorded by a person; grid workers and villages get reasons in plain words, never amounts or a diagnosis.
//!
//! This room never evaluates an indicator, never stops or changes a payment, and never opens a case without a
//! person having confirmed the need at the door.

mod error;
mod figures;
mod known;
mod library;
mod limits;
mod list;
mod measure;
mod migration;
mod need;
mod outcome;
mod platform;
mod raise;
mod tables;
#[cfg(test)]
mod tests;
mod view;
mod words;
mod write;

pub use self::{
    error::WatchError,
    figures::{IndicatorFigures, RunRow, WatchFigures, figures},
    library::open_alerts,
    list::{TaskCounts, TaskFilter, TaskRow, task_counts, tasks},
    migration::migrations,
    outcome::{Closed, OutcomeForm, record_outcome, start_visit},
    platform::assessment_rows,
    raise::{NewAlert, Raised, Run, raise},
    view::{AlertView, OutcomeView, TaskView, task},
    words::{Escalation, OutcomeCode, TaskState, level_from, level_id, severity_from, severity_id},
};
