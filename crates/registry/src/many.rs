//! Looking up many people at once, without opening the vault.

use crate::{RegistryError, linkage::currents, vault::Vault};
use sea_orm::{ConnectionTrait, Statement, Value};
use std::collections::HashMap;
use tuodi_pack::{HouseholdId, PersonId, id_no::IdNo};
use tuodi_store::Store;

/// Numbers in one question; below what SQLite and PostgreSQL bind.
const NUMBERS: usize = 5_000;

/// People by citizen number, with the household they are registered in. Numbers that nobody has are left out; a number that
/// was merged gives the person it stands for.
pub async fn find_numbers<'n>(
    store: &Store,
    numbers: &'n [IdNo],
) -> Result<HashMap<&'n IdNo, (PersonId, Option<HouseholdId>)>, RegistryError> {
    let vault = Vault::new(store.keys());
    let mut found = HashMap::with_capacity(numbers.len());
    for chunk in numbers.chunks(NUMBERS) {
        let blinds: HashMap<[u8; 16], &IdNo> = chunk.iter().map(|n| (vault.id_no.blind(n.as_str()), n)).collect();
        let places: Vec<String> = (1..=blinds.len()).map(|i| format!("${i}")).collect();
        let values: Vec<Value> = blinds.keys().map(|blind| blind.to_vec().into()).collect();
        let sql = format!(
            "SELECT id, household_id, registered, id_no_blind FROM person WHERE id_no_blind IN ({})",
            places.join(", ")
        );
        for row in store.read().query_all_raw(Statement::from_sql_and_values(store.backend(), sql, values)).await? {
            let blind: Vec<u8> = row.try_get("", "id_no_blind")?;
            let household: Option<i64> = row.try_get("", "household_id")?;
            let registered: bool = row.try_get("", "registered")?;
            let number = <[u8; 16]>::try_from(blind).ok().and_then(|blind| blinds.get(&blind));
            if let Some(number) = number {
                let home = household.filter(|_| registered).map(HouseholdId);
                found.insert(*number, (PersonId(row.try_get("", "id")?), home));
            }
        }
    }
    let ids: Vec<PersonId> = found.values().map(|(id, _)| *id).collect();
    let merged = currents(store, &ids).await?;
    if !merged.is_empty() {
        let mut homes: HashMap<PersonId, Option<HouseholdId>> = HashMap::new();
        for &now in merged.values() {
            homes.insert(now, crate::household_of(store, now).await?);
        }
        for (id, home) in found.values_mut() {
            if let Some(now) = merged.get(id) {
                (*id, *home) = (*now, homes.get(now).copied().flatten());
            }
        }
    }
    Ok(found)
}

/// The people registered in these households.
pub async fn members_of(
    store: &Store,
    households: &[HouseholdId],
) -> Result<Vec<(PersonId, HouseholdId)>, RegistryError> {
    let mut found = Vec::new();
    for chunk in households.chunks(NUMBERS) {
        let list = crate::person::id_list(chunk.iter().map(|id| id.0));
        let sql =
            format!("SELECT id, household_id FROM person WHERE household_id IN ({list}) AND registered ORDER BY id");
        for row in store.read().query_all_raw(Statement::from_string(store.backend(), sql)).await? {
            found.push((PersonId(row.try_get("", "id")?), HouseholdId(row.try_get("", "household_id")?)));
        }
    }
    Ok(found)
}
