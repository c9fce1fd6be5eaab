//! Search from the top bar. What is typed may be a name or part of a number: it goes in the body, never in an address.

use crate::{
    Cx, PageResult, View,
    desk::{
        acting,
        nav::{self, NavGroup},
        queue::{Line, line},
    },
};
use askama::Template;
use axum::Form;
use serde::Deserialize;
use tuodi_casework::{CaseNo, QueueFilter};

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    pub q: String,
}

#[derive(Template)]
#[template(path = "desk/found.html")]
pub struct FoundPage<'a> {
    pub v: &'a View,
    pub nav: Vec<NavGroup>,
    pub q: &'a str,
    pub lines: Vec<Line>,
    pub total: u64,
}

pub async fn cases(cx: Cx, Form(asked): Form<Asked>) -> PageResult {
    let q = asked.q.trim();
    if q.is_empty() {
        return cx.go("/desk");
    }
    if let Ok(case) = q.parse::<CaseNo>() {
        return cx.go(format!("/desk/cases/{case}"));
    }
    let filter = QueueFilter { search: q.to_owned(), closed: true, per_page: 50, ..QueueFilter::default() };
    let page = tuodi_casework::queue(&acting(&cx)?, &filter).await?;
    cx.page(&FoundPage {
        v: &cx,
        nav: nav::desk(&cx),
        q,
        total: page.total,
        lines: page.rows.iter().map(|row| line(&cx, &cx.state.pack, row)).collect(),
    })
}
