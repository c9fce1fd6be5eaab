//! Rulings: never changed but to be ended, never removed.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

pub(crate) struct Casework0005;

impl MigrationName for Casework0005 {
    fn name(&self) -> &'static str {
        "casework_0005_rulings"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0005 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut ruling = Table::create().table(Alias::new("data_ruling")).to_owned();
        ruling
            .col(big_pk_auto("id"))
            .col(text("item"))
            .col(big_integer("person_id"))
            .col(big_integer("household_id"))
            .col(text("region_code"))
            .col(binary("said"))
            .col(binary("reason"))
            .col(date("ruled_on"))
            .col(date("until"))
            .col(text("ruled_by"))
            .col(timestamp_with_time_zone("ruled_at"))
            .col(date_null("ended_on"))
            .col(text_null("ended_by"))
            .col(binary_null("ended_why"))
            .col(timestamp_with_time_zone_null("ended_at"));
        migrate::create_table(m, ruling).await?;
        for (name, columns) in
            [("ruling_household", &["household_id", "id"][..]), ("ruling_person", &["person_id", "item", "id"])]
        {
            let mut index = Index::create().name(name).table(Alias::new("data_ruling")).to_owned();
            for column in columns {
                index.col(Alias::new(*column));
            }
            migrate::create_index(m, index).await?;
        }
        // One word at a time: whoever rules anew ends the earlier ruling with it.
        migrate::execute(
            m,
            "CREATE UNIQUE INDEX ruling_in_force ON data_ruling (person_id, item) WHERE ended_on IS NULL",
        )
        .await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        migrate::drop_table(m, Table::drop().table(Alias::new("data_ruling")).to_owned()).await
    }
}
