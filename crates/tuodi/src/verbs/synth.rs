//! `tuodi synth`.

use crate::{cli::Synth, error::VerbError, installation::load_pack, output::Output};
use std::{path::PathBuf, process::ExitCode};

/// The pack of the fictional district, beside the binary's working folder unless one is named.
fn default_pack() -> PathBuf {
    PathBuf::from("packs/qingyan")
}

pub fn run(args: Synth, output: Output) -> Result<ExitCode, VerbError> {
    let pack_dir = args.pack.unwrap_or_else(default_pack);
    let pack = load_pack(&pack_dir)?;
    let recipients = args.subsidy_recipients.map(|people| tuodi_synth::Recipients { people, overlaps: args.overlaps });
    let options = tuodi_synth::Options {
        people: args.people,
        seed: args.seed,
        clean: args.clean,
        as_of: args.as_of,
        form: pack.assessment.clone(),
        recipients,
    };
    let report = tuodi_synth::generate(&args.out, &options, &pack.regions, &|step| output.say(step))?;
    output.answer(
        &serde_json::json!({
            "people": report.people,
            "households": report.households,
            "files": report.files,
            "rows": report.rows,
            "as_of": args.as_of,
        }),
        format!(
            "{} people in {} households, {} files with {} rows, as of {}.",
            report.people, report.households, report.files, report.rows, args.as_of
        ),
    );
    Ok(ExitCode::SUCCESS)
}
