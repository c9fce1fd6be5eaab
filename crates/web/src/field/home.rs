//! Whom to visit: what is due first, with the reason in plain words.

use crate::{
    Cx, PageResult, View,
    desk::{
        look::{self, Tag},
        page_of,
    },
    field::acting,
    view::place,
};
use askama::Template;
use axum::extract::Query;
use serde::Deserialize;
use tuodi_pack::{Pack, indicator::Severity};
use tuodi_store::Page;
use tuodi_watch::{TaskCounts, TaskFilter, TaskRow, TaskState, level_id, severity_from};

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// open, mine, overdue, closed
    pub cut: String,
    pub severity: String,
    pub indicator: String,
    pub page: String,
}

/// The worst first.
pub const SEVERITIES: [Severity; 4] = [Severity::Red, Severity::Orange, Severity::Yellow, Severity::Blue];

impl Asked {
    pub fn filter(&self, per_page: u64) -> TaskFilter {
        TaskFilter {
            severity: severity_from(&self.severity),
            indicator: (!self.indicator.is_empty()).then(|| self.indicator.clone()),
            overdue: self.cut == "overdue",
            mine: self.cut == "mine",
            closed: self.cut == "closed",
            page: page_of(&self.page),
            per_page,
            ..TaskFilter::default()
        }
    }

    pub fn is_plain(&self) -> bool {
        matches!(self.cut.as_str(), "" | "open") && self.severity.is_empty() && self.indicator.is_empty()
    }
}

/// One household to visit.
pub struct TaskLine {
    pub href: String,
    pub name: String,
    pub members: u32,
    pub place: String,
    pub due: Tag,
    pub due_day: String,
    pub severity: Tag,
    pub reasons: Vec<String>,
    pub state: Tag,
    pub tries: i32,
    pub level: &'static str,
    pub case: Option<String>,
}

pub struct Chip {
    pub href: String,
    pub label: &'static str,
    pub count: i64,
    pub current: bool,
}

#[derive(Template)]
#[template(path = "field/home.html")]
pub struct HomePage<'a> {
    pub v: &'a View,
    pub who: String,
    pub chips: Vec<Chip>,
    pub lines: Vec<TaskLine>,
    pub page: Page<()>,
    pub plain: bool,
    pub desk: bool,
    /// Has a list of assessments.
    pub assess: bool,
}

#[derive(Template)]
#[template(path = "field/policies.html")]
struct PoliciesPage<'a> {
    v: &'a View,
    programmes: Vec<(String, String, Vec<String>)>,
}

pub async fn page(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    let acting = acting(&cx)?;
    let page = tuodi_watch::tasks(&acting, &asked.filter(20)).await?;
    let counts = tuodi_watch::task_counts(&acting).await?;
    cx.page(&draw(&cx, &asked, page, counts))
}

pub fn draw<'a>(cx: &'a Cx, asked: &Asked, page: Page<TaskRow>, counts: TaskCounts) -> HomePage<'a> {
    let who = cx.view.who.as_ref();
    HomePage {
        v: cx,
        who: who.map(|w| format!("{} · {}", w.name, w.place)).unwrap_or_default(),
        chips: chips(cx, asked, counts, "/field"),
        lines: page.rows.iter().map(|row| line(cx, &cx.state.pack, row, "/field/tasks")).collect(),
        plain: asked.is_plain(),
        page: page.map(|_| ()),
        assess: crate::assess::has_list(cx),
        desk: who.is_some_and(|w| w.doors.contains(&crate::Door::Desk)),
    }
}

pub fn chips(v: &View, asked: &Asked, counts: TaskCounts, home: &str) -> Vec<Chip> {
    let cut = if asked.cut.is_empty() { "open" } else { asked.cut.as_str() };
    let chip = |id: &'static str, count: i64| Chip {
        href: if id == "open" { home.to_owned() } else { format!("{home}?cut={id}") },
        label: v.t_of("field.cut", id),
        count,
        current: cut == id,
    };
    vec![
        chip("open", counts.open),
        chip("overdue", counts.overdue),
        chip("mine", counts.mine),
        chip("closed", counts.closed),
    ]
}

pub fn line(v: &View, pack: &Pack, row: &TaskRow, base: &str) -> TaskLine {
    let closed = row.state == TaskState::Closed;
    TaskLine {
        href: format!("{base}/{}", row.id),
        name: if row.name.is_empty() { v.t("field.task.unnamed").to_owned() } else { row.name.clone() },
        members: row.members,
        place: place(pack, &row.region_code, v.lang),
        due: match row.closed_on {
            Some(day) => Tag::new("calm", "check", v.t1("field.task.closed_on", v.short_date(&day))),
            None => look::due(v, Some(row.due_on)),
        },
        due_day: if closed { String::new() } else { v.short_date(&row.due_on) },
        severity: look::severity(v, row.severity),
        reasons: row.reasons.iter().map(|r| v.text(r).to_owned()).collect(),
        state: match (row.outcome, row.state) {
            (Some(outcome), _) => Tag::new("neutral", "check", outcome.title(v.lang)),
            (None, TaskState::Visiting) => Tag::new("info", "home", row.state.title(v.lang)),
            (None, _) => Tag::new("neutral", "clock", row.state.title(v.lang)),
        },
        tries: row.attempts,
        level: v.t_of("field.level", level_id(row.level)),
        case: row.case.as_ref().map(ToString::to_string),
    }
}

/// What there is, to be read out at the door.
pub async fn policies(cx: Cx) -> PageResult {
    let pack = &cx.state.pack;
    let programmes = pack.programmes.iter().map(|p| {
        let conditions = p.conditions.iter().map(|c| cx.text(&c.title).to_owned()).collect();
        (cx.text(&p.title).to_owned(), cx.text(&p.summary).to_owned(), conditions)
    });
    cx.page(&PoliciesPage { v: &cx, programmes: programmes.collect() })
}
