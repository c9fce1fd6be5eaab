//! An appeal at the desk: taken at the window, and answered by a reviewer who did not decide.

use super::{
    acts::{text_of, version_of},
    open,
};
use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting, case_no,
        nav::{self, NavGroup},
        one_time_key,
    },
    form::{Choice, Fields, Problems},
};
use askama::Template;
use axum::{Form, extract::Path};
use tuodi_casework::{Appeal, AppealAnswer, CaseError, CaseView, Grounds, Offered, words::basis_text};

/// One appeal as the case's page and the answer's show it.
pub struct AppealCard {
    pub when: String,
    pub text: String,
    pub why_late: String,
    pub due: Option<String>,
    pub outcome: &'static str,
    pub answer: String,
}

#[derive(Template)]
#[template(path = "desk/appeal.html")]
struct AppealPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    case: &'a str,
    whom: String,
    /// What is answered; none where one is taken.
    heard: Option<AppealCard>,
    /// The days for it are over: why it is late is asked for.
    late: Option<String>,
    outcomes: Vec<Choice>,
    basis: String,
    version: i32,
    key: String,
    text: String,
    why_late: String,
    problems: Problems,
}

const OUTCOMES: [&str; 3] = ["keep", "reopen", "office_error"];

pub fn card(cx: &Cx, appeal: &Appeal) -> AppealCard {
    AppealCard {
        when: cx.t2("desk.appeal.filed", cx.date(&appeal.filed_on), appeal.channel.title(cx.lang)),
        text: appeal.grounds.text.clone(),
        why_late: appeal.grounds.why_late.clone(),
        due: appeal.answered_on.is_none().then(|| cx.date(&appeal.due_on)),
        outcome: cx.t_of("desk.appeal.state", &appeal.state),
        answer: appeal.answer.clone().unwrap_or_default(),
    }
}

fn offered(view: &CaseView, act: Offered) -> Result<(), WebError> {
    match view.offer(act).ok_or(WebError::Conflict("common.conflict.stage"))?.denied.clone() {
        Some(denied) => Err(denied.into()),
        None => Ok(()),
    }
}

fn draw<'a>(cx: &'a Cx, view: &'a CaseView, answering: bool, typed: &Fields, problems: Problems) -> AppealPage<'a> {
    let chosen = text_of(typed, "outcome");
    let outcome = |id: &&str| Choice {
        value: (*id).to_owned(),
        label: cx.t_of("desk.appeal.outcome", id).to_owned(),
        hint: cx.t_of("desk.appeal.outcome_hint", id).to_owned(),
        chosen: *id == chosen,
    };
    let rules = cx.state.pack.workflow.appeal.as_ref();
    let over = view.appeal_until.filter(|last| *last < cx.today() && !answering);
    AppealPage {
        v: cx,
        nav: nav::desk(cx),
        case: view.row.case.as_str(),
        whom: format!("{} · {}", view.row.applicant, view.row.case),
        heard: view.appeals.first().filter(|_| answering).map(|a| card(cx, a)),
        late: over.map(|last| cx.t1("desk.appeal.late", cx.date(&last))),
        outcomes: if answering { OUTCOMES.iter().map(outcome).collect() } else { Vec::new() },
        basis: rules.map(|r| cx.text(&basis_text(&cx.state.pack, &r.basis)).to_owned()).unwrap_or_default(),
        version: view.row.version,
        key: typed.get("key").filter(|k| !k.is_empty()).cloned().unwrap_or_else(one_time_key),
        text: text_of(typed, "text").to_owned(),
        why_late: text_of(typed, "why_late").to_owned(),
        problems,
    }
}

async fn show(cx: &Cx, case: &str, answering: bool, typed: &Fields, problems: Problems) -> PageResult {
    let view = open(cx, case).await?;
    offered(&view, if answering { Offered::AnswerAppeal } else { Offered::Appeal })?;
    let page = draw(cx, &view, answering, typed, problems);
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn page(cx: Cx, Path(case): Path<String>) -> PageResult {
    show(&cx, &case, false, &Fields::new(), Problems::default()).await
}

pub async fn file(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let case = case_no(&case)?;
    let said = |name: &str| text_of(&typed, name).to_owned();
    let grounds = Grounds { text: said("text"), why_late: said("why_late") };
    let key = text_of(&typed, "key");
    match tuodi_casework::file_appeal(&acting(&cx)?, &case, version_of(&typed), grounds, key).await {
        Ok(_) => cx.go(format!("/desk/cases/{case}?done=appeal")),
        Err(CaseError::Invalid(errors)) => {
            show(&cx, case.as_str(), false, &typed, Problems::from_room(&cx, "desk", &errors)).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn answer_page(cx: Cx, Path(case): Path<String>) -> PageResult {
    show(&cx, &case, true, &Fields::new(), Problems::default()).await
}

pub async fn answer(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let case = case_no(&case)?;
    let said = match text_of(&typed, "outcome") {
        "keep" => Some(AppealAnswer::Keep),
        "reopen" => Some(AppealAnswer::Reopen { office_error: false }),
        "office_error" => Some(AppealAnswer::Reopen { office_error: true }),
        _ => None,
    };
    let mut problems = Problems::default();
    if said.is_none() {
        problems.add("outcome", cx.t("desk.problem.appeal_outcome"));
    }
    if text_of(&typed, "text").is_empty() {
        problems.add("text", cx.t("desk.problem.appeal_text"));
    }
    let Some(said) = said.filter(|_| problems.is_empty()) else {
        return show(&cx, case.as_str(), true, &typed, problems).await;
    };
    let (version, text, key) = (version_of(&typed), text_of(&typed, "text"), text_of(&typed, "key"));
    match tuodi_casework::answer_appeal(&acting(&cx)?, &case, version, said, text, key).await {
        Ok(_) => cx.go(format!("/desk/cases/{case}?done=answer_appeal")),
        Err(CaseError::Invalid(errors)) => {
            show(&cx, case.as_str(), true, &typed, Problems::from_room(&cx, "desk", &errors)).await
        }
        Err(error) => Err(error.into()),
    }
}
