//! Everybody about whom sources contradict each other: the pack's conflicts alone, over the whole pool.

use super::{feeds, findings, kept};
use crate::error::VerbError;
use chrono::NaiveDate;
use tuodi_pack::{EvaluateError, HouseholdId, Pack, PersonId, Purpose, Renewal};
use tuodi_pool::Snapshot;
use tuodi_store::Store;
use tuodi_web::{ConflictFigure, ConflictFigures};

/// A pool in which nobody can be asked about has no conflicts: empty, or an act ended the agreement for the register.
fn nobody(error: &EvaluateError) -> bool {
    matches!(error, EvaluateError::NoData(_) | EvaluateError::NoRules(_) | EvaluateError::Withheld(_))
}

pub async fn list(
    pack: &Pack,
    store: &Store,
    snapshot: Snapshot,
    as_of: NaiveDate,
    renewals: &[Renewal],
) -> Result<ConflictFigures, VerbError> {
    let id = snapshot.id.clone();
    let none = |id| ConflictFigures { as_of, snapshot: id, all: Vec::new() };
    if pack.conflicts.all.is_empty() || snapshot.is_empty() {
        return Ok(none(id));
    }
    let engine = kept::engine(std::sync::Arc::new(pack.only_conflicts()), snapshot)?.with_renewals(renewals.to_vec());
    feeds::journal_refusals(store, pack, "conflicts", &engine.withheld(Purpose::Monitoring, as_of)).await?;
    let folder = tempfile::tempdir().map_err(|source| VerbError::Folder { dir: std::env::temp_dir(), source })?;
    match engine.pass(as_of, folder.path()).await.map_err(EvaluateError::from) {
        Ok(_) => {}
        Err(e) if nobody(&e) => return Ok(none(id)),
        Err(e) => return Err(e.into()),
    }
    let path = folder.path().to_owned();
    let rows = tokio::task::spawn_blocking(move || findings::alerts(&path)).await;
    let rows = rows.map_err(|e| VerbError::Refused(e.to_string()))??;
    drop(folder);
    let places = tuodi_registry::household_regions(store, rows.iter().map(|r| r.household_id)).await?;
    let mut all: Vec<ConflictFigure> = rows
        .into_iter()
        .filter_map(|row| {
            let household = HouseholdId(row.household_id);
            Some(ConflictFigure {
                item: row.indicator,
                person: PersonId(row.person_id?),
                household,
                region: places.get(&row.household_id).cloned().unwrap_or_default(),
                facts: findings::facts(&row.evidence),
            })
        })
        .collect();
    all.sort_by(|a, b| (&a.region, a.household, a.person, &a.item).cmp(&(&b.region, b.household, b.person, &b.item)));
    Ok(ConflictFigures { as_of, snapshot: id, all })
}
