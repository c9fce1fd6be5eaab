//! Households: search, members, cases, and what the rules say now. Every look is logged.

use crate::{
    Cx, PageResult, View, WebError,
    desk::case::{
        people::sex_word,
        rules::{self, RulesCard},
    },
    desk::{
        acting, household_rows, look,
        nav::{self, NavGroup},
        queue::{Line, line},
    },
    disputes::{self, Card},
    elsewhere::{Elsewhere, elsewhere},
    reading,
    rests::Feeds,
    view::place,
};
use askama::Template;
use axum::{Form, extract::Path};
use serde::Deserialize;
use std::collections::BTreeMap;
use tuodi_access::{Act, Resource, Sensitivity, looks};
use tuodi_pack::{HouseholdId, PersonId, Purpose};
use tuodi_registry::Household;

/// A person as a list shows them: enough to tell two of one name apart.
pub struct Found {
    pub person: PersonId,
    pub household: Option<HouseholdId>,
    pub name: String,
    pub id_no: String,
    pub about: String,
    pub place: String,
}

#[derive(Template)]
#[template(path = "desk/households.html")]
struct SearchPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    q: String,
    asked: bool,
    found: Vec<Found>,
}

pub struct MemberRow {
    pub name: String,
    pub about: String,
    pub id_no: String,
    pub phone: String,
}

pub struct FoundAlert {
    pub title: String,
    pub reason: String,
    pub facts: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "desk/household.html")]
struct HouseholdPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    id: HouseholdId,
    may_verify: bool,
    /// Sees the data behind the conclusions.
    full: bool,
    name: String,
    place: String,
    members: Vec<MemberRow>,
    elsewhere: Vec<Elsewhere>,
    cases: Vec<Line>,
    payments: Vec<(String, String, String)>,
    rules: Option<RulesCard>,
    conflicts: Option<Card>,
    alerts: Vec<FoundAlert>,
    /// Why there is no finding.
    no_finding: &'static str,
    /// On what basis it was read.
    basis: &'static str,
    apply_for: Option<PersonId>,
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

/// How many people a search shows; more means: ask more exactly.
pub const MOST: u64 = 20;

/// People of the actor's region by full number, exact name or last four. The look is logged without the words.
pub async fn people(cx: &Cx, q: &str) -> Result<Vec<Found>, WebError> {
    let acting = acting(cx)?;
    let region = acting.actor.region.clone();
    acting.authorise_region(Act::SearchPeople, "people", "", &region)?;
    looks::record(&cx.state.store, &acting.actor, "people:search", "find a person", cx.now).await?;
    let ids = tuodi_registry::find(&cx.state.store, q, &region, MOST).await?;
    let mut people = tuodi_registry::persons(&cx.state.store, &ids).await?;
    let found = ids.iter().filter_map(|id| people.remove(id)).map(|p| Found {
        person: p.id,
        household: p.household_id,
        name: p.name.clone(),
        id_no: look::mask_id(&p.id_no),
        about: about(cx, &p),
        place: place(&cx.state.pack, &p.region_code, cx.lang),
    });
    Ok(found.collect())
}

fn about(cx: &Cx, p: &tuodi_registry::Person) -> String {
    let age = p.birth_date.map(|b| cx.t1("desk.person.age", tuodi_casework::draft::age_on(b, cx.today())));
    let relation = look::relation(cx, p.relation.as_deref());
    let parts: Vec<String> = age
        .into_iter()
        .chain(p.sex.map(|s| sex_word(cx, s)))
        .chain((!relation.is_empty()).then_some(relation))
        .collect();
    parts.join(" · ")
}

pub async fn search(cx: Cx) -> PageResult {
    let acting = acting(&cx)?;
    acting.authorise_region(Act::SearchPeople, "people", "", &acting.actor.region)?;
    cx.page(&SearchPage { v: &cx, nav: nav::desk(&cx), q: String::new(), asked: false, found: Vec::new() })
}

pub async fn find(cx: Cx, Form(asked): Form<Asked>) -> PageResult {
    let found = people(&cx, asked.q.trim()).await?;
    cx.page(&SearchPage { v: &cx, nav: nav::desk(&cx), q: asked.q.trim().to_owned(), asked: true, found })
}

pub(super) fn resource(household: &Household, sensitivity: Sensitivity) -> Resource {
    let id = household.id;
    Resource::of_household("household", id.to_string(), household.region_code.as_str(), id, sensitivity)
}

pub async fn page(cx: Cx, Path(id): Path<String>) -> PageResult {
    let id = HouseholdId(id.parse().map_err(|_| WebError::NotFound)?);
    let acting = acting(&cx)?;
    let access = &cx.state.access;
    let household = tuodi_registry::household(&cx.state.store, id).await?.ok_or(WebError::NotFound)?;
    const PURPOSE: &str = "household page";
    access.authorise(&acting.actor, Act::ViewHousehold, &resource(&household, Sensitivity::Personal), PURPOSE)?;
    looks::record(&cx.state.store, &acting.actor, &format!("household:{id}"), PURPOSE, cx.now).await?;
    let sensitive = resource(&household, Sensitivity::Sensitive);
    let full = access.authorise(&acting.actor, Act::ViewHousehold, &sensitive, PURPOSE).is_ok();

    let pack = &cx.state.pack;
    let names: BTreeMap<PersonId, String> = household.members.iter().map(|m| (m.id, m.name.clone())).collect();
    let (mut rules, mut alerts, mut no_finding, mut conflicts) = (None, Vec::new(), "", None);
    let mut basis = Purpose::Monitoring;
    if full {
        let read = reading::read(&cx, id, cx.today()).await?;
        basis = read.basis;
        match read.found {
            Ok(result) => {
                conflicts = disputes::card(&cx, &acting, id, &household.region_code, &result, &names).await?;
                alerts.extend(result.alerts.iter().filter_map(|a| {
                    let indicator = pack.indicator(&a.indicator)?;
                    Some(FoundAlert {
                        title: cx.text(&indicator.title).to_owned(),
                        reason: cx.text(&indicator.reason).to_owned(),
                        facts: rules::facts(&cx, pack, &a.evidence, &names),
                    })
                }));
                let mut card = rules::card(&cx, pack, &result, &names, &household_rows::base(id));
                card.marks = Feeds::load(&cx).await?.of_result(&cx, pack, &result, cx.now);
                rules = Some(card);
            }
            Err(why) => no_finding = cx.t(why),
        }
    } else {
        no_finding = cx.t("desk.household.conclusions_only");
    }
    let cases = tuodi_casework::cases_of_household(&acting, id).await?;
    let payments = match tuodi_casework::payments_of(&acting, id).await {
        Ok(rows) => rows,
        Err(tuodi_casework::CaseError::Denied(_)) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let may_apply = access.role_may(acting.actor.role, Act::Apply, &resource(&household, Sensitivity::Personal));
    let adult = household.members.iter().find(|m| tuodi_casework::draft::is_adult(m, cx.today()));
    let open_case = cases.iter().any(|c| c.state.is_open());
    let verified = Resource { kind: "verification", ..resource(&household, Sensitivity::Personal) };
    let elsewhere = elsewhere(&cx, &household.members, id, "/desk/households").await?;
    cx.page(&HouseholdPage {
        v: &cx,
        elsewhere,
        nav: nav::desk(&cx),
        id,
        may_verify: access.role_may(acting.actor.role, Act::RecordCheck, &verified),
        full,
        name: household.members.first().map(|m| m.name.clone()).unwrap_or_default(),
        place: place(pack, &household.region_code, cx.lang),
        members: household
            .members
            .iter()
            .map(|m| MemberRow {
                name: m.name.clone(),
                about: about(&cx, m),
                id_no: look::mask_id(&m.id_no),
                phone: m.phone.as_deref().map(tuodi_registry::mask_phone).unwrap_or_default(),
            })
            .collect(),
        cases: cases.iter().map(|row| line(&cx, pack, row)).collect(),
        payments: payments
            .into_iter()
            .map(|(month, amount, status)| {
                (cx.month(&month), cx.money(&amount), cx.t_of("desk.pay.line", &status).to_owned())
            })
            .collect(),
        rules,
        conflicts,
        alerts,
        no_finding,
        basis: cx.t_of("desk.household.basis", basis.id()),
        apply_for: adult.filter(|_| may_apply && !open_case).map(|m| m.id),
    })
}
