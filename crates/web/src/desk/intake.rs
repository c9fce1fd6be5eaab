//! Registration at the window: find the person, open the case, fill in the same form.

use crate::{
    Cx, PageResult, View,
    desk::{
        acting,
        households::{Found, people},
        nav::{self, NavGroup},
    },
};
use askama::Template;
use axum::Form;
use serde::Deserialize;
use tuodi_access::Act;
use tuodi_casework::Channel;
use tuodi_pack::PersonId;

#[derive(Template)]
#[template(path = "desk/intake.html")]
struct IntakePage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    q: String,
    asked: bool,
    found: Vec<Found>,
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

#[derive(Deserialize)]
pub struct Chosen {
    person: i64,
    /// `phone`: they called.
    #[serde(default)]
    by: String,
}

pub async fn page(cx: Cx) -> PageResult {
    let acting = acting(&cx)?;
    acting.authorise_region(Act::SearchPeople, "people", "", &acting.actor.region)?;
    cx.page(&IntakePage { v: &cx, nav: nav::desk(&cx), q: String::new(), asked: false, found: Vec::new() })
}

pub async fn find(cx: Cx, Form(asked): Form<Asked>) -> PageResult {
    let found = people(&cx, asked.q.trim()).await?;
    cx.page(&IntakePage { v: &cx, nav: nav::desk(&cx), q: asked.q.trim().to_owned(), asked: true, found })
}

/// Opens the household's draft, or the case it has open.
pub async fn open(cx: Cx, Form(chosen): Form<Chosen>) -> PageResult {
    let acting = match chosen.by.as_str() {
        "phone" => cx.acting(Channel::Hotline)?,
        _ => acting(&cx)?,
    };
    let case = tuodi_casework::open_draft(&acting, PersonId(chosen.person)).await?;
    cx.go(format!("/desk/intake/{case}"))
}
