//! The pool's vault, kept by the registry: ids at the speed of memory, rows of the database written behind.

use chrono::{DateTime, Utc};
use tokio::sync::{mpsc, oneshot};
use tuodi_pack::id_no::IdNo;
use tuodi_pool::{Durable, PersonRecord, Tokeniser, Vault, VaultError};
use tuodi_registry::{Entered, IdentityBook, RegistryError};
use tuodi_store::{Entry, Store};

/// People handed to the writer at a time.
const CHUNK: usize = 20_000;
/// Chunks waiting for the database while the next is read: bounds what a slow disk may pile up in memory.
const WAITING: usize = 6;

enum Work {
    Save(Entered),
    /// Everything before this is durable, or why not.
    Flush(oneshot::Sender<Result<(), VaultError>>),
    /// The register is in: what finds people in it.
    LookUps,
}

pub struct RegistryVault {
    book: IdentityBook,
    store: Store,
    writer: mpsc::Sender<Work>,
    entered: usize,
    /// Something was entered since the last file ended.
    busy: bool,
    look_ups_due: bool,
}

impl RegistryVault {
    /// Loads the index of known people. Must be called on the runtime; the vault itself is used from a thread of its own.
    pub async fn load(store: &Store, region: &str, now: DateTime<Utc>) -> Result<RegistryVault, RegistryError> {
        let book = IdentityBook::load(store).await?;
        let (writer, work) = mpsc::channel(WAITING);
        tokio::spawn(write(store.clone(), region.to_owned(), now, work));
        let look_ups_due = book.persons() == 0;
        Ok(RegistryVault { book, store: store.clone(), writer, entered: 0, busy: false, look_ups_due })
    }

    fn write_behind(&mut self) {
        let people = self.book.drain();
        self.entered = 0;
        if !people.is_empty() {
            self.busy = true;
            // Fails only when the writer is gone, and then the flush says so.
            let _ = self.writer.blocking_send(Work::Save(people));
        }
    }
}

/// One chunk after the other, in the order in which numbers were given.
async fn write(store: Store, region: String, now: DateTime<Utc>, mut work: mpsc::Receiver<Work>) {
    let mut failed: Option<RegistryError> = None;
    while let Some(work) = work.recv().await {
        match work {
            Work::Save(people) if failed.is_none() => {
                let entry = Entry {
                    at: now,
                    actor: "system".to_owned(),
                    role: tuodi_access::Role::System.id().to_owned(),
                    act: "registry.take".to_owned(),
                    subject: "registry:people".to_owned(),
                    region: region.clone(),
                    details: serde_json::json!({ "people": people.persons(), "households": people.households() }),
                };
                failed = tuodi_registry::save(&store, people, entry).await.err();
            }
            Work::LookUps if failed.is_none() => failed = tuodi_registry::make_look_ups(&store).await.err(),
            Work::Save(_) | Work::LookUps => {}
            // What came after a failure was not kept either: it goes on failing.
            Work::Flush(answer) => {
                let _ = answer.send(failed.as_ref().map_or(Ok(()), |e| Err(VaultError::new(e.to_string()))));
            }
        }
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
        }
        id.0
    }

    fn household(&mut self, household_no: &str) -> i64 {
        self.book.assign_household(household_no).0
    }

    fn tokeniser(&self) -> Tokeniser {
        let keys = self.store.keys().clone();
        std::sync::Arc::new(move |domain, value| keys.token(domain, value))
    }

    fn flush(&mut self) -> Durable {
        self.write_behind();
        // The first file that tells of nobody new: the first register is in.
        if !std::mem::take(&mut self.busy) && std::mem::take(&mut self.look_ups_due) {
            let _ = self.writer.blocking_send(Work::LookUps);
        }
        let (answer, done) = oneshot::channel();
        // Fails only when the writer is gone: then the answer fails too.
        let _ = self.writer.blocking_send(Work::Flush(answer));
        Box::new(move || done.blocking_recv().map_err(VaultError::new)?)
    }
}
