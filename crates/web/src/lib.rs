//! The pages: public, citizen, field, desk and bureau, rendered on the server in Chinese and English.
//!
//! Handlers read, check, ask one room to act, and answer. This room never holds a rule, an amount or a line of SQL, never
//! decides who may do what (the rooms ask `access`), never links the engine or the pool, and never writes a name, a
//! number or an address into a URL or a log.
//!
//! A door is a folder: its handlers in `src/<door>/`, its templates in `templates/<door>/`, its words in `locales/`.

mod api;
mod assess;
mod assets;
mod client;
mod crossing;
mod csrf;
mod cx;
mod data;
mod disputes;
mod door;
mod elsewhere;
mod error;
pub mod form;
mod guard;
mod known;
mod letter;
mod route;
#[cfg(test)]
mod samples;
mod serve;
mod session;
mod state;
pub mod ui;
mod upload;
mod url;
mod view;
mod ways;
pub mod words;

mod bureau;
mod citizen;
mod desk;
mod field;
mod gate;
mod mandates;
mod matters;
mod papers;
mod public;
mod reading;
mod rests;

pub use self::{
    assets::{asset, icon},
    bureau::trial_book,
    cx::{Cx, PageResult},
    data::{
        BatchFigure, ConflictFigure, ConflictFigures, DataError, DataFigures, FundFigure, FundState, NeedFigure,
        NeedFigures, PassFigure, SaidOnce, Stands,
    },
    door::Door,
    error::WebError,
    serve::serve,
    state::{AppState, Clock, DemoTime},
    ui::{svg, svg_l},
    view::View,
    ways::{
        BatchStanding, BatchWord, Cells, Incoming, OpenRow, OpenRows, SayError, Seen, SeenHeading, SeenValue, WaysIn,
    },
};

use crate::route::get;
use axum::{Router, middleware};

/// The whole site.
pub fn router(state: AppState) -> Router {
    guard::warm_up();
    Router::new()
        .route("/healthz", get(async || "ok"))
        .route("/assets/{file}", get(assets::serve))
        .merge(api::routes(&state))
        .merge(
            Router::new()
                .merge(public::routes())
                .merge(gate::routes())
                .merge(citizen::routes())
                .merge(desk::routes())
                .merge(field::routes())
                .merge(assess::routes())
                .merge(bureau::routes())
                .fallback(async || WebError::NotFound)
                .layer(middleware::from_fn(csrf::check))
                .layer(middleware::from_fn_with_state(state.clone(), guard::frame))
                .layer(session::layer(&state)),
        )
        .layer(middleware::from_fn_with_state(state.clone(), guard::headers))
        .with_state(state)
}
