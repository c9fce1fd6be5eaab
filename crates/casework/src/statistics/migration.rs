//! What was known of benefits on which day.

use sea_orm_migration::{prelude::*, schema::*};

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
        m.alter_table(benefit).await?;
        let mut end = Table::create().table(Alias::new("benefit_end")).to_owned();
        end.col(big_pk_auto("id")).col(big_integer("benefit_id")).col(date("to_month")).col(date("on"));
        m.create_table(end).await?;
        for sql in [
            // Of what was there before, the day is not kept: it counts from its first month.
            "UPDATE benefit SET known_on = from_month",
            "INSERT INTO benefit_end (benefit_id, to_month, \"on\")
             SELECT id, to_month, to_month FROM benefit WHERE to_month IS NOT NULL",
            "CREATE INDEX benefit_ends ON benefit_end (benefit_id, id)",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.drop_table(Table::drop().table(Alias::new("benefit_end")).to_owned()).await?;
        m.alter_table(Table::alter().table(Alias::new("benefit")).drop_column(Alias::new("known_on")).to_owned()).await
    }
}
