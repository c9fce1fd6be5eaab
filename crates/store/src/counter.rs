//! Gapless numbers for things that people quote: case numbers, notices.

use crate::{StoreError, Tx};
use sea_orm::{ConnectionTrait, Statement};

/// The next number of a kind, from 1. A change that fails gives its number back.
///
/// Changes that draw from the same kind wait for each other until the commit: draw late.
pub async fn next_number(tx: &Tx, kind: &str) -> Result<i64, StoreError> {
    let conn = tx.conn();
    let statement = Statement::from_sql_and_values(
        conn.get_database_backend(),
        "INSERT INTO counter (kind, value) VALUES ($1, 1) \
         ON CONFLICT (kind) DO UPDATE SET value = counter.value + 1 RETURNING value",
        [kind.into()],
    );
    let row = conn
        .query_one_raw(statement)
        .await?
        .ok_or_else(|| sea_orm::DbErr::RecordNotFound("INSERT … RETURNING gave no row".to_owned()))?;
    Ok(row.try_get("", "value")?)
}
