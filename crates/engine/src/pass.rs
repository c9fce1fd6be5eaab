//! The population pass: everybody, every programme, every indicator.

use crate::{
    EngineError, Inner,
    findings::{AlertRows, NONE, Rollup, RollupSum, alerts, member_answers, tiers},
    frame::{Chunk, Frame, Frames},
    group::GroupTable,
    program::Program,
    runtime,
    session::session,
    sink::Sink,
};
use arrow::array::RecordBatch;
use chrono::NaiveDate;
use datafusion::prelude::SessionContext;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::Instant,
};
use tokio::task::JoinSet;
use tuodi_pack::facts::Grain;

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
        alerts: found.raised.values().sum(),
        tiers: found.tiers,
        raised: found.raised,
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

/// Computes the fact groups, each as soon as those it reads are there, a few at a time.
async fn compute_groups(inner: &Arc<Inner>, program: &Arc<Program>) -> Result<Vec<Arc<GroupTable>>, EngineError> {
    /// Statements share the cores; two at a time fill the gaps that one leaves.
    const AT_ONCE: usize = 2;
    let context = session(&inner.config);
    for source in program.used.keys().filter_map(|id| inner.pack.source(id)) {
        inner.snapshot.register_table(&context, source)?;
    }
    let mut tables: Vec<Option<Arc<GroupTable>>> = vec![None; program.groups.len()];
    let mut waiting: Vec<usize> = (0..program.groups.len()).collect();
    let mut running = JoinSet::new();
    loop {
        let ready = |i: &usize| program.groups[*i].reads.iter().all(|r| tables[*r].is_some());
        while running.len() < AT_ONCE
            && let Some(at) = waiting.iter().position(ready)
        {
            let index = waiting.remove(at);
            let (inner, program, context) = (inner.clone(), program.clone(), context.clone());
            running.spawn(async move { (index, compute_group(&inner, &program, &context, index).await) });
        }
        let Some(joined) = running.join_next().await else { break };
        let (index, table) = joined.map_err(|_| EngineError::Interrupted)?;
        let table = table?;
        let group = &program.groups[index];
        context
            .register_table(group.id.as_str(), Arc::new(table.table(inner.config.partitions, inner.config.batch_size)?))
            .map_err(|e| EngineError::Facts { group: group.id.clone(), message: e.strip_backtrace() })?;
        tables[index] = Some(table);
    }
    tables.into_iter().collect::<Option<Vec<_>>>().ok_or(EngineError::Interrupted)
}

async fn compute_group(
    inner: &Inner,
    program: &Program,
    context: &SessionContext,
    index: usize,
) -> Result<Arc<GroupTable>, EngineError> {
    let group = &program.groups[index];
    let known = group.needs.iter().all(|source| inner.snapshot.has(source));
    let started = Instant::now();
    let batches = if known || group.dense {
        let run = async { context.sql(&group.statement(false)).await?.collect().await };
        run.await.map_err(|e| EngineError::Facts { group: group.id.clone(), message: e.strip_backtrace() })?
    } else {
        Vec::new()
    };
    let table = GroupTable::new(group, batches, known, false)?;
    tracing::debug!(group = group.id, rows = table.rows, known, ms = started.elapsed().as_millis() as u64, "facts");
    Ok(Arc::new(table))
}

struct Found<T> {
    people: u64,
    households: u64,
    tiers: BTreeMap<String, u64>,
    raised: BTreeMap<String, u64>,
    store_ms: u64,
    out: T,
}

fn findings<S: Sink>(
    inner: &Inner,
    program: &Program,
    tables: &[Arc<GroupTable>],
    mut sink: S,
) -> Result<Found<S::Out>, EngineError> {
    let threads = inner.config.partitions.max(1);
    let mut frames = Frames::build(program, tables, Some(&program.person_facts))?;
    let rollups = rollups(program, &frames, threads)?;

    let mut tier_of: Vec<&str> = Vec::with_capacity(frames.household.len);
    let mut raised: Vec<usize> = vec![0; program.indicators.len()];
    each_chunk(
        &frames.household,
        threads,
        |chunk| {
            let tiers = tiers(program, &rollups, chunk)?;
            let names = tiers.names(program);
            chunk.put(crate::program::TIER, Arc::new(arrow::array::StringArray::from(names.clone())));
            Ok((names, tiers.batch(program, chunk)?, chunk_alerts(program, Grain::Household, chunk)?))
        },
        |(names, households, (counts, alerts))| {
            tier_of.extend(names);
            raised.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
            sink.households(households)?;
            sink.alerts(alerts)
        },
    )?;

    let mut tiers: BTreeMap<String, u64> = [(NONE.to_owned(), 0)].into();
    tiers.extend(program.programmes.iter().filter(|p| p.of_household).map(|p| (p.id.clone(), 0)));
    for tier in &tier_of {
        if let Some(count) = tiers.get_mut(*tier) {
            *count += 1;
        }
    }
    frames.put_tiers(tier_of)?;
    each_chunk(
        &frames.person,
        threads,
        |chunk| chunk_alerts(program, Grain::Person, chunk),
        |(counts, alerts)| {
            raised.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
            sink.alerts(alerts)
        },
    )?;
    let started = Instant::now();
    let out = sink.finish()?;
    let ids = program.indicators.iter().map(|i| i.id.clone());
    Ok(Found {
        people: frames.person.len as u64,
        households: frames.household.len as u64,
        tiers,
        raised: ids.zip(raised.into_iter().map(|n| n as u64)).collect(),
        store_ms: started.elapsed().as_millis() as u64,
        out,
    })
}

/// Programmes asked of persons, rolled up to households; by programme index.
pub(crate) fn rollups(program: &Program, frames: &Frames, threads: usize) -> Result<Vec<Option<Rollup>>, EngineError> {
    let asked: Vec<usize> = (0..program.programmes.len())
        .filter(|i| program.programmes[*i].of_household && program.programmes[*i].grain == Grain::Person)
        .collect();
    let mut sums: Vec<RollupSum> = asked.iter().map(|_| RollupSum::new(frames.household.len)).collect();
    if !asked.is_empty() {
        each_chunk(
            &frames.person,
            threads,
            |chunk| {
                let members = asked.iter().map(|i| member_answers(program, &program.programmes[*i], frames, chunk));
                members.collect::<Result<Vec<_>, _>>()
            },
            |answers| {
                for (sum, members) in sums.iter_mut().zip(answers) {
                    members.into_iter().for_each(|(home, answer, amount)| sum.add(home, answer, amount));
                }
                Ok(())
            },
        )?;
    }
    let mut out: Vec<Option<Rollup>> = program.programmes.iter().map(|_| None).collect();
    for (index, sum) in asked.into_iter().zip(sums) {
        out[index] = Some(sum.finish());
    }
    Ok(out)
}

fn chunk_alerts(program: &Program, grain: Grain, chunk: &Chunk<'_>) -> Result<(Vec<usize>, RecordBatch), EngineError> {
    let mut rows = AlertRows::default();
    let counts = program
        .indicators
        .iter()
        .map(|indicator| if indicator.grain == grain { alerts(indicator, chunk, &mut rows) } else { Ok(0) })
        .collect::<Result<Vec<_>, _>>()?;
    Ok((counts, rows.finish()?))
}

/// Computes `work` for every chunk on several threads and hands the results to `take` in the order of the rows, so
/// that the same data give the same files.
fn each_chunk<T: Send>(
    frame: &Frame,
    threads: usize,
    work: impl Fn(&Chunk<'_>) -> Result<T, EngineError> + Sync,
    mut take: impl FnMut(T) -> Result<(), EngineError>,
) -> Result<(), EngineError> {
    let count = frame.chunks(CHUNK);
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
