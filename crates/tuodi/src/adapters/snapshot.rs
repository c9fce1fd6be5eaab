//! From the pool's snapshot to the engine, and from cases to the pool's platform sources.

use super::kept;
use crate::{error::VerbError, installation::Installation};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use tuodi_engine::{Engine, SnapshotFiles};
use tuodi_pack::{HouseholdId, OverlayRow, Pack, source::Origin};
use tuodi_pool::{Format, Pool, Snapshot};
use tuodi_store::Store;

/// The engine's view of a snapshot: files and when they arrived.
pub fn files(snapshot: Snapshot) -> SnapshotFiles {
    let mut arrived = BTreeMap::new();
    let mut sources = BTreeMap::new();
    for (source, batches) in snapshot.sources {
        let mut paths = Vec::with_capacity(batches.len());
        for batch in batches {
            let day = batch.manifest.arrived_at.date_naive().to_string();
            // Rows name the batch that came, files the reading of it.
            arrived.insert(batch.manifest.name(), day.clone());
            arrived.insert(batch.manifest.batch, day);
            paths.push(batch.path);
        }
        sources.insert(source, paths);
    }
    SnapshotFiles { id: snapshot.id, sources, arrived }
}

/// The engine over what the pool holds now, by the agreements of the pack alone.
pub fn engine(installation: &Installation) -> Result<Engine, VerbError> {
    let snapshot = Pool::open(&installation.pool_dir())?.snapshot()?;
    kept::keep(installation, &snapshot)?;
    kept::engine(installation.pack.clone(), snapshot)
}

/// The last moment of a day in Beijing, where legal days are counted.
pub fn end_of(day: NaiveDate) -> DateTime<Utc> {
    let next = day.succ_opt().unwrap_or(day).and_time(chrono::NaiveTime::MIN).and_utc();
    next - chrono::Duration::hours(8) - chrono::Duration::microseconds(1)
}

/// The engine over what had arrived by the end of that day. What the platform's own records said then is in the batches
/// of then; nothing that was added later is laid over.
pub async fn engine_known(
    installation: &Installation,
    store: &Store,
    known_at: NaiveDate,
) -> Result<Engine, VerbError> {
    let snapshot = Pool::open(&installation.pool_dir())?.snapshot_known(end_of(known_at))?;
    kept::keep(installation, &snapshot)?;
    let engine = kept::engine(installation.pack.clone(), snapshot)?;
    Ok(engine.with_renewals(tuodi_feeds::renewals(store).await?))
}

/// The engine over what the pool holds now, with what has been recorded about agreements since the pack was written.
pub async fn agreed_engine(installation: &Installation, store: &Store) -> Result<Engine, VerbError> {
    // An older installation has no table of records yet.
    store.migrate(crate::installation::migrations()).await?;
    Ok(engine(installation)?.with_renewals(tuodi_feeds::renewals(store).await?))
}

/// What cases and visits hold now, as batches of the pack's platform sources. A source that the pack does not declare
/// is not written: no rule of it could read the rows.
pub async fn write_platform(pool: &Pool, pack: &Pack, store: &Store, now: DateTime<Utc>) -> Result<(), VerbError> {
    let mut by_source: BTreeMap<String, Vec<Map<String, Value>>> = BTreeMap::new();
    let mut rows = tuodi_casework::platform_rows(store).await?;
    rows.extend(tuodi_casework::assessment_rows(store, &pack.assessment).await?);
    rows.extend(tuodi_watch::assessment_rows(store, &pack.assessment).await?);
    rows.extend(tuodi_casework::step_rows(store, pack).await?);
    rows.extend(tuodi_casework::rulings::ruling_rows(store, pack).await?);
    for row in rows {
        by_source.entry(row.source).or_default().push(row.values);
    }
    for source in pack.sources.iter().filter(|s| s.origin == Origin::Platform) {
        let rows = by_source.remove(&source.id).unwrap_or_default();
        let had = pool.batches()?.iter().any(|m| m.source == source.id && m.format == Format::Platform);
        // Nothing declared yet is no batch; nothing declared any more is an empty one.
        if !rows.is_empty() || had {
            pool.write_platform(pack, source, &rows, "system", now)?;
        }
    }
    Ok(())
}

/// Rows that came under a number since found to be another's are read as the other's from now on.
pub async fn follow_merges(pool: &Pool, store: &Store, now: DateTime<Utc>) -> Result<(), VerbError> {
    let merged = tuodi_registry::linkage::redirections(store).await?;
    pool.revise(&merged.into_iter().map(|(from, to)| (from.0, to.0)).collect(), now)?;
    Ok(())
}

/// What cases have added about one household since the last pass.
pub async fn overlay(store: &Store, pack: &Pack, household: HouseholdId) -> Result<Vec<OverlayRow>, VerbError> {
    let mut rows = tuodi_casework::platform_rows_of(store, pack, household).await?;
    rows.extend(tuodi_casework::rulings::ruling_rows_of(store, pack, household).await?);
    Ok(rows)
}
