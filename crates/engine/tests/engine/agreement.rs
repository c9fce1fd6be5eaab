//! A case is the population pass with one household in the filter: both must say the same.

use crate::pool::{Member, Pool, RURAL, URBAN, alerts, as_of, fixture, households, read};
use std::collections::{BTreeMap, BTreeSet};
use tuodi_engine::{Engine, EngineConfig};
use tuodi_pack::{Answer, CheckResult, Evaluate, HouseholdId, programme::ProgrammeKind};

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

/// Programmes beside the tier, labels, needs, points and level of one household, as lines.
fn passed_beside([benefits, labels, needs, households]: &[Vec<Vec<String>>; 4], id: i64) -> BTreeSet<String> {
    let id = id.to_string();
    let of = |rows: &[Vec<String>]| rows.iter().filter(|r| r[0] == id).cloned().collect::<Vec<_>>();
    let benefits = of(benefits).into_iter().map(|r| format!("{} {} {} {}", r[2], r[1], r[3], r[4]));
    let named = of(labels).into_iter().chain(of(needs)).map(|r| r[1].clone());
    let whole = of(households).into_iter().map(|r| format!("{} points, {} by {}", r[5], r[6], r[7]));
    benefits.chain(named).chain(whole).collect()
}

fn checked_beside(checked: &CheckResult) -> BTreeSet<String> {
    let held = checked.beside_tiers().filter(|p| p.answer == Answer::Holds);
    let benefits = held.map(|p| {
        let person = p.person_id.map_or_else(String::new, |p| p.to_string());
        let pays = if p.monthly.is_some() { p.per.word() } else { "" };
        format!("{} {person} {} {pays}", p.programme, p.monthly.map_or(0, |f| f.0))
    });
    let named = checked.labels.iter().map(|l| l.label.clone()).chain(checked.needs.iter().map(|n| n.service.clone()));
    let (level, by) = (checked.level.clone().unwrap_or_default(), checked.decided_by.clone().unwrap_or_default());
    benefits.chain(named).chain([format!("{} points, {level} by {by}", checked.points)]).collect()
}

#[tokio::test]
async fn pass_and_check_agree_about_every_household() {
    let (engine, dir) = district().engine();
    let result = engine.pass(as_of(), dir.path()).await.unwrap();
    assert_eq!(result.households, 500);
    let passed = households(&dir.path().join("households.parquet"));
    let raised = alerts(&dir.path().join("alerts.parquet"));
    assert_eq!(result.alerts as usize, raised.len());
    let file = |name: &str| read(&dir.path().join(name)).1;
    let beside = [file("benefits.parquet"), file("labels.parquet"), file("needs.parquet"), file("households.parquet")];
    for (id, row) in &passed {
        let checked = engine.check(HouseholdId(*id), as_of(), &[]).await.unwrap();
        let unknown: Vec<&str> = checked
            .programmes
            .iter()
            .filter(|p| p.answer == Answer::Unknown && p.kind == ProgrammeKind::Tier)
            .map(|p| p.programme.as_str())
            .collect();
        let found = (checked.tier.as_str(), checked.monthly.0, checked.income_pc.map(|f| f.0), unknown.join(","));
        assert_eq!(found, (row.tier.as_str(), row.monthly, row.income, row.unknown.clone()), "household {id}");
        let in_pass: BTreeMap<_, _> = raised.iter().filter(|(key, _)| key.0 == *id).collect();
        let in_check: BTreeSet<_> =
            checked.alerts.iter().map(|a| (*id, a.indicator.clone(), a.person_id.map(|p| p.0))).collect();
        assert_eq!(in_pass.keys().map(|k| (*k).clone()).collect::<BTreeSet<_>>(), in_check, "household {id}");
        assert_eq!(passed_beside(&beside, *id), checked_beside(&checked), "household {id}");
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
    for (what, found) in [("benefits", &result.benefits), ("labels", &result.labels), ("needs", &result.needs)] {
        assert!(found.values().any(|n| *n > 0), "no {what}: {found:?}");
    }
    for indicator in ["M001", "M002", "M003", "M004", "M005"] {
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
        seen.push(
            ["households", "alerts", "benefits", "labels", "needs"]
                .map(|name| format!("{name}.parquet"))
                .map(|file| read(&out.join(file)).1),
        );
    }
    assert!(seen[0] == seen[1], "rows or their order differ");
}

#[tokio::test]
async fn a_household_is_told_the_same_whether_rows_are_kept_or_read_from_their_files_each_time() {
    let dir = tempfile::tempdir().unwrap();
    let files = district().write(dir.path());
    // With room for no row group, for some, and for all of them.
    let engines = [0, 50_000, 1 << 30].map(|kept_bytes| {
        let config = EngineConfig { kept_bytes, ..EngineConfig::default() };
        Engine::with_config(fixture(), files.clone(), config).unwrap()
    });
    for id in (1..=500).step_by(7).map(HouseholdId) {
        let mut told = Vec::new();
        for engine in &engines {
            told.push(engine.check(id, as_of(), &[]).await.unwrap());
        }
        assert!(!told[0].rows.is_empty(), "household {id:?}");
        assert!(told[0] == told[1] && told[1] == told[2], "household {id:?}");
    }
}

#[tokio::test]
async fn statements_are_shown_as_they_run_with_parameters_put_in() {
    let (engine, dir) = district().engine();
    let statements: BTreeMap<String, String> = engine.script(as_of(), dir.path()).unwrap().into_iter().collect();
    assert!(statements["source.medical_settlement"].contains("read_parquet(['source=DS09/batch=bills-1.parquet', "));
    assert!(statements["facts.person"].contains("DATE '2026-09-01'"));
    let found: String = statements.iter().filter(|(n, _)| n.starts_with("findings.")).map(|(_, s)| &s[..]).collect();
    assert!(found.contains("WHEN '990121000000' THEN 84000") && found.contains("household_oop_12m >= 50000"));
    assert!(found.contains("CREATE TABLE alerts") && found.contains("CREATE TABLE households"));
    assert!(statements.values().all(|sql| !sql.contains('$')));
    // A fact that nobody reads is not computed; one that is read as evidence is.
    assert!(statements["facts.medical"].contains("\"last_bill\""));
}
