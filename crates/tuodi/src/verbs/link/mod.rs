//! `tuodi link`: which rows of a file, or of two, are about the same person.

mod input;
mod report;

pub use self::input::{Rows, read_config, read_rows, read_truth};

use crate::{cli::Link, error::VerbError, output::Output};
use std::{fs::File, io::BufWriter, process::ExitCode, time::Instant};
use tuodi_linkage::{Band, Model, judge, link, measure, write_pairs};

pub fn run(args: Link, output: Output) -> Result<ExitCode, VerbError> {
    let started = Instant::now();
    let config = read_config(&args.config)?;
    let file = |message: String| VerbError::File { file: args.out.clone(), message };
    let rows = read_rows(&config, &args.left, args.right.as_deref())?;
    let truth = args.truth.as_deref().map(|path| read_truth(path, &rows)).transpose()?;
    let read = started.elapsed();
    output.say(format!("{} rows read; learning how the fields agree", rows.names.len()));
    let model = Model::train(&rows.records, &config, rows.scope, args.seed)?;
    if !model.converged {
        output.say(format!(
            "after {} rounds the model still moved; give more under [training] iterations if the pairs look wrong",
            model.iterations
        ));
    }
    let trained = started.elapsed();
    let found = link(&rows.records, &config, &model, rows.scope)?;
    for skipped in &found.skipped {
        output.say(format!(
            "rule {}: {} blocks with {} rows are larger than {} and were not compared; make the rule narrower",
            config.blocks[skipped.rule].on.join(" + "),
            skipped.blocks,
            skipped.rows,
            config.training.largest_block
        ));
    }
    let judged = judge(&rows.records, &config, &model, rows.scope, &found)?;
    let linked = started.elapsed();
    let told: Vec<_> = judged.iter().filter(|pair| pair.band != Band::Different).copied().collect();
    // Whole or not at all: a reader never meets half a list.
    let part = args.out.with_extension("unfinished");
    let out = File::create(&part).map_err(|e| file(e.to_string()))?;
    write_pairs(BufWriter::new(out), &rows.records, &config, &model, &rows.names, &told)
        .map_err(|e| file(e.to_string()))?;
    std::fs::rename(&part, &args.out).map_err(|e| file(e.to_string()))?;
    let quality = truth.map(|truth| measure(&rows.records, rows.scope, &judged, &truth));
    let ms = |from: std::time::Duration, to: std::time::Duration| (to - from).as_millis() as u64;
    let times = report::Times {
        read: read.as_millis() as u64,
        train: ms(read, trained),
        link: ms(trained, linked),
        total: started.elapsed().as_millis() as u64,
    };
    report::tell(output, &rows, &model, &found, &told, quality.as_ref(), &times);
    Ok(ExitCode::SUCCESS)
}
