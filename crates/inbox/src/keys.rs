//! Keys of departments that send files by themselves: the public half only, one source a key. Whoever holds the private
//! half speaks for that source and nothing else, until a steward revokes it.

use crate::{
    Cx,
    cx::entry,
    error::{InboxError, Result},
    job::{Job, execute, select},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use serde_json::json;
use tuodi_access::{Access, Act, Actor, Resource};
use tuodi_store::{Recorded, Store, micros};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderKey {
    pub id: String,
    pub source: String,
    /// Ed25519 (RFC 8032).
    pub public: [u8; 32],
    /// Whose it is: the department's system, in the steward's words.
    pub label: String,
    pub made_by: String,
    pub made: DateTime<Utc>,
    /// By whom and when.
    pub revoked: Option<(String, DateTime<Utc>)>,
    /// When a file last came under it.
    pub used: Option<DateTime<Utc>>,
}

impl SenderKey {
    /// Who acts where a file came under this key: the platform for the department, named by the key.
    pub fn actor(&self) -> Actor {
        Actor { account: format!("key:{}", self.id), ..Actor::system() }
    }

    /// What the room of jobs wants to know of whoever sends under this key.
    pub fn cx(&self, store: &Store, access: &Access, now: DateTime<Utc>) -> Cx {
        Cx { store: store.clone(), access: access.clone(), actor: self.actor(), now }
    }
}

const COLUMNS: &str = "id, source, public_key, label, made_by, made_us, revoked_by, revoked_us, used_us";

fn key(row: &QueryResult) -> Result<SenderKey> {
    let at = |us: i64| DateTime::from_timestamp_micros(us).unwrap_or_default();
    let public: String = row.try_get("", "public_key")?;
    let public = BASE64_STANDARD.decode(public).ok().and_then(|bytes| bytes.try_into().ok());
    let revoked_by: Option<String> = row.try_get("", "revoked_by")?;
    let revoked: Option<i64> = row.try_get("", "revoked_us")?;
    let used: Option<i64> = row.try_get("", "used_us")?;
    Ok(SenderKey {
        id: row.try_get("", "id")?,
        source: row.try_get("", "source")?,
        public: public.ok_or(InboxError::KeyRecord)?,
        label: row.try_get("", "label")?,
        made_by: row.try_get("", "made_by")?,
        made: at(row.try_get("", "made_us")?),
        revoked: revoked_by.zip(revoked.map(at)),
        used: used.map(at),
    })
}

async fn keys(store: &Store, rest: &str, value: &str) -> Result<Vec<SenderKey>> {
    let sql = format!("SELECT {COLUMNS} FROM inbox_key {rest}");
    let statement = Statement::from_sql_and_values(store.backend(), sql, [value.into()]);
    store.read().query_all_raw(statement).await?.iter().map(key).collect()
}

/// Keys of a source, those in force first, then the newest.
pub async fn sender_keys(store: &Store, source: &str) -> Result<Vec<SenderKey>> {
    let rest = "WHERE source = $1 ORDER BY CASE WHEN revoked_us IS NULL THEN 0 ELSE 1 END, made_us DESC, id";
    keys(store, rest, source).await
}

/// Also one that is revoked: whoever asks looks at that.
pub async fn sender_key(store: &Store, id: &str) -> Result<Option<SenderKey>> {
    Ok(keys(store, "WHERE id = $1", id).await?.into_iter().next())
}

fn may_manage(cx: &Cx, source: &str) -> Result<()> {
    let resource = Resource::general("feed", source, cx.actor.region.as_str());
    cx.access.authorise(&cx.actor, Act::ManageFeed, &resource, "inbox")?;
    Ok(())
}

/// From now on files of this source may come under the key.
///
/// # Errors
/// Who may not look after feeds.
pub async fn admit_key(cx: &Cx, source: &str, label: &str, public: [u8; 32]) -> Result<SenderKey> {
    may_manage(cx, source)?;
    let made = SenderKey {
        id: uuid::Uuid::new_v4().simple().to_string()[..16].to_owned(),
        source: source.to_owned(),
        public,
        label: label.to_owned(),
        made_by: cx.actor.account.clone(),
        made: micros(cx.now),
        revoked: None,
        used: None,
    };
    let public = BASE64_STANDARD.encode(public);
    let details = json!({ "key": made.id, "label": label, "public": public });
    let entry = cx.entry("data.key_admit", format!("source:{source}"), details);
    let values: Vec<Value> = vec![
        made.id.clone().into(),
        source.into(),
        public.into(),
        label.into(),
        made.made_by.clone().into(),
        made.made.timestamp_micros().into(),
    ];
    let change = cx.store.write(move |tx| {
        Box::pin(async move {
            let sql = "INSERT INTO inbox_key (id, source, public_key, label, made_by, made_us) \
                       VALUES ($1, $2, $3, $4, $5, $6)";
            execute(tx, sql, values).await?;
            Ok::<_, InboxError>(Recorded::new((), entry))
        })
    });
    change.await?;
    Ok(made)
}

/// Nothing comes under the key any more. Files that came before stay.
///
/// # Errors
/// Who may not look after feeds; no such key of this source, or one that is revoked already.
pub async fn revoke_key(cx: &Cx, source: &str, id: &str) -> Result<()> {
    may_manage(cx, source)?;
    let entry = cx.entry("data.key_revoke", format!("source:{source}"), json!({ "key": id }));
    let values: Vec<Value> =
        vec![id.into(), source.into(), cx.actor.account.clone().into(), micros(cx.now).timestamp_micros().into()];
    let id = id.to_owned();
    cx.store
        .write(move |tx| {
            Box::pin(async move {
                let sql = "UPDATE inbox_key SET revoked_by = $3, revoked_us = $4 \
                           WHERE id = $1 AND source = $2 AND revoked_us IS NULL";
                match execute(tx, sql, values).await? {
                    0 => Err(InboxError::NotFound(id)),
                    _ => Ok(Recorded::new((), entry)),
                }
            })
        })
        .await
}

/// A signed request is presented: its number counts once a key. `false`: it was presented before.
///
/// `act`: what the request is, for the journal. `until`: from then on the request is too old whatever its number, so the number need not be kept.
pub async fn present(
    store: &Store,
    key: &SenderKey,
    act: &'static str,
    nonce: &str,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let entry = entry(&key.actor(), now, act, format!("source:{}", key.source), json!({ "key": key.id }));
    let now = micros(now).timestamp_micros();
    let (id, old): (String, Vec<Value>) = (key.id.clone(), vec![now.into()]);
    let fresh: Vec<Value> = vec![id.clone().into(), nonce.into(), until.timestamp_micros().into()];
    let done = store
        .write(move |tx| {
            Box::pin(async move {
                execute(tx, "DELETE FROM inbox_nonce WHERE until_us < $1", old).await?;
                let sql =
                    "INSERT INTO inbox_nonce (key_id, nonce, until_us) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
                if execute(tx, sql, fresh).await? == 0 {
                    return Err(InboxError::NotFound(String::new()));
                }
                execute(tx, "UPDATE inbox_key SET used_us = $2 WHERE id = $1", vec![id.into(), now.into()]).await?;
                Ok(Recorded::new((), entry))
            })
        })
        .await;
    match done {
        Ok(()) => Ok(true),
        Err(InboxError::NotFound(_)) => Ok(false),
        Err(e) => Err(e),
    }
}

/// A request that was turned away, and why; `key` where one was named that exists.
pub async fn turned_away(
    store: &Store,
    source: &str,
    code: &'static str,
    key: Option<&str>,
    now: DateTime<Utc>,
) -> Result<()> {
    let details = json!({ "why": code, "key": key });
    let entry = entry(&Actor::system(), now, "data.push_refuse", format!("source:{source}"), details);
    store.write(move |_| Box::pin(async move { Ok::<_, InboxError>(Recorded::new((), entry)) })).await
}

/// The job that a file of this source with these bytes is or was, unless nothing came of it.
///
/// `digest`: SHA-256 in hexadecimal.
pub async fn sent_before(store: &Store, source: &str, digest: &str) -> Result<Option<Job>> {
    let rest = "WHERE source = $1 AND digest = $2 AND stage NOT IN ('cancelled', 'failed') ORDER BY at_us DESC, id";
    let jobs = select(store, rest, vec![source.into(), digest.into()]).await?;
    // Refused whole: what its headings mean may have been said since.
    let came = |job: &Job| job.report.as_ref().is_none_or(|r| r.files.iter().any(|f| f.state != "refused"));
    Ok(jobs.into_iter().find(came))
}
