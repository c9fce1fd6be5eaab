//! `truth/`: what the findings must be, for `tuodi compare` and for people who want to see what was planted.

use super::{Alert, Subject, View, indicators};
use crate::district::household_no;
use crate::file::FileReport;
use crate::planted::{Family, Plant};
use crate::recipients;
use crate::{Options, SynthError};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Serialize)]
struct Expected<'a> {
    as_of: String,
    people: u64,
    households: u64,
    seed: u64,
    clean: bool,
    /// Indicators that the truth covers, also where nothing is to be found.
    indicators: &'a [&'a str],
    /// People with an active disability living or nursing subsidy; M057 counts those who are destitute persons too.
    subsidy_recipients: u64,
    /// Alerts by indicator.
    alerts: BTreeMap<&'a str, u64>,
    /// What intake must count, file by file.
    files: &'a [FileReport],
}

const README: &str = "\
# truth: what must be found

Reckoned from the people of the synthetic district by plain code, without the engine and without the pack's SQL.

| file | holds |
| --- | --- |
| alerts.csv | every alert that must be raised on the day `as_of`, and no others for these indicators. `grain` says whether `id_no` is the subject (person) or the head, or first living member, of the household that is (household) |
| facts.csv | cases laid out by hand at the lines of each indicator, with `raised` = whether the indicator must follow |
| tiers.csv | families laid out by hand, with tier and monthly amount in fen (parameter set QY-2026) |
| expected.json | `as_of`, counts, alerts by indicator, rows of each file: good, exact duplicates, broken on purpose |
";

pub fn write(
    dir: &Path,
    view: &View<'_>,
    alerts: &[Alert],
    planted: (&[Plant], &[Family]),
    files: &[FileReport],
    options: &Options,
) -> Result<(), SynthError> {
    let dir = dir.join("truth");
    std::fs::create_dir_all(&dir).map_err(|e| SynthError::file(&dir, e))?;
    let mut counts: BTreeMap<&str, u64> = indicators().into_iter().map(|i| (i, 0)).collect();
    let mut rows = vec![row(["indicator", "id_no", "grain", "household_no"])];
    for alert in alerts {
        *counts.entry(alert.indicator).or_default() += 1;
        let (grain, home, who) = match alert.subject {
            Subject::Person(p) => ("person", view.household_of(p), p as usize),
            Subject::Household(h) => ("household", h as usize, spokesman(view, h as usize)),
        };
        let id = view.d.people[who].id();
        rows.push(row([alert.indicator, id, grain, &household_no(home as u32).to_string()]));
    }
    csv_file(&dir.join("alerts.csv"), &rows)?;

    let mut rows = vec![row(["indicator", "raised", "id_no", "household_no", "what"])];
    for plant in planted.0 {
        let id = view.d.people[plant.person as usize].id();
        let raised = if plant.raised { "true" } else { "false" };
        rows.push(row([plant.indicator, raised, id, &household_no(plant.household).to_string(), plant.what]));
    }
    csv_file(&dir.join("facts.csv"), &rows)?;

    let mut rows = vec![row(["household_no", "tier", "monthly_fen", "id_no", "what"])];
    for family in planted.1 {
        let head = view.d.households[family.household as usize].first as usize;
        let (home, monthly) = (household_no(family.household).to_string(), family.monthly.to_string());
        rows.push(row([&home, family.tier, &monthly, view.d.people[head].id(), family.what]));
    }
    csv_file(&dir.join("tiers.csv"), &rows)?;

    let expected = Expected {
        as_of: view.as_of.to_string(),
        people: view.d.people.len() as u64,
        households: view.d.households.len() as u64,
        seed: options.seed,
        clean: options.clean,
        indicators: &indicators(),
        subsidy_recipients: recipients::count(view.d),
        alerts: counts,
        files,
    };
    let path = dir.join("expected.json");
    let json = serde_json::to_vec_pretty(&expected).map_err(|e| SynthError::file(&path, std::io::Error::other(e)))?;
    text_file(&path, &json)?;
    text_file(&dir.join("README.md"), README.as_bytes())
}

/// The head of the household, or the first member who lives.
fn spokesman(view: &View<'_>, home: usize) -> usize {
    let mut members = view.d.households[home].members();
    members.clone().find(|m| view.living[*m]).or_else(|| members.next()).unwrap_or_default()
}

fn row<const N: usize>(cells: [&str; N]) -> String {
    cells.join(",")
}

fn csv_file(path: &Path, rows: &[String]) -> Result<(), SynthError> {
    let mut text = rows.join("\n");
    text.push('\n');
    text_file(path, text.as_bytes())
}

fn text_file(path: &Path, bytes: &[u8]) -> Result<(), SynthError> {
    std::fs::write(path, bytes).map_err(|e| SynthError::file(path, e))
}
