//! What other systems ask: JSON instead of pages, a signature instead of a session, RFC 9457 instead of an error page.

mod problem;
mod push;
mod relay;
mod signed;

use self::problem::{Problem, Refusal};
pub use self::relay::owner as relay_owner;
use crate::{
    AppState, guard,
    route::{get, post},
};
use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};

pub fn routes(state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/api/feeds/{source}/files", post(push::receive))
        .route("/api/feeds/{source}/files/{job}", get(push::standing))
        .route("/api/relays/{relay}/questions", post(relay::answer))
        .route("/api/{*rest}", axum::routing::any(async || Problem::from(Refusal::NoAddress)))
        .method_not_allowed_fallback(async || Problem::from(Refusal::Method))
        .layer(middleware::from_fn_with_state(state.clone(), frame))
}

/// Words of a refusal in the caller's language. What broke goes to the log under a number to quote.
async fn frame(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let lang = guard::accepted(request.headers()).unwrap_or_default();
    let now = (state.clock)();
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem.in_words(lang, now).into_response(),
        None => response,
    }
}
