//! Where a request comes from: for slowing down abuse, and for nothing else. Never logged, never stored.

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::request::Parts,
};
use std::{convert::Infallible, net::SocketAddr};

/// The address of whoever asks; empty where nobody can know it.
pub struct Client(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Client, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|c| c.0.ip());
        // A proxy on this machine writes whom it speaks for at the end of the list; what stands before it anybody can write.
        let told = || {
            let mut lists = parts.headers.get_all("x-forwarded-for").into_iter().filter_map(|v| v.to_str().ok());
            let last = lists.next_back().and_then(|list| list.rsplit(',').next());
            last.map(|address| address.trim().to_owned())
        };
        Ok(Client(match peer {
            Some(ip) if !ip.is_loopback() => ip.to_string(),
            Some(ip) => told().unwrap_or_else(|| ip.to_string()),
            None => told().unwrap_or_default(),
        }))
    }
}
