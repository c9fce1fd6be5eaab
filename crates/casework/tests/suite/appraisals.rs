//! Where a notice was objected to, the neighbourhood may be asked whether what was found is true; on each database.

use crate::common::*;
use crate::walk::{calling, held};
use tuodi_casework::{
    CaseError, CaseNo, CaseState, NextStep, Objection,
    appraisal::{
        Calling, Came, Held, Member, Votes, appraisal_sheet, appraisals, call_appraisal, call_off, record_appraisal,
    },
};
use tuodi_testing::each_store;

fn fields(refused: CaseError) -> Vec<String> {
    let CaseError::Invalid(problems) = refused else { panic!("{refused}") };
    problems.into_iter().map(|p| format!("{} {}", p.field, p.key)).collect()
}

impl District {
    /// Posted, and objected to on 14 July.
    async fn disputed(&self) -> CaseNo {
        let case = self.publicised(&Engine::dibao()).await;
        let (cx, version) = (self.officer(day(2026, 7, 14)), self.version(&case).await);
        let said = Objection { text: "他家有人打工".to_owned(), how: "oral".to_owned(), ..Objection::default() };
        tuodi_casework::record_objection(&cx, &case, version, said, "o").await.unwrap();
        case
    }
}

#[tokio::test]
async fn the_neighbourhood_is_asked_about_the_facts_and_whoever_looks_into_it_writes_the_opinion() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.disputed().await;
        let second = d.second_officer(day(2026, 7, 14));
        let version = d.version(&case).await;
        let early = tuodi_casework::resolve_objection(&second, &case, version, dibao(), "属实", "不属实", "e").await;
        assert!(matches!(early, Err(CaseError::NoVisit)), "{early:?}");
        let own = call_appraisal(&d.officer(day(2026, 7, 14)), &case, version, calling(), "x").await;
        assert!(matches!(own, Err(CaseError::Denied(_))), "whose opinion was objected to keeps out: {own:?}");
        let empty = call_appraisal(&second, &case, version, Calling::default(), "y").await.unwrap_err();
        let expected = ["meets_on error.date", "place error.required", "points error.required"];
        assert_eq!(fields(empty), expected);
        let late = Calling { meets_on: Some(day(2026, 7, 22)), ..calling() };
        let late = call_appraisal(&second, &case, version, late, "z").await.unwrap_err();
        assert_eq!(fields(late), ["meets_on error.too_late"], "five working days from 14 July");
        let version = call_appraisal(&second, &case, version, calling(), "a").await.unwrap();
        let row = d.row(&case).await;
        assert_eq!((row.state, row.next_step), (CaseState::Appraisal, NextStep::Appraise));
        assert_eq!(row.due_on, Some(day(2026, 7, 21)));

        let meeting = d.second_officer(day(2026, 7, 20));
        let nothing = record_appraisal(&meeting, &case, version, Held::default(), "b").await.unwrap_err();
        let expected = ["held_on error.date", "members error.too_few", "text error.required", "sheet error.required"];
        assert_eq!(fields(nothing), expected, "everything at once");
        let officers = held().members.into_iter().map(|m| Member { side: "township".to_owned(), ..m }).collect();
        let few = Held { members: officers, votes: Votes { holds: 9, ..Votes::default() }, ..held() };
        let few = record_appraisal(&meeting, &case, version, few, "c").await.unwrap_err();
        assert_eq!(fields(few), ["members error.residents", "votes error.votes"]);
        let twice = held().members.into_iter().map(|m| Member { name: "何平".to_owned(), ..m }).collect();
        let twice = record_appraisal(&meeting, &case, version, Held { members: twice, ..held() }, "d").await;
        assert_eq!(fields(twice.unwrap_err()), ["members error.twice"]);
        let before = Held { held_on: Some(day(2026, 7, 13)), ..held() };
        let before = record_appraisal(&meeting, &case, version, before, "f").await.unwrap_err();
        assert_eq!(fields(before), ["held_on error.date"], "not before it was called");
        assert_eq!(d.row(&case).await.state, CaseState::Appraisal);

        let version = record_appraisal(&meeting, &case, version, held(), "g").await.unwrap();
        let row = d.row(&case).await;
        assert_eq!((row.state, row.next_step), (CaseState::Objection, NextStep::ResolveObjection));
        assert_eq!(row.due_on, Some(day(2026, 7, 28)), "the day that whoever objected was told");
        let all = appraisals(&meeting, &case).await.unwrap();
        let [one] = all.as_slice() else { panic!("{all:?}") };
        assert_eq!((one.came, one.votes, one.members.len()), (Some(Came::True), held().votes, 7));
        let sheet = appraisal_sheet(&meeting, &case, one.id).await.unwrap();
        assert_eq!((sheet.mime(), sheet.bytes()), ("application/pdf", &b"%PDF-1.7 signed"[..]));
        let citizen = d.citizen(day(2026, 7, 20));
        assert!(appraisals(&citizen, &case).await.unwrap().is_empty(), "who said what stays there");
        assert!(matches!(appraisal_sheet(&citizen, &case, one.id).await, Err(CaseError::NotFound { .. })));

        tuodi_casework::resolve_objection(&meeting, &case, version, dibao(), "属实", "不属实", "r").await.unwrap();
        assert_eq!(d.row(&case).await.state, CaseState::Confirming);
        let journal = format!("{:?}", tuodi_store::journal::entries_of(&d.store, &case.subject()).await.unwrap());
        assert!(journal.contains("case.appraise") && !journal.contains("resident 1"), "{journal}");
        assert!(!journal.contains("打工") && !journal.contains("村委会"), "{journal}");
    })
    .await;
}

#[tokio::test]
async fn a_meeting_called_off_leaves_the_home_to_be_visited_again() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.disputed().await;
        let cx = d.second_officer(day(2026, 7, 14));
        let version = call_appraisal(&cx, &case, d.version(&case).await, calling(), "a").await.unwrap();
        // Others may object meanwhile; the meeting stays.
        let said = Objection { text: "有存款".to_owned(), how: "phone".to_owned(), ..Objection::default() };
        let filed = tuodi_casework::record_objection(&cx, &case, version, said, "o2").await.unwrap();
        assert_eq!(d.row(&case).await.state, CaseState::Appraisal);
        let open = tuodi_casework::follow(&d.store, &filed.code).await.unwrap().unwrap();
        assert!(!open.moot);
        let silent = call_off(&cx, &case, filed.version, " ", "b").await.unwrap_err();
        assert_eq!(fields(silent), ["reason error.required"]);
        let version = call_off(&cx, &case, filed.version, "人来不齐", "b").await.unwrap();
        let row = d.row(&case).await;
        assert_eq!((row.state, row.due_on), (CaseState::Objection, Some(day(2026, 7, 28))));
        let again = tuodi_casework::resolve_objection(&cx, &case, version, dibao(), "属实", "不属实", "r").await;
        assert!(matches!(again, Err(CaseError::NoVisit)), "{again:?}");
        assert_eq!(appraisals(&cx, &case).await.unwrap()[0].came, Some(Came::CalledOff));
    })
    .await;
}

#[tokio::test]
async fn where_the_pack_has_no_appraisal_every_objection_is_looked_into_at_the_home() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.disputed().await;
        let mut pack = (*d.pack).clone();
        pack.workflow.appraisal = None;
        let d = District { pack: pack.into(), ..d };
        let cx = d.second_officer(day(2026, 7, 14));
        let view = tuodi_casework::view(&cx, &case, "test").await.unwrap();
        assert!(view.offer(tuodi_casework::Offered::CallAppraisal).is_none());
        assert!(view.offer(tuodi_casework::Offered::ResolveObjection).is_some());
        let called = call_appraisal(&cx, &case, view.row.version, calling(), "a").await;
        assert!(matches!(called, Err(CaseError::NotFound { .. })), "{called:?}");
    })
    .await;
}
