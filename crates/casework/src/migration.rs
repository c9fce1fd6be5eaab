//! The room's tables, versioned.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

struct Casework0001;

impl MigrationName for Casework0001 {
    fn name(&self) -> &str {
        "casework_0001_tables"
    }
}

fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(Alias::new(name)).to_owned()
}

fn index(name: &'static str, table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut statement = Index::create().name(name).table(Alias::new(table)).to_owned();
    for column in columns {
        statement.col(Alias::new(*column));
    }
    statement
}

fn key_text(name: &'static str) -> ColumnDef {
    let mut column = text(name);
    column.primary_key();
    column
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0001 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut case_file = table("case_file");
        case_file
            .col(key_text("case_no"))
            .col(text("state"))
            .col(text("next_step"))
            .col(boolean("is_open"))
            .col(boolean("waits"))
            .col(text("channel"))
            .col(big_integer("household_id"))
            .col(big_integer("applicant_id"))
            .col(integer("members"))
            .col(text("region_code"))
            .col(text("township"))
            .col(text("county"))
            .col(text_null("tier"))
            .col(text_null("programme"))
            .col(big_integer_null("monthly"))
            .col(date_null("step_due"))
            .col(date_null("total_due"))
            .col(date("due_on"))
            .col(date_null("submitted_on"))
            .col(date_null("accepted_on"))
            .col(date_null("decided_on"))
            .col(integer_null("decided_days"))
            .col(boolean("checked"))
            .col(boolean("visited"))
            .col(text_null("assignee"))
            .col(text_null("alert_task"))
            .col(integer("version"))
            .col(timestamp_with_time_zone("opened_at"))
            .col(timestamp_with_time_zone("updated_at"));
        migrate::create_table(m, case_file).await?;

        let mut application = table("application");
        application
            .col(key_text("case_no"))
            .col(binary("fields"))
            .col(text("last_step"))
            .col(timestamp_with_time_zone("saved_at"));
        migrate::create_table(m, application).await?;

        let mut consent = table("consent");
        consent
            .col(big_pk_auto("id"))
            .col(text("case_no"))
            .col(big_integer("person_id"))
            .col(binary("name"))
            .col(text("mark"))
            .col(text("channel"))
            .col(text("taken_by"))
            .col(timestamp_with_time_zone("given_at"))
            .col(timestamp_with_time_zone_null("withdrawn_at"));
        migrate::create_table(m, consent).await?;

        let mut declared = table("declared_fact");
        declared
            .col(big_pk_auto("id"))
            .col(text("case_no"))
            .col(big_integer_null("person_id"))
            .col(text("name"))
            .col(binary_null("value"))
            .col(date("declared_on"));
        migrate::create_table(m, declared).await?;

        let mut verification = table("verification");
        verification
            .col(big_pk_auto("id"))
            .col(text("case_no"))
            .col(date("as_of"))
            .col(text("pack_version"))
            .col(text("snapshot"))
            .col(text("tier"))
            .col(big_integer("monthly"))
            .col(binary("report"))
            .col(binary("differences"))
            .col(integer("to_judge"))
            .col(integer("unknown"))
            .col(text("run_by"))
            .col(timestamp_with_time_zone("run_at"));
        migrate::create_table(m, verification).await?;

        let mut visit = table("visit");
        visit
            .col(big_pk_auto("id"))
            .col(text("case_no"))
            .col(date("visited_on"))
            .col(text("visitors"))
            .col(binary("record"))
            .col(integer("score"))
            .col(text("level"))
            .col(integer("completeness"))
            .col(timestamp_with_time_zone("recorded_at"));
        migrate::create_table(m, visit).await?;

        let mut opinion = table("opinion");
        opinion
            .col(big_pk_auto("id"))
            .col(text("case_no"))
            .col(text("proposal"))
            .col(text_null("programme"))
            .col(big_integer_null("monthly"))
            .col(text_null("reason_code"))
            .col(binary("text"))
            .col(boolean("departs"))
            .col(text("given_by"))
            .col(timestamp_with_time_zone("given_at"))
            .col(text_null("signed_by"))
            .col(timestamp_with_time_zone_null("signed_at"))
            .col(boolean_null("agreed"))
            .col(binary_null("sign_text"));
        migrate::create_table(m, opinion).await?;

        let mut publicity = table("publicity");
        publicity
            .col(big_pk_auto("id"))
            .col(text("case_no"))
            .col(text("village"))
            .col(text("masked_name"))
            .col(integer("members"))
            .col(text("programme"))
            .col(big_integer("monthly"))
            .col(date("posted_on"))
            .col(date("ends_on"))
            .col(text("status"))
            .col(date_null("objected_on"))
            .col(binary_null("objection"))
            .col(binary_null("answer"));
        migrate::create_table(m, publicity).await?;

        let mut decision = table("decision");
        decision
            .col(big_pk_auto("id"))
            .col(text("case_no"))
            .col(text("outcome"))
            .col(text_null("programme"))
            .col(big_integer_null("monthly"))
            .col(date_null("effective_month"))
            .col(text_null("reason_code"))
            .col(binary("text"))
            .col(text_null("found_tier"))
            .col(big_integer_null("found_monthly"))
            .col(boolean("departs"))
            .col(text_null("pack_version"))
            .col(text_null("snapshot"))
            .col(date_null("as_of"))
            .col(text("decided_by"))
            .col(timestamp_with_time_zone("decided_at"));
        migrate::create_table(m, decision).await?;

        let mut notice = table("notice");
        notice
            .col(key_text("number"))
            .col(text("case_no"))
            .col(text("kind"))
            .col(binary("content"))
            .col(text("digest"))
            .col(date("issued_on"));
        migrate::create_table(m, notice).await?;

        let mut benefit = table("benefit");
        benefit
            .col(big_pk_auto("id"))
            .col(text("case_no"))
            .col(big_integer("household_id"))
            .col(big_integer("payee_id"))
            .col(text("region_code"))
            .col(text("township"))
            .col(text("county"))
            .col(text("programme"))
            .col(big_integer("monthly"))
            .col(integer("members"))
            .col(date("from_month"))
            .col(date_null("to_month"))
            .col(text("pay_route"))
            .col(text_null("roster_key"))
            .col(text_null("class"))
            .col(date_null("last_reverify"))
            .col(date_null("next_reverify"))
            .col(text("status"));
        migrate::create_table(m, benefit).await?;

        let mut batch = table("payment_batch");
        batch
            .col(big_pk_auto("id"))
            .col(date("month"))
            .col(text("county"))
            .col(text("status"))
            .col(integer("lines"))
            .col(integer("held"))
            .col(big_integer("total"))
            .col(text("prepared_by"))
            .col(timestamp_with_time_zone("prepared_at"))
            .col(text_null("signed_by"))
            .col(timestamp_with_time_zone_null("signed_at"))
            .col(timestamp_with_time_zone_null("paid_at"))
            .col(integer("version"));
        migrate::create_table(m, batch).await?;

        let mut line = table("payment_line");
        line.col(big_pk_auto("id"))
            .col(big_integer("batch_id"))
            .col(big_integer("benefit_id"))
            .col(text("case_no"))
            .col(big_integer("household_id"))
            .col(big_integer("payee_id"))
            .col(text("region_code"))
            .col(text("programme"))
            .col(big_integer("amount"))
            .col(binary_null("account"))
            .col(text("change"))
            .col(text("status"))
            .col(text_null("reason"));
        migrate::create_table(m, line).await?;

        let mut event = table("case_event");
        event
            .col(big_pk_auto("id"))
            .col(text("case_no"))
            .col(timestamp_with_time_zone("at"))
            .col(text("act"))
            .col(text_null("from_state"))
            .col(text("to_state"))
            .col(text("actor"))
            .col(text("role"))
            .col(text("channel"))
            .col(json_binary("details"));
        migrate::create_table(m, event).await?;

        let mut key = table("case_act_key");
        key.col(key_text("key"))
            .col(text("subject"))
            .col(text("act"))
            .col(json_binary("answer"))
            .col(timestamp_with_time_zone("at"));
        migrate::create_table(m, key).await?;

        // The queue reads one scope in order of due date; each scope column has its own index so that a page is a
        // short range of it, however many cases there are.
        for (name, columns) in [
            ("case_queue_village", &["is_open", "region_code", "due_on", "case_no"][..]),
            ("case_queue_township", &["is_open", "township", "due_on", "case_no"]),
            ("case_queue_county", &["is_open", "county", "due_on", "case_no"]),
            ("case_all_village", &["region_code", "due_on", "case_no"]),
            ("case_all_township", &["township", "due_on", "case_no"]),
            ("case_all_county", &["county", "due_on", "case_no"]),
            ("case_assignee", &["assignee", "is_open", "due_on", "case_no"]),
            ("case_household", &["household_id", "is_open"]),
            ("case_applicant", &["applicant_id"]),
            ("case_state", &["state", "county", "due_on"]),
        ] {
            migrate::create_index(m, index(name, "case_file", columns)).await?;
        }
        for (name, table, columns) in [
            ("consent_case", "consent", &["case_no"][..]),
            ("declared_case", "declared_fact", &["case_no"]),
            ("verification_case", "verification", &["case_no"]),
            ("visit_case", "visit", &["case_no"]),
            ("opinion_case", "opinion", &["case_no"]),
            ("publicity_case", "publicity", &["case_no"]),
            ("publicity_board", "publicity", &["status", "village", "ends_on"]),
            ("decision_case", "decision", &["case_no"]),
            ("notice_case", "notice", &["case_no"]),
            ("benefit_case", "benefit", &["case_no"]),
            ("benefit_household", "benefit", &["household_id"]),
            ("benefit_paid", "benefit", &["county", "status", "from_month"]),
            ("line_batch", "payment_line", &["batch_id", "id"]),
            ("line_household", "payment_line", &["household_id"]),
            ("line_benefit", "payment_line", &["benefit_id"]),
            ("event_case", "case_event", &["case_no", "id"]),
        ] {
            migrate::create_index(m, index(name, table, columns)).await?;
        }
        // A recipient of the roster is taken over once, however often the roster comes.
        let mut taken_over = index("benefit_roster", "benefit", &["roster_key"]);
        migrate::create_index(m, taken_over.unique().to_owned()).await?;
        // One batch a month and county: a second click cannot pay twice.
        let mut once = index("batch_month", "payment_batch", &["county", "month"]);
        migrate::create_index(m, once.unique().to_owned()).await?;
        // One case at a time: two doors opened at once lead to the same one.
        migrate::execute(m, "CREATE UNIQUE INDEX case_in_force ON case_file (household_id) WHERE is_open").await?;
        // One authorisation in force a person and case.
        migrate::execute(
            m,
            "CREATE UNIQUE INDEX consent_in_force ON consent (case_no, person_id) WHERE withdrawn_at IS NULL",
        )
        .await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for name in [
            "case_act_key",
            "case_event",
            "payment_line",
            "payment_batch",
            "benefit",
            "notice",
            "decision",
            "publicity",
            "opinion",
            "visit",
            "verification",
            "declared_fact",
            "consent",
            "application",
            "case_file",
        ] {
            migrate::drop_table(m, Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}

/// What a report was made of is kept with it, so that it can be made again.
struct Casework0002;

impl MigrationName for Casework0002 {
    fn name(&self) -> &'static str {
        "casework_0002_reports_made_again"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0002 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let verification = || Table::alter().table(Alias::new("verification")).to_owned();
        // One column a statement: SQLite adds no two at once.
        migrate::alter_table(m, verification().add_column(text("pack_digest").default("")).to_owned()).await?;
        migrate::alter_table(m, verification().add_column(binary_null("added")).to_owned()).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for column in ["added", "pack_digest"] {
            let verification =
                Table::alter().table(Alias::new("verification")).drop_column(Alias::new(column)).to_owned();
            migrate::alter_table(m, verification).await?;
        }
        Ok(())
    }
}

/// The room's migrations, in order.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(Casework0001),
        Box::new(Casework0002),
        Box::new(crate::verify::migration::Casework0003),
        Box::new(crate::objection::migration::Casework0004),
        Box::new(crate::rulings::migration::Casework0005),
        Box::new(crate::verify::migration::Casework0006),
        Box::new(crate::verify::migration::Casework0007),
        Box::new(crate::verify::migration::Casework0008),
        Box::new(crate::money::migration::Casework0010),
        Box::new(crate::papers::migration::Casework0020),
        Box::new(crate::matters::migration::Casework0021),
        Box::new(crate::crossing::migration::Casework0022),
        Box::new(crate::appeal::migration::Casework0030),
        Box::new(crate::voice::migration::Casework0031),
        Box::new(crate::living::migration::Casework0032),
        Box::new(crate::statistics::migration::Casework0033),
        Box::new(crate::course::migration::Casework0040),
        Box::new(crate::work::migration::Casework0050),
        Box::new(crate::kin::migration::Casework0051),
        Box::new(crate::living::posted::Casework0072),
        Box::new(crate::known::migration::Casework0060),
        Box::new(crate::visit::migration::Casework0066),
        Box::new(crate::life::migration::Casework0069),
        Box::new(crate::emergency::migration::Casework0063),
        Box::new(crate::extension::migration::Casework0080),
        Box::new(crate::mandate::migration::Casework0081),
        Box::new(crate::hung::migration::Casework0082),
        Box::new(crate::reassess::migration::Casework0083),
        Box::new(crate::raters::migration::Casework0084),
        Box::new(crate::appraisal::migration::Casework0086),
    ]
}
