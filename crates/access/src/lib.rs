//! Who may do what to which thing, for what purpose; accounts, sessions and the log of looks.
//!
//! Invariants: what no policy permits is refused; every permission names the policy it rests on; a refusal names
//! what is missing and who can do it instead; a password is kept as an argon2id hash only.
//!
//! This room never looks at a case, a person or a household itself: the room that owns the thing says where it is,
//! whose it is and how sensitive it is ([`Resource`]). It never reads the clock.

pub mod accounts;
mod act;
mod actor;
mod authorise;
mod entities;
mod error;
pub mod looks;
mod migrations;
mod resource;
mod role;
pub mod sessions;
#[cfg(test)]
mod tests;

pub use self::{
    accounts::{Account, NewAccount},
    act::Act,
    actor::{Actor, Entrusted},
    authorise::{Access, Grant},
    error::{AccessError, Denied, DeniedWhy},
    migrations::migrations,
    resource::{Resource, Sensitivity},
    role::Role,
};
