//! Gapless numbers for things that people quote: case numbers, notices.

use crate::{StoreError, Tx};
use sea_orm::{ConnectionTrait, Statement};

/// The next number of a kind, from 1. A change that fails gives its number back.
///
/// Changes that draw from the same kind wait for each other until the commit: draw late.
pub async fn next_number(tx: &Tx, kind: &str) -> Result<i64, StoreError> {
    next_numbers(tx, kind, 1).await
}

/// The first of so many numbers of a kind that follow one another; see [`next_number`].
pub async fn next_numbers(tx: &Tx, kind: &str, count: u32) -> Result<i64, StoreError> {
    let conn = tx.conn();
    let statement = Statement::from_sql_and_values(
        conn.get_database_backend(),
        "INSERT INTO counter (kind, value) VALUES ($1, $2) \
         ON CONFLICT (kind) DO UPDATE SET value = counter.value + excluded.value RETURNING value",
        [kind.into(), i64::from(count).into()],
    );
    let row = conn
        .query_one_raw(statement)
        .await?
        .ok_or_else(|| sea_orm::DbErr::RecordNotFound("INSERT … RETURNING gave no row".to_owned()))?;
    let last: i64 = row.try_get("", "value")?;
    Ok(last + 1 - i64::from(count))
}
