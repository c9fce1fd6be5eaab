//! One person.

use crate::{
    RegistryError,
    linkage::currents,
    vault::{Vault, normal_name},
};
use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use std::collections::{HashMap, HashSet};
use tuodi_pack::{
    HouseholdId, PersonId,
    id_no::{IdNo, Sex},
};
use tuodi_store::{Store, Tx};

/// A person, opened. Not `Debug`-printable and not serialisable on purpose.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    pub id: PersonId,
    pub household_id: Option<HouseholdId>,
    /// Empty when the person is known by number only.
    pub name: String,
    pub id_no: String,
    pub sex: Option<Sex>,
    pub birth_date: Option<NaiveDate>,
    pub phone: Option<String>,
    pub address: Option<String>,
    /// 12 digits; empty when unknown.
    pub region_code: String,
    /// To the head of the household: GB/T 4761 code, as the register says it.
    pub relation: Option<String>,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Person({}, hidden)", self.id)
    }
}

pub(crate) const COLUMNS: &str = "id, household_id, region_code, relation, id_no, name, phone, address";
/// Ids in one `IN (…)`.
pub(crate) const CHUNK: usize = 1000;

pub(crate) fn id_list(ids: impl IntoIterator<Item = i64>) -> String {
    let list: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
    list.join(", ")
}

pub(crate) fn open_person(vault: &Vault, row: &QueryResult) -> Result<Person, RegistryError> {
    let id = PersonId(row.try_get("", "id")?);
    let sealed: Vec<u8> = row.try_get("", "id_no")?;
    let id_no = vault.id_no.open(&sealed)?;
    let number = IdNo::parse(&id_no).map_err(|_| RegistryError::BadNumber { person: id })?;
    let open = |column: &str, key: &tuodi_store::ColumnKey| -> Result<Option<String>, RegistryError> {
        let sealed: Option<Vec<u8>> = row.try_get("", column)?;
        Ok(sealed.map(|sealed| key.open(&sealed)).transpose()?)
    };
    let household: Option<i64> = row.try_get("", "household_id")?;
    Ok(Person {
        id,
        household_id: household.map(HouseholdId),
        name: open("name", &vault.name)?.unwrap_or_default(),
        sex: Some(number.sex()),
        birth_date: Some(number.birth_date()),
        id_no,
        phone: open("phone", &vault.phone)?,
        address: open("address", &vault.address)?,
        region_code: row.try_get("", "region_code")?,
        relation: row.try_get("", "relation")?,
    })
}

/// Who has this number now: of a number that was merged, the one it stands for.
pub async fn person(store: &Store, id: PersonId) -> Result<Option<Person>, RegistryError> {
    Ok(persons(store, &[id]).await?.remove(&id))
}

/// Those of the ids that exist, by the id asked for; of a number that was merged, the person it stands for.
pub async fn persons(store: &Store, ids: &[PersonId]) -> Result<HashMap<PersonId, Person>, RegistryError> {
    let merged = currents(store, ids).await?;
    let mut wanted: Vec<PersonId> = ids.iter().map(|id| merged.get(id).copied().unwrap_or(*id)).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let vault = Vault::new(store.keys());
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in wanted.chunks(CHUNK) {
        let sql = format!("SELECT {COLUMNS} FROM person WHERE id IN ({})", id_list(chunk.iter().map(|id| id.0)));
        for row in store.read().query_all_raw(Statement::from_string(store.backend(), sql)).await? {
            let person = open_person(&vault, &row)?;
            found.insert(person.id, person);
        }
    }
    if !merged.is_empty() {
        for (id, now) in merged {
            found.extend(found.get(&now).cloned().map(|person| (id, person)));
        }
        let asked: HashSet<PersonId> = ids.iter().copied().collect();
        found.retain(|id, _| asked.contains(id));
    }
    Ok(found)
}

/// One number's own record, as it came, whatever it was merged into: for those who decide about merging.
pub async fn recorded(store: &Store, id: PersonId) -> Result<Option<Person>, RegistryError> {
    let vault = Vault::new(store.keys());
    let sql = format!("SELECT {COLUMNS} FROM person WHERE id = {id}");
    let row = store.read().query_one_raw(Statement::from_string(store.backend(), sql)).await?;
    row.map(|row| open_person(&vault, &row)).transpose()
}

/// Everybody, opened; for comparing all with all in memory, and for nothing that leaves it.
pub(crate) async fn open_people(store: &Store) -> Result<Vec<Person>, RegistryError> {
    const ROWS: usize = 20_000;
    let vault = Vault::new(store.keys());
    let mut people: Vec<Person> = Vec::new();
    loop {
        let last = people.last().map_or(0, |person| person.id.0);
        // Phone and address are not compared, so they stay sealed.
        let sql = format!(
            "SELECT id, household_id, region_code, relation, id_no, name, NULL AS phone, NULL AS address \
             FROM person WHERE id > {last} ORDER BY id LIMIT {ROWS}"
        );
        let rows = store.read().query_all_raw(Statement::from_string(store.backend(), sql)).await?;
        for row in &rows {
            people.push(open_person(&vault, row)?);
        }
        if rows.len() < ROWS {
            return Ok(people);
        }
    }
}

/// Sets or removes a phone number, inside the caller's change, which journals it (without the number).
pub async fn set_phone(tx: &Tx, id: PersonId, phone: Option<&str>) -> Result<(), RegistryError> {
    let sealed = phone.map(|phone| tx.keys().seal("person.phone", phone.trim()));
    set_column(tx, id, "phone", sealed).await
}

pub(crate) async fn set_column(
    tx: &Tx,
    id: PersonId,
    column: &'static str,
    sealed: Option<Vec<u8>>,
) -> Result<(), RegistryError> {
    let conn = tx.conn();
    let sql = format!("UPDATE person SET {column} = $1 WHERE id = $2");
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, [sealed.into(), id.0.into()]);
    if conn.execute_raw(statement).await?.rows_affected() == 0 {
        return Err(RegistryError::NoPerson { person: id });
    }
    Ok(())
}

/// What a look-up compares after opening: blind indexes of eight bytes may, rarely, meet.
pub(crate) fn has_name(person: &Person, name: &str) -> bool {
    normal_name(&person.name) == normal_name(name)
}
