//! What goes back to the pool besides declarations: assessments and the steps of cases, on each database.

use crate::common::*;
use serde_json::Value;
use tuodi_casework::{Proposal, QueueFilter};
use tuodi_pack::{OverlayRow, source::ColumnType};
use tuodi_testing::each_store;

/// The columns of the rows of one source, as text; null where nothing is known.
fn column(rows: &[OverlayRow], source: &str, name: &str) -> Vec<String> {
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    rows.iter().filter(|r| r.source == source).map(|r| text(&r.values[name])).collect()
}

/// Every row has the columns, kinds and codes of its contract: the pool takes it as it is.
fn assert_fits(d: &District, rows: &[OverlayRow]) {
    for row in rows {
        let source = d.pack.sources.iter().find(|s| s.id == row.source).expect("the pack has the source");
        for column in &source.columns {
            let name = column.pool_name().expect("every column goes to the pool");
            let value = row.values.get(&name).unwrap_or(&Value::Null);
            let fits = match column.kind {
                _ if value.is_null() => column.null,
                ColumnType::Enum => column.codes.contains_key(value.as_str().unwrap_or_default()),
                ColumnType::Date => value.as_str().is_some_and(|v| v.parse::<chrono::NaiveDate>().is_ok()),
                ColumnType::Token | ColumnType::Code => value.is_string(),
                _ => value.is_i64(),
            };
            assert!(fits, "{} {name}: {value}", source.id);
        }
        for name in row.values.keys() {
            let known = source.columns.iter().any(|c| c.pool_name().as_deref() == Some(name));
            assert!(known, "{} has no column {name}", source.id);
        }
    }
}

#[tokio::test]
async fn a_visit_with_answers_is_an_assessment_of_the_pool_and_one_without_is_none() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine::dibao();
        let case = d.accepted().await;
        let officer = d.officer(day(2026, 7, 8));
        tuodi_casework::run_check(&officer, &engine, &case, d.version(&case).await).await.unwrap();
        tuodi_casework::record_visit(&officer, &engine, &case, d.version(&case).await, d.visit(day(2026, 7, 8)))
            .await
            .unwrap();
        assert!(tuodi_casework::assessment_rows(&d.store, &d.pack.assessment).await.unwrap().is_empty());

        let mut visit = d.visit(day(2026, 7, 9));
        let worst = |item: &str| {
            let choices = &d.pack.assessment.item(item).unwrap().choices;
            (item.to_owned(), choices.iter().max_by_key(|c| c.score).unwrap().id.clone())
        };
        visit.answers = [worst("D1.1.1"), worst("D4.3.2")].into();
        let expected = d.pack.assessment.score(&visit.answers).unwrap();
        let officer = d.officer(day(2026, 7, 9));
        tuodi_casework::record_visit(&officer, &engine, &case, d.version(&case).await, visit).await.unwrap();
        let rows = tuodi_casework::assessment_rows(&d.store, &d.pack.assessment).await.unwrap();
        assert_fits(&d, &rows);
        assert_eq!(column(&rows, "PF03", "score_low"), [expected.low.to_string()]);
        // Weights of the two items, 30 and 20 of 1000: 5.000 points where both are worst, and both are deprivations.
        assert_eq!((column(&rows, "PF03", "deprivation"), expected.low), (vec!["50".to_owned()], 5_000));
        assert_eq!(column(&rows, "PF03", "assessed_on"), ["2026-07-09"]);
        assert_eq!(column(&rows, "PF04", "item"), ["D1.1.1", "D4.3.2"]);
        assert_eq!(column(&rows, "PF04", "score"), ["100", "100"]);
        assert!(rows.iter().all(|r| r.values["household_id"] == d.household.0));
    })
    .await;
}

#[tokio::test]
async fn steps_of_a_case_follow_one_another_to_the_decision() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.confirming(&Engine::dibao()).await;
        let refused = Proposal::Refuse { reason_code: tuodi_casework::REFUSAL_CODES[0].0.to_owned() };
        tuodi_casework::decide(&d.reviewer(day(2026, 8, 3)), &case, d.version(&case).await, refused, "不符合", "d")
            .await
            .unwrap();
        let rows = tuodi_casework::step_rows(&d.store, &d.pack).await.unwrap();
        assert_fits(&d, &rows);
        let steps = column(&rows, "PF06", "step");
        assert_eq!(steps.last().map(String::as_str), Some("confirming"), "{steps:?}");
        let outcomes = column(&rows, "PF06", "outcome");
        assert_eq!(outcomes.last().map(String::as_str), Some("refused"));
        assert!(outcomes[..outcomes.len() - 1].iter().all(|o| o == "passed"), "{outcomes:?}");
        let (from, to) = (column(&rows, "PF06", "started_on"), column(&rows, "PF06", "ended_on"));
        assert_eq!(from[1..], to[..to.len() - 1], "each step begins when the one before ends");
        assert_eq!(to.last().map(String::as_str), Some("2026-08-03"));
        let confirming = rows.iter().find(|r| r.values["step"] == "confirming").unwrap();
        // Sat 2026-07-18 and ten working days (DB57 art. 20).
        assert_eq!(confirming.values["due_on"], "2026-07-31", "the decision came late, and the row says so");
        assert!(
            rows.iter().all(|r| r.values["case_no"] != case.0.as_str()),
            "the number itself stays outside the pool"
        );
    })
    .await;
}

#[tokio::test]
async fn a_running_step_has_no_end_and_a_withdrawn_case_says_so_and_a_draft_has_no_steps() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let citizen = d.citizen(day(2026, 7, 6));
        tuodi_casework::open_draft(&citizen, d.father).await.unwrap();
        assert!(tuodi_casework::step_rows(&d.store, &d.pack).await.unwrap().is_empty());
        let case = d.accepted().await;
        let rows = tuodi_casework::step_rows(&d.store, &d.pack).await.unwrap();
        assert_fits(&d, &rows);
        let running: Vec<_> = rows.iter().filter(|r| r.values["ended_on"].is_null()).collect();
        assert_eq!(running.len(), 1);
        assert_eq!(
            (&running[0].values["step"], &running[0].values["due_on"]),
            (&"accepted".into(), &"2026-07-09".into())
        );
        assert!(running[0].values["outcome"].is_null());
        let citizen = d.citizen(day(2026, 7, 7));
        tuodi_casework::terminate(&citizen, &case, d.version(&case).await, "withdrawn", "", "w").await.unwrap();
        let rows = tuodi_casework::step_rows(&d.store, &d.pack).await.unwrap();
        assert_eq!(column(&rows, "PF06", "outcome").last().map(String::as_str), Some("withdrawn"));
        assert!(rows.iter().all(|r| !r.values["ended_on"].is_null()));
        assert_eq!(
            tuodi_casework::queue(&d.reviewer(day(2026, 7, 8)), &QueueFilter::default()).await.unwrap().total,
            0
        );
    })
    .await;
}
