//! Whom a changed snapshot touches: from new batches to people, from people to the households whose facts may differ.
//!
//! Rules are local: a household's facts rest on rows that name it, its people, or somebody who stands with one of its
//! people on one row (see `rows::gather`). So a row about P can only matter to the households that P, or somebody who
//! stands with P on one row, is or was registered in.

use crate::{
    EngineError, Inner,
    ids::IdSet,
    kept::Which,
    program::Program,
    rows::{check_schema, read_chosen, source_error},
    runtime::parallel,
    schema::{BATCH, HOUSEHOLD, ROW, conform, person_columns},
    snapshot::{DataFile, Input, Snapshot, open_file},
    state::{State, name},
};
use arrow::{
    array::{Array, AsArray, BooleanArray, Int64Array, RecordBatch},
    compute::concat_batches,
    datatypes::{Int64Type, SchemaRef},
    row::{RowConverter, SortField},
};
use parquet::arrow::{
    ProjectionMask,
    arrow_reader::{ParquetRecordBatchReaderBuilder, RowSelection},
};
use std::{
    collections::{BTreeMap, HashMap, HashSet, hash_map::DefaultHasher},
    fs::File,
    hash::{Hash, Hasher},
    path::PathBuf,
    sync::Mutex,
};
use tuodi_pack::source::Source;

/// A full list that was replaced is compared row by row up to this many rows, old and new together.
const COMPARED: usize = 200_000;

/// People and households on rows that came or went.
#[derive(Default)]
pub(crate) struct Rows {
    pub batches: u64,
    pub persons: IdSet,
    pub households: IdSet,
}

/// What is to be computed again.
pub(crate) struct Touched {
    pub persons: IdSet,
    pub households: IdSet,
    /// What has arrived: with the rows below, a snapshot of its own.
    pub snapshot: Snapshot,
    /// Their rows, those of their people and of the people linked with them, by source.
    pub rows: BTreeMap<String, RecordBatch>,
}

/// The rows that came or went since `before`; `Err` says why that cannot be told from the batches.
pub(crate) fn changed_rows(
    inner: &Inner,
    program: &Program,
    before: &State,
) -> Result<Result<Rows, String>, EngineError> {
    let now = State::of(inner, before.as_of);
    let mut out = Rows::default();
    let none = Vec::new();
    for source in program.used.keys().filter_map(|id| inner.pack.source(id)) {
        let names = |state: &'_ State| state.sources.get(&source.id).unwrap_or(&none).clone();
        let (old, new) = (names(before), names(&now));
        if old == new {
            continue;
        }
        let Some(Input::Files(files)) = inner.snapshot.inputs.get(&source.id) else {
            return Ok(Err(format!("{} is no longer there", source.id)));
        };
        if old.is_empty() {
            return Ok(Err(format!("{} has arrived for the first time", source.id)));
        }
        let schema = check_schema(source, program);
        if person_columns(&schema).is_empty() && schema.field_with_name(HOUSEHOLD).is_err() {
            return Ok(Err(format!("{} names neither people nor households", source.id)));
        }
        let added: Vec<&DataFile> = files.iter().filter(|f| !old.contains(&name(&f.path))).collect();
        let gone: Vec<&String> = old.iter().filter(|n| !new.contains(n)).collect();
        out.batches += (added.len() + gone.len()) as u64;
        if gone.is_empty() {
            for batch in read_all(source, &added, &ids_schema(&schema))? {
                each_id(&batch, |person, id| {
                    if person {
                        out.persons.insert(id)
                    } else {
                        out.households.insert(id)
                    };
                });
            }
            continue;
        }
        let Some(folder) = files.first().and_then(|f| f.path.parent()) else { continue };
        let opened: Option<Vec<DataFile>> = gone.iter().map(|n| open_file(&folder.join(n)).ok()).collect();
        let Some(opened) = opened else {
            return Ok(Err(format!("an older batch of {} is no longer kept", source.id)));
        };
        let opened: Vec<&DataFile> = opened.iter().collect();
        if opened.iter().chain(&added).map(|f| f.rows).sum::<usize>() > COMPARED {
            return Ok(Err(format!("the full list {} was replaced", source.id)));
        }
        let (before, after) = (words(source, &opened, &schema)?, words(source, &added, &schema)?);
        // Where other batches stand beside, the order among rows may have changed as well.
        let alone = added.len() == files.len() && gone.len() == old.len();
        for (key, _) in before.iter().filter(|(key, word)| !alone || after.get(*key) != Some(*word)) {
            if key.0 {
                out.persons.insert(key.1)
            } else {
                out.households.insert(key.1)
            };
        }
        for (key, _) in after.iter().filter(|(key, word)| !alone || before.get(*key) != Some(*word)) {
            if key.0 {
                out.persons.insert(key.1)
            } else {
                out.households.insert(key.1)
            };
        }
    }
    Ok(Ok(out))
}

/// For each person (true) and household (false) a word that stands for all rows about them, in their order.
fn words(source: &Source, files: &[&DataFile], schema: &SchemaRef) -> Result<HashMap<(bool, i64), u64>, EngineError> {
    let fail = |e: arrow::error::ArrowError| source_error(source, e);
    let told: Vec<usize> =
        (0..schema.fields().len()).filter(|i| ![ROW, BATCH].contains(&schema.field(*i).name().as_str())).collect();
    let fields = told.iter().map(|i| SortField::new(schema.field(*i).data_type().clone())).collect();
    let converter = RowConverter::new(fields).map_err(fail)?;
    let mut out: HashMap<(bool, i64), u64> = HashMap::new();
    for batch in read_all(source, files, schema)? {
        let columns: Vec<_> = told.iter().map(|i| batch.column(*i).clone()).collect();
        let rows = converter.convert_columns(&columns).map_err(fail)?;
        let hashes: Vec<u64> = rows
            .iter()
            .map(|row| {
                let mut hasher = DefaultHasher::new();
                row.as_ref().hash(&mut hasher);
                hasher.finish()
            })
            .collect();
        for (person, column) in id_columns(&batch) {
            for (id, hash) in column.iter().zip(&hashes) {
                if let Some(id) = id {
                    let word = out.entry((person, id)).or_insert(17);
                    *word = word.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(*hash);
                }
            }
        }
    }
    Ok(out)
}

/// From the rows that changed to the households concerned and all their rows. `Err`: so many that a full pass is cheaper.
pub(crate) fn gather(
    inner: &Inner,
    program: &Program,
    rows: Rows,
    most_households: usize,
) -> Result<Result<Touched, String>, EngineError> {
    let pieces = ids(inner, program)?;
    inner.compiled.numbers.keep(&pieces);
    let stays: HashSet<&PathBuf> = pieces.iter().filter_map(|p| Some(&p.file?.0.path)).collect();
    inner.compiled.kept.only(|path| stays.contains(path));
    let Rows { mut persons, mut households, .. } = rows;
    let own = persons.clone();
    link(&pieces, &own, &mut persons);
    for piece in pieces.iter().filter(|p| p.home.is_some()) {
        piece.homes(|person, home| {
            if persons.contains(person) {
                households.insert(home);
            }
        });
    }
    if households.len() > most_households {
        return Ok(Err(format!("{} households are concerned", households.len())));
    }
    let mut members = persons.clone();
    for piece in pieces.iter().filter(|p| p.home.is_some()) {
        piece.homes(|person, home| {
            if households.contains(home) {
                members.insert(person);
            }
        });
    }
    let mut linked = members.clone();
    link(&pieces, &members, &mut linked);
    let taken = parallel(inner.config.partitions, &pieces, |piece| piece.take(inner, program, &linked, &households))?;
    let mut by_source: BTreeMap<&str, Vec<RecordBatch>> = BTreeMap::new();
    for (piece, batches) in pieces.iter().zip(taken) {
        by_source.entry(&piece.source.id).or_default().extend(batches);
    }
    let (mut inputs, mut rows) = (BTreeMap::new(), BTreeMap::new());
    for source in program.used.keys().filter_map(|id| inner.pack.source(id)) {
        // What has arrived has arrived, though it may say nothing about these.
        if inner.snapshot.inputs.contains_key(&source.id) {
            let parts = by_source.remove(source.id.as_str()).unwrap_or_default();
            let batch = concat_batches(&check_schema(source, program), &parts).map_err(|e| source_error(source, e))?;
            rows.insert(source.id.clone(), batch.clone());
            inputs.insert(source.id.clone(), Input::Rows(batch));
        }
    }
    let snapshot = inner.snapshot.part(inputs);
    Ok(Ok(Touched { persons, households, snapshot, rows }))
}

/// Adds everybody who stands on one row with somebody of `of`.
fn link(pieces: &[Piece<'_>], of: &IdSet, to: &mut IdSet) {
    for piece in pieces.iter().filter(|p| p.persons.len() > 1) {
        for row in 0..piece.rows {
            let all = || piece.persons.iter().filter(move |c| c.is_valid(row)).map(move |c| c.value(row));
            if all().any(|id| of.contains(id)) {
                to.add_all(all());
            }
        }
    }
}

/// The numbers of people and households in one row group.
#[derive(Clone)]
pub(crate) struct Numbers {
    rows: usize,
    persons: Vec<Int64Array>,
    /// The column `person_id` among them.
    own: Option<usize>,
    home: Option<Int64Array>,
}

/// Numbers read before, by file and row group: a batch never changes, and of a hundred only one is new.
#[derive(Default)]
pub(crate) struct KnownNumbers(Mutex<HashMap<(PathBuf, usize), Numbers>>);

impl KnownNumbers {
    fn get(&self, file: &DataFile, group: usize) -> Option<Numbers> {
        self.0.lock().unwrap_or_else(|e| e.into_inner()).get(&(file.path.clone(), group)).cloned()
    }

    /// What is read now, in place of what was: numbers of batches that are gone go too.
    fn keep(&self, pieces: &[Piece<'_>]) {
        let known = pieces.iter().filter_map(|piece| {
            let (file, group) = piece.file?;
            Some(((file.path.clone(), group), piece.numbers.clone()))
        });
        *self.0.lock().unwrap_or_else(|e| e.into_inner()) = known.collect();
    }
}

/// One row group of a source.
struct Piece<'a> {
    source: &'a Source,
    file: Option<(&'a DataFile, usize)>,
    whole: Option<&'a RecordBatch>,
    numbers: Numbers,
}

impl std::ops::Deref for Piece<'_> {
    type Target = Numbers;

    fn deref(&self) -> &Numbers {
        &self.numbers
    }
}

impl Piece<'_> {
    /// Rows that say who lives in which household.
    fn homes(&self, mut act: impl FnMut(i64, i64)) {
        let (Some(own), Some(home)) = (self.own.map(|i| &self.persons[i]), &self.home) else { return };
        for row in 0..self.rows {
            if own.is_valid(row) && home.is_valid(row) {
                act(own.value(row), home.value(row));
            }
        }
    }

    fn take(
        &self,
        inner: &Inner,
        program: &Program,
        persons: &IdSet,
        households: &IdSet,
    ) -> Result<Vec<RecordBatch>, EngineError> {
        let schema = check_schema(self.source, program);
        let fail = |e: &dyn ToString| source_error(self.source, e.to_string());
        let everything = self.persons.is_empty() && self.home.is_none();
        let wanted: BooleanArray = (0..self.rows)
            .map(|row| {
                let has = |column: &Int64Array, set: &IdSet| column.is_valid(row) && set.contains(column.value(row));
                Some(
                    everything
                        || self.persons.iter().any(|c| has(c, persons))
                        || self.home.as_ref().is_some_and(|c| has(c, households)),
                )
            })
            .collect();
        if wanted.true_count() == 0 {
            return Ok(Vec::new());
        }
        if let Some(batch) = self.whole {
            let batch = arrow::compute::filter_record_batch(batch, &wanted).map_err(|e| fail(&e))?;
            return Ok(vec![conform(&batch, &schema).map_err(|e| fail(&e))?]);
        }
        let Some((file, group)) = self.file else { return Ok(Vec::new()) };
        let which = Which::True(wanted);
        if let Some(kept) = inner.compiled.kept.rows(inner, self.source, (file, group), &schema, &which)? {
            return Ok(vec![kept]);
        }
        let Which::True(wanted) = which else { return Ok(Vec::new()) };
        read_chosen(self.source, (file, group), RowSelection::from_filters(&[wanted]), &schema)
    }
}

/// A row group of a source's file, or rows in memory.
type Spot<'a> = (&'a Source, &'a Input, Option<(&'a DataFile, usize)>);

/// The number columns of everything that facts read.
fn ids<'a>(inner: &'a Inner, program: &Program) -> Result<Vec<Piece<'a>>, EngineError> {
    let mut places: Vec<Spot<'_>> = Vec::new();
    for source in program.used.keys().filter_map(|id| inner.pack.source(id)) {
        match inner.snapshot.inputs.get(&source.id) {
            Some(input @ Input::Files(files)) => {
                let groups =
                    files.iter().flat_map(|f| (0..f.metadata.metadata().num_row_groups()).map(move |g| (f, g)));
                places.extend(groups.map(|place| (source, input, Some(place))));
            }
            Some(input @ Input::Rows(_)) => places.push((source, input, None)),
            None => {}
        }
    }
    parallel(inner.config.partitions, &places, |(source, input, place)| {
        if let Some((file, group)) = place
            && let Some(numbers) = inner.compiled.numbers.get(file, *group)
        {
            return Ok(Piece { source, file: *place, whole: None, numbers });
        }
        let schema = ids_schema(&check_schema(source, program));
        let fail = |e: &dyn ToString| source_error(source, e.to_string());
        let (batch, whole) = match (input, place) {
            (Input::Rows(batch), _) => (conform(batch, &schema).map_err(|e| fail(&e))?, Some(batch)),
            (Input::Files(_), None) => (RecordBatch::new_empty(schema.clone()), None),
            (Input::Files(_), Some((file, group))) => {
                let rows = usize::try_from(file.metadata.metadata().row_group(*group).num_rows()).unwrap_or(0);
                if schema.fields().is_empty() {
                    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(rows));
                    let empty = RecordBatch::try_new_with_options(schema.clone(), Vec::new(), &options);
                    (empty.map_err(|e| fail(&e))?, None)
                } else {
                    let opened = File::open(&file.path).map_err(|e| fail(&e))?;
                    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(opened, file.metadata.clone());
                    let names = schema.fields().iter().map(|f| f.name().as_str());
                    let mask = ProjectionMask::columns(builder.parquet_schema(), names);
                    let reader = builder
                        .with_row_groups(vec![*group])
                        .with_projection(mask)
                        .with_batch_size(rows.max(1))
                        .build()
                        .map_err(|e| fail(&e))?;
                    let parts: Vec<RecordBatch> = reader
                        .map(|batch| conform(&batch.map_err(|e| fail(&e))?, &schema).map_err(|e| fail(&e)))
                        .collect::<Result<_, _>>()?;
                    (concat_batches(&schema, &parts).map_err(|e| fail(&e))?, None)
                }
            }
        };
        let persons = person_columns(&schema);
        let column = |name: &str| batch.column_by_name(name).map(|c| c.as_primitive::<Int64Type>().clone());
        let numbers = Numbers {
            rows: batch.num_rows(),
            own: persons.iter().position(|name| *name == "person_id"),
            persons: persons.iter().filter_map(|name| column(name)).collect(),
            home: column(HOUSEHOLD),
        };
        Ok(Piece { source, file: *place, whole, numbers })
    })
}

/// Only the columns that hold numbers of people and households.
fn ids_schema(schema: &SchemaRef) -> SchemaRef {
    let persons = person_columns(schema);
    let wanted = |name: &str| name == HOUSEHOLD || persons.contains(&name);
    let fields: Vec<_> = schema.fields().iter().filter(|f| wanted(f.name())).cloned().collect();
    std::sync::Arc::new(arrow::datatypes::Schema::new(fields))
}

fn id_columns(batch: &RecordBatch) -> Vec<(bool, &Int64Array)> {
    let schema = batch.schema_ref();
    let persons = person_columns(schema).into_iter().map(|name| (true, name));
    let names = persons.chain([(false, HOUSEHOLD)]);
    names
        .filter_map(|(person, name)| Some((person, batch.column_by_name(name)?.as_primitive_opt::<Int64Type>()?)))
        .collect()
}

fn each_id(batch: &RecordBatch, mut act: impl FnMut(bool, i64)) {
    for (person, column) in id_columns(batch) {
        column.iter().flatten().for_each(|id| act(person, id));
    }
}

fn read_all(source: &Source, files: &[&DataFile], schema: &SchemaRef) -> Result<Vec<RecordBatch>, EngineError> {
    let mut out = Vec::new();
    for file in files {
        let opened = File::open(&file.path).map_err(|e| source_error(source, e))?;
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(opened, file.metadata.clone());
        let names = schema.fields().iter().map(|f| f.name().as_str());
        let mask = ProjectionMask::columns(builder.parquet_schema(), names);
        let reader =
            builder.with_projection(mask).with_batch_size(65_536).build().map_err(|e| source_error(source, e))?;
        for batch in reader {
            let batch = batch.map_err(|e| source_error(source, e))?;
            out.push(conform(&batch, schema).map_err(|e| source_error(source, e))?);
        }
    }
    Ok(out)
}
