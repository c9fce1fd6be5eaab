//! Whose work a case is: handed over, stood in for, reminded of, told upwards once; and how it is found.

use crate::common::*;
use tuodi_access::{Actor, Role};
use tuodi_casework::{CaseError, CaseNo, Channel, Cut, Cx, NextStep, QueueFilter, WaitsFor, work};
use tuodi_store::Store;
use tuodi_testing::each_store;

async fn office(store: Store) -> District {
    let d = district(store).await;
    for (id, role, region) in [
        ("t-officer", Role::TownshipOfficer, TOWNSHIP),
        ("t-second", Role::TownshipOfficer, TOWNSHIP),
        ("t-leader", Role::TownshipLeader, TOWNSHIP),
        ("x-officer", Role::TownshipOfficer, OTHER_TOWNSHIP),
    ] {
        account(&d.store, id, role, region).await;
    }
    d
}

async fn found(cx: &Cx, filter: QueueFilter) -> Vec<CaseNo> {
    tuodi_casework::queue(cx, &filter).await.unwrap().rows.into_iter().map(|row| row.case).collect()
}

async fn mine(cx: &Cx) -> Vec<CaseNo> {
    found(cx, QueueFilter { cut: Cut::Mine, ..QueueFilter::default() }).await
}

#[tokio::test]
async fn a_case_is_handed_over_with_a_reason_to_somebody_who_may_open_it_by_whoever_holds_it_or_leads() {
    each_store(migrations, async |store| {
        let d = office(store).await;
        let case = d.accepted().await;
        let cases = [case.clone()];
        let (officer, second) = (d.officer(day(2026, 7, 8)), d.second_officer(day(2026, 7, 8)));
        tuodi_casework::take(&officer, &case).await.unwrap();
        for (to, reason, key) in [
            ("t-second", " ", "error.required"),
            ("nobody", "忙", "error.choice"),
            ("x-officer", "忙", "error.not_theirs"),
        ] {
            let refused = work::assign(&officer, &cases, to, reason, "a").await;
            assert!(matches!(&refused, Err(CaseError::Invalid(e)) if e[0].key == key), "{to}: {refused:?}");
        }
        let taken = work::assign(&second, &cases, "t-second", "我来办", "b").await;
        assert!(
            matches!(taken, Err(CaseError::Denied(_))),
            "what somebody holds only they or a leader give: {taken:?}"
        );
        for _ in 0..2 {
            assert_eq!(work::assign(&officer, &cases, "t-second", "家里有事，安家的事请接着办", "c").await.unwrap(), 1);
        }
        assert_eq!((mine(&officer).await, mine(&second).await), (vec![], vec![case.clone()]));
        assert_eq!(work::assign(&d.leader(day(2026, 7, 9)), &cases, "t-officer", "调整分工", "d").await.unwrap(), 1);
        let hands = work::hand_overs(&second, &case).await.unwrap();
        assert_eq!(hands.len(), 2, "the second click gave nothing");
        assert_eq!((hands[1].from.as_deref(), hands[1].to.as_str()), (Some("t-officer"), "t-second"));
        assert_eq!(hands[1].reason, "家里有事，安家的事请接着办");
        let journal = tuodi_store::journal::entries_of(&d.store, &case.subject()).await.unwrap();
        let journal = format!("{journal:?}");
        assert!(journal.contains("case.assign") && !journal.contains("安家"), "the reason stays sealed");
        let elsewhere = d.cx(actor(Role::TownshipLeader, "x", OTHER_TOWNSHIP), Channel::Window, day(2026, 7, 9));
        assert!(matches!(work::assign(&elsewhere, &cases, "x-officer", "x", "e").await, Err(CaseError::Denied(_))));
    })
    .await;
}

#[tokio::test]
async fn who_stands_in_sees_the_absent_officers_cases_and_acts_under_the_own_name() {
    each_store(migrations, async |store| {
        let d = office(store).await;
        let case = d.reviewed(&Engine::dibao()).await;
        let officer = d.officer(day(2026, 7, 9));
        tuodi_casework::take(&officer, &case).await.unwrap();
        let (from, to) = (Some(day(2026, 7, 10)), Some(day(2026, 7, 12)));
        for (delegate, from, to) in [("t-leader", from, to), ("t-officer", from, to), ("t-second", to, from)] {
            let refused = work::go_on_leave(&officer, "t-officer", delegate, from, to, "x").await;
            assert!(matches!(refused, Err(CaseError::Invalid(_))), "{delegate}: {refused:?}");
        }
        let other = work::go_on_leave(&d.second_officer(day(2026, 7, 9)), "t-officer", "t-second", from, to, "x").await;
        assert!(matches!(other, Err(CaseError::Denied(_))), "one's own leave only: {other:?}");
        work::go_on_leave(&officer, "t-officer", "t-second", from, to, "l").await.unwrap();
        let back = work::go_on_leave(&d.leader(day(2026, 7, 9)), "t-second", "t-officer", to, to, "m").await;
        assert!(matches!(&back, Err(CaseError::Invalid(e)) if e[0].key == "error.delegate_away"), "{back:?}");
        assert!(mine(&d.second_officer(day(2026, 7, 9))).await.is_empty(), "not yet");
        let second = d.second_officer(day(2026, 7, 10));
        assert_eq!(mine(&second).await, std::slice::from_ref(&case));
        assert_eq!(tuodi_casework::queue_counts(&second).await.unwrap().mine, 1);
        assert!(mine(&d.second_officer(day(2026, 7, 13))).await.is_empty(), "over");
        // Handing it on is theirs too; and standing in opens nothing that their own post does not.
        let version = d.version(&case).await;
        let sign = tuodi_casework::sign_opinion(&second, &case, version, true, "", "s").await;
        assert!(matches!(sign, Err(CaseError::Denied(_))), "{sign:?}");
        assert_eq!(work::assign(&second, std::slice::from_ref(&case), "t-second", "代办", "n").await.unwrap(), 1);
        let leave = work::absences(&officer).await.unwrap();
        assert_eq!(leave.len(), 1);
        work::back_early(&officer, leave[0].id).await.unwrap();
        assert!(work::absences(&officer).await.unwrap().is_empty());
        assert!(work::back_early(&officer, leave[0].id).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_late_step_is_told_upwards_once_a_level_and_no_more_when_it_is_done() {
    each_store(migrations, async |store| {
        let d = office(store).await;
        let case = d.accepted().await;
        // To be checked by the 9th, a Thursday.
        assert_eq!(d.row(&case).await.due_on, Some(day(2026, 7, 9)));
        let system = |dd| d.cx(Actor::system(), Channel::System, day(2026, 7, dd));
        let mut said = Vec::new();
        for on in [7, 8, 8, 9, 10, 10, 13, 16, 17, 20] {
            said.push((on, work::escalate_late_cases(&system(on)).await.unwrap()));
        }
        let [.., last] = said[..] else { panic!() };
        assert_eq!(last, (20, 0));
        // The day before; one working day after, to the district since the check is nobody's in the township; five after.
        assert_eq!(said, [(7, 0), (8, 1), (8, 0), (9, 0), (10, 1), (10, 0), (13, 0), (16, 1), (17, 0), (20, 0)]);
        let up = QueueFilter { cut: Cut::Raised, ..QueueFilter::default() };
        assert_eq!(found(&d.reviewer(day(2026, 7, 20)), up.clone()).await, std::slice::from_ref(&case));
        assert_eq!(d.row(&case).await.raised.as_deref(), Some("district"));
        let calls = work::calls(&d.officer(day(2026, 7, 20)), &case).await.unwrap();
        assert_eq!(calls.iter().map(|c| c.level.as_str()).collect::<Vec<_>>(), ["district", "next", "holder"]);
        let officer = d.officer(day(2026, 7, 20));
        let version = d.version(&case).await;
        tuodi_casework::run_check(&officer, &Engine::dibao(), &case, version).await.unwrap();
        assert!(found(&d.reviewer(day(2026, 7, 20)), up).await.is_empty(), "the next step is not late");
        assert_eq!(d.row(&case).await.next_step, NextStep::Visit);
        assert!(d.acts(&case).await.iter().filter(|a| *a == "case.escalate").count() == 3);
    })
    .await;
}

#[tokio::test]
async fn several_cases_are_reminded_of_by_who_may_and_closed_ones_are_not() {
    each_store(migrations, async |store| {
        let d = office(store).await;
        let case = d.accepted().await;
        let cases = [case.clone()];
        let leader = d.leader(day(2026, 7, 8));
        for _ in 0..2 {
            assert_eq!(work::remind(&leader, &cases, "本周内核对完", "r").await.unwrap(), 1);
        }
        let calls = work::calls(&leader, &case).await.unwrap();
        assert_eq!((calls.len(), calls[0].text.as_str(), calls[0].level.as_str()), (1, "本周内核对完", "asked"));
        assert!(matches!(work::remind(&d.citizen(day(2026, 7, 8)), &cases, "", "s").await, Err(CaseError::Denied(_))));
        assert!(matches!(work::remind(&leader, &[], "", "t").await, Err(CaseError::Invalid(_))));
        let version = d.version(&case).await;
        tuodi_casework::terminate(&d.officer(day(2026, 7, 8)), &case, version, "moved", "已迁出", "u").await.unwrap();
        let closed = work::remind(&leader, &cases, "", "v").await;
        assert!(matches!(&closed, Err(CaseError::Invalid(e)) if e[0].key == "error.closed"), "{closed:?}");
    })
    .await;
}

#[tokio::test]
async fn a_case_is_found_by_initials_and_address_and_by_whom_it_waits_for() {
    each_store(migrations, async |store| {
        let d = office(store).await;
        let case = d.accepted().await;
        let officer = d.officer(day(2026, 7, 8));
        let elsewhere =
            d.cx(actor(Role::TownshipOfficer, "x-officer", OTHER_TOWNSHIP), Channel::Window, day(2026, 7, 8));
        for typed in ["ajg", "安建国", "柳秀英", "0036", "柳岸社区7栋", "7栋"] {
            let filter = QueueFilter { search: typed.to_owned(), ..QueueFilter::default() };
            assert_eq!(found(&officer, filter.clone()).await, std::slice::from_ref(&case), "{typed}");
            assert!(found(&elsewhere, filter).await.is_empty(), "{typed} from another township");
        }
        let waits = |whom| QueueFilter { waits_for: Some(whom), ..QueueFilter::default() };
        assert_eq!(found(&officer, waits(WaitsFor::CheckCentre)).await, [case]);
        for whom in [WaitsFor::Applicant, WaitsFor::Township, WaitsFor::District, WaitsFor::Date] {
            assert!(found(&officer, waits(whom)).await.is_empty(), "{whom:?}");
        }
        assert_eq!(work::note_cases(&officer).await.unwrap(), 0, "noted when it was opened");
    })
    .await;
}

#[tokio::test]
async fn filters_are_ones_own_and_one_of_the_same_name_takes_the_place() {
    each_store(migrations, async |store| {
        let d = office(store).await;
        let (officer, second) = (d.officer(day(2026, 7, 8)), d.second_officer(day(2026, 7, 8)));
        work::save_filter(&officer, "到期低保", "cut=due").await.unwrap();
        work::save_filter(&officer, "到期低保", "cut=due&programme=dibao").await.unwrap();
        let saved = work::saved_filters(&officer).await.unwrap();
        assert_eq!((saved.len(), saved[0].query.as_str()), (1, "cut=due&programme=dibao"));
        assert!(work::saved_filters(&second).await.unwrap().is_empty());
        assert!(matches!(work::forget_filter(&second, saved[0].id).await, Err(CaseError::NotFound { .. })));
        for (name, query) in
            [(" ", "cut=due"), ("什么都没筛", ""), ("太长太长太长太长太长太长太长太长太长太长太", "cut=due")]
        {
            assert!(matches!(work::save_filter(&officer, name, query).await, Err(CaseError::Invalid(_))), "{name}");
        }
        work::forget_filter(&officer, saved[0].id).await.unwrap();
        assert!(work::saved_filters(&officer).await.unwrap().is_empty());
    })
    .await;
}
