//! The frame around every request: language, size, who it is, security headers, and error pages.

use crate::{AppState, Cx, View, csrf, error, session, view::StandsFor, words};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Uri, header},
    middleware::Next,
    response::Response,
};
use chrono::{DateTime, Utc};
use std::sync::Arc;
use tower_sessions::{Session, cookie::Cookie};
use tuodi_access::Actor;
use tuodi_pack::Lang;

const YEAR: &str = "; Path=/; Max-Age=31536000; SameSite=Lax";

/// No other host, no inline script or style: what a page could be tricked into showing still cannot run.
const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; \
                      frame-ancestors 'none'; form-action 'self'";

pub async fn headers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let board = request.uri().path().starts_with("/public/notices");
    let mut response = next.run(request).await;
    let out = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(self), geolocation=(self), microphone=()"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        out.insert(name, HeaderValue::from_static(value));
    }
    if state.tls {
        out.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    // Pages are personal; only hashed assets say otherwise.
    // Families on the board are for those who live there, not for search engines (DB57 art. 24).
    if board {
        out.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow, noarchive"));
    }
    out.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Makes the request's [`Cx`], and the page of a refusal or a fault out of the error a handler gave back.
pub async fn frame(State(state): State<AppState>, session: Session, mut request: Request, next: Next) -> Response {
    let now = (state.clock)();
    let reference = uuid::Uuid::new_v4().simple().to_string()[..8].to_owned();
    let cookies = Cookies::read(request.headers());
    let asked = Asked::read(request.uri());
    let entered = entered(&state, &session, now).await;

    let lang = asked
        .lang
        .or_else(|| cookies.get("lang").and_then(Lang::from_tag))
        .or_else(|| accepted(request.headers()))
        .unwrap_or_default();
    let elder = asked.elder.unwrap_or_else(|| cookies.get("elder") == Some("1"));
    let mut set = Vec::new();
    if let Some(lang) = asked.lang {
        set.push(format!("lang={}{YEAR}", lang.tag()));
    }
    if let Some(elder) = asked.elder {
        set.push(format!("elder={}{YEAR}", u8::from(elder)));
    }
    let token = match &entered {
        Some(entered) => entered.token.clone(),
        None => match cookies.get(csrf::COOKIE).filter(|t| t.len() == 32) {
            Some(token) => token.to_owned(),
            None => {
                let token = csrf::new_token();
                set.push(format!("{}={token}; Path=/; HttpOnly; SameSite=Strict", csrf::COOKIE));
                token
            }
        },
    };

    let mut view = View::new(&state.pack, now);
    view.lang = lang;
    view.elder = elder;
    view.csrf = token;
    view.who = entered.as_ref().map(|e| Cx::who_for_pages(&state, &e.actor, lang));
    view.stands_for = entered.as_ref().and_then(|e| e.stands_for.clone());
    view.path = request.uri().path().to_owned();
    view.query = asked.rest;
    view.request = reference;
    view.demo = state.demo;
    let secure = if state.tls { "; Secure" } else { "" };
    let cx = Cx { state, who: entered.map(|e| e.actor), session, view: Arc::new(view) };
    request.extensions_mut().insert(cx.clone());

    let mut response = next.run(request).await;
    if let Some(failure) = response.extensions_mut().remove::<error::Failure>() {
        response = error::page(&cx, failure);
    }
    let out = response.headers_mut();
    out.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(lang.tag()));
    for cookie in set {
        if let Ok(value) = HeaderValue::from_str(&(cookie + secure)) {
            out.append(header::SET_COOKIE, value);
        }
    }
    response
}

/// Who has signed in, and for whom they act.
struct Entered {
    actor: Actor,
    token: String,
    stands_for: Option<StandsFor>,
}

/// The account of the session and its mandate, read again each time: a right that was taken away is gone at once.
async fn entered(state: &AppState, session: &Session, now: DateTime<Utc>) -> Option<Entered> {
    let id: String = session.get(session::ACCOUNT).await.ok()??;
    let token: String = session.get(session::TOKEN).await.ok()??;
    let account = tuodi_access::accounts::find(&state.store, &id).await.ok()??;
    let Some(mandate) = session.get::<i64>(session::MANDATE).await.ok()? else {
        return Some(Entered { actor: account.actor(), token, stands_for: None });
    };
    match tuodi_casework::mandate::standing_in(&state.store, &account, mandate, now).await.ok()? {
        Some((actor, held)) => {
            let stands_for = StandsFor {
                name: held.name,
                until: held.until,
                signs: held.authorises.then_some(held.person),
                has_case: held.case.is_some(),
            };
            Some(Entered { actor, token, stands_for: Some(stands_for) })
        }
        None => {
            // Over: from here on they are themselves again.
            session.remove::<i64>(session::MANDATE).await.ok()?;
            Some(Entered { actor: account.actor(), token, stands_for: None })
        }
    }
}

struct Cookies(Vec<(String, String)>);

impl Cookies {
    fn read(headers: &HeaderMap) -> Cookies {
        let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|v| v.to_str().ok());
        let cookies = lines.flat_map(|line| Cookie::split_parse(line.to_owned()).flatten());
        Cookies(cookies.map(|c| (c.name().to_owned(), c.value().to_owned())).collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// What the address itself asks for: `?lang=en`, `?elder=1`; the rest of the query stays for links to the same page.
struct Asked {
    lang: Option<Lang>,
    elder: Option<bool>,
    rest: String,
}

impl Asked {
    fn read(uri: &Uri) -> Asked {
        let mut asked = Asked { lang: None, elder: None, rest: String::new() };
        let mut rest = Vec::new();
        for pair in uri.query().unwrap_or_default().split('&') {
            match pair.split_once('=') {
                Some(("lang", tag)) => asked.lang = Lang::from_tag(tag),
                Some(("elder", on)) => asked.elder = Some(on == "1"),
                _ => rest.push(pair),
            }
        }
        asked.rest = rest.join("&");
        asked
    }
}

/// The first language of the browser that the pages speak.
pub(crate) fn accepted(headers: &HeaderMap) -> Option<Lang> {
    let value = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    value.split(',').find_map(|part| Lang::from_tag(part.split(';').next().unwrap_or_default()))
}

/// Fails the first start, not the first visitor, when a catalogue is broken.
pub fn warm_up() {
    for lang in Lang::ALL {
        words::catalogue(lang);
    }
}
