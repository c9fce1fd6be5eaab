//! Rows of web sessions; `web` adapts them to its session layer.
//!
//! A session's id is the browser's secret: only its keyed hash is stored, so that whoever reads the table cannot
//! take a session over. What it holds is sealed.

use crate::AccessError;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, Statement, Value};
use tuodi_store::{Store, Tx};

const ID: &str = "session.id";
const DATA: &str = "session.data";

#[derive(Clone, PartialEq, Eq)]
pub struct SessionRow {
    pub id: String,
    /// JSON.
    pub data: String,
    pub expires: DateTime<Utc>,
}

impl std::fmt::Debug for SessionRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SessionRow(hidden, until {})", self.expires)
    }
}

/// Makes a row; `false` when the id is taken.
pub async fn create(store: &Store, row: SessionRow) -> Result<bool, AccessError> {
    Ok(put(store, row, "ON CONFLICT (id) DO NOTHING").await? > 0)
}

pub async fn save(store: &Store, row: SessionRow) -> Result<(), AccessError> {
    put(store, row, "ON CONFLICT (id) DO UPDATE SET data = excluded.data, expires_us = excluded.expires_us").await?;
    Ok(())
}

async fn put(store: &Store, row: SessionRow, on_conflict: &str) -> Result<u64, AccessError> {
    let sql = format!("INSERT INTO session (id, data, expires_us) VALUES ($1, $2, $3) {on_conflict}");
    let keys = store.keys();
    let values: Vec<Value> =
        vec![keys.blind(ID, &row.id).into(), keys.seal(DATA, &row.data).into(), row.expires.timestamp_micros().into()];
    change(store, sql, values).await
}

/// The session unless it has expired.
pub async fn load(store: &Store, id: &str, now: DateTime<Utc>) -> Result<Option<SessionRow>, AccessError> {
    let sql = "SELECT data, expires_us FROM session WHERE id = $1 AND expires_us > $2";
    let values: [Value; 2] = [store.keys().blind(ID, id).into(), now.timestamp_micros().into()];
    let row = store.read().query_one_raw(Statement::from_sql_and_values(store.backend(), sql, values)).await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let data: Vec<u8> = row.try_get("", "data")?;
    Ok(Some(SessionRow {
        id: id.to_owned(),
        data: store.keys().open(DATA, &data)?,
        expires: DateTime::from_timestamp_micros(row.try_get("", "expires_us")?).unwrap_or_default(),
    }))
}

pub async fn delete(store: &Store, id: &str) -> Result<(), AccessError> {
    let id = store.keys().blind(ID, id);
    change(store, "DELETE FROM session WHERE id = $1".to_owned(), vec![id.into()]).await?;
    Ok(())
}

/// Removes what has expired; gives how many.
pub async fn delete_expired(store: &Store, now: DateTime<Utc>) -> Result<u64, AccessError> {
    change(store, "DELETE FROM session WHERE expires_us <= $1".to_owned(), vec![now.timestamp_micros().into()]).await
}

async fn change(store: &Store, sql: String, values: Vec<Value>) -> Result<u64, AccessError> {
    store
        .upkeep(move |tx: &Tx| {
            Box::pin(async move {
                let conn = tx.conn();
                let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, values);
                Ok(conn.execute_raw(statement).await?.rows_affected())
            })
        })
        .await
}
