//! One test body on every database. For tests only, and a crate of its own, so that what the tests build and what is shipped
//! are the same libraries.
//!
//! ```ignore
//! #[tokio::test]
//! async fn a_case_is_opened() {
//!     each_store(tuodi_casework::migrations, async |store| { … }).await;
//! }
//! ```
//!
//! SQLite always, in a temporary folder. PostgreSQL where `TUODI_TEST_PG` holds the URL of a server
//! (`scripts/with-postgres cargo test` starts one): each test has its own database there, dropped afterwards.
//! Without it the test says so on stderr; with `TUODI_TEST_PG_REQUIRED=1` it fails.

use futures_util::FutureExt;
use sea_orm::{ConnectionTrait, Database};
use sea_orm_migration::MigrationTrait;
use std::panic::{AssertUnwindSafe, resume_unwind};
use tuodi_store::{Keys, Store};

/// A key for tests, always the same.
pub fn test_keys() -> Keys {
    Keys::from_hex("9901029901029901029901029901029901029901029901029901029901029901").expect("64 digits")
}

/// Runs the body on an empty, migrated SQLite file and, where there is one, on a PostgreSQL server.
pub async fn each_store(migrations: impl Fn() -> Vec<Box<dyn MigrationTrait>>, body: impl AsyncFn(Store)) {
    sqlite_store(&migrations, &body).await;
    match std::env::var("TUODI_TEST_PG") {
        Ok(server) => postgres_store(&server, &migrations, &body).await,
        Err(_) if std::env::var_os("TUODI_TEST_PG_REQUIRED").is_some() => {
            panic!("TUODI_TEST_PG_REQUIRED is set but TUODI_TEST_PG is not: run through scripts/with-postgres")
        }
        Err(_) => {
            let test = std::thread::current().name().unwrap_or("a test").to_owned();
            eprintln!("SKIPPED ON POSTGRESQL: {test} (set TUODI_TEST_PG, or run through scripts/with-postgres)");
        }
    }
}

/// SQLite only; say at the test why.
pub async fn sqlite_store(migrations: impl Fn() -> Vec<Box<dyn MigrationTrait>>, body: impl AsyncFn(Store)) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = Store::sqlite_url(&folder.path().join("tuodi.db"));
    let store = Store::open(&url, test_keys()).await.expect("SQLite opens");
    store.migrate(migrations()).await.expect("migrations run on SQLite");
    body(store).await;
}

async fn postgres_store(
    server: &str,
    migrations: impl Fn() -> Vec<Box<dyn MigrationTrait>>,
    body: impl AsyncFn(Store),
) {
    let name = format!("tuodi_test_{}", uuid::Uuid::new_v4().simple());
    let admin = Database::connect(server).await.expect("the PostgreSQL server of TUODI_TEST_PG answers");
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a database for the test");
    let outcome = AssertUnwindSafe(async {
        let store = Store::open(&on_database(server, &name), test_keys()).await.expect("PostgreSQL opens");
        store.migrate(migrations()).await.expect("migrations run on PostgreSQL");
        body(store.clone()).await;
        store.close().await.expect("connections close");
    })
    .catch_unwind()
    .await;
    admin.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await.expect("the database is dropped");
    admin.close().await.expect("the connection closes");
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

/// The server's URL with another database's name.
fn on_database(server: &str, name: &str) -> String {
    let (base, query) = server.split_once('?').map_or((server, None), |(base, query)| (base, Some(query)));
    let authority = base.find("://").map_or(0, |i| i + 3);
    let end = base[authority..].find('/').map_or(base.len(), |i| authority + i);
    match query {
        Some(query) => format!("{}/{name}?{query}", &base[..end]),
        None => format!("{}/{name}", &base[..end]),
    }
}
