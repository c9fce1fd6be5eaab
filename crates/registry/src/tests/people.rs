use super::{entry, number, record};
use crate::{
    Account, IdentityBook, PersonRecord, RegistryError, account, enter_person, find, household, household_of,
    households, migrations, open_household, person, set_account, set_phone,
};
use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, Statement};
use tuodi_pack::{HouseholdId, PersonId, id_no::Sex};
use tuodi_store::{Recorded, Store};
use tuodi_testing::each_store;

/// A family of three at 柳岸社区: the father is head, a grandmother and a child.
async fn family(store: &Store) -> Vec<PersonId> {
    let people = vec![
        PersonRecord { relation: Some("10".to_owned()), ..record("20150301", 21, "安小禾") },
        PersonRecord {
            relation: Some("02".to_owned()),
            phone: Some("13800009901".to_owned()),
            address: Some("柳岸社区三号楼".to_owned()),
            ..record("19801105", 31, "安大川")
        },
        PersonRecord { relation: Some("50".to_owned()), ..record("19480607", 42, "欧阳梅") },
    ];
    IdentityBook::load(store).await.unwrap().take(store, people, entry()).await.unwrap()
}

#[tokio::test]
async fn a_person_comes_back_as_entered_with_sex_and_birth_date_from_the_number() {
    each_store(migrations, async |store| {
        let ids = family(&store).await;
        let father = person(&store, ids[1]).await.unwrap().unwrap();
        assert_eq!(father.name, "安大川");
        assert_eq!(father.id_no, number("19801105", 31).as_str());
        assert_eq!(father.sex, Some(Sex::Male));
        assert_eq!(father.birth_date, NaiveDate::from_ymd_opt(1980, 11, 5));
        assert_eq!(father.phone.as_deref(), Some("13800009901"));
        assert_eq!(father.address.as_deref(), Some("柳岸社区三号楼"));
        assert_eq!(father.region_code, "990102001001");
        assert_eq!(household_of(&store, ids[1]).await.unwrap(), father.household_id);
        assert!(person(&store, PersonId(99)).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn nothing_of_a_person_lies_readable_in_the_table() {
    each_store(migrations, async |store| {
        family(&store).await;
        // Every column as the database itself would print it.
        let sql = match store.backend() {
            tuodi_store::DbBackend::Postgres => "SELECT string_agg(p::text, ' ') AS t FROM person p",
            _ => {
                "SELECT group_concat(quote(id_no) || quote(name) || quote(phone) || quote(address) || \
                 quote(id_no_blind) || quote(tail_blind) || quote(name_blind)) AS t FROM person"
            }
        };
        let row = store.read().query_one_raw(Statement::from_string(store.backend(), sql)).await.unwrap().unwrap();
        let text: String = row.try_get("", "t").unwrap();
        let text = text.to_lowercase();
        for plain in ["安大川", "19801105", "13800009901", "柳岸"] {
            let hex: String = plain.bytes().map(|b| format!("{b:02x}")).collect();
            assert!(!text.contains(plain) && !text.contains(&hex), "{plain} is readable");
        }
    })
    .await;
}

#[tokio::test]
async fn a_household_shows_its_head_first_and_then_the_eldest() {
    each_store(migrations, async |store| {
        let ids = family(&store).await;
        let home = household_of(&store, ids[0]).await.unwrap().unwrap();
        let family = household(&store, home).await.unwrap().unwrap();
        assert_eq!(family.head, Some(ids[1]));
        assert_eq!(family.members.iter().map(|p| p.id).collect::<Vec<_>>(), [ids[1], ids[2], ids[0]]);
        assert_eq!(family.region_code, "990102001001");
        let summary = &households(&store, &[home, HouseholdId(99)]).await.unwrap()[&home];
        assert_eq!((summary.head_name.as_str(), summary.members), ("安大川", 3));
        assert!(household(&store, HouseholdId(99)).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_household_without_a_head_is_named_after_its_eldest() {
    each_store(migrations, async |store| {
        let people = vec![record("20010101", 11, "孙一"), record("19501231", 22, "孙老")];
        let ids = IdentityBook::load(&store).await.unwrap().take(&store, people, entry()).await.unwrap();
        let home = household_of(&store, ids[0]).await.unwrap().unwrap();
        assert_eq!(households(&store, &[home]).await.unwrap()[&home].head_name, "孙老");
    })
    .await;
}

#[tokio::test]
async fn those_struck_off_the_register_stay_known_but_are_members_of_no_household() {
    each_store(migrations, async |store| {
        let ids = family(&store).await;
        let home = household_of(&store, ids[2]).await.unwrap().unwrap();
        let gone = PersonRecord { registered: false, ..record("19480607", 42, "欧阳梅") };
        IdentityBook::load(&store).await.unwrap().take(&store, vec![gone], entry()).await.unwrap();
        assert_eq!(household(&store, home).await.unwrap().unwrap().members.len(), 2);
        assert_eq!(household_of(&store, ids[2]).await.unwrap(), None);
        assert_eq!(person(&store, ids[2]).await.unwrap().unwrap().name, "欧阳梅");
    })
    .await;
}

#[tokio::test]
async fn people_are_found_by_number_name_and_last_four_within_their_region() {
    each_store(migrations, async |store| {
        let ids = family(&store).await;
        let mut other = record("19801105", 33, "安大川");
        other.region_code = Some("990121101203".to_owned());
        other.household_no = Some("H0002".to_owned());
        let far = IdentityBook::load(&store).await.unwrap().take(&store, vec![other], entry()).await.unwrap()[0];
        let find = async |query: &str, scope: &str| find(&store, query, scope, 20).await.unwrap();
        let id_no = number("19801105", 31);
        assert_eq!(find(id_no.as_str(), "990102000000").await, [ids[1]]);
        assert_eq!(find(id_no.as_str(), "990121000000").await, []);
        assert_eq!(find("安大川", "990102001000").await, [ids[1]]);
        assert_eq!(find(" 安 大川 ", "990121000000").await, [far]);
        assert_eq!(find("安大川", "990100000000").await, [ids[1], far]);
        assert_eq!(find("安大川", "000000000000").await, [ids[1], far]);
        assert_eq!(find(&id_no.as_str()[14..].to_lowercase(), "990102000000").await, [ids[1]]);
        assert_eq!(find("安大", "990102000000").await, [], "part of a name is not a name");
        assert_eq!(find("", "990102000000").await, []);
    })
    .await;
}

#[tokio::test]
async fn a_phone_and_an_account_are_set_within_a_change_and_removed_again() {
    each_store(migrations, async |store| {
        let ids = family(&store).await;
        let child = ids[0];
        let bank = Account { bank: "清晏农商银行".to_owned(), number: "6230990000000000028".to_owned() };
        let given = bank.clone();
        let done: Result<(), RegistryError> = store
            .write(move |tx| {
                Box::pin(async move {
                    set_phone(tx, child, Some("13800009902")).await?;
                    set_account(tx, child, Some(&given)).await?;
                    Ok(Recorded::new((), entry()))
                })
            })
            .await;
        done.unwrap();
        assert_eq!(person(&store, child).await.unwrap().unwrap().phone.as_deref(), Some("13800009902"));
        assert_eq!(account(&store, child).await.unwrap(), Some(bank));
        let removed: Result<(), RegistryError> = store
            .write(move |tx| {
                Box::pin(async move {
                    set_phone(tx, child, None).await?;
                    set_account(tx, child, None).await?;
                    Ok(Recorded::new((), entry()))
                })
            })
            .await;
        removed.unwrap();
        assert_eq!(person(&store, child).await.unwrap().unwrap().phone, None);
        assert_eq!(account(&store, child).await.unwrap(), None);
        let nobody: Result<(), RegistryError> = store
            .write(|tx| Box::pin(async move { Ok(Recorded::new(set_phone(tx, PersonId(99), None).await?, entry())) }))
            .await;
        assert!(matches!(nobody, Err(RegistryError::NoPerson { person: PersonId(99) })));
    })
    .await;
}

#[tokio::test]
async fn somebody_at_the_window_is_entered_once_and_given_a_household() {
    each_store(migrations, async |store| {
        family(&store).await;
        let enter = async |record: PersonRecord| -> PersonId {
            let entered: Result<PersonId, RegistryError> = store
                .write(move |tx| Box::pin(async move { Ok(Recorded::new(enter_person(tx, &record).await?, entry())) }))
                .await;
            entered.unwrap()
        };
        let newcomer = PersonRecord { household_no: None, ..record("19700505", 51, "文远") };
        let id = enter(newcomer.clone()).await;
        assert_eq!(id, PersonId(4));
        assert_eq!(enter(PersonRecord { phone: Some("13800009903".to_owned()), ..newcomer }).await, id);
        let home: Result<HouseholdId, RegistryError> = store
            .write(move |tx| {
                Box::pin(async move { Ok(Recorded::new(open_household(tx, "990102001001", &[id]).await?, entry())) })
            })
            .await;
        let family = household(&store, home.unwrap()).await.unwrap().unwrap();
        assert_eq!(family.members.len(), 1);
        assert_eq!(family.head, Some(id));
        assert_eq!(family.members[0].phone.as_deref(), Some("13800009903"));
        assert_eq!(family.members[0].name, "文远");
    })
    .await;
}

#[tokio::test]
async fn asking_for_households_that_nobody_knows_finds_none_and_fails_nowhere() {
    each_store(migrations, async |store| {
        let none = households(&store, &[HouseholdId(404), HouseholdId(405)]).await.unwrap();
        assert!(none.is_empty());
        assert!(households(&store, &[]).await.unwrap().is_empty());
    })
    .await;
}

#[test]
fn an_opened_person_does_not_print() {
    let account = Account { bank: "清晏农商银行".to_owned(), number: "6230990000000000028".to_owned() };
    assert_eq!(format!("{account:?}"), "Account(hidden)");
}
