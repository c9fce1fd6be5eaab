//! The household's authorisations for its own members: what each allows, until when, and how to take it back.

use crate::{
    Cx, PageResult, View, WebError,
    citizen::acting,
    desk::{PurposeCard, cards, evidence_of},
    form::{Choice, Fields, Problems},
};
use askama::Template;
use axum::{Form, extract::Query};
use tuodi_casework::{CaseError, ConsentForm, Mark};
use tuodi_pack::{HouseholdId, PersonId};

#[derive(Template)]
#[template(path = "citizen/authorisations.html")]
struct AuthorisationsPage<'a> {
    v: &'a View,
    cards: Vec<PurposeCard>,
    purposes: Vec<Choice>,
    people: Vec<Choice>,
    /// As typed to sign.
    signed_as: String,
    done: Option<&'static str>,
    problems: Problems,
}

fn own(cx: &Cx) -> Result<HouseholdId, WebError> {
    cx.actor()?.household.ok_or(WebError::NotFound)
}

async fn draw(cx: &Cx, typed: &Fields, problems: Problems) -> PageResult {
    let found = tuodi_casework::authorisations(&acting(cx)?, own(cx)?).await?;
    let pack = &cx.state.pack;
    let choice = |field: &str, value: String, label: String| Choice {
        chosen: typed.get(field).is_some_and(|t| *t == value),
        hint: String::new(),
        value,
        label,
    };
    let page = AuthorisationsPage {
        v: cx,
        cards: cards(cx, pack, &found, ""),
        purposes: pack
            .verification
            .purposes
            .iter()
            .filter(|p| p.takes_consent())
            .map(|p| choice("purpose", p.id.clone(), cx.text(&p.title).to_owned()))
            .collect(),
        people: found.adults.iter().map(|m| choice("person", m.id.to_string(), m.name.clone())).collect(),
        signed_as: typed.get("name").cloned().unwrap_or_default(),
        done: match typed.get("done").map(String::as_str) {
            Some("given") => Some(cx.t("citizen.authorise.done_given")),
            Some("withdrawn") => Some(cx.t("citizen.authorise.done_withdrawn")),
            _ => None,
        },
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn page(cx: Cx, Query(asked): Query<Fields>) -> PageResult {
    draw(&cx, &asked, Problems::default()).await
}

/// With the finger on the screen, or by typing the name where drawing is not possible.
pub async fn give(cx: Cx, Form(typed): Form<Fields>) -> PageResult {
    let text = |name: &str| typed.get(name).map_or("", |t| t.trim());
    let given = match (text("person").parse(), evidence_of(&typed)) {
        (Err(_), _) => Err(CaseError::Invalid(vec![tuodi_casework::FieldError::new("person", "error.choice")])),
        (_, Err(problem)) => Err(CaseError::Invalid(vec![problem])),
        (Ok(person), Ok(evidence)) => {
            let mark = if evidence.is_some() { Mark::Signature } else { Mark::Typed };
            let form = ConsentForm { person: PersonId(person), name: text("name").to_owned(), mark, evidence };
            tuodi_casework::give_household_consent(&acting(&cx)?, own(&cx)?, text("purpose"), form).await
        }
    };
    match given {
        Ok(()) => cx.go("/citizen/consents?done=given"),
        Err(CaseError::Invalid(errors)) => draw(&cx, &typed, Problems::from_room(&cx, "citizen", &errors)).await,
        Err(error) => Err(error.into()),
    }
}

pub async fn withdraw(cx: Cx, Form(typed): Form<Fields>) -> PageResult {
    let text = |name: &str| typed.get(name).map_or("", |t| t.trim());
    let person = text("person").parse().map(PersonId).map_err(|_| WebError::NotFound)?;
    tuodi_casework::withdraw_household_consent(&acting(&cx)?, own(&cx)?, person, text("purpose")).await?;
    cx.go("/citizen/consents?done=withdrawn")
}
