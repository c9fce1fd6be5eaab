//! What stewards said headings mean: to be seen, and to be taken back.

use super::{source_title, steward};
use crate::{Cx, PageResult, View, bureau::nav, desk::nav::NavGroup};
use askama::Template;
use axum::extract::Path;

pub struct Said {
    pub id: String,
    pub source: String,
    pub who: String,
    pub at: String,
    /// Heading and what it stands for.
    pub lines: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "bureau/ways/headings.html")]
struct HeadingsPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    said: Vec<Said>,
}

pub async fn page(cx: Cx) -> PageResult {
    steward(&cx)?;
    let saved = tuodi_inbox::saved_headings(&cx.state.store).await?;
    let meaning = |source: &str, to: &str| {
        let (name, unit) = to.split_once('|').unwrap_or((to, ""));
        let column = cx.state.pack.source(source).and_then(|s| s.column(name));
        match (column, unit) {
            (None, _) => cx.t("ways.explain.left_out").to_owned(),
            (Some(column), "") => cx.text(&column.title).to_owned(),
            (Some(column), unit) => cx.t2("ways.explain.in_unit", cx.text(&column.title), unit),
        }
    };
    let said = saved.into_iter().map(|s| Said {
        lines: s.headings.iter().map(|(heading, to)| (heading.clone(), meaning(&s.source, to))).collect(),
        source: source_title(&cx, &s.source),
        at: cx.moment(&s.at),
        who: s.account,
        id: s.id,
    });
    cx.page(&HeadingsPage { v: &cx, nav: nav(&cx), said: said.collect() })
}

pub async fn forget(cx: Cx, Path(id): Path<String>) -> PageResult {
    let acting = steward(&cx)?;
    tuodi_inbox::forget(&acting, &id).await?;
    cx.go("/bureau/data/headings")
}
