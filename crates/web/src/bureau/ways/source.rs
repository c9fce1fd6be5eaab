//! The ways in of one source: by hand, and by the department's own system under a key.

use super::steward;
use crate::{
    Cx, PageResult, View, WebError,
    bureau::{authorise, nav},
    desk::nav::NavGroup,
    form::{Fields, Problems},
};
use askama::Template;
use axum::extract::Path;
use tuodi_access::{Act, Resource};
use tuodi_inbox::SenderKey;
use tuodi_pack::source::Source;

pub struct KeyRow {
    pub id: String,
    pub label: String,
    pub made: String,
    pub used: String,
    pub revoked: Option<String>,
}

#[derive(Template)]
#[template(path = "bureau/ways/source.html")]
struct SourcePage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    id: &'a str,
    title: &'a str,
    keys: Vec<KeyRow>,
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

fn key(v: &View, key: &SenderKey) -> KeyRow {
    KeyRow {
        id: key.id.clone(),
        label: key.label.clone(),
        made: v.t2("ways.key.made", v.moment(&key.made), &key.made_by),
        used: key.used.map_or_else(|| v.t("ways.key.unused").to_owned(), |at| v.moment(&at)),
        revoked: key.revoked.as_ref().map(|(by, at)| v.t2("ways.key.revoked", v.moment(at), by)),
    }
}
