//! A snapshot: the batches that a result rests on.

use crate::{EngineError, schema::pool_schema};
use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::{SchemaRef, TimestampMicrosecondType},
};
use chrono::{DateTime, NaiveDate};
use datafusion::{
    datasource::{
        MemTable, TableProvider,
        file_format::parquet::ParquetFormat,
        listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl},
    },
    prelude::SessionContext,
};
use parquet::{
    arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, statistics::StatisticsConverter},
    file::metadata::PageIndexPolicy,
};
use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};
use tuodi_pack::{Pack, Withheld, source::Source};

/// The batches to read, as the pool lists them. A source without an entry has not arrived.
#[derive(Debug, Clone, Default)]
pub struct SnapshotFiles {
    pub id: String,
    /// Parquet files by source id.
    pub sources: BTreeMap<String, Vec<PathBuf>>,
    /// Date each batch arrived, by batch id.
    pub arrived: BTreeMap<String, String>,
}

#[derive(Clone)]
pub(crate) struct DataFile {
    pub path: PathBuf,
    pub metadata: ArrowReaderMetadata,
    pub rows: usize,
}

#[derive(Clone)]
pub(crate) enum Input {
    Files(Vec<DataFile>),
    /// Rows of a worked case.
    Rows(RecordBatch),
}

impl Input {
    pub fn rows(&self) -> usize {
        match self {
            Input::Files(files) => files.iter().map(|f| f.rows).sum(),
            Input::Rows(batch) => batch.num_rows(),
        }
    }
}

#[derive(Clone)]
pub(crate) struct Snapshot {
    pub id: String,
    pub inputs: BTreeMap<String, Input>,
    pub arrived: BTreeMap<String, String>,
    /// Worked cases: a source without rows has arrived and says nothing.
    complete: bool,
    /// First change that the household register knows of.
    earliest: Option<NaiveDate>,
}

/// The source that says who lives where; without it there is nobody to ask about.
pub(crate) const REGISTER: &str = "household_register";
const REGISTER_TIME: &str = "update_time";

impl Snapshot {
    pub fn open(pack: &Pack, files: SnapshotFiles) -> Result<Snapshot, EngineError> {
        let mut inputs = BTreeMap::new();
        for (source_id, paths) in files.sources {
            if paths.is_empty() {
                continue;
            }
            let fail = |path: &PathBuf, message: String| EngineError::Source {
                source_id: source_id.clone(),
                message: format!("{}: {message}", path.display()),
            };
            if pack.source(&source_id).is_none() {
                // A batch of a contract that this pack no longer has: it cannot matter to any rule.
                tracing::warn!(source = source_id, "the snapshot has a source that the pack does not know");
                continue;
            }
            let mut opened = Vec::with_capacity(paths.len());
            for path in paths {
                opened.push(open_file(&path).map_err(|message| fail(&path, message))?);
            }
            inputs.insert(source_id, Input::Files(opened));
        }
        let mut snapshot = Snapshot { id: files.id, inputs, arrived: files.arrived, complete: false, earliest: None };
        snapshot.earliest = snapshot.register(pack).and_then(|(_, files)| earliest(files));
        Ok(snapshot)
    }

    /// These rows in place of the batches; all else stays.
    pub fn part(&self, inputs: BTreeMap<String, Input>) -> Snapshot {
        Snapshot {
            id: self.id.clone(),
            inputs,
            arrived: self.arrived.clone(),
            complete: self.complete,
            earliest: self.earliest,
        }
    }

    /// The same without what may not be read, under the name that says so.
    pub fn without(&self, withheld: &[Withheld], id: &str) -> Snapshot {
        let mut snapshot = Snapshot { id: id.to_owned(), ..self.clone() };
        snapshot.inputs.retain(|source, _| withheld.iter().all(|w| w.source != *source));
        snapshot
    }

    /// Rows of worked cases.
    pub fn is_made_up(&self) -> bool {
        self.complete
    }

    /// The day of the newest batch of each source that has delivered.
    pub fn arrivals(&self) -> BTreeMap<String, NaiveDate> {
        let day = |path: &Path| {
            // `batch=<id>.parquet`, as the pool names its files.
            let batch = path.file_stem()?.to_str()?;
            self.arrived.get(batch.strip_prefix("batch=").unwrap_or(batch))?.parse::<NaiveDate>().ok()
        };
        let newest = |input: &Input| match input {
            Input::Files(files) => files.iter().filter_map(|f| day(&f.path)).max(),
            Input::Rows(_) => None,
        };
        self.inputs.iter().filter_map(|(source, input)| Some((source.clone(), newest(input)?))).collect()
    }

    /// About how many people there are.
    pub fn register_rows(&self, pack: &Pack) -> usize {
        pack.source_by_name(REGISTER).map_or(0, |s| self.rows_of(&s.id))
    }

    /// Rows of worked cases, by source id.
    pub fn of_rows(id: &str, rows: BTreeMap<String, RecordBatch>) -> Snapshot {
        let inputs = rows.into_iter().map(|(source, batch)| (source, Input::Rows(batch))).collect();
        Snapshot { id: id.to_owned(), inputs, arrived: BTreeMap::new(), complete: true, earliest: None }
    }

    fn register<'a>(&'a self, pack: &'a Pack) -> Option<(&'a Source, &'a [DataFile])> {
        let source = pack.source_by_name(REGISTER)?;
        match self.inputs.get(&source.id)? {
            Input::Files(files) => Some((source, files)),
            Input::Rows(_) => None,
        }
    }

    /// Whether a source has arrived, so that a missing row means "nothing" and not "unknown".
    pub fn has(&self, source_id: &str) -> bool {
        self.complete || self.inputs.contains_key(source_id)
    }

    pub fn rows_of(&self, source_id: &str) -> usize {
        self.inputs.get(source_id).map_or(0, Input::rows)
    }

    /// Refuses a date before anything is known.
    pub fn reaches(&self, pack: &Pack, as_of: NaiveDate) -> Result<(), EngineError> {
        let nobody = pack.source_by_name(REGISTER).is_some_and(|s| self.rows_of(&s.id) == 0);
        if self.inputs.is_empty() || nobody || self.earliest.is_some_and(|first| first > as_of) {
            return Err(EngineError::NoData { as_of });
        }
        Ok(())
    }

    /// Makes a source known to SQL under its name: all its files as one table, or an empty table.
    pub fn register_table(&self, context: &SessionContext, source: &Source) -> Result<(), EngineError> {
        let schema = pool_schema(source);
        let fail = |message: String| EngineError::Source { source_id: source.id.clone(), message };
        let table: Arc<dyn TableProvider> = match self.inputs.get(&source.id) {
            Some(Input::Files(files)) => listing(files, schema).map_err(|e| fail(e.strip_backtrace()))?,
            // Perhaps only the columns that facts read.
            Some(Input::Rows(batch)) => mem_table(batch.schema(), batch).map_err(|e| fail(e.strip_backtrace()))?,
            None => {
                mem_table(schema.clone(), &RecordBatch::new_empty(schema)).map_err(|e| fail(e.strip_backtrace()))?
            }
        };
        context.register_table(source.name.as_str(), table).map_err(|e| fail(e.strip_backtrace()))?;
        Ok(())
    }
}

/// Reads the footer only; `Err` says what is wrong.
pub(crate) fn open_file(path: &Path) -> Result<DataFile, String> {
    let file = File::open(path).map_err(|e| e.to_string())?;
    let options = ArrowReaderOptions::new().with_offset_index_policy(PageIndexPolicy::Optional);
    let metadata = ArrowReaderMetadata::load(&file, options).map_err(|e| e.to_string())?;
    let rows = usize::try_from(metadata.metadata().file_metadata().num_rows()).unwrap_or(0);
    Ok(DataFile { path: path.to_owned(), metadata, rows })
}

fn listing(
    files: &[DataFile],
    schema: SchemaRef,
) -> Result<Arc<dyn TableProvider>, datafusion::error::DataFusionError> {
    let urls = files.iter().map(|f| ListingTableUrl::parse(f.path.to_string_lossy())).collect::<Result<Vec<_>, _>>()?;
    let options = ListingOptions::new(Arc::new(ParquetFormat::default())).with_file_extension("");
    let config = ListingTableConfig::new_with_multi_paths(urls).with_listing_options(options).with_schema(schema);
    Ok(Arc::new(ListingTable::try_new(config)?))
}

fn mem_table(
    schema: SchemaRef,
    batch: &RecordBatch,
) -> Result<Arc<dyn TableProvider>, datafusion::error::DataFusionError> {
    Ok(Arc::new(MemTable::try_new(schema, vec![vec![batch.clone()]])?))
}

/// The least `update_time` of the register, from the files' footers.
fn earliest(files: &[DataFile]) -> Option<NaiveDate> {
    let mut least: Option<i64> = None;
    for file in files.iter().filter(|f| f.rows > 0) {
        let converter = StatisticsConverter::try_new(
            REGISTER_TIME,
            file.metadata.schema(),
            file.metadata.metadata().file_metadata().schema_descr(),
        )
        .ok()?;
        let minima = converter.row_group_mins(file.metadata.metadata().row_groups()).ok()?;
        let minima = minima.as_primitive_opt::<TimestampMicrosecondType>()?;
        if minima.null_count() > 0 {
            return None;
        }
        least = minima.values().iter().copied().chain(least).min();
    }
    DateTime::from_timestamp_micros(least?).map(|t| t.date_naive())
}
