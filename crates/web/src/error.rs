//! What a failed request looks like. The only file that knows statuses.
//!
//! A refusal says what is missing and who can help; a fault shows a number to quote, and its chain goes to the log only.

use crate::{Cx, Door, View, data::DataError};
use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use tuodi_access::{AccessError, Denied, Role};
use tuodi_casework::CaseError;
use tuodi_feeds::FeedsError;
use tuodi_inbox::InboxError;
use tuodi_pack::{EvaluateError, Text};
use tuodi_registry::RegistryError;
use tuodi_store::StoreError;
use tuodi_watch::WatchError;

#[derive(Debug)]
pub enum WebError {
    /// Sign in first, then come back here.
    SignIn,
    WrongDoor {
        door: Door,
    },
    /// A right is missing: who holds it.
    Denied {
        who_can: Vec<Role>,
        why: Option<Text>,
    },
    NotFound,
    /// Somebody was faster, or the case is at another stage; the key names the explanation.
    Conflict(&'static str),
    /// The same as [`WebError::Conflict`] with a value in the sentence.
    ConflictOf(&'static str, String),
    /// The form did not come from our page, or the page was open too long.
    Csrf,
    TooLarge,
    Fault(Box<dyn std::error::Error + Send + Sync>),
}

/// Travels in the response to the frame, which knows the language.
#[derive(Clone)]
pub struct Failure {
    status: StatusCode,
    heading: &'static str,
    body: &'static str,
    value: String,
    who_can: Vec<Role>,
    why: Option<Text>,
    sign_in: bool,
}

impl WebError {
    pub fn fault(error: impl std::error::Error + Send + Sync + 'static) -> WebError {
        WebError::Fault(Box::new(error))
    }

    fn failure(self) -> Failure {
        let page = |status, heading, body| Failure {
            status,
            heading,
            body,
            value: String::new(),
            who_can: Vec::new(),
            why: None,
            sign_in: false,
        };
        match self {
            WebError::SignIn => {
                let page = page(StatusCode::SEE_OTHER, "common.error.sign_in", "common.error.sign_in_body");
                Failure { sign_in: true, ..page }
            }
            WebError::WrongDoor { door } => {
                let who_can = Role::ALL.iter().copied().filter(|r| Door::of(*r).contains(&door)).collect();
                let page = page(StatusCode::FORBIDDEN, "common.error.denied", "common.error.wrong_door_body");
                Failure { who_can, ..page }
            }
            WebError::Denied { who_can, why } => {
                let page = page(StatusCode::FORBIDDEN, "common.error.denied", "common.error.denied_body");
                Failure { who_can, why, ..page }
            }
            WebError::NotFound => page(StatusCode::NOT_FOUND, "common.error.not_found", "common.error.not_found_body"),
            WebError::Conflict(body) => page(StatusCode::CONFLICT, "common.error.conflict", body),
            WebError::ConflictOf(body, value) => {
                Failure { value, ..page(StatusCode::CONFLICT, "common.error.conflict", body) }
            }
            WebError::Csrf => page(StatusCode::FORBIDDEN, "common.error.csrf", "common.error.csrf_body"),
            WebError::TooLarge => {
                page(StatusCode::PAYLOAD_TOO_LARGE, "common.error.too_large", "common.error.too_large_body")
            }
            WebError::Fault(error) => {
                let mut chain = error.to_string();
                let mut source = error.source();
                while let Some(inner) = source {
                    chain.push_str(": ");
                    chain.push_str(&inner.to_string());
                    source = inner.source();
                }
                let page = page(StatusCode::INTERNAL_SERVER_ERROR, "common.error.fault", "common.error.fault_body");
                Failure { value: chain, ..page }
            }
        }
    }
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let failure = self.failure();
        let mut response = failure.status.into_response();
        response.extensions_mut().insert(failure);
        response
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    v: &'a View,
    heading: &'static str,
    body: String,
    who_can: Vec<&'a str>,
    why: Option<&'a str>,
    reference: Option<&'a str>,
}

/// The page of a failure in the reader's language.
pub fn page(cx: &Cx, failure: Failure) -> Response {
    if failure.sign_in {
        let here = crate::url::with_query(&cx.path, &cx.query, "", "");
        return Redirect::to(&format!("/login?next={}", crate::url::escape(&here))).into_response();
    }
    let fault = failure.status == StatusCode::INTERNAL_SERVER_ERROR;
    let mut value = failure.value;
    if fault {
        tracing::error!(request = %cx.view.request, path = %cx.path, error = %value, "request failed");
        value = cx.view.request.clone();
    }
    let page = ErrorPage {
        v: cx,
        heading: failure.heading,
        body: cx.t1(failure.body, &value),
        who_can: failure.who_can.iter().map(|r| r.title(cx.lang)).collect(),
        why: failure.why.as_ref().map(|t| t.get(cx.lang)),
        reference: fault.then_some(&cx.view.request),
    };
    match page.render() {
        Ok(html) => (failure.status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "the error page failed");
            failure.status.into_response()
        }
    }
}

impl From<Denied> for WebError {
    fn from(denied: Denied) -> WebError {
        let why = denied.why.text();
        WebError::Denied { who_can: denied.who_can, why: Some(why) }
    }
}

impl From<CaseError> for WebError {
    fn from(error: CaseError) -> WebError {
        match error {
            CaseError::NotFound { .. } => WebError::NotFound,
            CaseError::Denied(denied) => WebError::from(*denied),
            CaseError::WrongStage { .. } => WebError::Conflict("common.conflict.stage"),
            CaseError::EmergencyStage { .. } => WebError::Conflict("common.conflict.stage"),
            CaseError::Conflict { .. } | CaseError::EmergencyChanged { .. } => {
                WebError::Conflict("common.conflict.changed")
            }
            // Handlers show these beside the field; one that does not has sent a form it did not check.
            CaseError::Invalid(_) => WebError::Conflict("common.conflict.invalid"),
            CaseError::NoConsent { .. } => WebError::Conflict("common.conflict.no_consent"),
            CaseError::Unresolved { count } => WebError::ConflictOf("common.conflict.unresolved", count.to_string()),
            CaseError::TooEarly { until } => WebError::ConflictOf("common.conflict.too_early", until.to_string()),
            CaseError::OtherOpen { case } => WebError::ConflictOf("common.conflict.other_open", case.to_string()),
            CaseError::Answered { .. } => WebError::Conflict("common.conflict.answered"),
            CaseError::NotRechecked { .. } => WebError::Conflict("common.conflict.not_rechecked"),
            CaseError::NoMinutes { .. } => WebError::Conflict("common.conflict.no_minutes"),
            CaseError::AboveLimit { .. } => WebError::Conflict("common.conflict.above_limit"),
            CaseError::NoVisit => WebError::Conflict("common.conflict.no_visit"),
            CaseError::NoCheck => WebError::Conflict("common.conflict.no_check"),
            CaseError::SamePerson { .. } => WebError::Conflict("common.conflict.same_person"),
            CaseError::WrongBatchState { .. } | CaseError::BatchChanged { .. } => {
                WebError::Conflict("common.conflict.batch")
            }
            CaseError::SumDiffers { .. } => WebError::Conflict("common.conflict.sum"),
            CaseError::NoProgramme(_) => WebError::NotFound,
            CaseError::Evaluate(error) => error.into(),
            CaseError::Access(error) => error.into(),
            error @ (CaseError::Calendar(_)
            | CaseError::Score(_)
            | CaseError::Registry(_)
            | CaseError::Store(_)
            | CaseError::Record(_)
            | CaseError::BankFile(_)) => WebError::fault(error),
        }
    }
}

impl From<WatchError> for WebError {
    fn from(error: WatchError) -> WebError {
        match error {
            WatchError::NotFound { .. } => WebError::NotFound,
            WatchError::Denied(denied) => WebError::from(*denied),
            WatchError::WrongStage { .. } => WebError::Conflict("common.conflict.stage"),
            WatchError::Conflict { .. } => WebError::Conflict("common.conflict.changed"),
            WatchError::Invalid(_) => WebError::Conflict("common.conflict.invalid"),
            WatchError::Case(error) => error.into(),
            WatchError::Access(error) => error.into(),
            error @ (WatchError::NoIndicator(_)
            | WatchError::Calendar(_)
            | WatchError::Score(_)
            | WatchError::Registry(_)
            | WatchError::Store(_)
            | WatchError::Record(_)) => WebError::fault(error),
        }
    }
}

impl From<FeedsError> for WebError {
    fn from(error: FeedsError) -> WebError {
        match error {
            FeedsError::NotFound { .. } => WebError::NotFound,
            FeedsError::Denied(denied) => WebError::from(*denied),
            FeedsError::Invalid(_) => WebError::Conflict("common.conflict.invalid"),
            FeedsError::Closed(_) => WebError::Conflict("common.conflict.changed"),
            error @ FeedsError::Store(_) => WebError::fault(error),
        }
    }
}

impl From<InboxError> for WebError {
    fn from(error: InboxError) -> WebError {
        match error {
            InboxError::NotFound(_) => WebError::NotFound,
            InboxError::WrongStage { .. } => WebError::Conflict("common.conflict.changed"),
            InboxError::Denied(denied) => WebError::from(*denied),
            InboxError::UnderWay => WebError::Conflict("common.conflict.changed"),
            InboxError::Access(error) => error.into(),
            error @ (InboxError::Store(_) | InboxError::Record(_) | InboxError::KeyRecord) => WebError::fault(error),
        }
    }
}

impl From<EvaluateError> for WebError {
    fn from(error: EvaluateError) -> WebError {
        match error {
            EvaluateError::NoSuchHousehold(_) => WebError::Conflict("common.conflict.no_household"),
            EvaluateError::NoData(_) | EvaluateError::NoRules(_) => WebError::Conflict("common.conflict.no_data"),
            EvaluateError::Withheld(_) => WebError::Conflict("common.conflict.withheld"),
            error @ EvaluateError::Fault(_) => WebError::fault(error),
        }
    }
}

impl From<RegistryError> for WebError {
    fn from(error: RegistryError) -> WebError {
        WebError::fault(error)
    }
}

impl From<AccessError> for WebError {
    fn from(error: AccessError) -> WebError {
        match error {
            AccessError::Denied(denied) => denied.into(),
            AccessError::NoAccount { .. } => WebError::NotFound,
            error @ (AccessError::AccountExists { .. }
            | AccessError::PasswordTooShort { .. }
            | AccessError::Hashing
            | AccessError::Policies { .. }
            | AccessError::Store(_)) => WebError::fault(error),
        }
    }
}

impl From<StoreError> for WebError {
    fn from(error: StoreError) -> WebError {
        WebError::fault(error)
    }
}

impl From<DataError> for WebError {
    fn from(error: DataError) -> WebError {
        WebError::fault(error)
    }
}

impl From<tower_sessions::session::Error> for WebError {
    fn from(error: tower_sessions::session::Error) -> WebError {
        WebError::fault(error)
    }
}
