//! Occasions of assessments.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

pub(crate) struct Casework0083;

impl MigrationName for Casework0083 {
    fn name(&self) -> &'static str {
        "casework_0083_occasions_of_assessments"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0083 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut occasion = Table::create().table(Alias::new("reassessment")).to_owned();
        occasion
            .col(big_pk_auto("id"))
            .col(text("occasion"))
            .col(big_integer("household_id"))
            .col(text("case_no"))
            .col(text("region_code"))
            .col(text("township"))
            .col(text("county"))
            .col(text("desk"))
            .col(date("since"))
            .col(date("shown_on"))
            .col(date("due_on"))
            .col(timestamp_with_time_zone("opened_at"))
            .col(text_null("assignee"))
            .col(date_null("answered_on"))
            .col(text_null("answered_by"))
            .col(text_null("outcome"))
            .col(date_null("closed_on"));
        migrate::create_table(m, occasion).await?;
        let mut assessment = Table::create().table(Alias::new("assessment")).to_owned();
        assessment
            .col(big_pk_auto("id"))
            .col(big_integer("reassessment_id"))
            .col(big_integer("household_id"))
            .col(text("case_no"))
            .col(text("region_code"))
            .col(date("assessed_on"))
            .col(text("assessed_by"))
            .col(binary("record"))
            .col(integer("score"))
            .col(text("level"))
            .col(integer("completeness"))
            .col(timestamp_with_time_zone("recorded_at"));
        migrate::create_table(m, assessment).await?;
        for sql in [
            "CREATE UNIQUE INDEX reassessment_open ON reassessment (household_id, occasion) WHERE outcome IS NULL",
            "CREATE INDEX reassessment_household ON reassessment (household_id, answered_on)",
            "CREATE INDEX reassessment_case ON reassessment (case_no, id)",
            "CREATE INDEX reassessment_village ON reassessment (region_code, due_on, id)",
            "CREATE INDEX reassessment_township ON reassessment (township, due_on, id)",
            "CREATE INDEX reassessment_county ON reassessment (county, due_on, id)",
        ] {
            migrate::execute(m, sql).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for table in ["assessment", "reassessment"] {
            migrate::drop_table(m, Table::drop().table(Alias::new(table)).to_owned()).await?;
        }
        Ok(())
    }
}
