//! What was known of a household when: every row with its source and day of arrival, and what the rules say as of any day
//! from what had arrived by any day. Every look is logged; sources without an agreement are not read.

use crate::{
    Cx, PageResult, SaidOnce, Stands, View, WebError,
    desk::{
        acting,
        case::rules::{self, RulesCard},
        households::resource,
        look::Tag,
        nav::{self, NavGroup},
    },
    form::{self, Problems},
    reading,
};
use askama::Template;
use axum::extract::{Path, Query};
use serde::Deserialize;
use std::collections::BTreeMap;
use tuodi_access::{Act, Sensitivity, looks};
use tuodi_pack::{HouseholdId, PersonId, SourceRow, source::ColumnType};

/// One row in words.
pub struct Line {
    pub when: String,
    pub place: String,
    pub stands: Tag,
    pub values: Vec<(String, String)>,
}

pub struct OfSource {
    pub title: String,
    pub count: String,
    /// The newest first.
    pub lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "desk/history.html")]
struct HistoryPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    id: HouseholdId,
    name: String,
    asked: &'a Asked,
    problems: Problems,
    rules: Option<RulesCard>,
    heading: String,
    no_finding: &'static str,
    sources: Vec<OfSource>,
    refused: String,
    basis: &'static str,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub as_of: String,
    pub known: String,
}

const PURPOSE: &str = "household history";

pub async fn page(cx: Cx, Path(id): Path<String>, Query(asked): Query<Asked>) -> PageResult {
    let id = HouseholdId(id.parse().map_err(|_| WebError::NotFound)?);
    let acting = acting(&cx)?;
    let household = tuodi_registry::household(&cx.state.store, id).await?.ok_or(WebError::NotFound)?;
    let sensitive = resource(&household, Sensitivity::Sensitive);
    cx.state.access.authorise(&acting.actor, Act::ViewHousehold, &sensitive, PURPOSE)?;
    looks::record(&cx.state.store, &acting.actor, &format!("household:{id}"), PURPOSE, cx.now).await?;
    let pack = &cx.state.pack;
    let people: BTreeMap<PersonId, String> = household.members.iter().map(|m| (m.id, m.name.clone())).collect();

    let mut problems = Problems::default();
    let as_of = if asked.as_of.is_empty() { Some(cx.today()) } else { form::date(&asked.as_of) };
    if as_of.is_none() {
        problems.add("as_of", cx.t("desk.known.problem.as_of"));
    }
    let known = if asked.known.is_empty() { Some(cx.today()) } else { form::date(&asked.known) };
    let known = known.filter(|day| *day <= cx.today());
    if known.is_none() {
        problems.add("known", cx.t("desk.known.problem.known"));
    }
    let (mut card, mut no_finding, mut heading) = (None, "", String::new());
    if let (Some(as_of), Some(known)) = (as_of, known) {
        let by = if asked.known.is_empty() { cx.t("desk.known.now").to_owned() } else { cx.full_date(&known) };
        heading = cx.t2("desk.known.result", cx.full_date(&as_of), by);
        let read = match asked.known.is_empty() {
            true => reading::read(&cx, id, as_of).await?,
            false => reading::read_known(&cx, id, as_of, known).await?,
        };
        match read.found {
            Ok(result) => card = Some(rules::card(&cx, pack, &result, &people, "")),
            Err(why) => no_finding = cx.t(why),
        }
    }
    let purpose = reading::basis(&cx, id).await?;
    let renewals = tuodi_feeds::renewals(&cx.state.store).await?;
    let (may, refused): (Vec<_>, Vec<_>) =
        pack.sources.iter().partition(|s| s.may_serve(purpose, cx.today(), &renewals).is_ok());
    let may: Vec<String> = may.into_iter().map(|s| s.id.clone()).collect();
    let members: Vec<PersonId> = household.members.iter().map(|m| m.id).collect();
    let said = cx.state.data.history(id, &members, &may).await?;
    let titles: Vec<&str> = refused.iter().map(|s| cx.text(&s.title)).collect();
    let wrong = !problems.is_empty();
    let page = HistoryPage {
        v: &cx,
        nav: nav::desk(&cx),
        id,
        name: household.members.first().map(|m| m.name.clone()).unwrap_or_default(),
        asked: &asked,
        problems,
        rules: card,
        heading,
        no_finding,
        sources: by_source(&cx, said, &people),
        basis: cx.t_of("desk.household.basis", purpose.id()),
        refused: titles.join(if cx.is_zh() { "、" } else { ", " }),
    };
    if wrong { cx.form_again(&page) } else { cx.page(&page) }
}

fn by_source(cx: &Cx, said: Vec<SaidOnce>, people: &BTreeMap<PersonId, String>) -> Vec<OfSource> {
    let pack = &cx.state.pack;
    let mut by: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    // The newest first; what came last was said last.
    for mut once in said.into_iter().rev() {
        // A hash of a number tells a reader nothing.
        if let Some(source) = pack.source(&once.source) {
            let hashed = source.columns.iter().filter(|c| c.kind == ColumnType::Token).filter_map(|c| c.pool_name());
            for name in hashed {
                once.values.remove(&name);
            }
        }
        let stands = match once.stands {
            Stands::Now => Tag::new("ok", "circle-check", cx.t("desk.known.stands.now")),
            Stands::Superseded => Tag::new("neutral", "history", cx.t("desk.known.stands.superseded")),
            Stands::Undone => Tag::new("hold", "x", cx.t("desk.known.stands.undone")),
        };
        let when = cx.t1("desk.known.arrived", cx.moment(&once.arrived));
        let place = cx.t2("desk.known.place", &once.batch, once.row);
        let row = SourceRow {
            source: once.source.clone(),
            batch: once.batch,
            row: once.row,
            person_id: once.person,
            arrived: String::new(),
            values: once.values,
        };
        let values = rules::row(cx, pack, &row, people).values;
        by.entry(once.source).or_default().push(Line { when, place, stands, values });
    }
    by.into_iter()
        .map(|(id, lines)| OfSource {
            title: pack
                .source(&id)
                .map_or_else(|| id.clone(), |s| format!("{} · {}", cx.text(&s.owner), cx.text(&s.title))),
            count: cx.t1("desk.known.rows", lines.len()),
            lines,
        })
        .collect()
}
