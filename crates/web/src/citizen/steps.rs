//! One step of the form: shown, saved whatever its mistakes, and shown again with them.

use crate::{
    Cx, PageResult, View, WebError,
    citizen::{
        acting,
        filling::{self, Filling},
        questions::{Question, STEPS_SHOWN, Step, answers, questions},
    },
    form::{Fields, Problems},
    known::{self, KnownLine},
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query},
    http::StatusCode,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use tuodi_casework::CaseError;

#[derive(Template)]
#[template(path = "citizen/step.html")]
pub struct StepPage<'a> {
    pub v: &'a View,
    pub case: &'a str,
    pub version: i32,
    pub step: &'static str,
    pub number: usize,
    pub of: usize,
    pub back: String,
    pub from_review: bool,
    pub questions: Vec<Question>,
    /// Answers on file already, by field.
    pub known: BTreeMap<String, KnownLine>,
    pub problems: Problems,
}

impl StepPage<'_> {
    fn known(&self, question: &Question) -> Option<&KnownLine> {
        self.known.get(question.name()?)
    }
}

#[derive(Deserialize, Default)]
pub struct From {
    #[serde(default)]
    from: String,
}

pub async fn page(cx: Cx, Path((case, step)): Path<(String, String)>, Query(query): Query<From>) -> PageResult {
    let step = Step::from_id(&step).ok_or(WebError::NotFound)?;
    let filling = filling::load(&cx, &case).await?;
    cx.page(&draw(&cx, step, &filling, Problems::default(), query.from == "review"))
}

pub async fn save(
    cx: Cx,
    Path((case, step)): Path<(String, String)>,
    Form(posted): Form<Vec<(String, String)>>,
) -> PageResult {
    let step = Step::from_id(&step).ok_or(WebError::NotFound)?;
    let mut filling = filling::load(&cx, &case).await?;
    let fields = answers(&questions(&cx, step, &filling), &posted);
    let sent = |name: &str| posted.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str());
    let version = sent("version").parse().map_err(|_| WebError::Conflict("common.conflict.changed"))?;
    let from_review = sent("from") == "review";

    let acting = acting(&cx)?;
    let saved = match tuodi_casework::save_step(&acting, &filling.case, version, step.room(), fields.clone()).await {
        Ok(saved) => saved,
        Err(CaseError::Conflict { .. }) => {
            filling.known.clear();
            let problems = changed_elsewhere(&cx, &questions(&cx, step, &filling), &fields);
            filling.fields.extend(fields);
            return cx.page_as(StatusCode::CONFLICT, &draw(&cx, step, &filling, problems, from_review));
        }
        Err(error) => return Err(error.into()),
    };
    if sent("act") == "later" {
        return cx.go("/citizen");
    }
    let here: Vec<_> = saved.errors.into_iter().filter(|e| Step::of_field(&e.field) == Some(step)).collect();
    if !here.is_empty() {
        filling.fields.extend(fields);
        filling.version = saved.version;
        let problems = Problems::from_room(&cx, "citizen", &here);
        return cx.form_again(&draw(&cx, step, &filling, problems, from_review));
    }
    cx.go(match step.next() {
        _ if from_review => format!("/citizen/applications/{case}/review"),
        Some(next) => format!("/citizen/applications/{case}/{}", next.id()),
        None => format!("/citizen/applications/{case}/consent"),
    })
}

/// Somebody saved this step since the page was opened: both answers are shown and the person chooses by sending again.
fn changed_elsewhere(v: &View, stored: &[Question], typed: &Fields) -> Problems {
    let mut problems = Problems::default();
    for question in stored {
        let Some(name) = question.name() else { continue };
        if typed.get(name).is_some_and(|value| *value != question.stored()) {
            let there = match question.in_words(v) {
                words if words.is_empty() => v.t("citizen.review.empty").to_owned(),
                words => words,
            };
            problems.add(name, v.t1("citizen.conflict", there));
        }
    }
    if problems.is_empty() {
        problems.add("main", v.t("citizen.conflict_same"));
    }
    problems
}

pub fn draw<'a>(v: &'a View, step: Step, filling: &'a Filling, problems: Problems, from_review: bool) -> StepPage<'a> {
    let case = filling.case.as_str();
    StepPage {
        v,
        case,
        version: filling.version,
        step: step.id(),
        number: step.number(),
        of: STEPS_SHOWN,
        back: match step.previous() {
            _ if from_review => format!("/citizen/applications/{case}/review"),
            Some(previous) => format!("/citizen/applications/{case}/{}", previous.id()),
            None => "/citizen".to_owned(),
        },
        from_review,
        questions: questions(v, step, filling),
        known: known::lines(v, step, filling),
        problems,
    }
}
