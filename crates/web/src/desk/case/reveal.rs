//! One citizen number for sixty seconds, after a purpose was chosen; the look is logged.

use super::open;
use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        look,
        nav::{self, NavGroup},
    },
    form::{Choice, Problems},
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query},
    http::{HeaderValue, header},
};
use serde::Deserialize;
use tuodi_access::looks;
use tuodi_casework::CaseView;

const PURPOSES: [&str; 4] = ["identity", "papers", "payment", "objection"];

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    person: i64,
    #[serde(default)]
    purpose: String,
}

#[derive(Template)]
#[template(path = "desk/reveal.html")]
struct RevealPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    case: &'a str,
    person: i64,
    name: String,
    masked: String,
    shown: Option<String>,
    purposes: Vec<Choice>,
    problems: Problems,
}

fn draw<'a>(cx: &'a Cx, view: &'a CaseView, asked: &Asked, shown: bool) -> Result<RevealPage<'a>, WebError> {
    // Conclusions only: the role does not see numbers.
    if !view.full {
        return Err(WebError::Denied {
            who_can: vec![tuodi_access::Role::TownshipOfficer, tuodi_access::Role::Reviewer],
            why: Some(tuodi_access::DeniedWhy::Sensitivity.text()),
        });
    }
    let member = view.members.iter().find(|m| m.person.id.0 == asked.person).ok_or(WebError::NotFound)?;
    let purposes = PURPOSES.iter().map(|p| Choice {
        value: (*p).to_owned(),
        label: cx.t_of("desk.reveal.purpose", p).to_owned(),
        hint: String::new(),
        chosen: asked.purpose == *p,
    });
    Ok(RevealPage {
        v: cx,
        nav: nav::desk(cx),
        case: view.row.case.as_str(),
        person: asked.person,
        name: member.person.name.clone(),
        masked: look::mask_id(&member.person.id_no),
        shown: shown.then(|| member.person.id_no.clone()),
        purposes: purposes.collect(),
        problems: Problems::default(),
    })
}

pub async fn page(cx: Cx, Path(case): Path<String>, Query(asked): Query<Asked>) -> PageResult {
    let view = open(&cx, &case).await?;
    cx.page(&draw(&cx, &view, &asked, false)?)
}

pub async fn show(cx: Cx, Path(case): Path<String>, Form(asked): Form<Asked>) -> PageResult {
    let view = open(&cx, &case).await?;
    if !PURPOSES.contains(&asked.purpose.as_str()) {
        let mut page = draw(&cx, &view, &asked, false)?;
        page.problems.add("purpose", cx.t("desk.problem.purpose_required"));
        return cx.form_again(&page);
    }
    let page = draw(&cx, &view, &asked, true)?;
    let subject = format!("person:{}", asked.person);
    let purpose = format!("citizen number: {}", asked.purpose);
    looks::record(&cx.state.store, cx.actor()?, &subject, &purpose, cx.now).await?;
    let mut response = cx.page(&page)?;
    // Back to the case by itself: what was shown does not stay on the screen.
    if let Ok(value) = HeaderValue::from_str(&format!("60; url=/desk/cases/{}", view.row.case)) {
        response.headers_mut().insert(header::REFRESH, value);
    }
    Ok(response)
}
