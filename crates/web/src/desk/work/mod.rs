//! Whose work it is: cases handed over or reminded of, several at once; leave and who stands in; filters kept.

mod batch;
mod card;
mod filters;
mod leave;

pub use self::{
    card::{WorkCard, card},
    filters::{Kept, kept},
};

use crate::AppState;
use crate::route::{get, post};
use axum::Router;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/desk/batch", get(batch::one).merge(post(batch::several)))
        .route("/desk/batch/assign", post(batch::assign))
        .route("/desk/batch/remind", post(batch::remind))
        .route("/desk/leave", get(leave::page).merge(post(leave::enter)))
        .route("/desk/leave/{id}/back", post(leave::back))
        .route("/desk/filters", post(filters::keep))
        .route("/desk/filters/{id}/forget", post(filters::forget))
}
