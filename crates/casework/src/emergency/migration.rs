//! Help in emergencies, and the book of the reserve that it is paid from.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

pub(crate) struct Casework0063;

impl MigrationName for Casework0063 {
    fn name(&self) -> &'static str {
        "casework_0063_emergencies"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0063 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut no = text("no");
        no.primary_key();
        let mut emergency = Table::create().table(Alias::new("emergency")).to_owned();
        emergency
            .col(no)
            .col(text("state"))
            .col(boolean("is_open"))
            .col(integer("version"))
            .col(big_integer_null("household_id"))
            .col(big_integer_null("person_id"))
            .col(binary_null("who_key"))
            .col(text("region_code"))
            .col(text("township"))
            .col(text("county"))
            .col(text("kind"))
            .col(text("source"))
            .col(binary("content"))
            .col(integer("persons"))
            .col(timestamp_with_time_zone("told_at"))
            .col(timestamp_with_time_zone("advance_due"))
            .col(timestamp_with_time_zone("due_at"))
            .col(text_null("raised"))
            .col(timestamp_with_time_zone_null("verified_at"))
            .col(text_null("verified_by"))
            .col(text_null("verified_how"))
            .col(binary_null("found"))
            .col(text_null("grade"))
            .col(date_null("papers_due"))
            .col(date_null("papers_on"))
            .col(text("papers"))
            .col(binary_null("papers_note"))
            .col(text_null("papers_by"))
            .col(big_integer_null("total"))
            .col(text("referrals"))
            .col(binary_null("proposal"))
            .col(text_null("proposed_by"))
            .col(binary_null("decision"))
            .col(boolean_null("agreed"))
            .col(text_null("decided_by"))
            .col(date_null("decided_on"))
            .col(text("minutes"))
            .col(text_null("outcome"))
            .col(text("opened_by"))
            .col(timestamp_with_time_zone("opened_at"))
            .col(date_null("closed_on"));
        migrate::create_table(m, emergency).await?;
        let mut entry = Table::create().table(Alias::new("reserve_entry")).to_owned();
        entry
            .col(big_pk_auto("id"))
            .col(text("township"))
            .col(text("county"))
            .col(text("fund"))
            .col(date("on"))
            .col(text("what"))
            .col(big_integer("amount"))
            .col(text("source"))
            .col(text_null("emergency_no"))
            .col(text_null("part"))
            .col(text_null("way"))
            .col(timestamp_with_time_zone_null("paid_at"))
            .col(text("paper"))
            .col(binary_null("content"))
            .col(text("entered_by"))
            .col(timestamp_with_time_zone("entered_at"));
        migrate::create_table(m, entry).await?;
        for sql in [
            // The same family told of by two doors is helped once.
            "CREATE UNIQUE INDEX emergency_household ON emergency (household_id) WHERE is_open",
            "CREATE UNIQUE INDEX emergency_who ON emergency (who_key) WHERE is_open",
            "CREATE INDEX emergency_village ON emergency (is_open, region_code, due_at, no)",
            "CREATE INDEX emergency_township ON emergency (is_open, township, due_at, no)",
            "CREATE INDEX emergency_county ON emergency (is_open, county, due_at, no)",
            // Neither the first help nor what follows is paid twice, whatever the program does.
            "CREATE UNIQUE INDEX reserve_once ON reserve_entry (emergency_no, part) WHERE emergency_no IS NOT NULL",
            "CREATE INDEX reserve_book ON reserve_entry (county, township, \"on\")",
        ] {
            migrate::execute(m, sql).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for name in ["reserve_entry", "emergency"] {
            migrate::drop_table(m, Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}
