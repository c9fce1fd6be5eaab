use super::{DISTRICT, HOME, WILLOW, entry};
use crate::{
    AccessError, Account, NewAccount, Role,
    accounts::{create, find, list, list_demo, set_password, verify_password},
    migrations,
};
use sea_orm::{ConnectionTrait, Statement};
use tuodi_pack::PersonId;
use tuodi_store::{Store, journal};
use tuodi_testing::each_store;

fn officer(id: &str, role: Role, region: &str, demo: bool) -> NewAccount {
    let account = Account {
        id: id.to_owned(),
        name: "柳岸经办".to_owned(),
        role,
        region: region.to_owned(),
        person: None,
        household: None,
        demo,
    };
    NewAccount { account, password: "willow-2026".to_owned() }
}

async fn make(store: &Store, new: NewAccount) -> Account {
    let entry = entry("account.create", &new.account.id);
    create(store, new, entry).await.unwrap()
}

#[tokio::test]
async fn the_right_password_opens_the_account_and_a_wrong_one_does_not() {
    each_store(migrations, async |store| {
        let made = make(&store, officer("liu.yan", Role::TownshipOfficer, WILLOW, false)).await;
        assert_eq!(verify_password(&store, "liu.yan", "willow-2026").await.unwrap(), Some(made.clone()));
        assert_eq!(verify_password(&store, "liu.yan", "willow-2025").await.unwrap(), None);
        assert_eq!(verify_password(&store, "liu.yan", "").await.unwrap(), None);
        assert_eq!(verify_password(&store, "nobody", "no account has this").await.unwrap(), None);
        assert_eq!(find(&store, "liu.yan").await.unwrap(), Some(made));
        assert_eq!(find(&store, "nobody").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_citizens_account_keeps_its_household_and_hides_its_name() {
    each_store(migrations, async |store| {
        let mut citizen = officer("an.dachuan", Role::Applicant, WILLOW, true);
        citizen.account.name = "安大川".to_owned();
        (citizen.account.person, citizen.account.household) = (Some(PersonId(7)), Some(HOME));
        make(&store, citizen).await;
        let actor = find(&store, "an.dachuan").await.unwrap().unwrap().actor();
        assert_eq!((actor.name.as_str(), actor.household, actor.person), ("安大川", Some(HOME), Some(PersonId(7))));
        assert!(!format!("{actor:?}").contains("安"));
        let row = store
            .read()
            .query_one_raw(Statement::from_string(store.backend(), "SELECT name, password FROM account"))
            .await
            .unwrap()
            .unwrap();
        let name: Vec<u8> = row.try_get("", "name").unwrap();
        assert!(!String::from_utf8_lossy(&name).contains("安大川"));
        let password: String = row.try_get("", "password").unwrap();
        assert!(password.starts_with("$argon2id$"), "{password}");
    })
    .await;
}

#[tokio::test]
async fn an_account_is_made_once_and_journalled() {
    each_store(migrations, async |store| {
        make(&store, officer("liu.yan", Role::TownshipOfficer, WILLOW, false)).await;
        let again = officer("liu.yan", Role::Reviewer, DISTRICT, false);
        let refused = create(&store, again, entry("account.create", "liu.yan")).await;
        assert!(matches!(refused, Err(AccessError::AccountExists { account }) if account == "liu.yan"));
        assert_eq!(journal::entries_of(&store, "account:liu.yan").await.unwrap().len(), 1);
        assert_eq!(find(&store, "liu.yan").await.unwrap().unwrap().role, Role::TownshipOfficer);
    })
    .await;
}

#[tokio::test]
async fn a_new_password_replaces_the_old_one() {
    each_store(migrations, async |store| {
        make(&store, officer("liu.yan", Role::TownshipOfficer, WILLOW, false)).await;
        set_password(&store, "liu.yan", "reed-and-rush", entry("account.password", "liu.yan")).await.unwrap();
        assert!(verify_password(&store, "liu.yan", "willow-2026").await.unwrap().is_none());
        assert!(verify_password(&store, "liu.yan", "reed-and-rush").await.unwrap().is_some());
        let short = set_password(&store, "liu.yan", "seven77", entry("account.password", "liu.yan")).await;
        assert!(matches!(short, Err(AccessError::PasswordTooShort { least: 8 })));
        let nobody = set_password(&store, "nobody", "reed-and-rush", entry("account.password", "nobody")).await;
        assert!(matches!(nobody, Err(AccessError::NoAccount { .. })));
    })
    .await;
}

#[tokio::test]
async fn lists_hold_the_demonstration_or_a_region() {
    each_store(migrations, async |store| {
        make(&store, officer("b", Role::Reviewer, DISTRICT, true)).await;
        make(&store, officer("a", Role::TownshipOfficer, WILLOW, true)).await;
        make(&store, officer("c", Role::TownshipOfficer, "990121101000", false)).await;
        let ids = |accounts: Vec<Account>| accounts.into_iter().map(|a| a.id).collect::<Vec<_>>();
        assert_eq!(ids(list_demo(&store).await.unwrap()), ["a", "b"]);
        assert_eq!(ids(list(&store, DISTRICT).await.unwrap()), ["a", "b"]);
        assert_eq!(ids(list(&store, WILLOW).await.unwrap()), ["a"]);
        assert_eq!(ids(list(&store, "000000000000").await.unwrap()), ["a", "b", "c"]);
    })
    .await;
}
