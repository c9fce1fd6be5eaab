//! The room's tables, versioned.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

struct Watch0001;

impl MigrationName for Watch0001 {
    fn name(&self) -> &str {
        "watch_0001_tables"
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

#[async_trait::async_trait]
impl MigrationTrait for Watch0001 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut alert = table("alert");
        alert
            .col(big_pk_auto("id"))
            .col(text("indicator"))
            .col(text("subject"))
            .col(big_integer("household_id"))
            .col(big_integer_null("person_id"))
            .col(text("region_code"))
            .col(text("township"))
            .col(text("county"))
            .col(integer("severity"))
            .col(integer("points"))
            .col(binary("evidence"))
            .col(text("evidence_mark"))
            .col(binary_null("measure"))
            .col(integer("appended"))
            .col(text("state"))
            .col(big_integer_null("task_id"))
            .col(text("run_id"))
            .col(date("raised_on"))
            .col(date("seen_on"))
            .col(date_null("closed_on"))
            .col(text_null("outcome"));
        migrate::create_table(m, alert).await?;

        let mut task = table("watch_task");
        task.col(big_pk_auto("id"))
            .col(big_integer("household_id"))
            .col(text("region_code"))
            .col(text("township"))
            .col(text("county"))
            .col(text("level"))
            .col(integer("severity"))
            .col(text("state"))
            .col(boolean("is_open"))
            .col(text("reasons"))
            .col(integer("alerts"))
            .col(integer("limit_days"))
            .col(date("created_on"))
            .col(date("due_on"))
            .col(date("district_on"))
            .col(text_null("assignee"))
            .col(integer("attempts"))
            .col(text_null("outcome"))
            .col(text_null("case_no"))
            .col(date_null("closed_on"))
            .col(integer("version"));
        migrate::create_table(m, task).await?;

        let mut outcome = table("watch_outcome");
        outcome
            .col(big_pk_auto("id"))
            .col(big_integer("task_id"))
            .col(text("code"))
            .col(date("visited_on"))
            .col(binary("record"))
            .col(text_null("level"))
            .col(integer_null("score"))
            .col(text("recorded_by"))
            .col(text("role"))
            .col(timestamp_with_time_zone("recorded_at"));
        migrate::create_table(m, outcome).await?;

        let mut run = table("monitoring_run");
        run.col(key_text("id"))
            .col(date("as_of"))
            .col(text("pack_version"))
            .col(text("snapshot"))
            .col(big_integer("findings"))
            .col(timestamp_with_time_zone("at"));
        migrate::create_table(m, run).await?;

        let mut key = table("watch_act_key");
        key.col(key_text("key")).col(text("subject")).col(json_binary("answer")).col(timestamp_with_time_zone("at"));
        migrate::create_table(m, key).await?;

        for (name, table, columns) in [
            ("alert_state", "alert", &["state", "closed_on"][..]),
            ("alert_task", "alert", &["task_id"]),
            ("alert_household", "alert", &["household_id"]),
            ("alert_indicator", "alert", &["indicator", "outcome"]),
            ("task_village", "watch_task", &["is_open", "region_code", "due_on", "id"]),
            ("task_township", "watch_task", &["is_open", "township", "due_on", "id"]),
            ("task_county", "watch_task", &["is_open", "county", "due_on", "id"]),
            ("task_household", "watch_task", &["household_id", "is_open"]),
            ("outcome_task", "watch_outcome", &["task_id", "id"]),
        ] {
            let mut index = Index::create().name(name).table(Alias::new(table)).to_owned();
            for column in columns {
                index.col(Alias::new(*column));
            }
            migrate::create_index(m, index).await?;
        }
        // One open alert an indicator and subject (the suppression key), one open task a household.
        migrate::execute(m, "CREATE UNIQUE INDEX alert_in_force ON alert (indicator, subject) WHERE state <> 'closed'")
            .await?;
        migrate::execute(m, "CREATE UNIQUE INDEX task_in_force ON watch_task (household_id) WHERE is_open").await?;
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for name in ["watch_act_key", "monitoring_run", "watch_outcome", "watch_task", "alert"] {
            migrate::drop_table(m, Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}

/// What alerts said before newer evidence came.
struct Watch0002;

impl MigrationName for Watch0002 {
    fn name(&self) -> &str {
        "watch_0002_alert_evidence"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Watch0002 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut evidence = table("alert_evidence");
        evidence
            .col(big_pk_auto("id"))
            .col(big_integer("alert_id"))
            .col(binary("evidence"))
            .col(integer("severity"))
            .col(text("replaced_by"))
            .col(date("replaced_on"));
        migrate::create_table(m, evidence).await?;
        let mut index = Index::create().name("alert_evidence_alert").table(Alias::new("alert_evidence")).to_owned();
        index.col(Alias::new("alert_id")).col(Alias::new("id"));
        migrate::create_index(m, index).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        migrate::drop_table(m, Table::drop().table(Alias::new("alert_evidence")).to_owned()).await
    }
}

/// The day on which the next level is told is the pack's to say.
struct Watch0003;

impl MigrationName for Watch0003 {
    fn name(&self) -> &str {
        "watch_0003_next_level"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Watch0003 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut task = Table::alter().table(Alias::new("watch_task")).to_owned();
        migrate::alter_table(m, task.add_column(date_null("next_on")).to_owned()).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut task = Table::alter().table(Alias::new("watch_task")).to_owned();
        migrate::alter_table(m, task.drop_column(Alias::new("next_on")).to_owned()).await
    }
}

/// Fewer and smaller indexes on alerts: a pass raises a hundred thousand at once and most neither open a task nor are
/// closed. Sums over a district read them all anyway.
struct Watch0004;

impl MigrationName for Watch0004 {
    fn name(&self) -> &str {
        "watch_0004_alert_indexes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Watch0004 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for statement in [
            "DROP INDEX alert_state",
            "DROP INDEX alert_task",
            "DROP INDEX alert_indicator",
            "CREATE INDEX alert_closed ON alert (closed_on) WHERE closed_on IS NOT NULL",
            "CREATE INDEX alert_task ON alert (task_id) WHERE task_id IS NOT NULL",
        ] {
            migrate::execute(m, statement).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for statement in [
            "DROP INDEX alert_closed",
            "DROP INDEX alert_task",
            "CREATE INDEX alert_state ON alert (state, closed_on)",
            "CREATE INDEX alert_task ON alert (task_id)",
            "CREATE INDEX alert_indicator ON alert (indicator, outcome)",
        ] {
            migrate::execute(m, statement).await?;
        }
        Ok(())
    }
}

/// The room's migrations, in order.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(Watch0001), Box::new(Watch0002), Box::new(Watch0003), Box::new(Watch0004)]
}
