//! Life after the decision: a change told or found, less only after the recipient was heard, death, the gradual exit, and the
//! way back.

use crate::common::*;
use chrono::NaiveDate;
use tuodi_access::Actor;
use tuodi_casework::{
    AppealAnswer, CaseError, CaseNo, CaseState, Change, Channel, Grounds, NextStep, Objection, Proposal, Why,
    answer_appeal, decide_change, file_appeal, follow, give_view, object_online, open_recheck, propose_change,
    public_notices, recheck_unchanged, rechecks, record_objection, tell_change,
};
use tuodi_pack::Fen;
use tuodi_store::Store;
use tuodi_testing::each_store;

/// Paid since August.
async fn assisted(store: Store) -> (District, CaseNo) {
    let d = district(store).await;
    let case = d.confirming(&Engine::dibao()).await;
    let version = d.version(&case).await;
    tuodi_casework::decide(&d.reviewer(day(2026, 7, 20)), &case, version, dibao(), "", "").await.unwrap();
    list_of(&d, day(2026, 8, 1)).await;
    (d, case)
}

async fn list_of(d: &District, month: NaiveDate) -> i64 {
    tuodi_casework::prepare_batch(&d.district_officer(month + chrono::Days::new(8)), month, "").await.unwrap()
}

fn refused(result: Result<impl std::fmt::Debug, CaseError>) -> (String, String) {
    match result {
        Err(CaseError::Invalid(problems)) => (problems[0].field.clone(), problems[0].key.to_owned()),
        other => panic!("{other:?}"),
    }
}

async fn opened(d: &District, case: &CaseNo, on: NaiveDate, why: Why) -> i32 {
    let version = d.version(case).await;
    open_recheck(&d.officer(on), case, version, why, "比对发现", "").await.unwrap()
}

fn stop(code: &str, from: Option<NaiveDate>, reporters: &[&str]) -> Change {
    let reporters = reporters.iter().map(|r| (*r).to_owned()).collect();
    Change::Stop { reason_code: code.to_owned(), from, reporters }
}

#[tokio::test]
async fn what_a_family_tells_is_looked_into_and_more_is_paid_back_to_the_month_of_the_change() {
    each_store(migrations, async |store| {
        let (d, case) = assisted(store).await;
        list_of(&d, day(2026, 9, 1)).await;
        let (told, version) = (d.citizen(day(2026, 9, 15)), d.version(&case).await);
        assert_eq!(refused(tell_change(&told, &case, version, " ", "k").await).1, "error.required");
        let at = tell_change(&told, &case, version, "八月起父亲失业", "t1").await.unwrap();
        assert_eq!(tell_change(&told, &case, version, "八月起父亲失业", "t1").await.unwrap(), at, "sent twice");
        let row = d.row(&case).await;
        assert_eq!((row.state, row.next_step), (CaseState::Reverifying, NextStep::Recheck));
        assert_eq!(row.due_on, Some(day(2026, 10, 12)), "fifteen working days over two holidays");

        // Data first; what they say stands beside what the family was granted.
        let officer = d.officer(day(2026, 9, 16));
        let checked = tuodi_casework::run_check(&officer, &Engine::dibao(), &case, at).await.unwrap();
        assert_eq!(checked.state, CaseState::Reverifying);
        let more = Change::Raise { monthly: Fen::yuan(2880), from: day(2026, 8, 1) };
        let less = Change::Raise { monthly: Fen::yuan(2000), from: day(2026, 8, 1) };
        let version = checked.version;
        assert_eq!(refused(propose_change(&officer, &case, version, less, "失业", "").await).1, "error.not_more");
        let version = propose_change(&officer, &case, version, more, "失业", "").await.unwrap();
        assert!(matches!(decide_change(&officer, &case, version, true, "", "").await, Err(CaseError::Denied(_))));
        decide_change(&d.reviewer(day(2026, 9, 17)), &case, version, true, "", "").await.unwrap();
        let row = d.row(&case).await;
        assert_eq!((row.state, row.monthly), (CaseState::Assisting, Some(Fen::yuan(2880))));

        // October's list has its month and what two months were short of.
        let list = list_of(&d, day(2026, 10, 1)).await;
        let batch = tuodi_casework::batch(&d.district_officer(day(2026, 10, 9)), list, 1, 9).await.unwrap();
        assert_eq!(batch.row.total, Fen::yuan(2880 + 340 + 340));
        tuodi_store::journal::verify(&d.store).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn less_waits_for_the_recipients_days_or_words_and_can_be_contested() {
    each_store(migrations, async |store| {
        let (d, case) = assisted(store).await;
        let (on, officer) = (day(2026, 8, 17), d.officer(day(2026, 8, 17)));
        let version = opened(&d, &case, on, Why::Data).await;
        let less = Change::Lower { monthly: Fen::yuan(1000) };
        let version = propose_change(&officer, &case, version, less, "父亲找到工作", "").await.unwrap();
        let notices = tuodi_casework::view(&officer, &case, "test").await.unwrap().notices;
        assert_eq!(notices.last().unwrap().kind.id(), "change_proposed", "told before it is decided");
        let reviewer = d.reviewer(day(2026, 8, 18));
        let early = decide_change(&reviewer, &case, version, true, "", "").await;
        assert!(matches!(early, Err(CaseError::TooEarly { until }) if until == day(2026, 8, 24)), "{early:?}");
        give_view(&d.citizen(day(2026, 8, 18)), &case, "只是临时工", "").await.unwrap();
        assert_eq!(refused(decide_change(&reviewer, &case, version, true, "", "").await).0, "text");
        decide_change(&reviewer, &case, version, true, "合同一年", "").await.unwrap();
        assert_eq!(d.row(&case).await.monthly, Some(Fen::yuan(1000)));
        let seen = rechecks(&officer, &case).await.unwrap();
        assert_eq!((seen[0].view.as_str(), seen[0].outcome.as_deref()), ("只是临时工", Some("lowered")));

        // Heard by somebody else; September pays what was decided meanwhile.
        let version = d.version(&case).await;
        let grounds = Grounds { text: "合同只有一个月".to_owned(), ..Grounds::default() };
        let appealed = file_appeal(&d.citizen(day(2026, 8, 19)), &case, version, grounds, "").await.unwrap();
        let own = answer_appeal(&reviewer, &case, appealed.version, AppealAnswer::Keep, "维持", "").await;
        assert!(matches!(own, Err(CaseError::Denied(_))), "{own:?}");
        let list = list_of(&d, day(2026, 9, 1)).await;
        let batch = tuodi_casework::batch(&d.district_officer(day(2026, 9, 9)), list, 1, 9).await.unwrap();
        assert_eq!(batch.row.total, Fen::yuan(1000));
    })
    .await;
}

#[tokio::test]
async fn a_death_is_shown_by_two_or_by_a_visit_and_what_was_paid_after_it_waits_for_a_person() {
    each_store(migrations, async |store| {
        let (d, case) = assisted(store).await;
        let paid = list_of(&d, day(2026, 9, 1)).await;
        let payer = d.district_officer(day(2026, 9, 9));
        let version = tuodi_casework::batch(&payer, paid, 1, 1).await.unwrap().row.version;
        tuodi_casework::sign_batch(&d.reviewer(day(2026, 9, 9)), paid, version, "").await.unwrap();
        let (on, officer) = (day(2026, 9, 15), d.officer(day(2026, 9, 15)));
        let version = opened(&d, &case, on, Why::Death).await;
        let change = |reporters: &[&str]| stop("death", Some(day(2026, 9, 1)), reporters);
        for few in [&[][..], &["police"], &["police", "police"], &["police", "neighbour"]] {
            let problem = refused(propose_change(&officer, &case, version, change(few), "去世", "").await);
            assert_eq!(problem.1, "error.death_unshown", "{few:?}");
        }
        let version =
            propose_change(&officer, &case, version, change(&["police", "funeral"]), "去世", "").await.unwrap();
        decide_change(&d.reviewer(day(2026, 9, 23)), &case, version, true, "", "").await.unwrap();
        let row = d.row(&case).await;
        assert_eq!((row.state, row.next_step), (CaseState::Exited, NextStep::Done), "nobody is watched after a death");
        let over = tuodi_casework::overpayments(&payer).await.unwrap();
        let sums: Vec<_> = over.iter().map(|o| (o.status, o.amount, o.due)).collect();
        assert_eq!(sums, [("found", Fen::yuan(2540), Fen::ZERO)]);
        let list = list_of(&d, day(2026, 10, 1)).await;
        let batch = tuodi_casework::batch(&d.district_officer(day(2026, 10, 9)), list, 1, 9).await.unwrap();
        assert_eq!((batch.row.total, batch.row.lines), (Fen::ZERO, 0));
    })
    .await;
}

#[tokio::test]
async fn who_found_work_leaves_gradually_comes_back_when_it_is_lost_and_is_watched_when_it_lasts() {
    each_store(migrations, async |store| {
        let (d, case) = assisted(store).await;
        let version = opened(&d, &case, day(2026, 8, 17), Why::Declared).await;
        let officer = d.officer(day(2026, 8, 17));
        let version = propose_change(&officer, &case, version, Change::Gradual, "就业", "").await.unwrap();
        decide_change(&d.reviewer(day(2026, 8, 25)), &case, version, true, "", "").await.unwrap();
        let row = d.row(&case).await;
        assert_eq!((row.state, row.next_step), (CaseState::GradualExit, NextStep::EndExit));
        assert_eq!(row.due_on, Some(day(2027, 2, 1)), "the last of six months");
        let benefits = tuodi_casework::view(&officer, &case, "test").await.unwrap().benefits;
        let now: Vec<_> = benefits.iter().filter(|b| b.status == "active").map(|b| (b.monthly, b.from_month)).collect();
        assert_eq!(now, [(Fen::yuan(2540), day(2026, 9, 1)), (Fen::yuan(1270), day(2026, 12, 1))]);

        // Looked at and nothing new: it goes on. The job is lost: back to the full amount without an end.
        let version = opened(&d, &case, day(2026, 9, 2), Why::Period).await;
        let officer = d.officer(day(2026, 9, 2));
        let version = recheck_unchanged(&officer, &case, version, "仍在上班", "").await.unwrap();
        assert_eq!(d.row(&case).await.due_on, Some(day(2027, 2, 1)));
        let version = open_recheck(&officer, &case, version, Why::Declared, "失业", "").await.unwrap();
        let more = Change::Raise { monthly: Fen::yuan(2600), from: day(2026, 9, 1) };
        let version = propose_change(&officer, &case, version, more, "失业", "").await.unwrap();
        let version = decide_change(&d.reviewer(day(2026, 9, 3)), &case, version, true, "", "").await.unwrap();
        let row = d.row(&case).await;
        assert_eq!((row.state, row.next_step), (CaseState::Assisting, NextStep::Reverify));
        assert_eq!(row.due_on, Some(day(2027, 3, 3)), "class C: six months");

        let version = open_recheck(&officer, &case, version, Why::Data, "收入超过标准", "").await.unwrap();
        let version =
            propose_change(&officer, &case, version, stop("not_eligible", None, &[]), "收入超过", "").await.unwrap();
        decide_change(&d.reviewer(day(2026, 9, 14)), &case, version, true, "", "").await.unwrap();
        let row = d.row(&case).await;
        assert_eq!((row.state, row.next_step), (CaseState::Exited, NextStep::Watch));
        assert_eq!(row.due_on, Some(day(2027, 9, 14)), "a year");
    })
    .await;
}

fn tekun() -> Proposal {
    Proposal::Approve { programme: "tekun".to_owned(), monthly: Fen::yuan(1358) }
}

/// A destitute family, paid since August.
async fn destitute(store: Store) -> (District, CaseNo) {
    let d = district(store).await;
    let case = d.surveyed(&Engine { tier: "tekun".to_owned(), monthly: Fen::yuan(1358), ..Engine::dibao() }).await;
    let version = d.version(&case).await;
    tuodi_casework::give_opinion(&d.officer(day(2026, 7, 9)), &case, version, tekun(), "", "").await.unwrap();
    let version = d.version(&case).await;
    tuodi_casework::sign_opinion(&d.leader(day(2026, 7, 10)), &case, version, true, "", "").await.unwrap();
    tuodi_casework::end_due_publicity(&d.cx(Actor::system(), Channel::System, day(2026, 7, 18))).await.unwrap();
    let version = d.version(&case).await;
    tuodi_casework::decide(&d.reviewer(day(2026, 7, 20)), &case, version, tekun(), "", "").await.unwrap();
    list_of(&d, day(2026, 8, 1)).await;
    (d, case)
}

#[tokio::test]
async fn a_destitute_familys_help_ends_after_seven_posted_days_and_an_objection_has_it_posted_again() {
    each_store(migrations, async |store| {
        let (d, case) = destitute(store).await;
        let (on, officer) = (day(2026, 8, 17), d.officer(day(2026, 8, 17)));
        let version = opened(&d, &case, on, Why::Data).await;
        let version =
            propose_change(&officer, &case, version, stop("not_eligible", None, &[]), "有人赡养", "").await.unwrap();
        let hangs = async |on| public_notices(&d.store, &d.pack, Some(VILLAGE), on).await.unwrap();
        let board = hangs(on).await;
        let [notice] = &board[..] else { panic!("{board:?}") };
        assert_eq!((notice.ends, notice.ends_on, notice.name.as_str()), (true, day(2026, 8, 24), "安*"));
        let letter = tuodi_casework::view(&officer, &case, "test").await.unwrap().notices;
        assert_eq!(letter.last().unwrap().kind.id(), "change_proposed");
        // Having heard the family does not shorten the days on the board.
        give_view(&d.citizen(day(2026, 8, 18)), &case, "没有人管我们", "").await.unwrap();
        let reviewer = d.reviewer(day(2026, 8, 20));
        let early = decide_change(&reviewer, &case, version, true, "属实", "").await;
        assert!(matches!(early, Err(CaseError::TooEarly { until }) if until == day(2026, 8, 24)), "{early:?}");
        let said = Objection { text: "儿子也病了".to_owned(), ..Objection::default() };
        let filed = object_online(&d.passer_by(day(2026, 8, 21)), notice.id, said, "").await.unwrap();
        assert_eq!(d.row(&case).await.state, CaseState::Adjusting);

        let (reviewer, version) = (d.reviewer(day(2026, 8, 25)), d.version(&case).await);
        assert_eq!(refused(decide_change(&reviewer, &case, version, true, "属实", "").await).0, "agree");
        decide_change(&reviewer, &case, version, false, "再查", "").await.unwrap();
        assert_eq!(d.row(&case).await.state, CaseState::Assisting);
        let told = follow(&d.store, &filed.code).await.unwrap().unwrap();
        assert!(told.answered.is_some_and(|(on, words)| on == day(2026, 8, 25) && words.contains("再公示一次")));

        // Looked into, and posted again: nobody objects.
        let (on, officer) = (day(2026, 8, 26), d.officer(day(2026, 8, 26)));
        let version = opened(&d, &case, on, Why::Data).await;
        let version =
            propose_change(&officer, &case, version, stop("not_eligible", None, &[]), "有人赡养", "").await.unwrap();
        assert_eq!(hangs(on).await.len(), 1);
        let late = d.reviewer(day(2026, 9, 3));
        decide_change(&late, &case, version, true, "", "").await.unwrap();
        assert_eq!((d.row(&case).await.state, hangs(day(2026, 9, 3)).await.len()), (CaseState::Exited, 0));
        let gone = record_objection(
            &d.officer(day(2026, 9, 3)),
            &case,
            d.version(&case).await,
            Objection { text: "晚了".to_owned(), ..Objection::default() },
            "",
        )
        .await;
        assert!(matches!(gone, Err(CaseError::WrongStage { .. })), "{gone:?}");
        tuodi_store::journal::verify(&d.store).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_death_is_not_posted_and_nobody_objects_to_what_is_not_posted() {
    each_store(migrations, async |store| {
        let (d, case) = destitute(store).await;
        let (on, officer) = (day(2026, 8, 17), d.officer(day(2026, 8, 17)));
        let version = opened(&d, &case, on, Why::Death).await;
        let death = stop("death", Some(day(2026, 8, 1)), &["police", "funeral"]);
        let version = propose_change(&officer, &case, version, death, "已去世", "").await.unwrap();
        assert!(public_notices(&d.store, &d.pack, None, on).await.unwrap().is_empty());
        let said = Objection { text: "不对".to_owned(), how: "oral".to_owned(), ..Objection::default() };
        let gone = record_objection(&officer, &case, version, said, "").await;
        assert!(matches!(gone, Err(CaseError::WrongStage { .. })), "{gone:?}");
    })
    .await;
}
