//! Refusals of the interface: problem details (RFC 9457) with a stable type, a title and a remedy in words.

use crate::words;
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;
use std::sync::Arc;
use tuodi_pack::Lang;

/// Why a request was turned away.
#[derive(Debug, Clone)]
pub enum Refusal {
    NoAddress,
    Method,
    NoSource,
    NoFile,
    NoRelay,
    /// The body is no question by the contract.
    NoQuestion,
    Unsigned,
    /// A header that is no structured field, or says what this interface does not take: which.
    Unreadable(String),
    /// The signature leaves something out that must be under it: what.
    NotCovered(String),
    NoNonce,
    NoDigest,
    Stale,
    UnknownKey,
    WrongSignature,
    Revoked,
    Replayed,
    TooLarge(u64),
    Empty,
    CutOff,
    WrongDigest,
    Fault(Arc<dyn std::error::Error + Send + Sync>),
}

impl Refusal {
    pub fn fault(error: impl std::error::Error + Send + Sync + 'static) -> Refusal {
        Refusal::Fault(Arc::new(error))
    }

    /// The last word of the problem's type, and of the keys of its words.
    pub fn code(&self) -> &'static str {
        self.parts().1
    }

    fn parts(&self) -> (StatusCode, &'static str, String) {
        let none = String::new;
        match self {
            Refusal::NoAddress => (StatusCode::NOT_FOUND, "no_address", none()),
            Refusal::Method => (StatusCode::METHOD_NOT_ALLOWED, "method", none()),
            Refusal::NoSource => (StatusCode::NOT_FOUND, "no_source", none()),
            Refusal::NoFile => (StatusCode::NOT_FOUND, "no_file", none()),
            Refusal::NoRelay => (StatusCode::NOT_FOUND, "no_relay", none()),
            Refusal::NoQuestion => (StatusCode::BAD_REQUEST, "no_question", none()),
            Refusal::Unsigned => (StatusCode::UNAUTHORIZED, "unsigned", none()),
            Refusal::Unreadable(what) => (StatusCode::BAD_REQUEST, "unreadable", what.clone()),
            Refusal::NotCovered(what) => (StatusCode::UNAUTHORIZED, "not_covered", what.clone()),
            Refusal::NoNonce => (StatusCode::UNAUTHORIZED, "no_nonce", none()),
            Refusal::NoDigest => (StatusCode::BAD_REQUEST, "no_digest", none()),
            Refusal::Stale => (StatusCode::UNAUTHORIZED, "stale", none()),
            Refusal::UnknownKey => (StatusCode::UNAUTHORIZED, "unknown_key", none()),
            Refusal::WrongSignature => (StatusCode::UNAUTHORIZED, "wrong_signature", none()),
            Refusal::Revoked => (StatusCode::FORBIDDEN, "revoked", none()),
            Refusal::Replayed => (StatusCode::CONFLICT, "replayed", none()),
            Refusal::TooLarge(limit) => (StatusCode::PAYLOAD_TOO_LARGE, "too_large", (limit >> 20).to_string()),
            Refusal::Empty => (StatusCode::BAD_REQUEST, "empty", none()),
            Refusal::CutOff => (StatusCode::BAD_REQUEST, "cut_off", none()),
            Refusal::WrongDigest => (StatusCode::BAD_REQUEST, "wrong_digest", none()),
            Refusal::Fault(_) => (StatusCode::INTERNAL_SERVER_ERROR, "fault", none()),
        }
    }
}

/// Travels in the response to the frame, which knows the language.
#[derive(Clone)]
pub struct Problem(Refusal);

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        Problem(refusal)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.0.parts().0.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl Problem {
    pub fn in_words(self, lang: Lang, now: DateTime<Utc>) -> Response {
        let (status, code, mut value) = self.0.parts();
        if let Refusal::Fault(error) = &self.0 {
            value = uuid::Uuid::new_v4().simple().to_string()[..8].to_owned();
            tracing::error!(request = %value, %error, "a request of the interface failed");
        }
        if matches!(self.0, Refusal::Stale) {
            value = now.to_rfc3339_opts(SecondsFormat::Secs, true);
        }
        let word = |kind: &str| words::fill(words::text(lang, &format!("api.{kind}.{code}")), &[&value]);
        let body = json!({
            "type": format!("urn:tuodi:problem:{code}"),
            "title": word("title"),
            "status": status.as_u16(),
            "detail": word("detail"),
        });
        let mut response = (status, Json(body)).into_response();
        let out = response.headers_mut();
        out.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        out.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(lang.tag()));
        if status == StatusCode::UNAUTHORIZED {
            // RFC 9421, section 5.1: what a signature has to hold.
            out.insert("accept-signature", HeaderValue::from_static(super::signed::WANTED));
        }
        response
    }
}
