//! A synthetic district through intake, pass and check, with the pack of the repository.

use crate::{
    pool::{alerts, as_of, households},
    qingyan::qingyan,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};
use tuodi_engine::{Engine, SnapshotFiles};
use tuodi_pack::{Evaluate, HouseholdId, Pack};
use tuodi_pool::{IntakeOptions, MemoryVault, Pool, SealError, Sealer};

/// Nothing that is put aside here is looked at again.
struct NoSeal;

impl Sealer for NoSeal {
    fn seal(&self, _plain: &str) -> Vec<u8> {
        Vec::new()
    }

    fn open(&self, _sealed: &[u8]) -> Result<String, SealError> {
        Err(SealError)
    }
}

pub fn snapshot(pack: &Pack, dir: &Path, people: u64) -> SnapshotFiles {
    let out = dir.join("files");
    let options = tuodi_synth::Options { people, seed: 11, as_of: as_of(), ..Default::default() };
    tuodi_synth::generate(&out, &options, &pack.regions, &|_| {}).unwrap();
    let pool = Pool::open(&dir.join("pool")).unwrap();
    let now = as_of().and_hms_opt(2, 0, 0).unwrap().and_utc();
    let options = IntakeOptions::new(as_of(), now, "test");
    pool.intake(&[out], pack, &mut MemoryVault::default(), &NoSeal, &options).unwrap();
    let listed = pool.snapshot().unwrap();
    let mut files = SnapshotFiles { id: listed.id.clone(), ..SnapshotFiles::default() };
    for (source, batches) in &listed.sources {
        for batch in batches {
            files.sources.entry(source.clone()).or_default().push(batch.path.clone());
            files.arrived.insert(batch.manifest.batch.clone(), as_of().to_string());
        }
    }
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn pass_and_check_agree_about_households_of_a_synthetic_district() {
    let pack = qingyan();
    let dir = tempfile::tempdir().unwrap();
    let engine = Arc::new(Engine::new(pack.clone(), snapshot(&pack, dir.path(), 3_000)).unwrap());
    let out = dir.path().join("out");
    let result = engine.pass(as_of(), &out).await.unwrap();
    let passed = households(&out.join("households.parquet"));
    let mut raised: BTreeMap<i64, BTreeSet<(String, Option<i64>)>> = BTreeMap::new();
    for (household, indicator, person) in alerts(&out.join("alerts.parquet")).into_keys() {
        raised.entry(household).or_default().insert((indicator, person));
    }
    assert_eq!(passed.len() as u64, result.households);
    // Every other household: 500 of some 1,200.
    for (id, row) in passed.iter().step_by(2).take(500) {
        let checked = engine.check(HouseholdId(*id), as_of(), &[]).await.unwrap();
        let found = (checked.tier.as_str(), checked.monthly.0, checked.income_pc.map(|f| f.0));
        assert_eq!(found, (row.tier.as_str(), row.monthly, row.income), "household {id}");
        let in_check: BTreeSet<_> =
            checked.alerts.iter().map(|a| (a.indicator.clone(), a.person_id.map(|p| p.0))).collect();
        assert_eq!(in_check, raised.remove(id).unwrap_or_default(), "household {id}");
    }
}
