//! This room's tables, and running the migrations of all rooms.

use crate::{Keys, StoreError};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Statement};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTraitSelf, SchemaManager, async_trait::async_trait};
use std::{collections::HashSet, sync::Arc};

/// Runs what has not run, own tables first.
pub(crate) async fn up(conn: &DatabaseConnection, rooms: Vec<Box<dyn MigrationTrait>>) -> Result<(), StoreError> {
    let mut all: Vec<Arc<dyn MigrationTrait>> = vec![Arc::new(Foundation)];
    all.extend(rooms.into_iter().map(Arc::from));
    let mut names = HashSet::new();
    for migration in &all {
        if !names.insert(migration.name().to_owned()) {
            return Err(StoreError::MigrationNamedTwice { name: migration.name().to_owned() });
        }
    }
    Ok(Rooms(all).up(conn, None).await?)
}

struct Rooms(Vec<Arc<dyn MigrationTrait>>);

impl MigratorTraitSelf for Rooms {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        self.0.iter().map(|m| Box::new(Shared(Arc::clone(m))) as Box<dyn MigrationTrait>).collect()
    }
}

/// The migrator asks for its list more than once; the rooms give theirs once.
struct Shared(Arc<dyn MigrationTrait>);

impl MigrationName for Shared {
    fn name(&self) -> &str {
        self.0.name()
    }
}

#[async_trait]
impl MigrationTrait for Shared {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.0.up(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.0.down(manager).await
    }

    /// Half a migration is worse than none, on SQLite too.
    fn use_transaction(&self) -> Option<bool> {
        self.0.use_transaction().or(Some(true))
    }
}

struct Foundation;

impl MigrationName for Foundation {
    fn name(&self) -> &str {
        "m0001_store_foundation"
    }
}

#[async_trait]
impl MigrationTrait for Foundation {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let bytes = match manager.get_database_backend() {
            sea_orm::DbBackend::Postgres => "BYTEA",
            _ => "BLOB",
        };
        let conn = manager.get_connection();
        for sql in [
            "CREATE TABLE counter (kind TEXT PRIMARY KEY, value BIGINT NOT NULL)".to_owned(),
            format!("CREATE TABLE installation (name TEXT PRIMARY KEY, value {bytes} NOT NULL)"),
            format!(
                "CREATE TABLE journal (lane SMALLINT NOT NULL, seq BIGINT NOT NULL, at_us BIGINT NOT NULL, \
                 actor TEXT NOT NULL, role TEXT NOT NULL, act TEXT NOT NULL, subject TEXT NOT NULL, \
                 region TEXT NOT NULL, details TEXT NOT NULL, prev_hash {bytes} NOT NULL, hash {bytes} NOT NULL, \
                 PRIMARY KEY (lane, seq))"
            ),
            "CREATE INDEX journal_subject ON journal (subject, at_us)".to_owned(),
            "CREATE INDEX journal_at ON journal (at_us)".to_owned(),
            format!(
                "CREATE TABLE journal_lane (lane SMALLINT PRIMARY KEY, seq BIGINT NOT NULL, hash {bytes} NOT NULL, \
                 seal {bytes} NOT NULL)"
            ),
        ] {
            conn.execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

/// The first start leaves a mark of the key; later starts must leave the same.
pub(crate) async fn check_key(conn: &DatabaseConnection, keys: &Keys) -> Result<(), StoreError> {
    let backend = conn.get_database_backend();
    let mark = keys.blind("installation.key", "tuodi");
    conn.execute_raw(Statement::from_sql_and_values(
        backend,
        "INSERT INTO installation (name, value) VALUES ('key', $1) ON CONFLICT (name) DO NOTHING",
        [mark.clone().into()],
    ))
    .await?;
    let row = conn
        .query_one_raw(Statement::from_string(backend, "SELECT value FROM installation WHERE name = 'key'"))
        .await?;
    let found: Option<Vec<u8>> = row.map(|r| r.try_get("", "value")).transpose()?;
    if found.as_deref() == Some(mark.as_slice()) { Ok(()) } else { Err(StoreError::WrongKey) }
}
