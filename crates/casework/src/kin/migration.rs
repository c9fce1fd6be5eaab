//! Officers who are relatives, and special reviews.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

pub(crate) struct Casework0051;

impl MigrationName for Casework0051 {
    fn name(&self) -> &'static str {
        "casework_0051_kin_and_special_reviews"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0051 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let file = Table::alter().table(Alias::new("case_file")).add_column(text_null("kept_out")).to_owned();
        migrate::alter_table(m, file).await?;
        let mut kin = Table::create().table(Alias::new("kin")).to_owned();
        kin.col(big_pk_auto("id"))
            .col(text("case_no"))
            .col(text("region_code"))
            .col(text("township"))
            .col(text("county"))
            .col(text_null("account"))
            .col(text("side"))
            .col(text("relation"))
            .col(binary("content"))
            .col(text("declared_by"))
            .col(date("declared_on"))
            .col(timestamp_with_time_zone("declared_at"));
        migrate::create_table(m, kin).await?;
        let mut review = Table::create().table(Alias::new("special_review")).to_owned();
        review
            .col(big_pk_auto("id"))
            .col(text("case_no"))
            .col(text("convened_by"))
            .col(date("convened_on"))
            .col(binary("reason"))
            .col(date_null("met_on"))
            .col(integer_null("members"))
            .col(boolean_null("approve"))
            .col(binary_null("minutes"))
            .col(text_null("recorded_by"))
            .col(date_null("recorded_on"));
        migrate::create_table(m, review).await?;
        for sql in [
            "CREATE INDEX kin_case ON kin (case_no, id)",
            "CREATE INDEX kin_county ON kin (county, id)",
            "CREATE INDEX kin_township ON kin (township, id)",
            "CREATE INDEX special_review_case ON special_review (case_no, id)",
        ] {
            migrate::execute(m, sql).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for name in ["special_review", "kin"] {
            migrate::drop_table(m, Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        let file = Table::alter().table(Alias::new("case_file")).drop_column(Alias::new("kept_out")).to_owned();
        migrate::alter_table(m, file).await
    }
}
