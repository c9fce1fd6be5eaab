//! Filters of the list, kept under a name by whoever uses them.

use crate::{
    Cx, PageResult, WebError,
    desk::{acting, queue},
    form::{Fields, Problems},
};
use axum::{
    Form,
    extract::{Path, Query},
};
use tuodi_casework::{CaseError, work};

pub struct Kept {
    pub id: i64,
    pub name: String,
    pub href: String,
    pub current: bool,
}

pub async fn kept(cx: &Cx, now: &str) -> Result<Vec<Kept>, WebError> {
    let saved = work::saved_filters(&acting(cx)?).await?;
    Ok(saved
        .into_iter()
        .map(|f| Kept { id: f.id, name: f.name, current: f.query == now, href: format!("/desk?{}", f.query) })
        .collect())
}

pub async fn keep(cx: Cx, Query(asked): Query<queue::Asked>, Form(typed): Form<Fields>) -> PageResult {
    let name = typed.get("name").map_or("", String::as_str);
    // Written anew from what was understood: nothing else gets into an address.
    let query = asked.query();
    match work::save_filter(&acting(&cx)?, name, &query).await {
        Ok(()) => cx.go(format!("/desk?{query}")),
        Err(CaseError::Invalid(errors)) => {
            queue::show(&cx, &asked, name, Problems::from_room(&cx, "work", &errors)).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn forget(cx: Cx, Path(id): Path<String>) -> PageResult {
    let id = id.parse().map_err(|_| WebError::NotFound)?;
    work::forget_filter(&acting(&cx)?, id).await?;
    cx.go("/desk")
}
