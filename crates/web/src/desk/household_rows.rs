//! The rows of departments behind one finding of a household, after a purpose was stated: one programme's rows, the
//! columns that facts may use, and a look in the log with the purpose.

use super::households::resource;
use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting,
        case::rules::{self, ProgrammeDetail},
        nav::{self, NavGroup},
    },
    form::{Choice, Problems},
    reading,
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query},
};
use serde::Deserialize;
use std::collections::BTreeMap;
use tuodi_access::{Act, Sensitivity, looks};
use tuodi_pack::{HouseholdId, PersonId};
use tuodi_registry::Household;

/// Why somebody may want to see the rows without a case: to help, to clear up a disputed datum, to answer an objection.
const PURPOSES: [&str; 3] = ["hardship", "data", "objection"];

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Which {
    programme: String,
    purpose: String,
}

#[derive(Template)]
#[template(path = "desk/household_rows.html")]
struct RowsPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    id: HouseholdId,
    name: String,
    programme: &'a str,
    detail: ProgrammeDetail,
    about: (String, String, String),
    /// The rows are shown; before, a purpose is asked for.
    shown: bool,
    purposes: Vec<Choice>,
    problems: Problems,
}

async fn household(cx: &Cx, id: &str) -> Result<Household, WebError> {
    let id = HouseholdId(id.parse().map_err(|_| WebError::NotFound)?);
    tuodi_registry::household(&cx.state.store, id).await?.ok_or(WebError::NotFound)
}

/// Those who may see sensitive data of the household, for this purpose; others see conclusions on its own page.
fn allowed(cx: &Cx, household: &Household, purpose: &str) -> Result<(), WebError> {
    let actor = acting(cx)?.actor;
    let sensitive = resource(household, Sensitivity::Sensitive);
    cx.state.access.authorise(&actor, Act::ViewHousehold, &sensitive, purpose)?;
    Ok(())
}

async fn draw<'a>(cx: &'a Cx, household: &Household, which: &'a Which, shown: bool) -> Result<RowsPage<'a>, WebError> {
    let pack = &cx.state.pack;
    let names: BTreeMap<PersonId, String> = household.members.iter().map(|m| (m.id, m.name.clone())).collect();
    let result = reading::read(cx, household.id, cx.today()).await?.found.map_err(WebError::Conflict)?;
    let detail = rules::detail(cx, pack, &result, &names, &which.programme).ok_or(WebError::NotFound)?;
    let purposes = PURPOSES.iter().map(|p| Choice {
        value: (*p).to_owned(),
        label: cx.t_of("desk.rows.purpose", p).to_owned(),
        hint: String::new(),
        chosen: which.purpose == *p,
    });
    Ok(RowsPage {
        v: cx,
        nav: nav::desk(cx),
        id: household.id,
        name: household.members.first().map(|m| m.name.clone()).unwrap_or_default(),
        programme: &which.programme,
        detail,
        about: rules::made_of(cx, &result),
        shown,
        purposes: purposes.collect(),
        problems: Problems::default(),
    })
}

/// The conditions of one programme, and the question for what the rows are needed.
pub async fn page(cx: Cx, Path(id): Path<String>, Query(which): Query<Which>) -> PageResult {
    let household = household(&cx, &id).await?;
    allowed(&cx, &household, "finding of a household")?;
    let subject = format!("household:{}", household.id);
    looks::record(&cx.state.store, cx.actor()?, &subject, "finding of a household", cx.now).await?;
    if which.programme.is_empty() {
        return cx.go(format!("/desk/households/{}", household.id));
    }
    cx.page(&draw(&cx, &household, &which, false).await?)
}

/// The same with its rows.
pub async fn show(cx: Cx, Path(id): Path<String>, Form(which): Form<Which>) -> PageResult {
    let household = household(&cx, &id).await?;
    if !PURPOSES.contains(&which.purpose.as_str()) {
        allowed(&cx, &household, "finding of a household")?;
        let mut page = draw(&cx, &household, &which, false).await?;
        page.problems.add("purpose", cx.t("desk.problem.purpose_required"));
        return cx.form_again(&page);
    }
    let purpose = format!("source rows: {}", which.purpose);
    allowed(&cx, &household, &purpose)?;
    let page = draw(&cx, &household, &which, true).await?;
    let subject = format!("household:{}", household.id);
    looks::record(&cx.state.store, cx.actor()?, &subject, &purpose, cx.now).await?;
    cx.page(&page)
}

/// Where the rows behind a programme are.
pub fn base(id: HouseholdId) -> String {
    format!("/desk/households/{id}/rules")
}
