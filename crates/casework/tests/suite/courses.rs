//! Both courses of a case: the platform puts the clean ones before the leader, a person sees all the others, and the bureau
//! compares them. On each database.

use crate::common::*;
use std::{collections::BTreeMap, sync::Arc};
use tuodi_casework::{CaseError, CaseNo, CaseState, NextStep};
use tuodi_pack::{AlertFinding, Answer, indicator::Kind, workflow::Course};
use tuodi_store::journal;
use tuodi_testing::each_store;

async fn stands(d: &District, case: &CaseNo) -> (CaseState, NextStep) {
    let row = d.row(case).await;
    (row.state, row.next_step)
}

/// What the guard answered that is not yes.
async fn open_conditions(d: &District, case: &CaseNo) -> Vec<(String, Answer)> {
    let view = tuodi_casework::view(&d.officer(day(2026, 7, 9)), case, "test").await.unwrap();
    let all = view.course.unwrap().conditions.into_iter();
    all.filter(|c| c.answer != Answer::Holds).map(|c| (c.id, c.answer)).collect()
}

#[tokio::test]
async fn a_case_known_and_consistent_goes_to_the_leader_and_is_not_awarded_by_itself() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.surveyed_whole(&d.knowing(), d.whole_form()).await;
        assert_eq!(stands(&d, &case).await, (CaseState::Reviewed, NextStep::Sign));
        assert!(open_conditions(&d, &case).await.is_empty());
        let officer = d.officer(day(2026, 7, 9));
        let version = d.version(&case).await;
        let opinion = tuodi_casework::give_opinion(&officer, &case, version, dibao(), "", "o").await;
        assert!(matches!(opinion, Err(CaseError::WrongStage { .. })), "no opinion is needed: {opinion:?}");
        let view = tuodi_casework::view(&officer, &case, "test").await.unwrap();
        assert_eq!((view.opinions[0].proposal.clone(), view.opinions[0].signed_by.clone()), (dibao(), None));
        assert_eq!(view.opinions[0].given_by, "system");
        let entries = journal::entries_of(&d.store, &case.subject()).await.unwrap();
        let own = entries.iter().find(|e| e.act == "case.put_forward").unwrap();
        assert_eq!((own.actor.as_str(), own.role.as_str()), ("system", "R00"));

        // Only the leader posts it, and only the district decides.
        let early = tuodi_casework::decide(&d.reviewer(day(2026, 7, 10)), &case, version, dibao(), "", "d").await;
        assert!(matches!(early, Err(CaseError::WrongStage { .. })), "{early:?}");
        let by_officer = tuodi_casework::sign_opinion(&officer, &case, version, true, "", "s").await;
        assert!(matches!(by_officer, Err(CaseError::Denied(_))), "{by_officer:?}");
        tuodi_casework::sign_opinion(&d.leader(day(2026, 7, 10)), &case, version, true, "", "s").await.unwrap();
        assert_eq!(stands(&d, &case).await.0, CaseState::Publicised);
        let system = d.cx(tuodi_access::Actor::system(), tuodi_casework::Channel::System, day(2026, 7, 18));
        tuodi_casework::end_due_publicity(&system).await.unwrap();
        let (reviewer, version) = (d.reviewer(day(2026, 7, 20)), d.version(&case).await);
        tuodi_casework::decide(&reviewer, &case, version, dibao(), "", "d").await.unwrap();

        let found =
            tuodi_casework::compare_courses(&reviewer, COUNTY, day(2026, 7, 1), day(2026, 7, 31)).await.unwrap();
        assert_eq!(found.six_steps.decided, 0);
        let own = &found.put_forward;
        assert_eq!((own.decided, own.clean, own.forward, own.papers), (1, 1, 1, 0));
        // Accepted Mon 6, decided Mon 20; officer, leader, reviewer.
        assert_eq!((own.days.median, own.hand_overs.median, own.hand_overs.p90), (Some(10), Some(2), Some(2)));
        let sheet = tuodi_casework::course_workbook(&reviewer, &found, tuodi_pack::Lang::Zh).unwrap();
        assert_eq!(&sheet.bytes[..2], b"PK");
        journal::verify(&d.store).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn whatever_is_open_or_contradicts_is_seen_by_a_person() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let compliance = d.pack.indicators.iter().find(|i| i.kind == Kind::Compliance).unwrap().id.clone();
        let alert = AlertFinding {
            indicator: compliance,
            household_id: d.household,
            person_id: None,
            evidence: Vec::new(),
            severity: None,
            points: 0,
            changes: Vec::new(),
        };
        let form = |relative: &str| -> BTreeMap<String, String> {
            let mut form = d.form();
            form.insert("relative".to_owned(), relative.to_owned());
            form
        };
        let manual = (CaseState::ManualCheck, NextStep::Opinion);
        let plain = (CaseState::Surveying, NextStep::Opinion);
        let fails = |id: &str| vec![(id.to_owned(), Answer::Fails)];
        let tries = [
            (d.knowing(), form("yes"), manual, fails("no_relative")),
            (d.knowing(), form(""), plain, vec![("no_relative".to_owned(), Answer::Unknown)]),
            (Engine { alerts: vec![alert], ..d.knowing() }, form("no"), manual, fails("no_compliance")),
            (
                Engine { fin_assets: Some(1_845_000), ..d.knowing() },
                form("no"),
                (CaseState::ManualCheck, NextStep::ExplainDifferences),
                fails("declared_agrees"),
            ),
            // What no department confirms.
            (
                Engine { more: Vec::new(), ..d.knowing() },
                form("no"),
                plain,
                vec![("declared_agrees".to_owned(), Answer::Unknown)],
            ),
        ];
        for (engine, form, expected, open) in tries {
            let case = d.surveyed_whole(&engine, form).await;
            assert_eq!(stands(&d, &case).await, expected, "{open:?}");
            assert_eq!(open_conditions(&d, &case).await, open);
            let (officer, version) = (d.officer(day(2026, 7, 9)), d.version(&case).await);
            tuodi_casework::terminate(&officer, &case, version, "moved", "已迁出", &case.0).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn what_the_leader_sent_back_is_not_put_forward_again() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.surveyed_whole(&d.knowing(), d.whole_form()).await;
        let version = d.version(&case).await;
        let leader = d.leader(day(2026, 7, 9));
        tuodi_casework::sign_opinion(&leader, &case, version, false, "再看看房子", "s").await.unwrap();
        let officer = d.officer(day(2026, 7, 10));
        let version = d.version(&case).await;
        tuodi_casework::run_check(&officer, &d.knowing(), &case, version).await.unwrap();
        assert_eq!(stands(&d, &case).await, (CaseState::Surveying, NextStep::Opinion));
        assert_eq!(open_conditions(&d, &case).await, [("undisputed".to_owned(), Answer::Fails)]);
        let version = d.version(&case).await;
        tuodi_casework::give_opinion(&officer, &case, version, dibao(), "已看房", "o").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_pack_with_the_six_steps_waits_for_an_opinion_and_both_courses_are_counted_apart() {
    each_store(migrations, async |store| {
        let mut d = district(store).await;
        let mut pack = (*d.pack).clone();
        pack.workflow.flow.course = Course::SixSteps;
        d.pack = Arc::new(pack);
        let case = d.surveyed_whole(&d.knowing(), d.whole_form()).await;
        assert_eq!(stands(&d, &case).await, (CaseState::Surveying, NextStep::Opinion));
        let view = tuodi_casework::view(&d.officer(day(2026, 7, 9)), &case, "test").await.unwrap();
        let course = view.course.unwrap();
        assert_eq!((course.course, course.clean, course.forward_on), (Course::SixSteps, Some(true), None));
        // The pack changes; the case keeps the course it began with.
        d.pack = crate::common::pack();
        let officer = d.officer(day(2026, 7, 9));
        let version = d.version(&case).await;
        tuodi_casework::run_check(&officer, &d.knowing(), &case, version).await.unwrap();
        assert_eq!(stands(&d, &case).await, (CaseState::Surveying, NextStep::Opinion));
        let refused = tuodi_casework::Proposal::Refuse { reason_code: "income_over".to_owned() };
        let version = d.version(&case).await;
        tuodi_casework::give_opinion(&officer, &case, version, refused.clone(), "收入超限", "o").await.unwrap();
        let version = d.version(&case).await;
        tuodi_casework::sign_opinion(&d.leader(day(2026, 7, 9)), &case, version, true, "", "s").await.unwrap();
        let (reviewer, version) = (d.reviewer(day(2026, 7, 13)), d.version(&case).await);
        tuodi_casework::decide(&reviewer, &case, version, refused, "收入超限", "d").await.unwrap();

        let (from, to) = (day(2026, 7, 1), day(2026, 7, 31));
        let found = tuodi_casework::compare_courses(&reviewer, TOWNSHIP, from, to).await.unwrap();
        assert_eq!((found.six_steps.decided, found.six_steps.clean, found.six_steps.forward), (1, 1, 0));
        assert_eq!(found.six_steps.days.median, Some(5));
        assert_eq!(found.put_forward.decided, 0);
        let elsewhere = tuodi_casework::compare_courses(&reviewer, OTHER_TOWNSHIP, from, to).await.unwrap();
        assert_eq!(elsewhere.six_steps.decided, 0);
        let leader = d.leader(day(2026, 7, 13));
        let outside = tuodi_casework::compare_courses(&leader, COUNTY, from, to).await;
        assert!(matches!(outside, Err(CaseError::Denied(_))), "{outside:?}");
        let backwards = tuodi_casework::compare_courses(&reviewer, COUNTY, to, from).await;
        assert!(matches!(backwards, Err(CaseError::Invalid(_))), "{backwards:?}");
    })
    .await;
}
