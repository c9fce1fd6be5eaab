//! What was known when: the snapshot of an earlier day, and every row that ever came about a household.

use crate::{Manifest, Pool, PoolError, Snapshot, SnapshotBatch, snapshot};
use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::{Date32Type, Int64Type, TimestampMicrosecondType},
};
use chrono::{DateTime, Utc};
use parquet::arrow::{
    ProjectionMask,
    arrow_reader::{ParquetRecordBatchReaderBuilder, RowSelection, RowSelector},
};
use serde_json::{Map, Value};
use std::{
    collections::{BTreeSet, HashSet},
    fs::File,
    path::Path,
};

/// Whether a batch counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    Now,
    /// A later batch took its place.
    Superseded,
    Undone,
}

/// One row that a source once said of somebody.
#[derive(Debug, Clone, PartialEq)]
pub struct PastRow {
    pub source: String,
    pub batch: String,
    pub row: i64,
    pub arrived_at: DateTime<Utc>,
    pub counts: Counts,
    /// Of the people asked about; `None` where the row speaks of the household.
    pub person: Option<i64>,
    /// In pool columns; what is not known is left out.
    pub values: Map<String, Value>,
}

impl Manifest {
    /// As it stood then; `None` where it had not arrived.
    fn as_of(&self, at: DateTime<Utc>) -> Option<Manifest> {
        (self.arrived_at <= at).then(|| {
            let mut then = self.clone();
            then.words.retain(|word| word.at <= at);
            then.revisions.retain(|revision| revision.at <= at);
            then
        })
    }
}

impl Pool {
    /// The batches that counted at that moment: those that had arrived, and had not been undone by then.
    ///
    /// # Errors
    /// A manifest that cannot be read.
    pub fn snapshot_known(&self, at: DateTime<Utc>) -> Result<Snapshot, PoolError> {
        let then: Vec<Manifest> = self.batches()?.iter().filter_map(|m| m.as_of(at)).collect();
        let current = snapshot::current(&then).into_iter().cloned();
        Ok(Snapshot::of(current.map(|m| SnapshotBatch { path: self.rows_path(&m), manifest: m }).collect()))
    }

    /// Every row about these people or this household in batches of the sources that `may_read` allows, in order of
    /// arrival: also what was superseded or undone since. Reads the columns of numbers whole and of the rest only the rows
    /// found.
    ///
    /// # Errors
    /// A file of the pool that cannot be read.
    pub fn rows_about(
        &self,
        persons: &BTreeSet<i64>,
        household: i64,
        may_read: impl Fn(&str) -> bool,
    ) -> Result<Vec<PastRow>, PoolError> {
        let manifests = self.batches()?;
        let now: HashSet<&str> = snapshot::current(&manifests).iter().map(|m| m.batch.as_str()).collect();
        let mut out = Vec::new();
        for manifest in manifests.iter().filter(|m| m.rows_taken > 0 && may_read(&m.source)) {
            let path = self.parquet_path(&manifest.source, &manifest.batch);
            if !path.exists() {
                continue;
            }
            let counts = match (now.contains(manifest.batch.as_str()), manifest.is_undone()) {
                (true, _) => Counts::Now,
                (false, true) => Counts::Undone,
                (false, false) => Counts::Superseded,
            };
            for batch in about(&path, persons, household)? {
                out.extend((0..batch.num_rows()).map(|row| past(manifest, counts, &batch, row, persons)));
            }
        }
        Ok(out)
    }
}

fn is_person(name: &str) -> bool {
    name.ends_with("person_id")
}

/// The rows on which one of these stands.
fn about(path: &Path, persons: &BTreeSet<i64>, household: i64) -> Result<Vec<RecordBatch>, PoolError> {
    let failed = |source| PoolError::Parquet { path: path.to_owned(), source };
    let open = || {
        let file = File::open(path).map_err(PoolError::disk(path))?;
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(failed)
    };
    let builder = open()?;
    let numbers: Vec<usize> = builder
        .schema()
        .fields()
        .iter()
        .enumerate()
        .filter(|(_, f)| is_person(f.name()) || f.name() == "household_id")
        .map(|(i, _)| i)
        .collect();
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let mask = ProjectionMask::roots(builder.parquet_schema(), numbers);
    let mut selectors: Vec<RowSelector> = Vec::new();
    let mut found = false;
    for batch in builder.with_projection(mask).build().map_err(failed)? {
        let batch = batch.map_err(|e| failed(e.into()))?;
        let schema = batch.schema();
        for row in 0..batch.num_rows() {
            let here = schema.fields().iter().zip(batch.columns()).any(|(field, column)| {
                let Some(column) = column.as_primitive_opt::<Int64Type>().filter(|c| c.is_valid(row)) else {
                    return false;
                };
                let n = column.value(row);
                if is_person(field.name()) { persons.contains(&n) } else { n == household }
            });
            found |= here;
            match selectors.last_mut().filter(|s| s.skip != here) {
                Some(last) => last.row_count += 1,
                None => selectors.push(if here { RowSelector::select(1) } else { RowSelector::skip(1) }),
            }
        }
    }
    if !found {
        return Ok(Vec::new());
    }
    let reader = open()?.with_row_selection(RowSelection::from(selectors)).build().map_err(failed)?;
    reader.map(|batch| batch.map_err(|e| failed(e.into()))).collect()
}

fn past(manifest: &Manifest, counts: Counts, batch: &RecordBatch, row: usize, persons: &BTreeSet<i64>) -> PastRow {
    let (mut values, mut person, mut number) = (Map::new(), None, 0);
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let Some(value) = json(column.as_ref(), row) else { continue };
        match field.name().as_str() {
            "_row" => number = value.as_i64().unwrap_or_default(),
            "_batch" | "household_id" => {}
            name if is_person(name) => person = person.or(value.as_i64().filter(|n| persons.contains(n))),
            name => {
                values.insert(name.to_owned(), value);
            }
        }
    }
    PastRow {
        source: manifest.source.clone(),
        batch: manifest.batch.clone(),
        row: number,
        arrived_at: manifest.arrived_at,
        counts,
        person,
        values,
    }
}

/// A value of one of the types of [`crate::pool_schema`].
fn json(column: &dyn Array, row: usize) -> Option<Value> {
    if column.is_null(row) {
        return None;
    }
    if let Some(numbers) = column.as_primitive_opt::<Int64Type>() {
        return Some(numbers.value(row).into());
    }
    if let Some(texts) = column.as_string_opt::<i32>() {
        return Some(texts.value(row).into());
    }
    if let Some(yes) = column.as_boolean_opt() {
        return Some(yes.value(row).into());
    }
    if let Some(days) = column.as_primitive_opt::<Date32Type>() {
        return days.value_as_date(row).map(|day| day.to_string().into());
    }
    if let Some(times) = column.as_primitive_opt::<TimestampMicrosecondType>() {
        return DateTime::from_timestamp_micros(times.value(row)).map(|at| at.to_rfc3339().into());
    }
    arrow::util::display::array_value_to_string(column, row).ok().map(Value::String)
}
