//! `tuodi bench`: figures, printed as they were measured. Never a test.

mod engine;
mod link;
mod load;
mod pages;
mod payments;
mod queue;
mod verify;
mod writes;

pub use writes::{clerk, drafts};

use crate::{cli::BenchVerb, error::VerbError, output::Output};
use std::{process::ExitCode, time::Duration};

pub async fn run(verb: BenchVerb, output: Output) -> Result<ExitCode, VerbError> {
    match verb {
        BenchVerb::Writes { clients, seconds, db } => writes::writes(clients, seconds, db, output).await?,
        BenchVerb::Payments { households, db } => payments::payments(households, db, output).await?,
        BenchVerb::Queue { data, readers, seconds } => queue::queue(&data.dir, readers, seconds, output).await?,
        BenchVerb::Load(args) => load::load(args, output).await?,
        BenchVerb::Pass(args) => engine::pass(args, output).await?,
        BenchVerb::Check(args) => engine::check(args, output).await?,
        BenchVerb::Verify(args) => verify::run(args, output).await?,
        BenchVerb::Incremental(args) => engine::incremental(args, output).await?,
        BenchVerb::Link(args) => link::run(args, output)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// In milliseconds.
fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).map_or(0.0, |d| d.as_secs_f64() * 1000.0)
}
