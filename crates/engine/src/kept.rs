//! Row groups kept in memory as they were read: a file's pages are compressed, and one household's rows would cost the
//! unpacking of a page in each column. A batch never changes, so what is kept holds for every snapshot it is in.

use crate::{EngineError, Inner, rows::source_error, schema::conform, snapshot::DataFile};
use arrow::{
    array::{BooleanArray, RecordBatch, UInt32Array},
    compute::{filter_record_batch, take_record_batch},
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use parquet::arrow::{
    ProjectionMask,
    arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
};
use std::{
    collections::HashMap,
    fs::File,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard},
};
use tuodi_pack::source::Source;

/// Whole row groups in the columns that facts read, up to [`crate::EngineConfig::kept_bytes`] together.
#[derive(Default)]
pub(crate) struct Kept(Mutex<Groups>);

#[derive(Default)]
struct Groups {
    /// By file and row group.
    groups: HashMap<(PathBuf, usize), RecordBatch>,
    bytes: usize,
}

/// Which rows of a row group.
pub(crate) enum Which {
    /// By their numbers in the row group.
    Places(UInt32Array),
    /// One answer for each row.
    True(BooleanArray),
}

impl Kept {
    /// Some rows of a row group in this schema; none where there is no room for the row group.
    pub fn rows(
        &self,
        inner: &Inner,
        source: &Source,
        (file, group): (&DataFile, usize),
        schema: &SchemaRef,
        which: &Which,
    ) -> Result<Option<RecordBatch>, EngineError> {
        let fail = |e: &dyn ToString| source_error(source, e.to_string());
        let known = self.lock().groups.get(&(file.path.clone(), group)).cloned();
        let whole = match known.filter(|whole| has_all(whole, file, schema)) {
            Some(whole) => whole,
            None => {
                // As it stands in the file, each value some bytes: what it takes in memory is known once it is read.
                if self.lock().bytes >= inner.config.kept_bytes {
                    return Ok(None);
                }
                let whole = read(file, group, schema).map_err(|e| fail(&e))?;
                self.put(file, group, &whole);
                whole
            }
        };
        let rows = match which {
            Which::Places(places) => take_record_batch(&whole, places),
            Which::True(answers) => filter_record_batch(&whole, answers),
        };
        conform(&rows.map_err(|e| fail(&e))?, schema).map(Some).map_err(|e| fail(&e))
    }

    fn put(&self, file: &DataFile, group: usize, whole: &RecordBatch) {
        let mut kept = self.lock();
        kept.bytes += whole.get_array_memory_size();
        if let Some(before) = kept.groups.insert((file.path.clone(), group), whole.clone()) {
            kept.bytes -= before.get_array_memory_size().min(kept.bytes);
        }
    }

    /// Forgets what stands in none of these files.
    pub fn only(&self, stays: impl Fn(&PathBuf) -> bool) {
        let mut kept = self.lock();
        kept.groups.retain(|(path, _), _| stays(path));
        kept.bytes = kept.groups.values().map(RecordBatch::get_array_memory_size).sum();
    }

    fn lock(&self) -> MutexGuard<'_, Groups> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// Whether the columns kept are all that this schema finds in the file: another day's statements may read others.
fn has_all(whole: &RecordBatch, file: &DataFile, schema: &SchemaRef) -> bool {
    let there = |name: &str| file.metadata.schema().fields().find(name).is_some();
    schema.fields().iter().all(|f| whole.column_by_name(f.name()).is_some() || !there(f.name()))
}

/// A row group whole. Texts stay codes with a dictionary beside them, as the file has them.
fn read(file: &DataFile, group: usize, schema: &SchemaRef) -> Result<RecordBatch, String> {
    let code = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let coded = file.metadata.schema().fields().iter().map(|field| match field.data_type() {
        DataType::Utf8 => Field::new(field.name(), code.clone(), field.is_nullable()),
        _ => field.as_ref().clone(),
    });
    let options = ArrowReaderOptions::new().with_schema(Arc::new(Schema::new(coded.collect::<Vec<Field>>())));
    let metadata =
        ArrowReaderMetadata::try_new(file.metadata.metadata().clone(), options).map_err(|e| e.to_string())?;
    let opened = File::open(&file.path).map_err(|e| e.to_string())?;
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(opened, metadata);
    let rows = usize::try_from(file.metadata.metadata().row_group(group).num_rows()).unwrap_or(0);
    let mask = ProjectionMask::columns(builder.parquet_schema(), schema.fields().iter().map(|f| f.name().as_str()));
    let reader = builder.with_row_groups(vec![group]).with_projection(mask).with_batch_size(rows.max(1)).build();
    let mut reader = reader.map_err(|e| e.to_string())?;
    let whole = reader.next().transpose().map_err(|e| e.to_string())?;
    match whole {
        Some(whole) if whole.num_rows() == rows => Ok(whole),
        _ => Err(format!("{}: row group {group} is not whole", file.path.display())),
    }
}
