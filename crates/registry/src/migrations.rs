//! Tables of people and households.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, SchemaManager, async_trait::async_trait};
use tuodi_store::MigrationTrait;

/// An index; the table it is of.
pub(crate) struct LookUp {
    pub name: &'static str,
    on: &'static str,
    unique: bool,
}

impl LookUp {
    pub fn create(&self) -> String {
        let unique = if self.unique { "UNIQUE " } else { "" };
        format!("CREATE {unique}INDEX IF NOT EXISTS {} ON {}", self.name, self.on)
    }
}

const LOOK_UPS: [LookUp; 5] = [
    LookUp { name: "person_id_no", on: "person (id_no_blind)", unique: true },
    LookUp { name: "household_no", on: "household (no_blind)", unique: true },
    LookUp { name: "person_tail", on: "person (tail_blind)", unique: false },
    LookUp { name: "person_name", on: "person (name_blind)", unique: false },
    LookUp { name: "person_household", on: "person (household_id)", unique: false },
];

/// What the first register goes in without. PostgreSQL keeps the unique ones, since there people may be entered at two
/// windows in one moment; SQLite has one writer, and ids, which follow one another, are given once.
pub(crate) fn look_ups(backend: DbBackend) -> impl Iterator<Item = &'static LookUp> {
    LOOK_UPS.iter().filter(move |look_up| backend == DbBackend::Sqlite || !look_up.unique)
}

pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(People),
        Box::new(crate::linkage::migration::Linkage),
        Box::new(crate::library::Tables),
        Box::new(crate::linkage::migration::Settled),
        Box::new(crate::look_up::Addresses),
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
            format!(
                "CREATE TABLE person (id {id}, id_no_blind {bytes} NOT NULL, tail_blind BIGINT NOT NULL, \
                 name_blind BIGINT, household_id BIGINT, region_code TEXT NOT NULL, relation TEXT, \
                 registered BOOLEAN NOT NULL, record_mark BIGINT, id_no {bytes} NOT NULL, name {bytes}, \
                 phone {bytes}, address {bytes}, account {bytes})"
            ),
        ] {
            conn.execute_unprepared(&sql).await?;
        }
        for look_up in &LOOK_UPS {
            conn.execute_unprepared(&look_up.create()).await?;
        }
        Ok(())
    }
}
