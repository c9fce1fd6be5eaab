//! Check the answers, promise they are true, send; then what happens next.

use crate::{
    Cx, PageResult, View, WebError,
    citizen::{
        acting, case_no,
        filling::{self, Filling},
        questions::{Question, STEPS_SHOWN, Step, questions},
    },
    form::{Fields, Problems},
    known,
};
use askama::Template;
use axum::{Form, extract::Path};
use serde::Deserialize;
use tuodi_casework::{CaseError, FieldError, kin::Declared};

pub struct Line {
    pub label: String,
    pub value: String,
    /// Where it comes from, if it was on file already and stays as it was.
    pub source: String,
}

pub struct Section {
    pub title: &'static str,
    pub href: String,
    pub lines: Vec<Line>,
}

/// A problem with the page it is mended on.
pub struct ReviewProblem {
    pub href: String,
    pub label: &'static str,
    pub message: String,
}

#[derive(Template)]
#[template(path = "citizen/review.html")]
pub struct ReviewPage<'a> {
    pub v: &'a View,
    pub case: &'a str,
    pub version: i32,
    pub key: String,
    pub of: usize,
    pub back: String,
    pub sections: Vec<Section>,
    pub given: usize,
    pub adults: usize,
    pub truth: bool,
    pub truth_missing: bool,
    pub problems: Vec<ReviewProblem>,
}

#[derive(Template)]
#[template(path = "citizen/done.html")]
pub struct DonePage<'a> {
    pub v: &'a View,
    pub case: &'a str,
    pub due: Option<String>,
    pub missing_consent: usize,
    /// The form says that an officer is a relative, and not who.
    pub kin_unnamed: bool,
}

#[derive(Deserialize)]
pub struct Sent {
    version: i32,
    key: String,
    #[serde(default)]
    truth: String,
}

pub async fn page(cx: Cx, Path(case): Path<String>) -> PageResult {
    let filling = filling::load(&cx, &case).await?;
    cx.page(&draw(&cx, &filling, &[]))
}

pub async fn submit(cx: Cx, Path(case): Path<String>, Form(form): Form<Sent>) -> PageResult {
    let acting = acting(&cx)?;
    let case = case_no(&case)?;
    let truth = Fields::from([("truth".to_owned(), if form.truth == "yes" { "yes" } else { "" }.to_owned())]);
    let version = match tuodi_casework::save_step(&acting, &case, form.version, "check", truth).await {
        Ok(saved) => saved.version,
        // Sent twice: the first one has gone through.
        Err(CaseError::WrongStage { .. }) => return cx.go(format!("/citizen/applications/{case}/done")),
        Err(error) => return Err(error.into()),
    };
    match tuodi_casework::submit(&acting, &case, version, &form.key).await {
        Ok(_) => cx.go(format!("/citizen/applications/{case}/done")),
        Err(CaseError::Invalid(errors)) => {
            let filling = filling::load(&cx, case.as_str()).await?;
            cx.form_again(&draw(&cx, &filling, &errors))
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn done(cx: Cx, Path(case): Path<String>) -> PageResult {
    let case = case_no(&case)?;
    let view = tuodi_casework::view(&acting(&cx)?, &case, "own case").await?;
    let filling = filling::of(&view);
    if filling.is_open_for_answers() {
        return Err(WebError::Conflict("common.conflict.stage"));
    }
    let kin = tuodi_casework::kin::kin_of(&acting(&cx)?, &case).await?;
    cx.page(&DonePage {
        v: &cx,
        case: case.as_str(),
        due: view.row.total_due.map(|day| cx.date(&day)),
        kin_unnamed: kin.is_some_and(|kin| kin.declared.iter().any(Declared::unnamed)),
        missing_consent: filling.adults().filter(|m| !m.consented).count(),
    })
}

pub fn draw<'a>(v: &'a View, filling: &'a Filling, errors: &[FieldError]) -> ReviewPage<'a> {
    let case = filling.case.as_str();
    let adults = filling.adults().count();
    ReviewPage {
        v,
        case,
        version: filling.version,
        key: uuid::Uuid::new_v4().to_string(),
        of: STEPS_SHOWN,
        back: format!("/citizen/applications/{case}/consent"),
        sections: Step::ALL.into_iter().map(|step| section(v, step, filling)).collect(),
        given: filling.adults().filter(|m| m.consented).count(),
        adults,
        truth: filling.fields.get("truth").is_some_and(|t| t == "yes"),
        truth_missing: errors.iter().any(|e| e.field == "truth"),
        problems: problems(v, case, errors),
    }
}

fn section(v: &View, step: Step, filling: &Filling) -> Section {
    let mut lines = Vec::new();
    let mut of = String::new();
    let mut on_file = known::lines(v, step, filling);
    for question in questions(v, step, filling) {
        let mut value = question.in_words(v);
        let mut source = String::new();
        if let Some(known) = question.name().and_then(|name| on_file.remove(name)).filter(|known| known.same) {
            (value, source) = (known.value, known.source);
        }
        let label = match question {
            Question::Heading { text } => {
                of = text;
                continue;
            }
            Question::Amount { label, .. } if !of.is_empty() => format!("{of} · {label}"),
            Question::Amount { label, .. } | Question::Line { label, .. } | Question::Area { label, .. } => label,
            Question::Choices { legend, .. } => legend,
        };
        lines.push(Line { label, value, source });
    }
    Section {
        title: v.t_of("citizen.step", step.id()),
        href: format!("/citizen/applications/{}/{}?from=review", filling.case, step.id()),
        lines,
    }
}

fn problems(v: &View, case: &str, errors: &[FieldError]) -> Vec<ReviewProblem> {
    let worded = Problems::from_room(v, "citizen", errors);
    let place = |field: &str| match Step::of_field(field) {
        Some(step) => (
            format!("/citizen/applications/{case}/{}?from=review#{field}", step.id()),
            v.t_of("citizen.step", step.id()),
        ),
        None => ("#truth".to_owned(), ""),
    };
    let problem = |p: &crate::form::Problem| {
        let (href, label) = place(&p.field);
        ReviewProblem { href, label, message: p.message.clone() }
    };
    worded.iter().map(problem).collect()
}
