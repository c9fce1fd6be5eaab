//! Paper forms and what came back on them.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

pub(crate) struct Casework0022;

impl MigrationName for Casework0022 {
    fn name(&self) -> &'static str {
        "casework_0022_crossing"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0022 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut form = Table::create().table(Alias::new("paper_form")).to_owned();
        form.col(big_pk_auto("id"))
            .col(text("case_no"))
            .col(integer("edition"))
            .col(text("digest"))
            .col(binary("fields"))
            .col(text("state"))
            .col(text("printed_by"))
            .col(text("channel"))
            .col(timestamp_with_time_zone("printed_at"));
        migrate::create_table(m, form).await?;
        let mut back = Table::create().table(Alias::new("paper_return")).to_owned();
        back.col(big_pk_auto("id"))
            .col(big_integer("form_id"))
            .col(text("case_no"))
            .col(binary("written"))
            .col(binary("chosen"))
            .col(text("brought_by"))
            .col(timestamp_with_time_zone("brought_at"));
        migrate::create_table(m, back).await?;
        let index = |name: &str, table: &'static str, columns: &[&'static str]| {
            let mut index = Index::create().name(name).table(Alias::new(table)).to_owned();
            for column in columns {
                index.col(Alias::new(*column));
            }
            index
        };
        let mut edition = index("paper_form_edition", "paper_form", &["case_no", "edition"]);
        migrate::create_index(m, edition.unique().to_owned()).await?;
        migrate::create_index(m, index("paper_return_case", "paper_return", &["case_no", "id"])).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for name in ["paper_return", "paper_form"] {
            migrate::drop_table(m, Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}
