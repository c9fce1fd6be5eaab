//! Appeals: until when, heard by whom, and what follows; worked case 15.

use crate::common::*;
use tuodi_access::Role;
use tuodi_casework::{
    AppealAnswer, CaseError, CaseNo, CaseState, Channel, Cx, Grounds, NextStep, NoticeKind, Proposal,
};
use tuodi_pack::Fen;
use tuodi_testing::each_store;

fn grounds(text: &str) -> Grounds {
    Grounds { text: text.to_owned(), ..Grounds::default() }
}

fn over() -> Proposal {
    Proposal::Refuse { reason_code: "property_over".to_owned() }
}

impl District {
    /// Decided on 2026-07-20 by the reviewer.
    async fn decided_on_20_july(&self, outcome: Proposal) -> CaseNo {
        let case = self.confirming(&Engine::dibao()).await;
        let (cx, version) = (self.reviewer(day(2026, 7, 20)), self.version(&case).await);
        tuodi_casework::decide(&cx, &case, version, outcome, "账户存款26万元", "d").await.unwrap();
        case
    }

    fn second_reviewer(&self, m: u32, d: u32) -> Cx {
        self.cx(actor(Role::Reviewer, "d-second", COUNTY), Channel::Window, day(2026, m, d))
    }

    async fn appeal(&self, case: &CaseNo, m: u32, d: u32) -> tuodi_casework::Appealed {
        let (cx, version) = (self.citizen(day(2026, m, d)), self.version(case).await);
        tuodi_casework::file_appeal(&cx, case, version, grounds("账户里的钱是村集体的水利款"), "a").await.unwrap()
    }
}

#[tokio::test]
async fn a_refusal_that_was_the_office_s_error_is_decided_anew_and_holds_from_the_first_day() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.decided_on_20_july(over()).await;
        let filed = d.appeal(&case, 7, 27).await;
        // Worked case 15: fifteen working days from 27 July.
        assert_eq!(filed.due, day(2026, 8, 17));
        let row = d.row(&case).await;
        assert_eq!(
            (row.state, row.next_step, row.due_on),
            (CaseState::Appealed, NextStep::AnswerAppeal, Some(filed.due))
        );

        let fault = AppealAnswer::Reopen { office_error: true };
        let first = d.reviewer(day(2026, 8, 10));
        let own = tuodi_casework::answer_appeal(&first, &case, row.version, fault, "属实", "r").await;
        assert!(matches!(own, Err(CaseError::Denied(_))), "not by whoever decided: {own:?}");
        let second = d.second_reviewer(8, 10);
        let wordless = tuodi_casework::answer_appeal(&second, &case, row.version, fault, " ", "r").await;
        assert!(matches!(&wordless, Err(CaseError::Invalid(e)) if e[0].field == "text"), "{wordless:?}");
        let words = "23.8万元为村集体水利款，有账目和村委会证明。";
        let version = tuodi_casework::answer_appeal(&second, &case, row.version, fault, words, "r").await.unwrap();
        assert_eq!(d.row(&case).await.state, CaseState::Confirming);

        let again = tuodi_casework::decide(&d.reviewer(day(2026, 8, 12)), &case, version, dibao(), "", "e").await;
        assert!(matches!(again, Err(CaseError::Denied(_))), "nor decided anew by them: {again:?}");
        let decided =
            tuodi_casework::decide(&d.second_reviewer(8, 12), &case, version, dibao(), "", "e").await.unwrap();
        let citizen = d.citizen(day(2026, 8, 13));
        let letter = tuodi_casework::notice(&citizen, &case, &decided.notice.unwrap()).await.unwrap();
        assert_eq!(letter.effective_month, Some(day(2026, 8, 1)), "as if decided in July");
        let view = tuodi_casework::view(&citizen, &case, "own").await.unwrap();
        assert_eq!((view.benefits.len(), view.benefits[0].from_month), (1, day(2026, 8, 1)));
        assert_eq!(view.appeals[0].answer.as_deref(), Some(words));
        let kinds: Vec<NoticeKind> = view.notices.iter().map(|n| n.kind).collect();
        assert!(kinds.contains(&NoticeKind::Appealed) && kinds.contains(&NoticeKind::AppealAnswered), "{kinds:?}");
        let journal = format!("{:?}", tuodi_store::journal::entries_of(&d.store, &case.subject()).await.unwrap());
        assert!(journal.contains("case.answer_appeal") && !journal.contains("水利款"), "words stay sealed");
    })
    .await;
}

#[tokio::test]
async fn a_decision_that_is_kept_stands_as_it_stood_with_the_ways_on() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.decided_on_20_july(dibao()).await;
        let before = d.row(&case).await;
        d.appeal(&case, 7, 27).await;
        let paid = tuodi_casework::prepare_batch(&d.district_officer(day(2026, 8, 5)), day(2026, 8, 1), "p").await;
        let batch = tuodi_casework::batch(&d.district_officer(day(2026, 8, 5)), paid.unwrap(), 1, 25).await.unwrap();
        assert_eq!(batch.row.total, Fen::yuan(2540), "an appeal stops no money");
        let version = d.version(&case).await;
        let (cx, kept) = (d.second_reviewer(8, 10), AppealAnswer::Keep);
        tuodi_casework::answer_appeal(&cx, &case, version, kept, "金额计算无误。", "r").await.unwrap();
        let after = d.row(&case).await;
        assert_eq!((after.state, after.next_step, after.due_on), (before.state, before.next_step, before.due_on));
        let citizen = d.citizen(day(2026, 8, 11));
        let view = tuodi_casework::view(&citizen, &case, "own").await.unwrap();
        let answer = view.notices.iter().find(|n| n.kind == NoticeKind::AppealAnswered).unwrap();
        let letter = tuodi_casework::notice(&citizen, &case, &answer.number).await.unwrap();
        assert_eq!(letter.words, "金额计算无误。");
        assert!(letter.next.iter().any(|t| t.zh.contains("行政复议") && t.zh.contains("行政诉讼")));
        // Still within sixty days: it may be contested again.
        d.appeal(&case, 8, 20).await;
    })
    .await;
}

#[tokio::test]
async fn after_sixty_days_the_window_still_takes_it_with_the_reason_why_it_is_late() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.decided_on_20_july(over()).await;
        let version = d.version(&case).await;
        // 20 July and sixty days: 18 September is the last.
        let late =
            tuodi_casework::file_appeal(&d.citizen(day(2026, 9, 19)), &case, version, grounds("不服"), "a").await;
        assert!(matches!(&late, Err(CaseError::Invalid(e)) if e[0].key == "error.late_appeal"), "{late:?}");
        let window = d.officer(day(2026, 9, 21));
        let refused = tuodi_casework::file_appeal(&window, &case, version, grounds("不服"), "b").await;
        assert!(matches!(&refused, Err(CaseError::Invalid(e)) if e[0].field == "why_late"), "{refused:?}");
        let told = Grounds { why_late: "住院两个月".to_owned(), ..grounds("不服") };
        tuodi_casework::file_appeal(&window, &case, version, told, "c").await.unwrap();
        let view = tuodi_casework::view(&d.second_reviewer(9, 22), &case, "appeal").await.unwrap();
        assert_eq!(view.appeals[0].grounds.why_late, "住院两个月");
    })
    .await;
}

#[tokio::test]
async fn a_household_may_apply_anew_while_its_appeal_is_heard_but_one_procedure_runs_at_a_time() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.decided_on_20_july(over()).await;
        d.appeal(&case, 7, 27).await;
        let citizen = d.citizen(day(2026, 7, 28));
        let new = tuodi_casework::open_draft(&citizen, d.father).await.unwrap();
        assert_ne!(new, case);
        assert_eq!(tuodi_casework::open_draft(&citizen, d.mother).await.unwrap(), new);
        let (cx, version) = (d.second_reviewer(8, 10), d.version(&case).await);
        let anew = AppealAnswer::Reopen { office_error: false };
        let refused = tuodi_casework::answer_appeal(&cx, &case, version, anew, "有新情况", "r").await;
        assert!(matches!(&refused, Err(CaseError::OtherOpen { case }) if *case == new), "{refused:?}");
        tuodi_casework::terminate(&citizen, &new, d.version(&new).await, "withdrawn", "", "w").await.unwrap();
        tuodi_casework::answer_appeal(&cx, &case, version, anew, "有新情况", "r").await.unwrap();
        assert_eq!(d.row(&case).await.state, CaseState::Confirming);
    })
    .await;
}
