//! Readings that were refused a source leave a trace.

use crate::{entry, error::Result};
use chrono::{DateTime, Utc};
use serde_json::json;
use tuodi_access::Actor;
use tuodi_pack::{Pack, Withheld};
use tuodi_store::{Recorded, Store};

/// One journal entry a source that was withheld. `subject`: what was asked, such as `household:12` or `pass:20260901`.
pub async fn journal_withheld(
    store: &Store,
    pack: &Pack,
    actor: &Actor,
    subject: &str,
    withheld: &[Withheld],
    now: DateTime<Utc>,
) -> Result<()> {
    let mut entries = withheld.iter().map(|w| {
        let details = json!({
            "source": w.source, "purpose": w.purpose, "on": w.on, "agreement": w.number,
            "why": serde_json::to_value(w.why).unwrap_or_default(),
        });
        entry(actor, pack, "feed.withhold", subject.to_owned(), details, now)
    });
    let Some(first) = entries.next() else { return Ok(()) };
    let recorded = entries.fold(Recorded::new((), first), Recorded::and);
    store.write(move |_| Box::pin(async move { Ok::<_, crate::FeedsError>(recorded) })).await
}
