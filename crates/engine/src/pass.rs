//! The population pass: everybody, every programme, every indicator.

use crate::{
    EngineError, Inner,
    findings::NONE,
    frame::{Chunk, Frame, Frames},
    group::GroupTable,
    output::{PEOPLE, households, no_words},
    program::{LEVEL, Program, TIER, TIER_AMOUNT},
    results::{Counts, DECIDED_BY, INCOME_PC, UNKNOWN, ask},
    runtime,
    schema::HOUSEHOLD,
    session::session,
    since::Changed,
    sink::{ParquetSink, Sink},
    state::State,
};
use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch};
use chrono::NaiveDate;
use datafusion::{error::DataFusionError, prelude::SessionContext};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::Instant,
};
use tokio::task::JoinSet;
use tuodi_pack::{Withheld, facts::Grain};

/// Wall time of the parts of a pass, in milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PassMs {
    pub total: u64,
    /// Reading sources and computing fact groups.
    pub facts: u64,
    /// Rules over the facts.
    pub findings: u64,
    /// What writing took beyond the findings, which are written as they come.
    pub store: u64,
}

/// What a pass did.
#[derive(Debug, Clone, Serialize)]
pub struct PassResult {
    pub as_of: NaiveDate,
    pub pack_version: String,
    pub snapshot: String,
    pub people: u64,
    pub households: u64,
    /// Sources of the snapshot that facts read.
    pub sources: u64,
    /// Their rows.
    pub rows: u64,
    pub indicators: u64,
    pub alerts: u64,
    /// Households by tier; `none` among them.
    pub tiers: BTreeMap<String, u64>,
    /// Alerts by indicator, those with none too.
    pub raised: BTreeMap<String, u64>,
    /// Households or persons who hold a programme beside the tiers, by programme.
    pub benefits: BTreeMap<String, u64>,
    /// What they hold together, in the smallest unit of money, as often as the programme pays.
    pub amounts: BTreeMap<String, i64>,
    /// Households by label; one may have several.
    pub labels: BTreeMap<String, u64>,
    /// Households by service that answers a need of theirs.
    pub needs: BTreeMap<String, u64>,
    /// Households by level of hardship, where something says any.
    pub levels: BTreeMap<String, u64>,
    /// Sources that were not read, because their agreement does not cover monitoring.
    pub withheld: Vec<Withheld>,
    /// What an incremental pass looked at; none where everything was computed.
    pub changed: Option<Changed>,
    /// Why a pass that might have been incremental was not.
    pub full_because: Option<String>,
    pub ms: PassMs,
    /// Files written.
    pub paths: Vec<PathBuf>,
}

/// Rows of a frame looked at together: large enough to be columnar, small enough to stay in the cache.
const CHUNK: usize = 16_384;

pub(crate) async fn pass<S: Sink>(
    inner: &Arc<Inner>,
    as_of: NaiveDate,
    sink: S,
) -> Result<(PassResult, S::Out), EngineError> {
    let started = Instant::now();
    let program = inner.program(as_of)?;
    inner.snapshot.reaches(&inner.pack, as_of)?;
    let tables = compute_groups(inner, &program).await?;
    let facts = started.elapsed();

    let found = {
        let (inner, program) = (inner.clone(), program.clone());
        runtime::compute(move || findings(&inner, &program, &tables, sink)).await?
    };
    let beside = |held: &[u64]| {
        let programmes = program.programmes.iter().zip(held).filter(|(p, _)| !p.is_tier);
        programmes.map(|(p, n)| (p.id.clone(), *n)).collect::<BTreeMap<String, u64>>()
    };
    let read = program.used.keys().filter(|id| inner.snapshot.inputs.contains_key(*id));
    let (sources, rows) = read.fold((0, 0), |(n, rows), id| (n + 1, rows + inner.snapshot.rows_of(id)));
    let ms = |d: std::time::Duration| d.as_millis() as u64;
    let total = ms(started.elapsed());
    let result = PassResult {
        as_of,
        pack_version: inner.pack.info.version.clone(),
        snapshot: inner.snapshot.id.clone(),
        people: found.people,
        households: found.households,
        sources,
        rows: rows as u64,
        indicators: program.indicators.len() as u64,
        alerts: found.counts.raised.iter().sum(),
        tiers: found.tiers,
        raised: named(program.indicators.iter().map(|i| &i.id), &found.counts.raised),
        benefits: beside(&found.counts.held),
        amounts: program
            .programmes
            .iter()
            .zip(&found.counts.amounts)
            .filter(|(p, _)| !p.is_tier && p.amount.is_some())
            .map(|(p, fen)| (p.id.clone(), *fen))
            .collect(),
        labels: named(program.labels.iter().map(|l| &l.id), &found.counts.labels),
        needs: named(program.services.iter().map(|s| &s.id), &found.counts.needs),
        levels: found.levels,
        withheld: inner.withheld.clone(),
        changed: None,
        full_because: None,
        ms: PassMs {
            total,
            facts: ms(facts),
            store: found.store_ms,
            findings: total.saturating_sub(ms(facts) + found.store_ms),
        },
        paths: S::paths(&found.out),
    };
    tracing::info!(people = result.people, alerts = result.alerts, ms = result.ms.total, "pass");
    Ok((result, found.out))
}

/// The full pass into a folder.
pub(crate) async fn full(inner: &Arc<Inner>, as_of: NaiveDate, out: &Path) -> Result<PassResult, EngineError> {
    let sink = ParquetSink::create(out)?;
    let (mut result, _) = pass(inner, as_of, sink).await?;
    result.paths.push(State::of(inner, as_of).write(out)?);
    Ok(result)
}

fn named<'a>(ids: impl Iterator<Item = &'a String>, counts: &[u64]) -> BTreeMap<String, u64> {
    ids.cloned().zip(counts.iter().copied()).collect()
}

/// Computes the fact groups, each as soon as those it reads are there, a few at a time.
pub(crate) async fn compute_groups(
    inner: &Arc<Inner>,
    program: &Arc<Program>,
) -> Result<Vec<Arc<GroupTable>>, EngineError> {
    let context = session(&inner.config);
    for source in program.used.keys().filter_map(|id| inner.pack.source(id)) {
        inner.snapshot.register_table(&context, source)?;
    }
    let mut tables: Vec<Option<Arc<GroupTable>>> = vec![None; program.groups.len()];
    let mut waiting: Vec<usize> = (0..program.groups.len()).collect();
    let mut running = JoinSet::new();
    // A table stays as long as a statement will read it; then only what rules mention does.
    let mut readers = vec![0_usize; program.groups.len()];
    program.groups.iter().flat_map(|g| &g.reads).for_each(|read| readers[*read] += 1);
    let shown =
        |index: usize, name: &str| program.mentioned.contains(name) || (index == program.person && name == HOUSEHOLD);
    loop {
        let ready = |i: &usize| program.groups[*i].reads.iter().all(|r| tables[*r].is_some());
        while running.len() < inner.config.at_once.max(1)
            && let Some(at) = waiting.iter().position(ready)
        {
            let index = waiting.remove(at);
            let (inner, program, context) = (inner.clone(), program.clone(), context.clone());
            running.spawn(async move { (index, compute_group(&inner, &program, &context, index).await) });
        }
        let Some(joined) = running.join_next().await else { break };
        let (index, table) = joined.map_err(|_| EngineError::Interrupted)?;
        let group = &program.groups[index];
        let fail = |message: String| EngineError::Facts { group: group.id.clone(), message };
        let mut finished = vec![index];
        tables[index] = Some(table?);
        if readers[index] > 0
            && let Some(table) = &tables[index]
        {
            let table = Arc::new(table.table(inner.config.partitions, inner.config.batch_size)?);
            context.register_table(group.id.as_str(), table).map_err(|e| fail(e.strip_backtrace()))?;
            finished.clear();
        }
        for read in &group.reads {
            readers[*read] -= 1;
            if readers[*read] == 0 {
                let name = program.groups[*read].id.as_str();
                context.deregister_table(name).map_err(|e| fail(e.strip_backtrace()))?;
                finished.push(*read);
            }
        }
        for done in finished {
            if let Some(table) = tables[done].take() {
                let table = table.only(|name| shown(done, name)).map_err(|e| fail(e.to_string()))?;
                tables[done] = Some(Arc::new(table));
            }
        }
    }
    tables.into_iter().collect::<Option<Vec<_>>>().ok_or(EngineError::Interrupted)
}

pub(crate) async fn compute_group(
    inner: &Inner,
    program: &Program,
    context: &SessionContext,
    index: usize,
) -> Result<Arc<GroupTable>, EngineError> {
    let group = &program.groups[index];
    let known = group.needs.iter().all(|source| inner.snapshot.has(source));
    let started = Instant::now();
    let batches = if group.needed && (known || group.dense) {
        let run = async {
            for shared in &group.shared {
                shared.compute(context, &inner.config).await?;
            }
            let batches = context.sql(&group.statement_over_shared()).await?.collect().await?;
            for shared in &group.shared {
                shared.drop_from(context)?;
            }
            Ok::<_, DataFusionError>(batches)
        };
        run.await.map_err(|e| EngineError::Facts { group: group.id.clone(), message: e.strip_backtrace() })?
    } else {
        Vec::new()
    };
    let table = GroupTable::new(group, batches, known, false)?;
    tracing::debug!(group = group.id, rows = table.rows, known, ms = started.elapsed().as_millis() as u64, "facts");
    Ok(Arc::new(table))
}

pub(crate) struct Found<T> {
    pub people: u64,
    pub households: u64,
    pub tiers: BTreeMap<String, u64>,
    pub levels: BTreeMap<String, u64>,
    pub counts: Counts,
    pub store_ms: u64,
    pub out: T,
}

pub(crate) fn findings<S: Sink>(
    inner: &Inner,
    program: &Program,
    tables: &[Arc<GroupTable>],
    mut sink: S,
) -> Result<Found<S::Out>, EngineError> {
    let threads = inner.config.partitions.max(1);
    let mut frames = Frames::build(program, tables, Some(&program.person_facts))?;
    sink.people(people(&tables[program.person])?)?;
    let results = ask(program, &mut frames, threads, false, |found| sink.findings(found))?;
    let rows = frames.household.len;

    let column = |name: &str| results.column(Grain::Household, name).cloned();
    let needed = |name: &str| column(name).ok_or(EngineError::Interrupted);
    let level = column(LEVEL).unwrap_or_else(|| no_words(rows));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(frames.household.keys.clone()),
        needed(TIER)?,
        needed(TIER_AMOUNT)?,
        needed(INCOME_PC)?,
        needed(UNKNOWN)?,
        Arc::new(Int64Array::from_iter_values(results.points.iter().map(|p| i64::from(*p)))),
        level.clone(),
        column(DECIDED_BY).unwrap_or_else(|| no_words(rows)),
    ];
    let tier_names = program.programmes.iter().filter(|p| p.is_tier).map(|p| p.id.as_str());
    let tiers = count(&needed(TIER)?, [NONE].into_iter().chain(tier_names));
    let levels = count(&level, program.level.iter().flat_map(|l| l.ids.iter().map(String::as_str)));
    for batch in households(columns, CHUNK)? {
        sink.households(batch)?;
    }
    let started = Instant::now();
    let out = sink.finish()?;
    Ok(Found {
        people: frames.person.len as u64,
        households: rows as u64,
        tiers,
        levels,
        counts: results.counts,
        store_ms: started.elapsed().as_millis() as u64,
        out,
    })
}

/// Person and household number of everybody.
fn people(table: &GroupTable) -> Result<RecordBatch, EngineError> {
    let homes = table.batch.column_by_name(HOUSEHOLD).ok_or(EngineError::NoDenseGroup("person"))?;
    let columns: Vec<ArrayRef> = vec![Arc::new(table.keys()), homes.slice(0, table.rows)];
    RecordBatch::try_new(PEOPLE.clone(), columns)
        .map_err(|e| EngineError::Rule { rule: "people".to_owned(), message: e.to_string() })
}

/// How often each of these words stands in a column.
fn count<'a>(column: &ArrayRef, words: impl Iterator<Item = &'a str>) -> BTreeMap<String, u64> {
    let mut counts: BTreeMap<String, u64> = words.map(|word| (word.to_owned(), 0)).collect();
    for word in column.as_string::<i32>().iter().flatten() {
        if let Some(count) = counts.get_mut(word) {
            *count += 1;
        }
    }
    counts
}

/// Computes `work` for every chunk on several threads and hands the results to `take` in the order of the rows, so
/// that the same data give the same files.
pub(crate) fn each_chunk<T: Send>(
    frame: &Frame,
    threads: usize,
    work: impl Fn(&Chunk<'_>) -> Result<T, EngineError> + Sync,
    mut take: impl FnMut(T) -> Result<(), EngineError>,
) -> Result<(), EngineError> {
    let count = frame.chunks(CHUNK);
    if threads <= 1 || count <= 1 {
        for index in 0..count {
            let start = index * CHUNK;
            take(work(&frame.chunk(start, CHUNK.min(frame.len - start)))?)?;
        }
        return Ok(());
    }
    let next = AtomicUsize::new(0);
    let threads = threads.min(count).max(1);
    // Few results may wait for the writer: memory stays bounded.
    let (sender, receiver) = mpsc::sync_channel::<(usize, Result<T, EngineError>)>(threads * 4);
    let failed: Mutex<Option<EngineError>> = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, next, work) = (sender.clone(), &next, &work);
            let run = move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count {
                        return;
                    }
                    let start = index * CHUNK;
                    let result = work(&frame.chunk(start, CHUNK.min(frame.len - start)));
                    if sender.send((index, result)).is_err() {
                        return;
                    }
                }
            };
            if std::thread::Builder::new().stack_size(runtime::STACK).spawn_scoped(scope, run).is_err() {
                failed.lock().unwrap_or_else(|e| e.into_inner()).get_or_insert(EngineError::Interrupted);
            }
        }
        drop(sender);
        let mut early = BTreeMap::new();
        let mut expected = 0;
        for (index, result) in receiver {
            early.insert(index, result);
            while let Some(result) = early.remove(&expected) {
                expected += 1;
                if let Err(e) = result.and_then(&mut take) {
                    failed.lock().unwrap_or_else(|e| e.into_inner()).get_or_insert(e);
                    return;
                }
            }
        }
    });
    match failed.into_inner().unwrap_or_else(|e| e.into_inner()) {
        Some(e) => Err(e),
        None => Ok(()),
    }
}
