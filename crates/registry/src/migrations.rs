//! Tables of people and households.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, SchemaManager, async_trait::async_trait};
use tuodi_store::MigrationTrait;

/// Look-ups of people. The unique index on the number's blind index is not among them: it always stays.
pub(crate) const LOOK_UPS: [(&str, &str); 3] =
    [("person_tail", "tail_blind"), ("person_name", "name_blind"), ("person_household", "household_id")];

pub(crate) fn create_look_up(name: &str, column: &str) -> String {
    format!("CREATE INDEX IF NOT EXISTS {name} ON person ({column})")
}

pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(People),
        Box::new(crate::linkage::migration::Linkage),
        Box::new(crate::library::Tables),
        Box::new(crate::linkage::migration::Settled),
    ]
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
        ] {
            conn.execute_unprepared(&sql).await?;
        }
        for (name, column) in LOOK_UPS {
            conn.execute_unprepared(&create_look_up(name, column)).await?;
        }
        Ok(())
    }
}
