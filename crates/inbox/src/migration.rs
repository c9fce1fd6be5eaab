//! The room's tables.

use sea_orm::{ConnectionTrait, DbErr};
use sea_orm_migration::{MigrationName, SchemaManager, async_trait::async_trait};
use tuodi_store::MigrationTrait;

pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(Inbox0001)]
}

struct Inbox0001;

impl MigrationName for Inbox0001 {
    fn name(&self) -> &str {
        "inbox_0001_tables"
    }
}

#[async_trait]
impl MigrationTrait for Inbox0001 {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let conn = manager.get_connection();
        for sql in [
            "CREATE TABLE inbox_job (id TEXT PRIMARY KEY, stage TEXT NOT NULL, file_name TEXT NOT NULL, \
             bytes BIGINT NOT NULL, source TEXT, corrects TEXT, report TEXT, trouble TEXT, account TEXT NOT NULL, \
             role TEXT NOT NULL, region TEXT NOT NULL, at_us BIGINT NOT NULL, changed_us BIGINT NOT NULL)",
            "CREATE INDEX inbox_job_stage ON inbox_job (stage, at_us)",
            "CREATE INDEX inbox_job_at ON inbox_job (at_us)",
            "CREATE TABLE inbox_headings (id TEXT PRIMARY KEY, source TEXT NOT NULL, headings TEXT NOT NULL, \
             account TEXT NOT NULL, at_us BIGINT NOT NULL)",
        ] {
            conn.execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
