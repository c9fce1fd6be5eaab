//! The word that a batch counts no longer, or again: in the journal first, then in the pool.

use crate::error::VerbError;
use chrono::{DateTime, Utc};
use tuodi_access::Actor;
use tuodi_pool::{Manifest, Pool};
use tuodi_store::{Entry, Recorded, Store, StoreError};

/// The pool's manifest keeps the word too, so that what was journalled and interrupted is seen: the batch says who last
/// spoke, and the same word can be said again.
pub async fn say(
    pool: &Pool,
    store: &Store,
    actor: &Actor,
    batch: &str,
    undo: bool,
    why: &str,
    now: DateTime<Utc>,
) -> Result<Manifest, VerbError> {
    pool.may_undo(batch, undo)?;
    let entry = Entry {
        at: tuodi_store::micros(now),
        actor: actor.account.clone(),
        role: actor.role.id().to_owned(),
        act: if undo { "data.undo" } else { "data.redo" }.to_owned(),
        subject: format!("batch:{batch}"),
        region: actor.region.clone(),
        details: serde_json::json!({ "why": why }),
    };
    store.write(move |_| Box::pin(async move { Ok::<_, StoreError>(Recorded::new((), entry)) })).await?;
    Ok(match undo {
        true => pool.undo(batch, &actor.account, why, now)?,
        false => pool.redo(batch, &actor.account, why, now)?,
    })
}
