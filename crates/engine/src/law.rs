//! The same rows under the law of another day (worked case b24): facts are those of the day asked about, amounts, programmes
//! and conditions those of the day on which the case was accepted.

use crate::{Compiled, Inner, agreed::Parts, rows::Index};
use chrono::NaiveDate;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

/// What was compiled for laws of other days, by the day on which each began: all days of one law share it.
#[derive(Default)]
pub(crate) struct Laws(Mutex<BTreeMap<NaiveDate, Arc<Inner>>>);

impl Inner {
    /// Itself where the law has not changed between the two days, else itself with the law of `law_of`. A day before the
    /// pack's first is under the law that the pack begins with: it knows no older one.
    pub(crate) fn under(self: Arc<Inner>, as_of: NaiveDate, law_of: NaiveDate) -> Arc<Inner> {
        const KEPT: usize = 4;
        let since = self.pack.law_since(law_of);
        if since == self.pack.law_since(as_of) {
            return self;
        }
        let mut laws = self.laws.0.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(inner) = laws.get(&since) {
            return inner.clone();
        }
        let inner = Arc::new(Inner {
            pack: Arc::new(self.pack.with_law_of(since)),
            snapshot: self.snapshot.clone(),
            config: self.config.clone(),
            // Other expressions: nothing that was compiled for this pack's own days fits.
            compiled: Arc::new(Compiled::default()),
            index: Index::default(),
            permission: self.permission.clone(),
            withheld: self.withheld.clone(),
            parts: Parts::default(),
            laws: Laws::default(),
            law_of: Some(since),
        });
        if laws.len() >= KEPT {
            laws.pop_first();
        }
        laws.insert(since, inner.clone());
        inner
    }
}
