//! Who is who: rows without a number that holds, and people who may have two, for the data steward (R16) to decide.
//!
//! Lists show names masked; a pair shows both whole, every look logged. A decision says why and can be taken back whole.

mod evidence;
mod list;
mod pair;

use crate::{
    AppState, Cx, View, WebError,
    bureau::acting,
    desk::look::Tag,
    route::{get, post},
    view::place,
};
use axum::Router;
use tuodi_access::{Act, Resource, Sensitivity, accounts};
use tuodi_registry::linkage::{CandidateRow, LinkState, NUMBERS};

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/bureau/linkage", get(list::page))
        .route("/bureau/linkage/find", post(list::find))
        .route("/bureau/linkage/export", get(list::export))
        .route("/bureau/linkage/{id}", get(pair::page))
        .route("/bureau/linkage/{id}/decide", post(pair::decide))
        .route("/bureau/linkage/{id}/send", post(pair::send))
}

/// Why a steward may see who it is: to say whether two are one. Logged with every look.
const PURPOSE: &str = "linkage: one person or two";

/// The steward, for people of this region (the country's whole where a row names none).
fn steward(cx: &Cx, region: &str) -> Result<tuodi_casework::Cx, WebError> {
    let acting = acting(cx)?;
    let region = if region.is_empty() { cx.state.pack.info.jurisdiction.as_str() } else { region };
    let people = Resource { sensitivity: Sensitivity::Personal, ..Resource::general("linkage", "", region) };
    acting.access.authorise(&acting.actor, Act::CorrectRecord, &people, PURPOSE)?;
    Ok(acting)
}

fn href(id: i64) -> String {
    format!("/bureau/linkage/{id}")
}

/// Where the row comes from: a source, or the register itself.
fn origin(cx: &Cx, source: &str) -> String {
    if source == NUMBERS {
        return cx.t("linkage.two_numbers").to_owned();
    }
    cx.state.pack.source(source).map_or_else(|| source.to_owned(), |s| format!("{} {}", cx.text(&s.title), s.id))
}

fn band(v: &View, row: &CandidateRow) -> Tag {
    match row.band.as_str() {
        "same" => Tag::new("warn", "user-check", v.t("linkage.band.same")),
        _ => Tag::new("hold", "help-circle", v.t("linkage.band.ask")),
    }
}

fn state(v: &View, state: LinkState) -> Tag {
    let (kind, icon) = match state {
        LinkState::Open => ("neutral", "clock"),
        LinkState::Same => ("ok", "user-check"),
        LinkState::Different => ("neutral", "users"),
        LinkState::Later => ("hold", "clock"),
    };
    Tag::new(kind, icon, v.t_of("linkage.state", state.word()))
}

/// That both are one person, in hundredths; odds of more than 99.9 % are not told apart.
fn probability(weight: f64) -> String {
    let p = 100.0 / (1.0 + (-weight).exp2());
    if p > 99.9 { "> 99.9 %".to_owned() } else { format!("{p:.1} %") }
}

fn bits(weight: f64) -> String {
    if weight.abs() < 0.05 {
        return "0".to_owned();
    }
    format!("{weight:+.1}").replace('-', "−")
}

fn where_is(cx: &Cx, region: &str) -> String {
    place(&cx.state.pack, region, cx.lang)
}

async fn account_name(cx: &Cx, account: &str) -> Result<String, WebError> {
    Ok(accounts::find(&cx.state.store, account).await?.map_or_else(|| account.to_owned(), |found| found.name))
}
