//! What stewards said headings mean: kept a source, used by every later file of the same headings.

use crate::{
    Cx,
    error::{InboxError, Result},
    job::execute,
};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, Statement, Value};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use tuodi_store::{Recorded, Store};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedHeadings {
    pub id: String,
    pub source: String,
    /// Heading to column of the contract, with the unit of money behind a bar; empty for one that is not taken.
    pub headings: BTreeMap<String, String>,
    pub account: String,
    pub at: DateTime<Utc>,
}

/// Saves what these headings mean in files of this source, in place of what was said before.
pub async fn explain(cx: &Cx, source: &str, headings: BTreeMap<String, String>) -> Result<String> {
    cx.authorise(source)?;
    let mut hash = Sha256::new_with_prefix(source);
    for heading in headings.keys() {
        hash.update([0]);
        hash.update(heading);
    }
    let id = hex::encode(&hash.finalize()[..8]);
    let details = json!({ "source": source, "headings": headings });
    let entry = cx.entry("data.explain", format!("headings:{id}"), details);
    let values: Vec<Value> = vec![
        id.clone().into(),
        source.into(),
        serde_json::to_string(&headings)?.into(),
        cx.actor.account.clone().into(),
        tuodi_store::micros(cx.now).timestamp_micros().into(),
    ];
    cx.store
        .write(move |tx| {
            Box::pin(async move {
                let sql = "INSERT INTO inbox_headings (id, source, headings, account, at_us) \
                           VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO UPDATE SET \
                           headings = excluded.headings, account = excluded.account, at_us = excluded.at_us";
                execute(tx, sql, values).await?;
                Ok::<_, InboxError>(Recorded::new((), entry))
            })
        })
        .await?;
    Ok(id)
}

/// By source, newest first.
pub async fn saved_headings(store: &Store) -> Result<Vec<SavedHeadings>> {
    let sql = "SELECT id, source, headings, account, at_us FROM inbox_headings ORDER BY source, at_us DESC";
    let rows = store.read().query_all_raw(Statement::from_string(store.backend(), sql)).await?;
    rows.iter()
        .map(|row| {
            Ok(SavedHeadings {
                id: row.try_get("", "id")?,
                source: row.try_get("", "source")?,
                headings: serde_json::from_str(&row.try_get::<String>("", "headings")?)?,
                account: row.try_get("", "account")?,
                at: DateTime::from_timestamp_micros(row.try_get("", "at_us")?).unwrap_or_default(),
            })
        })
        .collect()
}

/// Later files of these headings are refused again until somebody explains them anew. Batches taken keep what was said.
pub async fn forget(cx: &Cx, id: &str) -> Result<()> {
    cx.authorise(id)?;
    let entry = cx.entry("data.forget", format!("headings:{id}"), json!({}));
    let id = id.to_owned();
    cx.store
        .write(move |tx| {
            Box::pin(async move {
                match execute(tx, "DELETE FROM inbox_headings WHERE id = $1", vec![id.clone().into()]).await? {
                    0 => Err(InboxError::NotFound(id)),
                    _ => Ok(Recorded::new((), entry)),
                }
            })
        })
        .await
}
