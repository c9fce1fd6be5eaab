//! On which occasions a household is assessed, by when and by whom; what answers one, and what does not.

use crate::common::*;
use chrono::NaiveDate;
use tuodi_access::{Actor, Role};
use tuodi_casework::{
    CaseError, CaseNo, Channel, Cx, RosterRow, VisitForm, Why, open_recheck,
    reassess::{
        AssessForm, DueCut, DueFilter, DueRow, assess, assessors, due_assessments, due_of_case, give, task,
        watch_assessments,
    },
    recheck_unchanged, record_visit, tell_change,
};
use tuodi_pack::{Fen, assessment::Answers, reassess::Occasion};
use tuodi_store::{Store, journal};
use tuodi_testing::each_store;

async fn due(cx: &Cx, cut: DueCut) -> Vec<DueRow> {
    due_assessments(cx, &DueFilter { cut, ..DueFilter::default() }).await.unwrap().rows
}

async fn only(cx: &Cx, cut: DueCut) -> DueRow {
    let mut rows = due(cx, cut).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows.remove(0)
}

fn whole(d: &District) -> Answers {
    d.whole_visit(day(2026, 7, 8)).answers
}

fn said(d: &District, on: NaiveDate) -> AssessForm {
    AssessForm { on: Some(on), answers: whole(d), note: "炉子坏了".to_owned() }
}

fn refused(result: Result<impl std::fmt::Debug, CaseError>) -> Vec<(String, &'static str)> {
    match result {
        Err(CaseError::Invalid(problems)) => problems.into_iter().map(|p| (p.field, p.key)).collect(),
        other => panic!("{other:?}"),
    }
}

fn system(d: &District, on: NaiveDate) -> Cx {
    d.cx(Actor::system(), Channel::System, on)
}

fn assessor(d: &District, id: &str, on: NaiveDate) -> Cx {
    d.cx(actor(Role::ThirdPartyAssessor, id, COUNTY), Channel::Visit, on)
}

/// Paid since August, visited on the eighth of July with every question asked.
async fn assisted(store: Store) -> (District, CaseNo) {
    let d = district(store).await;
    let case = d.surveyed_whole(&Engine::dibao(), d.form()).await;
    let officer = d.officer(day(2026, 7, 9));
    let version = d.version(&case).await;
    tuodi_casework::give_opinion(&officer, &case, version, dibao(), "", "").await.unwrap();
    let version = d.version(&case).await;
    tuodi_casework::sign_opinion(&d.leader(day(2026, 7, 10)), &case, version, true, "", "").await.unwrap();
    tuodi_casework::end_due_publicity(&system(&d, day(2026, 7, 18))).await.unwrap();
    let version = d.version(&case).await;
    tuodi_casework::decide(&d.reviewer(day(2026, 7, 20)), &case, version, dibao(), "", "").await.unwrap();
    tuodi_casework::prepare_batch(&d.district_officer(day(2026, 8, 9)), day(2026, 8, 1), "").await.unwrap();
    (d, case)
}

/// A recipient from before this platform.
async fn taken_over(store: Store, class: &str, last: Option<NaiveDate>) -> District {
    let d = district(store).await;
    let row = RosterRow {
        certificate: "t-1".to_owned(),
        applicant: d.father,
        household: d.household,
        programme: "dibao".to_owned(),
        monthly: Fen::yuan(1300),
        members: 3,
        start_date: day(2024, 3, 1),
        region_code: VILLAGE.to_owned(),
        class: Some(class.to_owned()),
        last_reverify: last,
    };
    tuodi_casework::import_roster(&d.store, &d.pack, vec![row], morning(day(2026, 6, 1))).await.unwrap();
    d
}

#[tokio::test]
async fn a_new_subject_is_assessed_at_the_visit_and_a_visit_that_asks_too_little_leaves_it_open() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.accepted().await;
        let officer = d.officer(day(2026, 7, 8));
        let row = only(&officer, DueCut::Now).await;
        assert_eq!((row.occasion, row.due_on, row.desk.as_str()), (Occasion::New, day(2026, 7, 15), "township"));
        assert_eq!((row.since, row.name.as_str(), &row.case), (day(2026, 7, 6), "安建国", &case));
        assert!(due(&officer, DueCut::Late).await.is_empty());
        assert_eq!(due(&d.officer(day(2026, 7, 16)), DueCut::Late).await.len(), 1);

        let version = d.version(&case).await;
        record_visit(&officer, &Engine::dibao(), &case, version, d.visit(day(2026, 7, 8))).await.unwrap();
        assert_eq!(due(&officer, DueCut::Now).await.len(), 1, "a preliminary assessment answers nothing");
        let version = d.version(&case).await;
        record_visit(&officer, &Engine::dibao(), &case, version, d.whole_visit(day(2026, 7, 8))).await.unwrap();
        assert!(due(&officer, DueCut::All).await.is_empty());
        let all = due_of_case(&officer, &case).await.unwrap();
        assert_eq!(all[0].answered, Some((day(2026, 7, 8), "visit".to_owned())));
        assert!(due_of_case(&d.citizen(day(2026, 7, 8)), &case).await.unwrap().is_empty(), "the office's own work");
        let entries = journal::entries_of(&d.store, &format!("assessment:{}", row.id)).await.unwrap();
        assert_eq!(
            entries.iter().map(|e| e.act.as_str()).collect::<Vec<_>>(),
            ["assessment.due", "assessment.answered"]
        );
        journal::verify(&d.store).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_family_that_changed_is_assessed_in_five_working_days_whatever_else_is_told_meanwhile() {
    each_store(migrations, async |store| {
        let (d, case) = assisted(store).await;
        let version = d.version(&case).await;
        tell_change(&d.citizen(day(2026, 9, 15)), &case, version, "八月起父亲失业", "").await.unwrap();
        let row = only(&d.officer(day(2026, 9, 15)), DueCut::Now).await;
        assert_eq!((row.occasion, row.due_on), (Occasion::Change, day(2026, 9, 21)), "Sunday the twentieth is worked");
        let on = day(2026, 9, 17);
        let version = d.version(&case).await;
        let again = VisitForm { answers: whole(&d), ..d.visit(on) };
        record_visit(&d.officer(on), &Engine::dibao(), &case, version, again).await.unwrap();
        assert!(due(&d.officer(on), DueCut::Now).await.is_empty());

        // The periodic check is no change of the family; a change that data show is one.
        let version = d.version(&case).await;
        recheck_unchanged(&d.officer(on), &case, version, "已核对", "").await.unwrap();
        let version = d.version(&case).await;
        open_recheck(&d.officer(on), &case, version, Why::Period, "", "").await.unwrap();
        assert!(due(&d.officer(on), DueCut::Now).await.is_empty());
        let version = d.version(&case).await;
        recheck_unchanged(&d.officer(on), &case, version, "已核对", "").await.unwrap();
        let version = d.version(&case).await;
        open_recheck(&d.officer(on), &case, version, Why::Data, "工资", "").await.unwrap();
        assert_eq!(only(&d.officer(on), DueCut::Now).await.occasion, Occasion::Change);
    })
    .await;
}

#[tokio::test]
async fn what_a_recheck_can_be_opened_for_is_what_a_pack_can_name() {
    let known: Vec<&str> = Why::ALL.iter().map(|why| why.id()).filter(|id| *id != "period").collect();
    assert_eq!(known, tuodi_pack::reassess::CHANGES);
}

#[tokio::test]
async fn a_recipient_is_assessed_again_with_the_periodic_check_and_then_a_year_later() {
    each_store(migrations, async |store| {
        let (d, case) = assisted(store).await;
        assert_eq!(watch_assessments(&system(&d, day(2026, 8, 10))).await.unwrap(), 1);
        assert_eq!(watch_assessments(&system(&d, day(2026, 8, 10))).await.unwrap(), 0, "once");
        let view = tuodi_casework::view(&d.officer(day(2026, 8, 10)), &case, "test").await.unwrap();
        let check = view.benefits[0].next_reverify.expect("a day of the next check");
        let row = only(&d.officer(day(2026, 8, 10)), DueCut::All).await;
        assert_eq!((row.occasion, row.due_on), (Occasion::Standing, check), "one visit does for both");
        assert!(due(&d.officer(day(2026, 8, 10)), DueCut::Now).await.is_empty(), "months away");
        let month = check - chrono::Days::new(30);
        assert_eq!(due(&d.officer(month), DueCut::Now).await.len(), 1);

        let version = d.version(&case).await;
        let officer = d.officer(month);
        open_recheck(&officer, &case, version, Why::Period, "", "").await.unwrap();
        assert_eq!(due(&officer, DueCut::Now).await.len(), 1, "the check asks for no second assessment");
        let version = d.version(&case).await;
        let again = VisitForm { answers: whole(&d), ..d.visit(month) };
        record_visit(&officer, &Engine::dibao(), &case, version, again).await.unwrap();
        let version = d.version(&case).await;
        recheck_unchanged(&officer, &case, version, "没有变化", "").await.unwrap();
        assert!(due(&officer, DueCut::All).await.is_empty());
        watch_assessments(&system(&d, month)).await.unwrap();
        let next = only(&officer, DueCut::All).await;
        assert!(next.due_on > check && next.id != row.id, "{next:?}");
    })
    .await;
}

#[tokio::test]
async fn who_was_never_assessed_has_days_from_the_start_and_class_c_comes_twice_a_year() {
    for (class, last, wanted) in [
        ("A", Some(day(2025, 12, 1)), day(2026, 12, 1)),
        ("C", Some(day(2026, 4, 1)), day(2026, 10, 1)),
        // Overdue, or never checked: nobody is late on the first day.
        ("C", Some(day(2025, 4, 1)), day(2026, 6, 30)),
        ("B", None, day(2026, 6, 30)),
    ] {
        each_store(migrations, async |store| {
            let d = taken_over(store, class, last).await;
            watch_assessments(&system(&d, day(2026, 6, 1))).await.unwrap();
            let row = only(&d.officer(day(2026, 6, 1)), DueCut::All).await;
            assert_eq!(row.due_on, wanted, "class {class}, last checked {last:?}");
        })
        .await;
    }
}

#[tokio::test]
async fn an_assessor_sees_and_makes_only_what_was_given_and_the_answers_are_sealed_and_reach_the_rules() {
    each_store(migrations, async |store| {
        let d = taken_over(store, "B", None).await;
        account(&d.store, "a-one", Role::ThirdPartyAssessor, COUNTY).await;
        account(&d.store, "x-officer", Role::TownshipOfficer, OTHER_TOWNSHIP).await;
        account(&d.store, "grid", Role::GridWorker, VILLAGE).await;
        watch_assessments(&system(&d, day(2026, 6, 1))).await.unwrap();
        let on = day(2026, 6, 10);
        let (one, officer) = (assessor(&d, "a-one", on), d.officer(on));
        let row = only(&officer, DueCut::Now).await;
        assert!(due(&one, DueCut::Now).await.is_empty());
        assert!(matches!(task(&one, row.id).await, Err(CaseError::Denied(_))));
        assert!(matches!(assess(&one, row.id, said(&d, on), "").await, Err(CaseError::Denied(_))));
        let can: Vec<String> = assessors(&officer, row.id).await.unwrap().into_iter().map(|a| a.id).collect();
        assert_eq!(can, ["a-one"]);
        assert!(assessors(&one, row.id).await.unwrap().is_empty());
        assert_eq!(refused(give(&officer, row.id, "x-officer", "").await), [("to".to_owned(), "error.choice")]);
        for _ in 0..2 {
            give(&officer, row.id, "a-one", "g").await.unwrap();
        }
        let elsewhere = d.cx(actor(Role::TownshipOfficer, "x-officer", OTHER_TOWNSHIP), Channel::Window, on);
        assert!(matches!(task(&elsewhere, row.id).await, Err(CaseError::Denied(_))));
        assert!(matches!(due_assessments(&d.citizen(on), &DueFilter::default()).await, Err(CaseError::Denied(_))));

        let seen = task(&one, row.id).await.unwrap();
        assert!(seen.may_assess && seen.applicant == "安建国" && seen.address.contains("柳岸"));
        assert_eq!(only(&one, DueCut::Mine).await.id, row.id);
        let error = |field: &str, key| vec![(field.to_owned(), key)];
        let few = AssessForm { answers: whole(&d).into_iter().take(2).collect(), ..said(&d, on) };
        assert_eq!(
            refused(assess(&one, row.id, few.clone(), "").await),
            error("answers", "error.assessment_incomplete")
        );
        let both = refused(assess(&one, row.id, AssessForm { on: None, ..few }, "").await);
        assert_eq!(both.len(), 2, "told at once, not one after the other: {both:?}");
        for (day_on, key) in [
            (None, "error.date"),
            (Some(day(2026, 6, 11)), "error.future"),
            (Some(day(2026, 5, 31)), "error.before_task"),
        ] {
            let form = AssessForm { on: day_on, ..said(&d, on) };
            assert_eq!(refused(assess(&one, row.id, form, "").await), error("on", key));
        }
        let long = AssessForm { note: "长".repeat(501), ..said(&d, on) };
        assert_eq!(refused(assess(&one, row.id, long, "").await), error("note", "error.too_long"));
        for _ in 0..2 {
            assert_eq!(assess(&one, row.id, said(&d, on), "k").await.unwrap().answered, 1);
        }
        assert!(matches!(assess(&one, row.id, said(&d, on), "").await, Err(CaseError::Answered { .. })));
        assert!(matches!(give(&d.leader(on), row.id, "a-one", "").await, Err(CaseError::Answered { .. })));
        assert!(!task(&one, row.id).await.unwrap().may_assess);

        let rows = tuodi_casework::assessment_rows(&d.store, &d.pack.assessment).await.unwrap();
        assert_eq!(rows.len(), 1 + d.pack.assessment.items.len(), "the result and each answer");
        let subject = row.case.subject();
        let journal = format!("{:?}", journal::entries_of(&d.store, &subject).await.unwrap());
        assert!(journal.contains("case.assessed") && !journal.contains("炉子"), "{journal}");
        let looks = tuodi_access::looks::of_subject(&d.store, &subject, 50).await.unwrap();
        assert!(looks.iter().any(|l| l.purpose == "six-dimension assessment"));
        watch_assessments(&system(&d, day(2026, 6, 11))).await.unwrap();
        assert_eq!(only(&officer, DueCut::All).await.due_on, day(2027, 6, 10), "a year later");
    })
    .await;
}

#[tokio::test]
async fn whoever_has_left_is_assessed_no_more() {
    each_store(migrations, async |store| {
        let (d, case) = assisted(store).await;
        watch_assessments(&system(&d, day(2026, 8, 10))).await.unwrap();
        let on = day(2026, 8, 17);
        let version = d.version(&case).await;
        open_recheck(&d.officer(on), &case, version, Why::Declared, "要搬走", "").await.unwrap();
        assert_eq!(due(&d.officer(on), DueCut::All).await.len(), 2);
        let version = d.version(&case).await;
        let stop = tuodi_casework::Change::Stop { reason_code: "voluntary".to_owned(), from: None, reporters: vec![] };
        tuodi_casework::propose_change(&d.officer(on), &case, version, stop, "本人不要了", "").await.unwrap();
        tuodi_casework::give_view(&d.citizen(on), &case, "同意", "").await.unwrap();
        let version = d.version(&case).await;
        tuodi_casework::decide_change(&d.reviewer(day(2026, 8, 18)), &case, version, true, "同意", "").await.unwrap();
        assert_eq!(watch_assessments(&system(&d, day(2026, 9, 1))).await.unwrap(), 2);
        assert!(due(&d.officer(day(2026, 9, 1)), DueCut::All).await.is_empty());
        assert!(due_of_case(&d.officer(day(2026, 9, 1)), &case).await.unwrap().iter().filter(|r| r.ended).count() == 2);
    })
    .await;
}
