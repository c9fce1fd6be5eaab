//! What can be refused, and what can break.

use tuodi_access::Denied;
use tuodi_store::StoreError;

/// A field of a form and what is wrong with it; the page has the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormProblem {
    pub field: &'static str,
    pub problem: &'static str,
}

#[derive(Debug, thiserror::Error)]
pub enum FeedsError {
    #[error("the pack has no such {kind}: {id}")]
    NotFound { kind: &'static str, id: String },
    #[error("{} fields need correcting", .0.len())]
    Invalid(Vec<FormProblem>),
    /// Somebody, or the feed itself, was faster.
    #[error("task {0} is closed already")]
    Closed(i64),
    #[error("not allowed")]
    Denied(Box<Denied>),
    #[error("storage failed")]
    Store(#[from] StoreError),
}

impl From<Denied> for FeedsError {
    fn from(denied: Denied) -> FeedsError {
        FeedsError::Denied(Box::new(denied))
    }
}

impl From<sea_orm::DbErr> for FeedsError {
    fn from(error: sea_orm::DbErr) -> FeedsError {
        FeedsError::Store(StoreError::from(error))
    }
}

pub type Result<T, E = FeedsError> = std::result::Result<T, E>;
