//! Somebody tells of an emergency: who it is, where, what happened. Whoever is on no register here is helped as well.

use super::{choices, choices_or_none, moment, typed_moment};
use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting,
        case::acts::text_of,
        households::{Found, people},
        nav::{self, NavGroup},
        one_time_key,
    },
    form::{Choice, Fields, Problems},
};
use askama::Template;
use axum::Form;
use tuodi_access::Act;
use tuodi_casework::{
    CaseError,
    emergency::{Report, Source, report_emergency},
    words::basis_text,
};
use tuodi_pack::{
    PersonId,
    region::{RegionLevel, contains},
};

#[derive(Template)]
#[template(path = "desk/emergency_new.html")]
struct NewPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    q: String,
    asked: bool,
    found: Vec<Found>,
    /// Who was chosen from the register.
    whom: Option<String>,
    typed: Fields,
    regions: Vec<Choice>,
    kinds: Vec<Choice>,
    sources: Vec<Choice>,
    told_at: String,
    basis: String,
    hours: u32,
    key: String,
    problems: Problems,
}

impl NewPage<'_> {
    fn value(&self, name: &str) -> &str {
        self.typed.get(name).map_or("", String::as_str)
    }
}

struct Search {
    q: String,
    found: Option<Vec<Found>>,
}

fn person_of(typed: &Fields) -> Option<PersonId> {
    text_of(typed, "person").parse().ok().map(PersonId)
}

async fn show(cx: &Cx, search: Search, typed: Fields, problems: Problems) -> PageResult {
    let acting = acting(cx)?;
    acting.authorise_region(Act::Apply, "emergency", "", &acting.actor.region)?;
    let pack = &cx.state.pack;
    let rules = pack.workflow.emergency.as_ref();
    let whom = match person_of(&typed) {
        Some(id) => {
            let person = tuodi_registry::person(&cx.state.store, id).await?.ok_or(WebError::NotFound)?;
            acting.authorise_region(Act::SearchPeople, "people", "", &person.region_code)?;
            Some(person.name)
        }
        None => None,
    };
    let chosen = text_of(&typed, "region");
    let regions = pack
        .regions
        .iter()
        .filter(|r| RegionLevel::of_code(&r.code) == RegionLevel::Village && contains(&acting.actor.region, &r.code));
    let source = text_of(&typed, "source");
    let page = NewPage {
        v: cx,
        nav: nav::desk(cx),
        q: search.q,
        asked: search.found.is_some(),
        found: search.found.unwrap_or_default(),
        whom,
        regions: choices_or_none(cx, regions.map(|r| (r.code.as_str(), &r.name)), chosen),
        kinds: choices(
            cx,
            rules.iter().flat_map(|r| &r.kinds).map(|k| (k.id.as_str(), &k.title)),
            text_of(&typed, "kind"),
        ),
        sources: Source::ALL
            .iter()
            .map(|s| Choice {
                value: s.id().to_owned(),
                label: s.title(cx.lang).to_owned(),
                hint: String::new(),
                chosen: source == s.id(),
            })
            .collect(),
        told_at: typed.get("told_at").cloned().unwrap_or_else(|| typed_moment(cx.now)),
        basis: rules.map(|r| cx.text(&basis_text(pack, &r.basis)).to_owned()).unwrap_or_default(),
        hours: rules.map_or(0, |r| r.advance_hours),
        key: typed.get("key").filter(|k| !k.is_empty()).cloned().unwrap_or_else(one_time_key),
        typed,
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn page(cx: Cx) -> PageResult {
    show(&cx, Search { q: String::new(), found: None }, Fields::new(), Problems::default()).await
}

pub async fn find(cx: Cx, Form(asked): Form<Fields>) -> PageResult {
    let q = text_of(&asked, "q").to_owned();
    let found = people(&cx, &q).await?;
    show(&cx, Search { q, found: Some(found) }, Fields::new(), Problems::default()).await
}

/// Somebody of the register: the number goes by the form, never by the address.
pub async fn choose(cx: Cx, Form(asked): Form<Fields>) -> PageResult {
    let mut typed = Fields::new();
    if let Some(id) = person_of(&asked) {
        typed.insert("person".to_owned(), id.to_string());
        if let Some(household) = tuodi_registry::person(&cx.state.store, id).await?.and_then(|p| p.household_id)
            && let Some(household) = tuodi_registry::household(&cx.state.store, household).await?
        {
            typed.insert("persons".to_owned(), household.members.len().to_string());
        }
    }
    show(&cx, Search { q: String::new(), found: None }, typed, Problems::default()).await
}

pub async fn report(cx: Cx, Form(typed): Form<Fields>) -> PageResult {
    let text = |name: &str| text_of(&typed, name).to_owned();
    let report = Report {
        person: person_of(&typed),
        name: text("name"),
        id_no: text("id_no"),
        phone: text("phone"),
        place: text("place"),
        region: text("region"),
        kind: text("kind"),
        source: text("source"),
        persons: crate::form::plain_digits(&text("persons")).parse().ok(),
        told_at: moment(&text("told_at")),
        text: text("text"),
    };
    match report_emergency(&acting(&cx)?, report, &text("key")).await {
        Ok(done) if done.known => cx.go(format!("/desk/emergencies/{}?done=known", done.no)),
        Ok(done) => cx.go(format!("/desk/emergencies/{}?done=report", done.no)),
        Err(CaseError::Invalid(errors)) => {
            let problems = Problems::from_room(&cx, "emergency", &errors);
            show(&cx, Search { q: String::new(), found: None }, typed, problems).await
        }
        Err(error) => Err(error.into()),
    }
}
