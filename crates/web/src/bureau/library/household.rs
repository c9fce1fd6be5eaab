//! One household: where it stands, why, until when; who lives there; what each is given; and its whole history.

use super::{by, layer_tag, reason_words, rule_title, shown_name, until};
use crate::{
    Cx, PageResult, View, WebError,
    bureau::{acting, nav},
    desk::{
        look::{self, Tag},
        nav::NavGroup,
    },
    elsewhere::{Elsewhere, elsewhere},
    form::Choice,
    view::place,
};
use askama::Template;
use axum::extract::{Path as Wanted, Query};
use chrono::NaiveDate;
use std::collections::BTreeSet;
use tuodi_access::{Act, DeniedWhy, Resource, Role, Sensitivity, looks};
use tuodi_pack::{HouseholdId, Pack, PersonId};
use tuodi_registry::{
    Person,
    library::{self, Entry, Event, HelpLine, Place},
};

pub struct Member {
    pub name: String,
    pub about: String,
    pub id_no: String,
}

pub struct Help {
    pub what: String,
    pub who: String,
    pub by: String,
    pub since: String,
    pub to: String,
    pub monthly: String,
    pub now: bool,
    /// May not go together with something else this person is given now.
    pub clash: bool,
}

pub struct Step {
    pub when: String,
    pub what: String,
    pub details: String,
    pub by: String,
}

/// Where it stands, why and until when.
pub struct Stands {
    pub layer: Tag,
    pub rule: String,
    pub way: &'static str,
    pub entered: String,
    pub since: String,
    pub until: String,
    pub review: String,
    pub late: bool,
}

#[derive(Template)]
#[template(path = "bureau/library/household.html")]
struct HouseholdPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    name: String,
    place: String,
    /// Unset where the library does not know the household.
    stands: Option<Stands>,
    members: Vec<Member>,
    elsewhere: Vec<Elsewhere>,
    help: Vec<Help>,
    clash: bool,
    history: Vec<Step>,
    desk: Option<String>,
}

/// A steward or an auditor says first why.
#[derive(Template)]
#[template(path = "bureau/library/purpose.html")]
struct PurposePage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    id: HouseholdId,
    purposes: Vec<Choice>,
}

/// Why one household is opened by somebody who handles no cases.
const PURPOSES: [&str; 3] = ["check_data", "question", "audit"];

pub async fn page(cx: Cx, Wanted(id): Wanted<String>, Query(asked): Query<super::Asked>) -> PageResult {
    let id = HouseholdId(id.parse().map_err(|_| WebError::NotFound)?);
    let acting = acting(&cx)?;
    let store = &cx.state.store;
    let household = tuodi_registry::household(store, id).await?.ok_or(WebError::NotFound)?;
    let resource =
        Resource::of_household("household", id.to_string(), household.region_code.as_str(), id, Sensitivity::Personal);
    let purpose = PURPOSES.into_iter().find(|p| *p == asked.purpose).unwrap_or_default();
    match cx.state.access.authorise(&acting.actor, Act::ViewHousehold, &resource, purpose) {
        Err(denied) if denied.why == DeniedWhy::Purpose => return ask_purpose(&cx, id),
        other => other?,
    };
    let entry = library::entry(store, id).await?;
    let logged = if purpose.is_empty() { "library" } else { purpose };
    looks::record(store, &acting.actor, &format!("household:{id}"), logged, cx.now).await?;
    // A steward mends data and needs no names to see where a household stands (workflow.md 7).
    let full = acting.actor.role != Role::DataSteward;

    let pack = &cx.state.pack;
    let mut lines = library::help_of(store, &[id]).await?;
    let mut elsewhere = elsewhere(&cx, &household.members, id, "/bureau/library/households").await?;
    // What somebody is given under another number is seen here too; it stays where it was granted.
    let homes: Vec<HouseholdId> = elsewhere.iter().map(|e| e.household).collect();
    lines.extend(library::help_of(store, &homes).await?.into_iter().filter_map(|line| {
        let same = elsewhere.iter().find(|e| e.other == line.person && e.household == line.household)?;
        Some(HelpLine { person: same.person, ..line })
    }));
    lines.sort_by_key(|line| line.from);
    for one in &mut elsewhere {
        one.name = shown_name(&one.name, full);
    }
    let events = library::events(store, id).await?;
    let name_of = |person: PersonId| {
        let known = household.members.iter().find(|m| m.id == person);
        known.map_or_else(String::new, |m| shown_name(&m.name, full))
    };
    let clashing = clashes(pack, &lines, cx.today());
    let help: Vec<Help> = lines
        .iter()
        .rev()
        .map(|line| {
            let now = line.in_force(cx.today());
            Help {
                what: cx.text(&pack.help_title(&line.programme)).to_owned(),
                who: name_of(line.person),
                by: by(&cx, &line.source),
                since: cx.full_date(&line.from),
                to: match (line.to, line.named) {
                    (Some(to), _) => cx.full_date(&to),
                    (None, true) => cx.t("library.help.goes_on").to_owned(),
                    (None, false) => cx.t("library.help.not_named").to_owned(),
                },
                monthly: line.monthly.map(|m| cx.money(&tuodi_pack::Fen(m))).unwrap_or_default(),
                now,
                clash: now && clashing.contains(&(line.person, line.programme.as_str())),
            }
        })
        .collect();
    let doors = cx.view.who.as_ref().map(|w| w.doors).unwrap_or_default();
    cx.page(&HouseholdPage {
        v: &cx,
        nav: nav(&cx),
        elsewhere,
        name: household.members.first().map(|m| shown_name(&m.name, full)).unwrap_or_default(),
        place: place(pack, &household.region_code, cx.lang),
        stands: entry.as_ref().map(|entry| stands(&cx, entry)),
        members: household.members.iter().map(|m| member(&cx, m, full)).collect(),
        clash: help.iter().any(|h| h.clash),
        help,
        history: history(&cx, &events, &lines),
        desk: doors.contains(&crate::Door::Desk).then(|| format!("/desk/households/{id}")),
    })
}

fn stands(cx: &Cx, entry: &Entry) -> Stands {
    let out = entry.place == Place::Out;
    Stands {
        layer: layer_tag(cx, entry.place),
        rule: match &entry.reason {
            Some(reason) if out => reason_words(cx, reason),
            _ => rule_title(cx, &cx.state.pack, &entry.rule),
        },
        way: entry.way.map_or("", |way| cx.t_of("library.way", way.id())),
        entered: cx.full_date(&entry.entered_on),
        since: cx.full_date(&entry.since),
        until: until(cx, entry.until),
        review: until(cx, entry.review_on),
        late: !out && entry.review_on.is_some_and(|day| day < cx.today()),
    }
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

fn member(cx: &Cx, m: &Person, full: bool) -> Member {
    let age = m.birth_date.map(|b| cx.t1("library.age", tuodi_casework::draft::age_on(b, cx.today())));
    let relation = look::relation(cx, m.relation.as_deref());
    let about: Vec<String> = age.into_iter().chain((!relation.is_empty()).then_some(relation)).collect();
    Member { name: shown_name(&m.name, full), about: about.join(" · "), id_no: look::mask_id(&m.id_no) }
}

/// What is given now although the pack says that one excludes the other.
pub(super) fn clashes<'l>(pack: &Pack, lines: &'l [HelpLine], today: NaiveDate) -> BTreeSet<(PersonId, &'l str)> {
    let excludes = |a: &str, b: &str| pack.programme(a).is_some_and(|p| p.excludes.iter().any(|e| e == b));
    let now: Vec<&HelpLine> = lines.iter().filter(|l| l.in_force(today)).collect();
    let mut found = BTreeSet::new();
    for a in &now {
        for b in now.iter().filter(|b| b.person == a.person && b.programme != a.programme) {
            if excludes(&a.programme, &b.programme) || excludes(&b.programme, &a.programme) {
                found.insert((a.person, a.programme.as_str()));
            }
        }
    }
    found
}

/// What happened, the newest first: the library's own lines, and when help began and ended.
fn history(cx: &Cx, events: &[Event], lines: &[HelpLine]) -> Vec<Step> {
    let pack = &cx.state.pack;
    let title = |id: &str| cx.text(&pack.help_title(id)).to_owned();
    let mut steps: Vec<(NaiveDate, usize, Step)> = Vec::new();
    let mut seen = BTreeSet::new();
    for line in lines {
        // A list has a row a member: the household's history says it once.
        if !seen.insert((line.source.as_str(), line.programme.as_str(), line.from, line.to)) {
            continue;
        }
        let step = |day: NaiveDate, key: &str| Step {
            when: cx.full_date(&day),
            what: cx.t1(key, title(&line.programme)),
            details: String::new(),
            by: by(cx, &line.source),
        };
        steps.push((line.from, 0, step(line.from, "library.history.began")));
        if let Some(to) = line.to.filter(|to| *to < cx.today()) {
            steps.push((to, 1, step(to, "library.history.stopped")));
        }
    }
    // Events come newest first; on one day the later stands above.
    for (i, event) in events.iter().rev().enumerate() {
        let layer = event.place.map(|p| cx.t_of("library.layer", p.id())).unwrap_or_default();
        let what = match event.act.as_str() {
            "entered" => cx.t1("library.history.entered", layer),
            "moved" => cx.t1("library.history.moved", layer),
            "left" => cx.t("library.history.left").to_owned(),
            "approved" => cx.t1("library.history.approved", event.programme.as_deref().map(title).unwrap_or_default()),
            "refused" => cx.t("library.history.refused").to_owned(),
            "ended" => cx.t("library.history.ended").to_owned(),
            "visited" => cx.t("library.history.visited").to_owned(),
            other => other.to_owned(),
        };
        let details = match (&event.reason, &event.rule) {
            (Some(reason), _) => reason_words(cx, reason),
            (None, Some(rule)) => rule_title(cx, pack, rule),
            (None, None) => String::new(),
        };
        let by = match event.actor.as_str() {
            "system" => cx.t("library.history.by_pass").to_owned(),
            _ => Role::from_id(&event.role).map(|r| r.title(cx.lang).to_owned()).unwrap_or_default(),
        };
        steps.push((event.on, 2 + i, Step { when: cx.full_date(&event.on), what, details, by }));
    }
    steps.sort_by_key(|(day, order, _)| std::cmp::Reverse((*day, *order)));
    steps.into_iter().map(|(.., step)| step).collect()
}
