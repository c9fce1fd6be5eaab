mod changes;
mod journal;
mod keys;

use chrono::{DateTime, TimeZone, Utc};
use sea_orm::{ConnectionTrait, DbErr};
use sea_orm_migration::{MigrationName, SchemaManager, async_trait::async_trait};
use tuodi_store::{Entry, MigrationTrait};

/// A table to change.
struct Notes;

impl MigrationName for Notes {
    fn name(&self) -> &str {
        "m0001_test_notes"
    }
}

#[async_trait]
impl MigrationTrait for Notes {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared("CREATE TABLE note (id BIGINT PRIMARY KEY, text TEXT NOT NULL)")
            .await?;
        Ok(())
    }
}

fn notes() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(Notes)]
}

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 9, 1, 12, 0, 0).unwrap()
}

fn entry(act: &str, subject: &str) -> Entry {
    Entry {
        at: noon(),
        actor: "liu.yan".to_owned(),
        role: "R05".to_owned(),
        act: act.to_owned(),
        subject: subject.to_owned(),
        region: "990102001000".to_owned(),
        details: serde_json::json!({ "stage": "accepted", "fen": 172_400 }),
    }
}
