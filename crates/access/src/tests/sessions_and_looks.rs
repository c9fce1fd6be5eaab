use super::{WILLOW, actor, noon};
use crate::{Role, looks, migrations, sessions, sessions::SessionRow};
use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, Statement};
use tuodi_store::journal;
use tuodi_testing::each_store;

fn session(id: &str, minutes: i64) -> SessionRow {
    SessionRow {
        id: id.to_owned(),
        data: r#"{"account":"liu.yan"}"#.to_owned(),
        expires: noon() + TimeDelta::minutes(minutes),
    }
}

#[tokio::test]
async fn a_session_is_loaded_until_it_expires() {
    each_store(migrations, async |store| {
        assert!(sessions::create(&store, session("s1", 30)).await.unwrap());
        assert!(!sessions::create(&store, session("s1", 60)).await.unwrap(), "the id is taken");
        assert_eq!(sessions::load(&store, "s1", noon()).await.unwrap(), Some(session("s1", 30)));
        assert_eq!(sessions::load(&store, "s1", noon() + TimeDelta::minutes(30)).await.unwrap(), None);
        assert_eq!(sessions::load(&store, "s2", noon()).await.unwrap(), None);
        let longer = SessionRow { data: "{}".to_owned(), ..session("s1", 90) };
        sessions::save(&store, longer.clone()).await.unwrap();
        assert_eq!(sessions::load(&store, "s1", noon() + TimeDelta::minutes(60)).await.unwrap(), Some(longer));
        sessions::delete(&store, "s1").await.unwrap();
        assert_eq!(sessions::load(&store, "s1", noon()).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn expired_sessions_are_removed_and_others_stay() {
    each_store(migrations, async |store| {
        for (id, minutes) in [("a", 10), ("b", 20), ("c", 30)] {
            sessions::save(&store, session(id, minutes)).await.unwrap();
        }
        assert_eq!(sessions::delete_expired(&store, noon() + TimeDelta::minutes(20)).await.unwrap(), 2);
        assert!(sessions::load(&store, "c", noon()).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn the_table_of_sessions_holds_no_id_that_a_browser_would_send() {
    each_store(migrations, async |store| {
        sessions::save(&store, session("secret-of-the-browser", 30)).await.unwrap();
        let statement = Statement::from_string(store.backend(), "SELECT id, data FROM session");
        let row = store.read().query_one_raw(statement).await.unwrap().unwrap();
        let id: Vec<u8> = row.try_get("", "id").unwrap();
        let data: Vec<u8> = row.try_get("", "data").unwrap();
        assert!(!String::from_utf8_lossy(&id).contains("secret"));
        assert!(!String::from_utf8_lossy(&data).contains("liu.yan"));
    })
    .await;
}

#[tokio::test]
async fn every_look_is_kept_newest_first_outside_the_journal() {
    each_store(migrations, async |store| {
        let officer = actor(Role::TownshipOfficer, WILLOW);
        for minute in 0..3 {
            let at = noon() + TimeDelta::minutes(minute);
            looks::record(&store, &officer, "household:120", " 办理低保申请 ", at).await.unwrap();
        }
        looks::record(&store, &officer, "household:121", &"长".repeat(300), noon()).await.unwrap();
        let seen = looks::of_subject(&store, "household:120", 2).await.unwrap();
        assert_eq!(seen.len(), 2);
        assert_eq!(seen[0].at, noon() + TimeDelta::minutes(2));
        assert_eq!((seen[0].purpose.as_str(), seen[0].role.as_str()), ("办理低保申请", "R05"));
        let by = looks::of_account(&store, &officer.account, 10).await.unwrap();
        assert_eq!(by.len(), 4);
        assert!(by.iter().all(|look| look.purpose.chars().count() <= 200));
        assert_eq!(journal::verify(&store).await.unwrap().entries, 0);
    })
    .await;
}
