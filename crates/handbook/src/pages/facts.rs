//! Facts: how every number in the rules comes about.

use super::{Drawn, Page, around};
use crate::{
    HandbookError,
    book::{Book, Name, ValueRow, fact_url},
};
use askama::Template;
use tuodi_pack::{facts::FactGroup, words};

struct Short {
    url: String,
    title: String,
    name: String,
}

struct GroupShort {
    id: String,
    grain: String,
    facts: Vec<Short>,
}

#[derive(Template)]
#[template(path = "facts.html")]
struct List<'a> {
    b: &'a Book<'a>,
    page: Page,
    groups: Vec<GroupShort>,
}

struct FactView<'a> {
    title: &'a str,
    name: &'a str,
    kind: String,
    unit: String,
    absent: String,
    users: Vec<Name>,
    note: &'a str,
}

#[derive(Template)]
#[template(path = "group.html")]
struct One<'a> {
    b: &'a Book<'a>,
    page: Page,
    g: &'a FactGroup,
    grain: String,
    sources: Vec<Name>,
    facts: Vec<FactView<'a>>,
    values: Vec<ValueRow>,
    around: (Option<Name>, Option<Name>),
}

pub(super) fn pages(b: &Book<'_>) -> Result<Vec<Drawn>, HandbookError> {
    if b.pack.facts.is_empty() {
        return Ok(Vec::new());
    }
    let page = Page::of_menu("facts.html", b.w("事实口径", "Facts"));
    let above = page.title.clone();
    let groups = b
        .pack
        .facts
        .iter()
        .map(|g| GroupShort {
            id: g.id.clone(),
            grain: b.own(words::grain(g.grain)),
            facts: g
                .facts
                .iter()
                .map(|f| Short { url: fact_url(&g.id, &f.name), title: b.t(&f.title).to_owned(), name: f.name.clone() })
                .collect(),
        })
        .collect();
    let mut pages = vec![(page.path.clone(), List { b, page, groups }.render()?)];
    let names: Vec<Name> =
        b.pack.facts.iter().map(|g| Name { title: g.id.clone(), url: format!("facts/{}.html", g.id) }).collect();
    for (i, group) in b.pack.facts.iter().enumerate() {
        let path = format!("facts/{}.html", group.id);
        let title = format!("{}{}", b.w("事实组 ", "Facts: "), group.id);
        let page = Page::below("facts.html", &above, path.clone(), title);
        pages.push((path, one(b, page, group, around(&names, i)).render()?));
    }
    Ok(pages)
}

fn one<'a>(b: &'a Book<'a>, page: Page, g: &'a FactGroup, around: (Option<Name>, Option<Name>)) -> One<'a> {
    let facts = g
        .facts
        .iter()
        .map(|f| FactView {
            title: b.t(&f.title),
            name: &f.name,
            kind: b.own(words::fact_type(f.kind)),
            unit: b.unit(&f.unit),
            absent: match f.absent.as_str() {
                "unknown" => b.w("不清楚，要问", "unknown: it is asked").to_owned(),
                "false" => b.w("算没有", "taken as no").to_owned(),
                "true" => b.w("算有", "taken as yes").to_owned(),
                other => format!("{}{other}", b.w("算 ", "taken as ")),
            },
            users: b.uses.facts.get(f.name.as_str()).into_iter().flatten().filter_map(|u| b.user(*u)).collect(),
            note: b.note(&f.note),
        })
        .collect();
    One {
        grain: b.own(words::grain(g.grain)),
        sources: b.sources(b.uses.sources.get(g.id.as_str()).into_iter().flatten().copied()),
        facts,
        values: b.values_in(std::iter::once(g.sql.as_str())),
        around,
        b,
        page,
        g,
    }
}
