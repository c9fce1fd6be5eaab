//! A drawn assessment is made a second time by somebody who does not know the first; the district sees how far they agree,
//! and nothing else changes.

use crate::common::*;
use chrono::NaiveDate;
use tuodi_access::{Actor, Role};
use tuodi_casework::{
    CaseError, CaseNo, Channel, Cx,
    raters::{
        assess_second, draw_seconds, give_second, look_together, rater_gap, rater_report, rater_workbook, sample,
        second_assessors, seconds,
    },
    reassess::AssessForm,
};
use tuodi_pack::{Lang, assessment::Answers};
use tuodi_store::{Store, journal};
use tuodi_testing::each_store;

fn system(d: &District, on: NaiveDate) -> Cx {
    d.cx(Actor::system(), Channel::System, on)
}

fn assessor(d: &District, on: NaiveDate) -> Cx {
    d.cx(actor(Role::ThirdPartyAssessor, "a-one", COUNTY), Channel::Visit, on)
}

/// Everything is as well as the form knows; the first visit took the first answers.
fn well(d: &District) -> Answers {
    let items = d.pack.assessment.items.iter();
    let least = |item: &tuodi_pack::assessment::Item| item.choices.iter().min_by_key(|c| c.score).unwrap().id.clone();
    items.map(|item| (item.id.clone(), least(item))).collect()
}

fn refused(result: Result<impl std::fmt::Debug, CaseError>) -> (String, &'static str) {
    match result {
        Err(CaseError::Invalid(mut problems)) => (problems[0].field.clone(), problems.remove(0).key),
        other => panic!("{other:?}"),
    }
}

/// Visited on the eighth of July by the officer and the village; drawn on the third of August.
async fn drawn(store: Store) -> (District, CaseNo, i64) {
    let d = district(store).await;
    for (id, role, region) in [
        ("t-officer", Role::TownshipOfficer, TOWNSHIP),
        ("t-second", Role::TownshipOfficer, TOWNSHIP),
        ("a-one", Role::ThirdPartyAssessor, COUNTY),
        ("x-officer", Role::TownshipOfficer, OTHER_TOWNSHIP),
    ] {
        account(&d.store, id, role, region).await;
    }
    let case = d.surveyed_whole(&Engine::dibao(), d.form()).await;
    assert_eq!(draw_seconds(&system(&d, day(2026, 7, 31))).await.unwrap(), 0, "July is not over");
    assert_eq!(draw_seconds(&system(&d, day(2026, 8, 3))).await.unwrap(), 1, "at least one of a township");
    assert_eq!(draw_seconds(&system(&d, day(2026, 8, 4))).await.unwrap(), 0, "once a month");
    let id = seconds(&d.officer(day(2026, 8, 4))).await.unwrap()[0].id;
    (d, case, id)
}

#[tokio::test]
async fn whoever_made_the_first_or_has_read_it_makes_no_second_and_an_assessor_sees_only_their_own() {
    each_store(migrations, async |store| {
        let (d, case, id) = drawn(store).await;
        let on = day(2026, 8, 4);
        let row = seconds(&d.officer(on)).await.unwrap().remove(0);
        assert_eq!((row.case, row.month, row.due_on), (case.clone(), day(2026, 7, 1), day(2026, 8, 17)));
        let entries = journal::entries_of(&d.store, &format!("county:{COUNTY}")).await.unwrap();
        assert!(format!("{:?}", entries[0]).contains(&format!("2026-07|{COUNTY}")), "the seed is journalled");

        let form = AssessForm { on: Some(on), answers: well(&d), note: String::new() };
        let own = assess_second(&d.officer(on), id, form.clone(), "").await;
        assert!(matches!(own, Err(CaseError::Denied(_))), "the first assessor: {own:?}");
        assert!(!sample(&d.officer(on), id).await.unwrap().may_assess);
        let (leader, one) = (d.leader(on), assessor(&d, on));
        let can = async || -> Vec<String> {
            second_assessors(&leader, id).await.unwrap().into_iter().map(|a| a.id).collect()
        };
        assert_eq!(can().await, ["a-one", "t-second"]);
        tuodi_casework::view(&d.second_officer(on), &case, "case work").await.unwrap();
        assert_eq!(can().await, ["a-one"], "who has opened the case knows the first answers");
        let read = ("answers".to_owned(), "error.seen_first");
        assert_eq!(refused(assess_second(&d.second_officer(on), id, form.clone(), "").await), read);
        assert_eq!(refused(give_second(&leader, id, "t-second", "").await).1, "error.seen_first");
        for nobody in ["t-officer", "x-officer", "none"] {
            assert_eq!(refused(give_second(&leader, id, nobody, "").await).1, "error.choice", "{nobody}");
        }
        assert!(matches!(sample(&one, id).await, Err(CaseError::Denied(_))), "not given yet");
        assert!(seconds(&one).await.unwrap().is_empty());
        for _ in 0..2 {
            give_second(&leader, id, "a-one", "g").await.unwrap();
        }
        assert!(sample(&one, id).await.unwrap().may_assess);
        assert_eq!(seconds(&one).await.unwrap().len(), 1);
        let seen = format!("{:?}", sample(&one, id).await.unwrap());
        assert!(!seen.contains("severe") && !seen.contains("score"), "nothing of the first: {seen}");
    })
    .await;
}

#[tokio::test]
async fn a_large_difference_is_looked_at_together_and_changes_nothing_by_itself() {
    each_store(migrations, async |store| {
        let (d, case, id) = drawn(store).await;
        let on = day(2026, 8, 5);
        let (leader, one, district) = (d.leader(on), assessor(&d, on), d.district_officer(on));
        give_second(&leader, id, "a-one", "").await.unwrap();
        let before =
            (d.version(&case).await, tuodi_casework::assessment_rows(&d.store, &d.pack.assessment).await.unwrap());
        let months = (day(2026, 6, 1), day(2026, 7, 1));
        let open = rater_report(&district, months.0, months.1).await.unwrap();
        assert_eq!((open.of, open.drawn, open.open, open.late, open.done), (1, 1, 1, 0, 0));
        assert_eq!(rater_report(&d.district_officer(day(2026, 8, 18)), months.0, months.1).await.unwrap().late, 1);

        let form = AssessForm { on: Some(on), answers: well(&d), note: "邻居在场".to_owned() };
        let few = AssessForm { answers: well(&d).into_iter().take(2).collect(), ..form.clone() };
        assert_eq!(refused(assess_second(&one, id, few, "").await).1, "error.assessment_incomplete");
        for (day_on, key) in [
            (None, "error.date"),
            (Some(day(2026, 8, 6)), "error.future"),
            (Some(day(2026, 7, 7)), "error.before_task"),
        ] {
            let form = AssessForm { on: day_on, ..form.clone() };
            assert_eq!(refused(assess_second(&one, id, form, "").await), ("on".to_owned(), key));
        }
        for _ in 0..2 {
            assert!(assess_second(&one, id, form.clone(), "k").await.unwrap(), "a large difference");
        }
        assert!(matches!(assess_second(&one, id, form, "").await, Err(CaseError::Answered { .. })));
        assert!(seconds(&one).await.unwrap().is_empty());
        let after =
            (d.version(&case).await, tuodi_casework::assessment_rows(&d.store, &d.pack.assessment).await.unwrap());
        assert_eq!(before, after, "neither the case nor what rules read has changed");

        let report = rater_report(&district, months.0, months.1).await.unwrap();
        let gap = &report.gaps[0];
        assert!(report.done == 1 && gap.large && gap.gap >= 15_000 && gap.looked.is_none(), "{gap:?}");
        assert_eq!(gap.gap, gap.second.0.abs_diff(gap.first.0));
        let level = report.level.as_ref().unwrap();
        assert_eq!((level.agreement.pairs, level.agreement.same, level.agreement.kappa), (1, 0, Some(0)));
        assert!(report.too_few(level), "one pair says nothing");
        assert_eq!(report.questions.len(), d.pack.assessment.items.len());
        let differ = report.questions.iter().filter(|q| q.agreement.same == 0).count();
        assert_eq!(differ, gap.differs.len());
        let book = rater_workbook(&district, &report, Lang::Zh).unwrap();
        assert!(book.bytes.starts_with(b"PK") && book.name.ends_with(".xlsx"));
        for other in [d.officer(on), d.citizen(on), one] {
            assert!(matches!(rater_report(&other, months.0, months.1).await, Err(CaseError::Denied(_))));
        }

        assert_eq!(refused(look_together(&district, id, " ", "").await), ("text".to_owned(), "error.required"));
        assert_eq!(refused(look_together(&district, id, &"长".repeat(501), "").await).1, "error.too_long");
        assert!(matches!(look_together(&leader, id, "x", "").await, Err(CaseError::Denied(_))));
        for _ in 0..2 {
            look_together(&district, id, "住房安全那题看法不一样", "l").await.unwrap();
        }
        assert!(matches!(look_together(&district, id, "再看", "").await, Err(CaseError::Answered { .. })));
        let looked = rater_gap(&district, id).await.unwrap().looked.unwrap();
        assert_eq!(looked, (on, "住房安全那题看法不一样".to_owned()));
        let journal = format!("{:?}", journal::entries_of(&d.store, &format!("second:{id}")).await.unwrap());
        assert!(journal.contains("assessment.looked") && !journal.contains("住房") && !journal.contains("邻居"));
        journal::verify(&d.store).await.unwrap();
    })
    .await;
}
