//! Authorisations for a purpose and a time, and verifications as things of their own.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

pub(crate) struct Casework0003;

impl MigrationName for Casework0003 {
    fn name(&self) -> &'static str {
        "casework_0003_verification"
    }
}

fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(Alias::new(name)).to_owned()
}

fn key_text(name: &'static str) -> ColumnDef {
    let mut column = text(name);
    column.primary_key();
    column
}

const IN_FORCE: &str = "consent_in_force";

#[async_trait::async_trait]
impl MigrationTrait for Casework0003 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let consent = || Table::alter().table(Alias::new("consent")).to_owned();
        // One column a statement: SQLite adds no two at once.
        migrate::alter_table(m, consent().add_column(big_integer("household_id").default(0)).to_owned()).await?;
        migrate::alter_table(m, consent().add_column(text("purpose").default("")).to_owned()).await?;
        migrate::alter_table(m, consent().add_column(date_null("valid_until")).to_owned()).await?;
        migrate::alter_table(m, consent().add_column(text_null("withdrawn_by")).to_owned()).await?;
        migrate::alter_table(m, consent().add_column(timestamp_with_time_zone_null("replaced_at")).to_owned()).await?;
        migrate::execute(
            m,
            "UPDATE consent SET household_id = COALESCE((SELECT household_id FROM case_file \
             WHERE case_file.case_no = consent.case_no), 0)",
        )
        .await?;
        migrate::execute(m, &format!("DROP INDEX {IN_FORCE}")).await?;
        // One authorisation in force a person, purpose and case (or none).
        migrate::execute(
            m,
            &format!(
                "CREATE UNIQUE INDEX {IN_FORCE} ON consent (household_id, person_id, purpose, case_no) \
             WHERE withdrawn_at IS NULL AND replaced_at IS NULL"
            ),
        )
        .await?;

        let mut evidence = table("consent_evidence");
        let mut id = big_integer("consent_id");
        id.primary_key();
        evidence.col(id).col(text("mime")).col(integer("bytes")).col(text("sha256")).col(binary("content"));
        migrate::create_table(m, evidence).await?;

        let mut request = table("verification_request");
        request
            .col(key_text("number"))
            .col(big_integer("household_id"))
            .col(text_null("case_no"))
            .col(text("purpose"))
            .col(date("as_of"))
            .col(text("region_code"))
            .col(text("township"))
            .col(text("county"))
            .col(text("state"))
            .col(integer("waiting"))
            .col(timestamp_with_time_zone("hold_until"))
            .col(integer("edition"))
            .col(integer("missing"))
            .col(integer("conflicts"))
            .col(text_null("tier"))
            .col(text("ordered_by"))
            .col(timestamp_with_time_zone("ordered_at"))
            .col(timestamp_with_time_zone("updated_at"));
        migrate::create_table(m, request).await?;

        let mut answer = table("verification_answer");
        answer
            .col(big_pk_auto("id"))
            .col(text("number"))
            .col(text("source"))
            .col(text("via"))
            .col(text("state"))
            .col(text("key"))
            .col(timestamp_with_time_zone("asked_at"))
            .col(timestamp_with_time_zone_null("answered_at"))
            .col(timestamp_with_time_zone("limit_at"))
            .col(integer("tries"))
            .col(timestamp_with_time_zone("next_try_at"))
            .col(date_null("data_date"))
            .col(integer("rows"))
            .col(text("reason"))
            .col(binary_null("words"))
            .col(boolean("changed"))
            .col(binary_null("content"));
        migrate::create_table(m, answer).await?;

        let mut edition = table("verification_edition");
        edition
            .col(big_pk_auto("id"))
            .col(text("number"))
            .col(integer("edition"))
            .col(binary("content"))
            .col(text("digest"))
            .col(date("issued_on"));
        migrate::create_table(m, edition).await?;

        let mut batch = table("verification_batch");
        batch
            .col(big_pk_auto("id"))
            .col(text("title"))
            .col(text("purpose"))
            .col(text("region_code"))
            .col(text("state"))
            .col(binary("list"))
            .col(integer("listed"))
            .col(integer("progress"))
            .col(integer("checked"))
            .col(integer("anomalies"))
            .col(integer("not_found"))
            .col(integer("unauthorised"))
            .col(date_null("as_of"))
            .col(binary_null("result"))
            .col(text("reason"))
            .col(text("ordered_by"))
            .col(timestamp_with_time_zone("ordered_at"))
            .col(timestamp_with_time_zone("touched_at"))
            .col(timestamp_with_time_zone_null("finished_at"));
        migrate::create_table(m, batch).await?;

        let index = |name: &'static str, table: &'static str, columns: &[&'static str]| {
            let mut statement = Index::create().name(name).table(Alias::new(table)).to_owned();
            for column in columns {
                statement.col(Alias::new(*column));
            }
            statement
        };
        for (name, table, columns) in [
            ("consent_household", "consent", &["household_id"][..]),
            ("verification_household", "verification_request", &["household_id"]),
            ("verification_township", "verification_request", &["township", "ordered_at"]),
            ("verification_county", "verification_request", &["county", "ordered_at"]),
            ("verification_due", "verification_answer", &["state", "next_try_at"]),
        ] {
            migrate::create_index(m, index(name, table, columns)).await?;
        }
        // One answer a source and request, one report an edition: whoever comes second finds it done.
        for (name, table, columns) in [
            ("answer_once", "verification_answer", &["number", "source"][..]),
            ("edition_once", "verification_edition", &["number", "edition"]),
        ] {
            migrate::create_index(m, index(name, table, columns).unique().to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for name in [
            "verification_batch",
            "verification_edition",
            "verification_answer",
            "verification_request",
            "consent_evidence",
        ] {
            migrate::drop_table(m, Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        // Only what the older binary knew stays: authorisations given in a case, one each.
        migrate::execute(m, "DELETE FROM consent WHERE case_no = '' OR replaced_at IS NOT NULL").await?;
        migrate::execute(m, &format!("DROP INDEX {IN_FORCE}")).await?;
        migrate::execute(m, "DROP INDEX consent_household").await?;
        migrate::execute(
            m,
            &format!("CREATE UNIQUE INDEX {IN_FORCE} ON consent (case_no, person_id) WHERE withdrawn_at IS NULL"),
        )
        .await?;
        for column in ["replaced_at", "withdrawn_by", "valid_until", "purpose", "household_id"] {
            let consent = Table::alter().table(Alias::new("consent")).drop_column(Alias::new(column)).to_owned();
            migrate::alter_table(m, consent).await?;
        }
        Ok(())
    }
}

/// What came of each try is kept.
pub(crate) struct Casework0006;

impl MigrationName for Casework0006 {
    fn name(&self) -> &'static str {
        "casework_0006_replies"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0006 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut reply = table("verification_reply");
        reply
            .col(big_pk_auto("id"))
            .col(big_integer("answer_id"))
            .col(integer("attempt"))
            .col(timestamp_with_time_zone("at"))
            .col(text("state"))
            .col(text("reason"))
            .col(binary_null("content"));
        migrate::create_table(m, reply).await?;
        let of_answer = Index::create()
            .name("verification_reply_answer")
            .table(Alias::new("verification_reply"))
            .col(Alias::new("answer_id"))
            .to_owned();
        migrate::create_index(m, of_answer).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        migrate::drop_table(m, Table::drop().table(Alias::new("verification_reply")).to_owned()).await
    }
}

/// Departments that answer only in batches are asked on lists.
pub(crate) struct Casework0007;

impl MigrationName for Casework0007 {
    fn name(&self) -> &'static str {
        "casework_0007_rounds"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0007 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let answer =
            Table::alter().table(Alias::new("verification_answer")).add_column(big_integer_null("round")).to_owned();
        migrate::alter_table(m, answer).await?;
        let mut round = table("verification_round");
        let mut id = big_integer("id");
        id.primary_key();
        round
            .col(id)
            .col(text("source"))
            .col(text("region_code"))
            .col(integer("people"))
            .col(integer("households"))
            .col(binary("content"))
            .col(text("made_by"))
            .col(timestamp_with_time_zone("made_at"))
            .col(timestamp_with_time_zone("limit_at"))
            .col(timestamp_with_time_zone_null("sent_at"))
            .col(timestamp_with_time_zone_null("replied_at"));
        migrate::create_table(m, round).await?;
        let of_round = Index::create()
            .name("verification_answer_round")
            .table(Alias::new("verification_answer"))
            .col(Alias::new("round"))
            .to_owned();
        migrate::create_index(m, of_round).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        migrate::drop_index(
            m,
            Index::drop().name("verification_answer_round").table(Alias::new("verification_answer")).to_owned(),
        )
        .await?;
        let answer =
            Table::alter().table(Alias::new("verification_answer")).drop_column(Alias::new("round")).to_owned();
        migrate::alter_table(m, answer).await?;
        migrate::drop_table(m, Table::drop().table(Alias::new("verification_round")).to_owned()).await
    }
}

/// Questions of other check platforms, each answered once.
pub(crate) struct Casework0008;

impl MigrationName for Casework0008 {
    fn name(&self) -> &'static str {
        "casework_0008_relayed"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0008 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut relayed = table("verification_relayed");
        relayed
            .col(key_text("key"))
            .col(text("relay"))
            .col(text("question"))
            .col(binary("answer"))
            .col(timestamp_with_time_zone("at"));
        migrate::create_table(m, relayed).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        migrate::drop_table(m, Table::drop().table(Alias::new("verification_relayed")).to_owned()).await
    }
}
