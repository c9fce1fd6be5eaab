//! Where a pass puts its findings.

use crate::{
    EngineError,
    findings::{ALERTS, HOUSEHOLDS},
};
use arrow::{array::RecordBatch, datatypes::SchemaRef};
use parquet::{arrow::ArrowWriter, basic::Compression, file::properties::WriterProperties};
use std::{
    fs::File,
    path::{Path, PathBuf},
};

pub(crate) trait Sink: Send + 'static {
    type Out: Send + 'static;
    fn households(&mut self, batch: RecordBatch) -> Result<(), EngineError>;
    fn alerts(&mut self, batch: RecordBatch) -> Result<(), EngineError>;
    fn finish(self) -> Result<Self::Out, EngineError>;
    /// Files written.
    fn paths(out: &Self::Out) -> Vec<PathBuf>;
}

struct Part {
    path: PathBuf,
    /// Written under this name; the final name appears only when the file is whole.
    unfinished: PathBuf,
    writer: ArrowWriter<File>,
}

impl Part {
    fn create(dir: &Path, name: &str, schema: SchemaRef) -> Result<Part, EngineError> {
        let path = dir.join(name);
        let unfinished = dir.join(format!("{name}.part"));
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let file = File::create(&unfinished).map_err(|e| write_error(&unfinished, e))?;
        let writer = ArrowWriter::try_new(file, schema, Some(properties)).map_err(|e| write_error(&unfinished, e))?;
        Ok(Part { path, unfinished, writer })
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        self.writer.write(batch).map_err(|e| write_error(&self.unfinished, e))
    }

    fn finish(self) -> Result<PathBuf, EngineError> {
        let file = self.writer.into_inner().map_err(|e| write_error(&self.unfinished, e))?;
        file.sync_all().map_err(|e| write_error(&self.unfinished, e))?;
        std::fs::rename(&self.unfinished, &self.path).map_err(|e| write_error(&self.path, e))?;
        Ok(self.path)
    }
}

fn write_error(path: &Path, e: impl ToString) -> EngineError {
    EngineError::Write { path: path.to_owned(), message: e.to_string() }
}

/// `households.parquet` and `alerts.parquet` in a folder.
pub(crate) struct ParquetSink {
    households: Part,
    alerts: Part,
}

impl ParquetSink {
    pub fn create(dir: &Path) -> Result<ParquetSink, EngineError> {
        std::fs::create_dir_all(dir).map_err(|e| write_error(dir, e))?;
        Ok(ParquetSink {
            households: Part::create(dir, "households.parquet", HOUSEHOLDS.clone())?,
            alerts: Part::create(dir, "alerts.parquet", ALERTS.clone())?,
        })
    }
}

impl Sink for ParquetSink {
    type Out = Vec<PathBuf>;

    fn households(&mut self, batch: RecordBatch) -> Result<(), EngineError> {
        self.households.write(&batch)
    }

    fn alerts(&mut self, batch: RecordBatch) -> Result<(), EngineError> {
        self.alerts.write(&batch)
    }

    fn finish(self) -> Result<Vec<PathBuf>, EngineError> {
        Ok(vec![self.households.finish()?, self.alerts.finish()?])
    }

    fn paths(out: &Vec<PathBuf>) -> Vec<PathBuf> {
        out.clone()
    }
}

/// Findings kept in memory: for worked cases.
#[derive(Default)]
pub(crate) struct MemorySink {
    pub households: Vec<RecordBatch>,
    pub alerts: Vec<RecordBatch>,
}

impl Sink for MemorySink {
    type Out = MemorySink;

    fn households(&mut self, batch: RecordBatch) -> Result<(), EngineError> {
        self.households.push(batch);
        Ok(())
    }

    fn alerts(&mut self, batch: RecordBatch) -> Result<(), EngineError> {
        self.alerts.push(batch);
        Ok(())
    }

    fn finish(self) -> Result<MemorySink, EngineError> {
        Ok(self)
    }

    fn paths(_out: &MemorySink) -> Vec<PathBuf> {
        Vec::new()
    }
}
