//! A department's system sends a file by itself, and asks what became of it.

use super::{
    problem::{Problem, Refusal},
    signed::{Claim, WINDOW, digest},
};
use crate::AppState;
use axum::{
    Json,
    body::{Body, BodyDataStream},
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use percent_encoding::percent_decode_str;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::{io::Write, sync::Mutex};
use tuodi_inbox::{InboxError, Job, NewJob, SenderKey};

/// What must be under the signature of a file; of a question about one, the first two.
const UNDER: [&str; 3] = ["@method", "@path", "content-digest"];

fn href(job: &Job) -> String {
    format!("/api/feeds/{}/files/{}", job.source.as_deref().unwrap_or_default(), job.id)
}

/// What a sender is told of its file: counts and reasons, never a value.
fn told(status: StatusCode, job: &Job) -> Response {
    let body = json!({
        "job": job.id,
        "source": job.source,
        "file": job.file_name,
        "bytes": job.bytes,
        "received_at": job.at,
        "stage": job.stage,
        "report": job.report,
        "href": href(job),
    });
    (status, [(header::LOCATION, href(job))], Json(body)).into_response()
}

/// Who signed the request: proven, in force, and of this source.
pub async fn signer(state: &AppState, source: &str, parts: &Parts, claim: &Claim) -> Result<SenderKey, Refusal> {
    let now = (state.clock)();
    if !claim.is_fresh(now) {
        return Err(Refusal::Stale);
    }
    let key = tuodi_inbox::sender_key(&state.store, &claim.key).await.map_err(Refusal::fault)?;
    let key = key.filter(|key| key.source == source).ok_or(Refusal::UnknownKey)?;
    if !claim.is_by(&key.public) {
        return Err(Refusal::WrongSignature);
    }
    // Said only to whoever holds the private half.
    if key.revoked.is_some() {
        return Err(Refusal::Revoked);
    }
    // The name under which the file is kept comes from here.
    if parts.headers.contains_key(header::CONTENT_DISPOSITION) {
        claim.covers(&["content-disposition"])?;
    }
    Ok(key)
}

pub async fn receive(State(state): State<AppState>, Path(source): Path<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let claim = Claim::read(&parts);
    let key = claim.as_ref().ok().map(|claim| claim.key.clone());
    let done = match claim {
        Ok(claim) => take(&state, &source, &parts, &claim, body).await,
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok((status, job)) => told(status, &job),
        Err(refusal) => {
            journal(&state, &source, &refusal, key.as_deref()).await;
            Problem::from(refusal).into_response()
        }
    }
}

/// The file's job, and whether it is a new one.
async fn take(
    state: &AppState,
    source: &str,
    parts: &Parts,
    claim: &Claim,
    body: Body,
) -> Result<(StatusCode, Job), Refusal> {
    let known = state.pack.source(source).filter(|s| s.takes_files());
    let known = known.ok_or(Refusal::NoSource)?;
    claim.covers(&UNDER)?;
    let nonce = claim.nonce.as_deref().ok_or(Refusal::NoNonce)?;
    let digest = digest(&parts.headers)?;
    let key = signer(state, source, parts, claim).await?;
    let limit = state.ways.limit();
    let length = parts.headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|bytes| bytes > limit) {
        return Err(Refusal::TooLarge(limit));
    }
    let now = (state.clock)();
    let until = claim.created + WINDOW * 2;
    if !tuodi_inbox::present(&state.store, &key, "data.push", nonce, until, now).await.map_err(Refusal::fault)? {
        return Err(Refusal::Replayed);
    }
    let hex: String = digest.iter().map(|b| format!("{b:02x}")).collect();
    let before = || async { tuodi_inbox::sent_before(&state.store, source, &hex).await.map_err(Refusal::fault) };
    if let Some(job) = before().await? {
        return Ok((StatusCode::OK, job));
    }
    let id = uuid::Uuid::new_v4().simple().to_string();
    let name = file_name(&parts.headers).unwrap_or_else(|| format!("{source}_{}", known.name));
    let bytes = match keep(state, &id, &name, body.into_data_stream(), limit, &digest).await {
        Ok(bytes) => bytes,
        Err(refusal) => {
            state.ways.drop_file(&id);
            return Err(refusal);
        }
    };
    let new = NewJob {
        id: id.clone(),
        file_name: name,
        bytes,
        source: Some(source.to_owned()),
        corrects: None,
        confirmed: true,
        digest: Some(hex.clone()),
    };
    let cx = key.cx(&state.store, &state.access, now);
    match tuodi_inbox::receive(&cx, new).await {
        Ok(job) => {
            state.ways.wake();
            Ok((StatusCode::ACCEPTED, job))
        }
        Err(error) => {
            state.ways.drop_file(&id);
            // The same bytes came at the same moment: theirs is the job.
            match (error, before().await?) {
                (InboxError::UnderWay, Some(job)) => Ok((StatusCode::OK, job)),
                (error, _) => Err(Refusal::fault(error)),
            }
        }
    }
}

/// Writes the body as it comes; it is never in memory as a whole. Gives its bytes.
async fn keep(
    state: &AppState,
    job: &str,
    name: &str,
    mut body: BodyDataStream,
    limit: u64,
    digest: &[u8; 32],
) -> Result<u64, Refusal> {
    let mut file = state.ways.create(job, name).map_err(Refusal::fault)?;
    let (mut bytes, mut hash) = (0_u64, Sha256::new());
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|_| Refusal::CutOff)?;
        bytes += piece.len() as u64;
        if bytes > limit {
            return Err(Refusal::TooLarge(limit));
        }
        hash.update(&piece);
        file.write_all(&piece).map_err(Refusal::fault)?;
    }
    if bytes == 0 {
        return Err(Refusal::Empty);
    }
    if hash.finalize().as_slice() != digest {
        return Err(Refusal::WrongDigest);
    }
    // Waits for the disk.
    let finished = tokio::task::spawn_blocking(move || file.finish()).await.map_err(Refusal::fault)?;
    finished.map_err(Refusal::fault)?;
    Ok(bytes)
}

/// `filename*` (RFC 8187, UTF-8) before `filename`, as RFC 6266 wants it.
fn file_name(headers: &HeaderMap) -> Option<String> {
    let value = std::str::from_utf8(headers.get(header::CONTENT_DISPOSITION)?.as_bytes()).ok()?;
    let parameter = |name: &str| {
        value.split(';').find_map(|part| {
            let (key, value) = part.split_once('=')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
        })
    };
    let extended = parameter("filename*").and_then(|text| {
        let (charset, rest) = text.split_once('\'')?;
        let (_, name) = rest.split_once('\'')?;
        let name = percent_decode_str(name).decode_utf8().ok()?;
        charset.eq_ignore_ascii_case("utf-8").then(|| name.into_owned())
    });
    extended.or_else(|| parameter("filename")).filter(|name| !name.is_empty())
}

/// What became of a file: asked by whoever may send one.
pub async fn standing(
    State(state): State<AppState>,
    Path((source, job)): Path<(String, String)>,
    request: Request,
) -> Response {
    match asked(&state, &source, &job, &request.into_parts().0).await {
        Ok(job) => told(StatusCode::OK, &job),
        Err(refusal) => Problem::from(refusal).into_response(),
    }
}

async fn asked(state: &AppState, source: &str, job: &str, parts: &Parts) -> Result<Job, Refusal> {
    let claim = Claim::read(parts)?;
    claim.covers(&UNDER[..2])?;
    signer(state, source, parts, &claim).await?;
    match tuodi_inbox::find(&state.store, job).await {
        Ok(job) if job.source.as_deref() == Some(source) => Ok(job),
        Ok(_) | Err(InboxError::NotFound(_)) => Err(Refusal::NoFile),
        Err(error) => Err(Refusal::fault(error)),
    }
}

/// Requests that were turned away in this minute. The journal only grows: whoever knocks a thousand times a minute is
/// told of in the log, not in a thousand entries.
static TURNED_AWAY: Mutex<(i64, u32)> = Mutex::new((0, 0));
const A_MINUTE: u32 = 60;

pub async fn journal(state: &AppState, source: &str, refusal: &Refusal, key: Option<&str>) {
    let now: DateTime<Utc> = (state.clock)();
    let minute = now.timestamp() / 60;
    let many = {
        let mut count = TURNED_AWAY.lock().unwrap_or_else(|e| e.into_inner());
        if count.0 != minute {
            *count = (minute, 0);
        }
        count.1 += 1;
        count.1 > A_MINUTE
    };
    if many {
        return tracing::warn!(why = refusal.code(), "a file was turned away; more than {A_MINUTE} a minute");
    }
    // What was asked for may be anything: only sources that exist are named.
    let relay = source.strip_prefix("relay:").filter(|id| state.pack.verification.relay(id).is_some());
    let source = match relay {
        Some(_) => source,
        None => state.pack.source(source).map_or("unknown", |s| s.id.as_str()),
    };
    let key = match key {
        Some(id) => tuodi_inbox::sender_key(&state.store, id).await.ok().flatten().map(|k| k.id),
        None => None,
    };
    let done = tuodi_inbox::turned_away(&state.store, source, refusal.code(), key.as_deref(), now).await;
    if let Err(error) = done {
        tracing::error!(%error, why = refusal.code(), "a file was turned away, and the journal could not be written");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_be_named_in_chinese() {
        let name =
            |text: &str| file_name(&HeaderMap::from_iter([(header::CONTENT_DISPOSITION, text.parse().unwrap())]));
        let chinese = "attachment; filename=\"x.csv\"; filename*=UTF-8''%E6%B0%B4%E8%A1%A8.csv";
        assert_eq!(name(chinese).as_deref(), Some("水表.csv"));
        assert_eq!(name("attachment; filename=\"8 月.csv\"").as_deref(), Some("8 月.csv"));
        assert_eq!(name("attachment; filename*=GBK''%C4.csv; filename=a.csv").as_deref(), Some("a.csv"));
        assert_eq!(name("attachment"), None);
    }
}
