//! What officers type to find a household at the desk: a name, initials, the last four of a number, words of an address.
//!
//! Initials and addresses are kept as keyed digests only: of an address every two letters that follow one another, and
//! every number with the letter behind it (`7栋`). What is found is opened and compared with what was typed.

use crate::{
    RegistryError, library,
    person::{CHUNK, id_list},
    vault::short,
};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};
use sea_orm_migration::{MigrationName, SchemaManager, async_trait::async_trait};
use std::collections::{BTreeMap, BTreeSet};
use tuodi_pack::{HouseholdId, region};
use tuodi_store::{Keys, MigrationTrait, Store, Tx, insert_rows};

/// Most households that an address gives.
const FOUND: u64 = 200;
/// More words than this make a search no narrower.
const MOST_WORDS: usize = 12;

pub(crate) struct Addresses;

impl MigrationName for Addresses {
    fn name(&self) -> &str {
        "m0004_registry_addresses"
    }
}

#[async_trait]
impl MigrationTrait for Addresses {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let end = if manager.get_database_backend() == DbBackend::Sqlite { " WITHOUT ROWID" } else { "" };
        for sql in [
            format!(
                "CREATE TABLE address_word (word BIGINT NOT NULL, household_id BIGINT NOT NULL, \
                 PRIMARY KEY (word, household_id)){end}"
            ),
            "CREATE INDEX address_household ON address_word (household_id)".to_owned(),
        ] {
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

/// As it is compared: half-width digits, small letters, without spaces and marks.
fn normal(address: &str) -> String {
    let half = |c: char| match c {
        '０'..='９' => char::from_u32(c as u32 - '０' as u32 + '0' as u32).unwrap_or(c),
        c => c,
    };
    address.chars().map(half).filter(|c| c.is_alphanumeric() || *c == '-').flat_map(char::to_lowercase).collect()
}

/// The words of an address, or of what is looked for in one.
fn words(address: &str) -> BTreeSet<String> {
    let letters: Vec<char> = normal(address).chars().collect();
    let mut words = BTreeSet::new();
    let mut at = 0;
    while at < letters.len() {
        if letters[at].is_ascii_digit() {
            let end = letters[at..].iter().position(|c| !c.is_ascii_digit()).map_or(letters.len(), |n| at + n);
            let unit = letters.get(end).filter(|c| c.is_alphanumeric());
            words.insert(letters[at..end].iter().chain(unit).collect());
            at = end;
        } else {
            if let Some(next) = letters.get(at + 1).filter(|c| !c.is_ascii_digit() && **c != '-' && letters[at] != '-')
            {
                words.insert([letters[at], *next].iter().collect());
            }
            at += 1;
        }
    }
    words
}

fn digest(keys: &Keys, word: &str) -> i64 {
    short(keys.column("person.address_word").blind(word))
}

/// Notes by what these households can be found: the initials of their members and the words of their addresses. What was
/// noted of an address before is forgotten.
pub async fn note_look_ups(tx: &Tx, households: &[HouseholdId]) -> Result<(), RegistryError> {
    let ids: Vec<i64> = households.iter().map(|h| h.0).collect();
    library::note_initials(tx, &ids).await?;
    let address = tx.keys().column("person.address");
    let conn = tx.conn();
    for chunk in ids.chunks(CHUNK) {
        let list = id_list(chunk.iter().copied());
        let old = format!("DELETE FROM address_word WHERE household_id IN ({list})");
        conn.execute_raw(Statement::from_string(conn.get_database_backend(), old)).await?;
        let sql =
            format!("SELECT household_id, address FROM person WHERE household_id IN ({list}) AND address IS NOT NULL");
        let mut of: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
        for row in conn.query_all_raw(Statement::from_string(conn.get_database_backend(), sql)).await? {
            let (household, sealed): (i64, Vec<u8>) = (row.try_get("", "household_id")?, row.try_get("", "address")?);
            of.entry(household).or_default().extend(words(&address.open(&sealed)?));
        }
        let rows: Vec<[Value; 2]> = of
            .iter()
            .flat_map(|(household, words)| words.iter().map(|w| [digest(tx.keys(), w).into(), (*household).into()]))
            .collect();
        insert_rows(tx, "address_word", "word, household_id", rows, " ON CONFLICT DO NOTHING").await?;
    }
    Ok(())
}

/// Households of a region by somebody's name, initials, citizen number or its last four, by the household's number, or
/// by part of an address. Of addresses and initials only those noted by [`note_look_ups`].
pub async fn look_up(store: &Store, typed: &str, scope: &str) -> Result<Vec<HouseholdId>, RegistryError> {
    let mut found: BTreeSet<HouseholdId> = library::search(store, typed, scope).await?.into_iter().collect();
    found.extend(by_address(store, typed, scope).await?);
    Ok(found.into_iter().collect())
}

async fn by_address(store: &Store, typed: &str, scope: &str) -> Result<Vec<HouseholdId>, RegistryError> {
    // Numbers first: fewer addresses have them.
    let words: Vec<i64> = words(typed).iter().take(MOST_WORDS).map(|w| digest(store.keys(), w)).collect();
    let Some((first, others)) = words.split_first() else { return Ok(Vec::new()) };
    let prefix = if scope.bytes().all(|b| b == b'0') { "" } else { region::prefix(scope) };
    let mut values: Vec<Value> =
        vec![format!("{prefix:0<12}").into(), format!("{prefix:9<12}").into(), (*first).into()];
    let mut sql = "SELECT w.household_id AS id FROM address_word w JOIN household h ON h.id = w.household_id \
        WHERE h.region_code >= $1 AND h.region_code <= $2 AND w.word = $3"
        .to_owned();
    for word in others {
        values.push((*word).into());
        sql.push_str(&format!(
            " AND EXISTS (SELECT 1 FROM address_word o WHERE o.word = ${} AND o.household_id = w.household_id)",
            values.len()
        ));
    }
    sql.push_str(&format!(" ORDER BY w.household_id LIMIT {FOUND}"));
    let rows = store.read().query_all_raw(Statement::from_sql_and_values(store.backend(), sql, values)).await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, DbErr>>()?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    // Two words of an address need not stand beside each other in it.
    let wanted = normal(typed);
    let address = store.keys().column("person.address");
    let sql = format!(
        "SELECT household_id, address FROM person WHERE household_id IN ({}) AND address IS NOT NULL",
        id_list(ids)
    );
    let mut living = BTreeSet::new();
    for row in store.read().query_all_raw(Statement::from_string(store.backend(), sql)).await? {
        let (household, sealed): (i64, Vec<u8>) = (row.try_get("", "household_id")?, row.try_get("", "address")?);
        if normal(&address.open(&sealed)?).contains(&wanted) {
            living.insert(HouseholdId(household));
        }
    }
    Ok(living.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_numbers_with_their_letter_and_its_letters_by_twos() {
        let of = |text: &str| words(text).into_iter().collect::<Vec<_>>();
        assert_eq!(of("柳岸7栋 3-２０１"), ["201", "3", "7栋", "柳岸"].map(str::to_owned));
        assert_eq!(of("柳岸社区"), ["岸社", "柳岸", "社区"].map(str::to_owned));
        assert!(of("").is_empty() && of("柳").is_empty());
        // What is looked for has no word that the address has not.
        let whole = words("清晏区柳岸社区7栋2单元301室");
        for part in ["柳岸社区", "7栋2单元", "301室", "柳岸社区7栋"] {
            assert!(words(part).is_subset(&whole), "{part}: {:?}", words(part));
        }
    }
}
