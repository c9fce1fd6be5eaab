//! The rows of one household: an index of the snapshot by person and household, and reading only those rows.

use crate::{
    EngineError, Inner,
    kept::Which,
    program::Program,
    runtime,
    schema::{BATCH, HOUSEHOLD, ROW, conform, person_columns, pool_schema, rows_to_batch},
    snapshot::{DataFile, Input, Snapshot},
};
use arrow::{
    array::{AsArray, RecordBatch, UInt32Array},
    compute::{concat_batches, take_record_batch},
    datatypes::{Int64Type, Schema, SchemaRef},
};
use parquet::arrow::{
    ProjectionMask,
    arrow_reader::{ParquetRecordBatchReaderBuilder, RowSelection},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::sync::OnceCell;
use tuodi_pack::{OverlayRow, Pack, source::Source};

/// Where in a source each person and household stands: (number, row), sorted. Rows count through all files.
#[derive(Default)]
pub(crate) struct SourceIndex {
    persons: Vec<(i64, u32)>,
    households: Vec<(i64, u32)>,
    /// The source names neither people nor households: every check reads it whole.
    whole: bool,
}

pub(crate) type Indexes = BTreeMap<String, SourceIndex>;

/// Built at the first check on a snapshot.
#[derive(Default)]
pub(crate) struct Index(OnceCell<Arc<Indexes>>);

impl Index {
    pub async fn get(&self, inner: &Arc<Inner>) -> Result<Arc<Indexes>, EngineError> {
        let build = || {
            let inner = inner.clone();
            runtime::compute(move || build(&inner.pack, &inner.snapshot).map(Arc::new))
        };
        self.0.get_or_try_init(build).await.cloned()
    }
}

fn build(pack: &Pack, snapshot: &Snapshot) -> Result<Indexes, EngineError> {
    let inputs: Vec<(&Source, &Input)> =
        snapshot.inputs.iter().filter_map(|(id, input)| Some((pack.source(id)?, input))).collect();
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Ok(Indexes::new())));
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(inputs.len().max(1));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((source, input)) = inputs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let built = index_source(source, input);
                    let mut done = done.lock().unwrap_or_else(|e| e.into_inner());
                    match (built, done.as_mut()) {
                        (Ok(index), Ok(all)) => {
                            all.insert(source.id.clone(), index);
                        }
                        (Err(e), Ok(_)) => *done = Err(e),
                        (_, Err(_)) => return,
                    }
                }
            });
        }
    });
    done.into_inner().unwrap_or_else(|e| e.into_inner())
}

fn index_source(source: &Source, input: &Input) -> Result<SourceIndex, EngineError> {
    let schema = pool_schema(source);
    let persons = person_columns(&schema);
    let has_household = schema.field_with_name(HOUSEHOLD).is_ok();
    let mut index = SourceIndex { whole: persons.is_empty() && !has_household, ..SourceIndex::default() };
    if index.whole {
        return Ok(index);
    }
    let mut names = persons.clone();
    names.extend(has_household.then_some(HOUSEHOLD));
    let mut start = 0;
    each_batch(source, input, &names, |batch| {
        for name in &names {
            let Some(column) = batch.column_by_name(name) else { continue };
            let column = column.as_primitive_opt::<Int64Type>();
            let entries = if *name == HOUSEHOLD { &mut index.households } else { &mut index.persons };
            let keys = column.into_iter().flat_map(|c| c.iter()).enumerate();
            entries.extend(keys.filter_map(|(i, key)| Some((key?, (start + i) as u32))));
        }
        start += batch.num_rows();
        Ok(())
    })?;
    index.persons.sort_unstable();
    index.households.sort_unstable();
    Ok(index)
}

pub(crate) fn source_error(source: &Source, e: impl ToString) -> EngineError {
    EngineError::Source { source_id: source.id.clone(), message: e.to_string() }
}

/// Reads some columns of all of a source's files.
fn each_batch(
    source: &Source,
    input: &Input,
    names: &[&str],
    mut act: impl FnMut(&RecordBatch) -> Result<(), EngineError>,
) -> Result<(), EngineError> {
    let files = match input {
        Input::Rows(batch) => return act(batch),
        Input::Files(files) => files,
    };
    for file in files {
        let opened = File::open(&file.path).map_err(|e| source_error(source, e))?;
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(opened, file.metadata.clone());
        let mask = ProjectionMask::columns(builder.parquet_schema(), names.iter().copied());
        let reader =
            builder.with_projection(mask).with_batch_size(65_536).build().map_err(|e| source_error(source, e))?;
        for batch in reader {
            act(&batch.map_err(|e| source_error(source, e))?)?;
        }
    }
    Ok(())
}

/// Reads the rows with these numbers (ascending, counted through all files).
fn read_rows(
    inner: &Inner,
    source: &Source,
    input: &Input,
    rows: &[u32],
    schema: &SchemaRef,
) -> Result<RecordBatch, EngineError> {
    let files = match input {
        Input::Rows(batch) => {
            let taken = take_record_batch(batch, &UInt32Array::from(rows.to_vec()));
            return conform(&taken.map_err(|e| source_error(source, e))?, schema).map_err(|e| source_error(source, e));
        }
        Input::Files(files) => files,
    };
    let (mut parts, mut rest) = (Vec::new(), rows);
    let mut end = 0;
    for file in files {
        for (group, metadata) in file.metadata.metadata().row_groups().iter().enumerate() {
            let start = end;
            end += usize::try_from(metadata.num_rows()).unwrap_or(0);
            let (here, after) = rest.split_at(rest.partition_point(|row| (*row as usize) < end));
            rest = after;
            if here.is_empty() {
                continue;
            }
            let places = || here.iter().map(|row| *row - start as u32);
            let which = Which::Places(places().collect());
            match inner.compiled.kept.rows(inner, source, (file, group), schema, &which)? {
                Some(kept) => parts.push(kept),
                None => {
                    let ranges = places().map(|row| row as usize..row as usize + 1);
                    let chosen = RowSelection::from_consecutive_ranges(ranges, end - start);
                    parts.extend(read_chosen(source, (file, group), chosen, schema)?);
                }
            }
        }
    }
    concat_batches(schema, &parts).map_err(|e| source_error(source, e))
}

/// Reads some rows of a row group.
pub(crate) fn read_chosen(
    source: &Source,
    (file, group): (&DataFile, usize),
    chosen: RowSelection,
    schema: &SchemaRef,
) -> Result<Vec<RecordBatch>, EngineError> {
    let opened = File::open(&file.path).map_err(|e| source_error(source, e))?;
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(opened, file.metadata.clone());
    let names = schema.fields().iter().map(|f| f.name().as_str());
    let mask = ProjectionMask::columns(builder.parquet_schema(), names);
    let reader = builder.with_row_groups(vec![group]).with_projection(mask).with_row_selection(chosen).build();
    let batches = reader.map_err(|e| source_error(source, e))?.map(|batch| {
        conform(&batch.map_err(|e| source_error(source, e))?, schema).map_err(|e| source_error(source, e))
    });
    batches.collect()
}

/// The columns of a source that a check reads: keys, row and batch, and what facts use.
pub(crate) fn read_schema(source: &Source, used: &BTreeSet<String>) -> SchemaRef {
    let full = pool_schema(source);
    let ids = person_columns(&full);
    let read = |name: &str| ids.contains(&name) || [HOUSEHOLD, ROW, BATCH].contains(&name) || used.contains(name);
    let fields: Vec<_> = full.fields().iter().filter(|f| read(f.name())).cloned().collect();
    Arc::new(Schema::new(fields))
}

/// The same as the program knows it.
pub(crate) fn check_schema(source: &Source, program: &Program) -> SchemaRef {
    program.schemas.get(&source.id).cloned().unwrap_or_else(|| read_schema(source, &BTreeSet::new()))
}

/// Batch id of rows that a case adds.
pub(crate) const OVERLAY: &str = "overlay";

/// Everything a check reads.
pub(crate) struct Gathered {
    /// By source id, in the columns of [`check_schema`].
    pub tables: BTreeMap<String, RecordBatch>,
    /// Persons who stand or stood on a row of the household.
    pub persons: BTreeSet<i64>,
}

/// Rows of the household, of its people, and of the people that stand with them on one row (spouse, guardian, payee):
/// what a rule about this household may look at.
pub(crate) fn gather(
    inner: &Inner,
    indexes: &Indexes,
    program: &Program,
    household: i64,
    overlay: &[OverlayRow],
) -> Result<Gathered, EngineError> {
    let pack = &inner.pack;
    let added = overlay_batches(pack, program, overlay)?;
    let mut reader = Reader { inner, indexes, program, added: &added };
    let households = BTreeSet::from([household]);

    let mut persons = BTreeSet::new();
    for source in program.used.keys().filter_map(|id| pack.source(id)) {
        let schema = check_schema(source, program);
        if [HOUSEHOLD, "person_id"].iter().any(|name| schema.fields().find(name).is_none()) {
            continue;
        }
        let batch = reader.read(source, &BTreeSet::new(), &households)?;
        let homes = batch.column_by_name(HOUSEHOLD).map(|c| c.as_primitive::<Int64Type>().clone());
        let people = batch.column_by_name("person_id").map(|c| c.as_primitive::<Int64Type>().clone());
        for (home, person) in homes.iter().flatten().zip(people.iter().flatten()) {
            persons.extend(person.filter(|_| home == Some(household)));
        }
    }

    let mut linked = persons.clone();
    for source in program.used.keys().filter_map(|id| pack.source(id)) {
        let schema = check_schema(source, program);
        let columns = person_columns(&schema);
        if columns.len() > 1 {
            let batch = reader.read(source, &persons, &BTreeSet::new())?;
            for column in columns.iter().filter_map(|name| batch.column_by_name(name)) {
                linked.extend(column.as_primitive::<Int64Type>().iter().flatten());
            }
        }
    }

    let mut tables = BTreeMap::new();
    for source in program.used.keys().filter_map(|id| pack.source(id)) {
        tables.insert(source.id.clone(), reader.read(source, &linked, &households)?);
    }
    Ok(Gathered { tables, persons })
}

fn overlay_batches(
    pack: &Pack,
    program: &Program,
    overlay: &[OverlayRow],
) -> Result<BTreeMap<String, RecordBatch>, EngineError> {
    let mut by_source: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for row in overlay {
        by_source.entry(&row.source).or_default().push(&row.values);
    }
    let mut out = BTreeMap::new();
    for (source_id, rows) in by_source {
        let fail = |message: String| EngineError::Row { source_id: source_id.to_owned(), message };
        let source = pack.source(source_id).ok_or_else(|| fail("the pack has no such source".to_owned()))?;
        let batch = rows_to_batch(&pool_schema(source), &rows, OVERLAY).map_err(fail)?;
        out.insert(source_id.to_owned(), conform(&batch, &check_schema(source, program)).map_err(fail)?);
    }
    Ok(out)
}

struct Reader<'a> {
    inner: &'a Inner,
    indexes: &'a Indexes,
    program: &'a Program,
    added: &'a BTreeMap<String, RecordBatch>,
}

impl Reader<'_> {
    /// Rows on which one of these persons or households stands, and what the case adds.
    fn read(
        &mut self,
        source: &Source,
        persons: &BTreeSet<i64>,
        households: &BTreeSet<i64>,
    ) -> Result<RecordBatch, EngineError> {
        let schema = check_schema(source, self.program);
        let mut parts = Vec::new();
        if let (Some(index), Some(input)) = (self.indexes.get(&source.id), self.inner.snapshot.inputs.get(&source.id)) {
            let mut rows = BTreeSet::new();
            if index.whole {
                rows.extend(0..input.rows() as u32);
            }
            for (entries, keys) in [(&index.persons, persons), (&index.households, households)] {
                for key in keys {
                    let from = entries.partition_point(|(k, _)| k < key);
                    rows.extend(entries[from..].iter().take_while(|(k, _)| k == key).map(|(_, row)| *row));
                }
            }
            let rows: Vec<u32> = rows.into_iter().collect();
            if !rows.is_empty() {
                parts.push(read_rows(self.inner, source, input, &rows, &schema)?);
            }
        }
        parts.extend(self.added.get(&source.id).cloned());
        concat_batches(&schema, &parts).map_err(|e| source_error(source, e))
    }
}
