//! The findings of a run: a folder of two Parquet files and `run.json`.

use super::rows::each_row;
use crate::error::VerbError;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use tuodi_pack::{
    FactValue, HouseholdId, PersonId,
    found::{FindingsError, FoundAlert, FoundRun, PassFindings},
};

/// `run.json`: what the findings are a function of, and when they were made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunFile {
    pub run: String,
    pub as_of: NaiveDate,
    pub pack_version: String,
    pub snapshot: String,
    pub at: DateTime<Utc>,
    pub people: u64,
    pub households: u64,
}

pub struct AlertRow {
    pub person_id: Option<i64>,
    pub household_id: i64,
    pub indicator: String,
    pub evidence: String,
    /// Of this alert; unset in findings of old.
    pub severity: Option<String>,
    pub points: u32,
}

fn unreadable(file: &Path, message: impl ToString) -> VerbError {
    VerbError::File { file: file.to_owned(), message: message.to_string() }
}

pub fn alerts(folder: &Path) -> Result<Vec<AlertRow>, VerbError> {
    let columns = ["household_id", "indicator", "person_id", "evidence", "severity", "points"];
    let mut found = Vec::new();
    each_row(&folder.join("alerts.parquet"), &columns, |row| {
        let (Some(household_id), Some(indicator)) = (row.int(0), row.text(1)) else { return };
        found.push(AlertRow {
            person_id: row.int(2),
            household_id,
            indicator: indicator.to_owned(),
            evidence: row.text(3).unwrap_or("[]").to_owned(),
            severity: row.text(4).map(str::to_owned),
            points: row.int(5).and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
        });
    })?;
    Ok(found)
}

/// What a run says that a household needs.
#[derive(Default)]
pub struct Needs {
    pub services: Vec<String>,
    pub labels: Vec<String>,
}

/// Services and labels of every household that has any, in the order in which the run wrote them.
pub fn needs(folder: &Path) -> Result<BTreeMap<HouseholdId, Needs>, VerbError> {
    let mut found: BTreeMap<HouseholdId, Needs> = BTreeMap::new();
    let mut read = |file: &str, column: &'static str, labels: bool| {
        each_row(&folder.join(file), &["household_id", column], |row| {
            if let (Some(home), Some(id)) = (row.int(0), row.text(1)) {
                let of_home = found.entry(HouseholdId(home)).or_default();
                if labels { &mut of_home.labels } else { &mut of_home.services }.push(id.to_owned());
            }
        })
    };
    read("needs.parquet", "service", false)?;
    read("labels.parquet", "label", true)?;
    Ok(found)
}

/// The newest run's folder with its `run.json`; `None` before the first pass.
pub fn latest(findings: &Path) -> Result<Option<(PathBuf, RunFile)>, VerbError> {
    let mut newest: Option<(PathBuf, RunFile)> = None;
    let Ok(entries) = std::fs::read_dir(findings) else { return Ok(None) };
    for entry in entries.flatten() {
        let file = entry.path().join("run.json");
        // A folder without run.json is a run that did not end.
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        let run: RunFile = serde_json::from_str(&text).map_err(|e| unreadable(&file, e))?;
        if newest.as_ref().is_none_or(|(_, n)| n.at < run.at) {
            newest = Some((entry.path(), run));
        }
    }
    Ok(newest)
}

/// The newest run's findings, for lists of many people.
pub struct StoredFindings(pub PathBuf);

#[async_trait]
impl PassFindings for StoredFindings {
    async fn newest(&self) -> Result<Option<FoundRun>, FindingsError> {
        let newest = latest(&self.0).map_err(|e| FindingsError(e.to_string()))?;
        Ok(newest.map(|(_, run)| FoundRun {
            id: run.run,
            as_of: run.as_of,
            pack_version: run.pack_version,
            snapshot: run.snapshot,
        }))
    }

    async fn alerts(&self, run: &FoundRun, indicators: &[String]) -> Result<Vec<FoundAlert>, FindingsError> {
        let (folder, wanted) = (self.0.join(format!("run={}", run.id)), indicators.to_vec());
        let read = tokio::task::spawn_blocking(move || alerts_of(&folder, &wanted)).await;
        read.map_err(|e| FindingsError(e.to_string()))?.map_err(|e| FindingsError(e.to_string()))
    }
}

/// Evidence as a run writes it: one object, a fact a name. Units are the pack's.
pub fn facts(evidence: &str) -> Vec<FactValue> {
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(evidence).unwrap_or_default();
    let plain = |value| match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text),
        other => Some(other.to_string()),
    };
    let fact = |(name, value)| FactValue { name, person_id: None, value: plain(value), unit: String::new() };
    object.into_iter().map(fact).collect()
}

/// Only of these indicators; evidence that cannot be read is left out, the finding stays.
fn alerts_of(folder: &Path, indicators: &[String]) -> Result<Vec<FoundAlert>, VerbError> {
    let mut found = Vec::new();
    each_row(&folder.join("alerts.parquet"), &["indicator", "household_id", "person_id", "evidence"], |row| {
        let Some(indicator) = row.text(0).filter(|id| indicators.iter().any(|wanted| wanted == id)) else { return };
        let Some(household) = row.int(1) else { return };
        found.push(FoundAlert {
            indicator: indicator.to_owned(),
            household: HouseholdId(household),
            person: row.int(2).map(PersonId),
            evidence: facts(row.text(3).unwrap_or_default()),
        });
    })?;
    Ok(found)
}
