//! Reading the journal.

use super::chain::Link;
use crate::{Page, Store, StoreError};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, Value};

pub(super) const COLUMNS: &str = "lane, seq, at_us, actor, role, act, subject, region, details, prev_hash, hash";

#[derive(Debug, Clone, PartialEq)]
pub struct JournalRow {
    pub lane: i16,
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub actor: String,
    pub role: String,
    pub act: String,
    pub subject: String,
    pub region: String,
    pub details: serde_json::Value,
    /// Hexadecimal.
    pub hash: String,
}

/// Which entries to list; empty fields do not narrow.
#[derive(Debug, Clone, Default)]
pub struct JournalFilter {
    /// Region code; entries in it and below it.
    pub scope: String,
    pub act: String,
    pub actor: String,
    pub subject: String,
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
}

pub(super) fn link(row: &QueryResult) -> Result<Link, DbErr> {
    Ok(Link {
        lane: row.try_get("", "lane")?,
        seq: row.try_get("", "seq")?,
        at_us: row.try_get("", "at_us")?,
        actor: row.try_get("", "actor")?,
        role: row.try_get("", "role")?,
        act: row.try_get("", "act")?,
        subject: row.try_get("", "subject")?,
        region: row.try_get("", "region")?,
        details: row.try_get("", "details")?,
    })
}

fn journal_row(row: &QueryResult) -> Result<JournalRow, DbErr> {
    let link = link(row)?;
    let hash: Vec<u8> = row.try_get("", "hash")?;
    Ok(JournalRow {
        lane: link.lane,
        seq: link.seq,
        at: DateTime::from_timestamp_micros(link.at_us).unwrap_or_default(),
        actor: link.actor,
        role: link.role,
        act: link.act,
        subject: link.subject,
        region: link.region,
        // A row whose details no longer parse was tampered with; `verify` says so, a list still shows it.
        details: serde_json::from_str(&link.details).unwrap_or(serde_json::Value::String(link.details)),
        hash: hex::encode(hash),
    })
}

async fn rows(store: &Store, sql: String, values: Vec<Value>) -> Result<Vec<JournalRow>, StoreError> {
    let statement = Statement::from_sql_and_values(store.backend(), sql, values);
    let rows = store.read().query_all_raw(statement).await?;
    Ok(rows.iter().map(journal_row).collect::<Result<_, _>>()?)
}

/// All entries of a subject, oldest first.
pub async fn entries_of(store: &Store, subject: &str) -> Result<Vec<JournalRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM journal WHERE subject = $1 ORDER BY at_us, seq");
    rows(store, sql, vec![subject.into()]).await
}

/// The newest entries of all lanes.
pub async fn latest(store: &Store, n: u64, offset: u64) -> Result<Vec<JournalRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM journal ORDER BY at_us DESC, lane, seq DESC LIMIT {n} OFFSET {offset}");
    rows(store, sql, Vec::new()).await
}

/// A page of the journal, newest first.
pub async fn search(
    store: &Store,
    filter: &JournalFilter,
    page: u64,
    per_page: u64,
) -> Result<Page<JournalRow>, StoreError> {
    let (condition, values) = filter.condition();
    let sql = format!("SELECT COUNT(*) AS n FROM journal {condition}");
    let counted =
        store.read().query_one_raw(Statement::from_sql_and_values(store.backend(), sql, values.clone())).await?;
    let total: i64 = counted.map(|r| r.try_get("", "n")).transpose()?.unwrap_or(0);
    let offset = Page::<JournalRow>::offset(page, per_page);
    let sql = format!(
        "SELECT {COLUMNS} FROM journal {condition} ORDER BY at_us DESC, lane, seq DESC LIMIT {per_page} OFFSET {offset}"
    );
    Ok(Page { rows: rows(store, sql, values).await?, total: total.max(0) as u64, page, per_page })
}

impl JournalFilter {
    fn condition(&self) -> (String, Vec<Value>) {
        let mut parts = Vec::new();
        let mut values: Vec<Value> = Vec::new();
        let mut add = |sql: &str, value: Value| {
            values.push(value);
            parts.push(format!("{sql} ${}", values.len()));
        };
        // 99 01 02 000 000 stands for all codes from 990102000000 to 990102999999.
        let prefix = self.scope.trim_end_matches('0');
        if !prefix.is_empty() {
            let digits = [2, 4, 6, 9, 12].into_iter().find(|&n| n >= prefix.len()).unwrap_or(12);
            let start = format!("{:0<width$}", prefix, width = digits);
            add("region >=", format!("{start:0<12}").into());
            add("region <=", format!("{start:9<12}").into());
        }
        for (column, text) in [("act", &self.act), ("actor", &self.actor), ("subject", &self.subject)] {
            if !text.is_empty() {
                add(&format!("{column} ="), text.clone().into());
            }
        }
        if let Some(from) = self.from {
            add("at_us >=", from.timestamp_micros().into());
        }
        if let Some(until) = self.until {
            add("at_us <", until.timestamp_micros().into());
        }
        if parts.is_empty() { (String::new(), values) } else { (format!("WHERE {}", parts.join(" AND ")), values) }
    }
}
