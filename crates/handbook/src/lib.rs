//! The handbook: a policy pack as static web pages for officers and the public.
//!
//! The pages need no server and contact no host; they are read on a phone, by keyboard, without scripts and on paper. The
//! portals serve the same pages ([`files`] with a way back).
//! Everything on them comes out of the pack. This room only reads a pack and writes files.
//!
//! Map: `book` knows where everything stands and what uses what; `formula` says SQL in words; `entry` lists what can be
//! found; `pages` draws; `files` gathers them; `write` puts them down.

mod book;
mod entry;
mod files;
mod formula;
mod html;
mod pages;
mod write;

pub use files::{File, files};
pub use write::write;

use std::path::PathBuf;

/// Why a handbook could not be written.
#[derive(Debug, thiserror::Error)]
pub enum HandbookError {
    #[error("{file}: {source}", file = file.display())]
    File { file: PathBuf, source: std::io::Error },
    #[error("a page could not be drawn: {0}")]
    Page(#[from] askama::Error),
    #[error("{0}: the folder holds other things; choose an empty one or an older handbook")]
    NotEmpty(PathBuf),
}
