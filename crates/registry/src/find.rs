//! Looking people up without opening the vault.

use crate::{
    RegistryError,
    linkage::currents,
    person::{COLUMNS, has_name, open_person},
    vault::Vault,
};
use sea_orm::{ConnectionTrait, Statement, Value};
use tuodi_pack::{PersonId, id_no::IdNo, region};
use tuodi_store::Store;

enum Query {
    Number(IdNo),
    Tail(String),
    Name(String),
}

impl Query {
    fn parse(text: &str) -> Option<Query> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        if let Ok(number) = IdNo::parse(text) {
            return Some(Query::Number(number));
        }
        let tail = text.to_ascii_uppercase();
        let b = tail.as_bytes();
        if b.len() == 4 && b[..3].iter().all(u8::is_ascii_digit) && (b[3].is_ascii_digit() || b[3] == b'X') {
            return Some(Query::Tail(tail));
        }
        Some(Query::Name(text.to_owned()))
    }
}

/// People in `scope` (a region code) by full citizen number, exact name, or the last four of the number; by id.
///
/// People whose region is unknown are found only from the scope of the whole country (`000000000000`). Who is found by a
/// number that was merged is the person it stands for, if that person lives in the scope too.
pub async fn find(store: &Store, query: &str, scope: &str, limit: u64) -> Result<Vec<PersonId>, RegistryError> {
    let Some(query) = Query::parse(query) else {
        return Ok(Vec::new());
    };
    let vault = Vault::new(store.keys());
    let (column, value): (_, Value) = match &query {
        Query::Number(number) => ("id_no_blind", vault.id_no.blind(number.as_str()).to_vec().into()),
        Query::Tail(tail) => ("tail_blind", crate::vault::short(vault.tail.blind(tail)).into()),
        Query::Name(name) => ("name_blind", vault.name_blind(name).into()),
    };
    let mut sql = format!("SELECT {COLUMNS} FROM person WHERE {column} = $1");
    let mut values = vec![value];
    if scope.bytes().any(|b| b != b'0') {
        let prefix = region::prefix(scope);
        values.extend([format!("{prefix:0<12}").into(), format!("{prefix:9<12}").into()]);
        sql.push_str(" AND region_code >= $2 AND region_code <= $3");
    }
    sql.push_str(&format!(" ORDER BY id LIMIT {limit}"));
    let statement = Statement::from_sql_and_values(store.backend(), sql, values);
    let mut found = Vec::new();
    for row in store.read().query_all_raw(statement).await? {
        let person = open_person(&vault, &row)?;
        let really = match &query {
            Query::Number(number) => person.id_no == number.as_str(),
            Query::Tail(tail) => person.id_no.ends_with(tail.as_str()),
            Query::Name(name) => has_name(&person, name),
        };
        if really {
            found.push(person.id);
        }
    }
    let merged = currents(store, &found).await?;
    if merged.is_empty() {
        return Ok(found);
    }
    let holders: Vec<PersonId> = merged.values().copied().collect();
    let people = crate::persons(store, &holders).await?;
    let inside = |id: &PersonId| people.get(id).is_some_and(|person| region::contains(scope, &person.region_code));
    let mut now: Vec<PersonId> = Vec::with_capacity(found.len());
    for id in found {
        let holds = merged.get(&id);
        if holds.is_none_or(inside) && !now.contains(holds.unwrap_or(&id)) {
            now.push(*holds.unwrap_or(&id));
        }
    }
    Ok(now)
}
