//! Mandates.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

pub(crate) struct Casework0081;

impl MigrationName for Casework0081 {
    fn name(&self) -> &'static str {
        "casework_0081_mandates"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0081 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut mandate = Table::create().table(Alias::new("mandate")).to_owned();
        mandate
            .col(big_pk_auto("id"))
            .col(big_integer("household_id"))
            .col(big_integer("person_id"))
            .col(text("region_code"))
            .col(text_null("case_no"))
            .col(text_null("account"))
            .col(binary("proxy"))
            .col(text("relation"))
            .col(boolean("sensitive"))
            .col(boolean("authorises"))
            .col(date("until"))
            .col(text("channel"))
            .col(text("given_by"))
            .col(timestamp_with_time_zone("given_at"))
            .col(text_null("form_mime"))
            .col(binary_null("form"))
            .col(timestamp_with_time_zone_null("ended_at"))
            .col(text_null("ended_by"))
            .col(text_null("ended"));
        migrate::create_table(m, mandate).await?;
        let mut code = Table::create().table(Alias::new("mandate_code")).to_owned();
        code.col(text("account").primary_key()).col(text("token")).col(timestamp_with_time_zone("until"));
        migrate::create_table(m, code).await?;
        for sql in [
            // One proxy a case at a time.
            "CREATE UNIQUE INDEX mandate_one ON mandate (household_id, COALESCE(case_no, '')) WHERE ended_at IS NULL",
            "CREATE INDEX mandate_account ON mandate (account) WHERE ended_at IS NULL",
            "CREATE INDEX mandate_code_token ON mandate_code (token)",
        ] {
            migrate::execute(m, sql).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for name in ["mandate_code", "mandate"] {
            migrate::drop_table(m, Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}
