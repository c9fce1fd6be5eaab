//! What intake asks of the identity vault, which the registry keeps.

use sha2::{Digest, Sha256};
use std::{collections::HashMap, sync::Arc};
use tuodi_pack::id_no::IdNo;

/// What the register of residents says about one person. Given for the one source whose contract holds names and
/// household numbers; other sources name people by number only.
#[derive(Debug, Clone, Copy)]
pub struct PersonRecord<'a> {
    pub name: &'a str,
    pub address: Option<&'a str>,
    pub phone: Option<&'a str>,
    pub household_no: &'a str,
    /// What [`Vault::household`] gave for `household_no`.
    pub household_id: i64,
    /// Twelve digits.
    pub region_code: Option<&'a str>,
    /// GB/T 4761 code of the relation to the head.
    pub relation: Option<&'a str>,
    /// Still registered: neither moved away nor struck off.
    pub active: bool,
}

/// A keyed hash: (column name, value) to 16 hex characters. Called from several threads, once for each value.
pub type Tokeniser = Arc<dyn Fn(&str, &str) -> String + Send + Sync>;

#[derive(Debug, thiserror::Error)]
#[error("the identity vault could not be written: {source}")]
pub struct VaultError {
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl VaultError {
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> VaultError {
        VaultError { source: source.into() }
    }
}

/// Waits until what a [`Vault::flush`] began is durable, or says why it will not be.
pub type Durable = Box<dyn FnOnce() -> Result<(), VaultError> + Send>;

/// Gives ids at the speed of memory; writing to the database may run behind.
pub trait Vault: Send {
    /// The person of that number, made now if nobody had it yet.
    fn person(&mut self, id: &IdNo, record: Option<PersonRecord<'_>>) -> i64;

    /// The household of that number, made now if there was none.
    fn household(&mut self, household_no: &str) -> i64;

    /// See [`Tokeniser`].
    fn tokeniser(&self) -> Tokeniser;

    /// Begins to make durable all that was given until now. A batch becomes visible when what this gives has returned; it
    /// is called from another thread. Once one has failed, all later ones do.
    fn flush(&mut self) -> Durable;

    /// The file turned out unfit: what was given since the last flush may be forgotten. Keeping it does no harm (ids
    /// without rows), forgetting it keeps a refused register's names out.
    fn discard(&mut self) {}
}

/// A vault for tests: nothing is encrypted and nothing outlives the process.
#[derive(Debug, Default)]
pub struct MemoryVault {
    pub persons: HashMap<String, i64>,
    pub households: HashMap<String, i64>,
    /// Person's id to name and household id, from the register only.
    pub records: HashMap<i64, (String, i64)>,
    pub flushes: usize,
    /// From which flush on nothing is kept any more.
    pub fails_from: Option<usize>,
}

impl Vault for MemoryVault {
    fn person(&mut self, id: &IdNo, record: Option<PersonRecord<'_>>) -> i64 {
        let next = self.persons.len() as i64 + 1;
        let person = match self.persons.get(id.as_str()) {
            Some(&known) => known,
            None => {
                self.persons.insert(id.as_str().to_owned(), next);
                next
            }
        };
        if let Some(record) = record {
            self.records.insert(person, (record.name.to_owned(), record.household_id));
        }
        person
    }

    fn household(&mut self, household_no: &str) -> i64 {
        let next = self.households.len() as i64 + 1;
        *self.households.entry(household_no.to_owned()).or_insert(next)
    }

    fn tokeniser(&self) -> Tokeniser {
        Arc::new(|domain, value| {
            let digest = Sha256::new().chain_update(domain).chain_update([0]).chain_update(value).finalize();
            hex::encode(&digest[..8])
        })
    }

    fn flush(&mut self) -> Durable {
        self.flushes += 1;
        let fails = self.fails_from.is_some_and(|from| self.flushes >= from);
        Box::new(move || if fails { Err(VaultError::new("the vault is full")) } else { Ok(()) })
    }
}
