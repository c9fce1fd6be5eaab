//! Rows that arrived under a number of a person that has since been found to be another's: merged numbers are read as one,
//! and parted again when the merge is taken back. The file that came is never touched; beside it stands the batch as it
//! is read now, made from that file each time, so that nothing of an earlier merge is left in it.

use crate::{Manifest, Pool, PoolError, batch::BatchWriter, snapshot};
use arrow::{
    array::{ArrayRef, AsArray, Int64Array, RecordBatch},
    datatypes::Int64Type,
};
use chrono::{DateTime, Utc};
use parquet::arrow::{ProjectionMask, arrow_reader::ParquetRecordBatchReaderBuilder};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashMap},
    fs::File,
    path::Path,
    sync::Arc,
};

/// How a batch is read from a moment on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    pub at: DateTime<Utc>,
    /// Numbers of people in the file, and those they are read as. Empty: as it came.
    pub people: BTreeMap<i64, i64>,
}

impl Manifest {
    /// The batch as it is read now: its id, and which reading of it. Names the file, and stands in lists of batches.
    pub fn name(&self) -> String {
        match self.revisions.last() {
            Some(revision) if !revision.people.is_empty() => format!("{}.r{}", self.batch, self.revisions.len()),
            _ => self.batch.clone(),
        }
    }

    /// This batch as it was read under that name, if it ever was.
    pub(crate) fn named(&self, name: &str) -> Option<Manifest> {
        let mut then = self.clone();
        match name.strip_prefix(&self.batch)? {
            "" => then.revisions.clear(),
            rest => then.revisions.truncate(rest.strip_prefix(".r")?.parse().ok()?),
        }
        (then.name() == name).then_some(then)
    }
}

fn is_person(name: &str) -> bool {
    name.ends_with("person_id")
}

impl Pool {
    /// Reads every batch that counts under the numbers in force: `merged` holds each number that is read as another, with
    /// that other. Returns how many batches are read anew.
    ///
    /// # Errors
    /// Somebody else is writing the pool, or a file of it cannot be read or written. What was done until then holds.
    pub fn revise(&self, merged: &HashMap<i64, i64>, now: DateTime<Utc>) -> Result<u32, PoolError> {
        let _lock = self.lock()?;
        self.clean()?;
        let manifests = self.batches()?;
        let mut revised = 0;
        for manifest in snapshot::current(&manifests) {
            let held = manifest.revisions.last().map(|r| &r.people);
            if manifest.rows_taken == 0 || (merged.is_empty() && held.is_none_or(BTreeMap::is_empty)) {
                continue;
            }
            let original = self.parquet_path(&manifest.source, &manifest.batch);
            let people = found(&original, merged)?;
            if people == *held.unwrap_or(&BTreeMap::new()) {
                continue;
            }
            let mut next = manifest.clone();
            next.revisions.push(Revision { at: now, people });
            self.write_revision(&original, &next)?;
            self.publish(&next)?;
            revised += 1;
        }
        Ok(revised)
    }

    fn write_revision(&self, original: &Path, next: &Manifest) -> Result<(), PoolError> {
        let Some(people) = next.revisions.last().map(|r| &r.people).filter(|people| !people.is_empty()) else {
            return Ok(());
        };
        let failed = |source| PoolError::Parquet { path: original.to_owned(), source };
        let file = File::open(original).map_err(PoolError::disk(original))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(failed)?;
        let temporary = self.rows_path(next).with_extension("parquet.tmp");
        let mut writer = BatchWriter::create(&temporary, builder.schema().clone())?;
        for rows in builder.build().map_err(failed)? {
            writer.write(read_as(&rows.map_err(|e| failed(e.into()))?, people).map_err(|e| failed(e.into()))?)?;
        }
        writer.finish()?;
        self.settle_file(&temporary)
    }
}

/// Which of the merged numbers stand in the file. Reads its columns of people only.
fn found(path: &Path, merged: &HashMap<i64, i64>) -> Result<BTreeMap<i64, i64>, PoolError> {
    let mut here = BTreeMap::new();
    if merged.is_empty() {
        return Ok(here);
    }
    let failed = |source| PoolError::Parquet { path: path.to_owned(), source };
    let file = File::open(path).map_err(PoolError::disk(path))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(failed)?;
    let fields = builder.schema().fields().iter().enumerate();
    let people: Vec<usize> = fields.filter(|(_, field)| is_person(field.name())).map(|(i, _)| i).collect();
    if people.is_empty() {
        return Ok(here);
    }
    let mask = ProjectionMask::roots(builder.parquet_schema(), people);
    for rows in builder.with_projection(mask).build().map_err(failed)? {
        let rows = rows.map_err(|e| failed(e.into()))?;
        for column in rows.columns().iter().filter_map(|c| c.as_primitive_opt::<Int64Type>()) {
            here.extend(column.iter().flatten().filter_map(|number| Some((number, *merged.get(&number)?))));
        }
    }
    Ok(here)
}

fn read_as(rows: &RecordBatch, people: &BTreeMap<i64, i64>) -> Result<RecordBatch, arrow::error::ArrowError> {
    let schema = rows.schema();
    let columns = schema.fields().iter().zip(rows.columns()).map(|(field, column)| {
        match column.as_primitive_opt::<Int64Type>().filter(|_| is_person(field.name())) {
            Some(numbers) => {
                let read = |number: i64| people.get(&number).copied().unwrap_or(number);
                Arc::new(numbers.iter().map(|number| number.map(read)).collect::<Int64Array>()) as ArrayRef
            }
            None => Arc::clone(column),
        }
    });
    RecordBatch::try_new(Arc::clone(&schema), columns.collect())
}
