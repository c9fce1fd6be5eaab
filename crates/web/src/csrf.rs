//! Forms come from our own pages: every POST carries a token, checked here for all of them, so that none can forget it.
//!
//! Signed in, the token lives in the session; before that, in a cookie of its own (the sign-in form has no session yet).

use crate::{Cx, WebError};
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Ordinary forms are small; a household of twenty fits in a tenth of this.
const FORM_LIMIT: usize = 256 * 1024;

/// A scanned form of five megabytes, or a list of 300,000 people, as a page sends it in a field.
pub const SCAN_LIMIT: usize = 8 * 1024 * 1024;

/// The forms that carry a file in a field: an authorisation with its scan, a list of many people.
fn limit_of(path: &str) -> usize {
    let carries = path.ends_with("/consents") || path == "/desk/verifications/batches";
    if carries { SCAN_LIMIT } else { FORM_LIMIT }
}

pub const COOKIE: &str = "tuodi_form";

pub fn new_token() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

pub async fn check(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    if request.method() != Method::POST {
        return WebError::NotFound.into_response();
    }
    let (parts, body) = request.into_parts();
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return WebError::Csrf.into_response();
    }
    let Ok(bytes) = to_bytes(body, limit_of(parts.uri.path())).await else {
        return WebError::TooLarge.into_response();
    };
    let expected = parts.extensions.get::<Cx>().map(|cx| cx.view.csrf.clone()).unwrap_or_default();
    if expected.is_empty() || token_of(&bytes).as_deref() != Some(expected.as_str()) {
        return WebError::Csrf.into_response();
    }
    next.run(Request::from_parts(parts, Body::from(bytes))).await
}

/// The `csrf` field. Tokens are hexadecimal: nothing to unescape.
fn token_of(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    text.split('&').find_map(|pair| pair.strip_prefix("csrf=")).map(str::to_owned)
}
