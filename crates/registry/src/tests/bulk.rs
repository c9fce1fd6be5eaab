use super::{entry, number, record};
use crate::{
    IdentityBook, PersonRecord, RegistryError, find, household_of, make_look_ups, migrations, person, persons, save,
};
use sea_orm::{ConnectionTrait, Statement};
use tuodi_pack::{PersonId, id_no::IdNo};
use tuodi_store::journal;
use tuodi_testing::{each_store, sqlite_store};

/// `n` people in households of three, none of them like another.
fn people(n: u32) -> Vec<PersonRecord> {
    (0..n)
        .map(|i| PersonRecord {
            household_no: Some(format!("H{}", i / 3)),
            relation: Some(if i % 3 == 0 { "02" } else { "20" }.to_owned()),
            address: Some(format!("石桥村{i}号")),
            ..record(
                &format!("19{:02}{:02}{:02}", i / 84_000 % 100, i / 7_000 % 12 + 1, i / 250 % 28 + 1),
                i % 250 * 4,
                "安",
            )
        })
        .collect()
}

#[tokio::test]
async fn numbers_follow_the_order_of_the_file_and_stay_when_it_is_sent_again() {
    each_store(migrations, async |store| {
        let file = people(500);
        let mut book = IdentityBook::load(&store).await.unwrap();
        let ids = book.take(&store, file.clone(), entry()).await.unwrap();
        assert_eq!(ids, (1..=500).map(PersonId).collect::<Vec<_>>());
        let mut again = IdentityBook::load(&store).await.unwrap();
        assert_eq!(again.persons(), 500);
        let turned: Vec<_> = file.iter().rev().cloned().collect();
        for record in turned {
            again.enter(record);
        }
        assert!(again.drain().is_empty(), "a register sent again unchanged needs no writing");
        assert_eq!(again.resolve(&file[7].id_no), Some(PersonId(8)));
        assert_eq!(again.resolve(&number("19000101", 999)), None);
    })
    .await;
}

#[tokio::test]
async fn somebody_known_by_number_is_filled_in_by_a_later_register() {
    each_store(migrations, async |store| {
        let mut book = IdentityBook::load(&store).await.unwrap();
        let id = book.assign(&number("19570316", 2));
        assert_eq!(book.assign(&number("19570316", 2)), id);
        save(&store, book.drain(), entry()).await.unwrap();
        let unnamed = person(&store, id).await.unwrap().unwrap();
        assert_eq!((unnamed.name.as_str(), unnamed.region_code.as_str()), ("", ""));
        let mut later = IdentityBook::load(&store).await.unwrap();
        assert_eq!(later.take(&store, vec![record("19570316", 2, "李秀兰")], entry()).await.unwrap(), [id]);
        let named = person(&store, id).await.unwrap().unwrap();
        assert_eq!((named.name.as_str(), named.region_code.as_str()), ("李秀兰", "990102001001"));
        assert!(household_of(&store, id).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn what_a_record_leaves_out_stays_as_it_was() {
    each_store(migrations, async |store| {
        let mut book = IdentityBook::load(&store).await.unwrap();
        let full = PersonRecord { phone: Some("13800009901".to_owned()), ..record("19570316", 2, "李秀兰") };
        let id = book.take(&store, vec![full], entry()).await.unwrap()[0];
        let renamed = PersonRecord { household_no: None, region_code: None, ..record("19570316", 2, "李秀蘭") };
        book.take(&store, vec![renamed], entry()).await.unwrap();
        let found = person(&store, id).await.unwrap().unwrap();
        assert_eq!(found.name, "李秀蘭");
        assert_eq!(found.phone.as_deref(), Some("13800009901"));
        assert_eq!(found.region_code, "990102001001");
        assert!(found.household_id.is_some());
    })
    .await;
}

#[tokio::test]
async fn two_rows_of_one_person_in_one_file_become_one_person() {
    each_store(migrations, async |store| {
        let mut book = IdentityBook::load(&store).await.unwrap();
        let rows = vec![
            PersonRecord { phone: Some("13800009901".to_owned()), ..record("19570316", 2, "李秀兰") },
            record("19570316", 2, "李秀蘭"),
        ];
        let ids = book.take(&store, rows, entry()).await.unwrap();
        assert_eq!(ids[0], ids[1]);
        let found = person(&store, ids[0]).await.unwrap().unwrap();
        assert_eq!((found.name.as_str(), found.phone.as_deref()), ("李秀蘭", Some("13800009901")));
    })
    .await;
}

#[tokio::test]
async fn an_old_fifteen_digit_number_is_the_same_person() {
    each_store(migrations, async |store| {
        let mut book = IdentityBook::load(&store).await.unwrap();
        let old = IdNo::parse("990102570316002").unwrap();
        let new = IdNo::parse(old.as_str()).unwrap();
        assert_eq!(book.assign(&old), book.assign(&new));
    })
    .await;
}

#[tokio::test]
async fn a_large_file_is_written_in_chunks_each_with_its_entry() {
    each_store(migrations, async |store| {
        let file = people(21_000);
        let mut book = IdentityBook::load(&store).await.unwrap();
        let ids = book.take(&store, file.clone(), entry()).await.unwrap();
        let entries = journal::entries_of(&store, "batch:1").await.unwrap();
        let written: Vec<_> = entries.iter().map(|e| e.details["persons"].as_u64().unwrap()).collect();
        assert_eq!(written, [20_000, 1_000]);
        let some: Vec<_> = ids.iter().copied().step_by(997).collect();
        let found = persons(&store, &some).await.unwrap();
        for (i, id) in ids.iter().enumerate().step_by(997) {
            assert_eq!(found[id].id_no, file[i].id_no.as_str());
            assert_eq!(found[id].address, file[i].address);
        }
        journal::verify(&store).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_unfit_file_is_forgotten_and_its_people_with_it() {
    each_store(migrations, async |store| {
        let mut book = IdentityBook::load(&store).await.unwrap();
        book.take(&store, people(9), entry()).await.unwrap();
        let stranger = number("19570316", 2);
        book.enter(record("19570316", 2, "李秀兰"));
        let mut moved = people(9).remove(0);
        moved.name = Some("另名".to_owned());
        book.enter(moved.clone());
        book.discard();
        assert_eq!(book.resolve(&stranger), None);
        assert_eq!(book.resolve_household("H0001"), None);
        assert_eq!(book.resolve(&moved.id_no), Some(PersonId(1)));
        assert!(book.drain().is_empty());
        // The same record in the corrected file is written.
        book.take(&store, vec![moved], entry()).await.unwrap();
        assert_eq!(person(&store, PersonId(1)).await.unwrap().unwrap().name, "另名");
    })
    .await;
}

#[tokio::test]
async fn two_intakes_at_once_cannot_give_one_number_to_two_people() {
    each_store(migrations, async |store| {
        let mut first = IdentityBook::load(&store).await.unwrap();
        let mut second = IdentityBook::load(&store).await.unwrap();
        first.take(&store, vec![record("19570316", 2, "李秀兰")], entry()).await.unwrap();
        let refused = second.take(&store, vec![record("19600101", 4, "王五")], entry()).await;
        assert!(matches!(refused, Err(RegistryError::BookStale)), "{refused:?}");
        assert_eq!(person(&store, PersonId(1)).await.unwrap().unwrap().name, "李秀兰");
    })
    .await;
}

/// Names of the look-up indexes that are there.
async fn look_ups(store: &tuodi_store::Store) -> i64 {
    let sql = match store.backend() {
        tuodi_store::DbBackend::Postgres => "SELECT COUNT(*) AS n FROM pg_indexes WHERE tablename = 'person'",
        _ => "SELECT COUNT(*) AS n FROM sqlite_master WHERE type = 'index' AND tbl_name = 'person' AND sql IS NOT NULL",
    };
    let row = store.read().query_one_raw(Statement::from_string(store.backend(), sql)).await.unwrap().unwrap();
    row.try_get("", "n").unwrap()
}

#[tokio::test]
async fn look_ups_lost_to_a_killed_first_intake_are_made_by_the_next() {
    each_store(migrations, async |store| {
        let before = look_ups(&store).await;
        let lost: Result<(), RegistryError> = store
            .upkeep(|tx| {
                Box::pin(async move {
                    tx.conn().execute_unprepared("DROP INDEX person_name").await?;
                    tx.conn().execute_unprepared("DROP INDEX person_tail").await?;
                    Ok(())
                })
            })
            .await;
        lost.unwrap();
        assert_eq!(look_ups(&store).await, before - 2);
        let mut book = IdentityBook::load(&store).await.unwrap();
        book.take(&store, people(9), entry()).await.unwrap();
        assert_eq!(look_ups(&store).await, before);
    })
    .await;
}

#[tokio::test]
async fn the_first_large_register_leaves_its_look_ups_behind() {
    sqlite_store(migrations, async |store| {
        let before = look_ups(&store).await;
        let mut book = IdentityBook::load(&store).await.unwrap();
        book.take(&store, people(3_000), entry()).await.unwrap();
        assert_eq!(look_ups(&store).await, before);
        assert_eq!(find(&store, "安", "990102000000", 3).await.unwrap().len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_first_register_in_pieces_is_found_again_and_the_next_number_of_a_person_is_still_refused() {
    each_store(migrations, async |store| {
        let before = look_ups(&store).await;
        let mut book = IdentityBook::load(&store).await.unwrap();
        for piece in people(40).chunks(10) {
            for record in piece {
                book.enter(record.clone());
            }
            save(&store, book.drain(), entry()).await.unwrap();
        }
        // In pieces, nothing is looked up in between; a window's question is answered all the same.
        assert_eq!(find(&store, "安", "990102000000", 3).await.unwrap().len(), 3);
        make_look_ups(&store).await.unwrap();
        assert_eq!(look_ups(&store).await, before);
        let twice: Result<(), RegistryError> = store
            .upkeep(|tx| {
                Box::pin(async move {
                    let copy = "INSERT INTO person SELECT 900, id_no_blind, tail_blind, name_blind, household_id, \
                                region_code, relation, registered, record_mark, id_no, name, phone, address, account \
                                FROM person WHERE id = 1";
                    tx.conn().execute_unprepared(copy).await?;
                    Ok(())
                })
            })
            .await;
        assert!(twice.is_err());
    })
    .await;
}
