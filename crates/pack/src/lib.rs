//! The policy pack: what the law and the district say, as data, and the words the other rooms share.
//!
//! This room reads a pack's files, checks their structure, answers questions of calendar, region and
//! parameter, and defines the *finding* types and the trait [`Evaluate`] through which the middle floor
//! asks the engine.
//!
//! It never evaluates an expression, never opens a database or a socket, and never reads the clock.

pub mod agreement;
pub mod appraisal;
pub mod ask;
mod assessed;
pub mod assessment;
pub mod calendar;
pub mod case;
pub mod check;
mod codes;
pub mod conflict;
pub mod counts;
mod date;
pub mod decider;
pub mod diff;
pub mod emergency;
pub mod explain;
pub mod facts;
pub mod files;
pub mod finding;
pub mod found;
pub mod id_no;
pub mod indicator;
pub mod known;
mod law;
pub mod library;
pub mod living;
pub mod load;
pub mod mandate;
pub mod money;
pub mod near;
pub mod pack;
pub mod paper;
pub mod parameter;
pub mod payments;
pub mod programme;
pub mod reassess;
mod recover;
pub mod region;
pub mod services;
pub mod simulation;
pub mod source;
pub mod stages;
pub mod text;
pub mod trial;
pub mod uses;
pub mod verification;
pub mod visit;
pub mod words;
pub mod workflow;

pub use self::{
    agreement::{Agreement, Purpose, Renewal, Withheld, WithheldWhy},
    calendar::Calendar,
    files::Files,
    finding::{
        AlertFinding, Answer, CheckResult, ConditionResult, Evaluate, EvaluateError, FactChange, FactValue,
        LabelFinding, NeedFinding, OverlayRow, ParameterUsed, PartResult, ProgrammeResult, SourceRow,
    },
    load::{Problem, Problems},
    money::Fen,
    pack::Pack,
    simulation::{Setting, SettingError},
    text::{Lang, Note, Text},
};

/// A person's number in this installation, given by the registry; means nothing outside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct PersonId(pub i64);

/// A household's number in this installation: people assessed together, which is not always kin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct HouseholdId(pub i64);

impl std::fmt::Display for PersonId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::fmt::Display for HouseholdId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
