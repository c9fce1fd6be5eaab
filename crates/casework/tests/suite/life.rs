//! Proof of life: told before, entered by whoever saw them, a visit where it lapsed, and money as it was.

use crate::common::*;
use chrono::NaiveDate;
use tuodi_access::{Actor, Role};
use tuodi_casework::{
    CaseError, CaseNo, CaseState, Channel, Cx, RosterRow, Why,
    life::{LifeCut, LifeFilter, LifeForm, enter_life, life_of, lives, round, watch_lives},
    open_recheck,
};
use tuodi_pack::Fen;
use tuodi_store::Store;
use tuodi_testing::each_store;

/// Destitute, last seen on the first of August.
async fn alone(store: Store) -> (District, CaseNo) {
    let d = district(store).await;
    let row = RosterRow {
        certificate: "t-1".to_owned(),
        applicant: d.father,
        household: d.household,
        programme: "tekun".to_owned(),
        monthly: Fen::yuan(1300),
        members: 1,
        start_date: day(2024, 3, 1),
        region_code: VILLAGE.to_owned(),
        class: Some("A".to_owned()),
        last_reverify: Some(day(2025, 8, 1)),
    };
    tuodi_casework::import_roster(&d.store, &d.pack, vec![row], morning(day(2026, 6, 1))).await.unwrap();
    let case = tuodi_casework::own_cases(&d.citizen(day(2026, 6, 1))).await.unwrap()[0].case.clone();
    (d, case)
}

fn system(d: &District, on: NaiveDate) -> Cx {
    d.cx(Actor::system(), Channel::System, on)
}

fn village(d: &District, on: NaiveDate) -> Cx {
    d.cx(actor(Role::VillageOfficer, "v-officer", VILLAGE), Channel::Village, on)
}

fn seen(on: NaiveDate) -> LifeForm {
    LifeForm {
        way: "home".to_owned(),
        met: Some(true),
        on: Some(on),
        witness: "李网格".to_owned(),
        words: String::new(),
    }
}

async fn found(cx: &Cx, cut: LifeCut) -> u64 {
    lives(cx, &LifeFilter { cut, ..LifeFilter::default() }).await.unwrap().total
}

fn refused(result: Result<impl std::fmt::Debug, CaseError>) -> Vec<(String, &'static str)> {
    match result {
        Err(CaseError::Invalid(problems)) => problems.into_iter().map(|p| (p.field, p.key)).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_recipient_is_told_then_seen_and_a_lapse_sends_somebody_and_stops_nothing() {
    each_store(migrations, async |store| {
        let (d, case) = alone(store).await;
        // Begun; a month before the first of August told, once; the day after it sent for, once.
        let mut said = Vec::new();
        for (m, dd) in [(6, 1), (6, 1), (7, 1), (7, 2), (7, 3), (8, 1), (8, 2), (8, 3)] {
            said.push(watch_lives(&system(&d, day(2026, m, dd))).await.unwrap());
        }
        assert_eq!(said, [1, 0, 0, 1, 0, 0, 1, 0]);
        let now = day(2026, 8, 3);
        let life = life_of(&d.officer(now), &case).await.unwrap().unwrap();
        assert_eq!((life.due_on, life.reminded_on), (day(2026, 8, 1), Some(day(2026, 7, 2))));
        assert_eq!(life.visit_by, Some(day(2026, 8, 14)), "ten working days from Sunday the second");
        let row = d.row(&case).await;
        assert_eq!((row.state, row.monthly), (CaseState::Assisting, Some(Fen::yuan(1300))), "nothing is taken away");
        let list = tuodi_casework::prepare_batch(&d.district_officer(now), day(2026, 8, 1), "").await.unwrap();
        let batch = tuodi_casework::batch(&d.district_officer(now), list, 1, 9).await.unwrap();
        assert_eq!(batch.row.total, Fen::yuan(1300), "paid in full, held by nobody");

        // The round has the address; another village has nobody on it.
        let walk = round(&village(&d, now), VILLAGE).await.unwrap();
        assert_eq!((walk.len(), walk[0].row.name.as_str()), (1, "安建国"));
        assert!(matches!(round(&village(&d, now), "990102002001").await, Err(CaseError::Denied(_))));
        let citizen = d.citizen(now);
        assert!(matches!(lives(&citizen, &LifeFilter::default()).await, Err(CaseError::Denied(_))));

        // Nobody met: the visit stays open. Seen later: it holds for a year from that day.
        let missed =
            LifeForm {
                met: Some(false), witness: String::new(), words: "邻居说去女儿家".to_owned(), ..seen(now)
            };
        assert_eq!(enter_life(&village(&d, now), &case, missed, "m").await.unwrap(), day(2026, 8, 1));
        assert_eq!(found(&village(&d, now), LifeCut::Late).await, 1);
        let on = day(2026, 8, 5);
        for _ in 0..2 {
            assert_eq!(enter_life(&village(&d, on), &case, seen(on), "s").await.unwrap(), day(2027, 8, 5));
        }
        let life = life_of(&d.officer(on), &case).await.unwrap().unwrap();
        assert_eq!((life.visit_by, life.reminded_on, life.proofs.len()), (None, None, 2));
        assert_eq!(life.proofs[0].witness, "李网格");
        let own = life_of(&d.citizen(on), &case).await.unwrap().unwrap();
        assert!(own.proofs.iter().all(|p| p.witness.is_empty() && p.words.is_empty()), "notes are the office's");
        assert_eq!((found(&d.officer(on), LifeCut::Due).await, found(&d.officer(on), LifeCut::All).await), (0, 1));
        let acts = d.acts(&case).await;
        for act in ["case.life_begins", "case.life_remind", "case.life_visit", "case.life_missed", "case.life"] {
            assert_eq!(acts.iter().filter(|a| *a == act).count(), 1, "{act} in {acts:?}");
        }
        let journal = format!("{:?}", tuodi_store::journal::entries_of(&d.store, &case.subject()).await.unwrap());
        assert!(journal.contains("case.life_missed") && !journal.contains("女儿") && !journal.contains("李网格"));
        tuodi_store::journal::verify(&d.store).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_proves_nothing_is_refused_with_its_field_and_an_older_day_takes_nothing_away() {
    each_store(migrations, async |store| {
        let (d, case) = alone(store).await;
        let on = day(2026, 7, 10);
        let officer = d.officer(on);
        let early = enter_life(&officer, &case, seen(on), "").await;
        assert!(matches!(early, Err(CaseError::NotFound { .. })), "not asked yet: {early:?}");
        watch_lives(&system(&d, on)).await.unwrap();
        assert_eq!(
            refused(enter_life(&officer, &case, LifeForm::default(), "").await),
            [("way".to_owned(), "error.choice"), ("met".to_owned(), "error.choice"), ("on".to_owned(), "error.date"),]
        );
        let one = async |form| refused(enter_life(&officer, &case, form, "").await).remove(0);
        let of = |field: &str, key| (field.to_owned(), key);
        assert_eq!(one(seen(day(2026, 7, 11))).await, of("on", "error.future"));
        assert_eq!(one(seen(day(2025, 7, 9))).await, of("on", "error.too_old"));
        assert_eq!(one(LifeForm { witness: " ".to_owned(), ..seen(on) }).await, of("witness", "error.required"));
        assert_eq!(one(LifeForm { words: "长".repeat(501), ..seen(on) }).await, of("words", "error.too_long"));
        for form in [LifeForm { way: "record".to_owned(), ..seen(on) }, LifeForm { met: Some(false), ..seen(on) }] {
            assert_eq!(one(form).await, of("words", "error.required"));
        }
        let citizen = enter_life(&d.citizen(on), &case, seen(on), "").await;
        assert!(matches!(citizen, Err(CaseError::Denied(_))), "nobody enters their own: {citizen:?}");
        let elsewhere = d.cx(actor(Role::TownshipOfficer, "t-other", OTHER_TOWNSHIP), Channel::Window, on);
        assert!(matches!(enter_life(&elsewhere, &case, seen(on), "").await, Err(CaseError::Denied(_))));

        assert_eq!(enter_life(&officer, &case, seen(on), "").await.unwrap(), day(2027, 7, 10));
        assert_eq!(enter_life(&officer, &case, seen(day(2026, 6, 1)), "").await.unwrap(), day(2027, 7, 10));

        // Help that has ended is asked for no more, and what was entered stays.
        let version = d.version(&case).await;
        open_recheck(&officer, &case, version, Why::Life, "人不在", "").await.unwrap();
        let version = d.version(&case).await;
        let stop = tuodi_casework::Change::Stop { reason_code: "voluntary".to_owned(), from: None, reporters: vec![] };
        tuodi_casework::propose_change(&officer, &case, version, stop, "本人说不要了", "").await.unwrap();
        tuodi_casework::give_view(&d.citizen(on), &case, "同意", "").await.unwrap();
        let version = d.version(&case).await;
        tuodi_casework::decide_change(&d.reviewer(day(2026, 7, 20)), &case, version, true, "同意", "").await.unwrap();
        assert_eq!(watch_lives(&system(&d, day(2026, 8, 2))).await.unwrap(), 1);
        assert_eq!(life_of(&officer, &case).await.unwrap(), None);
        assert_eq!(found(&officer, LifeCut::All).await, 0);
    })
    .await;
}
