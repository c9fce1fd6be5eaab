//! The special review of a case: put before it, its minutes, and what the case's page shows of them.

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
    form::{self, Choice, Fields, Problems},
};
use askama::Template;
use axum::{Form, extract::Path};
use tuodi_casework::{
    CaseError, CaseNo, Offered,
    special::{Minutes, convene, record_minutes, special_reviews},
    words::basis_text,
};

pub struct SpecialCard {
    pub when: String,
    pub reason: String,
    /// Day, outcome, members and words of the meeting.
    pub held: Option<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "desk/special.html")]
struct SpecialPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    case: &'a str,
    whom: String,
    /// The minutes are asked for; otherwise why it is put before them.
    meets: bool,
    least: u32,
    outcomes: Vec<Choice>,
    met_on: String,
    members: String,
    text: String,
    basis: String,
    version: i32,
    key: String,
    problems: Problems,
}

pub async fn cards(cx: &Cx, case: &CaseNo) -> Result<Vec<SpecialCard>, WebError> {
    let all = special_reviews(&acting(cx)?, case).await?;
    Ok(all
        .into_iter()
        .map(|review| SpecialCard {
            when: cx.t1("special.convened", cx.date(&review.convened_on)),
            reason: review.reason,
            held: review.minutes.map(|m| {
                let outcome = cx.t_of("special.outcome", if m.approve == Some(true) { "approve" } else { "refuse" });
                let day = m.met_on.map(|day| cx.date(&day)).unwrap_or_default();
                (cx.t2("special.met", day, outcome), m.members.join(cx.t("desk.comma")), m.text)
            }),
        })
        .collect())
}

async fn show(cx: &Cx, case: &str, typed: &Fields, problems: Problems) -> PageResult {
    let view = open(cx, case).await?;
    let meets = view.offer(Offered::Meet).is_some();
    let offered = if meets { Offered::Meet } else { Offered::Convene };
    let offer = view.offer(offered).ok_or(WebError::Conflict("common.conflict.stage"))?;
    if let Some(denied) = &offer.denied {
        return Err(denied.clone().into());
    }
    let outcomes = ["approve", "refuse"].map(|id| Choice {
        value: id.to_owned(),
        label: cx.t_of("special.outcome", id).to_owned(),
        hint: String::new(),
        chosen: text_of(typed, "approve") == id,
    });
    let rules = cx.state.pack.workflow.special_review.as_ref();
    let page = SpecialPage {
        v: cx,
        nav: nav::desk(cx),
        case: view.row.case.as_str(),
        whom: format!("{} · {}", view.row.applicant, view.row.case),
        meets,
        least: rules.map_or(0, |r| r.members),
        outcomes: outcomes.into(),
        met_on: text_of(typed, "met_on").to_owned(),
        members: text_of(typed, "members").to_owned(),
        text: text_of(typed, "text").to_owned(),
        basis: rules.map(|r| cx.text(&basis_text(&cx.state.pack, &r.basis)).to_owned()).unwrap_or_default(),
        version: view.row.version,
        key: typed.get("key").filter(|k| !k.is_empty()).cloned().unwrap_or_else(one_time_key),
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn page(cx: Cx, Path(case): Path<String>) -> PageResult {
    show(&cx, &case, &Fields::new(), Problems::default()).await
}

async fn answer(cx: &Cx, case: &CaseNo, typed: &Fields, done: &str, result: Result<i32, CaseError>) -> PageResult {
    match result {
        Ok(_) => cx.go(format!("/desk/cases/{case}?done={done}")),
        Err(CaseError::Invalid(errors)) => {
            show(cx, case.as_str(), typed, Problems::from_room(cx, "special", &errors)).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn put_before(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let case = case_no(&case)?;
    let (text, key) = (text_of(&typed, "text"), text_of(&typed, "key"));
    let done = convene(&acting(&cx)?, &case, version_of(&typed), text, key).await;
    answer(&cx, &case, &typed, "convene", done).await
}

pub async fn minutes(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let case = case_no(&case)?;
    let approve = match text_of(&typed, "approve") {
        "approve" => Some(true),
        "refuse" => Some(false),
        _ => None,
    };
    let minutes = Minutes {
        met_on: form::date(text_of(&typed, "met_on")),
        members: text_of(&typed, "members").lines().map(str::to_owned).collect(),
        approve,
        text: text_of(&typed, "text").to_owned(),
    };
    let done = record_minutes(&acting(&cx)?, &case, version_of(&typed), minutes, text_of(&typed, "key")).await;
    answer(&cx, &case, &typed, "minutes", done).await
}
