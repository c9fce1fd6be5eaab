//! What can be refused, and what can break.

use crate::Stage;
use tuodi_access::{AccessError, Denied};
use tuodi_store::StoreError;

pub(crate) type Result<T, E = InboxError> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum InboxError {
    #[error("there is no job {0}")]
    NotFound(String),
    /// Somebody else, or the run itself, was faster.
    #[error("the job is {found:?} now")]
    WrongStage { found: Stage },
    #[error("not allowed")]
    Denied(Box<Denied>),
    #[error("the log of access failed")]
    Access(AccessError),
    #[error("storage failed")]
    Store(#[from] StoreError),
    #[error("a stored key cannot be read back")]
    KeyRecord,
    /// The same bytes are under way already.
    #[error("the file is under way already")]
    UnderWay,
    #[error("a stored record cannot be read back")]
    Record(#[from] serde_json::Error),
}

impl From<Denied> for InboxError {
    fn from(denied: Denied) -> InboxError {
        InboxError::Denied(Box::new(denied))
    }
}

impl From<AccessError> for InboxError {
    fn from(error: AccessError) -> InboxError {
        match error {
            AccessError::Denied(denied) => denied.into(),
            error => InboxError::Access(error),
        }
    }
}

impl From<sea_orm::DbErr> for InboxError {
    fn from(error: sea_orm::DbErr) -> InboxError {
        InboxError::Store(error.into())
    }
}
