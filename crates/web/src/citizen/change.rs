//! What a family tells after the decision: that something changed at home, and what it thinks of a proposed change.

use super::{acting, case_no};
use crate::{
    Cx, PageResult, View, WebError,
    form::{Fields, Problems},
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query},
};
use serde::Deserialize;
use tuodi_casework::{CaseError, CaseState};

#[derive(Deserialize)]
pub struct Done {
    #[serde(default)]
    done: String,
}

#[derive(Template)]
#[template(path = "citizen/change.html")]
struct ChangePage<'a> {
    v: &'a View,
    case: String,
    version: i32,
    may_tell: bool,
    /// Somebody is looking into it.
    looking: bool,
    /// What is proposed, until when they can answer; none where nothing is.
    proposed: Option<(String, String)>,
    said: String,
    typed: String,
    key: String,
    done: Option<&'static str>,
    problems: Problems,
}

pub async fn page(cx: Cx, Path(case): Path<String>, Query(asked): Query<Done>) -> PageResult {
    let done = crate::words::find(cx.lang, &format!("living.citizen.done.{}", asked.done));
    show(&cx, &case, String::new(), done, Problems::default()).await
}

async fn show(cx: &Cx, case: &str, typed: String, done: Option<&'static str>, problems: Problems) -> PageResult {
    let number = case_no(case)?;
    let acting = acting(cx)?;
    let view = tuodi_casework::view(&acting, &number, "own case").await?;
    let rows = tuodi_casework::rechecks(&acting, &number).await?;
    let open = rows.iter().find(|r| r.outcome.is_none());
    let proposed = open.and_then(|r| {
        let until = r.view_until.filter(|until| *until >= cx.today())?;
        Some((cx.t_of("living.recheck.change", r.proposal.as_deref()?).to_owned(), cx.date(&until)))
    });
    let may_tell = matches!(view.row.state, CaseState::Assisting | CaseState::GradualExit);
    if !may_tell && open.is_none() && done.is_none() {
        return Err(WebError::Conflict("common.conflict.stage"));
    }
    let page = ChangePage {
        v: cx,
        case: case.to_owned(),
        version: view.row.version,
        may_tell,
        looking: open.is_some() && proposed.is_none(),
        proposed,
        said: open.map(|r| r.view.clone()).unwrap_or_default(),
        typed,
        key: uuid::Uuid::new_v4().to_string(),
        done,
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

async fn answer<T>(cx: &Cx, case: &str, typed: &str, done: &str, result: Result<T, CaseError>) -> PageResult {
    match result {
        Ok(_) => cx.go(format!("/citizen/cases/{case}/change?done={done}")),
        Err(CaseError::Invalid(errors)) => {
            let problems = Problems::from_room(cx, "living", &errors);
            show(cx, case, typed.to_owned(), None, problems).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn tell(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let of = |name: &str| typed.get(name).map_or("", String::as_str);
    let version = of("version").parse().unwrap_or(0);
    let told = tuodi_casework::tell_change(&acting(&cx)?, &case_no(&case)?, version, of("note"), of("key")).await;
    answer(&cx, &case, of("note"), "told", told).await
}

pub async fn view(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let of = |name: &str| typed.get(name).map_or("", String::as_str);
    let said = tuodi_casework::give_view(&acting(&cx)?, &case_no(&case)?, of("view"), of("key")).await;
    answer(&cx, &case, of("view"), "viewed", said).await
}
