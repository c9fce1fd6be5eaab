//! Documents of households, with their content in a table of its own.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

pub(crate) struct Casework0020;

impl MigrationName for Casework0020 {
    fn name(&self) -> &'static str {
        "casework_0020_papers"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0020 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut paper = Table::create().table(Alias::new("paper")).to_owned();
        paper
            .col(big_pk_auto("id"))
            .col(big_integer("household_id"))
            .col(big_integer_null("person_id"))
            .col(text("case_no"))
            .col(text("region_code"))
            .col(text("kind"))
            .col(binary_null("about"))
            .col(text_null("mime"))
            .col(integer("bytes"))
            .col(text_null("sha256"))
            .col(text_null("issuer"))
            .col(binary_null("number"))
            .col(text("given_by"))
            .col(text("channel"))
            .col(timestamp_with_time_zone("given_at"))
            .col(timestamp_with_time_zone_null("removed_at"))
            .col(text_null("removed_by"))
            .col(binary_null("removed_why"));
        migrate::create_table(m, paper).await?;
        let mut content = Table::create().table(Alias::new("paper_content")).to_owned();
        let mut id = big_integer("paper_id");
        content.col(id.primary_key()).col(binary("content"));
        migrate::create_table(m, content).await?;
        let mut household = Index::create().name("paper_household").table(Alias::new("paper")).to_owned();
        migrate::create_index(m, household.col(Alias::new("household_id")).col(Alias::new("id")).to_owned()).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for name in ["paper_content", "paper"] {
            migrate::drop_table(m, Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}
