//! What officers decide about candidates. A decision is added to the history; none is ever replaced.

use super::{
    By, NUMBERS,
    merge::{between, merge, unmerge},
};
use crate::{RegistryError, person::id_list};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use std::collections::HashMap;
use tuodi_pack::PersonId;
use tuodi_store::{ColumnKey, Store, Tx, next_number};

const REASON_KEY: &str = "link.reason";

/// Where a candidate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// Nobody has decided, or a decision was taken back.
    Open,
    Same,
    Different,
    /// Looked at, and put aside.
    Later,
}

impl LinkState {
    pub const ALL: [LinkState; 4] = [LinkState::Open, LinkState::Same, LinkState::Different, LinkState::Later];

    pub fn word(self) -> &'static str {
        match self {
            LinkState::Open => "open",
            LinkState::Same => "same",
            LinkState::Different => "different",
            LinkState::Later => "later",
        }
    }

    pub fn parse(word: &str) -> Option<LinkState> {
        LinkState::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// One line of a candidate's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub state: LinkState,
    pub reason: String,
    pub account: String,
    pub at: DateTime<Utc>,
}

/// Decides, or with [`LinkState::Open`] takes a decision back. Journalled by the caller's change. Returns the person whom the
/// row is about.
///
/// A row is one person: a second *same* is refused until the first is taken back. Taking back restores what was: candidates
/// of other people were only hidden. Where the row is itself a person, *same* merges the two numbers into the one that
/// `holds` (the one known longer, unless said otherwise), and whatever follows takes the merge back.
pub async fn decide(
    tx: &Tx,
    candidate: i64,
    state: LinkState,
    holds: Option<PersonId>,
    by: &By,
) -> Result<PersonId, RegistryError> {
    if by.reason.trim().is_empty() {
        return Err(RegistryError::NoReason);
    }
    let conn = tx.conn();
    let backend = conn.get_database_backend();
    // The counter's lock makes those who decide wait for each other, so that two cannot both say *same*.
    let number = next_number(tx, "registry.link_decision").await?;
    let sql = "SELECT c.record_id, c.person_id, c.state, r.source, r.row_no FROM link_candidate c \
               JOIN link_record r ON r.id = c.record_id WHERE c.id = $1";
    let found = conn.query_one_raw(Statement::from_sql_and_values(backend, sql, [candidate.into()])).await?;
    let found = found.ok_or(RegistryError::NoCandidate { candidate })?;
    let (record, person): (i64, i64) = (found.try_get("", "record_id")?, found.try_get("", "person_id")?);
    let (before, source): (String, String) = (found.try_get("", "state")?, found.try_get("", "source")?);
    if before == state.word() {
        return Err(RegistryError::DecidedSo { candidate });
    }
    if state == LinkState::Same {
        let sql = "SELECT id FROM link_candidate WHERE record_id = $1 AND state = $2";
        let values: [Value; 2] = [record.into(), LinkState::Same.word().into()];
        if let Some(other) = conn.query_one_raw(Statement::from_sql_and_values(backend, sql, values)).await? {
            return Err(RegistryError::LinkedAlready { candidate: other.try_get("", "id")? });
        }
    }
    let person = PersonId(person);
    if source == NUMBERS {
        let other = PersonId(found.try_get("", "row_no")?);
        if state == LinkState::Same {
            let (gone, holds) = if holds == Some(other) { (person, other) } else { (other, person) };
            merge(tx, gone, holds, by).await?;
        } else if before == LinkState::Same.word() {
            unmerge(tx, between(tx, person, other).await?, by).await?;
        }
    }
    let values: [Value; 2] = [state.word().into(), candidate.into()];
    let sql = "UPDATE link_candidate SET state = $1 WHERE id = $2";
    conn.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    let values: [Value; 6] = [
        number.into(),
        candidate.into(),
        state.word().into(),
        tx.keys().seal(REASON_KEY, by.reason.trim()).into(),
        by.account.as_str().into(),
        by.at.into(),
    ];
    let sql =
        "INSERT INTO link_decision (id, candidate_id, state, reason, account, at) VALUES ($1, $2, $3, $4, $5, $6)";
    conn.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(person)
}

fn read(key: &ColumnKey, row: &QueryResult) -> Result<Decision, RegistryError> {
    let (state, reason): (String, Vec<u8>) = (row.try_get("", "state")?, row.try_get("", "reason")?);
    Ok(Decision {
        state: LinkState::parse(&state).ok_or(RegistryError::Unreadable)?,
        reason: key.open(&reason)?,
        account: row.try_get("", "account")?,
        at: row.try_get("", "at")?,
    })
}

/// A candidate's history, the first decision first.
pub async fn decisions(store: &Store, candidate: i64) -> Result<Vec<Decision>, RegistryError> {
    let sql = "SELECT state, reason, account, at FROM link_decision WHERE candidate_id = $1 ORDER BY id";
    let rows =
        store.read().query_all_raw(Statement::from_sql_and_values(store.backend(), sql, [candidate.into()])).await?;
    let key = store.keys().column(REASON_KEY);
    rows.iter().map(|row| read(&key, row)).collect()
}

/// What was decided last about each of these.
pub async fn last_decisions(store: &Store, candidates: &[i64]) -> Result<HashMap<i64, Decision>, RegistryError> {
    let mut last = HashMap::with_capacity(candidates.len());
    if candidates.is_empty() {
        return Ok(last);
    }
    let sql = format!(
        "SELECT candidate_id, state, reason, account, at FROM link_decision WHERE candidate_id IN ({}) ORDER BY id",
        id_list(candidates.iter().copied())
    );
    let key = store.keys().column(REASON_KEY);
    for row in store.read().query_all_raw(Statement::from_string(store.backend(), sql)).await? {
        last.insert(row.try_get("", "candidate_id")?, read(&key, &row)?);
    }
    Ok(last)
}
