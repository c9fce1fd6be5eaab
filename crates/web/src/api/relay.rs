//! Another city's or the province's check platform asks about people here, by the contract of `tuodi_pack::ask`.

use super::{
    problem::{Problem, Refusal},
    push::{journal, signer},
    signed::{Claim, WINDOW, digest},
};
use crate::AppState;
use axum::{
    Json,
    body::{Body, to_bytes},
    extract::{Path, Request, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use serde_json::json;
use sha2::{Digest, Sha256};
use tuodi_casework::{
    Channel, Cx,
    verify::{self, Relayed},
};
use tuodi_pack::ask::Question;

/// What must be under the signature of a question.
const UNDER: [&str; 3] = ["@method", "@path", "content-digest"];
/// A question is about one household.
const MOST: usize = 1024 * 1024;

/// Under which keys of a relay are kept: beside those of sources.
pub fn owner(relay: &str) -> String {
    format!("relay:{relay}")
}

pub async fn answer(State(state): State<AppState>, Path(relay): Path<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let claim = Claim::read(&parts);
    let key = claim.as_ref().ok().map(|claim| claim.key.clone());
    let done = match claim {
        Ok(claim) => take(&state, &relay, &parts, &claim, body).await,
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok((key, Relayed::Answers(answers))) => Json(json!({ "key": key, "answers": answers })).into_response(),
        // As the contract has it: final, with a reason.
        Ok((_, Relayed::Declined(why))) => {
            (StatusCode::FORBIDDEN, Json(json!({ "reason": why.words() }))).into_response()
        }
        Err(refusal) => {
            journal(&state, &owner(&relay), &refusal, key.as_deref()).await;
            Problem::from(refusal).into_response()
        }
    }
}

async fn take(
    state: &AppState,
    relay: &str,
    parts: &Parts,
    claim: &Claim,
    body: Body,
) -> Result<(String, Relayed), Refusal> {
    state.pack.verification.relay(relay).ok_or(Refusal::NoRelay)?;
    claim.covers(&UNDER)?;
    let nonce = claim.nonce.as_deref().ok_or(Refusal::NoNonce)?;
    let digest = digest(&parts.headers)?;
    let key = signer(state, &owner(relay), parts, claim).await?;
    let body = to_bytes(body, MOST).await.map_err(|_| Refusal::TooLarge(MOST as u64))?;
    if Sha256::digest(&body).as_slice() != digest {
        return Err(Refusal::WrongDigest);
    }
    let question: Question = serde_json::from_slice(&body).map_err(|_| Refusal::NoQuestion)?;
    let now = (state.clock)();
    let until = claim.created + WINDOW * 2;
    let fresh = tuodi_inbox::present(&state.store, &key, "verification.relay_ask", nonce, until, now).await;
    if !fresh.map_err(Refusal::fault)? {
        return Err(Refusal::Replayed);
    }
    let cx = Cx {
        store: state.store.clone(),
        access: state.access.clone(),
        pack: state.pack.clone(),
        actor: key.actor(),
        channel: Channel::System,
        now,
    };
    let told = verify::answer_relay(&cx, state.held.as_ref(), relay, &question).await.map_err(Refusal::fault)?;
    Ok((question.key, told))
}
