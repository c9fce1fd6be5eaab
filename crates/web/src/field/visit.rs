//! What was found at the door: the outcome, and the six dimensions as far as they were asked.
//!
//! A post with a mistake comes back with everything that was typed.

use crate::{
    Cx, PageResult, View, WebError,
    desk::{self, nav::NavGroup, one_time_key},
    field::{
        assessment::{self, Section},
        task::{self, Side, TaskBody},
    },
    form::{Choice, Fields, Problems, date},
};
use askama::Template;
use tuodi_watch::{OutcomeCode, OutcomeForm, TaskState, TaskView, WatchError};

/// The form of a visit.
pub struct VisitBody {
    pub id: i64,
    pub version: i32,
    pub key: String,
    pub base: &'static str,
    /// The page of the task.
    pub back: String,
    pub name: String,
    pub place: String,
    pub reasons: Vec<String>,
    pub visited_on: String,
    pub with_whom: String,
    pub codes: Vec<Choice>,
    pub note: String,
}

#[derive(Template)]
#[template(path = "field/visit.html")]
struct FieldVisitPage<'a> {
    v: &'a View,
    f: VisitBody,
    sections: Vec<Section>,
    problems: Problems,
}

#[derive(Template)]
#[template(path = "desk/task_visit.html")]
struct DeskVisitPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    f: VisitBody,
    sections: Vec<Section>,
    problems: Problems,
}

#[derive(Template)]
#[template(path = "field/done.html")]
struct FieldDonePage<'a> {
    v: &'a View,
    t: TaskBody,
    case: Option<String>,
    can_fill: bool,
}

#[derive(Template)]
#[template(path = "desk/task_done.html")]
struct DeskDonePage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    t: TaskBody,
    case: Option<String>,
    can_fill: bool,
}

pub async fn page(cx: Cx, id: String, side: Side) -> PageResult {
    let view = task::open(&cx, &id, side).await?;
    if view.row.state == TaskState::Closed {
        return cx.go(format!("{}/{}", side.base(), view.row.id));
    }
    show(&cx, &view, side, &Fields::new(), Problems::default())
}

fn show(cx: &Cx, view: &TaskView, side: Side, typed: &Fields, problems: Problems) -> PageResult {
    let wrong = !problems.is_empty();
    let f = form(cx, view, side, typed);
    let sections = assessment::sections(cx, &cx.state.pack, typed);
    match side {
        Side::Field => {
            let page = FieldVisitPage { v: cx, f, sections, problems };
            if wrong { cx.form_again(&page) } else { cx.page(&page) }
        }
        Side::Desk => {
            let page = DeskVisitPage { v: cx, nav: desk::nav::desk(cx), f, sections, problems };
            if wrong { cx.form_again(&page) } else { cx.page(&page) }
        }
    }
}

fn form(cx: &Cx, view: &TaskView, side: Side, typed: &Fields) -> VisitBody {
    let pack = &cx.state.pack;
    let value = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let chosen = value("code");
    let codes = OutcomeCode::ALL.iter().map(|c| Choice {
        value: c.id().to_owned(),
        label: c.title(cx.lang).to_owned(),
        hint: cx.t_of("field.outcome_hint", c.id()).to_owned(),
        chosen: c.id() == chosen,
    });
    let line = crate::field::home::line(cx, pack, &view.row, side.base());
    VisitBody {
        id: view.row.id,
        version: typed.get("version").and_then(|v| v.parse().ok()).unwrap_or(view.row.version),
        key: typed.get("key").filter(|k| !k.is_empty()).cloned().unwrap_or_else(one_time_key),
        base: side.base(),
        back: format!("{}/{}", side.base(), view.row.id),
        name: line.name,
        place: line.place,
        reasons: line.reasons,
        visited_on: typed.get("visited_on").cloned().unwrap_or_else(|| cx.today().to_string()),
        with_whom: value("with_whom"),
        codes: codes.collect(),
        note: value("note"),
    }
}

pub async fn save(cx: Cx, id: String, typed: Fields, side: Side) -> PageResult {
    let text = |name: &str| typed.get(name).map_or("", |t| t.trim()).to_owned();
    let mut problems = Problems::default();
    let visited_on = date(&text("visited_on"));
    if visited_on.is_none() {
        problems.add("visited_on", cx.t("field.problem.visited_on_date"));
    }
    let code = OutcomeCode::from_id(&text("code"));
    if code.is_none() {
        problems.add("code", cx.t("field.problem.code_required"));
    }
    let (Some(visited_on), Some(code), true) = (visited_on, code, problems.is_empty()) else {
        let view = task::open(&cx, &id, side).await?;
        return show(&cx, &view, side, &typed, problems);
    };
    let form = OutcomeForm {
        visited_on,
        with_whom: text("with_whom"),
        code,
        note: text("note"),
        answers: assessment::answers(&cx.state.pack, &typed),
    };
    let number = task::number(&id)?;
    let version = text("version").parse().unwrap_or(0);
    match tuodi_watch::record_outcome(&side.acting(&cx)?, number, version, form, &text("key")).await {
        Ok(_) => cx.go(format!("{}/{number}/done", side.base())),
        Err(WatchError::Invalid(errors)) => {
            let view = task::open(&cx, &id, side).await?;
            show(&cx, &view, side, &typed, Problems::from_room(&cx, "field", &errors))
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn done(cx: Cx, id: String, side: Side) -> PageResult {
    let view = task::open(&cx, &id, side).await?;
    if view.outcomes.is_empty() {
        return Err(WebError::NotFound);
    }
    let case = view.row.case.as_ref().map(ToString::to_string);
    let t = task::body(&cx, &view, side);
    let can_fill = t.apply_for.is_some();
    match side {
        Side::Field => cx.page(&FieldDonePage { v: &cx, t, case, can_fill }),
        Side::Desk => cx.page(&DeskDonePage { v: &cx, nav: desk::nav::desk(&cx), t, case, can_fill }),
    }
}
