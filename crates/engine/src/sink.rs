//! Where a pass puts its findings.

use crate::{
    EngineError,
    output::{ALERTS, BENEFITS, Batches, HOUSEHOLDS, LABELS, NEEDS, PEOPLE},
};
use arrow::{array::RecordBatch, compute::BatchCoalescer, datatypes::SchemaRef};
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, Encoding},
    file::properties::{EnabledStatistics, WriterProperties},
    schema::types::ColumnPath,
};
use std::{
    fs::File,
    path::{Path, PathBuf},
};

pub(crate) trait Sink: Send + 'static {
    type Out: Send + 'static;
    fn households(&mut self, batch: RecordBatch) -> Result<(), EngineError>;
    fn findings(&mut self, found: Batches) -> Result<(), EngineError>;
    /// Person and household number of everybody looked at, in the order of the persons' numbers.
    fn people(&mut self, batch: RecordBatch) -> Result<(), EngineError>;
    fn finish(self) -> Result<Self::Out, EngineError>;
    /// Files written.
    fn paths(out: &Self::Out) -> Vec<PathBuf>;
}

pub(crate) struct Part {
    path: PathBuf,
    /// Written under this name; the final name appears only when the file is whole.
    unfinished: PathBuf,
    writer: ArrowWriter<File>,
    /// Rows go out in blocks of one size: equal findings give equal files, in whatever pieces they come.
    blocks: BatchCoalescer,
}

pub(crate) const BLOCK: usize = 16_384;

/// Numbers ascend, so their differences are small; evidence hardly repeats, so a dictionary would only cost time.
fn properties(schema: &SchemaRef) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::Chunk);
    for field in schema.fields() {
        let path = ColumnPath::from(field.name().as_str());
        if field.name().ends_with("_id") {
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
        } else if field.name() == "evidence" {
            properties = properties.set_column_dictionary_enabled(path, false);
        }
    }
    properties.build()
}

impl Part {
    fn create(dir: &Path, name: &str, schema: SchemaRef) -> Result<Part, EngineError> {
        let path = dir.join(name);
        let unfinished = dir.join(format!("{name}.part"));
        let (properties, blocks) = (properties(&schema), BatchCoalescer::new(schema.clone(), BLOCK));
        let file = File::create(&unfinished).map_err(|e| write_error(&unfinished, e))?;
        let writer = ArrowWriter::try_new(file, schema, Some(properties)).map_err(|e| write_error(&unfinished, e))?;
        Ok(Part { path, unfinished, writer, blocks })
    }

    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        self.blocks.push_batch(batch.clone()).map_err(|e| write_error(&self.unfinished, e))?;
        self.drain()
    }

    fn drain(&mut self) -> Result<(), EngineError> {
        while let Some(block) = self.blocks.next_completed_batch() {
            self.writer.write(&block).map_err(|e| write_error(&self.unfinished, e))?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<PathBuf, EngineError> {
        self.blocks.finish_buffered_batch().map_err(|e| write_error(&self.unfinished, e))?;
        self.drain()?;
        let file = self.writer.into_inner().map_err(|e| write_error(&self.unfinished, e))?;
        file.sync_all().map_err(|e| write_error(&self.unfinished, e))?;
        std::fs::rename(&self.unfinished, &self.path).map_err(|e| write_error(&self.path, e))?;
        Ok(self.path)
    }
}

fn write_error(path: &Path, e: impl ToString) -> EngineError {
    EngineError::Write { path: path.to_owned(), message: e.to_string() }
}

/// The files of a pass in the order of [`Kind`].
pub(crate) struct ParquetSink([Part; 6]);

/// What a file holds; also its place among the files of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Households,
    Alerts,
    Benefits,
    Labels,
    Needs,
    People,
}

impl Kind {
    pub const ALL: [Kind; 6] =
        [Kind::Households, Kind::Alerts, Kind::Benefits, Kind::Labels, Kind::Needs, Kind::People];

    pub fn file(self) -> &'static str {
        match self {
            Kind::Households => "households.parquet",
            Kind::Alerts => "alerts.parquet",
            Kind::Benefits => "benefits.parquet",
            Kind::Labels => "labels.parquet",
            Kind::Needs => "needs.parquet",
            Kind::People => "people.parquet",
        }
    }

    fn schema(self) -> &'static SchemaRef {
        match self {
            Kind::Households => &HOUSEHOLDS,
            Kind::Alerts => &ALERTS,
            Kind::Benefits => &BENEFITS,
            Kind::Labels => &LABELS,
            Kind::Needs => &NEEDS,
            Kind::People => &PEOPLE,
        }
    }
}

impl ParquetSink {
    pub fn create(dir: &Path) -> Result<ParquetSink, EngineError> {
        std::fs::create_dir_all(dir).map_err(|e| write_error(dir, e))?;
        let part = |kind: Kind| Part::create(dir, kind.file(), kind.schema().clone());
        use Kind::{Alerts, Benefits, Households, Labels, Needs, People};
        Ok(ParquetSink([part(Households)?, part(Alerts)?, part(Benefits)?, part(Labels)?, part(Needs)?, part(People)?]))
    }

    /// To be written side by side; in the order of [`Kind::ALL`].
    pub fn parts(&mut self) -> &mut [Part; 6] {
        &mut self.0
    }
}

impl Sink for ParquetSink {
    type Out = Vec<PathBuf>;

    fn households(&mut self, batch: RecordBatch) -> Result<(), EngineError> {
        self.0[Kind::Households as usize].write(&batch)
    }

    fn findings(&mut self, found: Batches) -> Result<(), EngineError> {
        let all = [
            (Kind::Alerts, found.alerts),
            (Kind::Benefits, found.benefits),
            (Kind::Labels, found.labels),
            (Kind::Needs, found.needs),
        ];
        for (kind, batch) in all {
            if let Some(batch) = batch {
                self.0[kind as usize].write(&batch)?;
            }
        }
        Ok(())
    }

    fn people(&mut self, batch: RecordBatch) -> Result<(), EngineError> {
        self.0[Kind::People as usize].write(&batch)
    }

    fn finish(self) -> Result<Vec<PathBuf>, EngineError> {
        // The disk takes its time to say that a file is safe: ask for all at once.
        std::thread::scope(|scope| {
            let parts = self.0.map(|part| scope.spawn(|| part.finish()));
            parts.into_iter().map(|t| t.join().unwrap_or(Err(EngineError::Interrupted))).collect()
        })
    }

    fn paths(out: &Vec<PathBuf>) -> Vec<PathBuf> {
        out.clone()
    }
}

/// Findings kept in memory: for worked cases and parts of a population.
#[derive(Default)]
pub(crate) struct MemorySink {
    pub households: Vec<RecordBatch>,
    pub alerts: Vec<RecordBatch>,
    pub benefits: Vec<RecordBatch>,
    pub labels: Vec<RecordBatch>,
    pub needs: Vec<RecordBatch>,
    pub people: Vec<RecordBatch>,
}

impl Sink for MemorySink {
    type Out = MemorySink;

    fn households(&mut self, batch: RecordBatch) -> Result<(), EngineError> {
        self.households.push(batch);
        Ok(())
    }

    fn findings(&mut self, found: Batches) -> Result<(), EngineError> {
        self.alerts.extend(found.alerts);
        self.benefits.extend(found.benefits);
        self.labels.extend(found.labels);
        self.needs.extend(found.needs);
        Ok(())
    }

    fn people(&mut self, batch: RecordBatch) -> Result<(), EngineError> {
        self.people.push(batch);
        Ok(())
    }

    fn finish(self) -> Result<MemorySink, EngineError> {
        Ok(self)
    }

    fn paths(_out: &MemorySink) -> Vec<PathBuf> {
        Vec::new()
    }
}
