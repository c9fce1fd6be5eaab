//! A case crosses to paper and back at every stage: fields, documents, state and limits are the same afterwards; on each
//! database.

use crate::common::*;
use std::collections::BTreeMap;
use tuodi_access::Actor;
use tuodi_casework::{
    CaseError, CaseNo, CaseState, Channel, Event,
    crossing::{Choices, Side, bring_back, compare, print_form, printed_form},
    papers::{Content, NewPaper, add_paper, papers},
};
use tuodi_store::journal;
use tuodi_testing::each_store;

/// Everything that must survive.
#[derive(Debug, PartialEq)]
struct Standing {
    fields: BTreeMap<String, String>,
    papers: Vec<Option<String>>,
    state: CaseState,
    due_on: Option<chrono::NaiveDate>,
    total_due: Option<chrono::NaiveDate>,
    used_days: Option<i64>,
    consents: usize,
    accepted_on: Option<chrono::NaiveDate>,
    checked: (bool, bool),
}

async fn standing(d: &District, case: &CaseNo, on: chrono::NaiveDate) -> Standing {
    let officer = d.officer(on);
    let view = tuodi_casework::view(&officer, case, "test").await.unwrap();
    Standing {
        papers: papers(&officer, case).await.unwrap().on_file.into_iter().map(|p| p.sha256).collect(),
        state: view.row.state,
        due_on: view.row.due_on,
        total_due: view.row.total_due,
        used_days: view.row.used_days,
        consents: view.members.iter().filter(|m| m.consent.is_some()).count(),
        accepted_on: view.accepted_on,
        checked: (view.checked, view.visited),
        fields: view.fields,
    }
}

/// Where a form changes nothing any more: what is new then is a change to tell.
const DECIDED: [CaseState; 9] = [
    CaseState::Approved,
    CaseState::Assisting,
    CaseState::Refused,
    CaseState::Terminated,
    CaseState::Appealed,
    CaseState::Reverifying,
    CaseState::Adjusting,
    CaseState::GradualExit,
    CaseState::Exited,
];

fn fields(refused: CaseError) -> Vec<String> {
    let CaseError::Invalid(problems) = refused else { panic!("{refused}") };
    problems.into_iter().map(|p| p.field).collect()
}

/// To paper and back with nothing written, then with one note written by hand. Gives what stands then.
async fn crosses(d: &District, case: &CaseNo, on: chrono::NaiveDate) -> CaseState {
    let (officer, before) = (d.officer(on), standing(d, case, on).await);
    let edition = print_form(&d.citizen(on), case, "").await.unwrap();
    let form = printed_form(&officer, case, edition).await.unwrap();
    assert_eq!((&form.fields, form.state), (&before.fields, before.state), "all that was there is on paper");
    let code = form.code.to_string();
    let same = bring_back(&officer, &code, form.fields.clone(), Choices::new(), "").await.unwrap();
    assert_eq!(same.taken, 0);
    assert_eq!(standing(d, case, on).await, before, "at {:?}: nothing lost, no clock reset", before.state);

    let mut written = form.fields.clone();
    let note = format!("纸上写的第{edition}条");
    written.insert("members_note".to_owned(), note.clone());
    let freely = matches!(before.state, CaseState::Draft | CaseState::AwaitingConsent | CaseState::Returned);
    let decided = DECIDED.contains(&before.state);
    let mut choices = Choices::new();
    if !freely {
        let refused = bring_back(&officer, &code, written.clone(), choices.clone(), "").await.unwrap_err();
        assert_eq!(fields(refused), ["use.members_note"], "somebody must choose");
        choices.insert("members_note".to_owned(), (Side::Paper, " ".to_owned()));
        let refused = bring_back(&officer, &code, written.clone(), choices.clone(), "").await.unwrap_err();
        assert_eq!(fields(refused), ["why.members_note"], "and say why");
        choices.insert("members_note".to_owned(), (Side::Paper, "本人说纸上的对".to_owned()));
    }
    let brought = bring_back(&officer, &code, written, choices, &format!("k{edition}")).await;
    let mut expected = before;
    if decided {
        assert_eq!(fields(brought.unwrap_err()), ["use.members_note"], "a decision is not changed by a form");
    } else {
        assert_eq!(brought.unwrap().taken, 1);
        expected.fields.insert("members_note".to_owned(), note);
    }
    let after = standing(d, case, on).await;
    assert_eq!(after, expected);
    after.state
}

#[tokio::test]
async fn a_case_crosses_to_paper_and_back_at_every_stage() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let (citizen, engine) = (d.citizen(day(2026, 7, 6)), Engine::dibao());
        let case = tuodi_casework::open_draft(&citizen, d.father).await.unwrap();
        let paper = NewPaper {
            kind: "bills".to_owned(),
            person: Some(d.father),
            content: Some(Content::read(b"%PDF-1.7 a bill %%EOF").unwrap()),
            ..NewPaper::default()
        };
        add_paper(&citizen, &case, paper).await.unwrap();
        tuodi_casework::save_step(&citizen, &case, 1, "check", d.form()).await.unwrap();
        let mut seen = vec![crosses(&d, &case, day(2026, 7, 6)).await];
        let version = d.version(&case).await;
        tuodi_casework::submit(&citizen, &case, version, "s1").await.unwrap();
        seen.push(crosses(&d, &case, day(2026, 7, 6)).await);
        let officer = d.officer(day(2026, 7, 6));
        let version = d.version(&case).await;
        let asked = ["dibao/consent".to_owned()];
        tuodi_casework::return_for_more(&officer, &case, version, &asked, Vec::new(), String::new(), "r")
            .await
            .unwrap();
        seen.push(crosses(&d, &case, day(2026, 7, 6)).await);
        d.consents(&citizen, &case).await;
        let version = d.version(&case).await;
        tuodi_casework::submit(&citizen, &case, version, "s2").await.unwrap();
        seen.push(crosses(&d, &case, day(2026, 7, 7)).await);
        let officer = d.officer(day(2026, 7, 8));
        let version = d.version(&case).await;
        tuodi_casework::run_check(&officer, &engine, &case, version).await.unwrap();
        seen.push(crosses(&d, &case, day(2026, 7, 8)).await);
        let version = d.version(&case).await;
        tuodi_casework::record_visit(&officer, &engine, &case, version, d.visit(day(2026, 7, 8))).await.unwrap();
        seen.push(crosses(&d, &case, day(2026, 7, 8)).await);
        let version = d.version(&case).await;
        tuodi_casework::give_opinion(&officer, &case, version, dibao(), "", "o").await.unwrap();
        seen.push(crosses(&d, &case, day(2026, 7, 9)).await);
        let version = d.version(&case).await;
        tuodi_casework::sign_opinion(&d.leader(day(2026, 7, 10)), &case, version, true, "", "g").await.unwrap();
        seen.push(crosses(&d, &case, day(2026, 7, 10)).await);
        let system = d.cx(Actor::system(), Channel::System, day(2026, 7, 18));
        tuodi_casework::end_due_publicity(&system).await.unwrap();
        seen.push(crosses(&d, &case, day(2026, 7, 18)).await);
        let version = d.version(&case).await;
        tuodi_casework::decide(&d.reviewer(day(2026, 7, 20)), &case, version, dibao(), "", "d").await.unwrap();
        seen.push(crosses(&d, &case, day(2026, 7, 20)).await);
        use CaseState as S;
        assert_eq!(
            seen,
            [
                S::Draft,
                S::Submitted,
                S::Returned,
                S::Accepted,
                S::Surveying,
                S::Surveying,
                S::Reviewed,
                S::Publicised,
                S::Confirming,
                S::Approved
            ]
        );
        journal::verify(&d.store).await.expect("the chain holds");
    })
    .await;
}

/// The stages that the way above does not come by, each from its own beginning. On SQLite, like the walk of the table.
#[tokio::test]
async fn no_stage_of_the_table_loses_anything_on_paper() {
    let (mut shelf, empty, base) = crate::walk::shelf().await;
    for stage in CaseState::ALL.iter().copied() {
        let (file, case) = shelf.stage(&empty, &base, stage, Event::Terminate).await;
        let d = empty.over(shelf.open(&file).await);
        assert_eq!(crosses(&d, &case, day(2026, 8, 6)).await, stage);
        journal::verify(&d.store).await.expect("the chain holds");
    }
}

#[tokio::test]
async fn what_both_sides_changed_is_kept_side_by_side_and_a_code_cannot_be_made_up() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let (citizen, officer) = (d.citizen(day(2026, 7, 6)), d.officer(day(2026, 7, 6)));
        let case = tuodi_casework::open_draft(&citizen, d.father).await.unwrap();
        tuodi_casework::save_step(&citizen, &case, 1, "check", d.form()).await.unwrap();
        let edition = print_form(&officer, &case, "p").await.unwrap();
        assert_eq!(print_form(&officer, &case, "p").await.unwrap(), edition, "the second click");
        let form = printed_form(&officer, &case, edition).await.unwrap();
        let code = form.code.to_string();

        let online = [("fin_assets", "8000"), ("home_count", "2")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        let version = d.version(&case).await;
        tuodi_casework::save_step(&citizen, &case, version, "assets", online.into()).await.unwrap();
        let mut written = form.fields.clone();
        written.insert("fin_assets".to_owned(), "9000".to_owned());
        written.insert("vehicle_value".to_owned(), "3000".to_owned());
        let (_, clashes) = compare(&officer, &code, &written).await.unwrap();
        let [clash] = &clashes[..] else { panic!("{clashes:?}") };
        assert_eq!((clash.field.as_str(), clash.now.as_str(), clash.written.as_str()), ("fin_assets", "8000", "9000"));
        let refused = bring_back(&officer, &code, written.clone(), Choices::new(), "b").await.unwrap_err();
        assert_eq!(fields(refused), ["use.fin_assets"]);
        let choices = Choices::from([("fin_assets".to_owned(), (Side::Now, "后填的网上数".to_owned()))]);
        let brought = bring_back(&officer, &code, written.clone(), choices.clone(), "b").await.unwrap();
        assert_eq!(bring_back(&officer, &code, written, choices, "b").await.unwrap(), brought, "the second click");
        let view = tuodi_casework::view(&officer, &case, "test").await.unwrap();
        let now = |name: &str| view.fields[name].as_str();
        assert_eq!((now("fin_assets"), now("home_count"), now("vehicle_value")), ("8000", "2", "3000"));

        let invented = code.replacen(".1.", ".2.", 1);
        assert_eq!(fields(compare(&officer, &invented, &BTreeMap::new()).await.unwrap_err()), ["code"]);
        let stranger =
            d.cx(actor(tuodi_access::Role::TownshipOfficer, "x", OTHER_TOWNSHIP), Channel::Window, day(2026, 7, 6));
        assert!(matches!(compare(&stranger, &code, &BTreeMap::new()).await, Err(CaseError::Denied(_))));
        let village =
            d.cx(actor(tuodi_access::Role::VillageOfficer, "v-officer", VILLAGE), Channel::Village, day(2026, 7, 6));
        let refused = compare(&village, &code, &BTreeMap::new()).await;
        assert!(matches!(refused, Err(CaseError::Denied(_))), "the form says more than conclusions");
        assert!(matches!(print_form(&village, &case, "v").await, Err(CaseError::Denied(_))));
    })
    .await;
}

#[tokio::test]
async fn an_account_corrected_on_paper_is_where_the_money_goes() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.accepted().await;
        let officer = d.officer(day(2026, 7, 8));
        let edition = print_form(&officer, &case, "p").await.unwrap();
        let form = printed_form(&officer, &case, edition).await.unwrap();
        let code = form.code.to_string();
        let mut written = form.fields.clone();
        written.insert("account".to_owned(), "6212260000000099999".to_owned());
        let choices = Choices::from([("account".to_owned(), (Side::Paper, "本人在纸上更正".to_owned()))]);
        bring_back(&officer, &code, written, choices, "b").await.unwrap();
        let account = tuodi_registry::account(&d.store, d.father).await.unwrap().expect("it is on record");
        assert_eq!(account.number, "6212260000000099999");
    })
    .await;
}
