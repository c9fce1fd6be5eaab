//! Account and password; in a demo installation also a list of personas.

use crate::{
    AppState, Cx, Door, PageResult, View, WebError, csrf,
    form::Problems,
    gate::tries::{Tries, rest_minutes},
    session, url,
    view::place,
};
use askama::Template;
use axum::{
    Extension, Form,
    extract::{Query, State},
};
use serde::Deserialize;
use tuodi_access::{Account, accounts};

#[derive(Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub struct SignIn {
    #[serde(default)]
    account: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

struct Persona {
    account: String,
    name: String,
    role: &'static str,
    place: String,
    icon: &'static str,
}

#[derive(Template)]
#[template(path = "gate/sign_in.html")]
struct SignInPage<'a> {
    v: &'a View,
    problems: Problems,
    account: &'a str,
    next: &'a str,
    personas: Vec<Persona>,
    time_passes: bool,
}

pub async fn page(cx: Cx, Query(query): Query<Next>) -> PageResult {
    let next = url::local(&query.next).unwrap_or_default();
    let personas = personas(&cx).await?;
    cx.page(&SignInPage {
        v: &cx,
        problems: Problems::default(),
        account: "",
        next,
        personas,
        time_passes: cx.state.demo_time.is_some(),
    })
}

pub async fn sign_in(Extension(tries): Extension<Tries>, cx: Cx, Form(form): Form<SignIn>) -> PageResult {
    let mut problems = Problems::default();
    let account = form.account.trim();
    if account.is_empty() {
        problems.add("account", cx.t("gate.error.account"));
    }
    if form.password.is_empty() {
        problems.add("password", cx.t("gate.error.password"));
    }
    if problems.is_empty() && tries.must_rest(account, cx.now) {
        problems.add("password", cx.tn("gate.error.rest", rest_minutes()));
    }
    if problems.is_empty() {
        match accounts::verify_password(&cx.state.store, account, &form.password).await? {
            Some(found) => {
                tries.right(account);
                return enter(&cx, &found, &form.next).await;
            }
            // The same words whether the account or the password is wrong.
            None => {
                tries.wrong(account, cx.now);
                problems.add("password", cx.t("gate.error.wrong"));
            }
        }
    }
    let next = url::local(&form.next).unwrap_or_default();
    let personas = personas(&cx).await?;
    cx.form_again(&SignInPage {
        v: &cx,
        problems,
        account: &form.account,
        next,
        personas,
        time_passes: cx.state.demo_time.is_some(),
    })
}

/// One click for a demo persona; does not exist in an installation without the demo flag.
pub async fn demo(State(state): State<AppState>, cx: Cx, Form(form): Form<SignIn>) -> PageResult {
    if !state.demo {
        return Err(WebError::NotFound);
    }
    match accounts::find(&state.store, &form.account).await? {
        Some(account) if account.demo => enter(&cx, &account, &form.next).await,
        _ => Err(WebError::NotFound),
    }
}

#[derive(Deserialize)]
pub struct Days {
    #[serde(default)]
    days: u32,
}

/// Lets days pass in a demonstration; does not exist elsewhere.
pub async fn demo_time(State(state): State<AppState>, cx: Cx, Form(form): Form<Days>) -> PageResult {
    match (&state.demo_time, form.days) {
        (Some(time), 1..=31) => {
            time.pass(form.days).await;
            cx.go("/login")
        }
        _ => Err(WebError::NotFound),
    }
}

pub async fn sign_out(cx: Cx) -> PageResult {
    cx.session.flush().await?;
    cx.go("/")
}

async fn enter(cx: &Cx, account: &Account, next: &str) -> PageResult {
    // A new number for the session: one that was planted before signing in is worth nothing.
    cx.session.cycle_id().await?;
    cx.session.insert(session::ACCOUNT, &account.id).await?;
    cx.session.insert(session::TOKEN, csrf::new_token()).await?;
    cx.go(url::local(next).unwrap_or_else(|| Door::home(account.role)))
}

async fn personas(cx: &Cx) -> Result<Vec<Persona>, WebError> {
    if !cx.state.demo {
        return Ok(Vec::new());
    }
    let accounts = accounts::list_demo(&cx.state.store).await?;
    let persona = |a: Account| Persona {
        role: a.role.title(cx.lang),
        place: place(&cx.state.pack, &a.region, cx.lang),
        icon: match Door::of(a.role).first() {
            Some(Door::Citizen) | None => "user",
            Some(Door::Field) => "device-mobile",
            Some(Door::Desk) => "clipboard-list",
            Some(Door::Bureau) => "chart-bar",
        },
        account: a.id,
        name: a.name,
    };
    Ok(accounts.into_iter().map(persona).collect())
}
