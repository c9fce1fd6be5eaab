//! Matters of one application: nothing goes out unconfirmed, each department sees its own, answers come back; on each
//! database.

use crate::common::*;
use tuodi_access::{Account, NewAccount, Role, accounts};
use tuodi_casework::{
    CaseError, CaseNo, Channel, Cx,
    matters::{MatterState, Reply, answer_matter, choose_matters, desk_matters, matter, matters_of, seat},
};
use tuodi_store::journal;
use tuodi_testing::each_store;

/// An officer of a department, seated by the administrator.
async fn department(d: &District, account: &str, department: &str, date: chrono::NaiveDate) -> Cx {
    let new = NewAccount {
        account: Account {
            id: account.to_owned(),
            name: account.to_owned(),
            role: Role::DepartmentOfficer,
            region: COUNTY.to_owned(),
            person: None,
            household: None,
            demo: false,
        },
        password: "correct horse battery".to_owned(),
    };
    accounts::create(&d.store, new, entry("account.create")).await.unwrap();
    let admin = d.cx(actor(Role::SystemAdmin, "admin", COUNTY), Channel::System, date);
    seat(&admin, account, department).await.unwrap();
    d.cx(actor(Role::DepartmentOfficer, account, COUNTY), Channel::Window, date)
}

async fn state(d: &District, case: &CaseNo, id: &str) -> Option<MatterState> {
    let rows = matters_of(&d.citizen(day(2026, 7, 20)), case).await.unwrap();
    rows.rows.into_iter().find(|row| row.matter == id).and_then(|row| row.state)
}

fn these(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

#[tokio::test]
async fn only_what_the_household_ticks_reaches_a_department_and_its_answer_comes_back() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine { matters: these(&["education", "medical", "dibao"]), ..Engine::dibao() };
        let case = d.surveyed(&engine).await;
        assert_eq!(state(&d, &case, "education").await, Some(MatterState::Proposed));
        assert_eq!(state(&d, &case, "dibao").await, None, "the base matter is the case itself");

        let citizen = d.citizen(day(2026, 7, 9));
        assert!(matches!(
            choose_matters(&citizen, &case, Vec::new(), these(&["dibao"]), "c0").await,
            Err(CaseError::Invalid(_))
        ));
        choose_matters(&citizen, &case, these(&["education"]), these(&["education"]), "c").await.unwrap();
        assert_eq!(state(&d, &case, "medical").await, Some(MatterState::Proposed), "not declined unseen");
        let shown = || these(&["education", "medical"]);
        for _ in 0..2 {
            choose_matters(&citizen, &case, shown(), these(&["education", "legal"]), "c1").await.unwrap();
        }
        assert_eq!(state(&d, &case, "education").await, Some(MatterState::Confirmed), "it rests on the decision");
        assert_eq!(state(&d, &case, "legal").await, Some(MatterState::Forwarded), "asked for, and goes at once");
        assert_eq!(state(&d, &case, "medical").await, Some(MatterState::Declined));
        let chosen = d.acts(&case).await.iter().filter(|a| *a == "matter.choose").count();
        assert_eq!(chosen, 2, "two choices; what was sent twice is done once");

        let school = department(&d, "school", "education", day(2026, 7, 9)).await;
        assert_eq!(desk_matters(&school, false, 1).await.unwrap().rows.total, 0, "nothing before the decision");
        let version = d.version(&case).await;
        let officer = d.officer(day(2026, 7, 9));
        tuodi_casework::give_opinion(&officer, &case, version, dibao(), "", "o").await.unwrap();
        let version = d.version(&case).await;
        tuodi_casework::sign_opinion(&d.leader(day(2026, 7, 10)), &case, version, true, "", "s").await.unwrap();
        tuodi_casework::end_due_publicity(&d.cx(tuodi_access::Actor::system(), Channel::System, day(2026, 7, 18)))
            .await
            .unwrap();
        let version = d.version(&case).await;
        let reviewer = d.reviewer(day(2026, 7, 20));
        tuodi_casework::decide(&reviewer, &case, version, dibao(), "", "d").await.unwrap();

        let school = Cx { now: morning(day(2026, 7, 21)), ..school };
        let list = desk_matters(&school, false, 1).await.unwrap();
        let [row] = &list.rows.rows[..] else { panic!("{list:?}") };
        assert_eq!((row.matter.as_str(), row.due_on), ("education", Some(day(2026, 8, 10))), "fifteen working days");
        let justice = department(&d, "justice", "justice", day(2026, 7, 21)).await;
        let denied = matter(&justice, row.id).await;
        assert!(matches!(denied, Err(CaseError::Denied(_))), "another department's");
        let view = tuodi_casework::view(&school, &case, "curious").await;
        assert!(matches!(view, Err(CaseError::Denied(_))), "the case itself is not its business");
        let queue = tuodi_casework::queue(&school, &Default::default()).await;
        assert!(matches!(queue, Err(CaseError::Denied(_))), "nor are the others");

        let card = matter(&school, row.id).await.unwrap();
        assert_eq!((card.applicant.name.as_str(), card.tier.as_deref(), card.ended), ("安建国", Some("dibao"), false));
        answer_matter(&school, row.id, Reply::TakeUp, "a1").await.unwrap();
        let twice = answer_matter(&school, row.id, Reply::TakeUp, "a2").await;
        assert!(matches!(twice, Err(CaseError::Conflict { .. })), "taken up already");
        let silent = answer_matter(&school, row.id, Reply::Refuse(" ".to_owned()), "a3").await;
        assert!(matches!(silent, Err(CaseError::Invalid(_))), "not without a reason");
        let no = answer_matter(&justice, row.id, Reply::Done("好".to_owned()), "a4").await;
        assert!(matches!(no, Err(CaseError::Denied(_))));
        answer_matter(&school, row.id, Reply::Done("秋季学期起免学杂费".to_owned()), "a5").await.unwrap();
        let rows = matters_of(&d.citizen(day(2026, 7, 22)), &case).await.unwrap();
        let done = rows.rows.iter().find(|r| r.matter == "education").unwrap();
        assert_eq!((done.state, done.answer.as_str()), (Some(MatterState::Done), "秋季学期起免学杂费"));
        journal::verify(&d.store).await.expect("the chain holds");
    })
    .await;
}

#[tokio::test]
async fn a_refused_application_sends_nothing_on_and_an_account_without_a_seat_sees_nothing() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine { matters: these(&["education"]), ..Engine::dibao() };
        let case = d.confirming(&engine).await;
        choose_matters(&d.citizen(day(2026, 7, 18)), &case, Vec::new(), these(&["education"]), "c").await.unwrap();
        let refuse = tuodi_casework::Proposal::Refuse { reason_code: tuodi_casework::REFUSAL_CODES[0].0.to_owned() };
        let version = d.version(&case).await;
        let reviewer = d.reviewer(day(2026, 7, 20));
        tuodi_casework::decide(&reviewer, &case, version, refuse, "收入超过标准", "d").await.unwrap();
        assert_eq!(state(&d, &case, "education").await, Some(MatterState::Lapsed));
        let late = choose_matters(&d.citizen(day(2026, 7, 21)), &case, Vec::new(), these(&["education"]), "late").await;
        assert!(matches!(late, Err(CaseError::WrongStage { .. })));

        let nobody = d.cx(actor(Role::DepartmentOfficer, "x", COUNTY), Channel::Window, day(2026, 7, 21));
        assert!(matches!(desk_matters(&nobody, false, 1).await, Err(CaseError::Denied(_))));
        let officer = d.officer(day(2026, 7, 21));
        assert!(matches!(seat(&officer, "x", "education").await, Err(CaseError::Invalid(_))), "no such account");
        department(&d, "school", "education", day(2026, 7, 21)).await;
        assert!(matches!(seat(&officer, "school", "legal").await, Err(CaseError::Denied(_))), "the administrator's");

        // An appeal that is won brings back what had been confirmed.
        let citizen = d.citizen(day(2026, 7, 22));
        let grounds = tuodi_casework::Grounds { text: "收入算错了".to_owned(), ..Default::default() };
        tuodi_casework::file_appeal(&citizen, &case, d.version(&case).await, grounds, "ap").await.unwrap();
        let second = d.cx(actor(Role::Reviewer, "reviewer2", COUNTY), Channel::Window, day(2026, 7, 23));
        let fault = tuodi_casework::AppealAnswer::Reopen { office_error: true };
        let version = d.version(&case).await;
        tuodi_casework::answer_appeal(&second, &case, version, fault, "原决定有误", "aa").await.unwrap();
        let grant =
            tuodi_casework::Proposal::Approve { programme: "dibao".to_owned(), monthly: tuodi_pack::Fen::yuan(780) };
        tuodi_casework::decide(&second, &case, d.version(&case).await, grant, "按申诉结果", "d2").await.unwrap();
        assert_eq!(state(&d, &case, "education").await, Some(MatterState::Forwarded));
    })
    .await;
}
