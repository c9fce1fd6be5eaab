//! The field door: whom to visit today, and what was found (R03, R04 and those with tasks of their own).
//!
//! A worker sees name, address, phone and a reason in plain words; never an amount, a bill or a diagnosis.

pub mod assessment;
pub mod home;
pub mod task;
pub mod visit;

use crate::{
    AppState, Cx, WebError,
    cx::field_door,
    route::{get, post},
};
use axum::{Form, Router, extract::Path, middleware::from_fn};
use task::Side;
use tuodi_casework::Channel;

pub fn routes() -> Router<AppState> {
    const SIDE: Side = Side::Field;
    Router::new()
        .route("/field", get(home::page))
        .route("/field/policies", get(home::policies))
        .route("/field/tasks/{id}", get(async |cx: Cx, Path(id): Path<String>| task::page(cx, id, SIDE).await))
        .route("/field/tasks/{id}/start", post(async |cx: Cx, Path(id), Form(f)| task::start(cx, id, f, SIDE).await))
        .route(
            "/field/tasks/{id}/visit",
            get(async |cx: Cx, Path(id)| visit::page(cx, id, SIDE).await)
                .merge(post(async |cx: Cx, Path(id), Form(f)| visit::save(cx, id, f, SIDE).await)),
        )
        .route("/field/tasks/{id}/done", get(async |cx: Cx, Path(id)| visit::done(cx, id, SIDE).await))
        .route_layer(from_fn(field_door))
}

/// What the field's acts take.
pub fn acting(cx: &Cx) -> Result<tuodi_casework::Cx, WebError> {
    cx.acting(Channel::Visit)
}
