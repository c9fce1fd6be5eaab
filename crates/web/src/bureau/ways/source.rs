//! The ways in of one source: by hand, by the department's own system under a key, fetched on a schedule.

use super::{job_href, steward};
use crate::{
    Cx, PageResult, View, WebError,
    bureau::{acting, authorise, nav},
    desk::{look::Tag, nav::NavGroup},
    form::{Fields, Problems},
};
use askama::Template;
use axum::extract::Path;
use tuodi_access::{Act, Resource};
use tuodi_inbox::{Fetch, Outcome, SenderKey};
use tuodi_pack::source::Source;

pub struct KeyRow {
    pub id: String,
    pub label: String,
    pub made: String,
    pub used: String,
    pub revoked: Option<String>,
}

/// How fetching goes.
pub struct FetchView {
    kind: &'static str,
    state: Tag,
    last: String,
    /// What happened, with the detail for whoever mends it.
    trouble: Option<(&'static str, String)>,
    failures: u32,
    well: String,
    next: String,
    job: Option<String>,
    /// Since when it is being fetched, and whether that is to stop.
    running: Option<(String, bool)>,
}

#[derive(Template)]
#[template(path = "bureau/ways/source.html")]
struct SourcePage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    id: &'a str,
    title: &'a str,
    keys: Vec<KeyRow>,
    fetch: Option<FetchView>,
    address: String,
    may_manage: bool,
    may_load: bool,
    problems: Problems,
    whose: String,
    public: String,
}

/// The source that the address names, where files come for it.
pub fn source<'a>(cx: &'a Cx, id: &str) -> Result<&'a Source, WebError> {
    cx.state.pack.source(id).filter(|s| s.takes_files()).ok_or(WebError::NotFound)
}

pub async fn page(cx: Cx, Path(id): Path<String>) -> PageResult {
    show(&cx, &id, &Fields::new(), Problems::default()).await
}

pub async fn show(cx: &Cx, id: &str, typed: &Fields, problems: Problems) -> PageResult {
    let acting = authorise(cx, Act::ViewData, "data")?;
    let source = source(cx, id)?;
    let resource = Resource::general("feed", id, acting.actor.region.as_str());
    let typed = |field: &str| typed.get(field).cloned().unwrap_or_default();
    let keys = tuodi_inbox::sender_keys(&cx.state.store, id).await?;
    let page = SourcePage {
        v: cx,
        nav: nav(cx),
        id: &source.id,
        title: cx.text(&source.title),
        fetch: tuodi_inbox::fetch_of(&cx.state.store, id).await?.map(|f| fetch(cx, &f)),
        keys: keys.iter().map(|k| key(cx, k)).collect(),
        address: format!("/api/feeds/{id}/files"),
        may_manage: cx.state.access.authorise(&acting.actor, Act::ManageFeed, &resource, "inbox").is_ok(),
        may_load: steward(cx).is_ok(),
        problems,
        whose: typed("label"),
        public: typed("public"),
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

fn fetch(cx: &Cx, fetch: &Fetch) -> FetchView {
    let never = || cx.t("ways.fetch.not_yet").to_owned();
    let (state, trouble) = match fetch.last.as_ref().map(|(_, outcome)| outcome) {
        None => (Tag::new("neutral", "clock", never()), None),
        Some(Outcome::New) => (Tag::new("ok", "circle-check", cx.t("ways.fetch.new")), None),
        Some(Outcome::Stopped) => (Tag::new("neutral", "ban", cx.t("ways.fetch.stopped")), None),
        Some(Outcome::Same) => (Tag::new("ok", "circle-check", cx.t("ways.fetch.same")), None),
        Some(Outcome::Failed { code, detail }) => {
            let tag = Tag::new("bad", "alert-triangle", cx.t("ways.fetch.failed"));
            (tag, Some((cx.t_of("ways.trouble", code), detail.clone())))
        }
    };
    FetchView {
        kind: cx.t_of("ways.fetch_kind", &fetch.kind),
        state,
        last: fetch.last.as_ref().map_or_else(never, |(at, _)| cx.moment(at)),
        trouble,
        failures: fetch.failures,
        well: fetch.well.map_or_else(never, |at| cx.moment(&at)),
        next: if fetch.next <= cx.now { cx.t("ways.fetch.at_once").to_owned() } else { cx.moment(&fetch.next) },
        running: fetch.running.map(|at| (cx.moment(&at), fetch.stopping)),
        job: fetch.job.as_deref().filter(|_| steward(cx).is_ok()).map(job_href),
    }
}

/// Not to wait for the schedule.
pub async fn fetch_now(cx: Cx, Path(id): Path<String>) -> PageResult {
    let acting = acting(&cx)?;
    let room = tuodi_inbox::Cx { store: acting.store, access: acting.access, actor: acting.actor, now: acting.now };
    tuodi_inbox::fetch_now(&room, &id).await?;
    cx.go(format!("/bureau/data/{}/ways#fetch", crate::url::escape(&id)))
}

/// The run that is under way.
pub async fn stop(cx: Cx, Path(id): Path<String>) -> PageResult {
    let acting = acting(&cx)?;
    let room = tuodi_inbox::Cx { store: acting.store, access: acting.access, actor: acting.actor, now: acting.now };
    match tuodi_inbox::stop_fetch(&room, &id).await {
        // Over meanwhile: the page says how it ended.
        Ok(()) | Err(tuodi_inbox::InboxError::NotFound(_)) => {
            cx.go(format!("/bureau/data/{}/ways#fetch", crate::url::escape(&id)))
        }
        Err(error) => Err(error.into()),
    }
}

pub fn key(v: &View, key: &SenderKey) -> KeyRow {
    KeyRow {
        id: key.id.clone(),
        label: key.label.clone(),
        made: v.t2("ways.key.made", v.moment(&key.made), &key.made_by),
        used: key.used.map_or_else(|| v.t("ways.key.unused").to_owned(), |at| v.moment(&at)),
        revoked: key.revoked.as_ref().map(|(by, at)| v.t2("ways.key.revoked", v.moment(at), by)),
    }
}
