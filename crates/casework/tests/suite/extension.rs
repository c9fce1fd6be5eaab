//! The longer limit: asked for on a ground of the law, signed by the leader, told to the family, once a case.

use crate::common::*;
use tuodi_casework::{
    CaseError, NoticeKind, Objection, Offered,
    extension::{Answered, extensions, extensions_here, propose_extension, sign_extension},
};
use tuodi_testing::each_store;

#[tokio::test]
async fn the_leader_signs_a_longer_limit_the_case_has_until_then_and_the_family_is_told_why() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.accepted().await;
        let (officer, leader) = (d.officer(day(2026, 7, 20)), d.leader(day(2026, 7, 21)));
        let before = d.row(&case).await;
        assert_eq!((before.total_due, before.total_days), (Some(day(2026, 8, 17)), Some(30)));
        let wrong = propose_extension(&officer, &case, before.version, "holiday", " ", "w").await;
        assert!(matches!(&wrong, Err(CaseError::Invalid(e)) if e.len() == 2), "{wrong:?}");
        let reason = "要到外省核实打工收入";
        for _ in 0..2 {
            propose_extension(&officer, &case, before.version, "difficult", reason, "k").await.unwrap();
        }
        let asked = d.row(&case).await;
        assert_eq!(asked.total_due, before.total_due, "nothing is longer before it is signed");
        let again = propose_extension(&officer, &case, asked.version, "away", reason, "k2").await;
        assert!(matches!(&again, Err(CaseError::Invalid(e)) if e[0].key == "error.asked"), "{again:?}");
        let own = sign_extension(&officer, &case, asked.version, true, "", "s0").await;
        assert!(matches!(own, Err(CaseError::Denied(_))), "an officer does not sign: {own:?}");
        let offers = tuodi_casework::view(&leader, &case, "待办").await.unwrap();
        assert!(offers.offer(Offered::SignExtension).is_some_and(|o| o.denied.is_none()));
        let waiting = extensions_here(&leader, 1, 25).await.unwrap();
        assert_eq!((waiting.total, waiting.rows[0].extension.answered), (1, Answered::Open));
        for _ in 0..2 {
            sign_extension(&leader, &case, asked.version, true, "", "s").await.unwrap();
        }
        let after = d.row(&case).await;
        assert_eq!((after.total_due, after.total_days), (Some(day(2026, 9, 7)), Some(45)));
        assert_eq!(after.next_step, before.next_step, "the step stays, and its own limit");
        let view = tuodi_casework::view(&leader, &case, "待办").await.unwrap();
        assert!(view.offer(Offered::Extend).is_none(), "once a case");
        let letters: Vec<_> = view.notices.iter().filter(|n| n.kind == NoticeKind::Extended).collect();
        let letter = tuodi_casework::notice(&d.citizen(day(2026, 7, 22)), &case, &letters[0].number).await.unwrap();
        assert_eq!((letters.len(), letter.deadline), (1, Some(day(2026, 9, 7))));
        assert!(letter.plain.zh.contains("2026年9月7日") && letter.words == reason && letter.reason.is_some());
        let third = propose_extension(&officer, &case, after.version, "away", reason, "k3").await;
        assert!(matches!(&third, Err(CaseError::Invalid(e)) if e[0].key == "error.not_longer"), "{third:?}");
        let journal = format!("{:?}", tuodi_store::journal::entries_of(&d.store, &case.subject()).await.unwrap());
        assert!(
            journal.contains("case.sign_extension") && !journal.contains(reason),
            "the reason is not in the journal"
        );
        assert!(
            extensions(&d.citizen(day(2026, 7, 22)), &case).await.unwrap().is_empty(),
            "the letter tells the family"
        );
    })
    .await;
}

#[tokio::test]
async fn a_declined_one_leaves_the_limit_as_it_was_and_nobody_signs_what_they_asked_for() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.accepted().await;
        let (officer, leader) = (d.officer(day(2026, 7, 20)), d.leader(day(2026, 7, 21)));
        let v = d.version(&case).await;
        let none = sign_extension(&leader, &case, v, true, "", "n").await;
        assert!(matches!(none, Err(CaseError::NotFound { .. })), "nothing was asked for: {none:?}");
        let v = propose_extension(&officer, &case, v, "away", "人在外省，回来要时间", "k").await.unwrap();
        let wordless = sign_extension(&leader, &case, v, false, " ", "s0").await;
        assert!(matches!(&wordless, Err(CaseError::Invalid(e)) if e[0].key == "error.reason"), "{wordless:?}");
        let v = sign_extension(&leader, &case, v, false, "可以视频核实", "s").await.unwrap();
        let row = d.row(&case).await;
        assert_eq!((row.total_due, row.total_days), (Some(day(2026, 8, 17)), Some(30)));
        let told = extensions(&officer, &case).await.unwrap();
        assert_eq!((told[0].answered, told[0].words.as_str()), (Answered::Declined, "可以视频核实"));
        // Asked anew by the leader: another leader would have to sign.
        let v = propose_extension(&leader, &case, v, "difficult", "收入来自多处", "k2").await.unwrap();
        let own = sign_extension(&leader, &case, v, true, "", "s2").await;
        assert!(matches!(own, Err(CaseError::Denied(_))), "maker and checker differ: {own:?}");
        assert_eq!(extensions(&officer, &case).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn what_nobody_signed_lapses_when_an_objection_brings_the_longer_limit_by_itself() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.publicised(&Engine::dibao()).await;
        let (officer, leader) = (d.officer(day(2026, 7, 14)), d.leader(day(2026, 7, 15)));
        let v = d.version(&case).await;
        let v = propose_extension(&officer, &case, v, "difficult", "收入来自多处", "k").await.unwrap();
        let said = Objection { how: "oral".to_owned(), text: "他家有一辆车".to_owned(), ..Objection::default() };
        tuodi_casework::record_objection(&officer, &case, v, said, "o").await.unwrap();
        assert_eq!(extensions(&officer, &case).await.unwrap()[0].answered, Answered::Lapsed);
        let row = d.row(&case).await;
        assert_eq!(row.total_days, Some(45));
        let late = sign_extension(&leader, &case, row.version, true, "", "s").await;
        assert!(matches!(late, Err(CaseError::NotFound { .. })), "no letter about what was longer already: {late:?}");
    })
    .await;
}

#[tokio::test]
async fn what_nobody_signed_lapses_with_the_case() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.accepted().await;
        let (officer, leader) = (d.officer(day(2026, 7, 14)), d.leader(day(2026, 7, 15)));
        let v = d.version(&case).await;
        let v = propose_extension(&officer, &case, v, "away", "人在外省", "k").await.unwrap();
        let citizen = d.citizen(day(2026, 7, 15));
        tuodi_casework::terminate(&citizen, &case, v, "withdrawn", "", "w").await.unwrap();
        let list = extensions_here(&leader, 1, 25).await.unwrap();
        assert_eq!((list.total, list.rows[0].extension.answered), (1, Answered::Lapsed), "it waits for nobody");
    })
    .await;
}

#[tokio::test]
async fn what_is_decided_within_the_longer_limit_is_decided_in_time() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.confirming(&Engine::dibao()).await;
        let v = d.version(&case).await;
        let v = propose_extension(&d.officer(day(2026, 7, 20)), &case, v, "away", "人在外省", "k").await.unwrap();
        let v = sign_extension(&d.leader(day(2026, 7, 21)), &case, v, true, "", "s").await.unwrap();
        // After the usual 17 August, before 7 September.
        let late = d.reviewer(day(2026, 8, 25));
        tuodi_casework::decide(&late, &case, v, dibao(), "", "d").await.unwrap();
        let figures = tuodi_casework::figures(&late, COUNTY).await.unwrap();
        assert_eq!((figures.approved, figures.within_limit), (1, 1));
    })
    .await;
}
