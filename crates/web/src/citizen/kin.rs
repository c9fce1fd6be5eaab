//! The household says that somebody in an office is a relative: that officer keeps out of the case.

use crate::{
    Cx, PageResult, View, WebError,
    citizen::{acting, case_no},
    desk::case::kin::{relations, said},
    form::{Choice, Fields, Problems},
};
use askama::Template;
use axum::{Form, extract::Path};
use tuodi_casework::{CaseError, CaseNo, Offered, kin::declare_kin};

#[derive(Template)]
#[template(path = "citizen/kin.html")]
struct KinPage<'a> {
    v: &'a View,
    case: &'a str,
    relations: Vec<Choice>,
    who: String,
    post: String,
    key: String,
    problems: Problems,
}

async fn show(cx: &Cx, case: &CaseNo, typed: &Fields, problems: Problems) -> PageResult {
    let view = tuodi_casework::view(&acting(cx)?, case, "own case").await?;
    let offer = view.offer(Offered::DeclareKin).ok_or(WebError::Conflict("common.conflict.stage"))?;
    if let Some(denied) = &offer.denied {
        return Err(denied.clone().into());
    }
    let value = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let page = KinPage {
        v: cx,
        case: case.as_str(),
        relations: relations(cx, &value("relation")),
        who: value("name"),
        post: value("post"),
        key: Some(value("key")).filter(|k| !k.is_empty()).unwrap_or_else(|| uuid::Uuid::new_v4().to_string()),
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn page(cx: Cx, Path(case): Path<String>) -> PageResult {
    show(&cx, &case_no(&case)?, &Fields::new(), Problems::default()).await
}

pub async fn declare(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let case = case_no(&case)?;
    let key = typed.get("key").cloned().unwrap_or_default();
    match declare_kin(&acting(&cx)?, &case, said(&typed, false), &key).await {
        Ok(_) => cx.go(format!("/citizen/cases/{case}#kin")),
        Err(CaseError::Invalid(errors)) => show(&cx, &case, &typed, Problems::from_room(&cx, "kin", &errors)).await,
        Err(error) => Err(error.into()),
    }
}
