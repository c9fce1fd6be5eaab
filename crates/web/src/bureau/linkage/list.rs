//! The list: what waits for a decision, and what was decided by whom and why.

use super::{account_name, band, bits, href, origin, probability, state, steward, where_is};
use crate::{
    Cx, PageResult, View, WebError,
    bureau::nav,
    desk::{look::Tag, nav::NavGroup, page_of},
    form::Choice,
    words,
};
use askama::Template;
use axum::{Form, extract::Query};
use chrono::Datelike;
use rust_xlsxwriter::{Format, FormatBorder, Workbook, XlsxError};
use serde::Deserialize;
use std::collections::HashMap;
use tuodi_access::{Act, looks};
use tuodi_pack::{
    region::{RegionLevel, contains, prefix},
    source::ColumnType,
};
use tuodi_registry::linkage::{
    CandidateFilter, CandidateRow, LinkState, NUMBERS, also, candidates, last_decisions, record_names,
};
use tuodi_store::Page;

const PER_PAGE: u64 = 25;
/// More than this is a matter for a report, not for a list.
const MOST: u64 = 20_000;
/// Candidates that a search shows.
const FOUND: u64 = 200;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    state: String,
    source: String,
    band: String,
    region: String,
    page: String,
}

#[derive(Default, Deserialize)]
pub struct Typed {
    #[serde(default)]
    q: String,
}

pub struct Line {
    pub href: String,
    pub name: String,
    pub origin: String,
    pub place: String,
    pub band: Tag,
    pub bits: String,
    pub probability: String,
    pub repair: bool,
    pub arrived: String,
    pub state: Tag,
    pub decided: Option<Decided>,
}

pub struct Decided {
    pub who: String,
    pub when: String,
    pub why: String,
}

pub struct Tab {
    pub href: String,
    pub label: String,
    pub count: u64,
    pub current: bool,
}

#[derive(Template)]
#[template(path = "bureau/linkage/list.html")]
struct ListPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    tabs: Vec<Tab>,
    q: String,
    searched: bool,
    state: &'a str,
    sources: Vec<Choice>,
    bands: Vec<Choice>,
    regions: Vec<Choice>,
    /// Something narrows the list.
    on: bool,
    lines: Vec<Line>,
    page: Page<()>,
    export: String,
}

/// States by which the list is cut; the first is what waits.
const CUTS: [&str; 4] = ["", "later", "same", "different"];

impl Asked {
    fn filter(&self, cx: &Cx) -> Result<CandidateFilter, WebError> {
        let actor = cx.actor()?;
        let pack = &cx.state.pack;
        let known = !self.region.is_empty() && pack.regions.get(&self.region).is_some() && actor.covers(&self.region);
        let region = if known { self.region.as_str() } else { actor.region.as_str() };
        Ok(CandidateFilter {
            state: LinkState::parse(&self.state).filter(|state| *state != LinkState::Open),
            source: (!self.source.is_empty()).then(|| self.source.clone()),
            band: ["same", "ask"].contains(&self.band.as_str()).then(|| self.band.clone()),
            region: Some(prefix(region).to_owned()),
            // What names no place is for those who look after all of it.
            nowhere: !known && contains(&actor.region, &pack.info.jurisdiction),
            people: None,
            least_weight: None,
        })
    }
}

fn choices(all: impl IntoIterator<Item = (String, String)>, chosen: &str) -> Vec<Choice> {
    let choice =
        |(value, label): (String, String)| Choice { chosen: value == chosen, value, label, hint: String::new() };
    all.into_iter().map(choice).collect()
}

pub async fn page(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    let acting = steward(&cx, &cx.actor()?.region)?;
    looks::record(&cx.state.store, &acting.actor, "linkage:list", "linkage", cx.now).await?;
    let found = candidates(&cx.state.store, &asked.filter(&cx)?, page_of(&asked.page), PER_PAGE).await?;
    draw(&cx, &asked, String::new(), false, found).await
}

/// By name, number or its last four: everything about the people found. The words stay out of the address and the log.
pub async fn find(cx: Cx, Form(typed): Form<Typed>) -> PageResult {
    let acting = steward(&cx, &cx.actor()?.region)?;
    let region = acting.actor.region.clone();
    acting.authorise_region(Act::SearchPeople, "people", "", &region)?;
    let q = typed.q.trim().to_owned();
    if q.is_empty() {
        return cx.go("/bureau/linkage");
    }
    looks::record(&cx.state.store, &acting.actor, "linkage:search", "linkage: find a person", cx.now).await?;
    let mut people = tuodi_registry::find(&cx.state.store, &q, &region, FOUND).await?;
    people.extend(also(&cx.state.store, &people).await?.into_iter().map(|(other, _)| other));
    let asked = Asked::default();
    let mut rows = Vec::new();
    for state in [None, Some(LinkState::Same), Some(LinkState::Different)] {
        let filter = CandidateFilter { people: Some(people.clone()), state, ..asked.filter(&cx)? };
        rows.extend(candidates(&cx.state.store, &filter, 1, FOUND).await?.rows);
    }
    let total = rows.len() as u64;
    draw(&cx, &asked, q, true, Page { rows, total, page: 1, per_page: FOUND * 3 }).await
}

async fn draw(cx: &Cx, asked: &Asked, q: String, searched: bool, found: Page<CandidateRow>) -> PageResult {
    let pack = &cx.state.pack;
    let own = &cx.actor()?.region;
    let mut tabs = Vec::new();
    for cut in CUTS {
        let counted = Asked { state: cut.to_owned(), ..Asked::default() }.filter(cx)?;
        tabs.push(Tab {
            href: if cut.is_empty() { "/bureau/linkage".to_owned() } else { format!("/bureau/linkage?state={cut}") },
            label: cx.t_of("linkage.tab", if cut.is_empty() { "waiting" } else { cut }).to_owned(),
            count: candidates(&cx.state.store, &counted, 1, 1).await?.total,
            current: !searched && cut == asked.state,
        });
    }
    // Only a row that names somebody can be recognised.
    let named = pack.sources.iter().filter(|s| s.takes_files());
    let named = named.filter(|s| s.columns.iter().any(|c| c.kind == ColumnType::Name));
    let townships = pack.regions.iter().filter(|r| r.level == RegionLevel::Township && contains(own, &r.code));
    let mut townships: Vec<(String, String)> = townships.map(|r| (r.code.clone(), where_is(cx, &r.code))).collect();
    townships.sort();
    let lines = lines(cx, &found.rows).await?;
    let rest = cx.here_with("page", "");
    cx.page(&ListPage {
        v: cx,
        nav: nav(cx),
        tabs,
        q,
        searched,
        state: &asked.state,
        sources: choices(
            std::iter::once((NUMBERS.to_owned(), origin(cx, NUMBERS)))
                .chain(named.map(|s| (s.id.clone(), origin(cx, &s.id)))),
            &asked.source,
        ),
        bands: choices(["same", "ask"].map(|id| (id.to_owned(), cx.t_of("linkage.band", id).to_owned())), &asked.band),
        regions: choices(townships, &asked.region),
        on: [&asked.source, &asked.band, &asked.region].iter().any(|f| !f.is_empty()),
        lines,
        page: found.map(|_| ()),
        export: rest.replacen("/bureau/linkage", "/bureau/linkage/export", 1),
    })
}

async fn lines(cx: &Cx, rows: &[CandidateRow]) -> Result<Vec<Line>, WebError> {
    let store = &cx.state.store;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let records: Vec<i64> = rows.iter().map(|row| row.record_id).collect();
    let names = record_names(store, &records).await?;
    let last = last_decisions(store, &ids).await?;
    let mut accounts: HashMap<&str, String> = HashMap::new();
    for decision in last.values() {
        if !accounts.contains_key(decision.account.as_str()) {
            accounts.insert(&decision.account, account_name(cx, &decision.account).await?);
        }
    }
    let line = |row: &CandidateRow| Line {
        href: href(row.id),
        name: names.get(&row.record_id).map(|name| tuodi_registry::mask_name(name)).unwrap_or_default(),
        origin: origin(cx, &row.source),
        place: where_is(cx, &row.region_code),
        band: band(cx, row),
        bits: bits(row.weight),
        probability: probability(row.weight),
        repair: row.repair,
        arrived: cx.moment(&row.arrived_at),
        state: state(cx, row.state),
        decided: last.get(&row.id).filter(|_| row.state != LinkState::Open).map(|d| Decided {
            who: accounts.get(d.account.as_str()).cloned().unwrap_or_default(),
            when: cx.moment(&d.at),
            why: d.reason.clone(),
        }),
    };
    Ok(rows.iter().map(line).collect())
}

/// The list as it is filtered, without a name or a number.
pub async fn export(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    let acting = steward(&cx, &cx.actor()?.region)?;
    looks::record(&cx.state.store, &acting.actor, "linkage:list", "linkage: export", cx.now).await?;
    let filter = asked.filter(&cx)?;
    let mut rows = Vec::new();
    for page in 1..=MOST.div_ceil(500) {
        let found = candidates(&cx.state.store, &filter, page, 500).await?;
        let last = page >= found.pages();
        for chunk in found.rows.chunks(500) {
            let lines = lines(&cx, chunk).await?;
            rows.extend(chunk.iter().cloned().zip(lines));
        }
        if last {
            break;
        }
    }
    let book = book(&cx, &rows).map_err(WebError::fault)?;
    let today = cx.today();
    let name = format!("linkage_{}{:02}{:02}.xlsx", today.year(), today.month(), today.day());
    cx.file(&name, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", book)
}

fn book(v: &View, rows: &[(CandidateRow, Line)]) -> Result<Vec<u8>, XlsxError> {
    const COLUMNS: [&str; 11] =
        ["number", "origin", "batch", "row", "place", "band", "bits", "probability", "state", "who", "when"];
    let head = Format::new().set_bold().set_border_bottom(FormatBorder::Thin);
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name(words::text(v.lang, "linkage.sheet"))?;
    for (col, column) in COLUMNS.iter().enumerate() {
        sheet.write_string_with_format(0, col as u16, v.t_of("linkage.column", column), &head)?;
    }
    for (i, (row, line)) in rows.iter().enumerate() {
        let at = i as u32 + 1;
        sheet.write_number(at, 0, row.id as f64)?;
        sheet.write_string(at, 1, &line.origin)?;
        sheet.write_string(at, 2, &row.batch)?;
        if row.other().is_none() {
            sheet.write_number(at, 3, row.row_no as f64)?;
        }
        sheet.write_string(at, 4, &line.place)?;
        sheet.write_string(at, 5, &line.band.text)?;
        sheet.write_number(at, 6, (row.weight * 10.0).round() / 10.0)?;
        sheet.write_string(at, 7, &line.probability)?;
        sheet.write_string(at, 8, &line.state.text)?;
        if let Some(decided) = &line.decided {
            sheet.write_string(at, 9, &decided.who)?;
            sheet.write_string(at, 10, &decided.when)?;
        }
    }
    sheet.set_freeze_panes(1, 1)?;
    sheet.autofit();
    book.save_to_buffer()
}
