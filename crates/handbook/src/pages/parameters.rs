//! Standards, limits and lines by place and date.

use super::{Drawn, Page};
use crate::{
    HandbookError,
    book::{Book, Name, ValueRow},
};
use askama::Template;

struct ParameterView<'a> {
    id: &'a str,
    title: &'a str,
    values: Vec<ValueRow>,
    basis: String,
    users: Vec<Name>,
    note: &'a str,
}

#[derive(Template)]
#[template(path = "parameters.html")]
struct Parameters<'a> {
    b: &'a Book<'a>,
    page: Page,
    parameters: Vec<ParameterView<'a>>,
}

pub(super) fn pages(b: &Book<'_>) -> Result<Vec<Drawn>, HandbookError> {
    if b.pack.parameters.all.is_empty() {
        return Ok(Vec::new());
    }
    let page = Page::of_menu("parameters.html", b.w("标准和参数", "Standards and figures"));
    let parameters = b
        .pack
        .parameters
        .all
        .iter()
        .map(|p| ParameterView {
            id: &p.id,
            title: b.t(&p.title),
            values: b.values(p),
            basis: b.law(&p.basis, ""),
            users: b.uses.parameters.get(p.id.as_str()).into_iter().flatten().filter_map(|u| b.user(*u)).collect(),
            note: b.note(&p.note),
        })
        .collect();
    Ok(vec![(page.path.clone(), Parameters { b, page, parameters }.render()?)])
}
