//! Documents of a household: put on file from any door, kept without what a camera adds, sealed, used again in later
//! cases; and what of a programme's evidence is still missing. Nothing is missing that the platform knows already.
//!
//! A document belongs to the household; the case is the one in which it came. Every look at one is logged.

mod add;
mod content;
pub(crate) mod migration;
mod read;
pub(crate) mod tables;
mod wanted;

pub use self::{
    add::{Certificate, NewPaper, OTHER, add_paper, remove_paper},
    content::Content,
    read::{OpenPaper, PaperRow, Papers, open_paper, papers},
    wanted::{Known, Wanted},
};
pub(crate) use self::{
    read::{kinds_of, kinds_on_file, on_file_of_case},
    wanted::texts_of,
};
