//! The monthly figures that a bureau reports, as they stood at the end of any day: what is decided later changes nothing of
//! them, since every row says from which day it was known.

mod figures;
pub(crate) mod migration;
mod shown;
pub(crate) mod tables;
mod workbook;

pub(crate) use self::figures::{ended, known};
pub use self::{
    figures::{ClassRow, Counts, MonthReport, StatRow, month_report},
    shown::Shown,
    workbook::month_workbook,
};
