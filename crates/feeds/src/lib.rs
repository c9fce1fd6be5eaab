//! Feeds as things with owners: what has been recorded about agreements, how a feed stands against what its owner
//! promised, and the tasks of the desks that look after them.
//!
//! Invariants: an agreement is renewed or ended by a record with its journal entry, the pack is never edited for it; one
//! open task a feed and kind of trouble; what a reading was refused is in the journal.
//!
//! This room never opens the pool: what has arrived is told to it ([`Arrival`]). It never decides what a rule may read;
//! that is `tuodi_pack::source::Source::may_serve`, asked by the engine.

mod agreements;
mod error;
mod migration;
mod refused;
mod standing;
mod tables;
mod tasks;
#[cfg(test)]
mod tests;

pub use self::{
    agreements::{Record, RecordForm, record, records, renewals},
    error::{FeedsError, FormProblem},
    migration::migrations,
    refused::journal_withheld,
    standing::{Arrival, Score, Scores, Standing, Trouble, standing},
    tasks::{FeedTask, close, follow, tasks},
};

use chrono::{DateTime, Duration, NaiveDate, SubsecRound, Utc};
use tuodi_access::{Access, Act, Actor, Resource};
use tuodi_pack::Pack;
use tuodi_store::{Entry, Store};

/// Who acts, by which rules, when.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    pub store: &'a Store,
    pub access: &'a Access,
    pub pack: &'a Pack,
    pub actor: &'a Actor,
    pub now: DateTime<Utc>,
}

/// The date in Beijing: days of agreements begin there.
pub fn local_date(at: DateTime<Utc>) -> NaiveDate {
    (at + Duration::hours(8)).date_naive()
}

impl Desk<'_> {
    fn authorise(&self, source: &str) -> Result<(), FeedsError> {
        let resource = Resource::general("feed", source, &self.pack.info.jurisdiction);
        self.access.authorise(self.actor, Act::ManageFeed, &resource, "feeds")?;
        Ok(())
    }

    fn entry(&self, act: &str, source: &str, details: serde_json::Value) -> Entry {
        entry(self.actor, self.pack, act, format!("source:{source}"), details, self.now)
    }
}

fn entry(
    actor: &Actor,
    pack: &Pack,
    act: &str,
    subject: String,
    details: serde_json::Value,
    now: DateTime<Utc>,
) -> Entry {
    Entry {
        at: now.trunc_subsecs(6),
        actor: actor.account.clone(),
        role: actor.role.id().to_owned(),
        act: act.to_owned(),
        subject,
        region: pack.info.jurisdiction.clone(),
        details,
    }
}
