//! Tables of people and households.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, SchemaManager, async_trait::async_trait};
use tuodi_store::MigrationTrait;

pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(People)]
}

struct People;

impl MigrationName for People {
    fn name(&self) -> &str {
        "m0001_registry_people"
    }
}

#[async_trait]
impl MigrationTrait for People {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // On SQLite only INTEGER PRIMARY KEY is the row's own number; BIGINT would be a second index.
        let (id, bytes) = match manager.get_database_backend() {
            DbBackend::Postgres => ("BIGINT PRIMARY KEY", "BYTEA"),
            _ => ("INTEGER PRIMARY KEY", "BLOB"),
        };
        let conn = manager.get_connection();
        for sql in [
            format!("CREATE TABLE household (id {id}, no_blind {bytes}, region_code TEXT NOT NULL, head_id BIGINT)"),
            "CREATE UNIQUE INDEX household_no ON household (no_blind)".to_owned(),
            format!(
                "CREATE TABLE person (id {id}, id_no_blind {bytes} NOT NULL, tail_blind BIGINT NOT NULL, \
                 name_blind BIGINT, household_id BIGINT, region_code TEXT NOT NULL, relation TEXT, \
                 registered BOOLEAN NOT NULL, record_mark BIGINT, id_no {bytes} NOT NULL, name {bytes}, \
                 phone {bytes}, address {bytes}, account {bytes})"
            ),
            "CREATE UNIQUE INDEX person_id_no ON person (id_no_blind)".to_owned(),
            "CREATE INDEX person_tail ON person (tail_blind)".to_owned(),
            "CREATE INDEX person_name ON person (name_blind)".to_owned(),
            "CREATE INDEX person_household ON person (household_id)".to_owned(),
        ] {
            conn.execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}
