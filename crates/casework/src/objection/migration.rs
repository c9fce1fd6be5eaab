//! Objections as things of their own: several to one notice, each with its code and its answer.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

pub(crate) struct Casework0004;

impl MigrationName for Casework0004 {
    fn name(&self) -> &'static str {
        "casework_0004_objection"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0004 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut objection = Table::create().table(Alias::new("objection")).to_owned();
        objection
            .col(big_pk_auto("id"))
            .col(text("case_no"))
            .col(big_integer("posting"))
            .col(integer("number"))
            .col(binary_null("code"))
            .col(date("filed_on"))
            .col(date_null("due_on"))
            .col(binary("content"))
            .col(binary_null("answer"))
            .col(date_null("answered_on"))
            .col(text_null("answered_by"));
        migrate::create_table(m, objection).await?;
        // Until now a posting had one objection at most; the day of its answer was not kept.
        migrate::execute(m, "INSERT INTO objection (case_no, posting, number, filed_on, content, answer, answered_on) \
             SELECT case_no, id, ROW_NUMBER() OVER (PARTITION BY case_no ORDER BY id), COALESCE(objected_on, posted_on), \
             objection, answer, CASE WHEN answer IS NULL THEN NULL ELSE ends_on END \
             FROM publicity WHERE objection IS NOT NULL",
        )
        .await?;
        migrate::execute(m, "UPDATE publicity SET status = 'ended' WHERE status = 'objected' AND answer IS NOT NULL")
            .await?;
        for sql in [
            "CREATE UNIQUE INDEX objection_case ON objection (case_no, number)",
            "CREATE UNIQUE INDEX objection_code ON objection (code)",
            "ALTER TABLE publicity DROP COLUMN objection",
            "ALTER TABLE publicity DROP COLUMN answer",
        ] {
            migrate::execute(m, sql).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let publicity = || Table::alter().table(Alias::new("publicity")).to_owned();
        migrate::alter_table(m, publicity().add_column(binary_null("objection")).to_owned()).await?;
        migrate::alter_table(m, publicity().add_column(binary_null("answer")).to_owned()).await?;
        let newest = "(SELECT MAX(number) FROM objection WHERE posting = publicity.id)";
        for column in ["content", "answer"] {
            let to = if column == "content" { "objection" } else { "answer" };
            migrate::execute(
                m,
                &format!(
                    "UPDATE publicity SET {to} = (SELECT {column} FROM objection o WHERE o.posting = publicity.id \
                     AND o.case_no = publicity.case_no AND o.number = {newest})"
                ),
            )
            .await?;
        }
        migrate::drop_table(m, Table::drop().table(Alias::new("objection")).to_owned()).await
    }
}
