//! What may be read for a purpose: sources whose agreement does not cover it on the day are left out of the snapshot
//! before anything is computed, as if they had never arrived. Their facts are then unknown, never no.

use crate::{Engine, EngineError, Inner, closed::Closed, law::Laws, rows::Index, snapshot::REGISTER};
use chrono::NaiveDate;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use tuodi_pack::{Purpose, Renewal, Withheld};

/// By what the engine decides what a reading gets.
#[derive(Debug, Clone)]
pub(crate) enum Permission {
    /// The pack's agreements, and what the installation has recorded about them since.
    Agreements(Vec<Renewal>),
    /// What was withheld when a finding was made, to make it again.
    AsThen(Vec<Withheld>),
}

/// Snapshots without the sources that some purpose may not read, by the ids of what is left out.
#[derive(Default)]
pub(crate) struct Parts(Mutex<BTreeMap<String, Arc<Inner>>>);

/// Stands between the id of a list of batches and the sources that were not read of it: `1a2b3c~DS18~DS21`.
pub const WITHOUT: char = '~';

impl Engine {
    /// The same engine, with what the installation has recorded about agreements, in the order in which it did.
    pub fn with_renewals(&self, renewals: Vec<Renewal>) -> Engine {
        self.permitted(Permission::Agreements(renewals))
    }

    /// The same engine as it stood when a finding was made: just these sources are withheld, whatever was agreed since.
    pub fn as_then(&self, withheld: Vec<Withheld>) -> Engine {
        self.permitted(Permission::AsThen(withheld))
    }

    /// What a reading for this purpose on this day is refused.
    pub fn withheld(&self, purpose: Purpose, as_of: NaiveDate) -> Vec<Withheld> {
        self.inner.withheld_for(purpose, as_of)
    }

    pub(crate) fn permitted(&self, permission: Permission) -> Engine {
        let inner = &self.inner;
        Engine {
            inner: Closed::new(Arc::new(Inner {
                pack: inner.pack.clone(),
                snapshot: inner.snapshot.clone(),
                config: inner.config.clone(),
                compiled: inner.compiled.clone(),
                index: Index::default(),
                permission,
                withheld: Vec::new(),
                parts: Parts::default(),
                laws: Laws::default(),
                law_of: None,
            })),
        }
    }

    /// Names the list of batches that a reading for this purpose on this day gets: that of [`Engine::snapshot_id`],
    /// and the sources withheld.
    pub fn readable_id(&self, purpose: Purpose, as_of: NaiveDate) -> String {
        self.inner.part_id(&self.inner.withheld_for(purpose, as_of))
    }
}

impl Inner {
    /// Itself where everything may be read for this purpose, else itself without what may not.
    ///
    /// # Errors
    /// [`EngineError::Withheld`] where it is the register that may not be read: then there is nobody to ask about.
    pub(crate) fn agreed(self: &Arc<Inner>, purpose: Purpose, as_of: NaiveDate) -> Result<Arc<Inner>, EngineError> {
        const KEPT: usize = 8;
        // Where the pack says nothing of the day at all, that is what is wrong.
        self.within(as_of)?;
        let withheld = self.withheld_for(purpose, as_of);
        if withheld.is_empty() {
            return Ok(self.clone());
        }
        let register = self.pack.source_by_name(REGISTER).map(|s| s.id.as_str());
        if let Some(register) = withheld.iter().find(|w| register == Some(w.source.as_str())) {
            return Err(EngineError::Withheld(register.clone()));
        }
        let id = self.part_id(&withheld);
        let mut parts = self.parts.0.lock().unwrap_or_else(|e| e.into_inner());
        // The same sources can be missing for another reason or on another day: the words are part of the answer.
        if let Some(part) = parts.get(&id).filter(|part| part.withheld == withheld) {
            return Ok(part.clone());
        }
        for source in &withheld {
            tracing::warn!(source = source.source, purpose = purpose.id(), agreement = source.number, "withheld");
        }
        let part = Arc::new(Inner {
            pack: self.pack.clone(),
            snapshot: self.snapshot.without(&withheld, &id),
            config: self.config.clone(),
            compiled: self.compiled.clone(),
            index: Index::default(),
            permission: Permission::AsThen(Vec::new()),
            withheld,
            parts: Parts::default(),
            laws: Laws::default(),
            law_of: self.law_of,
        });
        if parts.len() >= KEPT {
            parts.pop_first();
        }
        parts.insert(id, part.clone());
        Ok(part)
    }

    /// In the order of the sources' ids. Only of sources that have arrived; a worked case is nobody's data.
    fn withheld_for(&self, purpose: Purpose, as_of: NaiveDate) -> Vec<Withheld> {
        let arrived = |id: &str| self.snapshot.inputs.contains_key(id);
        match &self.permission {
            Permission::AsThen(withheld) => withheld.iter().filter(|w| arrived(&w.source)).cloned().collect(),
            Permission::Agreements(_) if self.snapshot.is_made_up() => Vec::new(),
            Permission::Agreements(renewals) => {
                let sources = self.snapshot.inputs.keys().filter_map(|id| self.pack.source(id));
                sources.filter_map(|s| s.may_serve(purpose, as_of, renewals).err()).collect()
            }
        }
    }

    fn part_id(&self, withheld: &[Withheld]) -> String {
        let mut id = self.snapshot.id.clone();
        for source in withheld {
            id.push(WITHOUT);
            id.push_str(&source.source);
        }
        id
    }
}
