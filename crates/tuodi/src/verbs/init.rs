//! `tuodi init`.

use crate::{cli::Init, error::VerbError, installation::Installation, output::Output};
use std::process::ExitCode;

pub async fn run(args: Init, output: Output) -> Result<ExitCode, VerbError> {
    let installation = Installation::init(&args.data.dir, &args.pack, args.db).await?;
    let pack = &installation.pack.info;
    output.answer(
        &serde_json::json!({ "people": 0, "pack": pack.id, "pack_version": pack.version }),
        format!(
            "An empty installation under {}, with the pack {} {}.",
            installation.dir.display(),
            pack.id,
            pack.version
        ),
    );
    Ok(ExitCode::SUCCESS)
}
