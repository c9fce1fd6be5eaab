//! Rows that the platform writes itself (declared facts, home visits): back into the pool as a source like any other.

use crate::{
    BatchState, Format, Manifest, Pool, PoolError, Quality, batch::BatchWriter, dates, intake::batch_id, numbers,
    schema, snapshot,
};
use arrow::{
    array::{
        ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray,
        TimestampMicrosecondArray,
    },
    datatypes::DataType,
};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, sync::Arc};
use tuodi_pack::{
    Pack,
    source::{Origin, Source},
};

impl Pool {
    /// Writes all rows that hold now, in pool columns, in place of those written before: the database is the record
    /// of what was declared, the pool only mirrors it. Equal rows make no new batch, so that equal snapshots keep
    /// equal ids. A member a row leaves out, or null, is unknown. Batches from files, where the source takes them, stay
    /// beside these rows untouched.
    pub fn write_platform(
        &self,
        pack: &Pack,
        source: &Source,
        rows: &[Map<String, Value>],
        who: &str,
        now: DateTime<Utc>,
    ) -> Result<Manifest, PoolError> {
        if source.origin != Origin::Platform {
            return Err(PoolError::NotAPlatformSource { source_id: source.id.clone() });
        }
        let _lock = self.lock()?;
        self.clean()?;
        let manifests = self.batches()?;
        let mut hash = Sha256::new_with_prefix(format!("{}\n{}\n", source.id, source.version));
        for row in rows {
            hash.update(Value::Object(row.clone()).to_string());
            hash.update("\n");
        }
        let sha256 = hex::encode(hash.finalize());
        let current = snapshot::current(&manifests);
        let own = |m: &&&Manifest| m.source == source.id && m.format == Format::Platform;
        if let Some(same) = current.iter().filter(own).find(|m| m.sha256 == sha256) {
            return Ok((*same).clone());
        }
        let batch = batch_id(&manifests, now, &sha256);
        let count = rows.len() as u64;
        let mut manifest = Manifest {
            batch: batch.clone(),
            source: source.id.clone(),
            contract_version: source.version,
            pack: format!("{}@{}", pack.info.id, pack.info.version),
            state: BatchState::Taken,
            group: format!("platform-{batch}"),
            group_at: now,
            file_name: String::new(),
            sha256,
            bytes: 0,
            format: Format::Platform,
            encoding: None,
            rows_read: count,
            rows_taken: count,
            rows_quarantined: 0,
            reasons: BTreeMap::new(),
            quality: Quality { completeness: 100.0, validity: 100.0, uniqueness: 100.0, ..Quality::default() },
            arrived_at: now,
            who: who.to_owned(),
            replaces: true,
            supersedes: current.iter().filter(own).map(|m| m.batch.clone()).collect(),
            beside: Vec::new(),
            corrects: None,
            brings_back: Vec::new(),
            mapped: BTreeMap::new(),
            revisions: Vec::new(),
            words: Vec::new(),
        };
        let table = table(source, rows, &batch)?;
        let path = self.parquet_path(&source.id, &batch);
        let temporary = path.with_extension("parquet.tmp");
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(PoolError::disk(folder))?;
        }
        let mut writer = BatchWriter::create(&temporary, table.schema())?;
        writer.write(table)?;
        writer.finish()?;
        self.settle_file(&temporary)?;
        manifest.bytes = std::fs::metadata(&path).map_err(PoolError::disk(&path))?.len();
        self.publish(&manifest)?;
        Ok(manifest)
    }
}

/// Rows of JSON as the source's table; the same reading serves a single case's rows.
fn table(source: &Source, rows: &[Map<String, Value>], batch: &str) -> Result<RecordBatch, PoolError> {
    let schema = schema::pool_schema(source);
    let mut arrays: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let name = field.name();
        arrays.push(match name.as_str() {
            "_row" => Arc::new((1..=rows.len() as i64).collect::<Int64Array>()),
            "_batch" => Arc::new(StringArray::from_iter_values(std::iter::repeat_n(batch, rows.len()))),
            _ => column(source, rows, name, field.data_type())?,
        });
    }
    RecordBatch::try_new(schema, arrays)
        .map_err(|e| PoolError::Parquet { path: format!("source={}", source.id).into(), source: e.into() })
}

fn column(source: &Source, rows: &[Map<String, Value>], name: &str, kind: &DataType) -> Result<ArrayRef, PoolError> {
    fn each<T>(
        source: &Source,
        rows: &[Map<String, Value>],
        name: &str,
        expected: &'static str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Vec<Option<T>>, PoolError> {
        let value = |(i, row): (usize, &Map<String, Value>)| match row.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| PoolError::PlatformValue {
                source_id: source.id.clone(),
                row: i + 1,
                column: name.to_owned(),
                expected,
            }),
        };
        rows.iter().enumerate().map(value).collect()
    }
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    Ok(match kind {
        DataType::Int64 => Arc::new(Int64Array::from(each(source, rows, name, "whole number", Value::as_i64)?)),
        DataType::Boolean => Arc::new(BooleanArray::from(each(source, rows, name, "true or false", Value::as_bool)?)),
        DataType::Date32 => {
            Arc::new(Date32Array::from(each(source, rows, name, "date", |v| dates::date(v.as_str()?))?))
        }
        DataType::Timestamp(..) => {
            let times = each(source, rows, name, "time", |v| dates::moment(v.as_str()?))?;
            Arc::new(TimestampMicrosecondArray::from(times).with_data_type(kind.clone()))
        }
        DataType::Decimal128(..) => {
            let read = |v: &Value| match v {
                Value::String(s) => numbers::decimal(s),
                Value::Number(n) => numbers::decimal(&n.to_string()),
                _ => None,
            };
            Arc::new(
                Decimal128Array::from(each(source, rows, name, "decimal number", read)?).with_data_type(kind.clone()),
            )
        }
        _ => Arc::new(StringArray::from(each(source, rows, name, "text", text)?)),
    })
}
