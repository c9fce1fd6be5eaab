//! Tables of people without a usable number.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait};

pub(crate) struct Linkage;
pub(crate) struct Settled;

impl MigrationName for Linkage {
    fn name(&self) -> &str {
        "m0002_registry_linkage"
    }
}

#[async_trait]
impl MigrationTrait for Linkage {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (id, bytes, time) = match manager.get_database_backend() {
            DbBackend::Postgres => ("BIGINT PRIMARY KEY", "BYTEA", "TIMESTAMPTZ"),
            _ => ("INTEGER PRIMARY KEY", "BLOB", "TEXT"),
        };
        for sql in [
            format!(
                "CREATE TABLE link_record (id {id}, source TEXT NOT NULL, batch TEXT NOT NULL, row_no BIGINT NOT NULL, \
                 region_code TEXT NOT NULL, content {bytes} NOT NULL, arrived_at {time} NOT NULL)"
            ),
            "CREATE UNIQUE INDEX link_record_place ON link_record (source, batch, row_no)".to_owned(),
            format!(
                "CREATE TABLE link_candidate (id {id}, record_id BIGINT NOT NULL, person_id BIGINT NOT NULL, \
                 weight DOUBLE PRECISION NOT NULL, band TEXT NOT NULL, repair BOOLEAN NOT NULL, \
                 evidence {bytes} NOT NULL, state TEXT NOT NULL)"
            ),
            "CREATE UNIQUE INDEX link_candidate_pair ON link_candidate (record_id, person_id)".to_owned(),
            "CREATE INDEX link_candidate_state ON link_candidate (state, weight)".to_owned(),
            "CREATE INDEX link_candidate_person ON link_candidate (person_id)".to_owned(),
            format!(
                "CREATE TABLE link_decision (id {id}, candidate_id BIGINT NOT NULL, state TEXT NOT NULL, \
                 reason {bytes} NOT NULL, account TEXT NOT NULL, at {time} NOT NULL)"
            ),
            "CREATE INDEX link_decision_candidate ON link_decision (candidate_id)".to_owned(),
            format!(
                "CREATE TABLE person_merge (id {id}, person_id BIGINT NOT NULL, into_id BIGINT NOT NULL, \
                 reason {bytes} NOT NULL, account TEXT NOT NULL, at {time} NOT NULL, \
                 undone_reason {bytes}, undone_account TEXT, undone_at {time})"
            ),
            // A number is redirected to one other at a time.
            "CREATE UNIQUE INDEX person_merge_person ON person_merge (person_id) WHERE undone_at IS NULL".to_owned(),
            "CREATE INDEX person_merge_into ON person_merge (into_id)".to_owned(),
        ] {
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

impl MigrationName for Settled {
    fn name(&self) -> &str {
        "m0003_registry_linkage_settled"
    }
}

#[async_trait]
impl MigrationTrait for Settled {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let id = match manager.get_database_backend() {
            DbBackend::Postgres => "BIGINT PRIMARY KEY",
            _ => "INTEGER PRIMARY KEY",
        };
        for sql in [
            // The batch that brought the row in after all; unset while it is put aside.
            "ALTER TABLE link_record ADD COLUMN settled TEXT".to_owned(),
            "CREATE INDEX link_record_settled ON link_record (settled)".to_owned(),
            // People up to here were compared with each other.
            format!("CREATE TABLE link_reached (one {id}, person_id BIGINT NOT NULL)"),
        ] {
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}
