//! Drawn samples of assessments.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

pub(crate) struct Casework0084;

impl MigrationName for Casework0084 {
    fn name(&self) -> &'static str {
        "casework_0084_second_assessors"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0084 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut draw = Table::create().table(Alias::new("rater_draw")).to_owned();
        draw.col(big_pk_auto("id"))
            .col(date("month"))
            .col(text("county"))
            .col(text("seed"))
            .col(integer("of"))
            .col(integer("drawn"))
            .col(timestamp_with_time_zone("drawn_at"));
        migrate::create_table(m, draw).await?;
        let mut sample = Table::create().table(Alias::new("rater_sample")).to_owned();
        sample
            .col(big_pk_auto("id"))
            .col(big_integer("draw_id"))
            .col(date("month"))
            .col(text("county"))
            .col(text("township"))
            .col(text("region_code"))
            .col(big_integer("household_id"))
            .col(text("case_no"))
            .col(big_integer("visit_id"))
            .col(date("due_on"))
            .col(text_null("assignee"))
            .col(date_null("second_on"))
            .col(text_null("second_by"))
            .col(binary_null("second"))
            .col(integer_null("gap"))
            .col(boolean("large"))
            .col(date_null("looked_on"))
            .col(text_null("looked_by"))
            .col(binary_null("looked"));
        migrate::create_table(m, sample).await?;
        for sql in [
            "CREATE UNIQUE INDEX rater_draw_once ON rater_draw (county, month)",
            "CREATE UNIQUE INDEX rater_sample_once ON rater_sample (visit_id)",
            "CREATE INDEX rater_sample_county ON rater_sample (county, month, id)",
            "CREATE INDEX rater_sample_township ON rater_sample (township, due_on, id)",
        ] {
            migrate::execute(m, sql).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for table in ["rater_sample", "rater_draw"] {
            migrate::drop_table(m, Table::drop().table(Alias::new(table)).to_owned()).await?;
        }
        Ok(())
    }
}
