//! `tuodi poverty`: the six dimensions over the district.

use crate::{
    adapters::{feeds, snapshot},
    cli::Poverty,
    error::VerbError,
    installation::Installation,
    output::Output,
    verbs::simulate::language,
};
use std::{fmt::Write, process::ExitCode};
use tuodi_pack::{
    Lang, Purpose,
    trial::{Measured, PovertyRow},
};

pub async fn run(args: Poverty, output: Output) -> Result<ExitCode, VerbError> {
    let installation = Installation::open(&args.data.dir)?;
    let lang = language(&args.lang)?;
    let store = installation.store().await?;
    let engine = snapshot::agreed_engine(&installation, &store).await?;
    let withheld = engine.withheld(Purpose::Statistics, args.as_of);
    feeds::journal_refusals(&store, &installation.pack, "poverty", &withheld).await?;
    for withheld in &withheld {
        output.say(format!("warning: {withheld}"));
    }
    let poverty = engine.poverty(args.as_of).await?;
    let poverty = poverty.ok_or_else(|| VerbError::Refused("the policy pack assesses nobody".to_owned()))?;
    let mut out = String::new();
    let oldest = poverty.oldest.map_or_else(|| "-".to_owned(), |d| d.to_string());
    let _ = writeln!(
        out,
        "{}: {} of {} households assessed in the last 12 months ({} permille), the oldest on {oldest}.",
        poverty.as_of, poverty.assessed_households, poverty.households, poverty.share_households
    );
    let _ = writeln!(out, "\npeople");
    poverty.by_people.iter().for_each(|m| say(&mut out, m, lang));
    let _ = writeln!(out, "\nhouseholds");
    poverty.by_households.iter().for_each(|m| say(&mut out, m, lang));
    output.answer(&serde_json::to_value(&poverty).expect("plain data"), out);
    Ok(ExitCode::SUCCESS)
}

/// Millionths as a share with four places.
fn share(millionths: Option<u64>) -> String {
    millionths.map_or_else(|| "·".to_owned(), |m| format!("{}.{:04}", m / 1_000_000, m % 1_000_000 / 100))
}

fn say(out: &mut String, measured: &Measured, lang: Lang) {
    let line = |row: &PovertyRow| {
        format!(
            "{:>8} assessed, {:>8} poor: H {} A {} M0 {}  {}",
            row.assessed,
            row.poor.map_or_else(|| "<10".to_owned(), |n| n.to_string()),
            share(row.incidence),
            share(row.intensity),
            share(row.m0),
            row.title.get(lang)
        )
    };
    let _ = writeln!(out, "k = 0.{:03}: {}", measured.k, line(&measured.total));
    for table in measured.tables.iter().filter(|t| !t.rows.is_empty()) {
        let _ = writeln!(out, "  {}", table.title.get(lang));
        for row in &table.rows {
            let _ = writeln!(out, "    {}", line(row));
        }
    }
}
