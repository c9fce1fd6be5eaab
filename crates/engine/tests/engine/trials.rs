//! Trials against full passes over the same district: what a trial says would change is what two passes differ in.

use crate::{
    district::snapshot,
    pool::{as_of, households},
    qingyan::qingyan,
};
use std::{collections::BTreeMap, sync::Arc};
use tuodi_engine::{Engine, PassResult};
use tuodi_pack::{
    Pack, Setting,
    programme::{Per, ProgrammeKind},
    trial::{LEAST, Scenario},
};

fn scenario(pack: &Pack, texts: &[&str]) -> Scenario {
    let settings = texts.iter().map(|text| Setting::parse(pack, text).unwrap()).collect();
    Scenario { name: texts.join(" "), settings }
}

/// Fen a year that a pass gives, by programme; the tiers' from what each household has.
fn yearly(pack: &Pack, result: &PassResult, tiers: &BTreeMap<i64, (String, i64)>) -> BTreeMap<String, i64> {
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for (tier, monthly) in tiers.values() {
        *sums.entry(tier.clone()).or_default() += monthly * 12;
    }
    for (id, amount) in &result.amounts {
        let programme = pack.programme(id).unwrap();
        if programme.kind == ProgrammeKind::Measure {
            continue;
        }
        let times = match programme.amount.as_ref().map(|a| a.per) {
            Some(Per::Month) => 12,
            Some(Per::Week) => 52,
            _ => 1,
        };
        sums.insert(id.clone(), amount * times);
    }
    sums.remove("none");
    sums
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_says_what_two_full_passes_differ_in() {
    let pack = qingyan();
    let dir = tempfile::tempdir().unwrap();
    let files = snapshot(&pack, dir.path(), 6_000);
    let engine = Engine::new(pack.clone(), files.clone()).unwrap();
    let tried = scenario(&pack, &["dibao_standard.urban=2500", "edge_multiplier=170%"]);
    let changed = Arc::new(pack.with_settings(&tried.settings, as_of()));
    let mut passes = Vec::new();
    for (name, engine) in [("before", engine.clone()), ("after", Engine::new(changed, files).unwrap())] {
        let out = dir.path().join(name);
        let result = engine.pass(as_of(), &out).await.unwrap();
        let found = households(&out.join("households.parquet"));
        let tiers: BTreeMap<i64, (String, i64)> =
            found.into_iter().map(|(id, row)| (id, (row.tier, row.monthly))).collect();
        passes.push((result, tiers));
    }
    let [(before, tiers_before), (after, tiers_after)] = passes.as_slice() else { unreachable!() };

    let trials = engine.trials(as_of()).await.unwrap();
    let trial = trials.simulate(&[tried]).await.unwrap();
    let outcome = &trial.outcomes[0];
    assert_eq!((trial.people, trial.households), (before.people, before.households));
    assert!(trial.ms.groups_again > 0 && trial.ms.groups_again < trial.ms.groups, "{:?}", trial.ms);

    let (old, new) = (yearly(&pack, before, tiers_before), yearly(&pack, after, tiers_after));
    assert_eq!(trial.year, Some(old.values().sum()), "{old:?}");
    assert_eq!(outcome.total.year_change, Some(new.values().sum::<i64>() - old.values().sum::<i64>()));
    let mut told = 0;
    for row in &outcome.programmes {
        let of = |sums: &BTreeMap<String, i64>| sums.get(&row.id).copied().unwrap_or(0);
        if let Some(year) = row.year {
            assert_eq!(year, of(&old), "{}", row.id);
        }
        if let Some(change) = row.year_change {
            told += usize::from(change != 0);
            assert_eq!(change, of(&new) - of(&old), "{}", row.id);
        }
    }
    assert!(told > 1, "some programmes change: {:?}", outcome.programmes);

    let mut moves: BTreeMap<(String, String), u64> = BTreeMap::new();
    for (id, (tier, _)) in tiers_before {
        let then = &tiers_after[id].0;
        if then != tier {
            *moves.entry((tier.clone(), then.clone())).or_default() += 1;
        }
    }
    let shown: BTreeMap<(String, String), Option<u64>> =
        outcome.moves.iter().map(|m| ((m.from.clone(), m.to.clone()), m.households)).collect();
    assert_eq!(moves.keys().collect::<Vec<_>>(), shown.keys().collect::<Vec<_>>());
    for (key, n) in &moves {
        assert!(shown[key].is_none_or(|told| told == *n && told >= LEAST), "{key:?}: {n} shown as {:?}", shown[key]);
    }
    let sum = |kind: fn(&str, &str) -> bool| -> u64 {
        moves.iter().filter(|((from, to), _)| kind(from, to)).map(|(_, n)| n).sum()
    };
    let told = |n: u64| (n == 0 || n >= LEAST).then_some(n);
    assert_eq!(outcome.total.enter, told(sum(|from, _| from == "none")));
    assert_eq!(outcome.total.leave, told(sum(|_, to| to == "none")));
    assert_eq!(outcome.total.change_tier, told(sum(|from, to| from != "none" && to != "none")));
    assert!(outcome.total.change_tier.is_some_and(|n| n > 0), "{moves:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_table_of_a_trial_shows_a_group_of_fewer_than_ten_or_lets_it_be_worked_out() {
    let pack = qingyan();
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::new(pack.clone(), snapshot(&pack, dir.path(), 3_000)).unwrap();
    let trials = engine.trials(as_of()).await.unwrap();
    let trial = trials.simulate(&[scenario(&pack, &["dibao_standard_urban=99000"])]).await.unwrap();
    let outcome = &trial.outcomes[0];
    assert!(outcome.tables.len() > 3);
    for table in &outcome.tables {
        assert_eq!(table.rows.iter().map(|r| r.households).sum::<u64>(), trial.households, "{}", table.id);
        for row in &table.rows {
            let counts = [Some(row.households), row.helped, row.gain, row.lose, row.enter, row.leave, row.change_tier];
            assert!(counts.iter().flatten().all(|n| *n == 0 || *n >= LEAST), "{} {row:?}", table.id);
        }
        let gains: Vec<_> = table.rows.iter().map(|r| r.gain).collect();
        if let Some(total) = outcome.total.gain {
            let rest = total - gains.iter().flatten().sum::<u64>();
            assert!(rest == 0 || rest >= LEAST, "{}: the hidden ones come to {rest}", table.id);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cliffs_show_where_dibao_ends_and_what_goes_with_it() {
    let pack = qingyan();
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::new(pack.clone(), snapshot(&pack, dir.path(), 3_000)).unwrap();
    let cliffs = engine.trials(as_of()).await.unwrap().cliffs().await.unwrap();
    let standard = pack.parameters.value("dibao_standard_urban", &pack.info.jurisdiction, as_of()).unwrap();
    let curve = cliffs.curves.iter().find(|c| c.id == "urban_two").unwrap();
    assert_eq!(curve.persons, 2);
    let drop = curve.drops.iter().find(|d| d.tier_before == "dibao").unwrap();
    assert_eq!(drop.after, 2 * standard, "at the line a household is no longer below it");
    assert!(drop.worse_off > 0 && drop.lost.contains(&"dibao".to_owned()), "{drop:?}");
    assert!(drop.even_at.is_some_and(|even| even > drop.after));
    assert!(curve.points.is_sorted_by_key(|p| p.income));
    assert!(!cliffs.lines.is_empty() && !cliffs.gaps.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_measures_of_a_district_agree_with_each_other() {
    let pack = qingyan();
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::new(pack.clone(), snapshot(&pack, dir.path(), 6_000)).unwrap();
    let poverty = engine.poverty(as_of()).await.unwrap().unwrap();
    assert!(poverty.assessed_households > 0 && poverty.assessed_households < poverty.households);
    assert!(poverty.oldest.is_some_and(|day| day <= as_of() && day > as_of() - chrono::Months::new(12)));
    for measured in poverty.by_people.iter().chain(&poverty.by_households) {
        let (Some(h), Some(a), Some(m0)) = (measured.total.incidence, measured.total.intensity, measured.total.m0)
        else {
            continue;
        };
        assert!(m0.abs_diff(h * a / 1_000_000) <= 1, "M0 = H × A at k = {}: {m0} {h} {a}", measured.k);
        // Each figure is rounded by itself: a millionth for each.
        if measured.items.iter().all(|i| i.contribution.is_some()) {
            let items: u64 = measured.items.iter().filter_map(|i| i.contribution).sum();
            assert!(items.abs_diff(1_000_000) <= 40, "{items}");
        }
        for table in measured.tables.iter().filter(|t| t.rows.iter().all(|r| r.contribution.is_some())) {
            let shares: u64 = table.rows.iter().filter_map(|r| r.contribution).sum();
            assert!(shares.abs_diff(1_000_000) <= 20, "{} at {}: {shares}", table.id, measured.k);
            let assessed: u64 = table.rows.iter().map(|r| r.assessed).sum();
            assert_eq!(assessed, measured.total.assessed);
        }
    }
}
