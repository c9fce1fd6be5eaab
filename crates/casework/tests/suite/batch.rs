//! Lists of many people: held against the newest findings, only of whom it is allowed, and reported by kind.

use crate::common::*;
use async_trait::async_trait;
use chrono::{Duration, NaiveDate};
use std::io::{Cursor, Read};
use tuodi_access::{Actor, Role};
use tuodi_casework::{
    CaseError, Channel, ConsentForm, Cx, Mark,
    verify::{self, BatchOrder, Listed},
};
use tuodi_pack::{
    FactValue, HouseholdId, Lang, PersonId,
    found::{FindingsError, FoundAlert, FoundRun, NoFindings, PassFindings},
};
use tuodi_testing::each_store;

const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 9, 2).unwrap();

/// A pass that found what a test tells it.
struct Found(Vec<(&'static str, HouseholdId, Option<PersonId>)>);

#[async_trait]
impl PassFindings for Found {
    async fn newest(&self) -> Result<Option<FoundRun>, FindingsError> {
        Ok(Some(FoundRun {
            id: "run-1".to_owned(),
            as_of: day(2026, 9, 1),
            pack_version: "2026.1".to_owned(),
            snapshot: "s".to_owned(),
        }))
    }

    async fn alerts(&self, _: &FoundRun, indicators: &[String]) -> Result<Vec<FoundAlert>, FindingsError> {
        let fact = |value: &str| FactValue {
            name: "subsidy_month".to_owned(),
            person_id: None,
            value: Some(value.to_owned()),
            unit: String::new(),
        };
        let wanted = self.0.iter().filter(|(id, ..)| indicators.iter().any(|i| i == id));
        Ok(wanted
            .map(|(id, household, person)| FoundAlert {
                indicator: (*id).to_owned(),
                household: *household,
                person: *person,
                evidence: vec![fact("11000")],
            })
            .collect())
    }
}

fn order(purpose: &str, entries: Vec<Listed>) -> BatchOrder {
    BatchOrder { title: "两项补贴 9月".to_owned(), purpose: purpose.to_owned(), entries }
}

fn number(text: &str) -> Listed {
    Listed::Person(text.to_owned())
}

fn platform(d: &District) -> Cx {
    d.cx(Actor::system(), Channel::System, TODAY)
}

const FATHER: &str = "990102198104120036";
const MOTHER: &str = "990102198309200021";
const NOBODY: &str = "990102195703160028";

#[tokio::test]
async fn a_list_says_how_many_were_checked_and_what_was_found_of_each_kind() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let officer = d.district_officer(TODAY);
        let entries = vec![number(FATHER), number(MOTHER), number(NOBODY)];
        let id = verify::order_batch(&officer, order("payment_overlap", entries.clone()), "k").await.unwrap();
        let again = verify::order_batch(&officer, order("payment_overlap", entries), "k").await.unwrap();
        assert_eq!(again, id, "the same form sent twice is one list");
        let findings = Found(vec![
            ("M057", d.household, Some(d.father)),
            // Not asked for by this purpose, and of somebody who is not listed.
            ("M001", d.household, Some(d.father)),
            ("M057", d.household, Some(d.son)),
        ]);
        assert_eq!(verify::run_batch(&platform(&d), &findings).await.unwrap(), Some(id));
        assert_eq!(verify::run_batch(&platform(&d), &findings).await.unwrap(), None, "it is done once");
        let view = verify::batch(&officer, id).await.unwrap();
        let result = view.result.expect("done");
        assert_eq!((result.checked, result.anomalies.len(), result.unauthorised), (2, 1, 0));
        assert_eq!(result.not_found, [NOBODY]);
        let counts: Vec<(&str, usize)> = result.kinds.iter().map(|k| (k.indicator.as_str(), k.count)).collect();
        assert_eq!(counts, [("M056", 0), ("M057", 1), ("M058", 0), ("M059", 0), ("M061", 0)]);
        assert_eq!(result.anomalies[0].person, Some(d.father));
        assert_eq!(result.anomalies[0].facts[0].1.zh, "110元/月");

        let book = verify::sheet(&officer, id, Lang::Zh).await.unwrap();
        let mut text = String::new();
        let mut files = zip::ZipArchive::new(Cursor::new(book)).unwrap();
        for i in 0..files.len() {
            let _ = files.by_index(i).unwrap().read_to_string(&mut text);
        }
        assert!(text.contains("安建国") && text.contains("9901**********0036") && !text.contains(FATHER));
    })
    .await;
}

#[tokio::test]
async fn whoever_has_not_authorised_the_purpose_is_not_looked_up() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let officer = d.district_officer(TODAY);
        let findings = Found(vec![("M065", d.household, None)]);
        let mut outcomes = Vec::new();
        for (person, name) in [(d.father, "安建国"), (d.mother, "柳秀英")] {
            let id = verify::order_batch(&officer, order("housing", vec![Listed::Household(d.household.0)]), "").await;
            verify::run_batch(&platform(&d), &findings).await.unwrap();
            let result = verify::batch(&officer, id.unwrap()).await.unwrap().result.unwrap();
            outcomes.push((result.checked, result.unauthorised, result.anomalies.len()));
            let form = ConsentForm { person, name: name.to_owned(), mark: Mark::Paper, evidence: None };
            tuodi_casework::give_household_consent(&d.officer(TODAY), d.household, "housing", form).await.unwrap();
        }
        assert_eq!(outcomes, [(0, 3, 0), (0, 3, 0)], "one adult's word is not the family's");
        let id =
            verify::order_batch(&officer, order("housing", vec![Listed::Household(d.household.0)]), "").await.unwrap();
        verify::run_batch(&platform(&d), &findings).await.unwrap();
        let result = verify::batch(&officer, id).await.unwrap().result.unwrap();
        assert_eq!((result.checked, result.unauthorised, result.anomalies.len()), (3, 0, 1));
        let entries = tuodi_store::journal::entries_of(&d.store, &format!("verification_batch:{id}")).await.unwrap();
        assert_eq!(entries.last().unwrap().act, "verification.batch_done");
    })
    .await;
}

#[tokio::test]
async fn a_township_is_told_only_of_its_own_people() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let other = d.cx(actor(Role::TownshipOfficer, "other", OTHER_TOWNSHIP), Channel::Window, TODAY);
        let id = verify::order_batch(&other, order("payment_overlap", vec![number(FATHER)]), "").await.unwrap();
        verify::run_batch(&platform(&d), &Found(vec![("M057", d.household, Some(d.father))])).await.unwrap();
        let result = verify::batch(&other, id).await.unwrap().result.unwrap();
        assert_eq!((result.checked, result.outside_region, result.anomalies.len()), (0, 1, 0));
        // And nobody of another region opens the list.
        assert!(matches!(verify::batch(&d.officer(TODAY), id).await, Err(CaseError::Denied(_))));
    })
    .await;
}

#[tokio::test]
async fn a_list_whose_worker_was_killed_is_begun_again_and_a_stopped_one_is_not() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let officer = d.district_officer(TODAY);
        let findings = Found(Vec::new());
        let stopped = verify::order_batch(&officer, order("payment_overlap", vec![number(FATHER)]), "").await.unwrap();
        verify::cancel_batch(&officer, stopped).await.unwrap();
        assert_eq!(verify::run_batch(&platform(&d), &findings).await.unwrap(), None);
        assert_eq!(verify::batch(&officer, stopped).await.unwrap().row.state, "cancelled");

        let id = verify::order_batch(&officer, order("payment_overlap", vec![number(FATHER)]), "").await.unwrap();
        // As a killed process leaves it.
        let killed: Result<(), tuodi_store::StoreError> = d
            .store
            .upkeep(move |tx| {
                Box::pin(async move {
                    use sea_orm::ConnectionTrait;
                    let sql = format!("UPDATE verification_batch SET state = 'running' WHERE id = {id}");
                    tx.conn().execute_unprepared(&sql).await?;
                    Ok(())
                })
            })
            .await;
        killed.unwrap();
        assert_eq!(verify::run_batch(&platform(&d), &findings).await.unwrap(), None, "somebody may be at it");
        let later = Cx { now: platform(&d).now + Duration::minutes(11), ..platform(&d) };
        assert_eq!(verify::run_batch(&later, &findings).await.unwrap(), Some(id));
    })
    .await;
}

#[tokio::test]
async fn without_findings_a_list_says_what_to_do_first() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let officer = d.district_officer(TODAY);
        let id = verify::order_batch(&officer, order("payment_overlap", vec![number(FATHER)]), "").await.unwrap();
        verify::run_batch(&platform(&d), &NoFindings).await.unwrap();
        let row = verify::batch(&officer, id).await.unwrap().row;
        assert_eq!((row.state.as_str(), row.reason.as_str()), ("failed", "no_pass"));
        for (purpose, entries, field) in
            [("curiosity", vec![number(FATHER)], "purpose"), ("payment_overlap", Vec::new(), "list")]
        {
            let refused = verify::order_batch(&officer, order(purpose, entries), "").await;
            let Err(CaseError::Invalid(problems)) = refused else { panic!("{refused:?}") };
            assert_eq!(problems[0].field, field);
        }
    })
    .await;
}
