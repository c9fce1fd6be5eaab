//! The room's tables.

use sea_orm::{ConnectionTrait, DbErr};
use sea_orm_migration::{MigrationName, SchemaManager, async_trait::async_trait};
use tuodi_store::MigrationTrait;

pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(Inbox0001), Box::new(Inbox0002), Box::new(Inbox0003), Box::new(Inbox0004)]
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

/// Files that departments' systems send by themselves.
struct Inbox0002;

impl MigrationName for Inbox0002 {
    fn name(&self) -> &str {
        "inbox_0002_push"
    }
}

#[async_trait]
impl MigrationTrait for Inbox0002 {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let conn = manager.get_connection();
        for sql in [
            "CREATE TABLE inbox_key (id TEXT PRIMARY KEY, source TEXT NOT NULL, public_key TEXT NOT NULL, \
             label TEXT NOT NULL, made_by TEXT NOT NULL, made_us BIGINT NOT NULL, revoked_by TEXT, revoked_us BIGINT, \
             used_us BIGINT)",
            "CREATE INDEX inbox_key_source ON inbox_key (source)",
            "CREATE TABLE inbox_nonce (key_id TEXT NOT NULL, nonce TEXT NOT NULL, until_us BIGINT NOT NULL, \
             PRIMARY KEY (key_id, nonce))",
            "CREATE INDEX inbox_nonce_until ON inbox_nonce (until_us)",
            "ALTER TABLE inbox_job ADD COLUMN digest TEXT",
            "CREATE INDEX inbox_job_digest ON inbox_job (source, digest)",
            // The same bytes sent twice at one moment are one job.
            "CREATE UNIQUE INDEX inbox_job_under_way ON inbox_job (source, digest) \
             WHERE stage IN ('checking', 'checked', 'taking')",
        ] {
            conn.execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

/// Sources that are fetched on a schedule.
struct Inbox0003;

impl MigrationName for Inbox0003 {
    fn name(&self) -> &str {
        "inbox_0003_fetch"
    }
}

#[async_trait]
impl MigrationTrait for Inbox0003 {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = "CREATE TABLE inbox_fetch (source TEXT PRIMARY KEY, kind TEXT NOT NULL, next_us BIGINT NOT NULL, \
                   last_us BIGINT, outcome TEXT, code TEXT, detail TEXT, well_us BIGINT, failures BIGINT NOT NULL, \
                   failing_us BIGINT, digest TEXT, job TEXT)";
        manager.get_connection().execute_unprepared(sql).await?;
        Ok(())
    }
}

/// Runs of fetching can be seen while they run, and stopped.
struct Inbox0004;

impl MigrationName for Inbox0004 {
    fn name(&self) -> &str {
        "inbox_0004_fetch_stop"
    }
}

#[async_trait]
impl MigrationTrait for Inbox0004 {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let conn = manager.get_connection();
        for column in ["running_us", "stop_us"] {
            conn.execute_unprepared(&format!("ALTER TABLE inbox_fetch ADD COLUMN {column} BIGINT")).await?;
        }
        Ok(())
    }
}
