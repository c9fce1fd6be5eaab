//! The room's tables, versioned.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

struct Feeds0001;

impl MigrationName for Feeds0001 {
    fn name(&self) -> &str {
        "feeds_0001_tables"
    }
}

fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(Alias::new(name)).to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Feeds0001 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut record = table("agreement_record");
        record
            .col(big_pk_auto("id"))
            .col(text("source"))
            .col(text("number"))
            .col(date("until"))
            .col(text("document"))
            .col(text("recorded_by"))
            .col(text("role"))
            .col(timestamp_with_time_zone("recorded_at"));
        migrate::create_table(m, record).await?;

        let mut task = table("feed_task");
        task.col(big_pk_auto("id"))
            .col(text("source"))
            .col(text("trouble"))
            .col(date("opened_on"))
            .col(date("due_on"))
            .col(boolean("is_open"))
            .col(text_null("outcome"))
            .col(text("note"))
            .col(text_null("closed_by"))
            .col(date_null("closed_on"));
        migrate::create_table(m, task).await?;

        let mut index =
            Index::create().name("agreement_record_source").table(Alias::new("agreement_record")).to_owned();
        index.col(Alias::new("source")).col(Alias::new("id"));
        migrate::create_index(m, index).await?;
        // One open task a feed and kind of trouble.
        let sql = "CREATE UNIQUE INDEX feed_task_open ON feed_task (source, trouble) WHERE is_open";
        migrate::execute(m, sql).await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for name in ["feed_task", "agreement_record"] {
            migrate::drop_table(m, Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}

/// The room's migrations, in order.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(Feeds0001)]
}
