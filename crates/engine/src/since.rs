//! The incremental pass: what changed since stored findings were made is computed again, the rest is taken over. The
//! files are those that a full pass would have written.

use crate::{
    EngineError, Inner, PassMs, PassResult,
    bench::Use,
    findings::NONE,
    ids::IdSet,
    pass::{findings, full},
    program::Program,
    schedule::Task,
    sink::{BLOCK, Kind, MemorySink, ParquetSink, Sink},
    state::State,
    touched::{Rows, Touched, changed_rows, gather},
};
use arrow::{
    array::{Array, AsArray, BooleanArray, Int64Array, RecordBatch},
    compute::interleave_record_batch,
    datatypes::Int64Type,
};
use chrono::NaiveDate;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde::Serialize;
use std::{
    collections::{BTreeMap, HashMap},
    fs::File,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};
use tuodi_pack::facts::Grain;

/// What an incremental pass looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Batches that came or went.
    pub batches: u64,
    /// People on their rows, and those who stand with them on one row.
    pub people: u64,
    /// Households whose findings were computed again.
    pub households: u64,
}

/// Beyond one household in so many a full pass is cheaper.
const WORTH_IT: usize = 6;

/// Findings as of `as_of` into `out`, from those in `previous` where what changed can be told; else by a full pass.
pub(crate) async fn pass_since(
    inner: &Arc<Inner>,
    as_of: NaiveDate,
    previous: &Path,
    out: &Path,
) -> Result<PassResult, EngineError> {
    let started = Instant::now();
    let program = inner.program(as_of)?;
    inner.snapshot.reaches(&inner.pack, as_of)?;
    let prepared = {
        let (inner, program, previous) = (inner.clone(), program.clone(), previous.to_owned());
        crate::runtime::compute(move || prepare(&inner, &program, as_of, &previous)).await?
    };
    let (mut stored, touched, changed) = match prepared {
        Ok(prepared) => prepared,
        Err(why) => {
            tracing::info!(why, "a full pass");
            let mut result = full(inner, as_of, out).await?;
            result.full_because = Some(why);
            return Ok(result);
        }
    };
    let gathered = started.elapsed();
    let part = Arc::new(inner.part(touched.snapshot));
    let bench = inner.compiled.benches.take(inner, &program, as_of, Use::Part).await?;
    let tables = bench.run(&part, &program, &touched.rows).await;
    inner.compiled.benches.give_back(as_of, bench);
    let tables = tables?;
    let facts = started.elapsed();
    let fresh = {
        let (part, program) = (part.clone(), program.clone());
        crate::runtime::compute(move || findings(&part, &program, &tables, MemorySink::default())).await?
    };
    let found = started.elapsed();
    let work = {
        let (inner, program, out) = (inner.clone(), program.clone(), out.to_owned());
        let (persons, households) = (touched.persons, touched.households);
        move || {
            stored.merge(&program, fresh.out, &persons, &households)?;
            let mut sink = ParquetSink::create(&out)?;
            stored.write(&mut sink)?;
            let mut paths = sink.finish()?;
            paths.push(State::of(&inner, as_of).write(&out)?);
            Ok((stored, paths))
        }
    };
    let (stored, paths) = crate::runtime::compute(work).await?;
    let ms = |d: std::time::Duration| d.as_millis() as u64;
    let total = started.elapsed();
    let times = PassMs {
        total: ms(total),
        facts: ms(facts),
        findings: ms(found).saturating_sub(ms(facts)),
        store: ms(total).saturating_sub(ms(found)),
    };
    tracing::info!(
        gather = ms(gathered),
        facts = times.facts.saturating_sub(ms(gathered)),
        findings = times.findings,
        store = times.store,
        households = changed.households,
        "incremental pass"
    );
    Ok(result(inner, &program, as_of, &stored, changed, times, paths))
}

/// What a full pass would have said, counted in the findings.
fn result(
    inner: &Inner,
    program: &Program,
    as_of: NaiveDate,
    stored: &Stored,
    changed: Changed,
    ms: PassMs,
    paths: Vec<PathBuf>,
) -> PassResult {
    let read = program.used.keys().filter(|id| inner.snapshot.inputs.contains_key(*id));
    let (sources, rows) = read.fold((0, 0), |(n, rows), id| (n + 1, rows + inner.snapshot.rows_of(id)));
    let beside = || program.programmes.iter().filter(|p| !p.is_tier);
    let tiers = program.programmes.iter().filter(|p| p.is_tier).map(|p| p.id.as_str());
    let levels = program.level.iter().flat_map(|l| l.ids.iter().map(String::as_str));
    let raised = stored.count(Kind::Alerts, "indicator", program.indicators.iter().map(|i| i.id.as_str()));
    PassResult {
        as_of,
        pack_version: inner.pack.info.version.clone(),
        snapshot: inner.snapshot.id.clone(),
        people: stored.rows(Kind::People),
        households: stored.rows(Kind::Households),
        sources,
        rows: rows as u64,
        indicators: program.indicators.len() as u64,
        alerts: raised.values().sum(),
        tiers: stored.count(Kind::Households, "tier", [NONE].into_iter().chain(tiers)),
        raised,
        benefits: stored.count(Kind::Benefits, "programme", beside().map(|p| p.id.as_str())),
        amounts: stored.amounts(beside().filter(|p| p.amount.is_some()).map(|p| p.id.as_str())),
        labels: stored.count(Kind::Labels, "label", program.labels.iter().map(|l| l.id.as_str())),
        needs: stored.count(Kind::Needs, "service", program.services.iter().map(|s| s.id.as_str())),
        levels: stored.count(Kind::Households, "level", levels),
        withheld: inner.withheld.clone(),
        changed: Some(changed),
        full_because: None,
        ms,
        paths,
    }
}

type Prepared = (Stored, Touched, Changed);

fn prepare(
    inner: &Inner,
    program: &Program,
    as_of: NaiveDate,
    previous: &Path,
) -> Result<Result<Prepared, String>, EngineError> {
    let Some(before) = State::read(previous) else {
        return Ok(Err("the findings before do not say what they rest on".to_owned()));
    };
    let now = State::of(inner, as_of);
    if before.as_of != as_of {
        return Ok(Err(format!("the findings before are as of {}", before.as_of)));
    }
    if (&before.pack, &before.version) != (&now.pack, &now.version) {
        return Ok(Err("the findings before rest on other rules".to_owned()));
    }
    let rows: Rows = match changed_rows(inner, program, &before)? {
        Ok(rows) => rows,
        Err(why) => return Ok(Err(why)),
    };
    let batches = rows.batches;
    let (stored, touched) = std::thread::scope(|scope| {
        let stored = scope.spawn(|| Stored::read(previous));
        let most = (inner.snapshot.register_rows(&inner.pack) / 2 / WORTH_IT).max(1000);
        let touched = gather(inner, program, rows, most);
        (stored.join().unwrap_or(None), touched)
    });
    let touched = match touched? {
        Ok(touched) => touched,
        Err(why) => return Ok(Err(why)),
    };
    let Some(stored) = stored else {
        return Ok(Err("the findings before cannot be read".to_owned()));
    };
    let changed =
        Changed { batches, people: touched.persons.len() as u64, households: touched.households.len() as u64 };
    Ok(Ok((stored, touched, changed)))
}

/// The findings of a pass in memory, by kind.
struct Stored([Vec<RecordBatch>; 6]);

impl Stored {
    /// `None` where a file is not there or cannot be read.
    fn read(dir: &Path) -> Option<Stored> {
        let mut files = std::thread::scope(|scope| {
            let threads = Kind::ALL.map(|kind| scope.spawn(move || read(&dir.join(kind.file()))));
            threads.map(|t| t.join().ok().flatten()).into_iter().collect::<Option<Vec<_>>>()
        })?
        .into_iter();
        Some(Stored(std::array::from_fn(|_| files.next().unwrap_or_default())))
    }

    /// Takes out what was found about these, and puts in what was found now.
    fn merge(
        &mut self,
        program: &Program,
        fresh: MemorySink,
        persons: &IdSet,
        households: &IdSet,
    ) -> Result<(), EngineError> {
        let mine = |batch: &RecordBatch| concerned(batch, persons, households);
        let places = Places::of(program);
        let fresh = [fresh.households, fresh.alerts, fresh.benefits, fresh.labels, fresh.needs, fresh.people];
        let work = |(kind, old, new): (Kind, &mut Vec<RecordBatch>, Vec<RecordBatch>)| {
            *old = match kind {
                Kind::Households => merged(old, &new, mine, "household_id")?,
                Kind::People => merged(old, &new, mine, "person_id")?,
                Kind::Alerts => places.merged(old, &new, mine, "indicator")?,
                Kind::Benefits => places.merged(old, &new, mine, "programme")?,
                Kind::Labels => places.merged(old, &new, mine, "label")?,
                Kind::Needs => places.merged(old, &new, mine, "service")?,
            };
            Ok(())
        };
        std::thread::scope(|scope| {
            let work = &work;
            let items = Kind::ALL.into_iter().zip(&mut self.0).zip(fresh);
            let threads: Vec<_> = items.map(|((kind, old), new)| scope.spawn(move || work((kind, old, new)))).collect();
            threads.into_iter().try_for_each(|t| t.join().unwrap_or(Err(EngineError::Interrupted)))
        })
    }

    fn write(&self, sink: &mut ParquetSink) -> Result<(), EngineError> {
        std::thread::scope(|scope| {
            let threads: Vec<_> = self
                .0
                .iter()
                .zip(sink.parts())
                .map(|(batches, part)| scope.spawn(move || batches.iter().try_for_each(|batch| part.write(batch))))
                .collect();
            threads.into_iter().try_for_each(|t| t.join().unwrap_or(Err(EngineError::Interrupted)))
        })
    }

    fn of(&self, kind: Kind) -> &[RecordBatch] {
        &self.0[kind as usize]
    }

    fn rows(&self, kind: Kind) -> u64 {
        self.of(kind).iter().map(|b| b.num_rows() as u64).sum()
    }

    /// How often each of these words stands in a column.
    fn count<'a>(&self, kind: Kind, name: &str, words: impl Iterator<Item = &'a str>) -> BTreeMap<String, u64> {
        let mut counts: BTreeMap<String, u64> = words.map(|word| (word.to_owned(), 0)).collect();
        for column in self.of(kind).iter().filter_map(|b| b.column_by_name(name)?.as_string_opt::<i32>()) {
            for word in column.iter().flatten() {
                if let Some(count) = counts.get_mut(word) {
                    *count += 1;
                }
            }
        }
        counts
    }

    /// What is held of each programme together.
    fn amounts<'a>(&self, programmes: impl Iterator<Item = &'a str>) -> BTreeMap<String, i64> {
        let mut sums: BTreeMap<String, i64> = programmes.map(|id| (id.to_owned(), 0)).collect();
        for batch in self.of(Kind::Benefits) {
            let ids = batch.column_by_name("programme").and_then(|c| c.as_string_opt::<i32>());
            let Some((ids, amounts)) = ids.zip(numbers(batch, "amount_fen")) else { continue };
            for (id, amount) in ids.iter().zip(amounts) {
                if let Some(sum) = id.and_then(|id| sums.get_mut(id)) {
                    *sum = sum.saturating_add(amount.unwrap_or(0));
                }
            }
        }
        sums
    }
}

/// In which phase each thing is found, and of whom: a file holds its rows phase by phase, and within one in the order of
/// the numbers.
struct Places(HashMap<String, (usize, Grain)>);

impl Places {
    fn of(program: &Program) -> Places {
        let mut places = HashMap::new();
        for (at, phase) in program.phases.iter().enumerate() {
            for task in &phase.tasks {
                let id = match *task {
                    Task::Programme(i) => &program.programmes[i].id,
                    Task::Indicator(i) => &program.indicators[i].id,
                    Task::Label(i) => &program.labels[i].id,
                    Task::Service(i) => &program.services[i].id,
                    Task::Members(_) | Task::Tiers | Task::Level | Task::Matter(_) => continue,
                };
                places.insert(id.clone(), (at, phase.grain));
            }
        }
        Places(places)
    }

    fn merged(
        &self,
        old: &[RecordBatch],
        new: &[RecordBatch],
        mine: impl Fn(&RecordBatch) -> BooleanArray + Copy,
        name: &str,
    ) -> Result<Vec<RecordBatch>, EngineError> {
        let (old, new) = (self.by_phase(old, name)?, self.by_phase(new, name)?);
        let none = Vec::new();
        let mut phases: Vec<&(usize, bool)> = old.keys().chain(new.keys()).collect();
        phases.sort();
        phases.dedup();
        let mut out = Vec::new();
        for phase in phases {
            let key = if phase.1 { "person_id" } else { "household_id" };
            out.extend(merged(old.get(phase).unwrap_or(&none), new.get(phase).unwrap_or(&none), mine, key)?);
        }
        Ok(out)
    }

    /// Rows by phase; true: of persons.
    fn by_phase(
        &self,
        batches: &[RecordBatch],
        name: &str,
    ) -> Result<BTreeMap<(usize, bool), Vec<RecordBatch>>, EngineError> {
        let mut out: BTreeMap<(usize, bool), Vec<RecordBatch>> = BTreeMap::new();
        for batch in batches {
            let names = batch.column_by_name(name).and_then(|c| c.as_string_opt::<i32>());
            let names = names.ok_or(EngineError::Interrupted)?;
            let mut start = 0;
            while start < batch.num_rows() {
                let here = self.place(names.value(start))?;
                let rest = (start + 1..batch.num_rows()).find(|row| self.0.get(names.value(*row)) != Some(here));
                let end = rest.unwrap_or(batch.num_rows());
                let phase = (here.0, here.1 == Grain::Person);
                out.entry(phase).or_default().push(batch.slice(start, end - start));
                start = end;
            }
        }
        Ok(out)
    }

    fn place(&self, id: &str) -> Result<&(usize, Grain), EngineError> {
        let message = || "findings before name it, and the pack does not".to_owned();
        self.0.get(id).ok_or_else(|| EngineError::Rule { rule: id.to_owned(), message: message() })
    }
}

fn read(path: &Path) -> Option<Vec<RecordBatch>> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).ok()?).ok()?;
    reader.with_batch_size(65_536).build().ok()?.collect::<Result<_, _>>().ok()
}

fn numbers<'a>(batch: &'a RecordBatch, name: &str) -> Option<&'a Int64Array> {
    batch.column_by_name(name)?.as_primitive_opt::<Int64Type>()
}

/// Rows about one of these households, or one of these persons.
fn concerned(batch: &RecordBatch, persons: &IdSet, households: &IdSet) -> BooleanArray {
    let columns = [(numbers(batch, "person_id"), persons), (numbers(batch, "household_id"), households)];
    (0..batch.num_rows())
        .map(|row| {
            let has = |(column, set): &(Option<&Int64Array>, &IdSet)| {
                column.is_some_and(|c| c.is_valid(row) && set.contains(c.value(row)))
            };
            Some(columns.iter().any(has))
        })
        .collect()
}

fn own_fault(e: arrow::error::ArrowError) -> EngineError {
    EngineError::Rule { rule: "findings".to_owned(), message: e.to_string() }
}

/// The old rows that do not concern `mine` and the new rows that do, in the order of `key`.
fn merged(
    old: &[RecordBatch],
    new: &[RecordBatch],
    mine: impl Fn(&RecordBatch) -> BooleanArray,
    key: &str,
) -> Result<Vec<RecordBatch>, EngineError> {
    let Some(schema) = old.first().or(new.first()).map(RecordBatch::schema) else { return Ok(Vec::new()) };
    // Read back from a file or just made: the same columns, whatever is promised about nulls.
    let stamp = |batch: &RecordBatch| RecordBatch::try_new(schema.clone(), batch.columns().to_vec());
    let all: Vec<RecordBatch> = old.iter().chain(new).map(stamp).collect::<Result<_, _>>().map_err(own_fault)?;
    let keys: Vec<&Int64Array> =
        all.iter().map(|batch| numbers(batch, key).ok_or(EngineError::Interrupted)).collect::<Result<_, _>>()?;
    // Batch and row of what stays and of what came, each in the order of the key already.
    let places = |batches: Range<usize>, concerned: bool| -> Vec<(usize, usize)> {
        let of = |batch: usize| {
            let mine = mine(&all[batch]);
            (0..mine.len()).filter(move |row| mine.value(*row) == concerned).map(move |row| (batch, row))
        };
        batches.flat_map(of).collect()
    };
    let (stays, came) = (places(0..old.len(), false), places(old.len()..all.len(), true));
    let number = |(batch, row): (usize, usize)| keys[batch].value(row);
    let mut order: Vec<(usize, usize)> = Vec::with_capacity(stays.len() + came.len());
    let mut came = came.into_iter().peekable();
    for place in stays {
        while let Some(first) = came.next_if(|new| number(*new) < number(place)) {
            order.push(first);
        }
        order.push(place);
    }
    order.extend(came);
    let batches: Vec<&RecordBatch> = all.iter().collect();
    let pieces = order.chunks(BLOCK).map(|piece| interleave_record_batch(&batches, piece).map_err(own_fault));
    pieces.collect()
}
