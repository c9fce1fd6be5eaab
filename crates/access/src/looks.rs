//! The log of looks: who saw whose data, for what purpose, when (workflow.md section 7).

use crate::{AccessError, Actor};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, Statement, Value};
use tuodi_store::Store;

/// Longest purpose kept, in characters.
const PURPOSE: usize = 200;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    pub at: DateTime<Utc>,
    pub account: String,
    /// Role id.
    pub role: String,
    /// The account's own region.
    pub region: String,
    /// Kind and id: `household:120`.
    pub subject: String,
    pub purpose: String,
}

pub async fn record(
    store: &Store,
    actor: &Actor,
    subject: &str,
    purpose: &str,
    at: DateTime<Utc>,
) -> Result<(), AccessError> {
    let purpose: String = purpose.trim().chars().take(PURPOSE).collect();
    let values: [Value; 6] = [
        at.timestamp_micros().into(),
        actor.account.as_str().into(),
        actor.role.id().into(),
        actor.region.as_str().into(),
        subject.into(),
        purpose.into(),
    ];
    store
        .upkeep(move |tx| {
            Box::pin(async move {
                let conn = tx.conn();
                let sql = "INSERT INTO look (at_us, account, role, region, subject, purpose) \
                           VALUES ($1, $2, $3, $4, $5, $6)";
                conn.execute_raw(Statement::from_sql_and_values(conn.get_database_backend(), sql, values)).await?;
                Ok(())
            })
        })
        .await
}

/// Looks at one thing, newest first.
pub async fn of_subject(store: &Store, subject: &str, limit: u64) -> Result<Vec<Look>, AccessError> {
    select(store, "subject", subject, limit).await
}

/// What one account looked at, newest first.
pub async fn of_account(store: &Store, account: &str, limit: u64) -> Result<Vec<Look>, AccessError> {
    select(store, "account", account, limit).await
}

async fn select(store: &Store, column: &'static str, value: &str, limit: u64) -> Result<Vec<Look>, AccessError> {
    let sql = format!(
        "SELECT at_us, account, role, region, subject, purpose FROM look WHERE {column} = $1 \
         ORDER BY at_us DESC, id DESC LIMIT {limit}"
    );
    let statement = Statement::from_sql_and_values(store.backend(), sql, [value.into()]);
    let mut looks = Vec::new();
    for row in store.read().query_all_raw(statement).await? {
        looks.push(Look {
            at: DateTime::from_timestamp_micros(row.try_get("", "at_us")?).unwrap_or_default(),
            account: row.try_get("", "account")?,
            role: row.try_get("", "role")?,
            region: row.try_get("", "region")?,
            subject: row.try_get("", "subject")?,
            purpose: row.try_get("", "purpose")?,
        });
    }
    Ok(looks)
}
