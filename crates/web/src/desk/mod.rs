//! The desk: township, check centre and district officers work cases, pay lists and alerts (R05 to R09, R04, R15).
//!
//! Every act goes to casework or watch, which ask access; a page only offers what they offer, and says who can where
//! this person may not.

mod alerts;
pub mod case;
mod emergency;
mod export;
mod history;
mod household_rows;
mod households;
mod hung;
mod intake;
mod intake_form;
pub(crate) mod living;
pub mod look;
mod matters;
mod money;
pub mod nav;
pub(crate) mod payments;
mod publicity;
mod queue;
mod search;
mod sheet;
mod verify;
mod visit;
mod visit_papers;
mod visit_signs;
pub(crate) mod voices;
mod work;

pub(crate) use self::verify::{PurposeCard, cards, evidence_of, state_tag};

use crate::{
    AppState, Cx, WebError,
    cx::desk_door,
    route::{get, post},
};
use axum::{Router, middleware::from_fn};
use tuodi_access::Role;
use tuodi_casework::{CaseNo, Channel};

/// Why case pages are looked at, in the log of looks.
const PURPOSE: &str = "case work";

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/desk", get(queue::page))
        .route("/desk/export", get(export::page).merge(post(export::download)))
        .route("/desk/search", post(search::cases))
        .route("/desk/intake/new", get(intake::page))
        .route("/desk/intake/find", post(intake::find))
        .route("/desk/intake", post(intake::open))
        .route("/desk/intake/{case}", get(intake_form::page).merge(post(intake_form::save)))
        .route("/desk/intake/{case}/consents", post(intake_form::consents))
        .route("/desk/publicity", get(publicity::page))
        .route("/desk/publicity/{village}", get(sheet::page))
        .route(
            "/desk/publicity/{village}/hung",
            get(hung::page).merge(post(hung::take)).layer(axum::extract::DefaultBodyLimit::disable()),
        )
        .route("/desk/publicity/{village}/hung/{photo}", get(hung::photo))
        .route("/desk/payments", get(payments::list).merge(post(payments::prepare)))
        .route("/desk/payments/{month}", get(payments::page))
        .route("/desk/payments/{month}/sign", get(payments::confirm_sign).merge(post(payments::sign)))
        .route("/desk/payments/{month}/file", post(payments::file))
        .route("/desk/payments/{month}/paid", get(payments::confirm_paid).merge(post(payments::paid)))
        .route("/desk/payments/{month}/returned", post(payments::returned))
        .route("/desk/households", get(households::search))
        .route("/desk/households/find", post(households::find))
        .route("/desk/households/{id}", get(households::page))
        .route("/desk/households/{id}/rules", get(household_rows::page).merge(post(household_rows::show)))
        .route("/desk/households/{id}/history", get(history::page))
        .route("/desk/voices", get(voices::list))
        .route("/desk/voices/{id}", get(voices::page).merge(post(voices::answer)))
        .merge(case::routes())
        .merge(alerts::routes())
        .merge(verify::routes())
        .merge(living::routes())
        .merge(money::routes())
        .merge(work::routes())
        .merge(emergency::routes())
        .merge(crate::papers::desk_routes())
        .merge(crate::matters::desk_routes())
        .merge(crate::crossing::desk_routes())
        .route("/desk/matters", get(matters::list))
        .route("/desk/matters/{id}", get(matters::page).merge(post(matters::answer)))
        .route_layer(from_fn(desk_door))
}

/// What the desk's acts take: village officers help from the village, everybody else stands at the window.
pub fn acting(cx: &Cx) -> Result<tuodi_casework::Cx, WebError> {
    let village = cx.actor()?.role == Role::VillageOfficer;
    cx.acting(if village { Channel::Village } else { Channel::Window })
}

pub fn case_no(text: &str) -> Result<CaseNo, WebError> {
    text.parse().map_err(|_| WebError::NotFound)
}

/// The page number of a list; anything else is the first.
pub fn page_of(text: &str) -> u64 {
    text.parse().unwrap_or(1).max(1)
}

/// A new one-time key for a form that must not act twice.
pub fn one_time_key() -> String {
    uuid::Uuid::new_v4().to_string()
}
