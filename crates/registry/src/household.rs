//! Households: people assessed together.

use crate::{
    Person, RegistryError,
    linkage::{current, currents},
    person::{CHUNK, COLUMNS, id_list, open_person},
    vault::Vault,
};
use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, Statement};
use std::collections::HashMap;
use tuodi_pack::{HouseholdId, PersonId};
use tuodi_store::Store;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Household {
    pub id: HouseholdId,
    pub region_code: String,
    pub head: Option<PersonId>,
    /// Those registered: the head first, then the eldest first. Who is here under a number that was merged keeps that number's
    /// id, under which the household's papers stand; name, citizen number and the rest are those of the person it stands for.
    pub members: Vec<Person>,
}

/// What a list shows of a household.
#[derive(Clone, PartialEq, Eq)]
pub struct HouseholdSummary {
    pub id: HouseholdId,
    pub region_code: String,
    /// Of the head, or of the eldest where no head is known; empty when nobody's name is known.
    pub head_name: String,
    pub members: u32,
}

impl std::fmt::Debug for HouseholdSummary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HouseholdSummary({}, hidden)", self.id)
    }
}

struct Row {
    region_code: String,
    head: Option<PersonId>,
}

async fn rows(store: &Store, ids: &[HouseholdId]) -> Result<HashMap<HouseholdId, Row>, RegistryError> {
    let list = id_list(ids.iter().map(|id| id.0));
    let sql = format!("SELECT id, region_code, head_id FROM household WHERE id IN ({list})");
    let mut found = HashMap::with_capacity(ids.len());
    for row in store.read().query_all_raw(Statement::from_string(store.backend(), sql)).await? {
        let head: Option<i64> = row.try_get("", "head_id")?;
        let value = Row { region_code: row.try_get("", "region_code")?, head: head.map(PersonId) };
        found.insert(HouseholdId(row.try_get("", "id")?), value);
    }
    Ok(found)
}

/// The head first, then the eldest first; equal ages by number, so that the order never changes.
fn in_order(members: &mut [Person], head: Option<PersonId>) {
    members.sort_by_key(|p| (Some(p.id) != head, p.birth_date.unwrap_or(NaiveDate::MAX), p.id));
}

pub async fn household(store: &Store, id: HouseholdId) -> Result<Option<Household>, RegistryError> {
    let Some(row) = rows(store, &[id]).await?.remove(&id) else {
        return Ok(None);
    };
    let vault = Vault::new(store.keys());
    let sql = format!("SELECT {COLUMNS} FROM person WHERE household_id = {id} AND registered");
    let mut members = Vec::new();
    for row in store.read().query_all_raw(Statement::from_string(store.backend(), sql)).await? {
        members.push(open_person(&vault, &row)?);
    }
    let ids: Vec<PersonId> = members.iter().map(|member: &Person| member.id).collect();
    if !currents(store, &ids).await?.is_empty() {
        let now = crate::persons(store, &ids).await?;
        for member in &mut members {
            if let Some(person) = now.get(&member.id).filter(|person| person.id != member.id) {
                *member = Person { id: member.id, relation: member.relation.take(), ..person.clone() };
            }
        }
    }
    in_order(&mut members, row.head);
    Ok(Some(Household { id, region_code: row.region_code, head: row.head, members }))
}

/// The household a person is registered in; of a number that was merged, the household of the person it stands for.
pub async fn household_of(store: &Store, person: PersonId) -> Result<Option<HouseholdId>, RegistryError> {
    let person = current(store, person).await?;
    let sql = format!("SELECT household_id FROM person WHERE id = {person} AND registered");
    let row = store.read().query_one_raw(Statement::from_string(store.backend(), sql)).await?;
    let id: Option<Option<i64>> = row.map(|row| row.try_get("", "household_id")).transpose()?;
    Ok(id.flatten().map(HouseholdId))
}

/// Where households are registered, by id: village codes, empty where the register places them nowhere.
pub async fn household_regions(
    store: &Store,
    households: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, String>, RegistryError> {
    let mut households: Vec<i64> = households.into_iter().collect();
    households.sort_unstable();
    households.dedup();
    let mut found = HashMap::with_capacity(households.len());
    for chunk in households.chunks(CHUNK) {
        let list = id_list(chunk.iter().copied());
        let sql = format!("SELECT id, region_code FROM household WHERE id IN ({list})");
        for row in store.read().query_all_raw(Statement::from_string(store.backend(), sql)).await? {
            found.insert(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        }
    }
    Ok(found)
}

/// Those of the ids that exist. Opens one name a household where its head is known.
pub async fn households(
    store: &Store,
    ids: &[HouseholdId],
) -> Result<HashMap<HouseholdId, HouseholdSummary>, RegistryError> {
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        summaries(store, chunk, &mut found).await?;
    }
    Ok(found)
}

async fn summaries(
    store: &Store,
    ids: &[HouseholdId],
    found: &mut HashMap<HouseholdId, HouseholdSummary>,
) -> Result<(), RegistryError> {
    let vault = Vault::new(store.keys());
    let rows = rows(store, ids).await?;
    // `IN ()` is no SQL on PostgreSQL.
    if rows.is_empty() {
        return Ok(());
    }
    let list = id_list(rows.keys().map(|id| id.0));
    let sql = format!(
        "SELECT id, household_id, id_no, name FROM person WHERE household_id IN ({list}) AND registered ORDER BY id"
    );
    let mut members: HashMap<HouseholdId, Vec<Sealed>> = HashMap::new();
    for row in store.read().query_all_raw(Statement::from_string(store.backend(), sql)).await? {
        members.entry(HouseholdId(row.try_get("", "household_id")?)).or_default().push((
            PersonId(row.try_get("", "id")?),
            row.try_get("", "id_no")?,
            row.try_get("", "name")?,
        ));
    }
    for (id, row) in rows {
        let members = members.remove(&id).unwrap_or_default();
        let shown = match members.iter().find(|(person, ..)| Some(*person) == row.head) {
            Some(head) => Some(head),
            None => eldest(&vault, &members)?,
        };
        let name = shown.and_then(|(_, _, name)| name.as_deref()).map(|sealed| vault.name.open(sealed)).transpose()?;
        let summary = HouseholdSummary {
            id,
            region_code: row.region_code,
            head_name: name.unwrap_or_default(),
            members: u32::try_from(members.len()).unwrap_or(u32::MAX),
        };
        found.insert(id, summary);
    }
    Ok(())
}

type Sealed = (PersonId, Vec<u8>, Option<Vec<u8>>);

/// By digits 7 to 14 of the number.
fn eldest<'a>(vault: &Vault, members: &'a [Sealed]) -> Result<Option<&'a Sealed>, RegistryError> {
    let mut eldest: Option<(String, &Sealed)> = None;
    for member in members {
        let born = vault.id_no.open(&member.1)?.get(6..14).unwrap_or_default().to_owned();
        if eldest.as_ref().is_none_or(|(least, _)| born < *least) {
            eldest = Some((born, member));
        }
    }
    Ok(eldest.map(|(_, member)| member))
}
