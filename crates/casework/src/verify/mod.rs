//! Household economic verification (核对): a request, one answer a source, and reports that complete themselves.
//!
//! A request asks every source that the pack names for its purpose: those in the pool at once, those with a connection
//! until they answer or their time is over. Nothing is asked without every adult's authorisation, and a withdrawal ends
//! what is still being asked. A report never refuses anybody: what it cannot say it names, and a person decides.

mod answers;
mod batch;
mod batch_run;
mod batch_sheet;
mod list;
pub(crate) mod migration;
mod order;
mod pursue;
mod relay;
mod replies;
mod report;
mod round_reply;
mod round_sheet;
mod rounds;
mod rows;
mod settle;
pub(crate) mod tables;
mod words;

pub use self::{
    answers::{AnswerState, Answered},
    batch::{
        Anomaly, BatchOrder, BatchResult, BatchRow, BatchView, Kind, Listed, batch, batches, cancel_batch, listed,
        order_batch, order_due,
    },
    batch_run::run_batch,
    batch_sheet::sheet,
    list::{Due, RequestFilter, RequestRow, RequestView, due_reverifications, request, requests},
    order::{Order, Ordered, order, way},
    pursue::{Now, Pursued, ask_one, due, pursue},
    relay::{Declined, Relayed, answer_relay},
    replies::{OfPerson, RepliesView, Told, replies},
    report::{Conflict, Genuine, Report, ReportLine, ReportPerson, ReportSource, genuine},
    round_reply::{ReplyRow, Taken, take_reply},
    round_sheet::OWN as ROUND_COLUMNS,
    rounds::{Round, ToAsk, make_round, round, round_file, rounds, to_ask},
    settle::settle,
};

pub(crate) use self::settle::stop_waiting;
