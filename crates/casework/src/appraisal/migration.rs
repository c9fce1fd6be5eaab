//! Appraisals by the neighbourhood, and the sheets that who sat there signed.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

pub(crate) struct Casework0086;

impl MigrationName for Casework0086 {
    fn name(&self) -> &'static str {
        "casework_0086_appraisals"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0086 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut appraisal = Table::create().table(Alias::new("appraisal")).to_owned();
        appraisal
            .col(big_pk_auto("id"))
            .col(text("case_no"))
            .col(text("called_by"))
            .col(date("called_on"))
            .col(date("meets_on"))
            .col(binary("calling"))
            .col(date_null("answer_due"))
            .col(text_null("outcome"))
            .col(date_null("held_on"))
            .col(integer_null("votes_true"))
            .col(integer_null("votes_untrue"))
            .col(integer_null("votes_unsure"))
            .col(binary_null("minutes"))
            .col(text_null("sheet_mime"))
            .col(binary_null("sheet"))
            .col(text_null("recorded_by"))
            .col(date_null("recorded_on"));
        migrate::create_table(m, appraisal).await?;
        migrate::execute(m, "CREATE INDEX appraisal_case ON appraisal (case_no, id)").await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        migrate::drop_table(m, Table::drop().table(Alias::new("appraisal")).to_owned()).await
    }
}
