//! Showing that nothing was changed or removed.

use super::{
    LANES,
    chain::{START, lane_of, seal},
    read::{COLUMNS, link},
};
use crate::{Keys, Store, StoreError};
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, IsolationLevel, QueryResult, Statement,
    TransactionTrait,
};

/// Rows read at a time.
const CHUNK: i64 = 10_000;

/// The end of one lane. Keep a printed or signed copy elsewhere to compare with later.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LaneHead {
    pub lane: i16,
    /// Entries in the lane.
    pub seq: i64,
    /// Hexadecimal.
    pub hash: String,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Verified {
    pub entries: u64,
    pub lanes: Vec<LaneHead>,
}

/// Where the journal is not what it was.
#[derive(Debug, Clone, thiserror::Error)]
#[error("journal lane {lane}, entry {seq}: {what}")]
pub struct Broken {
    pub lane: i16,
    pub seq: i64,
    pub what: What,
}

#[derive(Debug, Clone, thiserror::Error)]
pub enum What {
    #[error("an entry was removed")]
    Removed,
    #[error("the entry was changed")]
    Changed,
    #[error("the entry does not follow the one before it")]
    Unchained,
    #[error("the entry stands in another lane than its subject's")]
    WrongLane,
    #[error("entries at the end of the lane were removed")]
    CutOff,
    #[error("an entry stands after the end of the lane")]
    Added,
    #[error("the lane's end was not sealed with this installation's key")]
    Unsealed,
    #[error("the lane's head is missing")]
    NoHead,
    #[error("the journal differs from the copy of its heads")]
    NotTheCopy,
    #[error("the journal could not be read")]
    Unreadable(#[source] StoreError),
}

fn unreadable(lane: i16, seq: i64) -> impl FnOnce(DbErr) -> Broken {
    move |e| Broken { lane, seq, what: What::Unreadable(e.into()) }
}

/// Reads every entry and every head in one snapshot and recomputes the chains.
pub async fn verify(store: &Store) -> Result<Verified, Broken> {
    verify_against(store, &[]).await
}

/// As [`verify`]; also shows that the journal still contains the heads of an earlier day.
pub async fn verify_against(store: &Store, copy: &[LaneHead]) -> Result<Verified, Broken> {
    let postgres = store.backend() == DbBackend::Postgres;
    let isolation = postgres.then_some(IsolationLevel::RepeatableRead);
    let access = postgres.then_some(AccessMode::ReadOnly);
    let tx = store.read().begin_with_config(isolation, access).await.map_err(unreadable(0, 0))?;
    let mut verified = Verified { entries: 0, lanes: Vec::new() };
    for lane in 0..LANES {
        let kept = copy.iter().find(|head| head.lane == lane);
        let head = verify_lane(&tx, store.keys(), lane, kept).await?;
        verified.entries += head.seq.unsigned_abs();
        verified.lanes.push(head);
    }
    tx.rollback().await.map_err(unreadable(0, 0))?;
    Ok(verified)
}

async fn verify_lane(
    tx: &DatabaseTransaction,
    keys: &Keys,
    lane: i16,
    kept: Option<&LaneHead>,
) -> Result<LaneHead, Broken> {
    let backend = tx.get_database_backend();
    let sql = format!("SELECT seq, hash, seal FROM journal_lane WHERE lane = {lane}");
    let row = tx.query_one_raw(Statement::from_string(backend, sql)).await.map_err(unreadable(lane, 0))?;
    let row = row.ok_or(Broken { lane, seq: 0, what: What::NoHead })?;
    let (head_seq, head_hash, head_seal) = head(&row).map_err(unreadable(lane, 0))?;

    let mut seq = 0;
    let mut hash = START.to_vec();
    let mut met = kept.is_none_or(|k| k.seq == 0);
    loop {
        let sql =
            format!("SELECT {COLUMNS} FROM journal WHERE lane = {lane} AND seq > {seq} ORDER BY seq LIMIT {CHUNK}");
        let rows = tx.query_all_raw(Statement::from_string(backend, sql)).await.map_err(unreadable(lane, seq))?;
        for row in &rows {
            hash = verify_row(row, lane, seq + 1, &hash)?;
            seq += 1;
            if kept.is_some_and(|k| k.seq == seq) {
                met = kept.is_some_and(|k| k.hash == hex::encode(&hash));
            }
        }
        if (rows.len() as i64) < CHUNK {
            break;
        }
    }
    let broken = |what| Err(Broken { lane, seq, what });
    if seq < head_seq {
        return broken(What::CutOff);
    }
    if seq > head_seq {
        return broken(What::Added);
    }
    if hash != head_hash {
        return broken(What::Changed);
    }
    if head_seal != seal(keys, lane, head_seq, &head_hash) {
        return broken(What::Unsealed);
    }
    if !met {
        return broken(What::NotTheCopy);
    }
    Ok(LaneHead { lane, seq, hash: hex::encode(hash) })
}

fn head(row: &QueryResult) -> Result<(i64, Vec<u8>, Vec<u8>), DbErr> {
    Ok((row.try_get("", "seq")?, row.try_get("", "hash")?, row.try_get("", "seal")?))
}

/// Checks one row against the hash before it and gives its own.
fn verify_row(row: &QueryResult, lane: i16, expected: i64, prev: &[u8]) -> Result<Vec<u8>, Broken> {
    let broken = |what| Err(Broken { lane, seq: expected, what });
    let read = || Ok::<_, DbErr>((link(row)?, row.try_get("", "prev_hash")?, row.try_get("", "hash")?));
    let (link, prev_hash, hash): (_, Vec<u8>, Vec<u8>) = read().map_err(unreadable(lane, expected))?;
    if link.seq != expected {
        return broken(What::Removed);
    }
    if lane_of(&link.subject) != lane {
        return broken(What::WrongLane);
    }
    if prev_hash != prev {
        return broken(What::Unchained);
    }
    if link.hash(prev)[..] != hash[..] {
        return broken(What::Changed);
    }
    Ok(hash)
}
