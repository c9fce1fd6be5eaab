//! Rows without a number and whom they may be about, as the database keeps them.

use super::{LinkState, Suggestion, Unnumbered};
use crate::RegistryError;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
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
    pub source: String,
    /// Of the row, 12 digits; empty where it has none.
    pub region_code: String,
    pub weight: f64,
    /// `same` or `ask`.
    pub band: String,
    pub repair: bool,
    pub state: LinkState,
    pub arrived_at: DateTime<Utc>,
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
    /// Unset: those that wait for a decision, rows that are linked already left out.
    pub state: Option<LinkState>,
    pub source: Option<String>,
    /// Leading digits of the row's region.
    pub region: Option<String>,
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

const COLUMNS: &str = "c.id, c.record_id, c.person_id, r.source, r.region_code, c.weight, c.band, c.repair, c.state, \
                       r.arrived_at";

fn row(row: &QueryResult) -> Result<CandidateRow, RegistryError> {
    let state: String = row.try_get("", "state")?;
    Ok(CandidateRow {
        id: row.try_get("", "id")?,
        record_id: row.try_get("", "record_id")?,
        person_id: PersonId(row.try_get("", "person_id")?),
        source: row.try_get("", "source")?,
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
    let mut add = |sql: &str, value: Value| {
        values.push(value);
        conditions.push(sql.replace('?', &format!("${}", values.len())));
    };
    match filter.state {
        Some(state) => add("c.state = ?", state.word().into()),
        None => {
            // Once a row is linked, whom else it might have been is no longer a question.
            add(
                "c.state IN ('open', 'later') AND NOT EXISTS (SELECT 1 FROM link_candidate s WHERE s.record_id = c.record_id AND s.state = ?)",
                LinkState::Same.word().into(),
            );
        }
    }
    if let Some(source) = &filter.source {
        add("r.source = ?", source.as_str().into());
    }
    if let Some(region) = filter.region.as_ref().filter(|region| region.chars().all(|c| c.is_ascii_digit())) {
        add("r.region_code LIKE ?", format!("{region}%").into());
    }
    if let Some(weight) = filter.least_weight {
        add("c.weight >= ?", weight.into());
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
