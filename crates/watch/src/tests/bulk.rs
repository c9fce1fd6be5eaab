//! A whole district at once.

use super::*;
use tuodi_store::journal;
use tuodi_testing::each_store;

/// Ten thousand households with two findings each.
fn many(d: &District, measure: i64) -> Vec<NewAlert> {
    (0..10_000).flat_map(|i| ["M001", "M002"].map(|id| at(d, HouseholdId(10_000 + i), VILLAGE, id, measure))).collect()
}

#[tokio::test]
async fn twenty_thousand_findings_are_raised_appended_and_rewritten_in_sets() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        let first = raise_on(&d, "r1", many(&d, 5_000_000), thursday()).await;
        assert_eq!((first.new, first.tasks, first.appended), (20_000, 10_000, 0));
        let same = raise_on(&d, "r2", many(&d, 5_000_000), friday()).await;
        assert_eq!((same.new, same.tasks, same.appended), (0, 0, 20_000));
        assert_eq!(number(&d.store, "alert_evidence").await, 0, "the same again is nothing to keep");
        let other = raise_on(&d, "r3", many(&d, 5_100_000), friday()).await;
        assert_eq!((other.new, other.tasks, other.appended), (0, 0, 20_000));
        assert_eq!(number(&d.store, "alert WHERE appended = 1").await, 20_000);
        assert_eq!(number(&d.store, "alert_evidence").await, 20_000);
        assert_eq!(number(&d.store, "watch_task WHERE is_open AND alerts = 2").await, 10_000);
        journal::verify(&d.store).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn one_household_may_have_more_findings_than_a_statement_has_room_for() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        let of = |person: i64| NewAlert { person_id: Some(tuodi_pack::PersonId(person)), ..alert(&d, "M003", 1) };
        let raised = raise_on(&d, "r1", (0..3_000).map(of).collect(), thursday()).await;
        assert_eq!((raised.new, raised.tasks), (3_000, 1));
        assert_eq!(only_task(&d, thursday()).await.indicators, ["M003"]);
    })
    .await;
}
