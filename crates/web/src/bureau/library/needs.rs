//! Needs of service (需求库): what the last pass proposes for whom, and by which labels of the assessment.

use super::{Asked, Filters, Tab, export_of, log, look, may_export, named, shown_name};
use crate::{
    Cx, NeedFigure, NeedFigures, PageResult, View, WebError,
    bureau::{cockpit::grouped, nav},
    desk::{look::width, nav::NavGroup, page_of},
    view::place,
};
use askama::Template;
use axum::{Form, extract::Query};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use tuodi_access::Act;
use tuodi_pack::{HouseholdId, Pack};
use tuodi_store::Page;

/// Of those found by name or number.
const FOUND: u64 = 200;

pub struct Wanted {
    pub title: String,
    /// Hours within which it must begin, in words; empty where it is not urgent.
    pub within: String,
}

pub struct Line {
    pub href: String,
    pub name: String,
    pub members: String,
    pub place: String,
    /// The most urgent first.
    pub services: Vec<Wanted>,
    pub labels: String,
}

pub struct Bar {
    pub href: String,
    pub title: String,
    pub households: String,
    pub width: u64,
}

#[derive(Template)]
#[template(path = "bureau/library/needs.html")]
struct NeedsPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    tabs: Vec<Tab>,
    /// What was typed to find somebody; empty on a list.
    q: String,
    searched: bool,
    /// Of which day's pass; empty before the first.
    as_of: String,
    households: String,
    bars: Vec<Bar>,
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
    let full = look(&cx, "needs")?;
    log(&cx, "needs", "library").await?;
    draw(&cx, &asked, None, full).await
}

/// By name, initials, number or its last four. The words stay out of the log.
pub async fn find(cx: Cx, Form(typed): Form<Typed>) -> PageResult {
    let full = look(&cx, "needs")?;
    let acting = crate::bureau::acting(&cx)?;
    acting.authorise_region(Act::SearchPeople, "people", "", &acting.actor.region)?;
    log(&cx, "search", "library: find a household's needs").await?;
    let (typed, asked) = (typed.q.trim(), Asked::default());
    let mut homes = BTreeSet::new();
    for person in tuodi_registry::find(&cx.state.store, typed, &asked.region(&cx)?, FOUND).await? {
        homes.extend(tuodi_registry::household_of(&cx.state.store, person).await?);
    }
    draw(&cx, &asked, Some((typed, homes)), full).await
}

/// The rows of the reader's region that were asked for.
pub(super) fn chosen<'f>(cx: &Cx, asked: &Asked, all: &'f NeedFigures) -> Result<Vec<&'f NeedFigure>, WebError> {
    let (pack, region) = (&cx.state.pack, asked.region(cx)?);
    let urgent = |id: &String| pack.services.service(id).is_some_and(|s| s.within_hours.is_some());
    let asked_for = |f: &&NeedFigure| {
        tuodi_pack::region::contains(&region, &f.region)
            && (asked.service.is_empty() || f.services.contains(&asked.service))
            && (asked.label.is_empty() || f.labels.contains(&asked.label))
            && (asked.only != "1" || f.services.iter().any(urgent))
    };
    Ok(all.all.iter().filter(asked_for).collect())
}

async fn draw(cx: &Cx, asked: &Asked, search: Option<(&str, BTreeSet<HouseholdId>)>, full: bool) -> PageResult {
    let pack = &cx.state.pack;
    let figures = cx.state.data.needs().await?;
    let mut rows = match &figures {
        Some(all) => chosen(cx, asked, all)?,
        None => Vec::new(),
    };
    if let Some((_, homes)) = &search {
        rows.retain(|row| homes.contains(&row.household));
    }
    let searched = search.is_some();
    let bars = if searched { Vec::new() } else { bars(cx, &rows) };
    let (total, number, per_page) =
        (rows.len() as u64, page_of(&asked.page), if searched { FOUND } else { super::PER_PAGE });
    let from = usize::try_from(Page::<()>::offset(number, per_page)).unwrap_or(usize::MAX);
    let shown: Vec<&NeedFigure> = rows.into_iter().skip(from).take(per_page as usize).collect();
    cx.page(&NeedsPage {
        v: cx,
        nav: nav(cx),
        tabs: super::tabs(cx, "needs"),
        q: search.map(|(q, _)| q.to_owned()).unwrap_or_default(),
        searched,
        as_of: figures.as_ref().map(|all| cx.full_date(&all.as_of)).unwrap_or_default(),
        households: grouped(total),
        bars,
        f: Filters {
            services: named(services(cx, pack), &asked.service),
            labels: named(
                pack.assessment.labels.iter().map(|l| (l.id.clone(), cx.text(&l.title).to_owned())),
                &asked.label,
            ),
            days: false,
            only: cx.t("library.only.needs"),
            ..Filters::new(cx, "/bureau/library/needs", asked)
        },
        lines: lines(cx, &shown, full).await?,
        page: Page { rows: Vec::new(), total, page: number, per_page },
        masked: !full,
        export: may_export(cx).then(|| export_of(cx, "needs")).filter(|_| !searched),
    })
}

/// In the pack's order of urgency.
fn services(cx: &Cx, pack: &Pack) -> Vec<(String, String)> {
    let mut all: Vec<_> = pack.services.services.iter().collect();
    all.sort_by_key(|s| s.rank);
    all.into_iter().map(|s| (s.id.clone(), cx.text(&s.title).to_owned())).collect()
}

/// How many of these households need each service, the most needed first.
fn bars(cx: &Cx, rows: &[&NeedFigure]) -> Vec<Bar> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for id in rows.iter().flat_map(|row| &row.services) {
        *counts.entry(id).or_default() += 1;
    }
    let most = counts.values().copied().max().unwrap_or(0);
    let mut counts: Vec<(&str, u64)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let title = |id: &str| cx.state.pack.services.service(id).map_or(id, |s| cx.text(&s.title)).to_owned();
    let bar = |(id, n): (&str, u64)| Bar {
        href: cx.here_with("service", id),
        title: title(id),
        households: grouped(n),
        width: width(n, most),
    };
    counts.into_iter().map(bar).collect()
}

/// Rows as the page and the file show them.
pub(super) async fn lines(cx: &Cx, rows: &[&NeedFigure], full: bool) -> Result<Vec<Line>, WebError> {
    let pack = &cx.state.pack;
    let ids: Vec<HouseholdId> = rows.iter().map(|r| r.household).collect();
    let households = tuodi_registry::households(&cx.state.store, &ids).await?;
    let line = |row: &&NeedFigure| {
        let summary = households.get(&row.household);
        // A service that the pack no longer has cannot be offered.
        let mut services: Vec<_> = row.services.iter().filter_map(|id| pack.services.service(id)).collect();
        services.sort_by_key(|s| s.rank);
        let labels = row.labels.iter().filter_map(|id| pack.assessment.label(id)).map(|l| cx.text(&l.title));
        Line {
            href: format!("/bureau/library/households/{}", row.household),
            name: shown_name(summary.map_or("", |h| h.head_name.as_str()), full),
            members: cx.tn("library.members", summary.map_or(0, |h| h.members)),
            place: place(pack, &row.region, cx.lang),
            services: services
                .into_iter()
                .map(|s| Wanted {
                    title: cx.text(&s.title).to_owned(),
                    within: s.within_hours.map(|h| cx.tn("library.needs.within", h)).unwrap_or_default(),
                })
                .collect(),
            labels: labels.collect::<Vec<_>>().join(if cx.is_zh() { "、" } else { ", " }),
        }
    };
    Ok(rows.iter().map(line).collect())
}
