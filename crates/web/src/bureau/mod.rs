//! The bureau: where things go wrong, whether the figures are right, who was missed (R07, R08, R16 to R19).
//!
//! Figures, and every tile leads to the list it counts. Nobody is named here but in the library, which says who may look.

mod alerts;
mod cliffs;
mod cockpit;
mod conflicts;
mod courses;
mod data;
mod feed;
mod feeds;
mod journal;
mod library;
mod linkage;
mod packs;
mod poverty;
mod raters;
mod simulate;
mod stats;
mod trial_book;
mod trial_view;
mod users;
mod ways;

pub use trial_book::trial_book;

use crate::{
    AppState, Cx, WebError,
    cx::bureau_door,
    desk::{
        nav::{self, Entry, NavGroup},
        voices,
    },
    route::{get, post},
};
use axum::{Router, middleware::from_fn};
use tuodi_access::Act;
use tuodi_casework::Channel;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/bureau", get(cockpit::page))
        .route("/bureau/alerts", get(alerts::page))
        .route("/bureau/statistics", get(stats::page).merge(post(stats::workbook)))
        .route("/bureau/simulate", get(simulate::page).merge(post(simulate::run)))
        .route("/bureau/simulate/cliffs", get(cliffs::page))
        .route("/bureau/simulate/file", post(simulate::file))
        .route("/bureau/poverty", get(poverty::page))
        .route("/bureau/raters", get(raters::page))
        .route("/bureau/raters/export", post(raters::export))
        .route("/bureau/raters/{id}", get(raters::pair).merge(post(raters::look)))
        .route("/bureau/courses", get(courses::page))
        .route("/bureau/courses/export", get(courses::export))
        .route("/bureau/data", get(feeds::list))
        .route("/bureau/data/export", get(feeds::export))
        .route("/bureau/data/{source}", get(feed::page))
        .route("/bureau/data/{source}/agreement", post(feed::renew))
        .route("/bureau/data/{source}/tasks/{task}", post(feed::close))
        .route("/bureau/voices", get(voices::list))
        .route("/bureau/voices/{id}", get(voices::page).merge(post(voices::answer)))
        .merge(conflicts::routes())
        .merge(ways::routes())
        .merge(linkage::routes())
        .route("/bureau/journal", get(journal::page))
        .route("/bureau/journal/verify", post(journal::verify))
        .route("/bureau/packs", get(packs::page))
        .route("/bureau/admin/users", get(users::page).merge(post(users::seat)))
        .merge(library::routes())
        .route_layer(from_fn(bureau_door))
}

const fn entry(href: &'static str, icon: &'static str, key: &'static str, needs: Option<(Act, &'static str)>) -> Entry {
    Entry { href, icon, key, needs }
}

const FIGURES: &[Entry] = &[
    entry("/bureau", "chart-bar", "bureau.nav.cockpit", Some((Act::ViewOverview, "overview"))),
    entry("/bureau/alerts", "alert-triangle", "bureau.nav.alerts", Some((Act::ViewOverview, "overview"))),
    entry("/bureau/courses", "clock", "course.compare.title", Some((Act::ViewOverview, "overview"))),
    entry("/bureau/raters", "scale", "assess.raters.title", Some((Act::ViewQueue, "raters"))),
    entry("/bureau/statistics", "clipboard-list", "stats.title", Some((Act::ViewOverview, "overview"))),
    entry("/bureau/poverty", "heart-handshake", "trial.nav.poverty", Some((Act::ViewOverview, "overview"))),
    entry("/bureau/simulate", "scale", "trial.nav.simulate", Some((Act::ViewOverview, "overview"))),
];
const PEOPLE: &[Entry] =
    &[entry("/bureau/library", "home-heart", "library.title", Some((Act::ViewHousehold, "library")))];
const GROUND: &[Entry] = &[
    entry("/bureau/data", "database", "bureau.nav.data", Some((Act::ViewData, "data"))),
    entry("/bureau/linkage", "user-check", "linkage.title", Some((Act::CorrectRecord, "linkage"))),
    entry("/bureau/data/conflicts", "arrow-right", "conflict.title", Some((Act::ViewData, "data"))),
    entry("/bureau/voices", "message", "voice.desk.title", Some((Act::AnswerVoice, "voice"))),
    entry("/bureau/packs", "scale", "bureau.nav.packs", None),
    entry("/bureau/journal", "shield-lock", "bureau.nav.journal", Some((Act::ViewJournal, "journal"))),
    entry("/bureau/admin/users", "users", "bureau.nav.users", Some((Act::ManageAccounts, "account"))),
];

pub fn nav(cx: &Cx) -> Vec<NavGroup> {
    nav::groups(
        cx,
        "/bureau",
        &[("bureau.nav.figures", FIGURES), ("library.nav", PEOPLE), ("bureau.nav.ground", GROUND)],
    )
}

pub fn acting(cx: &Cx) -> Result<tuodi_casework::Cx, WebError> {
    cx.acting(Channel::System)
}

/// Asks access about something of the actor's region that is not one household's.
pub fn authorise(cx: &Cx, act: Act, kind: &'static str) -> Result<tuodi_casework::Cx, WebError> {
    let acting = acting(cx)?;
    acting.authorise_region(act, kind, "", &acting.actor.region)?;
    Ok(acting)
}
