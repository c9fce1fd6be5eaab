//! Whose work it is: tables, and what the queue shows of it.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

pub(crate) struct Casework0050;

impl MigrationName for Casework0050 {
    fn name(&self) -> &'static str {
        "casework_0050_work"
    }
}

fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(Alias::new(name)).col(big_pk_auto("id")).to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0050 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let file = || Table::alter().table(Alias::new("case_file")).to_owned();
        // One column a statement: SQLite adds no two at once.
        migrate::alter_table(m, file().add_column(text_null("raised")).to_owned()).await?;
        migrate::alter_table(m, file().add_column(date_null("step_since")).to_owned()).await?;
        migrate::alter_table(m, file().add_column(boolean("noted").default(false)).to_owned()).await?;
        let mut hand_over = table("hand_over");
        hand_over
            .col(text("case_no"))
            .col(text_null("from_account"))
            .col(text("to_account"))
            .col(text("given_by"))
            .col(date("given_on"))
            .col(binary("reason"));
        let mut absence = table("absence");
        absence
            .col(text("account"))
            .col(text("delegate"))
            .col(date("from_day"))
            .col(date("to_day"))
            .col(text("made_by"))
            .col(date_null("ended_on"));
        let mut call = table("case_call");
        call.col(text("case_no"))
            .col(text("step"))
            .col(date("due_on"))
            .col(text("level"))
            .col(text("made_by"))
            .col(date("made_on"))
            .col(binary_null("text"));
        let mut filter = table("saved_filter");
        filter.col(text("account")).col(text("name")).col(text("query"));
        for table in [hand_over, absence, call, filter] {
            migrate::create_table(m, table).await?;
        }
        for sql in [
            "CREATE INDEX hand_over_case ON hand_over (case_no, id)",
            "CREATE INDEX absence_account ON absence (account, to_day)",
            "CREATE INDEX absence_delegate ON absence (delegate, to_day)",
            "CREATE INDEX case_call_case ON case_call (case_no, id)",
            // The platform says a thing once a step, day and level.
            "CREATE UNIQUE INDEX case_call_once ON case_call (case_no, step, due_on, level) WHERE level <> 'asked'",
            "CREATE UNIQUE INDEX saved_filter_name ON saved_filter (account, name)",
        ] {
            migrate::execute(m, sql).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for name in ["saved_filter", "case_call", "absence", "hand_over"] {
            migrate::drop_table(m, Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        for column in ["noted", "step_since", "raised"] {
            let file = Table::alter().table(Alias::new("case_file")).drop_column(Alias::new(column)).to_owned();
            migrate::alter_table(m, file).await?;
        }
        Ok(())
    }
}
