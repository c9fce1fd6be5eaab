//! The account a person's money goes to (社保卡 or bank account), sealed.

use crate::{RegistryError, person::set_column};
use sea_orm::{ConnectionTrait, Statement};
use std::collections::HashMap;
use tuodi_pack::PersonId;
use tuodi_store::{Keys, Store, Tx};

const COLUMN: &str = "person.account";
/// Between bank and number in the sealed text; neither can hold it.
const SEPARATOR: char = '\u{1f}';
/// People of one question.
const AT_ONCE: usize = 2_000;

#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    pub bank: String,
    pub number: String,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Account(hidden)")
    }
}

pub async fn account(store: &Store, person: PersonId) -> Result<Option<Account>, RegistryError> {
    let sql = format!("SELECT account FROM person WHERE id = {person}");
    let row = store.read().query_one_raw(Statement::from_string(store.backend(), sql)).await?;
    let sealed: Option<Option<Vec<u8>>> = row.map(|row| row.try_get("", "account")).transpose()?;
    let Some(sealed) = sealed.flatten() else {
        return Ok(None);
    };
    Ok(Some(opened(store.keys(), &sealed)?))
}

/// The accounts of many people; whoever has none is not in the answer. Reads on any connection: also within a change.
pub async fn accounts(
    conn: &impl ConnectionTrait,
    keys: &Keys,
    people: &[PersonId],
) -> Result<HashMap<PersonId, Account>, RegistryError> {
    let mut found = HashMap::with_capacity(people.len());
    for some in people.chunks(AT_ONCE) {
        let ids = some.iter().map(|p| p.to_string()).collect::<Vec<_>>().join(",");
        let sql = format!("SELECT id, account FROM person WHERE account IS NOT NULL AND id IN ({ids})");
        for row in conn.query_all_raw(Statement::from_string(conn.get_database_backend(), sql)).await? {
            let sealed: Vec<u8> = row.try_get("", "account")?;
            found.insert(PersonId(row.try_get("", "id")?), opened(keys, &sealed)?);
        }
    }
    Ok(found)
}

fn opened(keys: &Keys, sealed: &[u8]) -> Result<Account, RegistryError> {
    let text = keys.open(COLUMN, sealed)?;
    let (bank, number) = text.split_once(SEPARATOR).unwrap_or(("", &text));
    Ok(Account { bank: bank.to_owned(), number: number.to_owned() })
}

/// Sets or removes an account, inside the caller's change, which journals it (without the number).
pub async fn set_account(tx: &Tx, person: PersonId, account: Option<&Account>) -> Result<(), RegistryError> {
    let plain = |text: &str| text.trim().replace(SEPARATOR, "");
    let sealed = account.map(|account| {
        tx.keys().seal(COLUMN, &format!("{}{SEPARATOR}{}", plain(&account.bank), plain(&account.number)))
    });
    set_column(tx, person, "account", sealed).await
}
