//! Who acts, where, when.

use crate::error::Result;
use chrono::{DateTime, Utc};
use tuodi_access::{Access, Act, Actor, Resource};
use tuodi_store::{Entry, Store, micros};

#[derive(Clone)]
pub struct Cx {
    pub store: Store,
    pub access: Access,
    pub actor: Actor,
    pub now: DateTime<Utc>,
}

impl Cx {
    /// Only who may load data has anything to do here.
    pub(crate) fn authorise(&self, id: &str) -> Result<()> {
        let resource = Resource::general("data", id, self.actor.region.as_str());
        self.access.authorise(&self.actor, Act::LoadData, &resource, "inbox")?;
        Ok(())
    }

    pub(crate) fn entry(&self, act: &str, subject: String, details: serde_json::Value) -> Entry {
        entry(&self.actor, self.now, act, subject, details)
    }
}

pub(crate) fn entry(
    actor: &Actor,
    now: DateTime<Utc>,
    act: &str,
    subject: String,
    details: serde_json::Value,
) -> Entry {
    Entry {
        at: micros(now),
        actor: actor.account.clone(),
        role: actor.role.id().to_owned(),
        act: act.to_owned(),
        subject,
        region: actor.region.clone(),
        details,
    }
}
