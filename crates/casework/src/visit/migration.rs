//! Signatures under a record of a visit.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

pub(crate) struct Casework0066;

impl MigrationName for Casework0066 {
    fn name(&self) -> &'static str {
        "casework_0066_signatures_of_visits"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0066 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut signature = Table::create().table(Alias::new("visit_signature")).to_owned();
        signature
            .col(big_pk_auto("id"))
            .col(big_integer("visit_id"))
            .col(text("place"))
            .col(text("mime"))
            .col(text("sha256"))
            .col(binary("content"));
        migrate::create_table(m, signature).await?;
        migrate::execute(m, "CREATE UNIQUE INDEX visit_signature_place ON visit_signature (visit_id, place)").await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        migrate::drop_table(m, Table::drop().table(Alias::new("visit_signature")).to_owned()).await
    }
}
