//! Sources that contradict each other: who may rule which value is used, for how long, and how it goes back; on each
//! database.

use crate::common::*;
use serde_json::Value;
use tuodi_access::{DeniedWhy, Role};
use tuodi_casework::{
    CaseError, Channel, Cx,
    rulings::{self, NewRuling, Said, end_ruling, make_ruling, ruling_rows, ruling_rows_of, rulings_of},
};
use tuodi_pack::{FactValue, Fen};
use tuodi_store::journal;
use tuodi_testing::each_store;

fn steward(d: &District, date: chrono::NaiveDate) -> Cx {
    d.cx(actor(Role::DataSteward, "d-steward", COUNTY), Channel::System, date)
}

fn wage(d: &District, until: chrono::NaiveDate) -> NewRuling {
    NewRuling {
        household: d.household,
        person: d.father,
        item: "wage".to_owned(),
        said: Said::Money(Fen(180_000)),
        reason: "工资条和银行流水".to_owned(),
        until,
    }
}

#[tokio::test]
async fn a_ruling_reaches_the_pool_and_every_check_until_it_is_taken_back() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let cx = steward(&d, day(2026, 7, 8));
        let id = make_ruling(&cx, wage(&d, day(2026, 12, 31)), "k1").await.unwrap();
        assert_eq!(make_ruling(&cx, wage(&d, day(2026, 12, 31)), "k1").await.unwrap(), id, "sent twice, made once");

        let rows = ruling_rows(&d.store, &d.pack).await.unwrap();
        let [row] = &rows[..] else { panic!("one ruling, one row: {rows:?}") };
        let source = d.pack.source(&row.source).unwrap();
        let names: Vec<String> = source.columns.iter().filter_map(|c| c.pool_name()).collect();
        assert!(row.values.keys().all(|name| names.contains(name)), "{row:?}");
        assert_eq!((&row.values["amount"], &row.values["until"]), (&Value::from(180_000), &Value::from("2026-12-31")));
        assert_eq!(ruling_rows_of(&d.store, &d.pack, d.household).await.unwrap(), rows);

        // A case's own check reads it beside what was declared, and keeps it with the report.
        let case = d.accepted().await;
        let engine = Engine::dibao();
        let officer = d.officer(day(2026, 7, 9));
        tuodi_casework::run_check(&officer, &engine, &case, d.version(&case).await).await.unwrap();
        let asked = engine.asked.lock().unwrap().clone();
        assert!(asked.iter().all(|overlay| overlay.contains(row)), "{asked:?}");
        let reports = tuodi_casework::reports(&d.store, &case).await.unwrap();
        assert!(reports[0].added.as_ref().unwrap().contains(row), "a report can be made again with it");

        let later = steward(&d, day(2026, 8, 1));
        assert!(matches!(end_ruling(&later, id, "  ", "").await, Err(CaseError::Invalid(_))), "not without a reason");
        assert_eq!(end_ruling(&later, id, "税务更正了", "").await.unwrap(), d.household);
        assert!(matches!(end_ruling(&later, id, "再来一次", "").await, Err(CaseError::Invalid(_))), "only once");
        let rows = ruling_rows(&d.store, &d.pack).await.unwrap();
        assert_eq!(rows[0].values["ended_on"], Value::from("2026-08-01"), "what held in July stays to be seen");
        let seen = rulings_of(&d.store, d.household).await.unwrap();
        assert!(seen[0].holds_on(day(2026, 7, 31)) && !seen[0].holds_on(day(2026, 8, 1)));
        assert!(rulings::in_force(&d.store, day(2026, 8, 1)).await.unwrap().is_empty());

        let acts: Vec<String> = journal::latest(&d.store, 20, 0).await.unwrap().into_iter().map(|e| e.act).collect();
        assert!(acts.iter().any(|a| a == "ruling.make") && acts.iter().any(|a| a == "ruling.end"), "{acts:?}");
    })
    .await;
}

#[tokio::test]
async fn a_later_ruling_ends_the_earlier_one() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let first = make_ruling(&steward(&d, day(2026, 7, 8)), wage(&d, day(2026, 12, 31)), "").await.unwrap();
        let again = NewRuling { said: Said::Money(Fen(90_000)), ..wage(&d, day(2026, 9, 30)) };
        let second = make_ruling(&steward(&d, day(2026, 7, 20)), again, "").await.unwrap();
        let seen = rulings_of(&d.store, d.household).await.unwrap();
        let holding: Vec<i64> = seen.iter().filter(|r| r.holds_on(day(2026, 7, 20))).map(|r| r.id).collect();
        assert_eq!(holding, [second]);
        assert!(seen.iter().any(|r| r.id == first && r.holds_on(day(2026, 7, 19))), "of its days it stays true");
    })
    .await;
}

#[tokio::test]
async fn only_those_whom_pack_and_policies_name_rule_with_a_reason_and_for_a_time() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let today = day(2026, 7, 8);
        let refused = |result: Result<i64, CaseError>| match result {
            Err(CaseError::Denied(denied)) => denied.why,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(make_ruling(&d.officer(today), wage(&d, day(2026, 8, 1)), "").await), DeniedWhy::Role);
        let elsewhere = d.cx(actor(Role::DataSteward, "o-steward", OTHER_TOWNSHIP), Channel::System, today);
        assert_eq!(refused(make_ruling(&elsewhere, wage(&d, day(2026, 8, 1)), "").await), DeniedWhy::Region);
        assert!(make_ruling(&d.district_officer(today), wage(&d, day(2026, 8, 1)), "").await.is_ok());

        let fields = |result: Result<i64, CaseError>| match result {
            Err(CaseError::Invalid(fields)) => fields.into_iter().map(|f| f.field).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        let cx = steward(&d, today);
        let without = NewRuling { reason: " ".to_owned(), ..wage(&d, day(2026, 8, 1)) };
        assert_eq!(fields(make_ruling(&cx, without, "").await), ["reason"]);
        assert_eq!(fields(make_ruling(&cx, wage(&d, day(2026, 7, 7)), "").await), ["until"]);
        assert_eq!(fields(make_ruling(&cx, wage(&d, day(2027, 7, 8)), "").await), ["until"], "six months at most");
        let odd = NewRuling { said: Said::YesNo(true), ..wage(&d, day(2026, 8, 1)) };
        assert_eq!(fields(make_ruling(&cx, odd, "").await), ["said"]);
        // The register alone says where people live: nobody here rules on it.
        let place = NewRuling { item: "place".to_owned(), ..wage(&d, day(2026, 8, 1)) };
        assert!(matches!(make_ruling(&cx, place, "").await, Err(CaseError::NotFound { .. })));
    })
    .await;
}

#[tokio::test]
async fn a_finding_shows_every_value_with_its_source_and_the_one_in_use() {
    let pack = pack();
    let person = tuodi_pack::PersonId(7);
    let fact = |name: &str, value: &str| FactValue {
        name: name.to_owned(),
        person_id: Some(person),
        value: Some(value.to_owned()),
        unit: "fen/month".to_owned(),
    };
    let mut result: tuodi_pack::CheckResult = serde_json::from_value(serde_json::json!({
        "household_id": 1, "as_of": "2026-07-08", "pack_version": "t", "snapshot": "s", "tier": "none", "monthly": 0,
        "income_pc": null, "programmes": [], "alerts": [], "labels": [], "needs": [], "matters": [], "points": 0,
        "level": null, "decided_by": null, "compared": [], "withheld": [],
        "rows": [{ "source": "DS18", "batch": "b", "row": 1, "person_id": 7, "arrived": "2026-07-02", "values": {} },
                 { "source": "DS18", "batch": "c", "row": 1, "person_id": 8, "arrived": "2026-07-05", "values": {} }],
    }))
    .unwrap();
    result.compared = vec![
        fact("wage_disputed", "true"),
        fact("taxed_wage_month", "520000"),
        fact("declared_wage_month", "180000"),
        fact("wage_counted_month", "520000"),
        fact("life_disputed", "false"),
    ];
    let seen = rulings::disputes(&pack, &result);
    let [wage] = &seen[..] else { panic!("{seen:?}") };
    assert!(wage.differs && !wage.ruled && wage.used.value.as_deref() == Some("520000"));
    let values: Vec<(&str, &str)> = wage.values.iter().map(|v| (v.source.as_str(), v.arrived.as_str())).collect();
    assert_eq!(values, [("DS18", "2026-07-02"), ("PF01", "")], "of this person's rows, in the pack's order");
}
