//! Two numbers that are one person. A merge is a redirection with its history: who reads asks for the current number, and no
//! row of any table is changed, so that taking it back restores everything exactly.

use super::By;
use crate::{
    RegistryError,
    person::{CHUNK, id_list},
};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use std::collections::HashMap;
use tuodi_pack::PersonId;
use tuodi_store::{Store, Tx, next_number};

const REASON_KEY: &str = "person_merge.reason";

/// That `person` is `into`, and whether it was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    pub id: i64,
    pub person: PersonId,
    pub into: PersonId,
    pub reason: String,
    pub account: String,
    pub at: DateTime<Utc>,
    pub undone: Option<Undone>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    pub reason: String,
    pub account: String,
    pub at: DateTime<Utc>,
}

async fn target(tx: &Tx, person: PersonId) -> Result<Option<PersonId>, RegistryError> {
    let conn = tx.conn();
    let sql = "SELECT into_id FROM person_merge WHERE person_id = $1 AND undone_at IS NULL";
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, [person.0.into()]);
    let row = conn.query_one_raw(statement).await?;
    Ok(row.map(|row| row.try_get("", "into_id")).transpose()?.map(PersonId))
}

/// From now on `person` is read as `into`; the merge's number. Journalled by the caller's change.
pub async fn merge(tx: &Tx, person: PersonId, into: PersonId, by: &By) -> Result<i64, RegistryError> {
    if by.reason.trim().is_empty() {
        return Err(RegistryError::NoReason);
    }
    let conn = tx.conn();
    let backend = conn.get_database_backend();
    // The counter's lock makes those who merge wait for each other: no circle can arise between two of them.
    let id = next_number(tx, "registry.person_merge").await?;
    for one in [person, into] {
        let sql = "SELECT id FROM person WHERE id = $1";
        if conn.query_one_raw(Statement::from_sql_and_values(backend, sql, [one.0.into()])).await?.is_none() {
            return Err(RegistryError::NoPerson { person: one });
        }
        if let Some(into) = target(tx, one).await? {
            return Err(RegistryError::MergedAlready { person: one, into });
        }
    }
    if person == into {
        return Err(RegistryError::MergedAlready { person, into });
    }
    let values: [Value; 6] = [
        id.into(),
        person.0.into(),
        into.0.into(),
        tx.keys().seal(REASON_KEY, by.reason.trim()).into(),
        by.account.as_str().into(),
        by.at.into(),
    ];
    let sql = "INSERT INTO person_merge (id, person_id, into_id, reason, account, at) VALUES ($1, $2, $3, $4, $5, $6)";
    conn.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(id)
}

/// Takes a merge back: both numbers are read as before. Journalled by the caller's change.
pub async fn unmerge(tx: &Tx, id: i64, by: &By) -> Result<(), RegistryError> {
    if by.reason.trim().is_empty() {
        return Err(RegistryError::NoReason);
    }
    let conn = tx.conn();
    let sql = "UPDATE person_merge SET undone_reason = $1, undone_account = $2, undone_at = $3 \
               WHERE id = $4 AND undone_at IS NULL";
    let reason = tx.keys().seal(REASON_KEY, by.reason.trim());
    let values: [Value; 4] = [reason.into(), by.account.as_str().into(), by.at.into(), id.into()];
    let done = conn.execute_raw(Statement::from_sql_and_values(conn.get_database_backend(), sql, values)).await?;
    if done.rows_affected() == 0 { Err(RegistryError::NoMerge { merge: id }) } else { Ok(()) }
}

/// The standing merge of two people, whichever of them holds.
pub(super) async fn between(tx: &Tx, one: PersonId, other: PersonId) -> Result<i64, RegistryError> {
    let conn = tx.conn();
    let sql = format!(
        "SELECT id FROM person_merge WHERE undone_at IS NULL \
         AND (person_id = {one} AND into_id = {other} OR person_id = {other} AND into_id = {one})"
    );
    let row = conn.query_one_raw(Statement::from_string(conn.get_database_backend(), sql)).await?;
    row.ok_or(RegistryError::NoMerge { merge: 0 })?.try_get("", "id").map_err(RegistryError::from)
}

/// Every redirected number with the number that it is read as now, chains followed to their end.
pub async fn redirections(store: &Store) -> Result<HashMap<PersonId, PersonId>, RegistryError> {
    let sql = "SELECT person_id, into_id FROM person_merge WHERE undone_at IS NULL";
    let mut direct = HashMap::new();
    for row in store.read().query_all_raw(Statement::from_string(store.backend(), sql)).await? {
        direct.insert(PersonId(row.try_get("", "person_id")?), PersonId(row.try_get("", "into_id")?));
    }
    // Only a number that is read as itself can be merged into, so chains end.
    let end = |mut person: PersonId| {
        while let Some(into) = direct.get(&person) {
            person = *into;
        }
        person
    };
    Ok(direct.keys().map(|person| (*person, end(*person))).collect())
}

/// The number that this one is read as now; itself unless it was merged.
pub async fn current(store: &Store, person: PersonId) -> Result<PersonId, RegistryError> {
    let sql = "SELECT into_id FROM person_merge WHERE person_id = $1 AND undone_at IS NULL";
    let mut now = person;
    loop {
        let statement = Statement::from_sql_and_values(store.backend(), sql, [now.0.into()]);
        match store.read().query_one_raw(statement).await? {
            Some(row) => now = PersonId(row.try_get("", "into_id")?),
            None => return Ok(now),
        }
    }
}

/// Those of the numbers that are read as another, with the number they are read as.
pub async fn currents(store: &Store, people: &[PersonId]) -> Result<HashMap<PersonId, PersonId>, RegistryError> {
    let mut end: HashMap<PersonId, PersonId> = HashMap::new();
    let mut asked: Vec<PersonId> = people.to_vec();
    let mut first = true;
    // Only a number that is read as itself can be merged into, so chains end.
    while !asked.is_empty() {
        let mut steps: HashMap<PersonId, PersonId> = HashMap::new();
        for chunk in asked.chunks(CHUNK) {
            let sql = format!(
                "SELECT person_id, into_id FROM person_merge WHERE undone_at IS NULL AND person_id IN ({})",
                id_list(chunk.iter().map(|person| person.0))
            );
            for row in store.read().query_all_raw(Statement::from_string(store.backend(), sql)).await? {
                steps.insert(PersonId(row.try_get("", "person_id")?), PersonId(row.try_get("", "into_id")?));
            }
        }
        for to in end.values_mut() {
            if let Some(further) = steps.get(to) {
                *to = *further;
            }
        }
        asked = steps.values().copied().collect();
        if std::mem::take(&mut first) {
            end = steps;
        }
    }
    Ok(end)
}

/// The other numbers that stand for the same people as these do, each with the number among these that it belongs to.
pub async fn also(store: &Store, people: &[PersonId]) -> Result<Vec<(PersonId, PersonId)>, RegistryError> {
    let all = redirections(store).await?;
    let now = |person: PersonId| all.get(&person).copied().unwrap_or(person);
    let mut others = Vec::new();
    if all.is_empty() {
        return Ok(others);
    }
    for &person in people {
        let end = now(person);
        let known = all.keys().copied().filter(|other| now(*other) == end).chain([end]);
        others.extend(known.filter(|other| *other != person).map(|other| (other, person)));
    }
    others.sort_unstable();
    Ok(others)
}

/// All merges that a number had part in, those taken back among them, the first first.
pub async fn merges(store: &Store, person: PersonId) -> Result<Vec<Merge>, RegistryError> {
    let sql = "SELECT id, person_id, into_id, reason, account, at, undone_reason, undone_account, undone_at \
               FROM person_merge WHERE person_id = $1 OR into_id = $2 ORDER BY id";
    let values: [Value; 2] = [person.0.into(), person.0.into()];
    let rows = store.read().query_all_raw(Statement::from_sql_and_values(store.backend(), sql, values)).await?;
    let key = store.keys().column(REASON_KEY);
    let read = |row: &QueryResult| -> Result<Merge, RegistryError> {
        let reason: Vec<u8> = row.try_get("", "reason")?;
        let undone = match row.try_get::<Option<DateTime<Utc>>>("", "undone_at")? {
            None => None,
            Some(at) => {
                let reason: Vec<u8> = row.try_get("", "undone_reason")?;
                Some(Undone { reason: key.open(&reason)?, account: row.try_get("", "undone_account")?, at })
            }
        };
        Ok(Merge {
            id: row.try_get("", "id")?,
            person: PersonId(row.try_get("", "person_id")?),
            into: PersonId(row.try_get("", "into_id")?),
            reason: key.open(&reason)?,
            account: row.try_get("", "account")?,
            at: row.try_get("", "at")?,
            undone,
        })
    };
    rows.iter().map(read).collect()
}
