//! `tuodi quarantine`: rows put aside at intake, to be corrected and sent again.

use crate::{
    adapters::sealer::KeySealer, cli::QuarantineVerb, error::VerbError, installation::Installation, output::Output,
};
use std::process::ExitCode;
use tuodi_pool::Pool;

pub async fn run(verb: QuarantineVerb, output: Output) -> Result<ExitCode, VerbError> {
    match verb {
        QuarantineVerb::List { data } => {
            let pool = Pool::open(&Installation::open(&data.dir)?.pool_dir())?;
            let batches: Vec<_> = pool.batches()?.into_iter().filter(|m| m.rows_quarantined > 0).collect();
            let plain = match batches.as_slice() {
                [] => "No rows were put aside.".to_owned(),
                some => some
                    .iter()
                    .map(|m| format!("{}  {}  {}  {} rows", m.batch, m.source, m.file_name, m.rows_quarantined))
                    .collect::<Vec<_>>()
                    .join("\n"),
            };
            output.answer(&serde_json::json!({ "batches": batches }), plain);
        }
        QuarantineVerb::Export { data, batch, out } => {
            let installation = Installation::open(&data.dir)?;
            let store = installation.store().await?;
            let pool = Pool::open(&installation.pool_dir())?;
            let csv = pool.quarantine_csv(&batch, &KeySealer(store.keys().clone()))?;
            std::fs::write(&out, &csv).map_err(|e| VerbError::File { file: out.clone(), message: e.to_string() })?;
            output.answer(
                &serde_json::json!({ "batch": batch, "bytes": csv.len() }),
                format!(
                    "Written to {}. It holds personal data: correct it, send it again, and remove it.",
                    out.display()
                ),
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}
