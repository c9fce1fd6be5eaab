//! Documents of a case: who may put one on file, look at it and take it back; what is still missing; on each database.

use crate::common::*;
use tuodi_access::Role;
use tuodi_casework::{
    CaseError, Channel, NoticeKind,
    papers::{Certificate, Content, Known, NewPaper, add_paper, open_paper, papers, remove_paper},
};
use tuodi_store::journal;
use tuodi_testing::each_store;

fn pdf(kind: &str, d: &District) -> NewPaper {
    NewPaper {
        kind: kind.to_owned(),
        person: Some(d.father),
        content: Some(Content::read(format!("%PDF-1.7 {kind} %%EOF").as_bytes()).expect("a PDF")),
        ..NewPaper::default()
    }
}

fn fields(refused: CaseError) -> Vec<String> {
    let CaseError::Invalid(problems) = refused else { panic!("{refused}") };
    problems.into_iter().map(|p| p.field).collect()
}

#[tokio::test]
async fn a_document_is_sealed_used_again_and_taken_back_on_record() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.accepted().await;
        let citizen = d.citizen(day(2026, 7, 7));
        let id = add_paper(&citizen, &case, pdf("bills", &d)).await.unwrap();
        assert_eq!(add_paper(&citizen, &case, pdf("bills", &d)).await.unwrap(), id, "sent twice, kept once");

        let officer = d.officer(day(2026, 7, 8));
        let opened = open_paper(&officer, &case, id).await.unwrap();
        assert_eq!(opened.content.bytes(), b"%PDF-1.7 bills %%EOF");
        let looks = tuodi_access::looks::of_subject(&d.store, &case.subject(), 10).await.unwrap();
        assert!(looks.iter().any(|l| l.purpose == format!("document {id}")), "{looks:?}");
        let stranger = d.cx(actor(Role::TownshipOfficer, "x", OTHER_TOWNSHIP), Channel::Window, day(2026, 7, 8));
        assert!(matches!(open_paper(&stranger, &case, id).await, Err(CaseError::Denied(_))));
        let village = d.cx(actor(Role::VillageOfficer, "v-officer", VILLAGE), Channel::Village, day(2026, 7, 8));
        assert!(matches!(open_paper(&village, &case, id).await, Err(CaseError::Denied(_))), "conclusions only");

        // The household takes back only what it gave; an officer says why.
        let second = add_paper(&officer, &case, pdf("wage", &d)).await.unwrap();
        assert!(matches!(remove_paper(&citizen, &case, second, "").await, Err(CaseError::SamePerson { .. })));
        let other = d.second_officer(day(2026, 7, 8));
        assert_eq!(fields(remove_paper(&other, &case, second, " ").await.unwrap_err()), ["why"]);
        remove_paper(&other, &case, second, "传错了人").await.unwrap();
        assert!(matches!(open_paper(&officer, &case, second).await, Err(CaseError::NotFound { .. })), "it is gone");
        let left = papers(&officer, &case).await.unwrap();
        assert_eq!(left.on_file.iter().map(|p| p.id).collect::<Vec<_>>(), [id]);

        let acts = d.acts(&case).await;
        assert_eq!(acts.iter().filter(|a| a.starts_with("paper.")).count(), 4, "{acts:?}");
        journal::verify(&d.store).await.expect("the chain holds");

        // A later case of the household finds it on file.
        let version = d.version(&case).await;
        tuodi_casework::terminate(&officer, &case, version, "withdrawn", "", "t1").await.unwrap();
        assert!(matches!(add_paper(&officer, &case, pdf("home", &d)).await, Err(CaseError::WrongStage { .. })));
        let later = tuodi_casework::open_draft(&d.citizen(day(2026, 8, 3)), d.father).await.unwrap();
        let found = papers(&d.citizen(day(2026, 8, 3)), &later).await.unwrap();
        assert_eq!(found.on_file[0].from, Some(case), "with the case it came from");
    })
    .await;
}

#[tokio::test]
async fn what_is_said_of_a_document_is_checked_field_by_field() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.accepted().await;
        let citizen = d.citizen(day(2026, 7, 7));
        let refused = |new: NewPaper| {
            let (citizen, case) = (citizen.clone(), case.clone());
            async move { fields(add_paper(&citizen, &case, new).await.unwrap_err()) }
        };
        assert_eq!(refused(NewPaper::default()).await, ["kind", "file"]);
        assert_eq!(refused(pdf("passport", &d)).await, ["kind"]);
        assert_eq!(refused(pdf("form", &d)).await, ["kind"], "the office's own");
        assert_eq!(refused(pdf("other", &d)).await, ["about"]);
        assert_eq!(refused(NewPaper { person: None, ..pdf("bills", &d) }).await, ["person"]);
        let named = |issuer: &str, number: &str| NewPaper {
            content: None,
            certificate: Some(Certificate { issuer: issuer.to_owned(), number: number.to_owned() }),
            ..pdf("disability", &d)
        };
        assert_eq!(refused(named("PF01", "<b>")).await, ["issuer", "number"]);
        assert_eq!(refused(named("DS17", "99010219840412003631")).await, ["issuer"], "not who issues these");
        let id = add_paper(&citizen, &case, named("DS07", "99010219840412003631")).await.unwrap();
        let seen = papers(&citizen, &case).await.unwrap();
        let row = seen.on_file.iter().find(|p| p.id == id).unwrap();
        assert_eq!((row.number.as_str(), row.may_open), ("99010219840412003631", false), "named, not copied");
    })
    .await;
}

#[tokio::test]
async fn what_a_decision_rests_on_cannot_be_taken_back_through_a_later_case() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.confirming(&Engine::dibao()).await;
        let citizen = d.citizen(day(2026, 7, 18));
        let id = add_paper(&citizen, &case, pdf("bills", &d)).await.unwrap();
        let refuse = tuodi_casework::Proposal::Refuse { reason_code: tuodi_casework::REFUSAL_CODES[0].0.to_owned() };
        let version = d.version(&case).await;
        tuodi_casework::decide(&d.reviewer(day(2026, 7, 20)), &case, version, refuse, "收入超过标准", "d")
            .await
            .unwrap();

        let citizen = d.citizen(day(2026, 8, 3));
        let later = tuodi_casework::open_draft(&citizen, d.father).await.unwrap();
        let new = add_paper(&citizen, &later, pdf("wage", &d)).await.unwrap();
        let seen = papers(&citizen, &later).await.unwrap();
        let may: Vec<_> = seen.on_file.iter().map(|p| (p.id, p.may_remove)).collect();
        assert!(may.contains(&(id, false)) && may.contains(&(new, true)), "{may:?}");
        let refused = remove_paper(&citizen, &later, id, "").await;
        assert!(matches!(refused, Err(CaseError::WrongStage { .. })), "{refused:?}");
        remove_paper(&citizen, &later, new, "").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_notice_asks_only_for_what_nobody_knows() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let citizen = d.citizen(day(2026, 7, 6));
        let case = tuodi_casework::open_draft(&citizen, d.father).await.unwrap();
        tuodi_casework::save_step(&citizen, &case, 1, "check", d.form()).await.unwrap();
        let form = tuodi_casework::ConsentForm {
            person: d.father,
            name: "安建国".to_owned(),
            mark: tuodi_casework::Mark::Typed,
            evidence: None,
        };
        tuodi_casework::give_consent(&citizen, &case, form).await.unwrap();
        let version = d.version(&case).await;
        tuodi_casework::submit(&citizen, &case, version, "s1").await.unwrap();

        let officer = d.officer(day(2026, 7, 7));
        let wanted = papers(&officer, &case).await.unwrap().wanted;
        let stands: Vec<_> = wanted.iter().map(|w| (w.id.as_str(), &w.known)).collect();
        assert_eq!(
            stands,
            [("dibao/application", &Known::Held), ("dibao/consent", &Known::Missing), ("dibao/account", &Known::Held)]
        );
        assert_eq!(wanted[1].whose, ["柳秀英"]);
        let version = d.version(&case).await;
        let ask = |ids: &[&str], key: &'static str| {
            let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
            let (officer, case) = (officer.clone(), case.clone());
            async move {
                let none = (Vec::new(), String::new());
                tuodi_casework::return_for_more(&officer, &case, version, &ids, none.0, none.1, key).await
            }
        };
        assert_eq!(fields(ask(&["dibao/account"], "r1").await.unwrap_err()), ["missing"], "it is known");
        assert_eq!(fields(ask(&["dibao/records"], "r2").await.unwrap_err()), ["missing"], "departments supply it");
        assert_eq!(fields(ask(&[], "r3").await.unwrap_err()), ["missing"]);
        let number = ask(&["dibao/consent"], "r4").await.unwrap();
        assert_eq!(ask(&["dibao/consent"], "r4").await.unwrap(), number, "the second click");
        let letter = tuodi_casework::notice(&officer, &case, &number).await.unwrap();
        assert_eq!(letter.kind, NoticeKind::Returned);
        let [paper] = &letter.papers[..] else { panic!("{letter:?}") };
        assert!(
            paper.zh.contains("授权书") && paper.zh.contains("柳秀英") && !paper.zh.contains("安建国"),
            "{paper:?}"
        );
    })
    .await;
}
