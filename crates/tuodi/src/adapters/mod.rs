//! Where rooms that may not know each other meet: pool and registry, pool and engine, engine and watch, pool and web.

pub mod batches;
pub mod conflicts;
pub mod data;
pub mod feeds;
pub mod fetching;
pub mod findings;
pub mod held;
pub mod jobs;
pub mod kept;
pub mod library;
pub mod roster;
pub mod rows;
pub mod sealer;
pub mod snapshot;
pub mod spool;
pub mod trials;
pub mod unnumbered;
pub mod vault;
pub mod verifier;
pub mod watched;
pub mod ways;
