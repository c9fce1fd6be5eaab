//! Answering on a socket until told to stop.

use crate::{AppState, router};
use std::future::Future;
use tokio::net::TcpListener;

/// Serves the site; requests under way are finished when `until` comes.
pub async fn serve(
    listener: TcpListener,
    state: AppState,
    until: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, router(state)).with_graceful_shutdown(until).await
}
