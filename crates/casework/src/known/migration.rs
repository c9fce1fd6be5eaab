//! What was on file when an application was sent, beside what the applicant said.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

pub(crate) struct Casework0060;

impl MigrationName for Casework0060 {
    fn name(&self) -> &'static str {
        "casework_0060_known_facts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0060 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut known = Table::create().table(Alias::new("known_fact")).to_owned();
        known
            .col(big_pk_auto("id"))
            .col(text("case_no"))
            .col(text("field"))
            .col(binary("value"))
            .col(text("origin"))
            .col(text_null("reference"))
            .col(date_null("as_of"))
            .col(text("said"));
        migrate::create_table(m, known).await?;
        let sql = "CREATE UNIQUE INDEX known_fact_field ON known_fact (case_no, field)";
        migrate::execute(m, sql).await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        migrate::drop_table(m, Table::drop().table(Alias::new("known_fact")).to_owned()).await
    }
}
