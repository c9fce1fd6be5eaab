//! Accounts of officers and citizens.

use crate::{AccessError, Actor, Role};
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, Value};
use std::sync::OnceLock;
use tuodi_pack::{HouseholdId, PersonId};
use tuodi_store::{Entry, Recorded, Store};

/// Fewest characters of a password.
const LEAST: usize = 8;
const COLUMNS: &str = "id, name, role, region, person_id, household_id, demo, password";
const NAME: &str = "account.name";

#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    pub id: String,
    pub name: String,
    pub role: Role,
    pub region: String,
    pub person: Option<PersonId>,
    pub household: Option<HouseholdId>,
    /// One of the demonstration's: listed at the entrance with its password.
    pub demo: bool,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Account({} {} {})", self.id, self.role, self.region)
    }
}

impl Account {
    pub fn actor(&self) -> Actor {
        Actor {
            account: self.id.clone(),
            name: self.name.clone(),
            role: self.role,
            region: self.region.clone(),
            person: self.person,
            // Whom a proxy stands in for, a mandate says, which has an end; the account alone opens nothing.
            household: self.household.filter(|_| self.role != Role::Proxy),
            entrusted: None,
        }
    }
}

#[derive(Clone)]
pub struct NewAccount {
    pub account: Account,
    pub password: String,
}

/// Makes an account; the entry is journalled with it.
pub async fn create(store: &Store, new: NewAccount, entry: Entry) -> Result<Account, AccessError> {
    let password = hash(new.password).await?;
    let account = new.account;
    let made = account.clone();
    let written = store
        .write(move |tx| {
            Box::pin(async move {
                let name = tx.keys().seal(NAME, &account.name);
                let values: [Value; 8] = [
                    account.id.into(),
                    name.into(),
                    account.role.id().into(),
                    account.region.into(),
                    account.person.map(|p| p.0).into(),
                    account.household.map(|h| h.0).into(),
                    account.demo.into(),
                    password.into(),
                ];
                let sql = format!("INSERT INTO account ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
                let conn = tx.conn();
                conn.execute_raw(Statement::from_sql_and_values(conn.get_database_backend(), sql, values)).await?;
                Ok::<_, AccessError>(Recorded::new((), entry))
            })
        })
        .await;
    match written {
        Ok(()) => Ok(made),
        Err(AccessError::Store(error)) if error.is_duplicate() => Err(AccessError::AccountExists { account: made.id }),
        Err(error) => Err(error),
    }
}

fn account(store: &Store, row: &QueryResult) -> Result<Account, AccessError> {
    let role: String = row.try_get("", "role")?;
    let name: Vec<u8> = row.try_get("", "name")?;
    let person: Option<i64> = row.try_get("", "person_id")?;
    let household: Option<i64> = row.try_get("", "household_id")?;
    let unknown = || DbErr::Type(format!("account.role holds {role}"));
    Ok(Account {
        id: row.try_get("", "id")?,
        name: store.keys().open(NAME, &name)?,
        role: Role::from_id(&role).ok_or_else(unknown)?,
        region: row.try_get("", "region")?,
        person: person.map(PersonId),
        household: household.map(HouseholdId),
        demo: row.try_get("", "demo")?,
    })
}

async fn rows(store: &Store, condition: &str, values: Vec<Value>) -> Result<Vec<QueryResult>, AccessError> {
    let sql = format!("SELECT {COLUMNS} FROM account {condition}");
    Ok(store.read().query_all_raw(Statement::from_sql_and_values(store.backend(), sql, values)).await?)
}

pub async fn find(store: &Store, id: &str) -> Result<Option<Account>, AccessError> {
    let rows = rows(store, "WHERE id = $1", vec![id.into()]).await?;
    rows.first().map(|row| account(store, row)).transpose()
}

/// The account, if the password is right. Takes as long for an account that does not exist.
pub async fn verify_password(store: &Store, id: &str, password: &str) -> Result<Option<Account>, AccessError> {
    let rows = rows(store, "WHERE id = $1", vec![id.into()]).await?;
    let found = rows.first();
    let stored: Option<String> = found.map(|row| row.try_get("", "password")).transpose()?;
    let password = password.to_owned();
    let right = tokio::task::spawn_blocking(move || matches(&password, stored.as_deref()))
        .await
        .map_err(|_| AccessError::Hashing)?;
    match found {
        Some(row) if right => Ok(Some(account(store, row)?)),
        _ => Ok(None),
    }
}

/// The demonstration's accounts, by role.
pub async fn list_demo(store: &Store) -> Result<Vec<Account>, AccessError> {
    let rows = rows(store, "WHERE demo ORDER BY role, id", Vec::new()).await?;
    rows.iter().map(|row| account(store, row)).collect()
}

/// All accounts of a region and below, by id.
pub async fn list(store: &Store, scope: &str) -> Result<Vec<Account>, AccessError> {
    let prefix = crate::actor::scope_prefix(scope);
    let range: Vec<Value> = vec![format!("{prefix:0<12}").into(), format!("{prefix:9<12}").into()];
    let rows = rows(store, "WHERE region >= $1 AND region <= $2 ORDER BY id", range).await?;
    rows.iter().map(|row| account(store, row)).collect()
}

/// Accounts of offices in a region and below, by id: without citizens and those who act for them.
pub async fn officers(store: &Store, scope: &str) -> Result<Vec<Account>, AccessError> {
    let prefix = crate::actor::scope_prefix(scope);
    let range: Vec<Value> = vec![format!("{prefix:0<12}").into(), format!("{prefix:9<12}").into()];
    let condition = "WHERE region >= $1 AND region <= $2 AND role NOT IN ('R01', 'R02') ORDER BY id";
    let rows = rows(store, condition, range).await?;
    rows.iter().map(|row| account(store, row)).collect()
}

pub async fn set_password(store: &Store, id: &str, password: &str, entry: Entry) -> Result<(), AccessError> {
    let password = hash(password.to_owned()).await?;
    let id = id.to_owned();
    store
        .write(move |tx| {
            Box::pin(async move {
                let conn = tx.conn();
                let sql = "UPDATE account SET password = $1 WHERE id = $2";
                let values: [Value; 2] = [password.into(), id.clone().into()];
                let done =
                    conn.execute_raw(Statement::from_sql_and_values(conn.get_database_backend(), sql, values)).await?;
                if done.rows_affected() == 0 {
                    return Err(AccessError::NoAccount { account: id });
                }
                Ok(Recorded::new((), entry))
            })
        })
        .await
}

/// Argon2id with its recommended cost, off the threads that serve pages.
async fn hash(password: String) -> Result<String, AccessError> {
    if password.chars().count() < LEAST {
        return Err(AccessError::PasswordTooShort { least: LEAST });
    }
    tokio::task::spawn_blocking(move || hash_now(&password)).await.map_err(|_| AccessError::Hashing)?
}

fn hash_now(password: &str) -> Result<String, AccessError> {
    let hash = Argon2::default().hash_password(password.as_bytes()).map_err(|_| AccessError::Hashing)?;
    Ok(hash.to_string())
}

fn matches(password: &str, stored: Option<&str>) -> bool {
    /// What an unknown account is compared with: nobody's password.
    static NOBODY: OnceLock<Option<String>> = OnceLock::new();
    let nobody = NOBODY.get_or_init(|| hash_now("no account has this").ok());
    let Some(text) = stored.or(nobody.as_deref()) else {
        return false;
    };
    let verified =
        PasswordHash::new(text).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
    verified && stored.is_some()
}
