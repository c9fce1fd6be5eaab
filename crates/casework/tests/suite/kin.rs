//! Officers who are relatives keep out and the district looks again; special reviews; amounts above what one decides alone.

use crate::common::*;
use tuodi_access::{Account, NewAccount, Role, accounts};
use tuodi_casework::{
    CaseError, CaseNo, CaseState, Channel, Proposal,
    kin::{Kin, declare_kin, kin_cases, kin_of},
    special::{Minutes, convene, record_minutes, special_reviews},
    work,
};
use tuodi_pack::Fen;
use tuodi_testing::each_store;

fn own() -> Kin {
    Kin { own: true, name: String::new(), post: String::new(), relation: "sibling".to_owned(), text: String::new() }
}

fn named(name: &str) -> Kin {
    Kin { own: false, name: name.to_owned(), post: "街道办".to_owned(), ..own() }
}

fn minutes(approve: bool) -> Minutes {
    Minutes {
        met_on: Some(day(2026, 7, 21)),
        members: ["民政局 何平", " ", "财政局 罗明", "医保局 高原"].map(str::to_owned).into(),
        approve: Some(approve),
        text: "家里的支出确实没有别的办法".to_owned(),
    }
}

async fn version(d: &District, case: &CaseNo) -> i32 {
    d.version(case).await
}

#[tokio::test]
async fn a_relative_is_out_of_every_act_and_an_approval_waits_for_the_districts_own_visit() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine::dibao();
        let case = d.confirming(&engine).await;
        let on = day(2026, 7, 20);
        let officer = d.officer(on);
        tuodi_casework::take(&officer, &case).await.unwrap();
        let wrong = declare_kin(&officer, &case, Kin { relation: "friend".to_owned(), ..own() }, "w").await;
        assert!(matches!(&wrong, Err(CaseError::Invalid(e)) if e[0].field == "relation"), "{wrong:?}");
        for _ in 0..2 {
            assert_eq!(declare_kin(&officer, &case, own(), "k").await.unwrap(), 1);
        }
        assert_eq!(d.row(&case).await.assignee, None, "no longer theirs");
        let told = kin_of(&d.reviewer(on), &case).await.unwrap().unwrap();
        assert_eq!((told.declared.len(), told.recheck, told.rechecked_on), (1, true, None));
        // Whoever decides may not, before the district was there; the relative may nothing.
        let v = version(&d, &case).await;
        let reviewer = d.reviewer(on);
        let early = tuodi_casework::decide(&reviewer, &case, v, dibao(), "", "d1").await;
        assert!(matches!(early, Err(CaseError::NotRechecked { .. })), "{early:?}");
        tuodi_casework::send_back(&reviewer, &case, v, "近亲属备案，区里入户复核", "b").await.unwrap();
        let v = version(&d, &case).await;
        let cases = [case.clone()];
        for refused in [
            tuodi_casework::run_check(&officer, &engine, &case, v).await.map(drop),
            tuodi_casework::record_visit(&officer, &engine, &case, v, d.visit(on)).await.map(drop),
            tuodi_casework::give_opinion(&officer, &case, v, dibao(), "", "o").await.map(drop),
            work::remind(&officer, &cases, "", "r").await.map(drop),
            work::assign(&officer, &cases, "t-officer", "x", "a").await.map(drop),
        ] {
            assert!(matches!(refused, Err(CaseError::Denied(_) | CaseError::Invalid(_))), "{refused:?}");
        }
        let second = d.second_officer(on);
        let along = tuodi_casework::record_visit(&second, &engine, &case, v, d.visit(on)).await;
        assert!(matches!(&along, Err(CaseError::Invalid(e)) if e[0].key == "error.kin"), "nor go along: {along:?}");
        let mut form = d.visit(on);
        form.visitors[0].account = Some("d-officer".to_owned());
        tuodi_casework::record_visit(&d.district_officer(on), &engine, &case, v, form).await.unwrap();
        let v = version(&d, &case).await;
        let v = tuodi_casework::give_opinion(&second, &case, v, dibao(), "", "o2").await.unwrap();
        tuodi_casework::sign_opinion(&d.leader(on), &case, v, true, "", "s2").await.unwrap();
        let row = d.row(&case).await;
        assert_eq!(row.state, CaseState::Confirming, "the same was posted its full days: not a second time");
        let list = kin_cases(&d.district_officer(on), 1, 25).await.unwrap();
        assert_eq!((list.total, list.rows[0].rechecked_on), (1, Some(on)));
        assert!(matches!(kin_cases(&second, 1, 25).await, Err(CaseError::Denied(_))), "the list is the district's");
        let decided = tuodi_casework::decide(&d.reviewer(on), &case, row.version, dibao(), "", "d2").await.unwrap();
        assert_eq!(decided.state, CaseState::Approved);
        let journal = format!("{:?}", tuodi_store::journal::entries_of(&d.store, &case.subject()).await.unwrap());
        assert!(journal.contains("case.kin"));
    })
    .await;
}

#[tokio::test]
async fn what_a_household_says_keeps_out_whoever_has_that_name_and_is_on_record_even_where_nobody_has() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.accepted().await;
        let account = Account {
            id: "t-officer".to_owned(),
            name: "许静".to_owned(),
            role: Role::TownshipOfficer,
            region: TOWNSHIP.to_owned(),
            person: None,
            household: None,
            demo: false,
        };
        let new = NewAccount { account, password: "long enough".to_owned() };
        accounts::create(&d.store, new, entry("account.create")).await.unwrap();
        let citizen = d.citizen(day(2026, 7, 7));
        assert!(matches!(declare_kin(&citizen, &case, own(), "a").await, Err(CaseError::Invalid(_))));
        assert!(matches!(declare_kin(&citizen, &case, named(" "), "b").await, Err(CaseError::Invalid(_))));
        assert_eq!(declare_kin(&citizen, &case, named("没有这个人"), "c").await.unwrap(), 0);
        assert_eq!(declare_kin(&citizen, &case, named("许静"), "d").await.unwrap(), 1);
        let officer = d.officer(day(2026, 7, 8));
        let v = version(&d, &case).await;
        let refused = tuodi_casework::run_check(&officer, &Engine::dibao(), &case, v).await;
        assert!(matches!(refused, Err(CaseError::Denied(_))), "{refused:?}");
        assert_eq!(kin_of(&officer, &case).await.unwrap().unwrap().declared.len(), 2);
        let stranger = d.cx(actor(Role::Applicant, "c-other", VILLAGE), Channel::Online, day(2026, 7, 8));
        assert!(matches!(declare_kin(&stranger, &case, named("许静"), "e").await, Err(CaseError::Denied(_))));
    })
    .await;
}

#[tokio::test]
async fn a_special_review_meets_keeps_minutes_and_the_decision_follows_them() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.confirming(&Engine::dibao()).await;
        let reviewer = d.reviewer(day(2026, 7, 21));
        let v = version(&d, &case).await;
        // More than the district decides alone.
        let much = Proposal::Approve { programme: "temporary_expenditure".to_owned(), monthly: Fen::yuan(200_000) };
        let above = tuodi_casework::decide(&reviewer, &case, v, much, "支出很大", "x").await;
        assert!(matches!(above, Err(CaseError::AboveLimit { .. })), "{above:?}");
        assert!(matches!(convene(&reviewer, &case, v, " ", "c0").await, Err(CaseError::Invalid(_))));
        assert!(matches!(convene(&d.leader(day(2026, 7, 21)), &case, v, "难", "c").await, Err(CaseError::Denied(_))));
        let v = convene(&reviewer, &case, v, "支出情况复杂", "c1").await.unwrap();
        let row = d.row(&case).await;
        assert_eq!((row.state, row.due_on), (CaseState::SpecialReview, Some(day(2026, 8, 4))), "ten working days");
        let early = tuodi_casework::decide(&reviewer, &case, v, dibao(), "", "e").await;
        assert!(matches!(early, Err(CaseError::NoMinutes { .. })), "{early:?}");
        let nothing = record_minutes(&reviewer, &case, v, Minutes::default(), "m0").await;
        assert!(matches!(&nothing, Err(CaseError::Invalid(e)) if e.len() == 4), "{nothing:?}");
        let v = record_minutes(&reviewer, &case, v, minutes(true), "m1").await.unwrap();
        let refusal = Proposal::Refuse { reason_code: "income_over".to_owned() };
        let other = tuodi_casework::decide(&reviewer, &case, v, refusal, "超", "f").await;
        assert!(matches!(&other, Err(CaseError::Invalid(e)) if e[0].key == "error.not_as_minuted"), "{other:?}");
        let decided = tuodi_casework::decide(&reviewer, &case, v, dibao(), "", "g").await.unwrap();
        assert_eq!(decided.state, CaseState::Approved);
        let held = special_reviews(&reviewer, &case).await.unwrap();
        assert_eq!(held[0].minutes.as_ref().map(|m| m.members.len()), Some(3));
        assert!(special_reviews(&d.citizen(day(2026, 7, 22)), &case).await.unwrap().is_empty());
        let journal = format!("{:?}", tuodi_store::journal::entries_of(&d.store, &case.subject()).await.unwrap());
        assert!(journal.contains("case.minutes") && !journal.contains("罗明"), "who sat stays sealed");
    })
    .await;
}

#[tokio::test]
async fn a_yes_on_the_form_is_a_declaration_until_it_is_said_who_or_no_longer_said() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let mut form = d.form();
        form.insert("relative".to_owned(), "yes".to_owned());
        let citizen = d.citizen(day(2026, 7, 6));
        let case = tuodi_casework::open_draft(&citizen, d.father).await.unwrap();
        tuodi_casework::save_step(&citizen, &case, 1, "check", form).await.unwrap();
        assert_eq!(kin_of(&citizen, &case).await.unwrap(), None, "nothing was sent yet");
        tuodi_casework::submit(&citizen, &case, d.version(&case).await, "s1").await.unwrap();
        let district = d.district_officer(day(2026, 7, 7));
        let told = kin_of(&district, &case).await.unwrap().unwrap();
        assert!(told.declared.len() == 1 && told.declared[0].unnamed() && told.recheck, "{told:?}");
        assert_eq!(kin_cases(&district, 1, 25).await.unwrap().total, 1, "the district knows of it");
        // Sent back for the authorisations, and the family takes it back.
        let officer = d.officer(day(2026, 7, 7));
        let (v, lacks) = (d.version(&case).await, vec!["两位成年人的授权".to_owned()]);
        tuodi_casework::return_for_more(&officer, &case, v, &[], lacks, String::new(), "r").await.unwrap();
        for (answer, left, key) in [("no", 0, "s2"), ("yes", 1, "s3")] {
            let fields = [("relative".to_owned(), answer.to_owned())].into();
            let v = d.version(&case).await;
            tuodi_casework::save_step(&citizen, &case, v, "household", fields).await.unwrap();
            tuodi_casework::submit(&citizen, &case, d.version(&case).await, key).await.unwrap();
            assert_eq!(kin_of(&district, &case).await.unwrap().map_or(0, |k| k.declared.len()), left, "{answer}");
            if left == 0 {
                let (v, lacks) = (d.version(&case).await, vec!["两位成年人的授权".to_owned()]);
                tuodi_casework::return_for_more(&officer, &case, v, &[], lacks, String::new(), "r2").await.unwrap();
            }
        }
        declare_kin(&citizen, &case, named("许静"), "n").await.unwrap();
        let told = kin_of(&district, &case).await.unwrap().unwrap();
        assert_eq!((told.declared.len(), told.declared[0].name.as_str()), (1, "许静"), "one truth");
    })
    .await;
}
