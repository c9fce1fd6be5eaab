//! Households by layer: search, filters, pages.

use super::{
    Asked, Filters, Tab, export_of, layer_tag, log, look, may_export, named, reason_words, rule_title, shown_name,
    until,
};
use crate::{
    Cx, PageResult, View, WebError,
    bureau::{cockpit::grouped, nav},
    desk::{look::Tag, nav::NavGroup},
    view::place,
};
use askama::Template;
use axum::{Form, extract::Query};
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use tuodi_access::Act;
use tuodi_pack::{HouseholdId, library::Way};
use tuodi_registry::library::{self, Entry, Filter, HelpLine, Place};
use tuodi_store::Page;

pub struct Line {
    pub href: String,
    pub name: String,
    pub members: String,
    pub place: String,
    pub layer: Tag,
    pub rule: String,
    /// What its people are given now.
    pub given: String,
    pub since: String,
    pub next: String,
    pub late: bool,
}

pub struct Tile {
    pub href: String,
    pub label: &'static str,
    pub value: String,
    pub line: &'static str,
}

#[derive(Template)]
#[template(path = "bureau/library/households.html")]
struct HouseholdsPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    tabs: Vec<Tab>,
    tiles: Vec<Tile>,
    /// What was typed to find somebody; empty on a list.
    q: String,
    searched: bool,
    f: Filters<'a>,
    lines: Vec<Line>,
    page: Page<()>,
    masked: bool,
    export: Option<String>,
}

#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    q: String,
}

pub async fn page(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    let full = look(&cx, "households")?;
    log(&cx, "households", "library").await?;
    let filter = asked.households(&cx)?;
    draw(&cx, &asked, String::new(), filter, full).await
}

/// By name, initials, number or its last four, or the household's number. The words stay out of the log.
pub async fn find(cx: Cx, Form(typed): Form<Typed>) -> PageResult {
    let full = look(&cx, "households")?;
    let acting = crate::bureau::acting(&cx)?;
    acting.authorise_region(Act::SearchPeople, "people", "", &acting.actor.region)?;
    log(&cx, "search", "library: find a household").await?;
    let asked = Asked::default();
    let region = asked.region(&cx)?;
    let typed = typed.q.trim().to_owned();
    let found = library::search(&cx.state.store, &typed, &region).await?;
    let filter = Filter { households: Some(found), per_page: 200, ..asked.households(&cx)? };
    draw(&cx, &asked, typed, filter, full).await
}

async fn draw(cx: &Cx, asked: &Asked, q: String, filter: Filter, full: bool) -> PageResult {
    let searched = filter.households.is_some();
    let page = library::entries(&cx.state.store, &filter).await?;
    let lines = lines(cx, &page.rows, full).await?;
    let layers = ["registered", "extended", "suspected", "out"];
    let f = Filters {
        layers: named(layers.map(|id| (id.to_owned(), cx.t_of("library.layer", id).to_owned())), &asked.layer),
        programmes: super::programmes(cx, asked),
        ended: true,
        ways: named(Way::ALL.map(|w| (w.id().to_owned(), cx.t_of("library.way", w.id()).to_owned())), &asked.way),
        only: cx.t("library.only.households"),
        ..Filters::new(cx, "/bureau/library", asked)
    };
    cx.page(&HouseholdsPage {
        v: cx,
        nav: nav(cx),
        tabs: super::tabs(cx, "households"),
        tiles: tiles(cx, &filter.region).await?,
        q,
        searched,
        f,
        lines,
        page: page.map(|_| ()),
        masked: !full,
        export: may_export(cx).then(|| export_of(cx, "households")).filter(|_| !searched),
    })
}

async fn tiles(cx: &Cx, region: &str) -> Result<Vec<Tile>, WebError> {
    let counts = library::counts(&cx.state.store, region, cx.today()).await?;
    let tile = |id: &str, n: u64| Tile {
        href: if id == "review" { cx.here_with("only", "1") } else { cx.here_with("layer", id) },
        label: cx.t_of("library.layer", id),
        value: grouped(n),
        line: cx.t_of("library.means", id),
    };
    Ok(vec![
        tile("registered", counts.registered),
        tile("extended", counts.extended),
        tile("suspected", counts.suspected),
        tile("review", counts.review_due),
        tile("out", counts.out),
    ])
}

/// Titles of what a household's people are given now, each once.
fn given(cx: &Cx, lines: &[&HelpLine]) -> String {
    let ids: BTreeSet<&str> = lines.iter().filter(|l| l.in_force(cx.today())).map(|l| l.programme.as_str()).collect();
    let titles: Vec<String> = ids.into_iter().map(|id| cx.text(&cx.state.pack.help_title(id)).to_owned()).collect();
    titles.join(if cx.is_zh() { "、" } else { ", " })
}

/// Rows as the page and the file show them, with names and what is given.
pub(super) async fn lines(cx: &Cx, rows: &[Entry], full: bool) -> Result<Vec<Line>, WebError> {
    let store = &cx.state.store;
    let ids: Vec<HouseholdId> = rows.iter().map(|r| r.household).collect();
    let households = tuodi_registry::households(store, &ids).await?;
    let help = library::help_of(store, &ids).await?;
    let mut by_household: HashMap<HouseholdId, Vec<&HelpLine>> = HashMap::new();
    for line in &help {
        by_household.entry(line.household).or_default().push(line);
    }
    let none = Vec::new();
    let line = |row: &Entry| {
        let summary = households.get(&row.household);
        let reason = row.reason.as_deref().filter(|_| row.place == Place::Out);
        Line {
            href: format!("/bureau/library/households/{}", row.household),
            name: shown_name(summary.map_or("", |h| h.head_name.as_str()), full),
            members: cx.tn("library.members", summary.map_or(0, |h| h.members)),
            place: place(&cx.state.pack, &row.region_code, cx.lang),
            layer: layer_tag(cx, row.place),
            rule: match reason {
                Some(reason) => reason_words(cx, reason),
                None => rule_title(cx, &cx.state.pack, &row.rule),
            },
            given: given(cx, by_household.get(&row.household).unwrap_or(&none)),
            since: cx.full_date(&row.since),
            next: until(cx, row.review_on),
            late: row.place != Place::Out && row.review_on.is_some_and(|day| day < cx.today()),
        }
    };
    Ok(rows.iter().map(line).collect())
}

/// Every row of the filter, for the file; up to so many.
pub(super) async fn all(cx: &Cx, asked: &Asked, most: u64) -> Result<Vec<Entry>, WebError> {
    let mut rows = Vec::new();
    for page in 1..=most.div_ceil(500) {
        let found = library::entries(&cx.state.store, &Filter { page, per_page: 500, ..asked.households(cx)? }).await?;
        let last = page >= found.pages();
        rows.extend(found.rows);
        if last {
            break;
        }
    }
    rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok(rows)
}
