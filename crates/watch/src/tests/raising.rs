//! What makes an alert, what is suppressed, what makes a visit and how urgent it is.

use super::*;
use crate::task;
use tuodi_pack::{
    PersonId,
    indicator::{Level, Severity},
};
use tuodi_testing::each_store;

#[tokio::test]
async fn one_visit_takes_the_earliest_due_day_and_the_most_severe_level() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        // Blue with ten days, yellow with five, orange with three: one visit of 2026-09-03, due on 09-08 (case 10).
        let mut disabled = alert(&d, "M003", 1);
        disabled.person_id = Some(d.mother);
        let mut elder = alert(&d, "M034", 80);
        elder.person_id = Some(d.father);
        let raised = raise_on(&d, "r1", vec![elder, disabled, alert(&d, "M001", 5_230_000)], thursday()).await;
        assert_eq!((raised.new, raised.tasks), (3, 1));
        let row = only_task(&d, thursday()).await;
        assert_eq!((row.created_on, row.due_on), (thursday(), day(2026, 9, 8)));
        assert_eq!((row.severity, row.level), (Severity::Orange, Level::Village));
        assert_eq!(row.indicators, ["M001", "M003", "M034"], "most severe first");
    })
    .await;
}

#[tokio::test]
async fn of_two_equally_urgent_alerts_the_higher_level_goes() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        // Both have ten days; M071 is the township's, M034 the village's.
        raise_on(&d, "r1", vec![alert(&d, "M034", 80), alert(&d, "M071", 1)], thursday()).await;
        assert_eq!(only_task(&d, thursday()).await.level, Level::Township);
    })
    .await;
}

#[tokio::test]
async fn what_comes_while_a_visit_is_open_makes_it_more_urgent_and_never_less() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M003", 1)], thursday()).await;
        assert_eq!(only_task(&d, thursday()).await.due_on, day(2026, 9, 10));
        let raised = raise_on(&d, "r2", vec![alert(&d, "M010", 1)], thursday()).await;
        assert_eq!((raised.new, raised.tasks), (1, 0), "it joins the open visit");
        let urgent = only_task(&d, thursday()).await;
        assert_eq!((urgent.severity, urgent.due_on), (Severity::Red, day(2026, 9, 8)));
        assert_eq!(urgent.indicators, ["M010", "M003"]);
        raise_on(&d, "r3", vec![alert(&d, "M034", 80)], friday()).await;
        let still = only_task(&d, friday()).await;
        assert_eq!((still.severity, still.due_on, still.level), (urgent.severity, urgent.due_on, urgent.level));
        assert_eq!(still.indicators, ["M010", "M003", "M034"]);
        assert!(still.version > urgent.version, "whoever has the old page open is told that it changed");
    })
    .await;
}

#[tokio::test]
async fn new_evidence_of_an_open_alert_is_kept_beside_what_it_was_raised_on() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        for (id, measure, on) in [("r1", 5_000_000, 3), ("r2", 5_500_000, 4), ("r3", 5_600_000, 5)] {
            let raised = raise_on(&d, id, vec![alert(&d, "M001", measure)], day(2026, 9, on)).await;
            assert_eq!(raised.tasks, u64::from(on == 3), "one visit however often it is found (boundary b18)");
        }
        let officer = d.officer(day(2026, 9, 5));
        let view = task(&officer, only_task(&d, friday()).await.id, "handling").await.unwrap();
        let alert = &view.alerts[0];
        assert_eq!((view.alerts.len(), alert.appended), (1, 2));
        assert_eq!(alert.evidence.as_ref().unwrap()["household_oop_12m"], 5_600_000);
        let earlier: Vec<i64> = alert.earlier.iter().map(|e| e["household_oop_12m"].as_i64().unwrap()).collect();
        assert_eq!(earlier, [5_000_000, 5_500_000]);
    })
    .await;
}

#[tokio::test]
async fn an_open_alert_that_becomes_more_severe_makes_its_visit_as_urgent() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M003", 1)], thursday()).await;
        let worse = NewAlert { severity: Severity::Red, limit_days: 1, ..alert(&d, "M003", 1) };
        let raised = raise_on(&d, "r2", vec![worse], friday()).await;
        assert_eq!((raised.new, raised.appended, raised.tasks), (0, 1, 0));
        let row = only_task(&d, friday()).await;
        // One working day from Friday is Monday.
        assert_eq!((row.severity, row.due_on), (Severity::Red, day(2026, 9, 7)));
        let view = task(&d.officer(friday()), row.id, "handling").await.unwrap();
        assert_eq!((view.alerts.len(), view.alerts[0].severity), (1, Severity::Red));
    })
    .await;
}

#[tokio::test]
async fn a_closed_alert_comes_back_within_its_cool_down_only_when_it_is_worse() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M003", 1), alert(&d, "M001", 5_000_000)], thursday()).await;
        let row = only_task(&d, thursday()).await;
        let cx = village_officer(&d, friday());
        let outcome = form(&d, OutcomeCode::VerifiedHelped, friday());
        crate::record_outcome(&cx, row.id, row.version, outcome, "").await.unwrap();
        let later = day(2026, 9, 10);
        let again = vec![alert(&d, "M003", 1), alert(&d, "M001", 5_999_999)];
        let raised = raise_on(&d, "r2", again, later).await;
        assert_eq!((raised.new, raised.suppressed, raised.tasks), (0, 2, 0));
        // Less than before is no reason either.
        assert_eq!(raise_on(&d, "r3", vec![alert(&d, "M001", 1)], later).await.suppressed, 1);
        // A fifth more (boundary b19 has a quarter), or a severer finding, is.
        let worse = NewAlert { severity: Severity::Orange, ..alert(&d, "M003", 1) };
        let raised = raise_on(&d, "r4", vec![worse, alert(&d, "M001", 6_000_000)], later).await;
        assert_eq!((raised.new, raised.suppressed, raised.tasks), (2, 0, 1));
    })
    .await;
}

#[tokio::test]
async fn two_members_are_two_subjects_of_one_indicator() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        let of = |person: PersonId| NewAlert { person_id: Some(person), ..alert(&d, "M003", 1) };
        let raised = raise_on(&d, "r1", vec![of(d.father), of(d.mother), of(d.father)], thursday()).await;
        assert_eq!((raised.new, raised.tasks), (2, 1));
        assert_eq!(only_task(&d, thursday()).await.indicators, ["M003"], "one reason on the list");
    })
    .await;
}

#[tokio::test]
async fn found_twice_in_one_run_the_most_severe_counts() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        let mild = NewAlert { severity: Severity::Yellow, ..alert(&d, "M001", 2_000_000) };
        let raised = raise_on(&d, "r1", vec![mild, alert(&d, "M001", 5_000_000)], thursday()).await;
        assert_eq!(raised.new, 1);
        assert_eq!(only_task(&d, thursday()).await.severity, Severity::Orange);
    })
    .await;
}

#[tokio::test]
async fn points_wait_in_the_pool_and_join_nothing_while_they_are_few() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        // All score indicators of the pack together stay below 60.
        let scores = ["M037", "M044", "M049", "M051"];
        let few = || scores.iter().map(|id| alert(&d, id, 3)).collect::<Vec<_>>();
        let raised = raise_on(&d, "r1", few(), thursday()).await;
        assert_eq!((raised.new, raised.pooled, raised.tasks), (4, 4, 0));
        assert!(open_tasks(&d, thursday()).await.is_empty());
        // A visit for another reason leaves them in the pool.
        raise_on(&d, "r2", vec![alert(&d, "M001", 5_000_000)], friday()).await;
        let view = task(&d.officer(friday()), only_task(&d, friday()).await.id, "handling").await.unwrap();
        assert_eq!(view.alerts.len(), 1);
        assert_eq!(raise_on(&d, "r3", few(), friday()).await.appended, 4);
    })
    .await;
}

#[tokio::test]
async fn points_that_no_pass_has_seen_for_a_month_no_longer_count() {
    each_store(all_migrations, async |store| {
        let mut d = district(store).await;
        let mut pack = (*d.pack).clone();
        for indicator in &mut pack.indicators {
            indicator.points *= 3;
        }
        d.pack = std::sync::Arc::new(pack);
        raise_on(&d, "r1", vec![alert(&d, "M037", 3)], day(2026, 7, 1)).await;
        // 30 of July and 30 of September do not add up; 30 of August and 30 of September do.
        assert_eq!(raise_on(&d, "r2", vec![alert(&d, "M044", 3)], day(2026, 8, 20)).await.tasks, 0);
        assert_eq!(raise_on(&d, "r3", vec![alert(&d, "M051", 1)], day(2026, 9, 3)).await.tasks, 1);
        let row = only_task(&d, thursday()).await;
        assert_eq!(task(&d.officer(thursday()), row.id, "handling").await.unwrap().alerts.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_household_that_no_register_places_is_the_districts_to_find() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![at(&d, d.household, "", "M001", 5_000_000)], thursday()).await;
        let row = only_task(&d, thursday()).await;
        assert_eq!(row.region_code, d.pack.info.jurisdiction);
        let township = d.officer(thursday());
        assert_eq!(tasks(&township, &TaskFilter::default()).await.unwrap().total, 0);
    })
    .await;
}

#[tokio::test]
async fn an_indicator_that_the_pack_does_not_know_raises_nothing_at_all() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        let unknown = NewAlert { indicator: "M999".to_owned(), ..alert(&d, "M001", 1) };
        let run = Run { id: "r1".into(), as_of: thursday(), pack_version: "x".into(), snapshot: "s".into() };
        let alerts = vec![alert(&d, "M001", 5_000_000), unknown];
        let refused = raise(&d.store, &d.pack, &run, alerts, morning(thursday())).await;
        assert!(matches!(refused, Err(crate::WatchError::NoIndicator(id)) if id == "M999"));
        assert_eq!(number(&d.store, "alert").await + number(&d.store, "monitoring_run").await, 0);
    })
    .await;
}
