//! A case is the population pass with one household in the filter: both must say the same.

use crate::pool::{Member, Pool, RURAL, URBAN, alerts, as_of, fixture, households, read};
use std::collections::{BTreeMap, BTreeSet};
use tuodi_engine::{Engine, EngineConfig};
use tuodi_pack::{Answer, Evaluate, HouseholdId};

/// 500 households with every habit of the fixture's rules in them; a plain sequence, the same each time.
fn district() -> Pool {
    let mut seed = 7_u64;
    let mut draw = |n: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % n
    };
    let mut pool = Pool { assets: Some(Vec::new()), ..Pool::default() };
    let mut person = 0_i64;
    for household in 1..=500_i64 {
        let region = if draw(3) == 0 { RURAL } else { URBAN };
        for _ in 0..=draw(4) {
            person += 1;
            let member = |household, updated: &str| Member {
                person,
                household,
                born: String::new(),
                region,
                updated: updated.to_owned(),
                status: "active",
            };
            let born = format!("{}-{:02}-{:02}", 1930 + draw(95), 1 + draw(12), 1 + draw(28));
            if draw(10) == 0 && household > 1 {
                // Came from the household before: an older entry stands there.
                pool.register.push(Member { born: born.clone(), ..member(household - 1, "2025-11-02") });
            }
            pool.register.push(Member { born, ..member(household, "2026-02-03") });
            if draw(25) == 0 {
                pool.deaths.push((person, ["2026-03-04", "2026-12-01"][draw(2) as usize]));
            }
            for _ in 0..draw(4) {
                let date = format!("202{}-{:02}-10", 5 + draw(2), 1 + draw(12));
                pool.bills.push((person, date, draw(40_000) as i64 - 2_000));
            }
            if draw(2) == 0 {
                for month in ["2026-06-01", "2026-07-01"] {
                    pool.wages.push((person, month, draw(250_000) as i64));
                }
            }
            if draw(3) == 0 && person > 20 {
                pool.marriages.push((person, person - 1 - draw(15) as i64));
            }
            if let Some(assets) = pool.assets.as_mut().filter(|_| draw(4) == 0) {
                assets.push((person, draw(2_000_000) as i64));
            }
        }
    }
    pool
}

#[tokio::test]
async fn pass_and_check_agree_about_every_household() {
    let (engine, dir) = district().engine();
    let result = engine.pass(as_of(), dir.path()).await.unwrap();
    assert_eq!(result.households, 500);
    let passed = households(&dir.path().join("households.parquet"));
    let raised = alerts(&dir.path().join("alerts.parquet"));
    assert_eq!(result.alerts as usize, raised.len());
    for (id, row) in &passed {
        let checked = engine.check(HouseholdId(*id), as_of(), &[]).await.unwrap();
        let unknown: Vec<&str> = checked
            .programmes
            .iter()
            .filter(|p| p.answer == Answer::Unknown && p.person_id.is_none())
            .map(|p| p.programme.as_str())
            .collect();
        let found = (checked.tier.as_str(), checked.monthly.0, checked.income_pc.map(|f| f.0), unknown.join(","));
        assert_eq!(found, (row.tier.as_str(), row.monthly, row.income, row.unknown.clone()), "household {id}");
        let in_pass: BTreeMap<_, _> = raised.iter().filter(|(key, _)| key.0 == *id).collect();
        let in_check: BTreeSet<_> =
            checked.alerts.iter().map(|a| (*id, a.indicator.clone(), a.person_id.map(|p| p.0))).collect();
        assert_eq!(in_pass.keys().map(|k| (*k).clone()).collect::<BTreeSet<_>>(), in_check, "household {id}");
        for alert in &checked.alerts {
            let key = (*id, alert.indicator.clone(), alert.person_id.map(|p| p.0));
            let stored: serde_json::Value = serde_json::from_str(in_pass[&key]).unwrap();
            for fact in &alert.evidence {
                let stored = match &stored[&fact.name] {
                    serde_json::Value::Null => None,
                    serde_json::Value::String(text) => Some(text.clone()),
                    other => Some(other.to_string()),
                };
                assert_eq!(stored, fact.value, "{} of {key:?}", fact.name);
            }
        }
    }
    // The district must have something of everything, or agreement would say little.
    for tier in ["elders", "poor", "bills", "none"] {
        assert!(result.tiers[tier] > 0, "no household in {tier}: {:?}", result.tiers);
    }
    for indicator in ["M001", "M002", "M003"] {
        assert!(result.raised[indicator] > 0, "{indicator} was never raised");
    }
    assert!(passed.values().any(|h| !h.unknown.is_empty()));
}

#[tokio::test]
async fn the_same_snapshot_gives_the_same_files_whatever_the_number_of_threads() {
    let dir = tempfile::tempdir().unwrap();
    let files = district().write(&dir.path().join("pool"));
    let mut seen = Vec::new();
    for partitions in [1, 3] {
        let config = EngineConfig { partitions, batch_size: 128, ..EngineConfig::default() };
        let engine = Engine::with_config(fixture(), files.clone(), config).unwrap();
        let out = dir.path().join(partitions.to_string());
        engine.pass(as_of(), &out).await.unwrap();
        seen.push(["households.parquet", "alerts.parquet"].map(|file| read(&out.join(file)).1));
    }
    assert!(seen[0] == seen[1], "rows or their order differ");
}

#[tokio::test]
async fn statements_are_shown_as_they_run_with_parameters_put_in() {
    let (engine, _dir) = district().engine();
    let statements: BTreeMap<String, String> = engine.explain_sql(as_of()).unwrap().into_iter().collect();
    assert!(statements["facts.person"].contains("DATE '2026-09-01'"));
    assert!(statements["programme.poor"].contains("WHEN '990121000000' THEN 84000"));
    assert!(statements["indicator.M001"].contains("household_oop_12m >= 50000"));
    assert!(statements.values().all(|sql| !sql.contains('$')));
    // A fact that nobody reads is not computed; one that is read as evidence is.
    assert!(statements["facts.medical"].contains("\"last_bill\""));
}
