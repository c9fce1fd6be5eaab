//! A change of state and what it leaves in the journal.

use chrono::{DateTime, Utc};
use std::{future::Future, pin::Pin};

pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One journal entry: who did what to which thing.
#[derive(Debug, Clone)]
pub struct Entry {
    pub at: DateTime<Utc>,
    /// The account, or `system`.
    pub actor: String,
    /// Role id (R05).
    pub role: String,
    /// Room and act: `case.decide`.
    pub act: String,
    /// Kind and id of the thing: `case:QY26-00001`.
    pub subject: String,
    /// 12 digits.
    pub region: String,
    /// What changed: codes, amounts, ids. Never a name, a citizen number, a phone number or an address.
    pub details: serde_json::Value,
}

/// The value of a change together with its journal entries; there is no way to make one without an entry.
#[derive(Debug)]
pub struct Recorded<T> {
    value: T,
    entries: Vec<Entry>,
}

impl<T> Recorded<T> {
    pub fn new(value: T, entry: Entry) -> Recorded<T> {
        Recorded { value, entries: vec![entry] }
    }

    /// A change that touched more than one thing.
    #[must_use]
    pub fn and(mut self, entry: Entry) -> Recorded<T> {
        self.entries.push(entry);
        self
    }

    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Recorded<U> {
        Recorded { value: f(self.value), entries: self.entries }
    }

    pub(crate) fn into_parts(self) -> (T, Vec<Entry>) {
        (self.value, self.entries)
    }
}
