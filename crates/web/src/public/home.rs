//! The first page: where to begin.

use crate::{Cx, PageResult, View};
use askama::Template;

#[derive(Template)]
#[template(path = "public/home.html")]
pub struct HomePage<'a> {
    pub v: &'a View,
}

pub async fn page(cx: Cx) -> PageResult {
    cx.page(&HomePage { v: &cx })
}
