//! Cases ticked in the list, or one from its page: given to a colleague, or their next step reminded of.

use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting, case_no, look,
        nav::{self, NavGroup},
        one_time_key,
    },
    form::{Choice, Fields, Problems},
};
use askama::Template;
use axum::{Form, extract::Query};
use tuodi_casework::{CaseError, CaseNo, QueueRow, work};

type Typed = Vec<(String, String)>;

pub struct Line {
    pub href: String,
    pub case: String,
    pub name: String,
    pub about: String,
}

#[derive(Template)]
#[template(path = "desk/work/batch.html")]
struct BatchPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    /// assign, remind
    act: &'static str,
    lines: Vec<Line>,
    to: Vec<Choice>,
    reason: String,
    key: String,
    problems: Problems,
}

fn value<'a>(typed: &'a Typed, name: &str) -> &'a str {
    typed.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
}

fn cases(typed: &Typed) -> Result<Vec<CaseNo>, WebError> {
    typed.iter().filter(|(n, _)| n == "case").map(|(_, v)| case_no(v)).collect()
}

fn act_of(typed: &Typed) -> Result<&'static str, WebError> {
    match value(typed, "act") {
        "assign" => Ok("assign"),
        "remind" => Ok("remind"),
        _ => Err(WebError::NotFound),
    }
}

fn line(cx: &Cx, row: &QueueRow) -> Line {
    Line {
        href: format!("/desk/cases/{}", row.case),
        case: row.case.to_string(),
        name: row.applicant.clone(),
        about: format!("{} · {}", row.next_step.title(cx.lang), look::due(cx, row.due_on).text),
    }
}

async fn show(cx: &Cx, act: &'static str, typed: &Typed, problems: Problems) -> PageResult {
    let acting = acting(cx)?;
    let rows = tuodi_casework::rows_of(&acting, &cases(typed)?).await?;
    let mut to = vec![Choice {
        value: String::new(),
        label: cx.t("work.choose").to_owned(),
        hint: String::new(),
        chosen: false,
    }];
    if act == "assign" {
        let all = work::colleagues(&acting).await?;
        let name_of = |account: &str| all.iter().find(|c| c.account == account).map_or(account, |c| &c.name).to_owned();
        to.extend(all.iter().map(|c| {
            let mut label = format!(
                "{} · {} · {}",
                c.name,
                c.role.title(cx.lang),
                crate::view::place(&cx.state.pack, &c.region, cx.lang)
            );
            if let Some((until, delegate)) = &c.away {
                label = format!("{label} · {}", cx.t2("work.leave.until", cx.short_date(until), name_of(delegate)));
            }
            Choice { chosen: value(typed, "to") == c.account, value: c.account.clone(), label, hint: String::new() }
        }));
    }
    let page = BatchPage {
        v: cx,
        nav: nav::desk(cx),
        act,
        lines: rows.iter().map(|row| line(cx, row)).collect(),
        to,
        reason: value(typed, "reason").to_owned(),
        key: Some(value(typed, "key")).filter(|k| !k.is_empty()).map_or_else(one_time_key, str::to_owned),
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn one(cx: Cx, Query(asked): Query<Fields>) -> PageResult {
    let typed: Typed = asked.into_iter().collect();
    show(&cx, act_of(&typed)?, &typed, Problems::default()).await
}

pub async fn several(cx: Cx, Form(typed): Form<Typed>) -> PageResult {
    let mut problems = Problems::default();
    if cases(&typed)?.is_empty() {
        problems.add("case", cx.t("work.problem.case_required"));
    }
    show(&cx, act_of(&typed)?, &typed, problems).await
}

async fn answer(cx: &Cx, act: &'static str, typed: &Typed, done: Result<u64, CaseError>) -> PageResult {
    match done {
        Ok(_) => cx.go(format!("/desk?done={act}")),
        Err(CaseError::Invalid(errors)) => show(cx, act, typed, Problems::from_room(cx, "work", &errors)).await,
        Err(error) => Err(error.into()),
    }
}

pub async fn assign(cx: Cx, Form(typed): Form<Typed>) -> PageResult {
    let (to, reason) = (value(&typed, "to"), value(&typed, "reason"));
    let done = work::assign(&acting(&cx)?, &cases(&typed)?, to, reason, value(&typed, "key")).await;
    answer(&cx, "assign", &typed, done).await
}

pub async fn remind(cx: Cx, Form(typed): Form<Typed>) -> PageResult {
    let done = work::remind(&acting(&cx)?, &cases(&typed)?, value(&typed, "reason"), value(&typed, "key")).await;
    answer(&cx, "remind", &typed, done).await
}
