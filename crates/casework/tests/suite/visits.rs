//! The home visit as it is put on file: signatures and their reasons, photographs, and what it found beside what was
//! declared and supplied; on each database.

use crate::common::*;
use tuodi_access::Role;
use tuodi_casework::{
    CaseError, CaseNo, CaseState, Channel, Comparison, FamilySignature, NextStep, SeenAmount, Signature, Unsigned, Use,
    VisitForm,
    papers::{Content, NewPaper, add_paper},
    record_visit, resolve_difference, visit_signature,
};
use tuodi_store::journal;
use tuodi_testing::each_store;

fn fields(error: CaseError) -> Vec<String> {
    let CaseError::Invalid(errors) = error else { panic!("{error:?}") };
    errors.into_iter().map(|e| e.field).collect()
}

async fn refused(d: &District, case: &CaseNo, form: VisitForm) -> Vec<String> {
    let (cx, version) = (d.officer(day(2026, 7, 8)), d.version(case).await);
    fields(record_visit(&cx, &Engine::dibao(), case, version, form).await.unwrap_err())
}

fn why(code: &str, words: &str) -> Option<FamilySignature> {
    Some(FamilySignature::Not(Unsigned { code: code.to_owned(), words: words.to_owned() }))
}

async fn scanned(d: &District, case: &CaseNo, kind: &str) -> i64 {
    let content = Content::read(b"%PDF-1.7 a form %%EOF\n").unwrap();
    let new = NewPaper { kind: kind.to_owned(), content: Some(content), ..NewPaper::default() };
    add_paper(&d.officer(day(2026, 7, 8)), case, new).await.unwrap()
}

#[tokio::test]
async fn a_visit_without_its_signatures_is_not_recorded() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.accepted().await;
        let plain = || d.visit(day(2026, 7, 8));
        assert_eq!(refused(&d, &case, VisitForm { signatures: vec![Some(signature())], ..plain() }).await, ["mark.1"]);
        assert_eq!(refused(&d, &case, VisitForm { family: None, ..plain() }).await, ["signed"]);
        assert_eq!(refused(&d, &case, VisitForm { family: why("", " "), ..plain() }).await, ["unsigned"]);
        assert_eq!(refused(&d, &case, VisitForm { family: why("tired", ""), ..plain() }).await, ["unsigned"]);
        let long = "长".repeat(201);
        assert_eq!(refused(&d, &case, VisitForm { family: why("", &long), ..plain() }).await, ["unsigned_words"]);
        // On paper: then the paper is there, and it is that form.
        let paper = || VisitForm { signatures: vec![Some(Signature::Paper), Some(signature())], ..plain() };
        assert_eq!(refused(&d, &case, paper()).await, ["form"]);
        let photo = scanned(&d, &case, "photo").await;
        assert_eq!(refused(&d, &case, VisitForm { papers: vec![photo], ..paper() }).await, ["form"]);
        let lease = scanned(&d, &case, "lease").await;
        assert_eq!(refused(&d, &case, VisitForm { papers: vec![lease], ..plain() }).await, ["photo"]);
        assert_eq!(refused(&d, &case, VisitForm { papers: vec![photo; 13], ..plain() }).await, ["photo"]);

        let form = scanned(&d, &case, "visit").await;
        let (cx, version) = (d.officer(day(2026, 7, 8)), d.version(&case).await);
        let whole = VisitForm { papers: vec![photo, form], family: why("absent", ""), ..paper() };
        record_visit(&cx, &Engine::dibao(), &case, version, whole).await.unwrap();
        let view = tuodi_casework::view(&cx, &case, "test").await.unwrap();
        let record = &view.visits[0].record;
        assert!(!record.signed && record.unsigned.as_ref().is_some_and(|u| u.code == "absent"));
        assert_eq!(record.mark_of(0).map(|m| m.drawn), Some(false));
        assert_eq!(record.mark_of(1).map(|m| m.drawn), Some(true));
        assert_eq!((record.family_mark(), record.papers.as_slice()), (None, &[photo, form][..]));
    })
    .await;
}

#[tokio::test]
async fn a_signature_is_seen_by_those_who_see_the_data_and_every_look_is_logged() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.surveyed(&Engine::dibao()).await;
        let officer = d.officer(day(2026, 7, 9));
        let id = tuodi_casework::view(&officer, &case, "test").await.unwrap().visits[0].id;
        let seen = visit_signature(&officer, &case, id, "family").await.unwrap();
        assert_eq!(seen.mime(), "image/jpeg", "drawn anew, as any picture");
        for place in ["visitor.0", "visitor.1"] {
            visit_signature(&officer, &case, id, place).await.unwrap();
        }
        let missing = visit_signature(&officer, &case, id, "visitor.2").await;
        assert!(matches!(missing, Err(CaseError::NotFound { .. })), "{missing:?}");
        let other = d.cx(actor(Role::TownshipOfficer, "t-other", OTHER_TOWNSHIP), Channel::Window, day(2026, 7, 9));
        assert!(matches!(visit_signature(&other, &case, id, "family").await, Err(CaseError::Denied(_))));
        let looks = tuodi_access::looks::of_subject(&d.store, &case.subject(), 50).await.unwrap();
        let of = |purpose: &str| looks.iter().filter(|l| l.purpose == purpose).count();
        assert_eq!((of("signature of a visit"), of("refused: signature of a visit")), (4, 1));
        journal::verify(&d.store).await.expect("the chain holds");
    })
    .await;
}

#[tokio::test]
async fn what_the_visit_found_stands_beside_the_others_and_waits_for_a_person() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine::dibao();
        let case = d.accepted().await;
        let officer = d.officer(day(2026, 7, 8));
        let checked = tuodi_casework::run_check(&officer, &engine, &case, d.version(&case).await).await.unwrap();
        assert_eq!(checked.to_judge, 0, "declared and supplied agree on 6,500");
        let seen = |value: i64| SeenAmount { name: "fin_assets".to_owned(), person: None, value };
        let with = |value: i64| VisitForm { seen: vec![seen(value)], ..d.visit(day(2026, 7, 8)) };
        assert_eq!(refused(&d, &case, with(-1)).await, ["seen.fin_assets"]);
        let of_nobody = VisitForm { seen: vec![SeenAmount { person: Some(d.father), ..seen(1) }], ..with(1) };
        assert_eq!(refused(&d, &case, of_nobody).await, [format!("seen.fin_assets.{}", d.father)]);

        let version = d.version(&case).await;
        let visited = record_visit(&officer, &engine, &case, version, with(2_000_000)).await.unwrap();
        assert_eq!(visited.checked.map(|c| c.to_judge), Some(1), "a passbook of 20,000 was shown");
        let row = d.row(&case).await;
        assert_eq!((row.state, row.next_step), (CaseState::ManualCheck, NextStep::ExplainDifferences));
        let view = tuodi_casework::view(&officer, &case, "test").await.unwrap();
        let report = view.verification.unwrap();
        let savings = report.differences.iter().find(|d| d.item == "fin_assets").unwrap();
        assert_eq!((savings.declared, savings.found, savings.seen), (Some(650_000), Some(650_000), Some(2_000_000)));
        assert_eq!((savings.comparison, savings.seen_part), (Comparison::Judge, false));
        let homes = report.differences.iter().find(|d| d.item == "home_count").unwrap();
        assert_eq!(homes.seen, None, "it was not asked");
        let not_seen = resolve_difference(&officer, &case, row.version, homes.id, judged(Use::Seen, "x")).await;
        assert_eq!(fields(not_seen.unwrap_err()), ["use"]);
        resolve_difference(&officer, &case, row.version, savings.id, judged(Use::Seen, "看了存折")).await.unwrap();
        assert_eq!(d.row(&case).await.next_step, NextStep::Opinion);

        // The same again keeps the judgement; another answer asks anew.
        let version = d.version(&case).await;
        let again = record_visit(&officer, &engine, &case, version, with(2_000_000)).await.unwrap();
        assert_eq!(again.checked.map(|c| c.to_judge), Some(0));
        let version = d.version(&case).await;
        let other = record_visit(&officer, &engine, &case, version, with(3_000_000)).await.unwrap();
        assert_eq!(other.checked.map(|c| c.to_judge), Some(1));
    })
    .await;
}
