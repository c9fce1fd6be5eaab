//! The monthly report of a region, as it stood on any day, on the page and as a workbook.

use crate::{
    Cx, PageResult, View,
    bureau::{acting, cockpit::grouped, nav},
    desk::{look, nav::NavGroup, payments::month_of},
    form::{self, Problems},
};
use askama::Template;
use axum::{Form, extract::Query};
use chrono::{Months, NaiveDate};
use serde::Deserialize;
use tuodi_access::{Act, Resource};
use tuodi_casework::{CaseError, Counts, MonthReport, Shown, first_of_month, month_report};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    month: String,
    as_of: String,
}

pub struct Row {
    name: String,
    cells: Vec<String>,
}

pub struct Table {
    title: String,
    rows: Vec<Row>,
}

pub struct ClassRow {
    programme: String,
    class: String,
    cells: Vec<String>,
}

#[derive(Template)]
#[template(path = "bureau/stats.html")]
struct StatsPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    asked: Asked,
    columns: Vec<&'static str>,
    about: String,
    /// Said where something is held back.
    held_back: Option<String>,
    tables: Vec<Table>,
    classes: Vec<ClassRow>,
    may_export: bool,
    problems: Problems,
}

/// Month and day, from what was typed: the last whole month and today where nothing was.
fn read(cx: &Cx, asked: &Asked) -> Result<(NaiveDate, NaiveDate), Problems> {
    let mut problems = Problems::default();
    let today = cx.today();
    let month = match asked.month.trim() {
        "" => Some(first_of_month(today) - Months::new(1)),
        typed => month_of(typed),
    };
    let as_of = match asked.as_of.trim() {
        "" => Some(today),
        typed => form::date(typed),
    };
    if month.is_none() {
        problems.add("month", cx.t("stats.problem.month_wrong"));
    }
    if as_of.is_none() {
        problems.add("as_of", cx.t("stats.problem.as_of_wrong"));
    }
    month.zip(as_of).ok_or(problems)
}

fn may_export(cx: &Cx, acting: &tuodi_casework::Cx) -> bool {
    let what = Resource::general("overview", "statistics", acting.actor.region.clone());
    cx.state.access.authorise(&acting.actor, Act::Export, &what, "statistics").is_ok()
}

/// Held back: about so few that one would know who they are.
const FEW: &str = "*";

fn cells(shown: &Shown) -> Vec<String> {
    let whole = shown.whole.iter().map(|n| n.map(grouped));
    let sums = shown.sums.iter().map(|fen| fen.map(|fen| fen.to_string()));
    whole.chain(sums).map(|figure| figure.unwrap_or_else(|| FEW.to_owned())).collect()
}

fn tables(cx: &Cx, report: &MonthReport) -> Vec<Table> {
    let region = |code: &str| cx.state.pack.regions.get(code).map_or(code, |r| cx.text(&r.name)).to_owned();
    let one = |id: &str| {
        let places = report.townships().into_iter().map(Some);
        let places = places.filter(|t| report.of(Some(id), *t) != Counts::default());
        Table {
            title: look::tier(cx, &cx.state.pack, id),
            rows: std::iter::once(None)
                .chain(places)
                .map(|place| Row {
                    name: place.map_or_else(|| cx.t("stats.total").to_owned(), region),
                    cells: cells(&report.shown(id, place)),
                })
                .collect(),
        }
    };
    report.programmes().into_iter().map(one).collect()
}

fn classes(cx: &Cx, report: &MonthReport) -> Vec<ClassRow> {
    let known = &cx.state.pack.workflow.living.classes;
    let row = |(programme, class, shown): (&str, &str, Shown)| ClassRow {
        programme: look::tier(cx, &cx.state.pack, programme),
        class: known.iter().find(|c| c.id == class).map_or(class, |c| cx.text(&c.title)).to_owned(),
        // What lists pay is not kept by category.
        cells: cells(&shown).into_iter().take(6).collect(),
    };
    report.shown_classes().into_iter().map(row).collect()
}

pub async fn page(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    let acting = acting(&cx)?;
    let region = acting.actor.region.clone();
    acting.authorise_region(Act::ViewOverview, "overview", "", &region)?;
    let mut page = StatsPage {
        v: &cx,
        nav: nav(&cx),
        columns: ["households", "people", "new", "stopped", "undetermined", "due", "listed"]
            .map(|c| cx.t_of("stats.column", c))
            .into(),
        about: String::new(),
        held_back: None,
        tables: Vec::new(),
        classes: Vec::new(),
        may_export: may_export(&cx, &acting),
        problems: Problems::default(),
        asked,
    };
    match read(&cx, &page.asked) {
        Err(problems) => page.problems = problems,
        Ok((month, as_of)) => match month_report(&acting, &region, month, as_of).await {
            Ok(report) => {
                page.about = cx.t2("stats.about", cx.month(&month), cx.full_date(&as_of));
                page.held_back = report.least.map(|least| cx.t1("stats.held_back", least));
                page.tables = tables(&cx, &report);
                page.classes = classes(&cx, &report);
                (page.asked.month, page.asked.as_of) = (month.format("%Y-%m").to_string(), as_of.to_string());
            }
            Err(CaseError::Invalid(errors)) => page.problems = Problems::from_room(&cx, "stats", &errors),
            Err(error) => return Err(error.into()),
        },
    }
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn workbook(cx: Cx, Form(asked): Form<Asked>) -> PageResult {
    let acting = acting(&cx)?;
    let region = acting.actor.region.clone();
    let what = Resource::general("overview", "statistics", region.clone());
    cx.state.access.authorise(&acting.actor, Act::Export, &what, "statistics")?;
    let Ok((month, as_of)) = read(&cx, &asked) else { return page(cx, Query(asked)).await };
    match month_report(&acting, &region, month, as_of).await {
        Ok(report) => {
            let file = tuodi_casework::month_workbook(&acting, &report, cx.lang)?;
            cx.file(&file.name, file.mime, file.bytes)
        }
        Err(CaseError::Invalid(_)) => page(cx, Query(asked)).await,
        Err(error) => Err(error.into()),
    }
}
