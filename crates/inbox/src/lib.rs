//! The ways in: files that arrived, what becomes of each, and what stewards said about headings that no contract knows.
//!
//! A job is one file on its way into the pool: received, checked without taking anything, confirmed by a person, taken.
//! Its stages are rows of the database, so that whoever runs jobs goes on after a restart where it stopped; taking the
//! same file twice changes nothing in the pool, so a job may be run again from its beginning.
//!
//! This room never reads a file, never knows the pool, never keeps a row or a person's value, never reads the clock.

mod cx;
mod error;
mod fetches;
mod headings;
mod job;
mod keys;
mod migration;
mod run;

pub use self::{
    cx::Cx,
    error::InboxError,
    fetches::{
        Fetch, Outcome, PATIENCE, Run, begin_fetch, due_fetches, fetch_now, fetch_of, fetches, plan_fetches, ran,
        stop_fetch,
    },
    headings::{SavedHeadings, explain, forget, saved_headings},
    job::{FileOutcome, Job, JobReport, NewJob, Stage, cancel, confirm, find, list, receive, recheck},
    keys::{SenderKey, admit_key, present, revoke_key, sender_key, sender_keys, sent_before, turned_away},
    migration::migrations,
    run::{due, expire, fail, finish, unfinished},
};
