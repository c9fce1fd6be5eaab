//! Files as streams of records. Whatever the format, what comes out is comma-separated text in pieces of about a
//! mebibyte, so that one splitter and one converter serve all.

mod csv;
mod found;
mod json_lines;
mod ole_guard;
mod parquet_file;
mod sniff;
mod workbook;
mod zip_guard;

use crate::{Limits, Refusal, contract::Contracts, manifest::Format, record::Rows};

pub use found::Opener;
pub(crate) use found::{Found, is_litter};
pub(crate) use sniff::{Opened, open};

/// Why reading stopped early.
#[derive(Debug)]
pub(crate) enum Halt {
    Refused(Refusal),
    /// Nobody listens any more; whoever stopped listening knows why.
    Gone,
}

impl From<Refusal> for Halt {
    fn from(refusal: Refusal) -> Halt {
        Halt::Refused(refusal)
    }
}

pub(crate) type Sink<'a> = dyn FnMut(Rows) -> Result<(), Halt> + 'a;

/// Reads the whole file into `sink`. The contracts tell which sheet of a workbook is meant.
pub(crate) fn read(
    file: &Opened<'_>,
    limits: &Limits,
    contracts: &Contracts<'_>,
    sink: &mut Sink<'_>,
) -> Result<(), Halt> {
    match file.format {
        Format::Csv | Format::Platform => csv::read(file, limits, sink),
        Format::Xlsx | Format::Xls => workbook::read(file, contracts, sink),
        Format::JsonLines => json_lines::read(file, limits, sink),
        Format::Parquet => parquet_file::read(file, limits, sink),
    }
}
