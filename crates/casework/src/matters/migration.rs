//! Matters of one application, one row a case and matter; and the seats of departments.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

pub(crate) struct Casework0021;

impl MigrationName for Casework0021 {
    fn name(&self) -> &'static str {
        "casework_0021_matters"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0021 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut matter = Table::create().table(Alias::new("case_matter")).to_owned();
        matter
            .col(big_pk_auto("id"))
            .col(text("case_no"))
            .col(big_integer("household_id"))
            .col(text("region_code"))
            .col(text("county"))
            .col(text("matter"))
            .col(text("department"))
            .col(text("state"))
            .col(timestamp_with_time_zone("proposed_at"))
            .col(text_null("chosen_by"))
            .col(timestamp_with_time_zone_null("chosen_at"))
            .col(date_null("forwarded_on"))
            .col(date_null("due_on"))
            .col(date_null("taken_on"))
            .col(date_null("ended_on"))
            .col(text_null("answered_by"))
            .col(binary_null("answer"));
        migrate::create_table(m, matter).await?;
        let index = |name: &str, columns: &[&'static str]| {
            let mut index = Index::create().name(name).table(Alias::new("case_matter")).to_owned();
            for column in columns {
                index.col(Alias::new(*column));
            }
            index
        };
        // A matter is once in a case, however often the check proposes it.
        migrate::create_index(m, index("matter_case", &["case_no", "matter"]).unique().to_owned()).await?;
        migrate::create_index(m, index("matter_desk", &["county", "department", "state", "due_on", "id"])).await?;
        let mut seat = Table::create().table(Alias::new("matter_seat")).to_owned();
        let mut account = text("account");
        seat.col(account.primary_key())
            .col(text("department"))
            .col(text("set_by"))
            .col(timestamp_with_time_zone("set_at"));
        migrate::create_table(m, seat).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for name in ["matter_seat", "case_matter"] {
            migrate::drop_table(m, Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}
