//! Online ⇄ paper without loss (workflow.md 5): the application as it stands goes out as a paper form with a signed code;
//! the code and what was written on the form come back into the same case.
//!
//! Neither way moves the case: its state, its limits, its documents and its authorisations stay as they are. What both
//! sides changed is kept side by side, and an officer chooses with a reason.

mod bring;
mod code;
mod merge;
pub(crate) mod migration;
mod print;
pub(crate) mod tables;

pub use self::{
    bring::{Brought, Choices, bring_back, compare},
    code::FormCode,
    merge::{Clash, Side},
    print::{Printed, print_form, printed_form},
};
