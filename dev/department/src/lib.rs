//! A department's system as it may behave: it delays, fails, sends garbage or half a reply, asks for patience, declines,
//! and changes its mind. For trying connectors by hand and in tests; it knows invented savings of invented people, and
//! exports invented meters of nobody.

mod behaviour;
mod export;

pub use self::{behaviour::Behaviour, export::ROWS};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tuodi_pack::ask::Question;

/// One department. Each question's tries, and those of the export, go through the behaviours in order; the last one stays.
#[derive(Clone)]
pub struct Department(Arc<Inner>);

struct Inner {
    behaviours: Vec<Behaviour>,
    key: Option<String>,
    /// Tries by the question's key.
    tries: Mutex<BTreeMap<String, usize>>,
}

impl Department {
    pub fn new(behaviours: Vec<Behaviour>, key: Option<String>) -> Department {
        let behaviours = if behaviours.is_empty() { vec![Behaviour::Answer] } else { behaviours };
        Department(Arc::new(Inner { behaviours, key, tries: Mutex::default() }))
    }

    /// How often each question was asked.
    pub fn tries(&self) -> BTreeMap<String, usize> {
        self.0.tries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn router(&self) -> Router {
        Router::new()
            .route("/ask", post(ask))
            .route("/export", get(export::page))
            .route("/log", get(log))
            .with_state(self.clone())
    }

    /// Serves on a free port of this machine; returns the address to ask. Ends with the runtime.
    ///
    /// # Errors
    /// No port.
    pub async fn start(&self) -> std::io::Result<String> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let router = self.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(format!("http://{address}/ask"))
    }

    /// Whether the caller may ask: it knows the key, where there is one.
    fn knows(&self, headers: &HeaderMap) -> bool {
        let said = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
        self.0.key.as_ref().is_none_or(|key| said == format!("Bearer {key}"))
    }

    fn next(&self, key: &str) -> Behaviour {
        let mut tries = self.0.tries.lock().unwrap_or_else(PoisonError::into_inner);
        let n = tries.entry(key.to_owned()).or_default();
        let behaviour = self.0.behaviours[(*n).min(self.0.behaviours.len() - 1)];
        *n += 1;
        behaviour
    }
}

async fn log(State(department): State<Department>) -> Json<BTreeMap<String, usize>> {
    Json(department.tries())
}

fn refusal(status: StatusCode, reason: &str) -> Response {
    (status, Json(json!({ "reason": reason }))).into_response()
}

async fn ask(State(department): State<Department>, headers: HeaderMap, body: Bytes) -> Response {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !department.knows(&headers) {
        return refusal(StatusCode::UNAUTHORIZED, "the key is not known here");
    }
    let question: Question = match serde_json::from_slice(&body) {
        Ok(question) => question,
        Err(e) => return refusal(StatusCode::BAD_REQUEST, &e.to_string()),
    };
    if text("idempotency-key") != question.key {
        return refusal(StatusCode::BAD_REQUEST, "Idempotency-Key is not the question's key");
    }
    if question.people.iter().any(|p| p.authorisation.is_empty())
        && question.people.iter().all(|p| p.authorisation.is_empty())
    {
        return refusal(StatusCode::FORBIDDEN, "nobody has authorised the question");
    }
    let behaviour = department.next(&question.key);
    match behaviour {
        Behaviour::Slow(ms) => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            answers(&question, 0, usize::MAX)
        }
        Behaviour::Fail(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            refusal(status, "internal error")
        }
        Behaviour::Garbage => (StatusCode::OK, "<html><body>系统维护中</body></html>").into_response(),
        Behaviour::Cut => cut(&question),
        Behaviour::Half => answers(&question, 0, question.people.len() / 2),
        Behaviour::Busy(seconds) => {
            let mut response = refusal(StatusCode::TOO_MANY_REQUESTS, "too many questions");
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            response
        }
        Behaviour::Later(seconds) => {
            let mut response = StatusCode::ACCEPTED.into_response();
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            response
        }
        Behaviour::Decline => refusal(StatusCode::FORBIDDEN, "the authorisation form is not on file here"),
        Behaviour::Other => answers(&question, 1_000_000, usize::MAX),
        Behaviour::Answer => answers(&question, 0, usize::MAX),
    }
}

fn reply(question: &Question, more: i64, most: usize) -> Value {
    let told = question.people.iter().take(most).map(|person| {
        let savings = savings(&person.id_no);
        match savings {
            None => json!({ "reference": person.reference, "status": "none" }),
            Some(fen) => json!({
                "reference": person.reference,
                "status": "found",
                "rows": [{
                    "query_no": question.key, "authorisation_no": person.authorisation, "id_no": person.id_no,
                    "org_code": "990001", "asset_kind": "deposit", "balance": fen + more, "query_date": question.as_of,
                }],
            }),
        }
    });
    json!({ "key": question.key, "answers": told.collect::<Vec<_>>() })
}

fn answers(question: &Question, more: i64, most: usize) -> Response {
    Json(reply(question, more, most)).into_response()
}

/// The line breaks in the middle of the text.
fn cut(question: &Question) -> Response {
    let text = reply(question, 0, usize::MAX).to_string();
    let half: String = text.chars().take(text.chars().count() / 2).collect();
    ([(header::CONTENT_TYPE, "application/json")], half).into_response()
}

/// Invented: the same person always has the same, and every third nothing.
pub fn savings(id_no: &str) -> Option<i64> {
    let hash = Sha256::digest(id_no.as_bytes());
    let n = i64::from(u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]));
    (n % 3 != 0).then_some(n % 3_000_000)
}
