//! One person at the window: somebody whom no register has named yet.

use crate::{
    PersonRecord, RegistryError,
    identity_book::EnteredPerson,
    save::{insert_people, seal_person},
    vault::Vault,
};
use sea_orm::{ConnectionTrait, Statement, Value};
use tuodi_pack::{HouseholdId, PersonId};
use tuodi_store::{Tx, next_number};

async fn one_number(tx: &Tx, sql: &str, values: Vec<Value>) -> Result<Option<i64>, RegistryError> {
    let conn = tx.conn();
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, values);
    let row = conn.query_one_raw(statement).await?;
    Ok(row.map(|row| row.try_get_by_index::<Option<i64>>(0)).transpose()?.flatten())
}

/// Enters a person, or fills in what the record says about one who is known. Journalled by the caller's change.
///
/// The household number is used only where that household is known; see [`open_household`].
pub async fn enter_person(tx: &Tx, record: &PersonRecord) -> Result<PersonId, RegistryError> {
    let vault = Vault::new(tx.keys());
    let blind = vault.id_no.blind(record.id_no.as_str());
    let known = "SELECT id FROM person WHERE id_no_blind = $1";
    let mut found = one_number(tx, known, vec![blind.to_vec().into()]).await?;
    let new = found.is_none();
    if new {
        // The counter's lock makes those who enter people one by one wait for each other.
        next_number(tx, "registry.person").await?;
        found = one_number(tx, "SELECT MAX(id) FROM person", Vec::new()).await?.map(|id| id + 1);
    }
    let id = PersonId(found.unwrap_or(1));
    let household = match &record.household_no {
        Some(no) => {
            let sql = "SELECT id FROM household WHERE no_blind = $1";
            one_number(tx, sql, vec![vault.household_no.blind(no.trim()).to_vec().into()]).await?
        }
        None => None,
    };
    let entered =
        EnteredPerson { id, blind, new, household: household.map(HouseholdId), mark: None, record: record.clone() };
    insert_people(tx.conn(), vec![seal_person(&vault, entered)]).await?;
    Ok(id)
}

/// Opens a household for people who are in none: the first of them is its head.
pub async fn open_household(tx: &Tx, region_code: &str, members: &[PersonId]) -> Result<HouseholdId, RegistryError> {
    next_number(tx, "registry.household").await?;
    let id = one_number(tx, "SELECT MAX(id) FROM household", Vec::new()).await?.unwrap_or(0) + 1;
    let conn = tx.conn();
    let backend = conn.get_database_backend();
    let head = members.first().map(|person| person.0);
    conn.execute_raw(Statement::from_sql_and_values(
        backend,
        "INSERT INTO household (id, region_code, head_id) VALUES ($1, $2, $3)",
        [id.into(), region_code.into(), head.into()],
    ))
    .await?;
    for person in members {
        let moved = conn
            .execute_raw(Statement::from_sql_and_values(
                backend,
                "UPDATE person SET household_id = $1 WHERE id = $2",
                [id.into(), person.0.into()],
            ))
            .await?;
        if moved.rows_affected() == 0 {
            return Err(RegistryError::NoPerson { person: *person });
        }
    }
    Ok(HouseholdId(id))
}
