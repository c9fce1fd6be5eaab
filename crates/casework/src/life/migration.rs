//! Proof of life.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

pub(crate) struct Casework0069;

impl MigrationName for Casework0069 {
    fn name(&self) -> &'static str {
        "casework_0069_proof_of_life"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0069 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut life = Table::create().table(Alias::new("life")).to_owned();
        life.col(text("case_no").primary_key())
            .col(text("region_code"))
            .col(text("township"))
            .col(text("county"))
            .col(text("programme"))
            .col(date("due_on"))
            .col(date_null("reminded_on"))
            .col(date_null("visit_by"));
        migrate::create_table(m, life).await?;
        let mut proof = Table::create().table(Alias::new("life_proof")).to_owned();
        proof
            .col(big_pk_auto("id"))
            .col(text("case_no"))
            .col(text("way"))
            .col(boolean("met"))
            .col(date("seen_on"))
            .col(binary("content"))
            .col(text("entered_by"))
            .col(text("channel"))
            .col(timestamp_with_time_zone("entered_at"));
        migrate::create_table(m, proof).await?;
        for sql in [
            "CREATE INDEX life_village ON life (region_code, due_on, case_no)",
            "CREATE INDEX life_township ON life (township, due_on, case_no)",
            "CREATE INDEX life_county ON life (county, due_on, case_no)",
            "CREATE INDEX life_proof_case ON life_proof (case_no, id)",
        ] {
            migrate::execute(m, sql).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for table in ["life_proof", "life"] {
            migrate::drop_table(m, Table::drop().table(Alias::new(table)).to_owned()).await?;
        }
        Ok(())
    }
}
