//! Bulk identity for intake: numbers are given in memory, so that rows can be written to the pool while the
//! database is still writing the people.

use crate::{
    RegistryError,
    save::{make_look_ups, save},
    vault::{Vault, short},
};
use rustc_hash::FxHashMap;
use sea_orm::{ConnectionTrait, Statement};
use std::collections::HashMap;
use tuodi_pack::{HouseholdId, PersonId, id_no::IdNo};
use tuodi_store::{Entry, Store};

/// Rows read at a time.
const CHUNK: i64 = 50_000;

/// What one row of a file says about who a person is. `None` leaves what is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonRecord {
    pub id_no: IdNo,
    pub household_no: Option<String>,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub address: Option<String>,
    pub region_code: Option<String>,
    /// GB/T 4761 code; `01` (self) and `02` (head) make the person head of the household.
    pub relation: Option<String>,
    /// False for those the register says have moved away or been struck off: they stay known, but are members of
    /// no household.
    pub registered: bool,
}

impl PersonRecord {
    /// Somebody known by number only.
    pub fn new(id_no: IdNo) -> PersonRecord {
        PersonRecord {
            id_no,
            household_no: None,
            name: None,
            phone: None,
            address: None,
            region_code: None,
            relation: None,
            registered: true,
        }
    }

    pub(crate) fn is_head(&self) -> bool {
        self.registered && matches!(self.relation.as_deref(), Some("01" | "02"))
    }

    /// Equal for equal records: a register sent again changes nothing and costs no writing.
    fn mark(&self, vault: &Vault) -> i64 {
        let mut text = String::with_capacity(128);
        let fields = [&self.household_no, &self.name, &self.phone, &self.address, &self.region_code, &self.relation];
        for field in fields {
            text.push_str(field.as_deref().unwrap_or("\u{1e}"));
            text.push('\u{1f}');
        }
        text.push(if self.registered { '1' } else { '0' });
        short(vault.mark.blind(&text))
    }
}

/// A person waiting to be written.
pub(crate) struct EnteredPerson {
    pub id: PersonId,
    pub blind: [u8; 16],
    /// Not in the database yet.
    pub new: bool,
    pub household: Option<HouseholdId>,
    /// `None` for those known by number only.
    pub mark: Option<i64>,
    pub record: PersonRecord,
}

pub(crate) struct EnteredHousehold {
    pub id: HouseholdId,
    pub blind: [u8; 16],
    pub new: bool,
    pub region_code: Option<String>,
    pub head: Option<PersonId>,
}

/// People and households put aside by [`IdentityBook::drain`], to be written by [`save`].
#[derive(Default)]
pub struct Entered {
    pub(crate) persons: Vec<EnteredPerson>,
    pub(crate) households: Vec<EnteredHousehold>,
    /// The first of all.
    pub(crate) first: bool,
}

impl Entered {
    pub fn is_empty(&self) -> bool {
        self.persons.is_empty() && self.households.is_empty()
    }

    pub fn persons(&self) -> usize {
        self.persons.len()
    }

    pub fn households(&self) -> usize {
        self.households.len()
    }
}

/// In-memory index of known people and households, by blind index.
///
/// One book at a time writes: a second one that gave the same numbers is refused when it saves.
pub struct IdentityBook {
    vault: Vault,
    /// Keys are keyed hashes already: a plain hash of them will do.
    known: FxHashMap<[u8; 16], i64>,
    /// Numbers that were merged, with the person each stands for.
    merged: HashMap<PersonId, PersonId>,
    /// Numbers met in this intake, packed: spares the keyed hash for the second and later rows of a person.
    met: FxHashMap<u64, i64>,
    marks: FxHashMap<i64, i64>,
    households: FxHashMap<[u8; 16], i64>,
    households_met: HashMap<String, i64>,
    next_person: i64,
    next_household: i64,
    entered: Entered,
    person_slots: FxHashMap<i64, usize>,
    household_slots: FxHashMap<i64, usize>,
    /// Nobody is known yet, and nothing was put aside before.
    first: bool,
}

impl IdentityBook {
    pub async fn load(store: &Store) -> Result<IdentityBook, RegistryError> {
        let mut book = IdentityBook {
            vault: Vault::new(store.keys()),
            known: FxHashMap::default(),
            merged: crate::linkage::redirections(store).await?,
            met: FxHashMap::default(),
            marks: FxHashMap::default(),
            households: FxHashMap::default(),
            households_met: HashMap::new(),
            next_person: 1,
            next_household: 1,
            entered: Entered::default(),
            person_slots: FxHashMap::default(),
            household_slots: FxHashMap::default(),
            first: false,
        };
        let mut last = 0;
        loop {
            let sql =
                format!("SELECT id, id_no_blind, record_mark FROM person WHERE id > {last} ORDER BY id LIMIT {CHUNK}");
            let rows = store.read().query_all_raw(Statement::from_string(store.backend(), sql)).await?;
            for row in &rows {
                last = row.try_get_by_index(0)?;
                book.known.insert(blind_of(row.try_get_by_index(1)?), last);
                if let Some(mark) = row.try_get_by_index(2)? {
                    book.marks.insert(last, mark);
                }
            }
            if (rows.len() as i64) < CHUNK {
                break;
            }
        }
        book.next_person = last + 1;
        book.first = last == 0;
        let mut last = 0;
        loop {
            let sql = format!("SELECT id, no_blind FROM household WHERE id > {last} ORDER BY id LIMIT {CHUNK}");
            let rows = store.read().query_all_raw(Statement::from_string(store.backend(), sql)).await?;
            for row in &rows {
                last = row.try_get_by_index(0)?;
                let blind: Option<Vec<u8>> = row.try_get_by_index(1)?;
                if let Some(blind) = blind {
                    book.households.insert(blind_of(blind), last);
                }
            }
            if (rows.len() as i64) < CHUNK {
                break;
            }
        }
        book.next_household = last + 1;
        Ok(book)
    }

    /// How many people are known, those not yet written among them.
    pub fn persons(&self) -> usize {
        self.known.len()
    }

    pub fn resolve(&self, id_no: &IdNo) -> Option<PersonId> {
        let known = self.met.get(&packed(id_no)).or_else(|| self.known.get(&self.vault.id_no.blind(id_no.as_str())));
        known.copied().map(|id| self.now(PersonId(id)))
    }

    fn is_merged(&self, id_no: &IdNo) -> bool {
        let known = self.known.get(&self.vault.id_no.blind(id_no.as_str()));
        known.is_some_and(|id| self.merged.contains_key(&PersonId(*id)))
    }

    fn now(&self, id: PersonId) -> PersonId {
        self.merged.get(&id).copied().unwrap_or(id)
    }

    pub fn resolve_household(&self, household_no: &str) -> Option<HouseholdId> {
        let no = household_no.trim();
        let known = self.households_met.get(no).or_else(|| self.households.get(&self.vault.household_no.blind(no)));
        known.copied().map(HouseholdId)
    }

    /// The person's number; a new one when unknown, put aside to be written. A citizen number that was merged gives the person
    /// it stands for.
    pub fn assign(&mut self, id_no: &IdNo) -> PersonId {
        let key = packed(id_no);
        if let Some(&id) = self.met.get(&key) {
            return PersonId(id);
        }
        let blind = self.vault.id_no.blind(id_no.as_str());
        let id = match self.known.get(&blind) {
            Some(&id) => id,
            None => {
                let id = self.next_person;
                self.next_person += 1;
                self.known.insert(blind, id);
                self.person_slots.insert(id, self.entered.persons.len());
                self.entered.persons.push(EnteredPerson {
                    id: PersonId(id),
                    blind,
                    new: true,
                    household: None,
                    mark: None,
                    record: PersonRecord::new(id_no.clone()),
                });
                id
            }
        };
        let id = self.now(PersonId(id));
        self.met.insert(key, id.0);
        id
    }

    /// The household's number; a new one when unknown, put aside to be written.
    pub fn assign_household(&mut self, household_no: &str) -> HouseholdId {
        let no = household_no.trim();
        if let Some(&id) = self.households_met.get(no) {
            return HouseholdId(id);
        }
        let blind = self.vault.household_no.blind(no);
        let id = match self.households.get(&blind) {
            Some(&id) => id,
            None => {
                let id = self.next_household;
                self.next_household += 1;
                self.households.insert(blind, id);
                self.put_household(id, blind, true);
                id
            }
        };
        self.households_met.insert(no.to_owned(), id);
        HouseholdId(id)
    }

    fn put_household(&mut self, id: i64, blind: [u8; 16], new: bool) -> usize {
        let slot = self.entered.households.len();
        self.household_slots.insert(id, slot);
        let household = EnteredHousehold { id: HouseholdId(id), blind, new, region_code: None, head: None };
        self.entered.households.push(household);
        slot
    }

    /// Gives a person a number and puts what the record says aside to be written, unless the last record of that
    /// person said the same. What a register says under a number that was merged is not who the person is.
    pub fn enter(&mut self, record: PersonRecord) -> PersonId {
        let id = self.assign(&record.id_no);
        if !self.merged.is_empty() && self.is_merged(&record.id_no) {
            return id;
        }
        let household = record.household_no.as_deref().map(|no| self.assign_household(no));
        let mark = record.mark(&self.vault);
        if self.marks.insert(id.0, mark) == Some(mark) {
            return id;
        }
        if let Some(household) = household.filter(|_| record.registered) {
            self.note_household(household, id, &record);
        }
        match self.person_slots.get(&id.0) {
            Some(&slot) => {
                let entered = &mut self.entered.persons[slot];
                (entered.household, entered.mark) = (household, Some(mark));
                entered.record = merge(&entered.record, record);
            }
            None => {
                let blind = self.vault.id_no.blind(record.id_no.as_str());
                self.person_slots.insert(id.0, self.entered.persons.len());
                self.entered.persons.push(EnteredPerson { id, blind, new: false, household, mark: Some(mark), record });
            }
        }
        id
    }

    /// A household lies where its head is registered; until a head is met, where its first member is.
    fn note_household(&mut self, household: HouseholdId, person: PersonId, record: &PersonRecord) {
        let slot = match self.household_slots.get(&household.0) {
            Some(&slot) => slot,
            None => {
                let no = record.household_no.as_deref().unwrap_or_default().trim();
                let blind = self.vault.household_no.blind(no);
                self.put_household(household.0, blind, false)
            }
        };
        let entered = &mut self.entered.households[slot];
        if record.is_head() {
            entered.head = Some(person);
            entered.region_code.clone_from(&record.region_code);
        } else if entered.region_code.is_none() && entered.new {
            entered.region_code.clone_from(&record.region_code);
        }
    }

    /// What has been put aside; write it with [`save`], while reading on.
    pub fn drain(&mut self) -> Entered {
        self.person_slots.clear();
        self.household_slots.clear();
        let first = !self.entered.is_empty() && std::mem::take(&mut self.first);
        Entered { first, ..std::mem::take(&mut self.entered) }
    }

    /// Forgets what has been put aside since the last `drain`: the file turned out unfit.
    pub fn discard(&mut self) {
        for person in self.drain_persons_and_households() {
            self.known.remove(&person.blind);
            self.met.remove(&packed(&person.record.id_no));
        }
    }

    fn drain_persons_and_households(&mut self) -> Vec<EnteredPerson> {
        let entered = self.drain();
        self.first |= entered.first;
        for household in entered.households.iter().filter(|household| household.new) {
            self.households.remove(&household.blind);
        }
        self.households_met.clear();
        for person in &entered.persons {
            self.marks.remove(&person.id.0);
        }
        entered.persons.into_iter().filter(|person| person.new).collect()
    }

    /// Enters everyone and writes them, look-ups and all; the numbers in the order of the records.
    pub async fn take(
        &mut self,
        store: &Store,
        people: Vec<PersonRecord>,
        entry: Entry,
    ) -> Result<Vec<PersonId>, RegistryError> {
        let ids = people.into_iter().map(|record| self.enter(record)).collect();
        save(store, self.drain(), entry).await?;
        make_look_ups(store).await?;
        Ok(ids)
    }
}

/// A later record of the same person in the same intake: what it says replaces, what it leaves out stays.
fn merge(earlier: &PersonRecord, later: PersonRecord) -> PersonRecord {
    PersonRecord {
        id_no: later.id_no,
        household_no: later.household_no.or_else(|| earlier.household_no.clone()),
        name: later.name.or_else(|| earlier.name.clone()),
        phone: later.phone.or_else(|| earlier.phone.clone()),
        address: later.address.or_else(|| earlier.address.clone()),
        region_code: later.region_code.or_else(|| earlier.region_code.clone()),
        relation: later.relation.or_else(|| earlier.relation.clone()),
        registered: later.registered,
    }
}

fn blind_of(bytes: Vec<u8>) -> [u8; 16] {
    let mut blind = [0; 16];
    let length = bytes.len().min(16);
    blind[..length].copy_from_slice(&bytes[..length]);
    blind
}

/// Eighteen characters in eight bytes: seventeen digits and one of eleven.
fn packed(id_no: &IdNo) -> u64 {
    let bytes = id_no.as_str().as_bytes();
    let digits = bytes[..17].iter().fold(0u64, |sum, b| sum * 10 + u64::from(b - b'0'));
    let check = if bytes[17] == b'X' { 10 } else { u64::from(bytes[17] - b'0') };
    digits * 11 + check
}
