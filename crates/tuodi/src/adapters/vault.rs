//! The pool's vault, kept by the registry: ids at the speed of memory, rows of the database written behind.

use chrono::{DateTime, Utc};
use std::sync::Arc;
use tokio::{runtime::Handle, task::JoinHandle};
use tuodi_pack::id_no::IdNo;
use tuodi_pool::{PersonRecord, Tokeniser, Vault, VaultError};
use tuodi_registry::{IdentityBook, RegistryError};
use tuodi_store::{Entry, Store};

/// People written in one transaction with one journal entry.
const CHUNK: usize = 20_000;
/// Chunks on their way to the database while the next is read.
const IN_FLIGHT: usize = 2;

pub struct RegistryVault {
    book: IdentityBook,
    store: Store,
    runtime: Handle,
    now: DateTime<Utc>,
    region: String,
    entered: usize,
    failed: Option<VaultError>,
    writing: Vec<JoinHandle<Result<(), RegistryError>>>,
}

impl RegistryVault {
    pub async fn load(store: &Store, region: &str, now: DateTime<Utc>) -> Result<RegistryVault, RegistryError> {
        Ok(RegistryVault {
            book: IdentityBook::load(store).await?,
            store: store.clone(),
            runtime: Handle::current(),
            now,
            region: region.to_owned(),
            entered: 0,
            failed: None,
            writing: Vec::new(),
        })
    }

    fn write_behind(&mut self) {
        let people = self.book.drain();
        self.entered = 0;
        if people.is_empty() {
            return;
        }
        let entry = Entry {
            at: self.now,
            actor: "system".to_owned(),
            role: "system".to_owned(),
            act: "registry.take".to_owned(),
            subject: "registry:people".to_owned(),
            region: self.region.clone(),
            details: serde_json::json!({ "people": people.persons(), "households": people.households() }),
        };
        let store = self.store.clone();
        self.writing.push(self.runtime.spawn(async move { tuodi_registry::save(&store, people, entry).await }));
    }

    fn wait_for_oldest(&mut self) -> Result<(), VaultError> {
        let oldest = self.writing.remove(0);
        self.runtime.block_on(oldest).map_err(VaultError::new)?.map_err(VaultError::new)
    }
}

impl Vault for RegistryVault {
    fn person(&mut self, id: &IdNo, record: Option<PersonRecord<'_>>) -> i64 {
        let Some(record) = record else {
            return self.book.assign(id).0;
        };
        let id = self.book.enter(tuodi_registry::PersonRecord {
            id_no: id.clone(),
            household_no: Some(record.household_no.to_owned()),
            name: Some(record.name.to_owned()),
            phone: record.phone.map(str::to_owned),
            address: record.address.map(str::to_owned),
            region_code: record.region_code.map(str::to_owned),
            relation: record.relation.map(str::to_owned),
            registered: record.active,
        });
        self.entered += 1;
        if self.entered >= CHUNK {
            self.write_behind();
            // Let the database catch up; a chunk that fails is told at the flush, before the batch becomes visible.
            while self.failed.is_none() && self.writing.len() > IN_FLIGHT {
                self.failed = self.wait_for_oldest().err();
            }
        }
        id.0
    }

    fn household(&mut self, household_no: &str) -> i64 {
        self.book.assign_household(household_no).0
    }

    fn tokeniser(&self) -> Tokeniser {
        let keys = self.store.keys().clone();
        Arc::new(move |domain, value| keys.token(domain, value))
    }

    fn flush(&mut self) -> Result<(), VaultError> {
        self.write_behind();
        if let Some(failed) = self.failed.take() {
            return Err(failed);
        }
        while !self.writing.is_empty() {
            self.wait_for_oldest()?;
        }
        Ok(())
    }
}
