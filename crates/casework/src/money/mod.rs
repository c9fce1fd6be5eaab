//! Money: the runs that pay benefits, what each amount is made of, what was paid too much, what came back, and the
//! books of each fund.
//!
//! Nobody is paid twice for one thing in one month: every part of every line is a row of `payment_item`, and a unique
//! index of the database holds subject, programme, month and kind apart, whatever the program does.

mod again;
mod bank_return;
mod begin;
mod due;
mod funds;
pub(crate) mod migration;
mod order;
mod over;
mod run;
pub(crate) mod tables;

pub(crate) use self::{bank_return::reference, due::subject_of, over::expected_for};

pub use self::{
    again::{ReturnedRow, mend_return, returned},
    bank_return::{ReturnTaken, RowProblem, take_bank_return},
    due::PayPart,
    funds::{FundBook, FundMonth, allocate, fund_books, fund_workbook},
    order::{RunOrder, RunTerms},
    over::{NewOver, OverDecision, OverRow, decide_over, find_over, overpayments, repay_over},
    run::{LineParts, Preview, line_parts, prepare_batch, prepare_run, preview_run, withdraw_batch},
};
