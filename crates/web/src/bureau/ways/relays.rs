//! Other check platforms that may ask about people here: what the agreement allows, and their keys.

use super::source::{KeyRow, key};
use crate::{
    Cx, PageResult, View,
    bureau::{authorise, nav},
    desk::{look::Tag, nav::NavGroup},
    form::{Fields, Problems},
};
use askama::Template;
use tuodi_access::{Act, Resource};

pub struct RelayCard {
    id: String,
    title: String,
    agreement: String,
    tag: Tag,
    basis: String,
    purposes: Vec<String>,
    sources: Vec<String>,
    address: String,
    keys: Vec<KeyRow>,
    /// Typed into this card's form.
    whose: String,
    public: String,
    problems: Problems,
}

#[derive(Template)]
#[template(path = "bureau/ways/relays.html")]
struct RelaysPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    cards: Vec<RelayCard>,
    may_manage: bool,
    problems: Problems,
}

pub async fn page(cx: Cx) -> PageResult {
    show(&cx, "", &Fields::new(), Problems::default()).await
}

/// `of`: the relay whose form was sent.
pub async fn show(cx: &Cx, of: &str, typed: &Fields, problems: Problems) -> PageResult {
    let acting = authorise(cx, Act::ViewData, "data")?;
    let pack = &cx.state.pack;
    let mut cards = Vec::new();
    for relay in &pack.verification.relays {
        let field = |name: &str| typed.get(name).filter(|_| of == relay.id).cloned().unwrap_or_default();
        let keys = tuodi_inbox::sender_keys(&cx.state.store, &crate::api::relay_owner(&relay.id)).await?;
        let tag = match relay.is_in_force(cx.today()) {
            true => Tag::new("ok", "circle-check", cx.t("ways.relay.in_force")),
            false => Tag::new("hold", "clock", cx.t("ways.relay.not_in_force")),
        };
        let days = (cx.full_date(&relay.from), cx.full_date(&relay.until));
        cards.push(RelayCard {
            id: relay.id.clone(),
            title: cx.text(&relay.title).to_owned(),
            agreement: cx.t3("ways.relay.agreement", &relay.number, days.0, days.1),
            tag,
            basis: crate::public::cite(pack, &relay.basis, cx.lang),
            purposes: relay
                .purposes
                .iter()
                .filter_map(|id| pack.verification.purpose(id))
                .map(|p| cx.text(&p.title).to_owned())
                .collect(),
            sources: relay.sources.iter().map(|id| super::source_title(cx, id)).collect(),
            address: format!("/api/relays/{}/questions", relay.id),
            keys: keys.iter().map(|k| key(cx, k)).collect(),
            whose: field("label"),
            public: field("public"),
            problems: if of == relay.id { problems.clone() } else { Problems::default() },
        });
    }
    let resource = Resource::general("feed", "relays", acting.actor.region.as_str());
    let page = RelaysPage {
        v: cx,
        nav: nav(cx),
        cards,
        may_manage: cx.state.access.authorise(&acting.actor, Act::ManageFeed, &resource, "inbox").is_ok(),
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}
