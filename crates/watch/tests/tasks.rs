//! From a finding to a task to an outcome, through the public face, on each database.

#[path = "../../casework/tests/suite/common/mod.rs"]
mod common;

use common::*;
use std::collections::BTreeMap;
use tuodi_access::Role;
use tuodi_casework::{CaseState, Channel, Cx};
use tuodi_pack::{
    HouseholdId, PersonId,
    indicator::{Level, Severity},
};
use tuodi_store::{MigrationTrait, journal};
use tuodi_testing::each_store;
use tuodi_watch::{
    Escalation, NewAlert, OutcomeCode, OutcomeForm, Raised, Run, TaskFilter, TaskState, WatchError, raise,
    record_outcome, task, tasks,
};

fn all_migrations() -> Vec<Box<dyn MigrationTrait>> {
    let mut all = migrations();
    all.extend(tuodi_watch::migrations());
    all
}

fn run(id: &str) -> Run {
    Run {
        id: id.to_owned(),
        as_of: day(2026, 9, 3),
        pack_version: "2026.1".to_owned(),
        snapshot: "snapshot-1".to_owned(),
    }
}

/// As the pack declares the indicator, with its first fact at `measure`.
fn alert(d: &District, indicator: &str, person: Option<PersonId>, measure: i64) -> NewAlert {
    let rule = d.pack.indicator(indicator).unwrap();
    let evidence = serde_json::json!({ rule.evidence[0].clone(): measure.to_string() });
    NewAlert {
        indicator: indicator.to_owned(),
        severity: rule.severity,
        points: if rule.kind == tuodi_pack::indicator::Kind::Score { rule.points } else { 0 },
        household_id: d.household,
        person_id: person,
        region_code: VILLAGE.to_owned(),
        evidence: evidence.to_string(),
        level: rule.actor,
        limit_days: rule.limit_days,
    }
}

async fn raise_on(d: &District, id: &str, alerts: Vec<NewAlert>, on: chrono::NaiveDate) -> Raised {
    raise(&d.store, &d.pack, &run(id), alerts, morning(on)).await.unwrap()
}

fn worker(d: &District, on: chrono::NaiveDate) -> Cx {
    d.cx(actor(Role::GridWorker, "g-worker", VILLAGE), Channel::Visit, on)
}

fn outcome(code: OutcomeCode, on: chrono::NaiveDate) -> OutcomeForm {
    OutcomeForm {
        visited_on: on,
        with_whom: "本人".to_owned(),
        code,
        note: "看过了".to_owned(),
        answers: BTreeMap::new(),
    }
}

/// The only task of the village.
async fn only_task(cx: &Cx) -> tuodi_watch::TaskRow {
    let page = tasks(cx, &TaskFilter::default()).await.unwrap();
    assert_eq!(page.total, 1);
    page.rows.into_iter().next().unwrap()
}

#[tokio::test]
async fn alerts_of_one_day_make_one_visit_due_in_working_days() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        // Worked case 10: raised on Thursday 2026-09-03, three working days end on Tuesday the 8th.
        let alerts = vec![alert(&d, "M001", None, 5_230_000), alert(&d, "M002", None, 4_330_000)];
        let raised = raise_on(&d, "r1", alerts, day(2026, 9, 3)).await;
        assert_eq!((raised.new, raised.tasks), (2, 1));
        let cx = worker(&d, day(2026, 9, 3));
        let row = only_task(&cx).await;
        assert_eq!((row.due_on, row.severity, row.level), (day(2026, 9, 8), Severity::Orange, Level::Village));
        assert_eq!((row.name.as_str(), row.reasons.len()), ("安建国", 2));
        journal::verify(&d.store).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_second_alert_while_one_is_open_is_appended_and_opens_no_task() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M001", None, 5_000_000)], day(2026, 9, 3)).await;
        // Boundary b18: ten per cent more.
        let again = raise_on(&d, "r2", vec![alert(&d, "M001", None, 5_500_000)], day(2026, 9, 4)).await;
        assert_eq!(again, Raised { appended: 1, ..Raised::default() });
        // And the very same evidence once more changes nothing at all.
        let same = raise_on(&d, "r3", vec![alert(&d, "M001", None, 5_500_000)], day(2026, 9, 5)).await;
        assert_eq!(same.appended, 1);
        let officer = d.officer(day(2026, 9, 5));
        let view = task(&officer, only_task(&officer).await.id, "look").await.unwrap();
        assert_eq!((view.alerts.len(), view.alerts[0].appended), (1, 1));
        assert_eq!(view.alerts[0].evidence.as_ref().unwrap()["household_oop_12m"], "5500000");
    })
    .await;
}

#[tokio::test]
async fn after_closing_only_what_got_worse_by_a_fifth_comes_back_within_the_cool_down() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M001", None, 5_000_000)], day(2026, 9, 3)).await;
        let cx = worker(&d, day(2026, 9, 4));
        let row = only_task(&cx).await;
        let form = outcome(OutcomeCode::VerifiedHelped, day(2026, 9, 4));
        record_outcome(&cx, row.id, row.version, form, "k").await.unwrap();
        let ten = raise_on(&d, "r2", vec![alert(&d, "M001", None, 5_500_000)], day(2026, 10, 12)).await;
        assert_eq!((ten.suppressed, ten.new), (1, 0));
        // Boundary b19: 25 per cent more is a new alert.
        let more = raise_on(&d, "r3", vec![alert(&d, "M001", None, 6_250_000)], day(2026, 10, 12)).await;
        assert_eq!((more.new, more.tasks), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn after_the_cool_down_the_same_finding_is_new_again() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M001", None, 5_000_000)], day(2026, 9, 3)).await;
        let cx = worker(&d, day(2026, 9, 4));
        let row = only_task(&cx).await;
        let form = outcome(OutcomeCode::VerifiedHelped, day(2026, 9, 4));
        record_outcome(&cx, row.id, row.version, form, "k").await.unwrap();
        // 90 days after 2026-09-04 is 2026-12-03.
        let last = raise_on(&d, "r2", vec![alert(&d, "M001", None, 5_000_000)], day(2026, 12, 2)).await;
        assert_eq!(last.suppressed, 1);
        let first = raise_on(&d, "r3", vec![alert(&d, "M001", None, 5_000_000)], day(2026, 12, 3)).await;
        assert_eq!(first.new, 1);
    })
    .await;
}

#[tokio::test]
async fn points_alone_open_no_task_until_there_are_sixty() {
    each_store(all_migrations, async |store| {
        let mut d = district(store).await;
        // Three score indicators of 30 points: two make 60, all make 90.
        let mut pack = (*d.pack).clone();
        let mut ids = Vec::new();
        for indicator in pack.indicators.iter_mut().filter(|i| i.kind == tuodi_pack::indicator::Kind::Score).take(3) {
            indicator.points = 30;
            ids.push(indicator.id.clone());
        }
        d.pack = std::sync::Arc::new(pack);
        // The same indicator of two members counts once.
        let alerts = vec![alert(&d, &ids[0], Some(d.father), 1), alert(&d, &ids[0], Some(d.mother), 1)];
        let raised = raise_on(&d, "r1", alerts, day(2026, 9, 3)).await;
        assert_eq!((raised.pooled, raised.tasks), (2, 0));
        let raised = raise_on(&d, "r2", vec![alert(&d, &ids[1], None, 1)], day(2026, 9, 3)).await;
        assert_eq!(raised.tasks, 1);
        let officer = d.officer(day(2026, 9, 3));
        let row = only_task(&officer).await;
        // 60 points: orange, the village, five working days.
        assert_eq!((row.severity, row.level, row.due_on), (Severity::Orange, Level::Village, day(2026, 9, 10)));
        let view = task(&officer, row.id, "look").await.unwrap();
        assert_eq!(view.alerts.len(), 3, "the points that stood before are part of it");
    })
    .await;
}

#[tokio::test]
async fn ninety_points_are_red_and_the_townships() {
    each_store(all_migrations, async |store| {
        let mut d = district(store).await;
        let mut pack = (*d.pack).clone();
        let mut ids = Vec::new();
        for indicator in pack.indicators.iter_mut().filter(|i| i.kind == tuodi_pack::indicator::Kind::Score).take(3) {
            indicator.points = 30;
            ids.push(indicator.id.clone());
        }
        d.pack = std::sync::Arc::new(pack);
        let alerts = ids.iter().map(|id| alert(&d, id, None, 1)).collect();
        raise_on(&d, "r1", alerts, day(2026, 9, 3)).await;
        let row = only_task(&d.officer(day(2026, 9, 3))).await;
        assert_eq!((row.severity, row.level, row.due_on), (Severity::Red, Level::Township, day(2026, 9, 8)));
    })
    .await;
}

#[tokio::test]
async fn a_confirmed_need_opens_a_case_that_waits_for_consent() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M001", None, 5_000_000)], day(2026, 9, 3)).await;
        let cx = worker(&d, day(2026, 9, 4));
        let row = only_task(&cx).await;
        let version = tuodi_watch::start_visit(&cx, row.id, row.version).await.unwrap();
        let form = outcome(OutcomeCode::NeedConfirmed, day(2026, 9, 4));
        let closed = record_outcome(&cx, row.id, version, form.clone(), "k").await.unwrap();
        assert_eq!(closed.state, TaskState::Closed);
        let again = record_outcome(&cx, row.id, version, form, "k").await.unwrap();
        assert_eq!(again, closed, "clicked twice");
        let case = closed.case.unwrap();
        let row = d.row(&case).await;
        assert_eq!(
            (row.state, row.channel, row.applicant.as_str()),
            (CaseState::AwaitingConsent, Channel::Alert, "安建国")
        );
        let officer = d.officer(day(2026, 9, 5));
        let figures = tuodi_watch::figures(&officer, TOWNSHIP).await.unwrap();
        assert_eq!((figures.open, figures.closed, figures.to_case), (0, 1, 1));
        let m001 = figures.indicators.iter().find(|i| i.indicator == "M001").unwrap();
        assert_eq!((m001.confirmed, m001.precision_permille()), (1, Some(1000)));
        // The same form and steps as any other case from here on.
        let saved = tuodi_casework::save_step(&officer, &case, row.version, "check", d.form()).await.unwrap();
        d.consents(&officer, &case).await;
        let version = d.version(&case).await;
        assert!(version > saved.version);
        let submitted = tuodi_casework::submit(&officer, &case, version, "s").await.unwrap();
        assert_eq!(submitted.state, CaseState::Accepted);
    })
    .await;
}

#[tokio::test]
async fn nobody_at_home_twice_and_the_township_looks_for_them() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M001", None, 5_000_000)], day(2026, 9, 3)).await;
        let cx = worker(&d, day(2026, 9, 4));
        let row = only_task(&cx).await;
        let form = OutcomeForm { with_whom: String::new(), ..outcome(OutcomeCode::Unreachable, day(2026, 9, 4)) };
        let first = record_outcome(&cx, row.id, row.version, form.clone(), "a").await.unwrap();
        assert_eq!(first.state, TaskState::Assigned);
        let second = record_outcome(&cx, row.id, first.version, form, "b").await.unwrap();
        assert_eq!(second.state, TaskState::Assigned);
        assert_eq!(tasks(&cx, &TaskFilter::default()).await.unwrap().total, 0, "no longer the grid worker's");
        let officer = d.officer(day(2026, 9, 4));
        assert_eq!(only_task(&officer).await.level, Level::Township);
    })
    .await;
}

#[tokio::test]
async fn the_grid_worker_sees_plain_words_and_no_figures() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M001", None, 5_000_000)], day(2026, 9, 3)).await;
        let cx = worker(&d, day(2026, 9, 4));
        let view = task(&cx, only_task(&cx).await.id, "visit").await.unwrap();
        assert_eq!(view.address.as_deref(), Some("柳岸社区7栋"));
        assert!(!view.full && view.alerts[0].evidence.is_none());
        assert!(!view.row.reasons[0].zh.chars().any(|c| c.is_ascii_digit()));
    })
    .await;
}

#[tokio::test]
async fn another_villages_worker_cannot_open_or_close_the_task() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M001", None, 5_000_000)], day(2026, 9, 3)).await;
        let row = only_task(&worker(&d, day(2026, 9, 3))).await;
        let other = d.cx(actor(Role::GridWorker, "g-other", "990102001002"), Channel::Visit, day(2026, 9, 4));
        assert!(matches!(task(&other, row.id, "x").await, Err(WatchError::Denied(_))));
        let form = outcome(OutcomeCode::VerifiedHelped, day(2026, 9, 4));
        let refused = record_outcome(&other, row.id, row.version, form, "k").await;
        assert!(matches!(refused, Err(WatchError::Denied(_))), "{refused:?}");
        assert_eq!(tasks(&other, &TaskFilter::default()).await.unwrap().total, 0);
    })
    .await;
}

#[tokio::test]
async fn no_hardship_cannot_be_said_without_having_asked() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M001", None, 5_000_000)], day(2026, 9, 3)).await;
        let cx = worker(&d, day(2026, 9, 4));
        let row = only_task(&cx).await;
        let mut form = outcome(OutcomeCode::VerifiedNoHardship, day(2026, 9, 4));
        let refused = record_outcome(&cx, row.id, row.version, form.clone(), "").await;
        assert!(
            matches!(&refused, Err(WatchError::Invalid(f)) if f[0].key == "error.assessment_incomplete"),
            "{refused:?}"
        );
        for item in &d.pack.assessment.items {
            let best = item.choices.iter().min_by_key(|c| c.score).unwrap();
            form.answers.insert(item.id.clone(), best.id.clone());
        }
        let closed = record_outcome(&cx, row.id, row.version, form, "").await.unwrap();
        assert_eq!(closed.index.unwrap().level, "none");
    })
    .await;
}

#[tokio::test]
async fn an_overdue_task_rises_to_the_next_level_and_then_to_the_district() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M001", None, 5_000_000)], day(2026, 9, 3)).await;
        // Three working days end on 09-08, six on 09-11.
        for (on, expected) in [
            (day(2026, 9, 8), Escalation::OnTime),
            (day(2026, 9, 9), Escalation::NextLevel),
            (day(2026, 9, 11), Escalation::NextLevel),
            (day(2026, 9, 14), Escalation::District),
        ] {
            assert_eq!(only_task(&d.officer(on)).await.escalation, expected, "{on}");
        }
        let counts = tuodi_watch::task_counts(&d.officer(day(2026, 9, 14))).await.unwrap();
        assert_eq!((counts.open, counts.overdue, counts.red), (1, 1, 0));
    })
    .await;
}

#[tokio::test]
async fn many_findings_are_raised_in_sets_and_once() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        let many: Vec<NewAlert> = (0..3_000)
            .map(|i| NewAlert {
                household_id: HouseholdId(10_000 + i / 2),
                ..alert(&d, if i % 2 == 0 { "M001" } else { "M002" }, None, 5_000_000 + i)
            })
            .collect();
        let first = raise_on(&d, "r1", many.clone(), day(2026, 9, 3)).await;
        assert_eq!((first.new, first.tasks), (3_000, 1_500));
        let second = raise_on(&d, "r2", many, day(2026, 9, 4)).await;
        assert_eq!((second.new, second.tasks, second.appended), (0, 0, 3_000));
    })
    .await;
}
