//! Visits and how they end.

use super::*;
use crate::{TaskState, WatchError, record_outcome, start_visit, task};
use tuodi_casework::QueueFilter;
use tuodi_pack::indicator::Level;
use tuodi_store::journal;
use tuodi_testing::each_store;

/// The fields and keys of a refused form.
fn refused(answer: Result<crate::Closed, WatchError>) -> Vec<(String, &'static str)> {
    match answer {
        Err(WatchError::Invalid(errors)) => errors.into_iter().map(|e| (e.field, e.key)).collect(),
        other => panic!("not refused as invalid: {other:?}"),
    }
}

#[tokio::test]
async fn each_code_closes_all_alerts_of_the_visit_with_itself() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        let codes: Vec<OutcomeCode> = OutcomeCode::ALL
            .iter()
            .copied()
            .filter(|c| !matches!(c, OutcomeCode::Unreachable | OutcomeCode::NeedConfirmed))
            .collect();
        let homes = neighbours(&d, &[VILLAGE].repeat(codes.len())).await;
        let alerts =
            homes.iter().flat_map(|home| ["M001", "M002"].map(|id| at(&d, *home, VILLAGE, id, 5_000_000))).collect();
        raise_on(&d, "r1", alerts, thursday()).await;
        let cx = village_officer(&d, friday());
        for (row, code) in open_tasks(&d, friday()).await.into_iter().zip(codes) {
            let closed = record_outcome(&cx, row.id, row.version, form(&d, code, friday()), "").await.unwrap();
            assert_eq!((closed.state, closed.case), (TaskState::Closed, None), "{code:?}");
            let view = task(&d.officer(friday()), row.id, "handling").await.unwrap();
            assert_eq!((view.row.outcome, view.row.closed_on), (Some(code), Some(friday())));
            assert_eq!(view.alerts.iter().map(|a| a.outcome).collect::<Vec<_>>(), [Some(code); 2]);
            assert_eq!((view.outcomes.len(), view.outcomes[0].code), (1, code));
        }
        assert!(open_tasks(&d, friday()).await.is_empty());
        assert_eq!(number(&d.store, "alert WHERE state = 'closed'").await, 12);
        let without = "alert WHERE state = 'closed' AND (outcome IS NULL OR closed_on IS NULL)";
        assert_eq!(number(&d.store, without).await, 0, "every closed alert has an outcome");
    })
    .await;
}

#[tokio::test]
async fn a_confirmed_need_sent_twice_opens_one_case() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M001", 5_000_000)], thursday()).await;
        let row = only_task(&d, thursday()).await;
        let cx = village_officer(&d, friday());
        let sent = form(&d, OutcomeCode::NeedConfirmed, friday());
        let first = record_outcome(&cx, row.id, row.version, sent.clone(), "once").await.unwrap();
        assert!(first.case.is_some());
        assert_eq!(record_outcome(&cx, row.id, row.version, sent.clone(), "once").await.unwrap(), first);
        let keyless = record_outcome(&cx, row.id, row.version, sent, "").await;
        assert!(matches!(keyless, Err(WatchError::WrongStage { found: "closed", .. })), "{keyless:?}");
        let cases = tuodi_casework::queue(&d.reviewer(friday()), &QueueFilter::default()).await.unwrap();
        assert_eq!(cases.total, 1);
        assert_eq!(number(&d.store, "watch_outcome").await, 1);
        assert_eq!(task(&cx, row.id, "visit").await.unwrap().row.case, first.case);
        let answered = "reassessment WHERE occasion = 'found' AND outcome = 'task'";
        assert_eq!(number(&d.store, answered).await, 1, "the six dimensions were asked at this door");
    })
    .await;
}

#[tokio::test]
async fn what_was_asked_at_the_door_answers_the_follow_up_though_it_is_entered_a_day_later() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M001", 5_000_000)], thursday()).await;
        let row = only_task(&d, thursday()).await;
        let sent = form(&d, OutcomeCode::NeedConfirmed, thursday());
        record_outcome(&village_officer(&d, friday()), row.id, row.version, sent, "").await.unwrap();
        let answered = "reassessment WHERE occasion = 'found' AND outcome = 'task'";
        assert_eq!(number(&d.store, answered).await, 1, "nobody is asked the same twice");
    })
    .await;
}

#[tokio::test]
async fn somebody_found_whom_nobody_asked_is_assessed_within_three_working_days() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M001", 5_000_000)], thursday()).await;
        let row = only_task(&d, thursday()).await;
        let cx = village_officer(&d, friday());
        let sent = OutcomeForm { answers: BTreeMap::new(), ..form(&d, OutcomeCode::NeedConfirmed, friday()) };
        record_outcome(&cx, row.id, row.version, sent, "").await.unwrap();
        let found = tuodi_casework::reassess::due_assessments(&cx, &Default::default()).await.unwrap().rows;
        let due: Vec<_> = found.iter().map(|r| (r.occasion.id(), r.desk.as_str(), r.due_on)).collect();
        assert_eq!(due, [("found", "village", day(2026, 9, 9))], "from Friday over the weekend");
    })
    .await;
}

#[tokio::test]
async fn a_form_sent_twice_at_the_same_moment_is_recorded_once_and_answered_twice() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M001", 5_000_000)], thursday()).await;
        let row = only_task(&d, thursday()).await;
        let cx = village_officer(&d, friday());
        let send = || record_outcome(&cx, row.id, row.version, form(&d, OutcomeCode::VerifiedHelped, friday()), "k");
        let (one, other) = tokio::join!(send(), send());
        assert_eq!(one.unwrap(), other.unwrap());
        assert_eq!(number(&d.store, "watch_outcome").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_confirmed_need_sent_twice_at_the_same_moment_opens_one_case() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M001", 5_000_000)], thursday()).await;
        let row = only_task(&d, thursday()).await;
        let cx = village_officer(&d, friday());
        let send = || record_outcome(&cx, row.id, row.version, form(&d, OutcomeCode::NeedConfirmed, friday()), "k");
        let (one, other) = tokio::join!(send(), send());
        assert_eq!(one.unwrap(), other.unwrap());
        assert_eq!(number(&d.store, "case_file").await, 1);
    })
    .await;
}

#[tokio::test]
async fn nobody_at_home_keeps_the_alerts_open_and_the_township_ends_what_it_cannot_find() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M001", 5_000_000)], thursday()).await;
        let row = only_task(&d, thursday()).await;
        let away = OutcomeForm {
            with_whom: String::new(),
            answers: BTreeMap::new(),
            ..form(&d, OutcomeCode::Unreachable, friday())
        };
        let village = village_officer(&d, friday());
        let first = record_outcome(&village, row.id, row.version, away.clone(), "1").await.unwrap();
        let second = record_outcome(&village, row.id, first.version, away.clone(), "2").await.unwrap();
        assert_eq!((first.state, second.state), (TaskState::Assigned, TaskState::Assigned));
        let handed = only_task(&d, friday()).await;
        // The township has its own three working days, from Friday.
        assert_eq!((handed.level, handed.due_on, handed.assignee), (Level::Township, day(2026, 9, 9), None));
        assert_eq!(number(&d.store, "alert WHERE state = 'open'").await, 1);
        let township = d.officer(friday());
        let third = record_outcome(&township, row.id, second.version, away.clone(), "3").await.unwrap();
        assert_eq!(third.state, TaskState::Assigned);
        let last = record_outcome(&township, row.id, third.version, away, "4").await.unwrap();
        assert_eq!(last.state, TaskState::Closed);
        assert_eq!(number(&d.store, "alert WHERE outcome = 'unreachable'").await, 1);
        assert_eq!(task(&township, row.id, "handling").await.unwrap().outcomes.len(), 4);
    })
    .await;
}

#[tokio::test]
async fn a_page_shown_before_somebody_else_acted_is_refused() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M001", 5_000_000)], thursday()).await;
        let row = only_task(&d, thursday()).await;
        let now = start_visit(&village_officer(&d, friday()), row.id, row.version).await.unwrap();
        assert_eq!(only_task(&d, friday()).await.state, TaskState::Visiting);
        let township = d.officer(friday());
        let stale = start_visit(&township, row.id, row.version).await;
        assert!(matches!(stale, Err(WatchError::Conflict { .. })), "{stale:?}");
        let sent = form(&d, OutcomeCode::VerifiedHelped, friday());
        let stale = record_outcome(&township, row.id, row.version, sent.clone(), "").await;
        assert!(matches!(stale, Err(WatchError::Conflict { .. })), "{stale:?}");
        let closed = record_outcome(&township, row.id, now, sent, "").await.unwrap();
        let over = start_visit(&township, row.id, closed.version).await;
        assert!(matches!(over, Err(WatchError::WrongStage { found: "closed", .. })), "{over:?}");
    })
    .await;
}

#[tokio::test]
async fn a_form_that_cannot_be_right_says_which_field() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M001", 5_000_000)], thursday()).await;
        let row = only_task(&d, thursday()).await;
        let cx = village_officer(&d, friday());
        let send = async |form: OutcomeForm| refused(record_outcome(&cx, row.id, row.version, form, "").await);
        let good = || form(&d, OutcomeCode::RefusedHelp, friday());

        let future = OutcomeForm { visited_on: day(2026, 9, 5), ..good() };
        assert_eq!(send(future).await, [("visited_on".to_owned(), "error.future")]);
        let early = OutcomeForm { visited_on: day(2026, 9, 2), ..good() };
        assert_eq!(send(early).await, [("visited_on".to_owned(), "error.before_task")]);
        let nobody = OutcomeForm { with_whom: "  ".to_owned(), ..good() };
        assert_eq!(send(nobody).await, [("with_whom".to_owned(), "error.required")]);
        for code in [OutcomeCode::RefusedHelp, OutcomeCode::DataError, OutcomeCode::Transferred] {
            let silent = OutcomeForm { note: " ".to_owned(), code, ..good() };
            assert_eq!(send(silent).await, [("note".to_owned(), "error.reason")], "{code:?}");
        }
        let mut strange = good();
        let item = d.pack.assessment.items[0].id.clone();
        strange.answers.insert(item.clone(), "no-such-choice".to_owned());
        assert_eq!(send(strange).await, [(item, "error.choice")]);

        assert_eq!(only_task(&d, friday()).await.version, row.version, "nothing was kept of any of them");
        record_outcome(&cx, row.id, row.version, good(), "").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn one_key_cannot_answer_for_two_visits() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        let homes = neighbours(&d, &[VILLAGE; 2]).await;
        let alerts = homes.iter().map(|home| at(&d, *home, VILLAGE, "M001", 5_000_000)).collect();
        raise_on(&d, "r1", alerts, thursday()).await;
        let rows = open_tasks(&d, thursday()).await;
        let cx = village_officer(&d, friday());
        let sent = form(&d, OutcomeCode::VerifiedHelped, friday());
        record_outcome(&cx, rows[0].id, rows[0].version, sent.clone(), "k").await.unwrap();
        let again = record_outcome(&cx, rows[1].id, rows[1].version, sent.clone(), "k").await;
        assert_eq!(refused(again), [("key".to_owned(), "error.key_used")]);
        // Another person's form may happen to carry the same key.
        record_outcome(&d.officer(friday()), rows[1].id, rows[1].version, sent, "k").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_outcome_can_be_recorded_on_the_last_days_of_the_calendar() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        let year = d.pack.calendar.years().max().unwrap();
        raise_on(&d, "r1", vec![alert(&d, "M001", 5_000_000)], day(year, 12, 1)).await;
        let row = only_task(&d, day(year, 12, 1)).await;
        let last = day(year, 12, 31);
        let outcome = form(&d, OutcomeCode::VerifiedHelped, last);
        let closed = record_outcome(&village_officer(&d, last), row.id, row.version, outcome, "").await.unwrap();
        assert_eq!(closed.state, TaskState::Closed);
    })
    .await;
}

#[tokio::test]
async fn the_journal_tells_of_the_run_the_visit_and_its_outcome_and_nothing_personal() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M001", 5_230_000)], thursday()).await;
        let row = only_task(&d, thursday()).await;
        let cx = village_officer(&d, friday());
        let version = start_visit(&cx, row.id, row.version).await.unwrap();
        record_outcome(&cx, row.id, version, form(&d, OutcomeCode::DataError, friday()), "k").await.unwrap();
        let acts = async |subject: &str| {
            let rows = journal::entries_of(&d.store, subject).await.unwrap();
            rows.into_iter().map(|row| row.act).collect::<Vec<_>>()
        };
        assert_eq!(acts("run:r1").await, ["watch.run", "watch.raise"]);
        assert_eq!(acts(&format!("task:{}", row.id)).await, ["task.start_visit", "task.outcome"]);
        for entry in journal::latest(&d.store, 100, 0).await.unwrap() {
            let told = format!("{:?}", entry.details);
            assert!(!told.contains("5230000") && !told.contains("已上门看过") && !told.contains("户主"), "{told}");
        }
        journal::verify(&d.store).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_a_visit_asked_goes_back_to_the_pool_as_an_assessment_of_the_household() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M001", 5_000_000)], thursday()).await;
        assert!(crate::assessment_rows(&d.store, &d.pack.assessment).await.unwrap().is_empty());
        let row = only_task(&d, thursday()).await;
        let sent = form(&d, OutcomeCode::VerifiedHelped, friday());
        record_outcome(&village_officer(&d, friday()), row.id, row.version, sent, "").await.unwrap();
        let rows = crate::assessment_rows(&d.store, &d.pack.assessment).await.unwrap();
        let index: Vec<_> = rows.iter().filter(|r| r.source == "PF03").collect();
        assert_eq!(index.len(), 1);
        assert_eq!(
            (&index[0].values["household_id"], &index[0].values["completeness"], &index[0].values["assessed_on"]),
            (&d.household.0.into(), &1_000.into(), &friday().to_string().into())
        );
        let answers = rows.iter().filter(|r| r.source == "PF04").count();
        assert_eq!(answers, d.pack.assessment.items.len(), "one row for each of the 40 items");
    })
    .await;
}
