//! Which course a case takes; and the days on which cases were decided can be looked up.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

pub(crate) struct Casework0040;

impl MigrationName for Casework0040 {
    fn name(&self) -> &'static str {
        "casework_0040_courses"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0040 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut course = Table::create().table(Alias::new("case_course")).to_owned();
        course
            .col(text("case_no").primary_key())
            .col(text("course"))
            .col(boolean_null("clean"))
            .col(json("conditions"))
            .col(date_null("judged_on"))
            .col(date_null("forward_on"));
        migrate::create_table(m, course).await?;
        let decided = "CREATE INDEX case_decided ON case_file (decided_on) WHERE decided_on IS NOT NULL";
        migrate::execute(m, decided).await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        migrate::execute(m, "DROP INDEX case_decided").await?;
        migrate::drop_table(m, Table::drop().table(Alias::new("case_course")).to_owned()).await
    }
}
