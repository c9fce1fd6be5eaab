//! Citizens: R01 for the own household, R02 for the one they stand in for.
//!
//! Every act here goes to casework with the channel `online` (or `proxy`); casework asks access whether this person may do
//! it to this household.

mod appeal;
mod authorisations;
mod case;
mod change;
mod consent;
pub(crate) mod filling;
mod home;
mod kin;
mod letter;
mod progress;
mod proxy;
pub(crate) mod questions;
mod reasons;
mod record;
mod review;
mod start;
mod steps;
pub(crate) mod voice;

use crate::{
    AppState, Cx, WebError,
    cx::citizen_door,
    route::{get, post},
};
use axum::{Router, middleware::from_fn};
use tuodi_casework::{CaseNo, Channel};

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/citizen", get(home::page))
        .route("/citizen/apply", get(start::any).merge(post(start::open)))
        .route("/citizen/apply/{programme}", get(start::page).merge(post(start::open)))
        .route("/citizen/applications/{case}/consent", get(consent::page).merge(post(consent::give)))
        .route("/citizen/applications/{case}/review", get(review::page).merge(post(review::submit)))
        .route("/citizen/applications/{case}/done", get(review::done))
        .route("/citizen/applications/{case}/{step}", get(steps::page).merge(post(steps::save)))
        .route(
            "/citizen/consents",
            get(authorisations::page)
                .merge(post(authorisations::give))
                .layer(axum::extract::DefaultBodyLimit::max(crate::csrf::SIGNATURE_LIMIT)),
        )
        .route("/citizen/consents/withdraw", post(authorisations::withdraw))
        .route("/citizen/proxy", get(proxy::page).merge(post(proxy::entrust)))
        .route("/citizen/proxy/code", post(proxy::code))
        .route("/citizen/proxy/begin", post(proxy::begin))
        .route("/citizen/proxy/own", post(proxy::own))
        .route("/citizen/proxy/end", post(proxy::end))
        .route("/citizen/cases/{case}", get(case::page))
        .route("/citizen/cases/{case}/kin", get(kin::page).merge(post(kin::declare)))
        .route("/citizen/cases/{case}/appeal", get(appeal::page).merge(post(appeal::file)))
        .route("/citizen/cases/{case}/voice/{kind}", get(voice::page).merge(post(voice::say)))
        .route("/citizen/cases/{case}/rate", post(voice::rate))
        .route("/citizen/cases/{case}/record", get(record::page))
        .route("/citizen/cases/{case}/change", get(change::page).merge(post(change::tell)))
        .route("/citizen/cases/{case}/view", post(change::view))
        .route("/citizen/cases/{case}/withdraw-consent", post(consent::withdraw))
        .route("/citizen/cases/{case}/result", get(letter::result))
        .route("/citizen/cases/{case}/notices/{number}", get(letter::notice))
        .merge(crate::papers::citizen_routes())
        .merge(crate::matters::citizen_routes())
        .merge(crate::crossing::citizen_routes())
        .route_layer(from_fn(citizen_door))
}

/// What the citizen's acts take; a proxy's are marked as such.
pub(crate) fn acting(cx: &Cx) -> Result<tuodi_casework::Cx, WebError> {
    let proxy = cx.actor()?.role == tuodi_access::Role::Proxy;
    cx.acting(if proxy { Channel::Proxy } else { Channel::Online })
}

fn case_no(text: &str) -> Result<CaseNo, WebError> {
    text.parse().map_err(|_| WebError::NotFound)
}
