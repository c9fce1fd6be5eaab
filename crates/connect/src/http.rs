//! One department over HTTP: `POST url` with the question as JSON, the key of the question as `Idempotency-Key`.
//!
//! | answer | means |
//! | --- | --- |
//! | 200 and `{"key", "answers": [{"reference", "status", "rows", "reason"}]}` | what it knows of these people |
//! | 202, `Retry-After` | it works on it: ask again |
//! | 429 or 503, `Retry-After` | too many questions: ask again |
//! | 403 or 422, `{"reason"}` | it declines |
//! | anything else, or nothing in time | a try that failed |

use crate::ConnectorConfig;
use serde::Deserialize;
use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use tuodi_pack::ask::{AskError, PersonReply, Question, Reply};

/// A reply is about one household: larger ones are not read.
pub const MOST_BYTES: u64 = 4 * 1024 * 1024;
/// No department is left alone for longer than this at its own word.
pub(crate) const LONGEST_PAUSE: u32 = 24 * 3600;

pub struct HttpConnection {
    config: ConnectorConfig,
    agent: ureq::Agent,
    /// No question before this.
    closed_until: Mutex<Option<Instant>>,
}

#[derive(Deserialize)]
struct Wire {
    key: String,
    answers: Vec<PersonReply>,
}

#[derive(Deserialize)]
struct Declined {
    #[serde(default)]
    reason: String,
}

impl HttpConnection {
    pub fn new(config: ConnectorConfig) -> HttpConnection {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_millis(config.timeout_ms)))
            .http_status_as_error(false)
            // A question about people goes where the installation sends it and nowhere else.
            .max_redirects(0)
            .proxy(None)
            .build()
            .into();
        HttpConnection { config, agent, closed_until: Mutex::default() }
    }

    /// One try.
    pub async fn ask(&self, question: &Question) -> Result<Reply, AskError> {
        self.take_turn()?;
        let body = serde_json::to_vec(question)
            .map_err(|_| AskError::Unreachable("the question cannot be written".to_owned()))?;
        let (agent, url, key) = (self.agent.clone(), self.config.url.clone(), self.config.key.clone());
        let idempotency = question.key.clone();
        let sent = tokio::task::spawn_blocking(move || send(&agent, &url, key.as_deref(), &idempotency, &body)).await;
        let got = sent.map_err(|_| AskError::Unreachable("the try was interrupted".to_owned()))??;
        let reply = read(&got, question);
        if let Err(AskError::Busy { after_seconds: Some(seconds) }) = &reply {
            self.close(Duration::from_secs(u64::from(*seconds)));
        }
        reply
    }

    /// Keeps to the agreed pace and to what the department asked for: a question too early is not sent.
    fn take_turn(&self) -> Result<(), AskError> {
        let mut closed = self.closed_until.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if let Some(until) = closed.filter(|until| *until > now) {
            let seconds = (until - now).as_secs_f64().ceil() as u32;
            return Err(AskError::Busy { after_seconds: Some(seconds.max(1)) });
        }
        *closed = self.config.per_minute.map(|n| now + Duration::from_secs(60) / n);
        Ok(())
    }

    fn close(&self, pause: Duration) {
        *self.closed_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + pause);
    }
}

struct Got {
    status: u16,
    retry_after: Option<u32>,
    body: Vec<u8>,
}

fn send(agent: &ureq::Agent, url: &str, key: Option<&str>, idempotency: &str, body: &[u8]) -> Result<Got, AskError> {
    let mut request = agent
        .post(url)
        .header("Content-Type", "application/json")
        .header("Accept", "application/json")
        .header("Idempotency-Key", idempotency);
    if let Some(key) = key {
        request = request.header("Authorization", format!("Bearer {key}"));
    }
    let mut response = request.send(body).map_err(failed)?;
    let retry_after = response.headers().get("retry-after").and_then(|v| v.to_str().ok());
    let retry_after = retry_after.and_then(|v| v.trim().parse().ok()).map(|s: u32| s.min(LONGEST_PAUSE));
    let body = response.body_mut().with_config().limit(MOST_BYTES).read_to_vec().map_err(|e| match e {
        ureq::Error::BodyExceedsLimit(_) => AskError::Garbled("the reply is too long".to_owned()),
        ureq::Error::Timeout(_) => AskError::Silent,
        // The line broke in the middle of the reply.
        other => AskError::Garbled(format!("the reply broke off: {}", kind(&other))),
    })?;
    Ok(Got { status: response.status().as_u16(), retry_after, body })
}

fn failed(error: ureq::Error) -> AskError {
    match error {
        ureq::Error::Timeout(_) => AskError::Silent,
        other => AskError::Unreachable(kind(&other)),
    }
}

/// The kind of an error, without addresses.
pub(crate) fn kind(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(e) => e.kind().to_string(),
        ureq::Error::HostNotFound => "its name is not known".to_owned(),
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => "its certificate is not accepted".to_owned(),
        _ => "the connection failed".to_owned(),
    }
}

fn read(got: &Got, question: &Question) -> Result<Reply, AskError> {
    match got.status {
        200 => {
            let wire: Wire = serde_json::from_slice(&got.body).map_err(|e| {
                // Only where, never what: the text may be about people.
                AskError::Garbled(format!("not JSON by the contract at line {}, column {}", e.line(), e.column()))
            })?;
            if wire.key != question.key {
                return Err(AskError::Garbled("it answers another question".to_owned()));
            }
            Ok(Reply::Answers(wire.answers))
        }
        202 => Ok(Reply::Later { after_seconds: got.retry_after }),
        429 | 503 => Err(AskError::Busy { after_seconds: got.retry_after }),
        403 | 422 => {
            let said: Option<Declined> = serde_json::from_slice(&got.body).ok();
            Err(AskError::Refused(said.map(|d| d.reason).unwrap_or_default()))
        }
        401 => Err(AskError::Unreachable("it does not accept the key (401)".to_owned())),
        other => Err(AskError::Unreachable(format!("it answers {other}"))),
    }
}
