//! Authorisations: for a purpose, until a day, on a signature or a form, withdrawn at any time.

use crate::common::*;
use tuodi_casework::{CaseError, ConsentForm, Evidence, Mark, Standing};
use tuodi_testing::each_store;

fn signed(person: tuodi_pack::PersonId, name: &str) -> ConsentForm {
    let picture = b"\x89PNG\r\n\x1a\n a line drawn by hand".to_vec();
    ConsentForm {
        person,
        name: name.to_owned(),
        mark: Mark::Signature,
        evidence: Some(Evidence::new(picture).expect("a picture")),
    }
}

#[tokio::test]
async fn an_authorisation_holds_for_its_purpose_until_its_last_day() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let officer = d.officer(day(2026, 7, 6));
        tuodi_casework::give_household_consent(&officer, d.household, "housing", signed(d.father, "安建国"))
            .await
            .unwrap();
        let seen = |cx| {
            let d = &d;
            async move { tuodi_casework::authorisations(&cx, d.household).await.unwrap() }
        };
        let now = seen(officer).await;
        let given = now.in_force(d.father, "housing").expect("it holds");
        assert_eq!(given.until, Some(day(2027, 1, 6)), "the pack gives housing six months");
        assert_eq!(given.evidence.as_ref().map(|(mime, _)| mime.as_str()), Some("image/png"));
        assert!(now.in_force(d.father, "assistance").is_none(), "it is for no other purpose");
        assert_eq!(now.missing("housing"), [d.mother], "children sign nothing");
        let last = seen(d.officer(day(2027, 1, 6))).await;
        assert!(last.in_force(d.father, "housing").is_some());
        let after = seen(d.officer(day(2027, 1, 7))).await;
        assert!(after.in_force(d.father, "housing").is_none());
        assert_eq!(after.given[0].standing, Standing::Expired);
    })
    .await;
}

#[tokio::test]
async fn the_signature_comes_back_as_it_was_drawn_and_stands_sealed_in_the_database() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let officer = d.officer(day(2026, 7, 6));
        tuodi_casework::give_household_consent(&officer, d.household, "housing", signed(d.father, "安建国"))
            .await
            .unwrap();
        let id = tuodi_casework::authorisations(&officer, d.household).await.unwrap().given[0].id;
        let evidence = tuodi_casework::consent_evidence(&officer, d.household, id).await.unwrap();
        assert!(evidence.bytes().ends_with(b"a line drawn by hand"));
        let other =
            d.cx(actor(tuodi_access::Role::TownshipOfficer, "other", OTHER_TOWNSHIP), officer.channel, day(2026, 7, 6));
        let refused = tuodi_casework::consent_evidence(&other, d.household, id).await;
        assert!(matches!(refused, Err(CaseError::Denied(_))), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn it_can_be_taken_back_after_the_case_is_decided_too() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine::dibao();
        let case = d.confirming(&engine).await;
        let version = d.version(&case).await;
        tuodi_casework::decide(&d.reviewer(day(2026, 7, 20)), &case, version, dibao(), "", "k").await.unwrap();
        let citizen = d.citizen(day(2026, 8, 3));
        tuodi_casework::withdraw_household_consent(&citizen, d.household, d.mother, "assistance").await.unwrap();
        let seen = tuodi_casework::authorisations(&citizen, d.household).await.unwrap();
        assert!(seen.in_force(d.mother, "assistance").is_none());
        assert!(seen.in_force(d.father, "assistance").is_some(), "each speaks for themselves");
        let again = tuodi_casework::withdraw_household_consent(&citizen, d.household, d.mother, "assistance").await;
        assert!(matches!(again, Err(CaseError::NotFound { .. })), "{again:?}");
    })
    .await;
}

#[tokio::test]
async fn given_again_it_takes_the_place_of_the_one_that_ran_out() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        for date in [day(2026, 7, 6), day(2027, 3, 1)] {
            let officer = d.officer(date);
            tuodi_casework::give_household_consent(&officer, d.household, "housing", signed(d.father, "安建国"))
                .await
                .unwrap();
        }
        let seen = tuodi_casework::authorisations(&d.officer(day(2027, 3, 1)), d.household).await.unwrap();
        let standings: Vec<Standing> = seen.given.iter().map(|a| a.standing).collect();
        assert_eq!(standings, [Standing::InForce, Standing::Replaced]);
    })
    .await;
}

#[tokio::test]
async fn nobody_authorises_in_anothers_name_for_a_purpose_that_is_not_or_as_a_child() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let officer = d.officer(day(2026, 7, 6));
        for (purpose, form, field) in [
            ("housing", signed(d.father, "安小国"), "name"),
            ("curiosity", signed(d.father, "安建国"), "purpose"),
            ("payment_overlap", signed(d.father, "安建国"), "purpose"),
            ("housing", signed(d.son, "安小石"), "person"),
        ] {
            let refused = tuodi_casework::give_household_consent(&officer, d.household, purpose, form).await;
            let Err(CaseError::Invalid(problems)) = refused else { panic!("{purpose}: {refused:?}") };
            assert_eq!(problems[0].field, field);
        }
    })
    .await;
}
