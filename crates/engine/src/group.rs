//! Computing one fact group.

use crate::{EngineError, order::Group};
use arrow::{
    array::{ArrayRef, AsArray, Int64Array, RecordBatch, UInt32Array, new_null_array},
    compute::{concat_batches, take_record_batch},
    datatypes::{Field, Int64Type, Schema, SchemaRef},
    error::ArrowError,
};
use datafusion::{common::ScalarValue, datasource::MemTable};
use std::sync::Arc;

/// A group's rows, and after them one more: what holds for somebody who has no row.
pub(crate) struct GroupTable {
    pub batch: RecordBatch,
    /// Without the row of absence.
    pub rows: usize,
}

impl GroupTable {
    /// `known`: all sources of the group have arrived, so that absence means something.
    pub fn new(group: &Group, batches: Vec<RecordBatch>, known: bool, all: bool) -> Result<GroupTable, EngineError> {
        let fail = |message: String| EngineError::Facts { group: group.id.clone(), message };
        let schema = schema(group, all);
        let absent: Vec<ArrayRef> = schema
            .fields()
            .iter()
            .map(|field| {
                let absent = group.facts.iter().find(|f| f.name == *field.name()).and_then(|f| f.absent.as_ref());
                match absent.filter(|_| known) {
                    Some(value) => value.to_array_of_size(1).map_err(|e| fail(e.strip_backtrace())),
                    None => Ok(new_null_array(field.data_type(), 1)),
                }
            })
            .collect::<Result<_, _>>()?;
        let mut parts: Vec<RecordBatch> = Vec::with_capacity(batches.len() + 1);
        let mut rows = 0;
        for batch in batches {
            rows += batch.num_rows();
            // Collected batches may promise "never null" where the plan did not; the promise is dropped.
            parts
                .push(RecordBatch::try_new(schema.clone(), batch.columns().to_vec()).map_err(|e| fail(e.to_string()))?);
        }
        parts.push(RecordBatch::try_new(schema.clone(), absent).map_err(|e| fail(e.to_string()))?);
        let mut batch = concat_batches(&schema, &parts).map_err(|e| fail(e.to_string()))?;
        drop(parts);
        if group.dense {
            // Parallel plans give their rows in any order; findings are written in the order of the numbers. The row of
            // absence has no number and stays last.
            if let Some(order) = order(&batch, rows) {
                batch = take_record_batch(&batch, &order).map_err(|e| fail(e.to_string()))?;
            }
        }
        Ok(GroupTable { batch, rows })
    }

    /// The key and the columns that `keep` names: what nobody will read any more goes.
    pub fn only(&self, keep: impl Fn(&str) -> bool) -> Result<GroupTable, ArrowError> {
        let fields = self.batch.schema_ref().fields().iter().enumerate();
        let kept: Vec<usize> = fields.filter(|(i, f)| *i == 0 || keep(f.name())).map(|(i, _)| i).collect();
        Ok(GroupTable { batch: self.batch.project(&kept)?, rows: self.rows })
    }

    pub fn has(&self, name: &str) -> bool {
        self.batch.schema_ref().fields().find(name).is_some()
    }

    /// The key column without the row of absence, as plain numbers: statements leave rows without a key out.
    pub fn keys(&self) -> Int64Array {
        let keys = self.batch.column(0).as_primitive::<Int64Type>().slice(0, self.rows);
        Int64Array::new(keys.values().clone(), None)
    }

    /// As a table that other groups read, cut for parallel scans.
    pub fn table(&self, partitions: usize, batch_size: usize) -> Result<MemTable, EngineError> {
        let rows = self.batch.slice(0, self.rows);
        let size = batch_size.max(1);
        let slices = (0..self.rows).step_by(size).map(|start| rows.slice(start, size.min(self.rows - start)));
        let parts = dealt(slices.collect(), partitions);
        MemTable::try_new(self.batch.schema(), parts)
            .map_err(|e| EngineError::Facts { group: String::new(), message: e.strip_backtrace() })
    }
}

/// Batches dealt out for parallel scans.
pub(crate) fn dealt(batches: Vec<RecordBatch>, partitions: usize) -> Vec<Vec<RecordBatch>> {
    let mut parts: Vec<Vec<RecordBatch>> = vec![Vec::new(); partitions.max(1)];
    let count = parts.len();
    batches.into_iter().enumerate().for_each(|(i, batch)| parts[i % count].push(batch));
    parts
}

/// Rows in the order of their numbers, the row of absence last; `None` where they are so already. Numbers given in
/// sequence need no comparing: each has its place.
fn order(batch: &RecordBatch, rows: usize) -> Option<UInt32Array> {
    let keys = &batch.column(0).as_primitive::<Int64Type>().values()[..rows];
    if keys.is_sorted() {
        return None;
    }
    let least = keys.iter().copied().min()?;
    let span = keys.iter().copied().max()?.checked_sub(least).and_then(|s| usize::try_from(s).ok());
    let mut order: Vec<u32> = match span {
        Some(span) if span <= rows * 4 + 1024 => {
            const NOBODY: u32 = u32::MAX;
            let mut places = vec![NOBODY; span + 1];
            let mut twice = false;
            for (row, key) in keys.iter().enumerate() {
                let place = &mut places[(key - least) as usize];
                twice |= *place != NOBODY;
                *place = row as u32;
            }
            if twice {
                // A fault of the statement, reported where the table is looked up by number.
                return None;
            }
            places.retain(|row| *row != NOBODY);
            places
        }
        _ => {
            let mut order: Vec<u32> = (0..rows as u32).collect();
            order.sort_unstable_by_key(|row| keys[*row as usize]);
            order
        }
    };
    order.push(rows as u32);
    Some(order.into())
}

/// Key first, then structural columns, then facts: all of them, or only those that somebody reads.
pub(crate) fn schema(group: &Group, all: bool) -> SchemaRef {
    let fields: Vec<Field> = group.columns(all).map(|(name, kind)| Field::new(name, kind, true)).collect();
    Arc::new(Schema::new(fields))
}

/// An `absent` value of the pack as a value of its type.
pub(crate) fn absent(text: &str, kind: &arrow::datatypes::DataType) -> Result<Option<ScalarValue>, String> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("unknown") || text.eq_ignore_ascii_case("null") {
        return Ok(None);
    }
    let literal = text.strip_prefix("DATE").unwrap_or(text).trim().trim_matches('\'');
    ScalarValue::try_from_string(literal.to_owned(), kind)
        .map(Some)
        .map_err(|_| format!("`{text}` is not a value of the fact's type, nor `unknown`"))
}
