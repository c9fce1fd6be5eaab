//! Tables of accounts, sessions and looks.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, SchemaManager, async_trait::async_trait};
use tuodi_store::MigrationTrait;

pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(Accounts)]
}

struct Accounts;

impl MigrationName for Accounts {
    fn name(&self) -> &str {
        "m0001_access_accounts"
    }
}

#[async_trait]
impl MigrationTrait for Accounts {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (id, bytes) = match manager.get_database_backend() {
            DbBackend::Postgres => ("BIGSERIAL PRIMARY KEY", "BYTEA"),
            _ => ("INTEGER PRIMARY KEY", "BLOB"),
        };
        let conn = manager.get_connection();
        for sql in [
            format!(
                "CREATE TABLE account (id TEXT PRIMARY KEY, name {bytes} NOT NULL, role TEXT NOT NULL, \
                 region TEXT NOT NULL, person_id BIGINT, household_id BIGINT, demo BOOLEAN NOT NULL, \
                 password TEXT NOT NULL)"
            ),
            format!("CREATE TABLE session (id {bytes} PRIMARY KEY, data {bytes} NOT NULL, expires_us BIGINT NOT NULL)"),
            "CREATE INDEX session_expires ON session (expires_us)".to_owned(),
            format!(
                "CREATE TABLE look (id {id}, at_us BIGINT NOT NULL, account TEXT NOT NULL, role TEXT NOT NULL, \
                 region TEXT NOT NULL, subject TEXT NOT NULL, purpose TEXT NOT NULL)"
            ),
            "CREATE INDEX look_subject ON look (subject, at_us)".to_owned(),
            "CREATE INDEX look_account ON look (account, at_us)".to_owned(),
        ] {
            conn.execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}
