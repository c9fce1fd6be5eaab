//! What is paid to whom for which month, once; and the books of it.

use sea_orm_migration::{prelude::*, schema::*};
use tuodi_store::migrate;

pub(crate) struct Casework0010;

impl MigrationName for Casework0010 {
    fn name(&self) -> &'static str {
        "casework_0010_payments_once"
    }
}

fn new(name: &'static str) -> TableCreateStatement {
    Table::create().table(Alias::new(name)).to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0010 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let altered = |name: &'static str| Table::alter().table(Alias::new(name)).to_owned();
        // One column a statement: SQLite adds no two at once.
        for column in [date_null("pays_from"), binary_null("arithmetic"), text_null("hold")] {
            migrate::alter_table(m, altered("benefit").add_column(column).to_owned()).await?;
        }
        for column in [
            text("kind").default("monthly").to_owned(),
            integer("number").default(0).to_owned(),
            json_binary("terms").default("{}").to_owned(),
            big_integer("after_id").default(0).to_owned(),
        ] {
            migrate::alter_table(m, altered("payment_batch").add_column(column).to_owned()).await?;
        }
        for column in [
            text("fund").default("").to_owned(),
            json_binary("parts").default("[]").to_owned(),
            big_integer_null("repeats"),
            date_null("mended_on"),
        ] {
            migrate::alter_table(m, altered("payment_line").add_column(column).to_owned()).await?;
        }
        let mut item = new("payment_item");
        item.col(big_pk_auto("id"))
            .col(big_integer("batch_id"))
            .col(big_integer("benefit_id"))
            .col(text("subject"))
            .col(text("programme"))
            .col(date("month"))
            .col(text("kind"))
            .col(big_integer("because"))
            .col(text("what"))
            .col(big_integer("amount"));
        migrate::create_table(m, item).await?;
        let mut owed = new("payment_owed");
        owed.col(big_pk_auto("id"))
            .col(text("case_no"))
            .col(big_integer("benefit_id"))
            .col(date("month"))
            .col(big_integer("amount"))
            .col(big_integer_null("batch_id"))
            .col(timestamp_with_time_zone("at"));
        migrate::create_table(m, owed).await?;
        let mut over = new("overpayment");
        over.col(big_pk_auto("id"))
            .col(text("case_no"))
            .col(big_integer("household_id"))
            .col(text("region_code"))
            .col(text("county"))
            .col(text("programme"))
            .col(text("fund"))
            .col(date("from_month"))
            .col(date("to_month"))
            .col(big_integer("paid"))
            .col(big_integer("due"))
            .col(big_integer("amount"))
            .col(text("cause"))
            .col(binary("note"))
            .col(text("status"))
            .col(big_integer("to_recover"))
            .col(integer("share_permille"))
            .col(binary_null("reason"))
            .col(text("found_by"))
            .col(timestamp_with_time_zone("found_at"))
            .col(text_null("decided_by"))
            .col(timestamp_with_time_zone_null("decided_at"));
        migrate::create_table(m, over).await?;
        let mut fund = new("fund_entry");
        fund.col(big_pk_auto("id"))
            .col(text("fund"))
            .col(text("county"))
            .col(date("on"))
            .col(text("what"))
            .col(big_integer("amount"))
            .col(big_integer_null("overpayment_id"))
            .col(text("paper"))
            .col(text("entered_by"))
            .col(timestamp_with_time_zone("entered_at"));
        migrate::create_table(m, fund).await?;

        for sql in [
            // What lists of before have paid stands as paid. A roster that had somebody twice is taken as it was.
            "INSERT INTO payment_item (batch_id, benefit_id, subject, programme, month, kind, because, what, amount)
             SELECT l.batch_id, l.benefit_id, 'b' || CAST(l.benefit_id AS TEXT), l.programme, b.month, 'monthly', 0,
                    'month', l.amount
             FROM payment_line l JOIN payment_batch b ON b.id = l.batch_id WHERE l.status <> 'held'",
            "DROP INDEX batch_month",
            // One list a month, county and kind: a second click cannot pay twice.
            "CREATE UNIQUE INDEX batch_once ON payment_batch (county, month, kind, number)",
            // Nobody is paid twice for one thing in one month. `because` is 0 for what a month brings by itself, and
            // otherwise the row of the ledger that says why there is more or less.
            "CREATE UNIQUE INDEX item_once ON payment_item (subject, programme, month, kind, because)",
            "CREATE INDEX item_benefit ON payment_item (benefit_id, kind, because, month)",
            "CREATE INDEX item_batch ON payment_item (batch_id)",
            // Whoever goes on after a stop puts nobody on the list twice; what came back is paid again once.
            "CREATE UNIQUE INDEX line_once ON payment_line (batch_id, benefit_id) WHERE repeats IS NULL",
            "CREATE UNIQUE INDEX line_repeats ON payment_line (repeats) WHERE repeats IS NOT NULL",
            "CREATE INDEX line_returned ON payment_line (status, batch_id) WHERE status = 'returned'",
            "CREATE INDEX owed_open ON payment_owed (benefit_id) WHERE batch_id IS NULL",
            "CREATE INDEX over_open ON overpayment (county, status)",
            "CREATE INDEX over_case ON overpayment (case_no)",
            "CREATE INDEX fund_entries ON fund_entry (county, fund, \"on\")",
        ] {
            migrate::execute(m, sql).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for sql in [
            "DROP TABLE fund_entry",
            "DROP TABLE overpayment",
            "DROP TABLE payment_owed",
            "DROP TABLE payment_item",
            "DROP INDEX line_returned",
            "DROP INDEX line_repeats",
            "DROP INDEX line_once",
            "DROP INDEX batch_once",
            "CREATE UNIQUE INDEX batch_month ON payment_batch (county, month)",
        ] {
            migrate::execute(m, sql).await?;
        }
        for (table, columns) in [
            ("payment_line", &["fund", "parts", "repeats", "mended_on"][..]),
            ("payment_batch", &["kind", "number", "terms", "after_id"]),
            ("benefit", &["pays_from", "arithmetic", "hold"]),
        ] {
            for column in columns {
                let change = Table::alter().table(Alias::new(table)).drop_column(Alias::new(*column)).to_owned();
                migrate::alter_table(m, change).await?;
            }
        }
        Ok(())
    }
}
