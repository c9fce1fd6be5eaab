//! Rows without a number and whom they may be about, as the database keeps them.

use super::{LinkState, Suggestion, Unnumbered};
use crate::{RegistryError, person::id_list};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use std::collections::{HashMap, HashSet};
use tuodi_linkage::Evidence;
use tuodi_pack::PersonId;
use tuodi_store::{Page, Store, Tx, next_number};

const RECORD_KEY: &str = "link.record";
const EVIDENCE_KEY: &str = "link.evidence";

/// One line of the list. Says nothing about who the two are.
#[derive(Debug, Clone, PartialEq)]
pub struct CandidateRow {
    pub id: i64,
    pub record_id: i64,
    pub person_id: PersonId,
    /// [`NUMBERS`](super::NUMBERS) where the row is itself a person, known under another number.
    pub source: String,
    pub batch: String,
    /// Its number in the batch; the other person's where the row is a person.
    pub row_no: i64,
    /// The batch that brought the row in after all.
    pub settled: Option<String>,
    /// Of the row, 12 digits; empty where it has none.
    pub region_code: String,
    pub weight: f64,
    /// `same` or `ask`.
    pub band: String,
    pub repair: bool,
    pub state: LinkState,
    pub arrived_at: DateTime<Utc>,
}

impl CandidateRow {
    /// The other person, where two numbers may be one person's.
    pub fn other(&self) -> Option<PersonId> {
        (self.source == super::NUMBERS).then_some(PersonId(self.row_no))
    }
}

/// A candidate with its evidence, opened. Not serialisable on purpose.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub row: CandidateRow,
    pub record: Unnumbered,
    pub evidence: Vec<Evidence>,
}

/// Which candidates are listed.
#[derive(Debug, Clone, Default)]
pub struct CandidateFilter {
    /// Unset: those that wait for a decision; rows that are linked or were mended already left out.
    pub state: Option<LinkState>,
    pub source: Option<String>,
    /// `same` or `ask`.
    pub band: Option<String>,
    /// Leading digits of the row's region.
    pub region: Option<String>,
    /// Rows that name no region as well.
    pub nowhere: bool,
    /// Those that may be about one of these.
    pub people: Option<Vec<PersonId>>,
    pub least_weight: Option<f64>,
}

fn sealed<T: serde::Serialize>(tx: &Tx, key: &str, value: &T) -> Result<Vec<u8>, RegistryError> {
    let text = serde_json::to_string(value).map_err(|_| RegistryError::Unreadable)?;
    Ok(tx.keys().seal(key, &text))
}

fn opened<T: serde::de::DeserializeOwned>(store: &Store, key: &str, sealed: &[u8]) -> Result<T, RegistryError> {
    let text = store.keys().column(key).open(sealed)?;
    serde_json::from_str(&text).map_err(|_| RegistryError::Unreadable)
}

/// Keeps a row and whom it may be about; its number, or `None` where this row of this batch is kept already. Journalled by
/// the caller's change.
pub async fn keep(
    tx: &Tx,
    record: &Unnumbered,
    suggested: &[Suggestion],
    at: DateTime<Utc>,
) -> Result<Option<i64>, RegistryError> {
    let conn = tx.conn();
    let backend = conn.get_database_backend();
    let place: [Value; 3] = [record.source.as_str().into(), record.batch.as_str().into(), record.row.into()];
    let known = "SELECT id FROM link_record WHERE source = $1 AND batch = $2 AND row_no = $3";
    if conn.query_one_raw(Statement::from_sql_and_values(backend, known, place.clone())).await?.is_some() {
        return Ok(None);
    }
    let id = next_number(tx, "registry.link_record").await?;
    let [source, batch, row] = place;
    let content = sealed(tx, RECORD_KEY, record)?;
    let values: [Value; 7] =
        [id.into(), source, batch, row, record.region_code.as_str().into(), content.into(), at.into()];
    let insert = "INSERT INTO link_record (id, source, batch, row_no, region_code, content, arrived_at) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7)";
    conn.execute_raw(Statement::from_sql_and_values(backend, insert, values)).await?;
    for one in suggested {
        let number = next_number(tx, "registry.link_candidate").await?;
        let values: [Value; 8] = [
            number.into(),
            id.into(),
            one.person.0.into(),
            one.weight.into(),
            one.band.word().into(),
            one.repair.into(),
            sealed(tx, EVIDENCE_KEY, &one.evidence)?.into(),
            LinkState::Open.word().into(),
        ];
        let insert = "INSERT INTO link_candidate (id, record_id, person_id, weight, band, repair, evidence, state) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        conn.execute_raw(Statement::from_sql_and_values(backend, insert, values)).await?;
    }
    Ok(Some(id))
}

const COLUMNS: &str = "c.id, c.record_id, c.person_id, r.source, r.batch, r.row_no, r.settled, r.region_code, c.weight, \
                       c.band, c.repair, c.state, r.arrived_at";

fn row(row: &QueryResult) -> Result<CandidateRow, RegistryError> {
    let state: String = row.try_get("", "state")?;
    Ok(CandidateRow {
        id: row.try_get("", "id")?,
        record_id: row.try_get("", "record_id")?,
        person_id: PersonId(row.try_get("", "person_id")?),
        source: row.try_get("", "source")?,
        batch: row.try_get("", "batch")?,
        row_no: row.try_get("", "row_no")?,
        settled: row.try_get("", "settled")?,
        region_code: row.try_get("", "region_code")?,
        weight: row.try_get("", "weight")?,
        band: row.try_get("", "band")?,
        repair: row.try_get("", "repair")?,
        state: LinkState::parse(&state).ok_or(RegistryError::Unreadable)?,
        arrived_at: row.try_get("", "arrived_at")?,
    })
}

/// The candidates, the likeliest first.
pub async fn candidates(
    store: &Store,
    filter: &CandidateFilter,
    page: u64,
    per_page: u64,
) -> Result<Page<CandidateRow>, RegistryError> {
    let mut values: Vec<Value> = Vec::new();
    let mut conditions: Vec<String> = Vec::new();
    macro_rules! add {
        ($sql:expr, $value:expr $(,)?) => {{
            values.push($value);
            conditions.push($sql.replace('?', &format!("${}", values.len())));
        }};
    }
    match filter.state {
        Some(state) => add!("c.state = ?", state.word().into()),
        None => {
            // Once a row is linked, whom else it might have been is no longer a question.
            add!(
                "c.state IN ('open', 'later') AND r.settled IS NULL AND NOT EXISTS (SELECT 1 FROM link_candidate s WHERE s.record_id = c.record_id AND s.state = ?)",
                LinkState::Same.word().into(),
            );
        }
    }
    if let Some(source) = &filter.source {
        add!("r.source = ?", source.as_str().into());
    }
    if let Some(band) = &filter.band {
        add!("c.band = ?", band.as_str().into());
    }
    if let Some(region) = filter.region.as_ref().filter(|region| region.chars().all(|c| c.is_ascii_digit())) {
        let nowhere =
            if filter.nowhere { "(r.region_code = '' OR r.region_code LIKE ?)" } else { "r.region_code LIKE ?" };
        add!(nowhere, format!("{region}%").into());
    }
    if let Some(people) = &filter.people {
        // `IN ()` is no SQL on PostgreSQL.
        let list = if people.is_empty() { "NULL".to_owned() } else { id_list(people.iter().map(|person| person.0)) };
        let other = super::NUMBERS;
        conditions.push(format!("(c.person_id IN ({list}) OR (r.source = '{other}' AND r.row_no IN ({list})))"));
    }
    if let Some(weight) = filter.least_weight {
        add!("c.weight >= ?", weight.into());
    }
    let from =
        format!("FROM link_candidate c JOIN link_record r ON r.id = c.record_id WHERE {}", conditions.join(" AND "));
    let backend = store.backend();
    let count = Statement::from_sql_and_values(backend, format!("SELECT COUNT(*) AS n {from}"), values.clone());
    let total: i64 = store.read().query_one_raw(count).await?.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0);
    let sql = format!(
        "SELECT {COLUMNS} {from} ORDER BY c.weight DESC, c.id LIMIT {per_page} OFFSET {}",
        Page::<()>::offset(page, per_page)
    );
    let rows = store.read().query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    let rows = rows.iter().map(row).collect::<Result<_, _>>()?;
    Ok(Page { rows, total: total.unsigned_abs(), page, per_page })
}

/// One candidate, opened. The caller has asked whether this may be seen, and logs the look.
pub async fn candidate(store: &Store, id: i64) -> Result<Option<Candidate>, RegistryError> {
    let sql = format!(
        "SELECT {COLUMNS}, r.content, c.evidence FROM link_candidate c JOIN link_record r ON r.id = c.record_id WHERE c.id = $1"
    );
    let found = store.read().query_one_raw(Statement::from_sql_and_values(store.backend(), sql, [id.into()])).await?;
    let Some(found) = found else { return Ok(None) };
    let (content, evidence): (Vec<u8>, Vec<u8>) = (found.try_get("", "content")?, found.try_get("", "evidence")?);
    Ok(Some(Candidate {
        row: row(&found)?,
        record: opened(store, RECORD_KEY, &content)?,
        evidence: opened(store, EVIDENCE_KEY, &evidence)?,
    }))
}

/// Names that rows give, by the rows' numbers; opened. The caller has asked whether they may be seen, and logs the look.
pub async fn record_names(store: &Store, records: &[i64]) -> Result<HashMap<i64, String>, RegistryError> {
    let mut names = HashMap::with_capacity(records.len());
    if records.is_empty() {
        return Ok(names);
    }
    let sql = format!("SELECT id, content FROM link_record WHERE id IN ({})", id_list(records.iter().copied()));
    for row in store.read().query_all_raw(Statement::from_string(store.backend(), sql)).await? {
        let content: Vec<u8> = row.try_get("", "content")?;
        let record: Unnumbered = opened(store, RECORD_KEY, &content)?;
        names.insert(row.try_get("", "id")?, record.name);
    }
    Ok(names)
}

/// The rows of a batch that wait, with the likeliest candidate of each that is not ruled out.
pub async fn of_batch(store: &Store, batch: &str) -> Result<HashMap<i64, CandidateRow>, RegistryError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM link_candidate c JOIN link_record r ON r.id = c.record_id \
         WHERE r.batch = $1 AND r.settled IS NULL AND c.state <> 'different' ORDER BY c.weight, c.id DESC"
    );
    let statement = Statement::from_sql_and_values(store.backend(), sql, [batch.into()]);
    let rows = store.read().query_all_raw(statement).await?;
    rows.iter().map(|found| row(found).map(|row| (row.row_no, row))).collect()
}

/// Which rows of a batch are kept.
pub async fn kept(store: &Store, batch: &str) -> Result<HashSet<i64>, RegistryError> {
    let sql = "SELECT row_no FROM link_record WHERE batch = $1";
    let statement = Statement::from_sql_and_values(store.backend(), sql, [batch.into()]);
    let rows = store.read().query_all_raw(statement).await?;
    rows.iter().map(|row| Ok(row.try_get("", "row_no")?)).collect()
}

/// Rows of a batch (first and last of each range) were brought in by another: they wait no longer. Returns how many.
pub async fn settle(tx: &Tx, batch: &str, rows: &[(i64, i64)], by: &str) -> Result<u64, RegistryError> {
    let conn = tx.conn();
    let mut settled = 0;
    for (first, last) in rows {
        let sql =
            "UPDATE link_record SET settled = $1 WHERE batch = $2 AND row_no BETWEEN $3 AND $4 AND settled IS NULL";
        let values: [Value; 4] = [by.into(), batch.into(), (*first).into(), (*last).into()];
        let done = conn.execute_raw(Statement::from_sql_and_values(conn.get_database_backend(), sql, values)).await?;
        settled += done.rows_affected();
    }
    Ok(settled)
}

/// What this batch brought in was taken back: the rows wait again.
pub async fn unsettle(tx: &Tx, by: &str) -> Result<u64, RegistryError> {
    let conn = tx.conn();
    let sql = "UPDATE link_record SET settled = NULL WHERE settled = $1";
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, [by.into()]);
    Ok(conn.execute_raw(statement).await?.rows_affected())
}

/// The newest person whose name is known: nobody can be recognised by a number alone.
pub async fn newest(store: &Store) -> Result<PersonId, RegistryError> {
    let sql = "SELECT id FROM person WHERE name IS NOT NULL ORDER BY id DESC LIMIT 1";
    let row = store.read().query_one_raw(Statement::from_string(store.backend(), sql)).await?;
    Ok(PersonId(row.map(|row| row.try_get("", "id")).transpose()?.unwrap_or(0)))
}

/// The newest person who was compared with everybody known.
pub async fn reached(store: &Store) -> Result<PersonId, RegistryError> {
    let sql = "SELECT person_id FROM link_reached WHERE one = 1";
    let row = store.read().query_one_raw(Statement::from_string(store.backend(), sql)).await?;
    Ok(PersonId(row.map(|row| row.try_get("", "person_id")).transpose()?.unwrap_or(0)))
}

pub async fn set_reached(tx: &Tx, person: PersonId) -> Result<(), RegistryError> {
    let conn = tx.conn();
    let sql = "INSERT INTO link_reached (one, person_id) VALUES (1, $1) \
               ON CONFLICT (one) DO UPDATE SET person_id = excluded.person_id";
    conn.execute_raw(Statement::from_sql_and_values(conn.get_database_backend(), sql, [person.0.into()])).await?;
    Ok(())
}
