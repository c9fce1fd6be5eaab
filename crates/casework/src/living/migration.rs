//! Re-verifications.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

pub(crate) struct Casework0032;

impl MigrationName for Casework0032 {
    fn name(&self) -> &'static str {
        "casework_0032_living_on"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0032 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut recheck = Table::create().table(Alias::new("recheck")).to_owned();
        recheck
            .col(big_pk_auto("id"))
            .col(text("case_no"))
            .col(text("why"))
            .col(binary("note"))
            .col(date("opened_on"))
            .col(text("opened_by"))
            .col(text_null("proposal"))
            .col(big_integer_null("monthly"))
            .col(date_null("from_month"))
            .col(text_null("reason_code"))
            .col(text("reporters"))
            .col(binary_null("text"))
            .col(text_null("proposed_by"))
            .col(date_null("proposed_on"))
            .col(date_null("view_until"))
            .col(binary_null("view"))
            .col(date_null("viewed_on"))
            .col(text_null("outcome"))
            .col(text_null("decided_by"))
            .col(timestamp_with_time_zone_null("decided_at"));
        migrate::create_table(m, recheck).await?;
        migrate::execute(m, "CREATE INDEX recheck_case ON recheck (case_no, id)").await?;
        // One at a time: what is found meanwhile belongs to it.
        migrate::execute(m, "CREATE UNIQUE INDEX recheck_open ON recheck (case_no) WHERE outcome IS NULL").await?;
        // A case that is looked at again is no second application of its household.
        migrate::execute(m, "DROP INDEX case_in_force").await?;
        migrate::execute(
            m,
            "CREATE UNIQUE INDEX case_in_force ON case_file (household_id)
             WHERE is_open AND state NOT IN ('appealed', 'reverifying', 'adjusting')",
        )
        .await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        migrate::execute(m, "DROP INDEX case_in_force").await?;
        migrate::execute(
            m,
            "CREATE UNIQUE INDEX case_in_force ON case_file (household_id) WHERE is_open AND state <> 'appealed'",
        )
        .await?;
        migrate::drop_table(m, Table::drop().table(Alias::new("recheck")).to_owned()).await
    }
}
