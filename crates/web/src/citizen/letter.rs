//! Results and letters of the own case.

use crate::{
    Cx, PageResult, WebError,
    citizen::{acting, case_no},
    letter::{LetterPage, is_decision},
    url,
};
use axum::extract::Path;

/// The letter of the decision; before there is one, the case's page says how far it is.
pub async fn result(cx: Cx, Path(case): Path<String>) -> PageResult {
    let acting = acting(&cx)?;
    let case = case_no(&case)?;
    let view = tuodi_casework::view(&acting, &case, "own case").await?;
    match view.notices.iter().rev().find(|n| is_decision(n.kind)) {
        Some(notice) => cx.go(format!("/citizen/cases/{case}/notices/{}", url::escape(&notice.number))),
        None => cx.go(format!("/citizen/cases/{case}")),
    }
}

pub async fn notice(cx: Cx, Path((case, number)): Path<(String, String)>) -> PageResult {
    let case = case_no(&case)?;
    if number.len() > 120 {
        return Err(WebError::NotFound);
    }
    let notice = tuodi_casework::notice(&acting(&cx)?, &case, &number).await?;
    cx.page(&LetterPage::new(&cx, &notice, format!("/citizen/cases/{case}")))
}
