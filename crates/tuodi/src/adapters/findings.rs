//! The findings of a run: a folder of two Parquet files and `run.json`.

use crate::error::VerbError;
use arrow::{
    array::{Array, AsArray},
    datatypes::{DataType, Int64Type},
    record_batch::RecordBatch,
};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde::{Deserialize, Serialize};
use std::{
    fs::File,
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

/// Every record batch of a Parquet file, one after another.
pub fn each_batch(file: &Path, mut take: impl FnMut(&RecordBatch)) -> Result<(), VerbError> {
    let open = File::open(file).map_err(|e| unreadable(file, e))?;
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(open).and_then(|b| b.build()).map_err(|e| unreadable(file, e))?;
    for batch in reader {
        take(&batch.map_err(|e| unreadable(file, e))?);
    }
    Ok(())
}

/// A column of numbers by name; missing ones read as nothing.
pub fn int(batch: &RecordBatch, name: &str, row: usize) -> Option<i64> {
    let column = batch.column_by_name(name)?;
    let column = column.as_primitive_opt::<Int64Type>()?;
    column.is_valid(row).then(|| column.value(row))
}

/// A column of text by name, whichever of Arrow's text types it has.
pub fn text(batch: &RecordBatch, name: &str, row: usize) -> Option<String> {
    let column = batch.column_by_name(name)?;
    if column.is_null(row) {
        return None;
    }
    match column.data_type() {
        DataType::Utf8 => Some(column.as_string::<i32>().value(row).to_owned()),
        DataType::LargeUtf8 => Some(column.as_string::<i64>().value(row).to_owned()),
        DataType::Utf8View => Some(column.as_string_view().value(row).to_owned()),
        _ => None,
    }
}

pub fn date(batch: &RecordBatch, name: &str, row: usize) -> Option<NaiveDate> {
    let column = batch.column_by_name(name)?;
    let column = column.as_primitive_opt::<arrow::datatypes::Date32Type>()?;
    if column.is_null(row) {
        return None;
    }
    column.value_as_date(row)
}

pub fn alerts(folder: &Path) -> Result<Vec<AlertRow>, VerbError> {
    let mut rows = Vec::new();
    each_batch(&folder.join("alerts.parquet"), |batch| {
        for row in 0..batch.num_rows() {
            let (Some(household_id), Some(indicator)) =
                (int(batch, "household_id", row), text(batch, "indicator", row))
            else {
                continue;
            };
            rows.push(AlertRow {
                person_id: int(batch, "person_id", row),
                household_id,
                indicator,
                evidence: text(batch, "evidence", row).unwrap_or_else(|| "[]".to_owned()),
                severity: text(batch, "severity", row),
                points: int(batch, "points", row).and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
            });
        }
    })?;
    Ok(rows)
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
fn facts(evidence: &str) -> Vec<FactValue> {
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
    each_batch(&folder.join("alerts.parquet"), |batch| {
        for row in 0..batch.num_rows() {
            let Some(indicator) = text(batch, "indicator", row).filter(|id| indicators.contains(id)) else { continue };
            let Some(household) = int(batch, "household_id", row) else { continue };
            let evidence = text(batch, "evidence", row).unwrap_or_default();
            found.push(FoundAlert {
                indicator,
                household: HouseholdId(household),
                person: int(batch, "person_id", row).map(PersonId),
                evidence: facts(&evidence),
            });
        }
    })?;
    Ok(found)
}
