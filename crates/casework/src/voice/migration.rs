//! What people say must be answered, and what they thought of a step.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

pub(crate) struct Casework0031;

impl MigrationName for Casework0031 {
    fn name(&self) -> &'static str {
        "casework_0031_voice"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0031 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut voice = Table::create().table(Alias::new("voice")).to_owned();
        voice
            .col(big_pk_auto("id"))
            .col(text("kind"))
            .col(text_null("case_no"))
            .col(big_integer_null("household_id"))
            .col(text("region_code"))
            .col(text("township"))
            .col(text("county"))
            .col(text("desk"))
            .col(binary("code"))
            .col(text("channel"))
            .col(text("filed_by"))
            .col(date("filed_on"))
            .col(date("due_on"))
            .col(binary("content"))
            .col(text("kept_out"))
            .col(text("state"))
            .col(date_null("escalated_on"))
            .col(text_null("found"))
            .col(binary_null("answer"))
            .col(text_null("answered_by"))
            .col(date_null("answered_on"));
        migrate::create_table(m, voice).await?;
        let mut rating = Table::create().table(Alias::new("rating")).to_owned();
        rating
            .col(big_pk_auto("id"))
            .col(text("case_no"))
            .col(text("step"))
            .col(text("region_code"))
            .col(integer("stars"))
            .col(binary_null("words"))
            .col(date("rated_on"));
        migrate::create_table(m, rating).await?;
        for sql in [
            "CREATE UNIQUE INDEX voice_code ON voice (code)",
            "CREATE INDEX voice_desk ON voice (county, desk, state, due_on, id)",
            "CREATE INDEX voice_case ON voice (case_no, id)",
            "CREATE UNIQUE INDEX rating_step ON rating (case_no, step)",
        ] {
            migrate::execute(m, sql).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for name in ["rating", "voice"] {
            migrate::drop_table(m, Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}
