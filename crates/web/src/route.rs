//! Handlers behind one type.
//!
//! Given its handlers as they are, axum builds a tower of services for each of their types, and the compiler spends more on
//! three hundred towers than on all pages.

use crate::AppState;
use axum::{
    extract::Request,
    handler::Handler,
    response::Response,
    routing::{self, MethodRouter},
};
use std::{future::Future, pin::Pin, sync::Arc};

type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

#[derive(Clone)]
struct Erased(Arc<dyn Fn(Request, AppState) -> Answering + Send + Sync>);

impl Handler<(), AppState> for Erased {
    type Future = Answering;

    fn call(self, request: Request, state: AppState) -> Answering {
        (self.0)(request, state)
    }
}

fn erased<H, T>(handler: H) -> Erased
where
    H: Handler<T, AppState, Future = Answering> + Sync,
    T: 'static,
{
    Erased(Arc::new(move |request, state| handler.clone().call(request, state)))
}

/// As axum's own; several methods of one address are merged: `get(page).merge(post(save))`.
pub fn get<H, T>(handler: H) -> MethodRouter<AppState>
where
    H: Handler<T, AppState, Future = Answering> + Sync,
    T: 'static,
{
    routing::get(erased(handler))
}

pub fn post<H, T>(handler: H) -> MethodRouter<AppState>
where
    H: Handler<T, AppState, Future = Answering> + Sync,
    T: 'static,
{
    routing::post(erased(handler))
}
