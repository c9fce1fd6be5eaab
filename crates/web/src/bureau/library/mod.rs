//! The low-income library (低收入人口库) and the shared libraries beside it: who is helped, what was paid, who needs which
//! service.
//!
//! Lists of people are personal data: within the reader's region, every look logged, names masked for those who handle
//! no cases. What is typed to find somebody is posted, never part of an address.

mod export;
mod funds;
mod helped;
mod household;
mod households;
mod needs;

use crate::{
    AppState, Cx, View, WebError,
    bureau::acting,
    desk::{look::Tag, page_of},
    form,
    route::{get, post},
    view::place,
};
use axum::Router;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tuodi_access::{Act, Resource, Sensitivity, looks};
use tuodi_pack::{
    Pack,
    library::{Layer, Way},
    region::RegionLevel,
};
use tuodi_registry::library::{Filter, HelpFilter, OWN, Place};

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/bureau/library", get(households::page))
        .route("/bureau/library/find", post(households::find))
        .route("/bureau/library/households/{id}", get(household::page))
        .route("/bureau/library/helped", get(helped::page))
        .route("/bureau/library/needs", get(needs::page))
        .route("/bureau/library/needs/find", post(needs::find))
        .route("/bureau/library/funds", get(funds::page))
        .route("/bureau/library/export", get(export::page).merge(post(export::download)))
}

/// Rows of one page of a list.
const PER_PAGE: u64 = 25;

/// The query of an address of any of the lists: a link to a list can be sent to a colleague.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub layer: String,
    pub programme: String,
    /// `1`: what has ended instead of what goes on.
    pub ended: String,
    pub way: String,
    pub region: String,
    pub source: String,
    pub service: String,
    pub label: String,
    pub from: String,
    pub to: String,
    /// `1`: a review that is due, or people with several kinds of help, or needs that are urgent.
    pub only: String,
    pub page: String,
    /// Of an export: which list.
    pub list: String,
    pub purpose: String,
}

impl Asked {
    /// The region asked for where it lies in the reader's own; else the reader's own.
    fn region(&self, cx: &Cx) -> Result<String, WebError> {
        let actor = cx.actor()?;
        let known = cx.state.pack.regions.get(&self.region).is_some() && actor.covers(&self.region);
        Ok(if known { self.region.clone() } else { actor.region.clone() })
    }

    fn programme(&self) -> Option<String> {
        (!self.programme.is_empty()).then(|| self.programme.clone())
    }

    fn households(&self, cx: &Cx) -> Result<Filter, WebError> {
        Ok(Filter {
            region: self.region(cx)?,
            place: Place::from_id(&self.layer),
            programme: self.programme(),
            ended: self.ended == "1",
            way: Way::from_id(&self.way),
            from: form::date(&self.from),
            to: form::date(&self.to),
            review_due: self.only == "1",
            today: cx.today(),
            households: None,
            page: page_of(&self.page),
            per_page: PER_PAGE,
        })
    }

    fn helped(&self, cx: &Cx) -> Result<HelpFilter, WebError> {
        Ok(HelpFilter {
            region: self.region(cx)?,
            programme: self.programme(),
            source: (!self.source.is_empty()).then(|| self.source.clone()),
            ended: self.ended == "1",
            several: self.only == "1",
            from: form::date(&self.from),
            to: form::date(&self.to),
            today: cx.today(),
            households: None,
            page: page_of(&self.page),
            per_page: PER_PAGE,
        })
    }

    /// Days that were typed and are none.
    fn bad_days(&self) -> bool {
        [&self.from, &self.to].iter().any(|day| !day.trim().is_empty() && form::date(day).is_none())
    }

    /// The filters in words, for the file and the journal.
    fn in_words(&self, cx: &Cx) -> String {
        let mut parts = Vec::new();
        if let Some(place) = Place::from_id(&self.layer) {
            parts.push(cx.t_of("library.layer", place.id()).to_owned());
        }
        if let Some(programme) = self.programme() {
            parts.push(cx.text(&cx.state.pack.help_title(&programme)).to_owned());
        }
        if self.ended == "1" {
            parts.push(cx.t("library.filter.ended").to_owned());
        }
        if let Some(way) = Way::from_id(&self.way) {
            parts.push(cx.t_of("library.way", way.id()).to_owned());
        }
        if !self.source.is_empty() {
            parts.push(by(cx, &self.source));
        }
        let service = cx.state.pack.services.service(&self.service).map(|s| cx.text(&s.title).to_owned());
        let label = cx.state.pack.assessment.label(&self.label).map(|l| cx.text(&l.title).to_owned());
        parts.extend(service.into_iter().chain(label));
        if self.only == "1" {
            let list = ["helped", "needs"].into_iter().find(|list| *list == self.list).unwrap_or("households");
            parts.push(cx.t_of("library.only", list).to_owned());
        }
        let region = place(&cx.state.pack, &self.region, cx.lang);
        parts.extend((!region.is_empty()).then_some(region));
        for (key, day) in [("library.filter.since", &self.from), ("library.filter.until", &self.to)] {
            parts.extend(form::date(day).map(|day| cx.t1(key, cx.full_date(&day))));
        }
        if parts.is_empty() {
            return cx.t("library.filter.none").to_owned();
        }
        parts.join(if cx.is_zh() { "、" } else { ", " })
    }
}

/// A list to choose from.
pub struct Named {
    pub id: String,
    pub title: String,
    pub chosen: bool,
}

fn named(all: impl IntoIterator<Item = (String, String)>, chosen: &str) -> Vec<Named> {
    all.into_iter().map(|(id, title)| Named { chosen: id == chosen, id, title }).collect()
}

/// The filters of a list; what a list does not have is empty.
pub struct Filters<'a> {
    pub action: &'static str,
    pub asked: &'a Asked,
    pub layers: Vec<Named>,
    pub sources: Vec<Named>,
    /// All sources together may be asked for.
    pub any_source: bool,
    pub programmes: Vec<Named>,
    pub services: Vec<Named>,
    pub labels: Vec<Named>,
    /// The list has days to choose from.
    pub days: bool,
    /// What has ended may be asked for.
    pub ended: bool,
    pub ways: Vec<Named>,
    pub regions: Vec<Named>,
    pub only: &'static str,
    /// Something narrows the list.
    pub on: bool,
    pub bad_days: bool,
}

impl<'a> Filters<'a> {
    fn new(cx: &Cx, action: &'static str, asked: &'a Asked) -> Filters<'a> {
        let a = asked;
        let mut all = [&a.layer, &a.programme, &a.ended, &a.way, &a.region, &a.source, &a.from, &a.to, &a.only]
            .into_iter()
            .chain([&a.service, &a.label]);
        Filters {
            action,
            layers: Vec::new(),
            sources: Vec::new(),
            any_source: true,
            programmes: Vec::new(),
            services: Vec::new(),
            labels: Vec::new(),
            days: true,
            ended: false,
            ways: Vec::new(),
            regions: regions(cx, asked),
            only: "",
            on: all.any(|f| !f.is_empty()),
            bad_days: asked.bad_days(),
            asked,
        }
    }
}

/// One way between the lists.
pub struct Tab {
    pub href: &'static str,
    pub icon: &'static str,
    pub label: &'static str,
    pub current: bool,
}

fn tabs(cx: &Cx, here: &str) -> Vec<Tab> {
    let tab = |id: &str, href, icon| Tab { href, icon, label: cx.t_of("library.tab", id), current: id == here };
    vec![
        tab("households", "/bureau/library", "home-heart"),
        tab("helped", "/bureau/library/helped", "heart-handshake"),
        tab("needs", "/bureau/library/needs", "list"),
        tab("funds", "/bureau/library/funds", "coin"),
    ]
}

/// Who may see lists of households and people; the look is logged. Those who open no cases see names masked.
fn look(cx: &Cx, list: &str) -> Result<bool, WebError> {
    let acting = acting(cx)?;
    let people = Resource {
        sensitivity: Sensitivity::Personal,
        ..Resource::general("library", list, acting.actor.region.as_str())
    };
    cx.state.access.authorise(&acting.actor, Act::ViewHousehold, &people, "library")?;
    Ok(cx.state.access.authorise(&acting.actor, Act::ViewCase, &people, "").is_ok())
}

async fn log(cx: &Cx, list: &str, purpose: &str) -> Result<(), WebError> {
    looks::record(&cx.state.store, cx.actor()?, &format!("library:{list}"), purpose, cx.now).await?;
    Ok(())
}

fn may_export(cx: &Cx) -> bool {
    let people = |region: &str| Resource {
        sensitivity: Sensitivity::Personal,
        ..Resource::general("library", "export", region)
    };
    cx.who
        .as_ref()
        .is_some_and(|who| cx.state.access.authorise(who, Act::Export, &people(&who.region), "library export").is_ok())
}

/// This page's filters, at the export.
fn export_of(cx: &Cx, list: &str) -> String {
    crate::url::with_query("/bureau/library/export", &cx.query, "list", list)
}

/// Townships of the reader's region with their villages, as far as the pack names them.
fn regions(cx: &Cx, asked: &Asked) -> Vec<Named> {
    named(places(cx), &asked.region)
}

/// The same by code and name.
pub(super) fn places(cx: &Cx) -> Vec<(String, String)> {
    let pack = &cx.state.pack;
    let scope = cx.who.as_ref().map(|who| who.region.clone()).unwrap_or_default();
    let inside = |level: RegionLevel| {
        pack.regions.iter().filter(move |r| r.level == level).filter(|r| tuodi_pack::region::contains(&scope, &r.code))
    };
    let mut all: Vec<(String, String)> = inside(RegionLevel::Township)
        .chain(inside(RegionLevel::Village))
        .map(|r| (r.code.clone(), place(pack, &r.code, cx.lang)))
        .collect();
    all.sort();
    all
}

/// Every kind of help that the library can hold, by its title.
fn programmes(cx: &Cx, asked: &Asked) -> Vec<Named> {
    let pack = &cx.state.pack;
    let mut ids: BTreeSet<&str> = BTreeSet::new();
    for help in &pack.library.help {
        match &help.kind {
            Some(kind) => {
                let codes = pack.source(&help.source).and_then(|s| s.column(kind)).map(|c| c.codes.keys());
                ids.extend(
                    codes
                        .into_iter()
                        .flatten()
                        .filter_map(|code| tuodi_pack::library::kind_of(&help.kinds, &help.skip, code)),
                );
            }
            None => ids.extend(help.programme.as_deref()),
        }
    }
    // The pack's own programmes in their order, then what only lists name.
    let mut all: Vec<(usize, String, String)> = ids
        .into_iter()
        .map(|id| {
            let order = pack.programmes.iter().position(|p| p.id == id).unwrap_or(usize::MAX);
            (order, id.to_owned(), cx.text(&pack.help_title(id)).to_owned())
        })
        .collect();
    all.sort();
    named(all.into_iter().map(|(_, id, title)| (id, title)), &asked.programme)
}

/// By whom: the list's owner, or this platform's own decision.
fn by(cx: &Cx, source: &str) -> String {
    if source == OWN {
        return cx.t("library.own").to_owned();
    }
    cx.state.pack.source(source).map_or_else(|| source.to_owned(), |s| cx.text(&s.owner).to_owned())
}

fn layer_tag(v: &View, place: Place) -> Tag {
    let (kind, icon) = match place {
        Place::In(Layer::Registered) => ("ok", "circle-check"),
        Place::In(Layer::Extended) => ("info", "eye"),
        Place::In(Layer::Suspected) => ("warn", "alert-triangle"),
        Place::Out => ("neutral", "history"),
    };
    Tag::new(kind, icon, v.t_of("library.layer", place.id()))
}

/// The rule that puts a household where it is, in the pack's words.
fn rule_title(cx: &Cx, pack: &Pack, rule: &str) -> String {
    pack.library.rule(rule).map(|r| cx.text(&r.title).to_owned()).unwrap_or_default()
}

/// Why a household is out, or what an act came to, in words: `over:recently_left`, `visit:data_error`.
fn reason_words(cx: &Cx, reason: &str) -> String {
    match reason.split_once(':') {
        Some(("over", rule)) => cx.t1("library.reason.over", rule_title(cx, &cx.state.pack, rule)),
        Some(("refused", code)) => cx.t1("library.reason.refused", tuodi_casework::reason_title(code, cx.lang)),
        Some(("ended", code)) => cx.t1("library.reason.ended", tuodi_casework::reason_title(code, cx.lang)),
        Some(("visit", code)) => {
            let title = tuodi_watch::OutcomeCode::from_id(code).map_or(code, |c| c.title(cx.lang));
            cx.t1("library.reason.visit", title)
        }
        _ => reason.to_owned(),
    }
}

fn shown_name(name: &str, full: bool) -> String {
    if full { name.to_owned() } else { tuodi_registry::mask_name(name) }
}

fn until(cx: &Cx, day: Option<NaiveDate>) -> String {
    day.map(|day| cx.full_date(&day)).unwrap_or_default()
}
