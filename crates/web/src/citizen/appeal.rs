//! The household contests the decision, in its own words.

use crate::{
    Cx, PageResult, View, WebError,
    citizen::{acting, case_no},
    form::{Fields, Problems},
};
use askama::Template;
use axum::{Form, extract::Path};
use tuodi_casework::{CaseError, CaseView, Grounds, Offered};

/// What the case's page says of one appeal.
pub struct AppealLine {
    pub filed: String,
    pub state: &'static str,
    pub kind: &'static str,
    pub icon: &'static str,
    pub due: Option<String>,
    pub answer: String,
}

/// The card of the case's page: the appeals so far, and whether one more may be made.
pub struct AppealCard {
    pub lines: Vec<AppealLine>,
    /// Its last day.
    pub until: Option<String>,
    /// Over for this page; the window still takes it.
    pub over: bool,
}

#[derive(Template)]
#[template(path = "citizen/appeal.html")]
struct AppealPage<'a> {
    v: &'a View,
    case: &'a str,
    until: String,
    days: u32,
    version: i32,
    key: String,
    text: String,
    problems: Problems,
}

/// None where there is nothing to contest.
pub fn card(v: &View, view: &CaseView) -> Option<AppealCard> {
    let offered = view.offer(Offered::Appeal).is_some_and(|o| o.denied.is_none());
    if !offered && view.appeals.is_empty() {
        return None;
    }
    let line = |a: &tuodi_casework::Appeal| {
        let (kind, icon) = if a.state == "open" { ("info", "clock") } else { ("ok", "circle-check") };
        AppealLine {
            filed: v.date(&a.filed_on),
            state: v.t_of("citizen.appeal.state", &a.state),
            kind,
            icon,
            due: a.answered_on.is_none().then(|| v.date(&a.due_on)),
            answer: a.answer.clone().unwrap_or_default(),
        }
    };
    let until = view.appeal_until.filter(|_| offered);
    Some(AppealCard {
        lines: view.appeals.iter().map(line).collect(),
        until: until.filter(|day| *day >= v.today()).map(|day| v.date(&day)),
        over: until.is_some_and(|day| day < v.today()),
    })
}

async fn show(cx: &Cx, case: &str, typed: &Fields, problems: Problems) -> PageResult {
    let view = tuodi_casework::view(&acting(cx)?, &case_no(case)?, "own case").await?;
    let until = card(cx, &view).and_then(|card| card.until).ok_or(WebError::Conflict("common.conflict.stage"))?;
    let page = AppealPage {
        v: cx,
        case: view.row.case.as_str(),
        until,
        days: cx.state.pack.workflow.appeal.as_ref().map_or(0, |rules| rules.limit_days),
        version: view.row.version,
        key: typed.get("key").filter(|k| !k.is_empty()).cloned().unwrap_or_else(|| uuid::Uuid::new_v4().to_string()),
        text: typed.get("text").cloned().unwrap_or_default(),
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn page(cx: Cx, Path(case): Path<String>) -> PageResult {
    show(&cx, &case, &Fields::new(), Problems::default()).await
}

pub async fn file(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let case = case_no(&case)?;
    let value = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let grounds = Grounds { text: value("text"), ..Grounds::default() };
    let version = value("version").parse().unwrap_or(0);
    match tuodi_casework::file_appeal(&acting(&cx)?, &case, version, grounds, &value("key")).await {
        Ok(_) => cx.go(format!("/citizen/cases/{case}#appeal")),
        Err(CaseError::Invalid(errors)) => {
            show(&cx, case.as_str(), &typed, Problems::from_room(&cx, "citizen", &errors)).await
        }
        Err(error) => Err(error.into()),
    }
}
