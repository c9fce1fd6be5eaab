//! `tuodi intake`.

use crate::output::Output;
use crate::{
    adapters::{
        jobs,
        unnumbered::{Proposed, follow},
        vault::RegistryVault,
    },
    cli::Intake,
    error::VerbError,
    installation::Installation,
    output,
};
use std::{cell::Cell, process::ExitCode};
use tuodi_pack::Lang;
use tuodi_pool::{FileState, IntakeOptions, IntakeReport, Pool, Progress};

pub async fn run(args: Intake, output: Output) -> Result<ExitCode, VerbError> {
    let installation = Installation::open(&args.data.dir)?;
    let store = installation.store().await?;
    // A newer binary over an older installation brings its tables up to date.
    store.migrate(crate::installation::migrations()).await?;
    let mappings = jobs::mappings(&store).await?;
    let pool = Pool::open(&installation.pool_dir())?;
    let now = crate::now();
    let linkage = crate::adapters::unnumbered::config(&installation.pack_dir)?;
    let mut vault = RegistryVault::load(&store, &installation.pack.info.jurisdiction, now).await?;
    let pack = installation.pack.clone();
    let sealer = crate::adapters::sealer::KeySealer(store.keys().clone());
    let as_of = args.as_of.unwrap_or_else(crate::today);
    let started = std::time::Instant::now();
    // Reading and converting is work of threads, not of the runtime.
    let (files, rules) = (Pool::open(&installation.pool_dir())?, installation.pack.clone());
    let report = tokio::task::spawn_blocking(move || {
        let last = Cell::new(0u64);
        let progress = |p: Progress<'_>| {
            if p.rows == 0 || p.rows >= last.get() + 500_000 || p.rows < last.get() {
                last.set(p.rows);
                output.say(format!("{:>3}/{} {} {}", p.number, p.files, p.file, p.rows));
            }
        };
        let mut options = IntakeOptions::new(as_of, now, "system");
        options.dry_run = args.dry_run;
        options.progress = Some(&progress);
        options.mappings = &mappings;
        pool.intake(&args.paths, &pack, &mut vault, &sealer, &options)
    })
    .await
    .expect("intake does not panic");
    tuodi_registry::make_look_ups(&store).await?;
    let mut report = report?;
    report.ms = started.elapsed().as_millis() as u64;
    if !args.dry_run {
        // A batch that arrived ends the task about its lateness; one that is broken opens another.
        crate::adapters::feeds::follow(&store, &rules, &files, now).await?;
    }
    for refusal in report.refusals() {
        output.say(format!("error: {}", refusal.line(Lang::En)));
    }
    let proposed = if args.dry_run {
        Proposed::default()
    } else {
        let batches = report.outcomes.iter().filter_map(|o| o.batch.clone()).collect();
        follow(&store, &installation.pool_dir(), &installation.pack, linkage.as_ref(), batches, now).await?
    };
    if proposed.rows > 0 {
        output.say(format!(
            "{} rows name somebody without a number that holds: {} may be about people who are known, {} of them by a number \
             with a slip; a person decides",
            proposed.rows, proposed.known, proposed.repairs
        ));
    }
    if proposed.doubles > 0 {
        output.say(format!("{} people may be known under another number; a person decides", proposed.doubles));
    }
    if proposed.uncompared > 0 {
        output.say(format!(
            "{} people came at once: not compared with each other for second numbers (`tuodi link` compares a whole register)",
            proposed.uncompared
        ));
    }
    let mut object = serde_json::to_value(&report).expect("a report is plain data");
    object["peak_rss_bytes"] = output::peak_rss_bytes().into();
    object["unnumbered"] = serde_json::to_value(proposed).expect("counts are plain data");
    object["dry_run"] = args.dry_run.into();
    output.answer(&object, plain(&report));
    Ok(if report.all_well() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn plain(report: &IntakeReport) -> String {
    let mut text = String::new();
    for o in &report.outcomes {
        let state = match o.state {
            FileState::Taken => "taken",
            FileState::Held => "held: too few valid rows",
            FileState::AlreadyTaken => "already taken, nothing changed",
            FileState::Refused => "refused",
        };
        text += &format!(
            "{:<44} {:<5} {:>9} rows, {:>9} taken, {:>6} quarantined  {state}\n",
            o.file,
            o.source.as_deref().unwrap_or("-"),
            o.rows_read,
            o.rows_taken,
            o.rows_quarantined
        );
    }
    text + &format!(
        "{} files, {} rows read, {} taken, {} quarantined, in {} ms",
        report.files, report.rows_read, report.rows_taken, report.rows_quarantined, report.ms
    )
}
