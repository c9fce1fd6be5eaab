//! `tuodi batch`: a batch that was taken by mistake counts no longer, and again.

use crate::{
    adapters::batches,
    cli::{BatchVerb, Data},
    error::VerbError,
    installation::Installation,
    output::Output,
};
use std::process::ExitCode;
use tuodi_access::Actor;
use tuodi_pool::Pool;

pub async fn run(verb: BatchVerb, output: Output) -> Result<ExitCode, VerbError> {
    match verb {
        BatchVerb::Undo { data, batch, why } => say(data, &batch, true, &why, output).await,
        BatchVerb::Redo { data, batch, why } => say(data, &batch, false, &why, output).await,
    }
}

async fn say(data: Data, batch: &str, undo: bool, why: &str, output: Output) -> Result<ExitCode, VerbError> {
    let installation = Installation::open(&data.dir)?;
    let store = installation.store().await?;
    let pool = Pool::open(&installation.pool_dir())?;
    let manifest = batches::say(&pool, &store, &Actor::system(), batch, undo, why, crate::now()).await?;
    let snapshot = pool.snapshot()?.id;
    let plain = match undo {
        true => format!("Batch {batch} counts no longer; nothing of it was removed. The snapshot is now {snapshot}."),
        false => format!("Batch {batch} counts again. The snapshot is now {snapshot}."),
    };
    output.answer(&serde_json::json!({ "batch": batch, "undone": manifest.is_undone(), "snapshot": snapshot }), plain);
    Ok(ExitCode::SUCCESS)
}
