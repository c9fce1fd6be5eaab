//! What the pack says of points and of mild alerts: who is watched, and where somebody goes.

use super::*;
use crate::{record_outcome, task};
use std::sync::Arc;
use tuodi_pack::{
    Pack,
    indicator::{Level, Severity},
};
use tuodi_testing::each_store;

/// The same district by other rules.
fn by(d: District, change: impl FnOnce(&mut Pack)) -> District {
    let mut pack = (*d.pack).clone();
    change(&mut pack);
    District { pack: Arc::new(pack), ..d }
}

fn scored(d: &District, indicator: &str, points: u32) -> NewAlert {
    NewAlert { points, ..alert(d, indicator, i64::from(points)) }
}

/// Worked case 1 after its clue was closed: 10 + 10 + 15 + 15 + 10 + 15.
fn case_one(d: &District) -> Vec<NewAlert> {
    [("M036", 10), ("M038", 10), ("M039", 15), ("M040", 15), ("M048", 10), ("M054", 15)]
        .map(|(id, points)| scored(d, id, points))
        .into()
}

#[tokio::test]
async fn the_elders_of_worked_case_one_have_seventy_five_points_and_the_village_calls_within_five_days() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        let expected = d.pack.cases.iter().find(|c| c.id == "case-01").unwrap().expect.points;
        let sum: u32 = case_one(&d).iter().map(|a| a.points).sum();
        assert_eq!(expected, Some(i64::from(sum)), "the engine's own sum of the case");
        let raised = raise_on(&d, "r1", case_one(&d), thursday()).await;
        assert_eq!((raised.new, raised.pooled, raised.tasks), (6, 6, 1));
        let row = only_task(&d, thursday()).await;
        assert_eq!((row.severity, row.level), (Severity::Orange, Level::Village));
        assert_eq!(row.due_on, day(2026, 9, 10), "five working days from Thursday");
        assert_eq!(row.indicators, ["M036", "M038", "M039", "M040", "M048", "M054"]);
        let risk = d.pack.workflow.risk("risk_high").unwrap();
        assert_eq!(row.reasons.len(), 7, "every reason once, and why together");
        assert_eq!(row.reasons.first(), risk.reason.as_ref());
        assert_eq!(task(&d.officer(thursday()), row.id, "handling").await.unwrap().alerts.len(), 6);
        // Found again while the visit is open: nothing new.
        let again = raise_on(&d, "r2", case_one(&d), friday()).await;
        assert_eq!((again.new, again.appended, again.tasks), (0, 6, 0));
        assert_eq!(only_task(&d, friday()).await.version, row.version);
        // Closed like any other, and it rests for its cool-down.
        let cx = village_officer(&d, friday());
        record_outcome(&cx, row.id, row.version, form(&d, OutcomeCode::VerifiedHelped, friday()), "").await.unwrap();
        let rests = raise_on(&d, "r3", case_one(&d), day(2026, 9, 10)).await;
        assert_eq!((rests.new, rests.suppressed, rests.tasks), (0, 6, 0));
    })
    .await;
}

#[tokio::test]
async fn points_that_grow_past_the_next_band_make_the_open_visit_red_and_the_townships() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", case_one(&d), thursday()).await;
        let mut more = case_one(&d);
        more[0] = scored(&d, "M036", 30);
        let raised = raise_on(&d, "r2", more, thursday()).await;
        assert_eq!((raised.new, raised.tasks), (0, 0), "95 points join the visit of 75");
        let row = only_task(&d, thursday()).await;
        assert_eq!((row.severity, row.level, row.due_on), (Severity::Red, Level::Township, day(2026, 9, 8)));
        assert_eq!(row.reasons.len(), 8, "both risks and the six reasons");
    })
    .await;
}

#[tokio::test]
async fn points_that_grow_in_the_pool_open_a_visit_with_everything_that_waited_there() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        let of = |first: u32| vec![scored(&d, "M036", first), scored(&d, "M040", 15), scored(&d, "M049", 15)];
        assert_eq!(raise_on(&d, "r1", of(10), thursday()).await.tasks, 0, "40: watched");
        assert_eq!(raise_on(&d, "r2", of(30), friday()).await.tasks, 1, "60: somebody goes");
        let row = only_task(&d, friday()).await;
        assert_eq!(row.indicators, ["M036", "M040", "M049"]);
        assert_eq!(number(&d.store, "alert WHERE state = 'pooled'").await, 0);
        assert_eq!(number(&d.store, "watch_task WHERE alerts = 3").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_visit_for_another_reason_is_the_visit_that_points_join() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        let mut alerts = case_one(&d);
        alerts.push(alert(&d, "M001", 5_000_000));
        assert_eq!(raise_on(&d, "r1", alerts, thursday()).await.tasks, 1, "one visit a household and day");
        let row = only_task(&d, thursday()).await;
        assert_eq!((row.due_on, row.indicators.len(), row.reasons.len()), (day(2026, 9, 8), 7, 8));
    })
    .await;
}

#[tokio::test]
async fn where_the_line_lies_and_who_goes_is_the_packs_to_say() {
    each_store(all_migrations, async |store| {
        let d = by(district(store).await, |pack| {
            let risk = pack.workflow.risks.iter_mut().find(|r| r.id == "risk_high").unwrap();
            risk.points = 80;
            let task = risk.task.as_mut().unwrap();
            (task.actor, task.limit_days) = (Level::Grid, 1);
        });
        assert_eq!(raise_on(&d, "r1", case_one(&d), thursday()).await.tasks, 0, "75 is below 80 there");
        raise_on(&d, "r2", vec![scored(&d, "M042", 5)], thursday()).await;
        let row = only_task(&d, thursday()).await;
        assert_eq!((row.level, row.due_on), (Level::Grid, friday()));
        let d = by(d, |pack| pack.workflow.risks.clear());
        let neighbour = NewAlert { household_id: HouseholdId(77), ..scored(&d, "M036", 500) };
        assert_eq!(raise_on(&d, "r3", vec![neighbour], thursday()).await.tasks, 0, "points that mean nothing");
    })
    .await;
}

#[tokio::test]
async fn an_alert_that_the_pack_only_informs_of_sends_nobody() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        // 522 households at 30,000 people: the price subsidy is the district's to pay, not a visit.
        let price: Vec<NewAlert> = (0..522).map(|i| at(&d, HouseholdId(900 + i), VILLAGE, "M032", 40)).collect();
        let raised = raise_on(&d, "r1", price, thursday()).await;
        assert_eq!((raised.new, raised.pooled, raised.tasks), (522, 522, 0));
        assert!(open_tasks(&d, thursday()).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_elder_who_leaves_no_trace_is_called_at_by_the_grid_worker_though_it_only_scores() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        let raised = raise_on(&d, "r1", vec![alert(&d, "M055", 2)], thursday()).await;
        assert_eq!((raised.new, raised.pooled, raised.tasks), (1, 0, 1));
        let row = only_task(&d, thursday()).await;
        assert_eq!((row.level, row.indicators.as_slice()), (Level::Grid, ["M055".to_owned()].as_slice()));
        // Its 30 points still count: with 30 more the village goes sooner.
        raise_on(&d, "r2", vec![scored(&d, "M036", 30)], thursday()).await;
        let row = only_task(&d, thursday()).await;
        assert_eq!((row.level, row.due_on), (Level::Village, day(2026, 9, 10)));
    })
    .await;
}

#[tokio::test]
async fn a_mild_alert_waits_in_the_pool_and_comes_out_when_it_grows_severe() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        let of = |severity, cost| NewAlert { severity, ..alert(&d, "M001", cost) };
        let raised = raise_on(&d, "r1", vec![of(Severity::Blue, 1_200_000)], thursday()).await;
        assert_eq!((raised.new, raised.pooled, raised.tasks), (1, 1, 0), "blue enters the pool only");
        let raised = raise_on(&d, "r2", vec![of(Severity::Yellow, 2_200_000)], friday()).await;
        assert_eq!((raised.new, raised.appended, raised.tasks), (0, 1, 1));
        let row = only_task(&d, friday()).await;
        assert_eq!((row.severity, row.indicators.as_slice()), (Severity::Yellow, ["M001".to_owned()].as_slice()));
        let view = task(&d.officer(friday()), row.id, "handling").await.unwrap();
        assert_eq!((view.alerts.len(), view.alerts[0].earlier.len()), (1, 1), "with what it said before");
        let cx = village_officer(&d, friday());
        record_outcome(&cx, row.id, row.version, form(&d, OutcomeCode::VerifiedHelped, friday()), "").await.unwrap();
        assert_eq!(number(&d.store, "alert WHERE state <> 'closed'").await, 0);
    })
    .await;
}

#[tokio::test]
async fn what_was_held_back_goes_out_once_the_pack_opens_visits_for_it() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        let mild = NewAlert { severity: Severity::Blue, ..alert(&d, "M001", 1_200_000) };
        assert_eq!(raise_on(&d, "r1", vec![mild.clone()], thursday()).await.tasks, 0);
        let d = by(d, |pack| pack.indicators.iter_mut().for_each(|i| i.pool_below = None));
        assert_eq!(raise_on(&d, "r2", vec![mild], friday()).await.tasks, 1, "the same finding by another rule");
    })
    .await;
}
