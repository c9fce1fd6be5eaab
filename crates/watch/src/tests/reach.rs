//! Who sees which task, and how much of it (workflow.md 7).

use super::{common::OTHER_TOWNSHIP, *};
use crate::{WatchError, record_outcome, start_visit, task, task_counts};
use tuodi_access::{DeniedWhy, looks};
use tuodi_testing::each_store;

/// What a page could print of a task, but for names and addresses.
fn words(view: &crate::TaskView) -> String {
    format!("{:?} {:?}", view.alerts, view.row.reasons)
}

#[tokio::test]
async fn community_workers_read_the_plain_reason_and_no_amount_or_diagnosis() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        let custody =
            NewAlert { evidence: json!({ "last_custody_start": "2026-08-31" }).to_string(), ..alert(&d, "M012", 1) };
        raise_on(&d, "r1", vec![alert(&d, "M001", 5_230_000), custody], thursday()).await;
        raise_on(&d, "r2", vec![alert(&d, "M001", 5_300_000)], thursday()).await;
        let id = only_task(&d, thursday()).await.id;
        for cx in [grid_worker(&d, friday()), village_officer(&d, friday())] {
            let view = task(&cx, id, "visit").await.unwrap();
            assert!(!view.full);
            assert!(view.alerts.iter().all(|a| a.evidence.is_none() && a.earlier.is_empty()));
            for hidden in ["5230000", "5300000", "2026-08-31", "服刑", "custody"] {
                assert!(!words(&view).contains(hidden), "{hidden} is shown to {}", cx.actor.role.name());
            }
            assert!(view.members.iter().any(|(_, name, _)| name == "柳秀英"), "whom to ask for");
        }
        let view = task(&d.officer(friday()), id, "handling").await.unwrap();
        assert!(view.full && words(&view).contains("5300000") && words(&view).contains("服刑"));
    })
    .await;
}

#[tokio::test]
async fn a_township_officer_without_a_purpose_gets_no_evidence() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M001", 5_230_000)], thursday()).await;
        let id = only_task(&d, thursday()).await.id;
        let view = task(&d.officer(friday()), id, "").await.unwrap();
        assert!(!view.full && view.alerts[0].evidence.is_none());
    })
    .await;
}

#[tokio::test]
async fn another_townships_officer_is_refused_everything_and_nothing_changes() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M001", 5_000_000)], thursday()).await;
        let row = only_task(&d, thursday()).await;
        // Boundary b23.
        let other = d.cx(actor(Role::TownshipOfficer, "t-other", OTHER_TOWNSHIP), Channel::Window, friday());
        let region = |error: WatchError| matches!(error, WatchError::Denied(d) if d.why == DeniedWhy::Region);
        assert!(region(task(&other, row.id, "handling").await.unwrap_err()));
        assert!(region(start_visit(&other, row.id, row.version).await.unwrap_err()));
        let sent = form(&d, OutcomeCode::NeedConfirmed, friday());
        assert!(region(record_outcome(&other, row.id, row.version, sent, "k").await.unwrap_err()));
        assert!(region(crate::figures(&other, common::TOWNSHIP).await.unwrap_err()));
        assert_eq!(tasks(&other, &TaskFilter::default()).await.unwrap().total, 0);
        assert_eq!(task_counts(&other).await.unwrap().open, 0);
        assert_eq!(only_task(&d, friday()).await.version, row.version);
        assert_eq!(number(&d.store, "case_file").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_citizen_has_no_tasks() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M001", 5_000_000)], thursday()).await;
        let id = only_task(&d, thursday()).await.id;
        let citizen = d.citizen(friday());
        assert!(matches!(task(&citizen, id, "x").await, Err(WatchError::Denied(_))));
        assert!(matches!(tasks(&citizen, &TaskFilter::default()).await, Err(WatchError::Denied(_))));
    })
    .await;
}

#[tokio::test]
async fn every_look_at_a_task_is_logged_with_its_purpose() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M001", 5_000_000)], thursday()).await;
        let id = only_task(&d, thursday()).await.id;
        task(&grid_worker(&d, friday()), id, "home visit").await.unwrap();
        let seen = looks::of_subject(&d.store, &format!("household:{}", d.household), 10).await.unwrap();
        assert_eq!(seen.len(), 1);
        assert_eq!((seen[0].account.as_str(), seen[0].purpose.as_str()), ("g-worker", "home visit"));
    })
    .await;
}

#[tokio::test]
async fn a_grid_worker_keeps_only_the_own_visits_once_they_are_closed() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        let homes = neighbours(&d, &[VILLAGE; 2]).await;
        let alerts = homes.iter().map(|home| at(&d, *home, VILLAGE, "M001", 5_000_000)).collect();
        raise_on(&d, "r1", alerts, thursday()).await;
        let rows = open_tasks(&d, thursday()).await;
        let worker = grid_worker(&d, friday());
        let village = village_officer(&d, friday());
        for (cx, row) in [(&worker, &rows[0]), (&village, &rows[1])] {
            let outcome = form(&d, OutcomeCode::VerifiedHelped, friday());
            record_outcome(cx, row.id, row.version, outcome, "").await.unwrap();
        }
        let closed = TaskFilter { closed: true, ..TaskFilter::default() };
        let own = tasks(&worker, &closed).await.unwrap();
        assert_eq!(own.rows.iter().map(|r| r.id).collect::<Vec<_>>(), [rows[0].id]);
        assert_eq!(tasks(&village, &closed).await.unwrap().total, 2);
        assert_eq!((task_counts(&worker).await.unwrap().closed, task_counts(&village).await.unwrap().closed), (1, 2));
        task(&worker, rows[0].id, "visit").await.unwrap();
        assert!(matches!(task(&worker, rows[1].id, "visit").await, Err(WatchError::NotFound { .. })));
    })
    .await;
}

#[tokio::test]
async fn the_list_can_be_cut_by_severity_indicator_level_and_mine() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        let [a, b, c] = neighbours(&d, &[VILLAGE; 3]).await[..] else { panic!("three households") };
        let alerts = vec![
            at(&d, a, VILLAGE, "M010", 1),
            at(&d, b, VILLAGE, "M001", 5_000_000),
            at(&d, b, VILLAGE, "M003", 1),
            at(&d, c, VILLAGE, "M071", 1),
        ];
        raise_on(&d, "r1", alerts, thursday()).await;
        let cx = d.officer(friday());
        let households = async |filter: TaskFilter| {
            let page = tasks(&cx, &filter).await.unwrap();
            page.rows.iter().map(|r| r.household).collect::<Vec<_>>()
        };
        assert_eq!(households(TaskFilter::default()).await, [a, b, c], "what is due first");
        let red = Some(tuodi_pack::indicator::Severity::Red);
        assert_eq!(households(TaskFilter { severity: red, ..Default::default() }).await, [a]);
        let disabled = Some("M003".to_owned());
        assert_eq!(households(TaskFilter { indicator: disabled, ..Default::default() }).await, [b]);
        assert!(households(TaskFilter { indicator: Some("M".to_owned()), ..Default::default() }).await.is_empty());
        let township = Some(tuodi_pack::indicator::Level::Township);
        assert_eq!(households(TaskFilter { level: township, ..Default::default() }).await, [c]);
        let row = open_tasks(&d, friday()).await.remove(1);
        start_visit(&cx, row.id, row.version).await.unwrap();
        assert_eq!(households(TaskFilter { mine: true, ..Default::default() }).await, [b]);
        assert_eq!(households(TaskFilter { page: 2, per_page: 2, ..Default::default() }).await, [c]);
        // The township's own work is not on the village's list.
        let village = tasks(&village_officer(&d, friday()), &TaskFilter::default()).await.unwrap();
        assert_eq!(village.total, 2);
        let counts = task_counts(&cx).await.unwrap();
        assert_eq!((counts.open, counts.mine, counts.red, counts.overdue, counts.closed), (3, 1, 1, 0, 0));
    })
    .await;
}
