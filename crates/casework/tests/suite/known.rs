//! What is on file is filled in with its source, corrected beside it, and shown to nobody whose it is not.

use crate::common::*;
use std::collections::BTreeMap;
use tuodi_access::{Actor, Entrusted, Role};
use tuodi_casework::{
    CaseNo, CaseView, Channel, ConsentForm, Cx, Mark, Proposal, draft,
    known::{KnownFact, Origin, Said},
};
use tuodi_testing::each_store;

fn found<'v>(view: &'v CaseView, field: &str) -> Option<&'v KnownFact> {
    view.known.iter().find(|fact| fact.field == field)
}

async fn seen(cx: &Cx, case: &CaseNo) -> CaseView {
    tuodi_casework::view(cx, case, "own case").await.unwrap()
}

/// A first application of this form, refused on 2026-07-20, so that the household may apply anew.
async fn refused(d: &District, form: BTreeMap<String, String>) -> CaseNo {
    let engine = Engine::dibao();
    let case = d.accepted_with(form).await;
    let officer = d.officer(day(2026, 7, 8));
    tuodi_casework::run_check(&officer, &engine, &case, d.version(&case).await).await.unwrap();
    let v = d.version(&case).await;
    tuodi_casework::record_visit(&officer, &engine, &case, v, d.visit(day(2026, 7, 8))).await.unwrap();
    let v = d.version(&case).await;
    tuodi_casework::give_opinion(&officer, &case, v, dibao(), "", "o").await.unwrap();
    let v = d.version(&case).await;
    tuodi_casework::sign_opinion(&d.leader(day(2026, 7, 10)), &case, v, true, "", "s").await.unwrap();
    let platform = d.cx(Actor::system(), Channel::System, day(2026, 7, 18));
    assert_eq!(tuodi_casework::end_due_publicity(&platform).await.unwrap(), 1);
    let no = Proposal::Refuse { reason_code: "property_over".to_owned() };
    let v = d.version(&case).await;
    tuodi_casework::decide(&d.reviewer(day(2026, 7, 20)), &case, v, no, "存款超过限额", "d").await.unwrap();
    case
}

fn alone(d: &District) -> BTreeMap<String, String> {
    let mut form = d.form();
    form.insert(format!("member.{}", d.mother), "elsewhere".to_owned());
    form
}

async fn applies_again(d: &District, on: chrono::NaiveDate) -> (Cx, CaseNo) {
    let citizen = d.citizen(on);
    let case = tuodi_casework::open_draft(&citizen, d.father).await.unwrap();
    (citizen, case)
}

#[test]
fn every_known_answer_of_the_pack_is_one_that_the_form_asks() {
    let pack = pack();
    assert!(!pack.workflow.known.is_empty());
    for rule in &pack.workflow.known {
        assert_ne!(draft::step_of(&rule.field), "check", "{} is no question", rule.field);
    }
}

#[tokio::test]
async fn what_was_said_before_is_filled_in_with_its_source_and_a_correction_stands_beside_it() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let first = refused(&d, d.form()).await;
        let (citizen, case) = applies_again(&d, day(2026, 8, 20)).await;
        let view = seen(&citizen, &case).await;
        let wage = found(&view, &format!("wage_month.{}", d.father)).expect("said 45 days ago");
        assert_eq!((wage.value.as_str(), wage.origin, wage.said), ("1,800", Origin::Told, Said::Open));
        assert_eq!((wage.reference.as_ref(), wage.as_of), (Some(&first), Some(day(2026, 7, 6))));
        assert_eq!(found(&view, &format!("member.{}", d.son)).unwrap().value, "here");
        let phone = found(&view, "phone").unwrap();
        assert_eq!((phone.origin, phone.said), (Origin::Told, Said::Kept), "the later of the two sources");
        assert_eq!(
            found(&view, "address").map(|f| (f.value.as_str(), f.origin)),
            Some(("柳岸社区7栋", Origin::Register))
        );
        let account = found(&view, "account").unwrap();
        assert_eq!((account.value.as_str(), account.fills()), ("**** 4567", false), "never the whole number");
        assert!(
            found(&view, "reasons").is_none() && found(&view, "self_paid_medical_12m").is_none(),
            "asked each time"
        );
        // His wife's wage was hers to tell, though it stood on his form.
        assert!(found(&view, &format!("wage_month.{}", d.mother)).is_none());

        let mut form = d.form();
        form.insert("fin_assets".to_owned(), "9000".to_owned());
        form.insert("address".to_owned(), "柳岸社区12栋".to_owned());
        form.insert(format!("wage_month.{}", d.father), "1800元".to_owned());
        form.remove("account");
        tuodi_casework::save_step(&citizen, &case, d.version(&case).await, "check", form).await.unwrap();
        d.consents(&citizen, &case).await;
        let v = d.version(&case).await;
        tuodi_casework::submit(&citizen, &case, v, "again").await.unwrap();
        let officer = seen(&d.officer(day(2026, 8, 21)), &case).await;
        let of = |field: &str| found(&officer, field).map(|f| (f.value.as_str(), f.said));
        assert_eq!(of("fin_assets"), Some(("6,500", Said::Corrected)), "the source stays as it was");
        assert_eq!(officer.fields["fin_assets"], "9000");
        assert_eq!(of("address"), Some(("柳岸社区7栋", Said::Corrected)));
        assert_eq!(of(&format!("wage_month.{}", d.father)), Some(("1,800", Said::Kept)));
        assert_eq!(of("account"), Some(("**** 4567", Said::Kept)));
        let register = tuodi_registry::person(&d.store, d.father).await.unwrap().unwrap();
        assert_eq!(register.address.as_deref(), Some("柳岸社区7栋"), "nothing is written over");
        let account = tuodi_registry::account(&d.store, d.father).await.unwrap().unwrap();
        assert_eq!(account.number, "6200000000001234567", "left empty, the one on file stays");
        let journal = tuodi_store::journal::entries_of(&d.store, &case.subject()).await.unwrap();
        let sent = journal.iter().find(|e| e.act == "case.submit").unwrap();
        let details = format!("{:?}", sent.details);
        assert!(details.contains("corrected") && !details.contains("9000"), "{details}");
    })
    .await;
}

#[tokio::test]
async fn means_are_shown_to_nobody_else_of_the_household_nor_to_who_sees_conclusions_only() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        refused(&d, d.form()).await;
        let (_, case) = applies_again(&d, day(2026, 8, 20)).await;
        let mut wife = actor(Role::Applicant, "c-mother", VILLAGE);
        (wife.person, wife.household) = (Some(d.mother), Some(d.household));
        let mut proxy = actor(Role::Proxy, "c-proxy", VILLAGE);
        proxy.household = Some(d.household);
        proxy.entrusted = Some(Entrusted { case: Some(case.as_str().to_owned()), ..Entrusted::default() });
        for who in [wife, proxy] {
            let view = seen(&d.cx(who, Channel::Online, day(2026, 8, 20)), &case).await;
            assert!(found(&view, "phone").is_some(), "how to reach the household is no secret in it");
            let rule = |f: &KnownFact| d.pack.workflow.known(&f.field).is_some_and(|rule| rule.sensitive);
            assert_eq!(view.known.iter().filter(|f| rule(f)).count(), 0, "{:?}", view.known);
        }
        let village = d.cx(actor(Role::VillageOfficer, "v-officer", VILLAGE), Channel::Village, day(2026, 8, 20));
        assert!(seen(&village, &case).await.known.is_empty(), "they fill in what they are told");
        let officer = seen(&d.officer(day(2026, 8, 20)), &case).await;
        assert!(found(&officer, "fin_assets").is_some(), "the window takes the form down with the applicant");
        assert!(found(&officer, &format!("wage_month.{}", d.mother)).is_none());
    })
    .await;
}

#[tokio::test]
async fn departments_answers_fill_in_only_under_an_authorisation_and_only_for_the_one_adult() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let first = refused(&d, alone(&d)).await;
        let (citizen, case) = applies_again(&d, day(2026, 8, 20)).await;
        let given = |view: &CaseView| found(view, "fin_assets").map(|f| f.origin);
        // The authorisation of the first application holds on; taken back, only what the family said is left.
        let before = seen(&citizen, &case).await;
        assert_eq!(given(&before), Some(Origin::Told), "his wife may live there: her savings are in the sum");
        let v = d.version(&case).await;
        let elsewhere = BTreeMap::from([(format!("member.{}", d.mother), "elsewhere".to_owned())]);
        tuodi_casework::save_step(&citizen, &case, v, "household", elsewhere).await.unwrap();
        let form = || ConsentForm { person: d.father, name: "安建国".to_owned(), mark: Mark::Typed, evidence: None };
        tuodi_casework::give_consent(&citizen, &case, form()).await.unwrap();
        let under = seen(&citizen, &case).await;
        let fact = found(&under, "fin_assets").unwrap();
        assert_eq!((fact.origin, fact.value.as_str()), (Origin::Checked, "6500"));
        assert_eq!((fact.reference.as_ref(), fact.as_of), (Some(&first), Some(day(2026, 7, 8))));
        tuodi_casework::withdraw_consent(&citizen, &case, d.father).await.unwrap();
        assert_eq!(given(&seen(&citizen, &case).await), Some(Origin::Told));
    })
    .await;
}

#[tokio::test]
async fn who_says_that_the_wife_has_left_is_not_told_what_departments_know_of_her() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        // Her savings are in the sum of the first check.
        refused(&d, d.form()).await;
        let (citizen, case) = applies_again(&d, day(2026, 8, 20)).await;
        let elsewhere = BTreeMap::from([(format!("member.{}", d.mother), "elsewhere".to_owned())]);
        tuodi_casework::save_step(&citizen, &case, d.version(&case).await, "household", elsewhere).await.unwrap();
        let form = ConsentForm { person: d.father, name: "安建国".to_owned(), mark: Mark::Typed, evidence: None };
        tuodi_casework::give_consent(&citizen, &case, form).await.unwrap();
        let view = seen(&citizen, &case).await;
        assert!(view.known.iter().all(|fact| fact.origin != Origin::Checked), "{:?}", view.known);
    })
    .await;
}

#[tokio::test]
async fn what_is_too_old_is_asked_anew() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        refused(&d, d.form()).await;
        let (citizen, case) = applies_again(&d, day(2026, 10, 5)).await;
        let view = seen(&citizen, &case).await;
        assert!(found(&view, "fin_assets").is_none(), "91 days");
        assert!(found(&view, "home_count").is_some(), "half a year");
    })
    .await;
}
