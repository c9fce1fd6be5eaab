//! Photographs of sheets on the boards.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

pub(crate) struct Casework0082;

impl MigrationName for Casework0082 {
    fn name(&self) -> &'static str {
        "casework_0082_hung_sheets"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0082 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut hung = Table::create().table(Alias::new("hung")).to_owned();
        hung.col(big_pk_auto("id"))
            .col(text("village"))
            .col(date("hung_on"))
            .col(text("by_account"))
            .col(timestamp_with_time_zone("at"))
            .col(text("mime"))
            .col(binary("photo"));
        migrate::create_table(m, hung).await?;
        let mut cases = Table::create().table(Alias::new("hung_case")).to_owned();
        cases
            .col(big_integer("hung_id"))
            .col(text("case_no"))
            .primary_key(Index::create().col(Alias::new("hung_id")).col(Alias::new("case_no")));
        migrate::create_table(m, cases).await?;
        migrate::execute(m, "CREATE INDEX hung_case_case ON hung_case (case_no)").await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for name in ["hung_case", "hung"] {
            migrate::drop_table(m, Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}
