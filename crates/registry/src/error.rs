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
    #[error("there is no candidate {candidate}; reload the list")]
    NoCandidate { candidate: i64 },
    #[error("candidate {candidate} stands so already; reload the page")]
    DecidedSo { candidate: i64 },
    #[error("the row is linked to another person by candidate {candidate}; take that back first")]
    LinkedAlready { candidate: i64 },
    #[error("person {person} is read as person {into} already; take that merge back first")]
    MergedAlready { person: PersonId, into: PersonId },
    #[error("there is no merge {merge} that could be taken back")]
    NoMerge { merge: i64 },
    #[error("say why: a decision about who somebody is needs a reason")]
    NoReason,
    #[error("a stored row or its evidence cannot be read")]
    Unreadable,
    #[error(transparent)]
    Link(#[from] tuodi_linkage::LinkError),
    #[error("what the library holds of household {household} cannot be read")]
    BadStanding { household: HouseholdId },
    #[error("storage failed")]
    Store(#[from] StoreError),
}

impl From<DbErr> for RegistryError {
    fn from(e: DbErr) -> RegistryError {
        RegistryError::Store(e.into())
    }
}
