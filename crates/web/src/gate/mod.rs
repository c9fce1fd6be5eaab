//! Signing in and out.

mod sign_in;
mod tries;

use crate::AppState;
use crate::route::{get, post};
use axum::{Extension, Router};

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/login", get(sign_in::page).merge(post(sign_in::sign_in)))
        .route("/login/demo", post(sign_in::demo))
        .route("/login/demo-time", post(sign_in::demo_time))
        .route("/logout", post(sign_in::sign_out))
        .layer(Extension(tries::Tries::default()))
}
