//! Appeals; and a household whose appeal is heard may have an application open beside it.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

pub(crate) struct Casework0030;

impl MigrationName for Casework0030 {
    fn name(&self) -> &'static str {
        "casework_0030_appeals"
    }
}

const IN_FORCE: &str = "CREATE UNIQUE INDEX case_in_force ON case_file (household_id) WHERE is_open";

#[async_trait::async_trait]
impl MigrationTrait for Casework0030 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut appeal = Table::create().table(Alias::new("appeal")).to_owned();
        appeal
            .col(big_pk_auto("id"))
            .col(text("case_no"))
            .col(big_integer("decision"))
            .col(text("from_state"))
            .col(text("from_step"))
            .col(date_null("from_due"))
            .col(text("filed_by"))
            .col(text("channel"))
            .col(date("filed_on"))
            .col(date("due_on"))
            .col(binary("content"))
            .col(text("state"))
            .col(boolean("office_error"))
            .col(binary_null("answer"))
            .col(text_null("answered_by"))
            .col(date_null("answered_on"));
        migrate::create_table(m, appeal).await?;
        for sql in [
            "CREATE INDEX appeal_case ON appeal (case_no, id)",
            // One appeal against one decision at a time, however often the form is sent.
            "CREATE UNIQUE INDEX appeal_open ON appeal (case_no) WHERE state = 'open'",
            "DROP INDEX case_in_force",
            &format!("{IN_FORCE} AND state <> 'appealed'"),
        ] {
            migrate::execute(m, sql).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for sql in ["DROP INDEX case_in_force", IN_FORCE, "DROP TABLE appeal"] {
            migrate::execute(m, sql).await?;
        }
        Ok(())
    }
}
