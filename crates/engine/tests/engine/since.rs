//! The pass over what changed writes the files that a full pass writes.

use crate::{
    district::snapshot,
    pool::{Member, Pool, RURAL, URBAN, as_of, day, fixture},
    qingyan::qingyan,
};
use std::path::{Path, PathBuf};
use tuodi_engine::{Engine, PassResult, SnapshotFiles};
use tuodi_pack::{Evaluate, HouseholdId};

/// A plain sequence, the same each time.
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// Rows about some of the people 1 to `people` of the households 1 to `households`; `often` in a thousand have each kind.
fn rows(draw: &mut Draw, people: i64, households: i64, often: u64, register: bool) -> Pool {
    let mut pool = Pool { assets: Some(Vec::new()), ..Pool::default() };
    for person in 1..=people {
        let some = |draw: &mut Draw| draw.below(1000) < often;
        if register || some(draw) {
            let region = if draw.one_in(3) { RURAL } else { URBAN };
            // Rows of the two deliveries never tie: these files' batches have one name.
            let updated = format!("2026-0{}-{}", 1 + draw.below(8), if register { "03" } else { "04" });
            let born = format!("{}-{:02}-{:02}", 1930 + draw.below(95), 1 + draw.below(12), 1 + draw.below(28));
            // One in ten stands with another household than at first.
            let home = if register && !draw.one_in(10) { person / 3 } else { draw.below(households as u64) as i64 };
            pool.register.push(Member { person, household: home + 1, born, region, updated, status: "active" });
        }
        if some(draw) && draw.one_in(8) {
            pool.deaths.push((person, ["2026-03-04", "2026-12-01"][draw.below(2) as usize]));
        }
        if some(draw) {
            for _ in 0..=draw.below(3) {
                let date = format!("202{}-{:02}-10", 5 + draw.below(2), 1 + draw.below(12));
                pool.bills.push((person, date, draw.below(40_000) as i64 - 2_000));
            }
        }
        if some(draw) {
            pool.wages.push((person, if register { "2026-06-01" } else { "2026-07-01" }, draw.below(250_000) as i64));
        }
        if some(draw) && person > 20 {
            pool.marriages.push((person, person - 1 - draw.below(15) as i64));
        }
        if let Some(assets) = pool.assets.as_mut().filter(|_| draw.one_in(4) && draw.below(1000) < often) {
            assets.push((person, draw.below(2_000_000) as i64));
        }
    }
    pool
}

/// The files of `base` and, after them, those of `more`, as the pool would list them: in one folder a source.
fn together(base: &SnapshotFiles, more: &SnapshotFiles, replace: &[&str]) -> SnapshotFiles {
    let mut all = base.clone();
    all.id = format!("{} and {}", base.id, more.id);
    for (source, paths) in &more.sources {
        let listed = all.sources.entry(source.clone()).or_default();
        let folder = listed[0].parent().unwrap().to_owned();
        if replace.contains(&source.as_str()) {
            listed.clear();
        }
        for path in paths {
            let name = format!("{}.later.parquet", path.file_stem().unwrap().to_string_lossy());
            let moved: PathBuf = folder.join(name);
            std::fs::copy(path, &moved).unwrap();
            listed.push(moved);
        }
    }
    all
}

fn same_files(one: &Path, other: &Path) {
    let names = ["households", "alerts", "benefits", "labels", "needs", "people"];
    for name in names.map(|n| format!("{n}.parquet")) {
        let (a, b) = (std::fs::read(one.join(&name)).unwrap(), std::fs::read(other.join(&name)).unwrap());
        assert!(a == b, "{name} differs: {:?}", crate::pool::read(&one.join(&name)).1.len());
    }
    let rests_on = |dir: &Path| std::fs::read_to_string(dir.join("rests-on.json")).unwrap();
    assert_eq!(rests_on(one), rests_on(other));
}

fn same_counts(one: &PassResult, other: &PassResult) {
    assert_eq!((one.people, one.households, one.alerts), (other.people, other.households, other.alerts));
    assert_eq!((&one.tiers, &one.raised, &one.levels), (&other.tiers, &other.raised, &other.levels));
    assert_eq!((&one.benefits, &one.amounts), (&other.benefits, &other.amounts));
    assert_eq!((&one.labels, &one.needs), (&other.labels, &other.needs));
}

#[tokio::test(flavor = "multi_thread")]
async fn random_changes_give_the_same_findings_by_a_pass_over_what_changed_and_by_a_full_one() {
    for seed in 1..=6 {
        let mut draw = Draw(seed);
        let dir = tempfile::tempdir().unwrap();
        let (people, households) = (1_200, 400);
        let base = rows(&mut draw, people, households, 400, true).write(&dir.path().join("base"));
        // New people too, and every third time nothing but people who were not there before.
        let more = rows(&mut draw, people + 30, households + 5, [12, 3, 1][seed as usize % 3], false);
        let more = more.write(&dir.path().join("more"));
        let all = together(&base, &more, &[]);
        let dirs = ["before", "since", "full"].map(|d| dir.path().join(d));
        Engine::new(fixture(), base).unwrap().pass(as_of(), &dirs[0]).await.unwrap();
        let engine = Engine::new(fixture(), all).unwrap();
        let since = engine.pass_since(as_of(), &dirs[0], &dirs[1]).await.unwrap();
        let full = engine.pass(as_of(), &dirs[2]).await.unwrap();
        let changed = since.changed.clone().unwrap_or_else(|| panic!("seed {seed}: {:?}", since.full_because));
        assert!(changed.households > 0 && changed.households < full.households, "seed {seed}: {changed:?}");
        same_counts(&since, &full);
        same_files(&dirs[1], &dirs[2]);
        // And the check says of the households what both passes say.
        let found = crate::pool::households(&dirs[1].join("households.parquet"));
        for (id, row) in found.iter().skip(seed as usize).step_by(37) {
            let checked = engine.check(HouseholdId(*id), as_of(), &[]).await.unwrap();
            assert_eq!((checked.tier.as_str(), checked.monthly.0), (row.tier.as_str(), row.monthly), "household {id}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_list_sent_again_with_few_changes_touches_only_those() {
    let dir = tempfile::tempdir().unwrap();
    let mut draw = Draw(99);
    let pool = rows(&mut draw, 900, 300, 400, true);
    let base = pool.write(&dir.path().join("base"));
    let mut again = Pool { register: pool.register, ..Pool::default() };
    again.register[10].household = 250;
    again.register[500].status = "cancelled";
    let gone = again.register.remove(700).person;
    let mut later = again.write(&dir.path().join("more"));
    later.sources.retain(|source, _| source == "DS01");
    let all = together(&base, &later, &["DS01"]);
    let dirs = ["before", "since", "full"].map(|d| dir.path().join(d));
    Engine::new(fixture(), base).unwrap().pass(as_of(), &dirs[0]).await.unwrap();
    let engine = Engine::new(fixture(), all).unwrap();
    let since = engine.pass_since(as_of(), &dirs[0], &dirs[1]).await.unwrap();
    let full = engine.pass(as_of(), &dirs[2]).await.unwrap();
    let changed = since.changed.clone().unwrap();
    assert!(changed.households < 60, "person {gone} and two others: {changed:?}");
    same_counts(&since, &full);
    same_files(&dirs[1], &dirs[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_date_a_first_batch_and_missing_findings_ask_for_a_full_pass_and_say_so() {
    let dir = tempfile::tempdir().unwrap();
    let mut draw = Draw(5);
    let base = rows(&mut draw, 300, 100, 400, true).write(&dir.path().join("base"));
    let mut without = base.clone();
    without.sources.remove("DS12");
    let dirs = ["before", "since"].map(|d| dir.path().join(d));
    let engine = Engine::new(fixture(), base).unwrap();
    let none = engine.pass_since(as_of(), &dirs[0], &dirs[1]).await.unwrap();
    assert!(none.changed.is_none() && none.full_because.unwrap().contains("do not say"));
    Engine::new(fixture(), without).unwrap().pass(as_of(), &dirs[0]).await.unwrap();
    let first = engine.pass_since(as_of(), &dirs[0], &dirs[1]).await.unwrap();
    assert!(first.full_because.unwrap().contains("DS12 has arrived for the first time"));
    let later = engine.pass_since(day("2026-09-02"), &dirs[1], &dirs[0]).await.unwrap();
    assert!(later.full_because.unwrap().contains("as of 2026-09-01"));
    // Nothing new: nothing to do, and the same findings.
    let nothing = engine.pass_since(as_of(), &dirs[1], &dirs[0]).await.unwrap();
    assert_eq!(nothing.changed.unwrap().households, 0);
    same_files(&dirs[0], &dirs[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_deliveries_of_a_synthetic_district_are_taken_over_as_a_full_pass_would() {
    let pack = qingyan();
    let dir = tempfile::tempdir().unwrap();
    let all = snapshot(&pack, dir.path(), 3_000);
    let mut before = all.clone();
    let mut held_back = 0;
    for source in ["DS09", "DS06", "DS12"] {
        // A list that came in several files loses its last.
        held_back += before.sources.get_mut(source).filter(|paths| paths.len() > 1).map_or(0, |paths| {
            paths.pop();
            1
        });
    }
    assert!(held_back > 0);
    let dirs = ["before", "since", "full"].map(|d| dir.path().join(d));
    Engine::new(pack.clone(), before).unwrap().pass(as_of(), &dirs[0]).await.unwrap();
    let engine = Engine::new(pack, all).unwrap();
    let since = engine.pass_since(as_of(), &dirs[0], &dirs[1]).await.unwrap();
    let full = engine.pass(as_of(), &dirs[2]).await.unwrap();
    let changed = since.changed.clone().unwrap_or_else(|| panic!("{:?}", since.full_because));
    assert!(changed.households > 0 && changed.households < full.households, "{changed:?}");
    same_counts(&since, &full);
    same_files(&dirs[1], &dirs[2]);
}
