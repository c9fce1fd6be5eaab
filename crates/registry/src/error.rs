//! What can go wrong with people and households.

use sea_orm::DbErr;
use tuodi_pack::{HouseholdId, PersonId};
use tuodi_store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    #[error("there is no person {person}")]
    NoPerson { person: PersonId },
    #[error("there is no household {household}")]
    NoHousehold { household: HouseholdId },
    #[error("people were entered by another intake since this one began; start it again")]
    BookStale,
    #[error("a stored identity does not read as a citizen number: person {person}")]
    BadNumber { person: PersonId },
    #[error("storage failed")]
    Store(#[from] StoreError),
}

impl From<DbErr> for RegistryError {
    fn from(e: DbErr) -> RegistryError {
        RegistryError::Store(e.into())
    }
}
