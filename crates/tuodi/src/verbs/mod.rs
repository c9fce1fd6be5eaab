//! One file a verb.

pub mod batch;
pub mod bench;
pub mod check;
pub mod compare;
pub mod init;
pub mod intake;
pub mod journal;
pub mod link;
pub mod pack;
pub mod pass;
pub mod poverty;
pub mod quarantine;
pub mod replay;
pub mod serve;
pub mod simulate;
pub mod synth;
pub mod user;
pub mod verify;
