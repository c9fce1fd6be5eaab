//! `tuodi pass`: the population pass, its findings stored, its alerts made tasks.

use crate::{
    adapters::{feeds, findings, library, roster, snapshot},
    cli::Pass,
    error::VerbError,
    installation::Installation,
    output::{self, Output},
};
use chrono::{DateTime, Utc};
use std::{path::Path, process::ExitCode, sync::Arc, time::Instant};
use tuodi_casework::Imported;
use tuodi_pack::{HouseholdId, Pack, PersonId, Purpose, Withheld, indicator::Severity};
use tuodi_pool::Pool;
use tuodi_registry::library::{Listed, Survey};
use tuodi_store::Store;
use tuodi_watch::{NewAlert, Raised, Run};

pub async fn run(args: Pass, output: Output) -> Result<ExitCode, VerbError> {
    let installation = Installation::open(&args.data.dir)?;
    let pack = installation.pack.clone();
    if args.sql {
        let store = installation.store().await?;
        let engine = snapshot::agreed_engine(&installation, &store).await?;
        let statements = engine.script(args.as_of, &args.data.dir)?;
        let plain = statements.iter().map(|(name, sql)| format!("-- {name}\n{sql};\n")).collect::<Vec<_>>().join("\n");
        let object: Vec<_> = statements.iter().map(|(n, s)| serde_json::json!({ "name": n, "sql": s })).collect();
        output.answer(&serde_json::json!({ "statements": object }), plain);
        return Ok(ExitCode::SUCCESS);
    }
    let whole = Instant::now();
    let now = crate::now();
    let store = installation.store().await?;
    // A newer binary over an older installation brings its tables up to date.
    store.migrate(crate::installation::migrations()).await?;
    // What cases have added since the last pass goes in as a source like any other.
    let pool = Pool::open(&installation.pool_dir())?;
    snapshot::write_platform(&pool, &pack, &store, now).await?;
    snapshot::follow_merges(&pool, &store, now).await?;
    let engine = snapshot::agreed_engine(&installation, &store).await?;
    let withheld = engine.withheld(Purpose::Monitoring, args.as_of);
    feeds::journal_refusals(&store, &pack, "pass", &withheld).await?;
    let run_id = now.format("%Y%m%dT%H%M%S%6f").to_string();
    let folder = installation.findings_dir().join(format!("run={run_id}"));
    let unfinished = installation.findings_dir().join(format!(".run={run_id}"));
    let at = |e| VerbError::Folder { dir: unfinished.clone(), source: e };
    std::fs::create_dir_all(&unfinished).map_err(at)?;
    let before = findings::latest(&installation.findings_dir())?.map(|(folder, _)| folder).filter(|_| !args.full);
    let passed = match &before {
        Some(before) => engine.pass_since(args.as_of, before, &unfinished).await,
        None => engine.pass(args.as_of, &unfinished).await,
    };
    let result = match passed {
        Ok(result) => result,
        Err(e) => {
            // Nothing half-written stays behind.
            let _ = std::fs::remove_dir_all(&unfinished);
            return Err(e.into());
        }
    };

    for withheld in &result.withheld {
        output.say(format!("warning: {withheld}"));
    }
    let storing = Instant::now();
    let run = Run {
        id: run_id.clone(),
        as_of: args.as_of,
        pack_version: pack.info.version.clone(),
        snapshot: result.snapshot.clone(),
    };
    // Alerts are raised while the lists are read: one prepares while the other writes.
    let listing =
        tokio::spawn(list(store.clone(), pack.clone(), pool.clone(), result.withheld.clone(), run.clone(), now));
    let raised = raise(&store, &pack, &run, &unfinished, now).await;
    let alerts_ms = storing.elapsed().as_millis() as u64;
    let listed = listing.await.expect("listing does not panic");
    let (raised, (imported, listed)) = (raised?, listed?);
    let lists_ms = storing.elapsed().as_millis() as u64;
    feeds::follow(&store, &pack, &pool, now).await?;
    let keeping = Instant::now();
    let kept = library::keep(&store, &pack, listed, &unfinished, now).await?;
    let library_ms = keeping.elapsed().as_millis() as u64;
    let run_file = findings::RunFile {
        run: run_id.clone(),
        as_of: args.as_of,
        pack_version: run.pack_version.clone(),
        snapshot: run.snapshot.clone(),
        at: now,
        people: result.people,
        households: result.households,
    };
    std::fs::write(unfinished.join("run.json"), serde_json::to_vec_pretty(&run_file).expect("plain data"))
        .map_err(at)?;
    std::fs::rename(&unfinished, &folder).map_err(at)?;
    if let Some(out) = &args.out {
        copy(&folder, out)?;
    }
    let store_ms = storing.elapsed().as_millis() as u64;
    let total = whole.elapsed().as_millis() as u64;
    output.answer(
        &serde_json::json!({
            "run": run_id,
            "as_of": args.as_of,
            "pack_version": run.pack_version,
            "snapshot": run.snapshot,
            "people": result.people,
            "households": result.households,
            "sources": result.sources,
            "rows": result.rows,
            "indicators": result.indicators,
            "alerts": result.alerts,
            "tiers": result.tiers,
            "benefits": result.benefits,
            "amounts": result.amounts,
            "labels": result.labels,
            "needs": result.needs,
            "levels": result.levels,
            "raised": { "new": raised.new, "suppressed": raised.suppressed, "appended": raised.appended, "pooled": raised.pooled, "tasks": raised.tasks },
            "roster": { "cases": imported.cases, "skipped": imported.skipped },
            "withheld": result.withheld,
            "library": { "households": kept.households, "entered": kept.entered, "moved": kept.moved, "left": kept.left, "help": kept.help },
            "changed": result.changed,
            "full_because": result.full_because,
            "engine_ms": result.ms.total,
            "ms": { "total": total, "facts": result.ms.facts, "findings": result.ms.findings, "store": store_ms,
                    "alerts": alerts_ms, "lists": lists_ms, "library": library_ms },
            "peak_rss_bytes": output::peak_rss_bytes(),
        }),
        format!(
            "{} people in {} households, {} rows of {} sources: {} alerts ({} new, {} tasks), tiers {:?}, in {total} ms.",
            result.people, result.households, result.rows, result.sources, result.alerts, raised.new, raised.tasks, result.tiers
        ),
    );
    Ok(ExitCode::SUCCESS)
}

/// Alerts of the run whose findings are in `folder`, raised.
async fn raise(store: &Store, pack: &Pack, run: &Run, folder: &Path, now: DateTime<Utc>) -> Result<Raised, VerbError> {
    let rows = findings::alerts(folder)?;
    let regions = tuodi_registry::household_regions(store, rows.iter().map(|r| r.household_id)).await?;
    let mut alerts = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(indicator) = pack.indicator(&row.indicator) else { continue };
        alerts.push(NewAlert {
            indicator: row.indicator,
            severity: row.severity.as_deref().and_then(Severity::from_word).unwrap_or(indicator.severity),
            points: row.points,
            household_id: HouseholdId(row.household_id),
            person_id: row.person_id.map(PersonId),
            region_code: regions.get(&row.household_id).cloned().unwrap_or_default(),
            evidence: row.evidence,
            level: indicator.actor,
            limit_days: indicator.limit_days,
        });
    }
    Ok(tuodi_watch::raise(store, pack, run, alerts, now).await?)
}

/// Today's recipients become cases; then the lines of help, among them theirs.
async fn list(
    store: Store,
    pack: Arc<Pack>,
    pool: Pool,
    withheld: Vec<Withheld>,
    run: Run,
    now: DateTime<Utc>,
) -> Result<(Imported, (Survey, Listed)), VerbError> {
    let imported = roster::import(&store, &pack, &pool, &withheld, run.as_of, now).await?;
    let listed = library::list(&store, &pack, &pool, &withheld, &run, now).await?;
    Ok((imported, listed))
}

fn copy(folder: &Path, out: &Path) -> Result<(), VerbError> {
    let at = |e| VerbError::Folder { dir: out.to_owned(), source: e };
    std::fs::create_dir_all(out).map_err(at)?;
    let findings = ["households.parquet", "alerts.parquet", "benefits.parquet", "labels.parquet", "needs.parquet"];
    for file in findings.into_iter().chain(["run.json"]) {
        std::fs::copy(folder.join(file), out.join(file)).map_err(at)?;
    }
    Ok(())
}
