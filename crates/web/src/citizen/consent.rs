//! The authorisation of the economic check: four lines, and each adult's own name under them (DB57 art. 9).

use crate::{
    Cx, PageResult, View,
    citizen::{
        acting, case_no,
        filling::{self, Filling},
        questions::STEPS_SHOWN,
    },
    form::Problems,
};
use askama::Template;
use axum::{Form, extract::Path};
use serde::Deserialize;
use tuodi_casework::{CaseError, ConsentForm, Mark};
use tuodi_pack::{Pack, PersonId, source::Origin};

pub struct Adult {
    pub id: PersonId,
    pub name: String,
    pub given: bool,
    /// The next one to sign has the page's one primary button.
    pub first: bool,
    pub field: String,
    pub typed: String,
}

#[derive(Template)]
#[template(path = "citizen/consent.html")]
pub struct ConsentPage<'a> {
    pub v: &'a View,
    pub case: &'a str,
    pub back: String,
    /// Within the form, or asked for later from the case's page.
    pub filling: bool,
    pub number: usize,
    pub of: usize,
    pub sources: Vec<String>,
    pub adults: Vec<Adult>,
    pub all_given: bool,
    pub problems: Problems,
}

#[derive(Deserialize)]
pub struct Given {
    person: i64,
    #[serde(flatten)]
    typed: std::collections::BTreeMap<String, String>,
}

#[derive(Deserialize)]
pub struct Withdrawn {
    person: i64,
}

pub async fn page(cx: Cx, Path(case): Path<String>) -> PageResult {
    let filling = filling::read(&cx, &case).await?;
    cx.page(&draw(&cx, &cx.state.pack, &filling, Problems::default(), None))
}

pub async fn give(cx: Cx, Path(case): Path<String>, Form(form): Form<Given>) -> PageResult {
    let case = case_no(&case)?;
    let person = PersonId(form.person);
    let field = name_field(person);
    let name = form.typed.get(&field).cloned().unwrap_or_default();
    let consent = ConsentForm { person, name: name.clone(), mark: Mark::Typed, evidence: None };
    match tuodi_casework::give_consent(&acting(&cx)?, &case, consent).await {
        Ok(()) => cx.go(format!("/citizen/applications/{case}/consent")),
        Err(CaseError::Invalid(errors)) => {
            let mut problems = Problems::from_room(&cx, "citizen", &errors);
            problems.0.iter_mut().for_each(|p| p.field.clone_from(&field));
            let filling = filling::read(&cx, case.as_str()).await?;
            cx.form_again(&draw(&cx, &cx.state.pack, &filling, problems, Some((person, name))))
        }
        Err(error) => Err(error.into()),
    }
}

/// An authorisation can be taken back as simply as it was given.
pub async fn withdraw(cx: Cx, Path(case): Path<String>, Form(form): Form<Withdrawn>) -> PageResult {
    let case = case_no(&case)?;
    tuodi_casework::withdraw_consent(&acting(&cx)?, &case, PersonId(form.person)).await?;
    cx.go(format!("/citizen/cases/{case}"))
}

fn name_field(person: PersonId) -> String {
    format!("name.{person}")
}

pub fn draw<'a>(
    v: &'a View,
    pack: &Pack,
    filling: &'a Filling,
    problems: Problems,
    typed: Option<(PersonId, String)>,
) -> ConsentPage<'a> {
    let open_for_answers = filling.is_open_for_answers();
    let case = filling.case.as_str();
    let mut first = true;
    let adult = |m: &filling::Member| Adult {
        id: m.id,
        name: m.name.clone(),
        given: m.consented,
        first: !m.consented && std::mem::take(&mut first),
        field: name_field(m.id),
        typed: typed.iter().find(|(id, _)| *id == m.id).map(|(_, name)| name.clone()).unwrap_or_default(),
    };
    let departments = pack.sources.iter().filter(|s| s.origin == Origin::Department);
    ConsentPage {
        v,
        case,
        back: if open_for_answers {
            format!("/citizen/applications/{case}/account")
        } else {
            format!("/citizen/cases/{case}")
        },
        filling: open_for_answers,
        number: STEPS_SHOWN - 1,
        of: STEPS_SHOWN,
        sources: departments.map(|s| format!("{} · {}", v.text(&s.owner), v.text(&s.title))).collect(),
        adults: filling.adults().map(adult).collect(),
        all_given: filling.adults().all(|m| m.consented),
        problems,
    }
}
