//! Longer limits asked for.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

pub(crate) struct Casework0080;

impl MigrationName for Casework0080 {
    fn name(&self) -> &'static str {
        "casework_0080_longer_limits"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0080 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut extension = Table::create().table(Alias::new("extension")).to_owned();
        extension
            .col(big_pk_auto("id"))
            .col(text("case_no"))
            .col(text("region_code"))
            .col(text("township"))
            .col(text("county"))
            .col(text("ground"))
            .col(binary("reason"))
            .col(date("until"))
            .col(text("proposed_by"))
            .col(date("proposed_on"))
            .col(text_null("outcome"))
            .col(binary_null("words"))
            .col(text_null("signed_by"))
            .col(date_null("signed_on"));
        migrate::create_table(m, extension).await?;
        for sql in [
            // A case is made longer once, and asked about once at a time.
            "CREATE UNIQUE INDEX extension_case ON extension (case_no) WHERE outcome IS NULL OR outcome = 'agreed'",
            "CREATE INDEX extension_township ON extension (township, id)",
            "CREATE INDEX extension_county ON extension (county, id)",
        ] {
            migrate::execute(m, sql).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        migrate::drop_table(m, Table::drop().table(Alias::new("extension")).to_owned()).await
    }
}
