//! The conflicts of one household: seen for a stated reason, ruled on, and rulings taken back.

use super::Asked;
use crate::{
    Cx, PageResult, View, WebError,
    bureau::{acting, nav},
    desk::{nav::NavGroup, one_time_key},
    disputes::{self, Card},
    form::{self, Choice, Fields, Problems},
    reading,
    view::place,
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query},
};
use std::collections::BTreeMap;
use tuodi_access::{DeniedWhy, Role};
use tuodi_casework::{
    CaseError,
    rulings::{self, NewRuling},
};
use tuodi_pack::{HouseholdId, PersonId};

/// Why somebody opens one household's values.
const PURPOSES: [&str; 3] = ["check_data", "question", "audit"];

#[derive(Template)]
#[template(path = "bureau/conflicts/household.html")]
struct HouseholdPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    id: HouseholdId,
    name: String,
    place: String,
    card: Option<Card>,
    nothing: &'static str,
    purpose: &'a str,
    key: String,
    typed: &'a Fields,
    problems: Problems,
    done: &'static str,
}

#[derive(Template)]
#[template(path = "bureau/conflicts/purpose.html")]
struct PurposePage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    id: HouseholdId,
    purposes: Vec<Choice>,
}

fn id_of(text: &str) -> Result<HouseholdId, WebError> {
    Ok(HouseholdId(text.parse().map_err(|_| WebError::NotFound)?))
}

pub async fn page(cx: Cx, Path(id): Path<String>, Query(asked): Query<Asked>) -> PageResult {
    let done = match asked.state.as_str() {
        "ruled" => "conflict.done_ruled",
        "ended" => "conflict.done_ended",
        _ => "",
    };
    show(&cx, id_of(&id)?, &asked.purpose, &Fields::new(), Problems::default(), done).await
}

async fn show(
    cx: &Cx,
    id: HouseholdId,
    purpose: &str,
    typed: &Fields,
    problems: Problems,
    done: &'static str,
) -> PageResult {
    let acting = acting(cx)?;
    let household = tuodi_registry::household(&cx.state.store, id).await?.ok_or(WebError::NotFound)?;
    let region = household.region_code.as_str();
    // Officers have their work as the reason; who handles no cases says one.
    let working = matches!(acting.actor.role, Role::DistrictOfficer | Role::Reviewer);
    let stated = PURPOSES.into_iter().find(|p| *p == purpose).unwrap_or(if working { "check_data" } else { "" });
    match rulings::readable(&acting, id, region, stated).await {
        Err(CaseError::Denied(denied)) if denied.why == DeniedWhy::Purpose => return ask_purpose(cx, id),
        other => other?,
    }
    let full = acting.actor.role != Role::DataSteward;
    let shown = |name: &str| if full { name.to_owned() } else { tuodi_registry::mask_name(name) };
    let people: BTreeMap<PersonId, String> = household.members.iter().map(|m| (m.id, shown(&m.name))).collect();
    let (card, nothing) = match reading::read(cx, id, cx.today()).await?.found {
        Ok(result) => (disputes::card(cx, &acting, id, region, &result, &people).await?, cx.t("conflict.none_here")),
        Err(why) => (None, cx.t(why)),
    };
    let wrong = !problems.is_empty();
    let page = HouseholdPage {
        v: cx,
        nav: nav(cx),
        id,
        name: household.members.first().map(|m| shown(&m.name)).unwrap_or_default(),
        place: place(&cx.state.pack, region, cx.lang),
        card,
        nothing,
        purpose: stated,
        key: one_time_key(),
        typed,
        problems,
        done: if done.is_empty() { "" } else { cx.t(done) },
    };
    if wrong { cx.form_again(&page) } else { cx.page(&page) }
}

fn ask_purpose(cx: &Cx, id: HouseholdId) -> PageResult {
    let purposes = PURPOSES.map(|p| Choice {
        value: p.to_owned(),
        label: cx.t_of("library.purpose", p).to_owned(),
        hint: String::new(),
        chosen: false,
    });
    cx.page(&PurposePage { v: cx, nav: nav(cx), id, purposes: purposes.into() })
}

impl HouseholdPage<'_> {
    /// What was typed into the form of this item.
    fn back(&self, item: &disputes::Item, field: &str) -> &str {
        let same = |name: &str, is: &str| self.typed.get(name).is_some_and(|t| t == is);
        let here = same("item", &item.id) && same("person", &item.person.to_string());
        self.typed.get(field).filter(|_| here).map(String::as_str).unwrap_or_default()
    }

    fn wrong(&self, item: &disputes::Item, field: &str) -> &str {
        self.problems.of(&format!("{field}-{}-{}", item.id, item.person))
    }

    fn wrong_end(&self, id: &i64) -> &str {
        self.problems.of(&format!("why-{id}"))
    }
}

pub async fn rule(cx: Cx, Path(id): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let id = id_of(&id)?;
    let acting = acting(&cx)?;
    let text = |field: &str| typed.get(field).map(|t| t.trim()).unwrap_or_default();
    let person = PersonId(text("person").parse().map_err(|_| WebError::NotFound)?);
    let (item, purpose) = (text("item").to_owned(), text("purpose").to_owned());
    let ruling = cx.state.pack.conflicts.get(&item).and_then(|c| c.ruling.as_ref()).ok_or(WebError::NotFound)?;
    let kind = ruling.kind(&cx.state.pack).ok_or(WebError::NotFound)?;
    let at = |field: &str| format!("{field}-{item}-{person}");
    let mut problems = Problems::default();
    let said = disputes::typed(kind, text("said"));
    if said.is_none() {
        problems.add(at("said"), cx.t("conflict.problem.said"));
    }
    let until = form::date(text("until"));
    if until.is_none() {
        problems.add(at("until"), cx.t("conflict.problem.until"));
    }
    if text("reason").is_empty() {
        problems.add(at("reason"), cx.t("conflict.problem.reason"));
    }
    let (Some(said), Some(until), true) = (said, until, problems.is_empty()) else {
        return show(&cx, id, &purpose, &typed, problems, "").await;
    };
    let new = NewRuling { household: id, person, item: item.clone(), said, reason: text("reason").to_owned(), until };
    match rulings::make_ruling(&acting, new, text("key")).await {
        Ok(_) => cx.go(format!("/bureau/data/conflicts/{id}?state=ruled&purpose={purpose}")),
        Err(CaseError::Invalid(errors)) => {
            for error in errors {
                let kind = error.key.rsplit('.').next().unwrap_or_default();
                let words = match (error.field.as_str(), kind) {
                    ("until", "past") => cx.t("conflict.problem.past").to_owned(),
                    ("until", _) => cx.t1("conflict.problem.too_long", ruling.months),
                    ("reason", _) => cx.t("conflict.problem.reason").to_owned(),
                    _ => cx.t("conflict.problem.said").to_owned(),
                };
                problems.add(at(&error.field), words);
            }
            show(&cx, id, &purpose, &typed, problems, "").await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn end(cx: Cx, Path((id, ruling)): Path<(String, i64)>, Form(typed): Form<Fields>) -> PageResult {
    let id = id_of(&id)?;
    let text = |field: &str| typed.get(field).map(|t| t.trim()).unwrap_or_default();
    let purpose = text("purpose").to_owned();
    match rulings::end_ruling(&acting(&cx)?, ruling, text("why"), text("key")).await {
        Ok(_) => cx.go(format!("/bureau/data/conflicts/{id}?state=ended&purpose={purpose}")),
        Err(CaseError::Invalid(_)) => {
            let mut problems = Problems::default();
            problems.add(format!("why-{ruling}"), cx.t("conflict.problem.why"));
            show(&cx, id, &purpose, &typed, problems, "").await
        }
        Err(error) => Err(error.into()),
    }
}
