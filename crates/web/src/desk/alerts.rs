//! Tasks out of monitoring, down to the desk's own level: whom to visit first, and what came of it.

use crate::{
    AppState, Cx, PageResult, View,
    desk::{
        acting,
        nav::{self, NavGroup},
        queue::Named,
    },
    field::{
        home::{self, Asked, Chip, SEVERITIES, TaskLine},
        task::{self, Side},
        visit,
    },
    route::{get, post},
};
use askama::Template;
use axum::{
    Form, Router,
    extract::{Path, Query},
};
use tuodi_store::Page;
use tuodi_watch::severity_id;

const SIDE: Side = Side::Desk;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/desk/alerts", get(list))
        .route("/desk/alerts/{id}", get(async |cx: Cx, Path(id): Path<String>| task::page(cx, id, SIDE).await))
        .route("/desk/alerts/{id}/start", post(async |cx: Cx, Path(id), Form(f)| task::start(cx, id, f, SIDE).await))
        .route(
            "/desk/alerts/{id}/visit",
            get(async |cx: Cx, Path(id)| visit::page(cx, id, SIDE).await)
                .merge(post(async |cx: Cx, Path(id), Form(f)| visit::save(cx, id, f, SIDE).await)),
        )
        .route("/desk/alerts/{id}/done", get(async |cx: Cx, Path(id)| visit::done(cx, id, SIDE).await))
}

#[derive(Template)]
#[template(path = "desk/alerts.html")]
struct AlertsPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    chips: Vec<Chip>,
    cut: String,
    severities: Vec<Named>,
    indicators: Vec<Named>,
    lines: Vec<TaskLine>,
    page: Page<()>,
    plain: bool,
}

async fn list(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    let acting = acting(&cx)?;
    let pack = &cx.state.pack;
    let page = tuodi_watch::tasks(&acting, &asked.filter(25)).await?;
    let counts = tuodi_watch::task_counts(&acting).await?;
    let named = |id: &str, title: &str, chosen: &str| Named {
        id: id.to_owned(),
        title: title.to_owned(),
        chosen: id == chosen,
    };
    cx.page(&AlertsPage {
        v: &cx,
        nav: nav::desk(&cx),
        chips: home::chips(&cx, &asked, counts, "/desk/alerts"),
        cut: asked.cut.clone(),
        severities: SEVERITIES
            .map(severity_id)
            .iter()
            .map(|id| named(id, cx.t_of("desk.severity", id), &asked.severity))
            .collect(),
        indicators: pack.indicators.iter().map(|i| named(&i.id, cx.text(&i.title), &asked.indicator)).collect(),
        lines: page.rows.iter().map(|row| home::line(&cx, pack, row, SIDE.base())).collect(),
        plain: asked.is_plain(),
        page: page.map(|_| ()),
    })
}
