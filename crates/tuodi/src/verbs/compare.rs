//! `tuodi compare`: stored findings against a truth folder.

use crate::{
    adapters::{findings, rows},
    cli::Compare,
    error::VerbError,
    installation::Installation,
    output::Output,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::ExitCode,
};
use tuodi_pack::{PersonId, facts::Grain, id_no::IdNo};
use tuodi_registry::IdentityBook;

#[derive(Deserialize)]
struct TruthRow {
    indicator: String,
    id_no: String,
}

/// A family laid out by hand, with what must come out for it.
#[derive(Deserialize)]
struct FamilyRow {
    id_no: String,
    tier: String,
    monthly_fen: i64,
    what: String,
}

/// Families whose tier or amount came out otherwise.
#[derive(Serialize, Default)]
struct TierFigures {
    expected: usize,
    right: usize,
    /// What was laid out, what was found; the fictional families have no names.
    wrong: Vec<String>,
}

/// What the truth folder says about itself.
#[derive(Deserialize, Default)]
struct Expected {
    as_of: Option<chrono::NaiveDate>,
    /// Indicators that the truth covers, also where nothing is to be found.
    #[serde(default)]
    indicators: Vec<String>,
}

#[derive(Serialize)]
struct IndicatorFigures {
    indicator: String,
    expected: usize,
    found: usize,
    both: usize,
    precision: f64,
    recall: f64,
}

/// 1 where there was nothing to find or nothing found: no error was made.
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

pub async fn run(args: Compare, output: Output) -> Result<ExitCode, VerbError> {
    let installation = Installation::open(&args.data.dir)?;
    let pack = installation.pack.clone();
    let (folder, run) = findings::latest(&installation.findings_dir())?
        .ok_or_else(|| VerbError::Refused("there are no findings yet; run `tuodi pass` first".to_owned()))?;
    let expected: Expected = match std::fs::read_to_string(args.truth.join("expected.json")) {
        Ok(text) => serde_json::from_str(&text)
            .map_err(|e| VerbError::File { file: args.truth.join("expected.json"), message: e.to_string() })?,
        Err(_) => Expected::default(),
    };
    if expected.as_of.is_some_and(|as_of| as_of != run.as_of) {
        return Err(VerbError::Refused(format!(
            "the truth holds for {}, the newest findings are of {}; run `tuodi pass --as-of {}` first",
            expected.as_of.expect("just seen"),
            run.as_of,
            expected.as_of.expect("just seen"),
        )));
    }
    let store = installation.store().await?;
    let book = IdentityBook::load(&store).await?;
    // Subjects: a household for indicators about households, a person for the others.
    let by_household = |indicator: &str| pack.indicator(indicator).is_some_and(|i| i.grain == Grain::Household);
    let file = args.truth.join("alerts.csv");
    let bad = |message: String| VerbError::File { file: file.clone(), message };
    let mut truth: BTreeMap<String, BTreeSet<i64>> =
        expected.indicators.iter().map(|i| (i.clone(), BTreeSet::new())).collect();
    let mut strangers = 0usize;
    let mut reader = csv::Reader::from_path(&file).map_err(|e| bad(e.to_string()))?;
    for (row, line) in reader.deserialize::<TruthRow>().enumerate() {
        let line = line.map_err(|e| bad(e.to_string()))?;
        let id = IdNo::parse(&line.id_no).map_err(|e| bad(format!("row {}: {e}", row + 1)))?;
        let person = book.resolve(&id);
        let subject = match (person, by_household(&line.indicator)) {
            (Some(PersonId(person)), false) => Some(person),
            (Some(person), true) => tuodi_registry::household_of(&store, person).await?.map(|h| h.0),
            (None, _) => None,
        };
        let subjects = truth.entry(line.indicator).or_default();
        match subject {
            Some(subject) => {
                subjects.insert(subject);
            }
            // Never taken in: counts as missed.
            None => {
                strangers += 1;
                subjects.insert(-(strangers as i64));
            }
        }
    }
    let mut found: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
    for alert in findings::alerts(&folder)? {
        let subject = if by_household(&alert.indicator) { Some(alert.household_id) } else { alert.person_id };
        if let Some(subject) = subject {
            found.entry(alert.indicator).or_default().insert(subject);
        }
    }
    let tiers = tiers(&args.truth, &folder, &store, &book).await?;
    let empty = BTreeSet::new();
    let figures: Vec<IndicatorFigures> = truth
        .iter()
        .map(|(indicator, expected)| {
            let found = found.get(indicator).unwrap_or(&empty);
            let both = expected.intersection(found).count();
            IndicatorFigures {
                indicator: indicator.clone(),
                expected: expected.len(),
                found: found.len(),
                both,
                precision: ratio(both, found.len()),
                recall: ratio(both, expected.len()),
            }
        })
        .collect();
    let sum = |f: fn(&IndicatorFigures) -> usize| figures.iter().map(f).sum::<usize>();
    let (both, found, expected) = (sum(|f| f.both), sum(|f| f.found), sum(|f| f.expected));
    let (precision, recall) = (ratio(both, found), ratio(both, expected));
    let mut plain = String::new();
    for f in &figures {
        plain += &format!(
            "{:<6} expected {:>6}  found {:>6}  both {:>6}  precision {:.4}  recall {:.4}\n",
            f.indicator, f.expected, f.found, f.both, f.precision, f.recall
        );
    }
    for wrong in &tiers.wrong {
        plain += &format!("{wrong}\n");
    }
    if tiers.expected > 0 {
        plain += &format!("tiers and amounts of {} families, {} right\n", tiers.expected, tiers.right);
    }
    plain += &format!("precision {precision:.4}, recall {recall:.4}");
    output.answer(
        &serde_json::json!({
            "precision": precision, "recall": recall, "indicators": figures, "tiers": tiers,
            "as_of": run.as_of, "run": run.run, "unknown_people": strangers,
        }),
        plain,
    );
    Ok(ExitCode::SUCCESS)
}

/// `tiers.csv` of the truth, where there is one, against the households' findings.
async fn tiers(
    truth: &Path,
    folder: &Path,
    store: &tuodi_store::Store,
    book: &IdentityBook,
) -> Result<TierFigures, VerbError> {
    let file = truth.join("tiers.csv");
    let mut figures = TierFigures::default();
    if !file.is_file() {
        return Ok(figures);
    }
    let mut found: BTreeMap<i64, (String, i64)> = BTreeMap::new();
    rows::each_row(&folder.join("households.parquet"), &["household_id", "tier", "monthly_fen"], |row| {
        if let Some(home) = row.int(0) {
            found.insert(home, (row.text(1).unwrap_or_default().to_owned(), row.int(2).unwrap_or(0)));
        }
    })?;
    let bad = |message: String| VerbError::File { file: file.clone(), message };
    let mut reader = csv::Reader::from_path(&file).map_err(|e| bad(e.to_string()))?;
    for (row, line) in reader.deserialize::<FamilyRow>().enumerate() {
        let line = line.map_err(|e| bad(e.to_string()))?;
        let id = IdNo::parse(&line.id_no).map_err(|e| bad(format!("row {}: {e}", row + 1)))?;
        let home = match book.resolve(&id) {
            Some(person) => tuodi_registry::household_of(store, person).await?,
            None => None,
        };
        figures.expected += 1;
        match home.and_then(|home| found.get(&home.0)) {
            Some((tier, monthly)) if *tier == line.tier && *monthly == line.monthly_fen => figures.right += 1,
            Some((tier, monthly)) => figures.wrong.push(format!(
                "{}: expected {} with {} fen, found {tier} with {monthly} fen",
                line.what, line.tier, line.monthly_fen
            )),
            None => figures.wrong.push(format!("{}: not among the findings", line.what)),
        }
    }
    Ok(figures)
}
