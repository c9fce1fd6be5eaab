//! The first page: what assistance there is, and where everything else stands.

use super::{Drawn, MenuItem, Page, programmes};
use crate::{HandbookError, book::Book};
use askama::Template;

#[derive(Template)]
#[template(path = "front.html")]
struct Front<'a> {
    b: &'a Book<'a>,
    page: Page,
    place: String,
    kinds: Vec<(String, Vec<programmes::Short>)>,
    sections: Vec<MenuItem>,
}

pub(super) fn page(b: &Book<'_>) -> Result<Drawn, HandbookError> {
    let place = b.pack.regions.get(&b.pack.info.jurisdiction).map_or("", |r| b.t(&r.name)).to_owned();
    let sections = b.menu().into_iter().filter(|s| !["index.html", "programmes.html"].contains(&s.url)).collect();
    let page = Page::of_menu("index.html", b.w("政策手册", "Handbook"));
    Ok((page.path.clone(), Front { b, page, place, kinds: programmes::by_kind(b), sections }.render()?))
}
