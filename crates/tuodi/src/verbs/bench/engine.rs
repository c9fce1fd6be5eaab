//! The engine over an installation's pool: the pass, the incremental pass, the check.

use super::percentile;
use crate::{
    adapters::{rows, snapshot},
    cli::{BenchCheck, BenchIncremental, BenchPass, EngineArgs},
    error::VerbError,
    installation::Installation,
    output::{self, Output},
};
use serde::Serialize;
use std::{
    path::Path,
    time::{Duration, Instant},
};
use tuodi_engine::{Engine, EngineConfig, PassMs, PassResult, SnapshotFiles};
use tuodi_pack::{Evaluate, HouseholdId};
use tuodi_pool::Pool;

fn config(args: &EngineArgs) -> Result<EngineConfig, VerbError> {
    let mut config = EngineConfig::default();
    if let Some(threads) = args.threads {
        config.partitions = threads.max(1);
    }
    for option in &args.option {
        let (name, value) = option
            .split_once('=')
            .ok_or_else(|| VerbError::Refused(format!("`{option}` is not an option; write name=value")))?;
        config.options.push((name.to_owned(), value.to_owned()));
    }
    Ok(config)
}

fn files(installation: &Installation) -> Result<SnapshotFiles, VerbError> {
    Ok(snapshot::files(Pool::open(&installation.pool_dir())?.snapshot()?))
}

fn temporary() -> Result<tempfile::TempDir, VerbError> {
    tempfile::tempdir().map_err(|e| VerbError::Refused(format!("no temporary folder: {e}")))
}

/// Facts and findings together, as the contract counts them.
fn engine_ms(ms: &PassMs) -> u64 {
    ms.facts + ms.findings
}

/// The pass, several times in one process: the first run also reads files and compiles, the others are warm.
pub async fn pass(args: BenchPass, output: Output) -> Result<(), VerbError> {
    let installation = Installation::open(&args.engine.data.dir)?;
    let config = config(&args.engine)?;
    let threads = config.partitions;
    let engine = Engine::with_config(installation.pack.clone(), files(&installation)?, config)?;
    let folder = temporary()?;
    let out = args.out.unwrap_or_else(|| folder.path().to_owned());
    let mut runs: Vec<PassResult> = Vec::new();
    for _ in 0..args.runs.max(1) {
        runs.push(engine.pass(args.engine.as_of, &out).await?);
    }
    let first = runs[0].ms.clone();
    let mut warm: Vec<&PassMs> = runs.iter().skip(usize::from(runs.len() > 1)).map(|r| &r.ms).collect();
    warm.sort_by_key(|ms| engine_ms(ms));
    let median = warm[warm.len() / 2].clone();
    let last = &runs[runs.len() - 1];
    output.answer(
        &serde_json::json!({
            "threads": threads, "people": last.people, "households": last.households, "sources": last.sources,
            "rows": last.rows, "indicators": last.indicators, "alerts": last.alerts, "first": first, "warm": median,
            "warm_runs_ms": warm.iter().map(|ms| engine_ms(ms)).collect::<Vec<_>>(),
            "warm_ms": engine_ms(&median), "peak_rss_bytes": output::peak_rss_bytes(),
        }),
        format!(
            "{} people, {} rows of {} sources, {} indicators, {threads} threads: facts {} ms + findings {} ms = {} ms \
             warm (first run {} ms), stored in {} ms; peak {} MB",
            last.people,
            last.rows,
            last.sources,
            last.indicators,
            median.facts,
            median.findings,
            engine_ms(&median),
            engine_ms(&first),
            median.store,
            output::peak_rss_bytes() >> 20
        ),
    );
    Ok(())
}

#[derive(Serialize)]
struct Times {
    households: usize,
    first_ms: f64,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    max_ms: f64,
}

/// One household after another over the whole pool, each with its reasons.
pub async fn check(args: BenchCheck, output: Output) -> Result<(), VerbError> {
    let installation = Installation::open(&args.engine.data.dir)?;
    let as_of = args.engine.as_of;
    let engine = Engine::with_config(installation.pack.clone(), files(&installation)?, config(&args.engine)?)?;
    let folder = temporary()?;
    engine.pass(as_of, folder.path()).await?;
    let ids = households(&folder.path().join("households.parquet"))?;
    if ids.is_empty() {
        return Err(VerbError::Refused("the pool has no households".to_owned()));
    }
    let warming = Instant::now();
    engine.warm(as_of).await?;
    let warm_ms = warming.elapsed().as_secs_f64() * 1000.0;
    let mut draw = args.seed;
    let mut took: Vec<Duration> = Vec::with_capacity(args.households);
    let (mut conditions, mut first) = (0, Duration::ZERO);
    for i in 0..args.households.max(1) {
        // A plain congruential sequence: the same seed asks about the same households.
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let id = ids[(draw >> 33) as usize % ids.len()];
        let begun = Instant::now();
        let result = engine.check(HouseholdId(id), as_of, &[]).await?;
        took.push(begun.elapsed());
        first = if i == 0 { begun.elapsed() } else { first };
        conditions += result.programmes.iter().map(|p| p.conditions.len()).sum::<usize>();
    }
    took.sort_unstable();
    let times = Times {
        households: took.len(),
        first_ms: first.as_secs_f64() * 1000.0,
        p50_ms: percentile(&took, 50),
        p95_ms: percentile(&took, 95),
        p99_ms: percentile(&took, 99),
        max_ms: percentile(&took, 100),
    };
    let text = format!(
        "{} households of {}, {conditions} conditions explained: p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, most {:.1} ms \
         (index made in {warm_ms:.0} ms)",
        times.households,
        ids.len(),
        times.p50_ms,
        times.p95_ms,
        times.p99_ms,
        times.max_ms
    );
    output.answer(
        &serde_json::json!({
            "pool_households": ids.len(), "conditions": conditions, "warm_ms": warm_ms, "check": times,
            "peak_rss_bytes": output::peak_rss_bytes(),
        }),
        text,
    );
    Ok(())
}

pub(super) fn households(file: &Path) -> Result<Vec<i64>, VerbError> {
    let mut ids = Vec::new();
    rows::each_row(file, &["household_id"], |row| ids.extend(row.int(0)))?;
    Ok(ids)
}

/// The newest batch (or the one named) arrives: a full pass without it, an incremental pass with it, and a full pass
/// with it to compare with, byte for byte.
pub async fn incremental(args: BenchIncremental, output: Output) -> Result<(), VerbError> {
    let installation = Installation::open(&args.engine.data.dir)?;
    let as_of = args.engine.as_of;
    let all = files(&installation)?;
    let newest = all.arrived.keys().max().cloned();
    let batch = args.batch.or(newest).ok_or_else(|| VerbError::Refused("the pool is empty".to_owned()))?;
    let mut before = all.clone();
    before.id = format!("{} without {batch}", all.id);
    for paths in before.sources.values_mut() {
        paths.retain(|p| !p.to_string_lossy().contains(&batch));
    }
    let folder = temporary()?;
    let dirs = ["before", "incremental", "full"].map(|name| folder.path().join(name));
    let config = config(&args.engine)?;
    let old = Engine::with_config(installation.pack.clone(), before, config.clone())?;
    old.pass(as_of, &dirs[0]).await?;
    let mut took: Vec<Duration> = Vec::new();
    let mut last = None;
    for run in 0..=args.runs.max(1) {
        // First as the verb does it: the snapshot opened, the pack compiled, the findings stored. Then as an engine does
        // it that has been running: what it compiled and planned stays.
        let begun = Instant::now();
        let engine = match run {
            0 => Engine::with_config(installation.pack.clone(), all.clone(), config.clone())?,
            _ => old.with_snapshot(all.clone())?,
        };
        let result = engine.pass_since(as_of, &dirs[0], &dirs[1]).await?;
        took.push(begun.elapsed());
        last = Some((engine, result));
    }
    let Some((engine, result)) = last else { return Ok(()) };
    let full = engine.pass(as_of, &dirs[2]).await?;
    let mut different = Vec::new();
    for path in &full.paths {
        let Some(name) = path.file_name() else { continue };
        let read = |dir: &Path| std::fs::read(dir.join(name)).ok();
        if read(&dirs[1]) != read(&dirs[2]) {
            different.push(name.to_string_lossy().into_owned());
        }
    }
    let first_ms = took.remove(0).as_secs_f64() * 1000.0;
    took.sort_unstable();
    let (p50, full_ms) = (percentile(&took, 50), full.ms.total);
    let equal = different.is_empty();
    output.answer(
        &serde_json::json!({
            "batch": batch, "changed": result.changed, "first_ms": first_ms, "p50_ms": p50, "full_ms": full_ms,
            "ratio": p50 / full_ms.max(1) as f64, "ms": result.ms, "equal": equal, "different": different,
            "peak_rss_bytes": output::peak_rss_bytes(),
        }),
        format!(
            "batch {batch}: {:?}; incremental pass {p50:.0} ms (in a new process {first_ms:.0} ms), full pass {full_ms} ms; \
             files {}",
            result.changed,
            if equal { "equal".to_owned() } else { format!("DIFFER: {}", different.join(", ")) }
        ),
    );
    if equal { Ok(()) } else { Err(VerbError::Refused("the incremental pass gave other findings".to_owned())) }
}
