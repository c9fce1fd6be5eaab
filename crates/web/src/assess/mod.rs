//! Assessments that are due, by what they were set off, at the desk and on a worker's phone.

mod card;
mod form;
mod list;
mod second;

pub use self::card::{DueCard, card};

use crate::{
    AppState, Cx, WebError,
    cx::{desk_door, field_door},
    desk, field,
    route::{get, post},
    view::View,
};
use axum::{
    Form, Router,
    extract::{Path, Query},
    middleware::from_fn,
};
use tuodi_access::{Act, Resource};
use tuodi_pack::{Pack, reassess::Occasion};

/// Whose page it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Field,
    Desk,
}

impl Side {
    fn base(self) -> &'static str {
        match self {
            Side::Field => "/field/assessments",
            Side::Desk => "/desk/assessments",
        }
    }

    /// Of second assessments.
    fn again(self) -> &'static str {
        match self {
            Side::Field => "/field/second-assessments",
            Side::Desk => "/desk/second-assessments",
        }
    }

    fn acting(self, cx: &Cx) -> Result<tuodi_casework::Cx, WebError> {
        match self {
            Side::Field => field::acting(cx),
            Side::Desk => desk::acting(cx),
        }
    }
}

pub fn routes() -> Router<AppState> {
    side(Side::Desk).route_layer(from_fn(desk_door)).merge(side(Side::Field).route_layer(from_fn(field_door)))
}

fn side(side: Side) -> Router<AppState> {
    let (base, again) = (side.base(), side.again());
    Router::new()
        .route(base, get(async move |cx: Cx, Query(asked)| list::page(cx, asked, side).await))
        .route(
            &format!("{base}/{{id}}"),
            get(async move |cx: Cx, Path(id), Query(asked)| form::page(cx, id, asked, side).await)
                .merge(post(async move |cx: Cx, Path(id), Form(typed)| form::save(cx, id, typed, side).await)),
        )
        .route(
            &format!("{base}/{{id}}/give"),
            post(async move |cx: Cx, Path(id), Form(typed)| form::give(cx, id, typed, side).await),
        )
        .route(
            &format!("{again}/{{id}}"),
            get(async move |cx: Cx, Path(id), Query(asked)| second::page(cx, id, asked, side).await)
                .merge(post(async move |cx: Cx, Path(id), Form(typed)| second::save(cx, id, typed, side).await)),
        )
        .route(
            &format!("{again}/{{id}}/give"),
            post(async move |cx: Cx, Path(id), Form(typed)| second::give(cx, id, typed, side).await),
        )
}

/// Whether this person has a list of assessments.
pub fn has_list(cx: &Cx) -> bool {
    cx.who.as_ref().is_some_and(|who| {
        let resource = Resource::general("assessment", "", who.region.as_str());
        cx.state.access.authorise(who, Act::ViewQueue, &resource, "menu").is_ok()
    })
}

/// An occasion in the pack's words.
fn title(v: &View, pack: &Pack, occasion: Occasion) -> String {
    pack.trigger(occasion).map_or_else(|| occasion.id().to_owned(), |t| v.text(&t.title).to_owned())
}
