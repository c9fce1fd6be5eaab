//! Writing one batch's Parquet file, on a thread of its own: encoding costs about as much as conversion.

use crate::PoolError;
use arrow::{array::RecordBatch, datatypes::SchemaRef};
use parquet::{
    arrow::ArrowWriter,
    basic::Compression,
    file::properties::{EnabledStatistics, WriterProperties},
    schema::types::ColumnPath,
};
use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::mpsc::{SyncSender, sync_channel},
    thread::JoinHandle,
};

const ROW_GROUP: usize = 128 << 10;
/// Rows of a page and bytes of a dictionary, both short: who asks about one household unpacks little else.
const PAGE: usize = 2 << 10;
const DICTIONARY: usize = 32 << 10;

pub(crate) struct BatchWriter {
    path: PathBuf,
    to: Option<SyncSender<RecordBatch>>,
    thread: Option<JoinHandle<Result<(), PoolError>>>,
}

/// Snappy: the pool is read at every pass, and is about as fast to read as not compressed at all. Columns of ids
/// and hashes hardly repeat, so a dictionary would only cost time.
fn properties(schema: &SchemaRef) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_data_page_row_count_limit(PAGE)
        .set_dictionary_page_size_limit(DICTIONARY)
        .set_statistics_enabled(EnabledStatistics::Chunk);
    for name in schema.fields().iter().map(|f| f.name()) {
        if name.ends_with("person_id") || name == "household_id" || name == "_row" {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(name.as_str()), false);
        }
    }
    properties.build()
}

impl BatchWriter {
    pub fn create(path: &Path, schema: SchemaRef) -> Result<BatchWriter, PoolError> {
        let file = File::create(path).map_err(PoolError::disk(path))?;
        let owned = path.to_owned();
        let failed = move |source| PoolError::Parquet { path: owned.clone(), source };
        let properties = properties(&schema);
        let (to, from) = sync_channel::<RecordBatch>(3);
        let thread_path = path.to_owned();
        let thread = std::thread::spawn(move || {
            let mut writer = ArrowWriter::try_new(file, schema, Some(properties)).map_err(&failed)?;
            for batch in from {
                writer.write(&batch).map_err(&failed)?;
            }
            let file = writer.into_inner().map_err(&failed)?;
            file.sync_all().map_err(PoolError::disk(&thread_path))
        });
        Ok(BatchWriter { path: path.to_owned(), to: Some(to), thread: Some(thread) })
    }

    pub fn write(&mut self, batch: RecordBatch) -> Result<(), PoolError> {
        match self.to.as_ref().map(|to| to.send(batch)) {
            Some(Ok(())) => Ok(()),
            // The thread has ended before its time: it says why.
            _ => self.join(),
        }
    }

    /// No more rows: the thread finishes the file by itself.
    pub fn end(&mut self) {
        self.to = None;
    }

    /// Durable when this returns.
    pub fn finish(mut self) -> Result<(), PoolError> {
        self.join()
    }

    fn join(&mut self) -> Result<(), PoolError> {
        self.to = None;
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => Err(PoolError::Disk {
                path: self.path.clone(),
                source: std::io::Error::other("the batch's writer has already ended"),
            }),
        }
    }
}

impl Drop for BatchWriter {
    fn drop(&mut self) {
        self.to = None;
        if let Some(thread) = self.thread.take() {
            // Unfinished: the file is a leftover, whatever became of it.
            let _ = thread.join();
        }
    }
}
