//! Feeds: what the pool knows of them, for the room that looks after them.

use crate::error::VerbError;
use chrono::{DateTime, Utc};
use tuodi_access::Actor;
use tuodi_feeds::{Arrival, Scores, Standing, Trouble, standing};
use tuodi_pack::{Pack, Withheld};
use tuodi_pool::{BatchState, Format, Manifest, Pool};
use tuodi_store::Store;

/// A batch as the room of feeds knows it.
pub fn arrival(manifest: &Manifest) -> Arrival {
    let (from_file, quality) = (manifest.format != Format::Platform, manifest.quality);
    Arrival {
        batch: manifest.batch.clone(),
        group: manifest.group.clone(),
        at: manifest.arrived_at,
        taken: manifest.state == BatchState::Taken,
        from_file,
        contract_version: manifest.contract_version,
        scores: Scores {
            completeness: Some(quality.completeness),
            validity: Some(quality.validity),
            uniqueness: Some(quality.uniqueness),
            timeliness: quality.timeliness,
            consistency: quality.consistency,
        },
        reasons: manifest.reasons.clone(),
    }
}

/// How every source of the pack stands now. What is wrong with one that never sent anything and is not fetched is not
/// said: it is not connected.
pub async fn standings(
    store: &Store,
    pack: &Pack,
    pool: &Pool,
    now: DateTime<Utc>,
) -> Result<Vec<Standing>, VerbError> {
    let renewals = tuodi_feeds::renewals(store).await?;
    let manifests = pool.batches()?;
    let of = |id: &str| -> Vec<Arrival> { manifests.iter().filter(|m| m.source == id).map(arrival).collect() };
    let fetches = tuodi_inbox::fetches(store).await?;
    let mut all = Vec::new();
    for source in &pack.sources {
        let (arrivals, fetch) = (of(&source.id), fetches.iter().find(|f| f.source == source.id));
        if arrivals.is_empty() && fetch.is_none() {
            continue;
        }
        let mut standing = standing(source, &arrivals, &renewals, now);
        if let Some(since) = fetch.and_then(|f| f.is_stuck()) {
            standing.troubles.push(Trouble::Unfetched { since: tuodi_feeds::local_date(since) });
        }
        all.push(standing);
    }
    Ok(all)
}

/// Opens and closes the tasks about feeds.
pub async fn follow(store: &Store, pack: &Pack, pool: &Pool, now: DateTime<Utc>) -> Result<(), VerbError> {
    let standings = standings(store, pack, pool, now).await?;
    let (opened, mended) = tuodi_feeds::follow(store, pack, &standings, now).await?;
    if opened + mended > 0 {
        tracing::info!(opened, mended, "tasks about feeds");
    }
    Ok(())
}

/// What a reading of the platform itself was refused.
pub async fn journal_refusals(
    store: &Store,
    pack: &Pack,
    subject: &str,
    withheld: &[Withheld],
) -> Result<(), VerbError> {
    Ok(tuodi_feeds::journal_withheld(store, pack, &Actor::system(), subject, withheld, crate::now()).await?)
}
