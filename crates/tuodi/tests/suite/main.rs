//! The tests of this room from outside, in one program: each that links everything would be some 150 MB on disk and a
//! minute of linking.

mod bad_input;
mod bad_packs;
#[path = "../../../web/tests/suite/support/browser.rs"]
mod browser;
mod common;
mod killed;
mod link;
mod main_job;
mod purpose;
mod replay;
mod ways_in;
mod worked_cases;
