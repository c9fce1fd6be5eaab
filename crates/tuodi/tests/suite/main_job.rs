//! From departments' files to findings, as a script would do it.

use crate::common::{AS_OF, District, json};
use std::collections::BTreeMap;
use tuodi::adapters::{findings, rows};
use tuodi_pack::{Evaluate, HouseholdId};

/// Rows of a report by source, and that they add up.
fn assert_rows_add_up(report: &serde_json::Value) {
    for outcome in report["outcomes"].as_array().expect("an outcome a file") {
        let n = |key: &str| outcome[key].as_u64().expect("a count");
        assert_eq!(n("rows_read"), n("rows_taken") + n("rows_quarantined"), "{}", outcome["file"]);
        assert!(n("rows_read") > 0, "{}", outcome["file"]);
    }
}

#[test]
fn every_row_of_a_messy_district_is_taken_or_quarantined_and_a_second_intake_changes_nothing() {
    let district = District::new(3_000, 11);
    let first = district.intake();
    assert_rows_add_up(&first);
    assert!(first["rows_quarantined"].as_u64().expect("a count") > 0, "a messy district has broken rows");
    assert_eq!(first["refused"], 0);

    let second = district.intake();
    assert_eq!(second["already_taken"], first["files"]);
    assert_eq!(second["rows_taken"], 0);

    let list = json(&["quarantine", "list", "--data", &district.data()]);
    let batch = list["batches"][0]["batch"].as_str().expect("a batch").to_owned();
    let out = district.dir.path().join("again.csv");
    json(&[
        "quarantine",
        "export",
        "--data",
        &district.data(),
        "--batch",
        &batch,
        "--out",
        out.to_str().expect("a plain path"),
    ]);
    let text = std::fs::read_to_string(&out).expect("a file in UTF-8");
    assert!(text.lines().count() > 1, "the rows with their reasons: {text}");
}

#[test]
fn a_dry_run_says_what_would_be_taken_and_takes_nothing() {
    let district = District::new(3_000, 3);
    let dry = json(&["intake", &district.files(), "--data", &district.data(), "--as-of", AS_OF, "--dry-run"]);
    assert_rows_add_up(&dry);
    let real = district.intake();
    assert_eq!(dry["rows_taken"], real["rows_taken"]);
    assert_eq!(real["already_taken"], 0);
}

#[test]
fn planted_alerts_are_found_and_no_others_in_three_districts() {
    for seed in [1, 2, 3] {
        let district = District::new(3_000, seed);
        district.intake();
        district.pass();
        let truth = format!("{}/truth", district.files());
        let figures = json(&["compare", "--data", &district.data(), "--truth", &truth]);
        assert_eq!(figures["precision"], 1.0, "seed {seed}: {figures}");
        assert_eq!(figures["recall"], 1.0, "seed {seed}: {figures}");
        let indicators = figures["indicators"].as_array().expect("figures an indicator");
        let tiers = &figures["tiers"];
        assert!(tiers["expected"].as_u64().expect("a count") >= 20, "{tiers}");
        assert_eq!(tiers["right"], tiers["expected"], "seed {seed}: {tiers}");
        assert_eq!(indicators.len(), 75, "every indicator of the pack is planted");
        for figure in indicators {
            assert!(figure["expected"].as_u64().expect("a count") > 0, "seed {seed}: the truth plants {figure}");
        }
    }
}

#[test]
fn of_so_many_subsidy_recipients_exactly_those_on_two_rosters_are_found() {
    let options = ["--subsidy-recipients", "1000", "--overlaps", "7"];
    let district = District::with(3_000, 4, &options);
    district.intake();
    district.pass();
    let truth = format!("{}/truth", district.files());
    let figures = json(&["compare", "--data", &district.data(), "--truth", &truth]);
    let of = |id: &str| {
        let all = figures["indicators"].as_array().expect("figures an indicator");
        all.iter().find(|i| i["indicator"] == id).expect("the indicator is in the truth").clone()
    };
    let overlaps = of("M057");
    assert_eq!((&overlaps["expected"], &overlaps["found"], &overlaps["both"]), (&7.into(), &7.into(), &7.into()));
    assert_eq!((&figures["precision"], &figures["recall"]), (&1.0.into(), &1.0.into()), "{figures}");

    let refused = crate::common::refused(&[
        "synth",
        "--out",
        &format!("{}-2", district.files()),
        "--people",
        "3000",
        "--subsidy-recipients",
        "5",
    ]);
    assert!(refused.contains("5 people"), "{refused}");
}

#[test]
fn the_check_of_500_households_gives_the_answers_of_the_pass() {
    let district = District::new(3_000, 5);
    district.intake();
    district.pass();
    let out = district.dir.path().join("out");
    let mut households = Vec::new();
    rows::each_row(&out.join("households.parquet"), &["household_id", "tier", "monthly_fen", "income_pc_fen"], |row| {
        households.push((
            row.int(0).expect("an id"),
            row.text(1).expect("a tier").to_owned(),
            row.int(2).expect("an amount"),
            row.int(3),
        ));
    })
    .expect("the pass wrote households");
    let mut alerts: BTreeMap<i64, Vec<(String, Option<i64>)>> = BTreeMap::new();
    for alert in findings::alerts(&out).expect("the pass wrote alerts") {
        alerts.entry(alert.household_id).or_default().push((alert.indicator, alert.person_id));
    }
    assert!(households.len() >= 500);
    // Every household with an alert or a tier first, then evenly over the rest: the interesting ones are rare.
    households.sort_by_key(|h| (h.1 == "none" && !alerts.contains_key(&h.0), h.0.wrapping_mul(0x9E37_79B9) & 0xFFFF));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .thread_stack_size(32 << 20)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let installation = tuodi::installation::Installation::open(district.dir.path().join("data").as_ref())
            .expect("an installation");
        let engine = tuodi::adapters::snapshot::engine(&installation).expect("an engine");
        let as_of = AS_OF.parse().expect("a date");
        for (id, tier, monthly, income_pc) in households.into_iter().take(500) {
            let check = engine.check(HouseholdId(id), as_of, &[]).await.expect("a check");
            assert_eq!(check.tier, tier, "household {id}");
            assert_eq!(check.monthly.0, monthly, "household {id}");
            assert_eq!(check.income_pc.map(|f| f.0), income_pc, "household {id}");
            let mut said: Vec<_> =
                check.alerts.iter().map(|a| (a.indicator.clone(), a.person_id.map(|p| p.0))).collect();
            let mut stored = alerts.remove(&id).unwrap_or_default();
            said.sort();
            stored.sort();
            assert_eq!(said, stored, "household {id}");
        }
    });
}

#[test]
fn the_same_seed_gives_the_same_findings_and_the_journal_holds() {
    let one = District::new(3_000, 8);
    let two = District::new(3_000, 8);
    let (a, b) = (one.intake(), two.intake());
    assert_eq!(a["rows_taken"], b["rows_taken"]);
    let (a, b) = (one.pass(), two.pass());
    assert_eq!(a["tiers"], b["tiers"]);
    assert_eq!(a["alerts"], b["alerts"]);
    let again = one.pass();
    assert_eq!(again["raised"]["new"], 0, "a second pass repeats no open alert: {again}");
    let verified = json(&["journal", "verify", "--data", &one.data()]);
    assert_eq!(verified["ok"], true);
    assert!(verified["entries"].as_u64().expect("a count") > 0);
}
