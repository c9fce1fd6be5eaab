//! Answering on a socket until told to stop.

use crate::{AppState, router};
use std::{future::Future, net::SocketAddr};
use tokio::net::TcpListener;

/// Serves the site; requests under way are finished when `until` comes.
pub async fn serve(
    listener: TcpListener,
    state: AppState,
    until: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let service = router(state).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(until).await
}
