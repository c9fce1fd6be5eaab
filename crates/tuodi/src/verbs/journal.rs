//! `tuodi journal verify`.

use crate::{cli::JournalVerb, error::VerbError, installation::Installation, output::Output};
use std::process::ExitCode;

pub async fn run(verb: JournalVerb, output: Output) -> Result<ExitCode, VerbError> {
    let JournalVerb::Verify { data } = verb;
    let store = Installation::open(&data.dir)?.store().await?;
    match tuodi_store::journal::verify(&store).await {
        Ok(verified) => {
            let lanes: Vec<_> = verified
                .lanes
                .iter()
                .map(|l| serde_json::json!({ "lane": l.lane, "seq": l.seq, "hash": l.hash }))
                .collect();
            output.answer(
                &serde_json::json!({ "ok": true, "entries": verified.entries, "lanes": lanes }),
                format!("The journal holds: {} entries in {} lanes.", verified.entries, verified.lanes.len()),
            );
            Ok(ExitCode::SUCCESS)
        }
        Err(broken) => {
            output.answer(
                &serde_json::json!({ "ok": false, "lane": broken.lane, "seq": broken.seq, "what": broken.what.to_string() }),
                format!("The journal is broken: lane {}, entry {}: {}", broken.lane, broken.seq, broken.what),
            );
            Ok(ExitCode::FAILURE)
        }
    }
}
