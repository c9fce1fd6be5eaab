//! The word that a batch counts no longer, or again: in the journal first, then in the pool.

use crate::error::VerbError;
use chrono::{DateTime, Utc};
use tuodi_access::Actor;
use tuodi_pool::{Manifest, Pool};
use tuodi_registry::{
    RegistryError,
    linkage::{settle, unsettle},
};
use tuodi_store::{Entry, Recorded, Store};

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
    let brought = pool.batches()?.into_iter().find(|m| m.batch == batch);
    let write = store.write(move |tx| {
        Box::pin(async move {
            // Rows that it brought back wait for a decision about who they name once more, or no longer.
            if let Some(m) = brought.filter(|m| m.corrects.is_some()) {
                match undo {
                    true => unsettle(tx, &m.batch).await?,
                    false => settle(tx, m.corrects.as_deref().unwrap_or_default(), &m.brings_back, &m.batch).await?,
                };
            }
            Ok::<_, RegistryError>(Recorded::new((), entry))
        })
    });
    write.await?;
    Ok(match undo {
        true => pool.undo(batch, &actor.account, why, now)?,
        false => pool.redo(batch, &actor.account, why, now)?,
    })
}
