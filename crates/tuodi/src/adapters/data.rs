//! What the pages show of the pool.

use super::{conflicts, findings, library, rows, sealer::KeySealer};
use crate::{error::VerbError, installation::Installation};
use async_trait::async_trait;
use chrono::NaiveDate;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::{Arc, Mutex},
};
use tuodi_pack::{HouseholdId, Pack, PersonId, Purpose, Renewal};
use tuodi_pool::{Counts, Pool, PoolError};
use tuodi_store::{Keys, Store};
use tuodi_web::{
    BatchFigure, ConflictFigures, DataError, DataFigures, FundFigure, NeedFigure, NeedFigures, PassFigure, SaidOnce,
    Stands,
};

pub struct PoolFigures {
    pool: PathBuf,
    findings: PathBuf,
    keys: Keys,
    /// The newest run's figures: counting its households again would cost a scan a page.
    last: Mutex<Option<PassFigure>>,
    pack: Arc<Pack>,
    /// Sums of what was paid, of the snapshot they were read from.
    funds: Mutex<Option<(String, Arc<Vec<FundFigure>>)>>,
    store: Store,
    /// Needs by the run they were read from.
    needs: Mutex<Option<Arc<NeedFigures>>>,
    /// The newest list of conflicts, and what it was made of. Who asks meanwhile waits instead of asking twice.
    conflicts: tokio::sync::Mutex<Option<(Vec<Renewal>, Arc<ConflictFigures>)>>,
}

impl PoolFigures {
    pub fn new(installation: &Installation, store: Store) -> Result<PoolFigures, VerbError> {
        Ok(PoolFigures {
            pool: installation.pool_dir(),
            findings: installation.findings_dir(),
            keys: installation.keys()?,
            last: Mutex::default(),
            pack: installation.pack.clone(),
            funds: Mutex::default(),
            store,
            needs: Mutex::default(),
            conflicts: tokio::sync::Mutex::default(),
        })
    }
}

fn fault(error: impl std::error::Error + Send + Sync + 'static) -> DataError {
    DataError::Read(Box::new(error))
}

#[async_trait]
impl DataFigures for PoolFigures {
    async fn batches(&self) -> Result<Vec<BatchFigure>, DataError> {
        let pool = Pool::open(&self.pool).map_err(fault)?;
        let mut batches = pool.batches().map_err(fault)?;
        batches.sort_by(|a, b| b.batch.cmp(&a.batch));
        Ok(batches
            .into_iter()
            .map(|m| BatchFigure {
                arrival: super::feeds::arrival(&m),
                batch: m.batch,
                source: m.source,
                file: m.file_name,
                rows_read: m.rows_read,
                rows_taken: m.rows_taken,
                rows_quarantined: m.rows_quarantined,
                arrived: m.arrived_at,
            })
            .collect())
    }

    async fn quarantine(&self, batch: &str) -> Result<Option<Vec<u8>>, DataError> {
        let pool = Pool::open(&self.pool).map_err(fault)?;
        match pool.quarantine_csv(batch, &KeySealer(self.keys.clone())) {
            Ok(csv) => Ok(Some(csv)),
            Err(PoolError::NoSuchBatch { .. } | PoolError::NothingQuarantined { .. }) => Ok(None),
            Err(e) => Err(fault(e)),
        }
    }

    async fn last_pass(&self) -> Result<Option<PassFigure>, DataError> {
        let Some((folder, run)) = findings::latest(&self.findings).map_err(fault)? else { return Ok(None) };
        {
            let last = self.last.lock().unwrap_or_else(|e| e.into_inner());
            if let Some(known) = last.as_ref().filter(|k| k.run == run.run) {
                return Ok(Some(known.clone()));
            }
        }
        let mut tiers: BTreeMap<String, u64> = BTreeMap::new();
        rows::each_row(&folder.join("households.parquet"), &["tier"], |row| {
            if let Some(tier) = row.text(0) {
                match tiers.get_mut(tier) {
                    Some(n) => *n += 1,
                    None => drop(tiers.insert(tier.to_owned(), 1)),
                }
            }
        })
        .map_err(fault)?;
        let alerts = rows::count(&folder.join("alerts.parquet")).map_err(fault)?;
        let figure = PassFigure {
            run: run.run,
            as_of: run.as_of,
            finished: run.at,
            people: run.people,
            households: run.households,
            tiers: tiers.into_iter().collect(),
            alerts,
            pack_version: run.pack_version,
        };
        *self.last.lock().unwrap_or_else(|e| e.into_inner()) = Some(figure.clone());
        Ok(Some(figure))
    }

    async fn funds(&self, on: NaiveDate, renewals: &[Renewal]) -> Result<Vec<FundFigure>, DataError> {
        let agreed =
            |id: &str| self.pack.source(id).is_some_and(|s| s.may_serve(Purpose::Statistics, on, renewals).is_ok());
        let readable =
            |all: &[FundFigure]| -> Vec<FundFigure> { all.iter().filter(|f| agreed(&f.source)).cloned().collect() };
        let pool = Pool::open(&self.pool).map_err(fault)?;
        let snapshot = pool.snapshot().map_err(fault)?;
        {
            let known = self.funds.lock().unwrap_or_else(|e| e.into_inner());
            if let Some((_, figures)) = known.as_ref().filter(|(id, _)| *id == snapshot.id) {
                return Ok(readable(figures));
            }
        }
        let (pack, id) = (Arc::clone(&self.pack), snapshot.id.clone());
        let figures = tokio::task::spawn_blocking(move || library::funds(&pack, &snapshot)).await.map_err(fault)?;
        let figures = Arc::new(figures.map_err(fault)?);
        *self.funds.lock().unwrap_or_else(|e| e.into_inner()) = Some((id, Arc::clone(&figures)));
        Ok(readable(&figures))
    }

    async fn needs(&self) -> Result<Option<Arc<NeedFigures>>, DataError> {
        let Some((folder, run)) = findings::latest(&self.findings).map_err(fault)? else { return Ok(None) };
        {
            let known = self.needs.lock().unwrap_or_else(|e| e.into_inner());
            if let Some(known) = known.as_ref().filter(|k| k.run == run.run) {
                return Ok(Some(Arc::clone(known)));
            }
        }
        let read = move || findings::needs(&folder);
        let found = tokio::task::spawn_blocking(read).await.map_err(fault)?.map_err(fault)?;
        let homes: Vec<i64> = found.keys().map(|household| household.0).collect();
        let mut places = tuodi_registry::household_regions(&self.store, homes).await.map_err(fault)?;
        let mut all: Vec<NeedFigure> = found
            .into_iter()
            .map(|(household, findings::Needs { services, labels })| NeedFigure {
                household,
                region: places.remove(&household.0).unwrap_or_default(),
                services,
                labels,
            })
            .collect();
        all.sort_by(|a, b| (&a.region, a.household).cmp(&(&b.region, b.household)));
        let figures = Arc::new(NeedFigures { run: run.run, as_of: run.as_of, all });
        *self.needs.lock().unwrap_or_else(|e| e.into_inner()) = Some(Arc::clone(&figures));
        Ok(Some(figures))
    }

    async fn conflicts(&self, on: NaiveDate, renewals: &[Renewal]) -> Result<Arc<ConflictFigures>, DataError> {
        let snapshot = Pool::open(&self.pool).and_then(|pool| pool.snapshot()).map_err(fault)?;
        let mut slot = self.conflicts.lock().await;
        let same = |(told, list): &&(Vec<Renewal>, Arc<ConflictFigures>)| {
            told == renewals && list.as_of == on && list.snapshot == snapshot.id
        };
        if let Some((_, list)) = slot.as_ref().filter(same) {
            return Ok(Arc::clone(list));
        }
        let list = conflicts::list(&self.pack, &self.store, snapshot, on, renewals).await.map_err(fault)?;
        let list = Arc::new(list);
        *slot = Some((renewals.to_vec(), Arc::clone(&list)));
        Ok(list)
    }

    async fn history(
        &self,
        household: HouseholdId,
        people: &[PersonId],
        sources: &[String],
    ) -> Result<Vec<SaidOnce>, DataError> {
        let (pool, people, sources) =
            (self.pool.clone(), people.iter().map(|p| p.0).collect(), BTreeSet::from_iter(sources.iter().cloned()));
        let read = move || Pool::open(&pool)?.rows_about(&people, household.0, |source| sources.contains(source));
        let rows = tokio::task::spawn_blocking(read).await.map_err(fault)?.map_err(fault)?;
        let said = rows.into_iter().map(|row| SaidOnce {
            source: row.source,
            batch: row.batch,
            row: row.row,
            arrived: row.arrived_at,
            stands: match row.counts {
                Counts::Now => Stands::Now,
                Counts::Superseded => Stands::Superseded,
                Counts::Undone => Stands::Undone,
            },
            person: row.person.map(PersonId),
            values: row.values,
        });
        Ok(said.collect())
    }
}
