//! Forms come from our own pages: every POST carries a token, checked here for all of them, so that none can forget it.
//!
//! Signed in, the token lives in the session; before that, in a cookie of its own (the sign-in form has no session yet).

use crate::{Cx, WebError};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, stream};

/// Ordinary forms are small; a household of twenty fits in a tenth of this.
const FORM_LIMIT: usize = 256 * 1024;

/// A signature of the finest drawing, as a page sends it in a field.
pub const SIGNATURE_LIMIT: usize = 8 * 1024 * 1024;

/// The forms that carry a drawing in a field.
fn limit_of(path: &str) -> usize {
    if path.ends_with("/consents") { SIGNATURE_LIMIT } else { FORM_LIMIT }
}
/// The first field of a form with a file stands within so many bytes.
const HEAD: usize = 2 * 1024;

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
    let looked = if kind.starts_with("application/x-www-form-urlencoded") {
        plain(body, limit_of(parts.uri.path())).await
    } else if kind.starts_with("multipart/form-data") {
        with_file(body).await
    } else {
        Err(WebError::Csrf)
    };
    let (token, body) = match looked {
        Ok(looked) => looked,
        Err(error) => return error.into_response(),
    };
    let expected = parts.extensions.get::<Cx>().map(|cx| cx.view.csrf.clone()).unwrap_or_default();
    if expected.is_empty() || token.as_deref() != Some(expected.as_str()) {
        return WebError::Csrf.into_response();
    }
    next.run(Request::from_parts(parts, body)).await
}

/// The token of an ordinary form, and the body again.
async fn plain(body: Body, limit: usize) -> Result<(Option<String>, Body), WebError> {
    let bytes = to_bytes(body, limit).await.map_err(|_| WebError::TooLarge)?;
    Ok((token_of(&bytes), Body::from(bytes)))
}

/// A file may be of any size: only the form's beginning is looked at, where our pages put the token.
async fn with_file(body: Body) -> Result<(Option<String>, Body), WebError> {
    let mut rest = body.into_data_stream();
    let mut head: Vec<u8> = Vec::new();
    while head.len() < HEAD && first_field(&head).is_none() {
        match rest.next().await {
            Some(Ok(piece)) => head.extend_from_slice(&piece),
            Some(Err(_)) => return Err(WebError::Csrf),
            None => break,
        }
    }
    let token = first_field(&head);
    let again = stream::once(async { Ok(Bytes::from(head)) }).chain(rest);
    Ok((token, Body::from_stream(again)))
}

/// The value of the first field, when it is the token's.
fn first_field(head: &[u8]) -> Option<String> {
    let head = &head[..head.len().min(HEAD)];
    let at = head.windows(4).position(|w| w == b"\r\n\r\n")?;
    let about = std::str::from_utf8(&head[..at]).ok()?;
    let value = &head[at + 4..];
    let end = value.windows(2).position(|w| w == b"\r\n")?;
    about.contains("name=\"csrf\"").then(|| String::from_utf8_lossy(&value[..end]).into_owned())
}

/// The `csrf` field. Tokens are hexadecimal: nothing to unescape.
fn token_of(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    text.split('&').find_map(|pair| pair.strip_prefix("csrf=")).map(str::to_owned)
}
