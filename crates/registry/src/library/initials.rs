//! Initials of names, as officers type them: `zxm` for 张秀梅. Stored as keyed digests only.

use crate::{RegistryError, vault::short};
use pinyin::ToPinyinMulti;
use rayon::prelude::*;
use sea_orm::{ConnectionTrait, Statement, Value};
use std::collections::BTreeSet;
use tuodi_store::{Keys, Store, Tx, insert_rows};

/// Readings of one name kept: a surname of two readings and a given name of two.
const MOST: usize = 8;

/// Every way to write a name's initials, small letters; empty where a character has none.
pub(crate) fn initials(name: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::from([String::new()]);
    for c in name.chars().filter(|c| !c.is_whitespace() && *c != '·') {
        let letters: BTreeSet<char> = if c.is_ascii_alphabetic() {
            BTreeSet::from([c.to_ascii_lowercase()])
        } else {
            let readings = c.to_pinyin_multi();
            readings.into_iter().flatten().filter_map(|p| p.plain().chars().next()).collect()
        };
        if letters.is_empty() {
            return BTreeSet::new();
        }
        all = all.iter().flat_map(|head| letters.iter().map(move |l| format!("{head}{l}"))).take(MOST).collect();
    }
    all.remove("");
    all
}

fn digest(keys: &Keys, initials: &str) -> i64 {
    short(keys.column("person.initials").blind(initials))
}

/// Whether what somebody typed may be initials: two to six letters.
pub(crate) fn are_initials(text: &str) -> bool {
    (2..=6).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphabetic())
}

pub(crate) async fn find(
    store: &Store,
    typed: &str,
    range: (&str, &str),
    limit: u64,
) -> Result<Vec<i64>, RegistryError> {
    let sql = format!(
        "SELECT p.household_id AS id FROM library_initials i JOIN person p ON p.id = i.person_id \
         WHERE i.initials = $1 AND p.household_id IS NOT NULL AND p.region_code >= $2 AND p.region_code <= $3 \
         ORDER BY p.id LIMIT {limit}"
    );
    let values: [Value; 3] = [digest(store.keys(), &typed.to_ascii_lowercase()).into(), range.0.into(), range.1.into()];
    let statement = Statement::from_sql_and_values(store.backend(), sql, values);
    let rows = store.read().query_all_raw(statement).await?;
    rows.iter().map(|row| Ok(row.try_get("", "id")?)).collect()
}

/// Notes the initials of everybody registered in these households. Names are opened here and closed again.
pub(crate) async fn note(tx: &Tx, households: &[i64]) -> Result<(), RegistryError> {
    if households.is_empty() {
        return Ok(());
    }
    let name = tx.keys().column("person.name");
    for chunk in households.chunks(crate::person::CHUNK) {
        let list = crate::person::id_list(chunk.iter().copied());
        let sql =
            format!("SELECT id, name FROM person WHERE household_id IN ({list}) AND registered AND name IS NOT NULL");
        let conn = tx.conn();
        let mut people: Vec<(i64, Vec<u8>)> = Vec::new();
        for row in conn.query_all_raw(Statement::from_string(conn.get_database_backend(), sql)).await? {
            people.push((row.try_get("", "id")?, row.try_get("", "name")?));
        }
        // Every name is opened by itself: on all cores, for the transaction waits.
        let written = people.par_iter().map(|(id, sealed)| {
            let written = initials(&name.open(sealed)?);
            Ok(written.iter().map(|w| [digest(tx.keys(), w).into(), (*id).into()]).collect())
        });
        let found: Vec<Vec<[Value; 2]>> = written.collect::<Result<_, RegistryError>>()?;
        let found: Vec<_> = found.into_iter().flatten().collect();
        insert_rows(tx, "library_initials", "initials, person_id", found, " ON CONFLICT DO NOTHING").await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_its_initials_in_every_reading_of_its_characters() {
        let of = |name| initials(name).into_iter().collect::<Vec<_>>();
        assert_eq!(of("张秀梅"), ["zxm"]);
        // 单 is read dan, shan and chan.
        assert!(of("单国强").contains(&"sgq".to_owned()) && of("单国强").contains(&"dgq".to_owned()));
        assert_eq!(of("Ali"), ["ali"]);
        assert!(of("").is_empty() && of("？").is_empty());
    }

    #[test]
    fn two_to_six_letters_may_be_initials_and_numbers_are_none() {
        assert!(are_initials("zxm") && are_initials("ZXM"));
        assert!(!are_initials("z") && !are_initials("123X") && !are_initials("张秀") && !are_initials("abcdefg"));
    }
}
