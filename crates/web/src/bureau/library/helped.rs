//! People helped (对象库): who is given what, since when, by whom; and who is given more than one thing.

use super::{Asked, Filters, Tab, by, export_of, household::clashes, log, look, may_export, named, shown_name};
use crate::{
    Cx, PageResult, View, WebError,
    bureau::{cockpit::grouped, nav},
    desk::{look::width, nav::NavGroup},
    view::place,
};
use askama::Template;
use axum::extract::Query;
use std::collections::BTreeSet;
use tuodi_pack::{Fen, PersonId};
use tuodi_registry::library::{self, HelpFilter, HelpLine, OWN};
use tuodi_store::Page;

pub struct Line {
    pub href: String,
    pub name: String,
    pub place: String,
    pub what: String,
    pub since: String,
    pub to: String,
    pub by: String,
    pub monthly: String,
    /// What else the person is given now.
    pub also: String,
    pub clash: bool,
}

pub struct Bar {
    pub href: String,
    pub title: String,
    pub people: String,
    pub width: u64,
}

#[derive(Template)]
#[template(path = "bureau/library/helped.html")]
struct HelpedPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    tabs: Vec<Tab>,
    people: String,
    bars: Vec<Bar>,
    f: Filters<'a>,
    lines: Vec<Line>,
    page: Page<()>,
    masked: bool,
    export: Option<String>,
}

pub async fn page(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    let full = look(&cx, "helped")?;
    log(&cx, "helped", "library").await?;
    let filter = asked.helped(&cx)?;
    let store = &cx.state.store;
    let page = library::help(store, &filter).await?;
    let (counts, people) = library::help_counts(store, &filter.region, cx.today()).await?;
    let most = counts.iter().map(|(_, n)| *n).max().unwrap_or(0);
    let pack = &cx.state.pack;
    let sources = pack.library.help.iter().map(|h| h.source.as_str()).chain([OWN]);
    let sources: BTreeSet<(String, String)> = sources.map(|s| (s.to_owned(), source_title(&cx, s))).collect();
    cx.page(&HelpedPage {
        v: &cx,
        nav: nav(&cx),
        tabs: super::tabs(&cx, "helped"),
        people: grouped(people),
        bars: counts
            .iter()
            .map(|(id, n)| Bar {
                href: cx.here_with("programme", id),
                title: cx.text(&pack.help_title(id)).to_owned(),
                people: grouped(*n),
                width: width(*n, most),
            })
            .collect(),
        f: Filters {
            programmes: super::programmes(&cx, &asked),
            sources: named(sources, &asked.source),
            ended: true,
            only: cx.t("library.only.helped"),
            ..Filters::new(&cx, "/bureau/library/helped", &asked)
        },
        lines: lines(&cx, &page.rows, full).await?,
        page: page.map(|_| ()),
        masked: !full,
        export: may_export(&cx).then(|| export_of(&cx, "helped")),
    })
}

fn source_title(cx: &Cx, source: &str) -> String {
    let title = cx.state.pack.source(source).map(|s| cx.text(&s.title).to_owned());
    title.unwrap_or_else(|| by(cx, source))
}

pub(super) async fn lines(cx: &Cx, rows: &[HelpLine], full: bool) -> Result<Vec<Line>, WebError> {
    let store = &cx.state.store;
    let pack = &cx.state.pack;
    let ids: Vec<PersonId> = rows.iter().map(|r| r.person).collect();
    let people = tuodi_registry::persons(store, &ids).await?;
    let households: Vec<_> = rows.iter().map(|r| r.household).collect::<BTreeSet<_>>().into_iter().collect();
    let all = library::help_of(store, &households).await?;
    let clashing = clashes(pack, &all, cx.today());
    let line = |row: &HelpLine| {
        let also: BTreeSet<&str> = all
            .iter()
            .filter(|l| l.person == row.person && l.programme != row.programme && l.in_force(cx.today()))
            .map(|l| l.programme.as_str())
            .collect();
        let also: Vec<String> = also.into_iter().map(|id| cx.text(&pack.help_title(id)).to_owned()).collect();
        Line {
            href: format!("/bureau/library/households/{}", row.household),
            name: shown_name(people.get(&row.person).map_or("", |p| p.name.as_str()), full),
            place: place(pack, &row.region_code, cx.lang),
            what: cx.text(&pack.help_title(&row.programme)).to_owned(),
            since: cx.full_date(&row.from),
            to: row.to.map(|to| cx.full_date(&to)).unwrap_or_default(),
            by: by(cx, &row.source),
            monthly: row.monthly.map(|m| cx.money(&Fen(m))).unwrap_or_default(),
            also: also.join(if cx.is_zh() { "、" } else { ", " }),
            clash: row.in_force(cx.today()) && clashing.contains(&(row.person, row.programme.as_str())),
        }
    };
    Ok(rows.iter().map(line).collect())
}

pub(super) async fn all(cx: &Cx, asked: &Asked, most: u64) -> Result<Vec<HelpLine>, WebError> {
    let mut rows = Vec::new();
    for page in 1..=most.div_ceil(500) {
        let found = library::help(&cx.state.store, &HelpFilter { page, per_page: 500, ..asked.helped(cx)? }).await?;
        let last = page >= found.pages();
        rows.extend(found.rows);
        if last {
            break;
        }
    }
    rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok(rows)
}
