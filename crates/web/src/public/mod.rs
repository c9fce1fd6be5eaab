//! Public pages: no sign-in, no trace of who looks.

mod handbook;
mod home;
mod law;
pub mod notices;
mod objections;
mod pace;
mod programmes;
mod reports;
mod voices;

use crate::AppState;
use crate::route::{get, post};
use axum::{Extension, Router};

pub use law::cite;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/", get(home::page))
        .route("/public/programmes", get(programmes::list))
        .route("/public/programmes/{id}", get(programmes::one))
        .route("/public/notices", get(notices::all))
        .route("/public/notices/{region}", get(notices::of_region))
        .route("/public/notices/{region}/{notice}/objection", get(objections::page).merge(post(objections::file)))
        .route("/public/objections", get(objections::ask).merge(post(objections::answer)))
        .route("/public/voice", get(voices::page).merge(post(voices::say)))
        .route("/public/voice/answer", get(voices::ask).merge(post(voices::answer)))
        .route("/public/reports", get(reports::ask))
        .route("/public/reports/{number}", get(reports::page))
        .route(handbook::ROOT, get(handbook::door))
        .route(&format!("{}/{{*file}}", handbook::ROOT), get(handbook::file))
        .layer(Extension(handbook::Handbook::default()))
        .layer(Extension(pace::Pace::default()))
}
