//! People and households: who they are, sealed, and the numbers by which every other room knows them.
//!
//! Invariants: a citizen number, a name, a phone number, an address and an account are stored sealed and found by
//! keyed blind index only; `PersonId` and `HouseholdId` are given here and nowhere else, and never given twice.
//!
//! Birth date and sex are not stored at all: both are digits of the citizen number and are read from it when it is
//! opened, so there is nothing more to leak and nothing that can disagree.
//!
//! This room never decides who may look (that is `access`, and the caller asks first), never merges people on a
//! name alone, and never writes a person's data into a log, an error or the journal.

mod account;
mod enter;
mod error;
mod find;
mod household;
mod identity_book;
pub mod library;
pub mod linkage;
mod look_up;
mod many;
mod mask;
mod migrations;
mod person;
mod save;
#[cfg(test)]
mod tests;
mod vault;

pub use self::{
    account::{Account, account, accounts, set_account},
    enter::{enter_person, open_household},
    error::RegistryError,
    find::find,
    household::{Household, HouseholdSummary, household, household_of, household_regions, households},
    identity_book::{Entered, IdentityBook, PersonRecord},
    look_up::{look_up, note_look_ups},
    many::{find_numbers, members_of},
    mask::{mask_account, mask_name, mask_phone},
    migrations::migrations,
    person::{Person, person, persons, recorded, set_phone},
    save::{make_look_ups, save},
};
