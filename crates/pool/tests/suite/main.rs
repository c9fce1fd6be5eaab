//! The tests of this room from outside, in one program: each that links everything would be some 150 MB on disk and a
//! minute of linking.

mod batches;
mod common;
mod contracts;
mod formats;
mod merged;
mod readers;
mod reasons;
mod refusals;
mod stewards;
