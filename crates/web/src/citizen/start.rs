//! The start page: how long, what is needed, who will see it. Then the draft opens.

use crate::{Cx, PageResult, View, WebError, citizen::acting};
use askama::Template;
use axum::extract::Path;

#[derive(Template)]
#[template(path = "citizen/start.html")]
pub struct StartPage<'a> {
    pub v: &'a View,
    /// The programme the person came for; the application is compared with all of them anyway.
    pub programme: Option<&'a str>,
}

pub async fn any(cx: Cx) -> PageResult {
    cx.page(&StartPage { v: &cx, programme: None })
}

pub async fn page(cx: Cx, Path(programme): Path<String>) -> PageResult {
    let programme = cx.state.pack.programme(&programme).ok_or(WebError::NotFound)?;
    cx.page(&StartPage { v: &cx, programme: Some(cx.text(&programme.title)) })
}

/// Opens the draft, or the open one again.
pub async fn open(cx: Cx) -> PageResult {
    let applicant = cx.actor()?.person.ok_or(WebError::Conflict("common.conflict.no_household"))?;
    let acting = acting(&cx)?;
    let case = tuodi_casework::open_draft(&acting, applicant).await?;
    if cx.stands_for.is_some() {
        // The case is the mandate's from the next request on.
        return cx.go(format!("/citizen/applications/{case}/household"));
    }
    cx.go(super::filling::next_address(&cx, &case).await?)
}
