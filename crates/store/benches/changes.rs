//! Durable changes a second, each with its journal entry, by one client and by 64 at once.
//!
//! SQLite in a temporary folder (`TMPDIR` says on which disk), PostgreSQL where `TUODI_TEST_PG` is set.

use sea_orm::{ConnectionTrait, DbErr, Statement};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait};
use std::time::{Duration, Instant};
use tuodi_store::{Entry, Recorded, Store, StoreError, next_number};
use tuodi_testing::each_store;

const TIME: Duration = Duration::from_secs(3);

struct Notes;

impl MigrationName for Notes {
    fn name(&self) -> &str {
        "m0001_bench_notes"
    }
}

#[async_trait]
impl MigrationTrait for Notes {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = "CREATE TABLE note (id BIGINT PRIMARY KEY, text TEXT NOT NULL)";
        manager.get_connection().execute_unprepared(sql).await?;
        Ok(())
    }
}

async fn change(store: &Store, id: i64, numbered: bool) {
    let entry = Entry {
        at: chrono::DateTime::UNIX_EPOCH,
        actor: "bench".to_owned(),
        role: "R05".to_owned(),
        act: "note.write".to_owned(),
        subject: format!("note:{id}"),
        region: "990102001000".to_owned(),
        details: serde_json::json!({ "stage": "accepted" }),
    };
    let written: Result<(), StoreError> = store
        .write(move |tx| {
            Box::pin(async move {
                if numbered {
                    next_number(tx, "case").await?;
                }
                let backend = tx.conn().get_database_backend();
                let sql = "INSERT INTO note (id, text) VALUES ($1, $2)";
                tx.conn().execute_raw(Statement::from_sql_and_values(backend, sql, [id.into(), "note".into()])).await?;
                Ok(Recorded::new((), entry))
            })
        })
        .await;
    written.expect("the change is made");
}

async fn rate(store: &Store, clients: i64, first: i64, numbered: bool) -> f64 {
    let start = Instant::now();
    let work: Vec<_> = (0..clients)
        .map(|client| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut done = 0;
                while start.elapsed() < TIME {
                    change(&store, first + client * 10_000_000 + done, numbered).await;
                    done += 1;
                }
                done
            })
        })
        .collect();
    let mut done = 0;
    for client in work {
        done += client.await.expect("a client ends well");
    }
    done as f64 / start.elapsed().as_secs_f64()
}

#[tokio::main]
async fn main() {
    each_store(
        || vec![Box::new(Notes) as Box<dyn MigrationTrait>],
        async |store| {
            for numbered in [false, true] {
                let base = if numbered { 2_000_000_000 } else { 0 };
                let one = rate(&store, 1, base, numbered).await;
                let many = rate(&store, 64, base + 1_000_000_000, numbered).await;
                println!(
                    "{:?} numbered={numbered}: 1 client {one:.0}/s, 64 clients {many:.0}/s, {:.1}x",
                    store.backend(),
                    many / one
                );
            }
            let start = Instant::now();
            let entries = tuodi_store::journal::verify(&store).await.expect("the journal is whole").entries;
            println!("{:?} verify: {:.0} entries/s", store.backend(), entries as f64 / start.elapsed().as_secs_f64());
        },
    )
    .await;
}
