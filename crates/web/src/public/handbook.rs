//! The handbook of the pack in force, as `tuodi pack doc` writes it: what officers work by is open to everybody.

use crate::{Cx, PageResult, WebError};
use axum::{
    Extension,
    extract::Path,
    http::{HeaderValue, header},
    response::IntoResponse,
};
use std::sync::Arc;
use tokio::sync::OnceCell;
use tuodi_handbook::File;
use tuodi_pack::Lang;

/// Where it is served; its pages lead to each other by relative addresses.
pub const ROOT: &str = "/handbook";

/// Drawn when first asked for, once: the pack does not change while the program runs.
#[derive(Clone, Default)]
pub struct Handbook(Arc<OnceCell<Vec<File>>>);

impl Handbook {
    async fn files(&self, cx: &Cx) -> Result<&[File], WebError> {
        let pack = cx.state.pack.clone();
        let draw = move || tuodi_handbook::files(&pack, &[Lang::Zh, Lang::En], Some("/"));
        let drawn = self.0.get_or_try_init(async || {
            tokio::task::spawn_blocking(draw).await.map_err(WebError::fault)?.map_err(WebError::fault)
        });
        Ok(drawn.await?)
    }
}

/// To its first page, in the reader's language.
pub async fn door(cx: Cx) -> PageResult {
    cx.go(format!("{ROOT}/{}/index.html", cx.lang.tag()))
}

pub async fn file(cx: Cx, Extension(book): Extension<Handbook>, Path(name): Path<String>) -> PageResult {
    let found = book.files(&cx).await?.iter().find(|file| file.name == name).ok_or(WebError::NotFound)?;
    let mut response = found.text.clone().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(found.kind()));
    // Nothing personal; it changes with the pack only.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    Ok(response)
}
