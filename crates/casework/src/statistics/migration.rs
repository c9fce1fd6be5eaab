//! What was known of benefits on which day.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

pub(crate) struct Casework0033;

impl MigrationName for Casework0033 {
    fn name(&self) -> &'static str {
        "casework_0033_known_on"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0033 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let benefit = Table::alter().table(Alias::new("benefit")).add_column(date_null("known_on")).to_owned();
        migrate::alter_table(m, benefit).await?;
        let mut end = Table::create().table(Alias::new("benefit_end")).to_owned();
        end.col(big_pk_auto("id")).col(big_integer("benefit_id")).col(date("to_month")).col(date("on"));
        migrate::create_table(m, end).await?;
        for sql in [
            // Of what was there before, the day is not kept: it counts from its first month.
            "UPDATE benefit SET known_on = from_month",
            "INSERT INTO benefit_end (benefit_id, to_month, \"on\")
             SELECT id, to_month, to_month FROM benefit WHERE to_month IS NOT NULL",
            "CREATE INDEX benefit_ends ON benefit_end (benefit_id, id)",
        ] {
            migrate::execute(m, sql).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        migrate::drop_table(m, Table::drop().table(Alias::new("benefit_end")).to_owned()).await?;
        migrate::alter_table(
            m,
            Table::alter().table(Alias::new("benefit")).drop_column(Alias::new("known_on")).to_owned(),
        )
        .await
    }
}
