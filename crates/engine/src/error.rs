//! What can go wrong between the rules and the data.

use chrono::NaiveDate;
use std::path::PathBuf;
use tuodi_pack::{EvaluateError, HouseholdId, Withheld};

#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error("the data pool holds nothing on or before {as_of}; take in departments' files first")]
    NoData { as_of: NaiveDate },
    #[error("policy pack {pack} holds no rules for {as_of}: it is in force from {from}")]
    NoRules { as_of: NaiveDate, pack: String, from: NaiveDate },
    #[error("household {0} is not in the data pool")]
    NoSuchHousehold(HouseholdId),
    #[error("{place}: the pack has no parameter ${name}{hint}")]
    NoParameter { place: String, name: String, hint: String },
    #[error("parameter ${name} has no value on {as_of}")]
    NoValue { name: String, as_of: NaiveDate },
    #[error("facts/{group}.sql: {message}")]
    Facts { group: String, message: String },
    #[error("facts/{group}.sql gives {rows} rows for {keys} keys; give one row for each {key}")]
    SeveralRows { group: String, key: &'static str, rows: usize, keys: usize },
    #[error("the fact groups read each other in a circle: {0}")]
    Circle(String),
    #[error("the pack has no dense fact group `{0}`")]
    NoDenseGroup(&'static str),
    #[error("{rule}: {message}")]
    Rule { rule: String, message: String },
    #[error("source {source_id}: {message}")]
    Source { source_id: String, message: String },
    #[error("a row for {source_id}: {message}")]
    Row { source_id: String, message: String },
    #[error("cannot write {path}: {message}")]
    Write { path: PathBuf, message: String },
    #[error("{0}")]
    Withheld(Withheld),
    #[error("the evaluation was interrupted")]
    Interrupted,
}

impl From<EngineError> for EvaluateError {
    fn from(e: EngineError) -> EvaluateError {
        match e {
            EngineError::NoData { as_of } => EvaluateError::NoData(as_of),
            EngineError::NoRules { as_of, .. } => EvaluateError::NoRules(as_of),
            EngineError::NoSuchHousehold(id) => EvaluateError::NoSuchHousehold(id),
            EngineError::Withheld(withheld) => EvaluateError::Withheld(withheld),
            EngineError::NoParameter { .. }
            | EngineError::NoValue { .. }
            | EngineError::Facts { .. }
            | EngineError::SeveralRows { .. }
            | EngineError::Circle(_)
            | EngineError::NoDenseGroup(_)
            | EngineError::Rule { .. }
            | EngineError::Source { .. }
            | EngineError::Row { .. }
            | EngineError::Write { .. }
            | EngineError::Interrupted => EvaluateError::Fault(e.to_string()),
        }
    }
}
