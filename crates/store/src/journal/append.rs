//! Adding entries at the end of their lanes.

use super::{
    LANES,
    chain::{Link, START, canonical, holds_citizen_number, lane_of, seal},
};
use crate::{Entry, Keys, StoreError, micros};
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, Statement, Value};
use std::collections::BTreeMap;

/// Rows of one INSERT: 11 values each, far below both databases' limits.
const ROWS: usize = 500;

struct Head {
    seq: i64,
    hash: Vec<u8>,
}

/// Refuses entries that carry a person instead of an id.
pub(crate) fn admit(entries: &[Entry]) -> Result<(), StoreError> {
    for entry in entries {
        if holds_citizen_number(&entry.subject) || holds_citizen_number(&canonical(&entry.details)) {
            return Err(StoreError::PersonalData { act: entry.act.clone() });
        }
    }
    Ok(())
}

/// Writes the heads of the empty lanes, once.
pub(crate) async fn prepare(conn: &DatabaseConnection, keys: &Keys) -> Result<(), StoreError> {
    let backend = conn.get_database_backend();
    let count = "SELECT (SELECT COUNT(*) FROM journal_lane) + (SELECT COUNT(*) FROM journal) AS n";
    let row = conn.query_one_raw(Statement::from_string(backend, count)).await?;
    let rows: i64 = row.map(|r| r.try_get("", "n")).transpose()?.unwrap_or(0);
    if rows > 0 {
        return Ok(());
    }
    let mut sql = String::from("INSERT INTO journal_lane (lane, seq, hash, seal) VALUES ");
    let mut values: Vec<Value> = Vec::new();
    for lane in 0..LANES {
        placeholders(backend, &mut sql, values.len(), 4);
        values.extend([lane.into(), 0i64.into(), START.to_vec().into(), seal(keys, lane, 0, &START).into()]);
    }
    sql.push_str(" ON CONFLICT (lane) DO NOTHING");
    conn.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(())
}

/// Appends entries in the order given. On PostgreSQL the heads of their lanes are locked, in order of lane, until
/// the transaction ends: call it last.
pub(crate) async fn append(tx: &DatabaseTransaction, keys: &Keys, entries: Vec<Entry>) -> Result<(), StoreError> {
    if entries.is_empty() {
        return Ok(());
    }
    let mut by_lane: BTreeMap<i16, Vec<Entry>> = BTreeMap::new();
    for entry in entries {
        by_lane.entry(lane_of(&entry.subject)).or_default().push(entry);
    }
    let mut heads = lock_heads(tx, by_lane.keys().copied().collect()).await?;
    let mut links = Vec::new();
    for (lane, entries) in by_lane {
        let head = heads.get_mut(&lane).ok_or(StoreError::LaneMissing { lane })?;
        for entry in entries {
            let link = link(lane, head.seq + 1, entry);
            let hash = link.hash(&head.hash).to_vec();
            let prev = std::mem::replace(&mut head.hash, hash);
            head.seq = link.seq;
            links.push((link, prev, head.hash.clone()));
        }
    }
    insert_links(tx, links).await?;
    write_heads(tx, keys, heads).await
}

fn link(lane: i16, seq: i64, entry: Entry) -> Link {
    Link {
        lane,
        seq,
        at_us: micros(entry.at).timestamp_micros(),
        actor: entry.actor,
        role: entry.role,
        act: entry.act,
        subject: entry.subject,
        region: entry.region,
        details: canonical(&entry.details),
    }
}

async fn lock_heads(tx: &DatabaseTransaction, lanes: Vec<i16>) -> Result<BTreeMap<i16, Head>, StoreError> {
    let backend = tx.get_database_backend();
    let statement = match (backend, lanes.as_slice()) {
        (DbBackend::Postgres, _) => {
            let list: Vec<String> = lanes.iter().map(i16::to_string).collect();
            let list = list.join(", ");
            let sql =
                format!("SELECT lane, seq, hash FROM journal_lane WHERE lane IN ({list}) ORDER BY lane FOR UPDATE");
            Statement::from_string(backend, sql)
        }
        // One writer, nothing to lock. Two texts and no list: each list would be a statement of its own to prepare, and
        // would push others out of those that are kept.
        (_, [lane]) => {
            let sql = "SELECT lane, seq, hash FROM journal_lane WHERE lane = ?";
            Statement::from_sql_and_values(backend, sql, [Value::from(*lane)])
        }
        _ => Statement::from_string(backend, "SELECT lane, seq, hash FROM journal_lane"),
    };
    let mut heads = BTreeMap::new();
    for row in tx.query_all_raw(statement).await? {
        heads.insert(row.try_get("", "lane")?, Head { seq: row.try_get("", "seq")?, hash: row.try_get("", "hash")? });
    }
    heads.retain(|lane, _| lanes.contains(lane));
    Ok(heads)
}

async fn insert_links(tx: &DatabaseTransaction, links: Vec<(Link, Vec<u8>, Vec<u8>)>) -> Result<(), StoreError> {
    let backend = tx.get_database_backend();
    let mut links = links.into_iter().peekable();
    while links.peek().is_some() {
        let mut sql = String::from(
            "INSERT INTO journal (lane, seq, at_us, actor, role, act, subject, region, details, prev_hash, hash) VALUES ",
        );
        let mut values: Vec<Value> = Vec::new();
        for (link, prev, hash) in links.by_ref().take(ROWS) {
            placeholders(backend, &mut sql, values.len(), 11);
            values.extend([link.lane.into(), link.seq.into(), link.at_us.into()]);
            let texts = [link.actor, link.role, link.act, link.subject, link.region, link.details];
            values.extend(texts.map(Value::from));
            values.extend([prev.into(), hash.into()]);
        }
        tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    }
    Ok(())
}

/// One statement for all heads: the rows exist, so the upsert always updates.
async fn write_heads(tx: &DatabaseTransaction, keys: &Keys, heads: BTreeMap<i16, Head>) -> Result<(), StoreError> {
    let backend = tx.get_database_backend();
    let mut sql = String::from("INSERT INTO journal_lane (lane, seq, hash, seal) VALUES ");
    let mut values: Vec<Value> = Vec::new();
    for (lane, head) in heads {
        placeholders(backend, &mut sql, values.len(), 4);
        let seal = seal(keys, lane, head.seq, &head.hash);
        values.extend([lane.into(), head.seq.into(), head.hash.into(), seal.into()]);
    }
    sql.push_str(" ON CONFLICT (lane) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, seal = excluded.seal");
    tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(())
}

/// `($1, $2, …)`, after a comma unless it is the first row. SQLite searches its list of *named* parameters for every
/// value bound, so there they have no names.
fn placeholders(backend: DbBackend, sql: &mut String, bound: usize, columns: usize) {
    use std::fmt::Write;
    sql.push_str(if bound == 0 { "(" } else { ", (" });
    for column in 1..=columns {
        let comma = if column == 1 { "" } else { ", " };
        match backend {
            DbBackend::Postgres => write!(sql, "{comma}${}", bound + column),
            _ => write!(sql, "{comma}?"),
        }
        .expect("writing to a String cannot fail");
    }
    sql.push(')');
}
