//! `tuodi synth`.

use crate::{cli::Synth, error::VerbError, installation::load_pack, output::Output};
use std::{path::PathBuf, process::ExitCode};
use tuodi_synth::{LinkageForm, LinkageOptions};

/// The pack of the fictional district, beside the binary's working folder unless one is named.
fn default_pack() -> PathBuf {
    PathBuf::from("packs/qingyan")
}

pub fn run(args: Synth, output: Output) -> Result<ExitCode, VerbError> {
    let pack_dir = args.pack.clone().unwrap_or_else(default_pack);
    let pack = load_pack(&pack_dir)?;
    if let Some(rows) = args.linkage.linkage {
        return linkage(&args, rows, &pack, output);
    }
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

fn linkage(args: &Synth, rows: u64, pack: &tuodi_pack::Pack, output: Output) -> Result<ExitCode, VerbError> {
    let form = match args.linkage.one_file {
        true => LinkageForm::OneFile { repeated: 0.2 },
        false => LinkageForm::TwoFiles { overlap: args.linkage.overlap },
    };
    let options = LinkageOptions {
        rows,
        seed: args.seed,
        as_of: args.as_of,
        broken: args.linkage.broken,
        without_numbers: args.linkage.without_numbers,
        form,
    };
    let report = tuodi_synth::generate_linkage(&args.out, &options, &pack.regions, &|step| output.say(step))?;
    let plain = format!(
        "{} people in {} files with {} rows, {} pairs of rows about the same person.",
        report.people, report.files, report.rows, report.pairs
    );
    output.answer(&report, plain);
    Ok(ExitCode::SUCCESS)
}
