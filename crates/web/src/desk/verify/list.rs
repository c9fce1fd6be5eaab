//! Verifications of the region, newest first, and recognitions that are due to be verified again.

use crate::{
    Cx, PageResult, View,
    desk::{
        acting,
        look::{self, Tag},
        nav::{self, NavGroup},
        one_time_key, page_of,
    },
    form::Choice,
    view::place,
};
use askama::Template;
use axum::extract::Query;
use serde::Deserialize;
use tuodi_casework::verify::{self, Due, RequestFilter, RequestRow};
use tuodi_store::Page;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    state: String,
    purpose: String,
    number: String,
    page: String,
}

pub struct Line {
    pub number: String,
    pub name: String,
    pub place: String,
    pub purpose: String,
    pub tags: Vec<Tag>,
    pub tier: String,
    pub when: String,
}

#[derive(Template)]
#[template(path = "desk/verify/list.html")]
struct ListPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    states: Vec<Choice>,
    purposes: Vec<Choice>,
    number: String,
    plain: bool,
    page: Page<Line>,
}

/// What a list and the page's head say of one verification.
pub fn tags(v: &View, row: &RequestRow) -> Vec<Tag> {
    let mut tags = vec![match (row.complete, row.edition) {
        (true, _) => Tag::new("ok", "circle-check", v.t("desk.verify.complete")),
        (false, 0) => Tag::new("info", "clock", v.tn("desk.verify.waiting", row.waiting)),
        (false, _) => Tag::new("warn", "clock", v.tn("desk.verify.interim", row.waiting)),
    }];
    if row.complete && row.missing > 0 {
        tags.push(Tag::new("hold", "info-circle", v.tn("desk.verify.missing", row.missing)));
    }
    if row.conflicts > 0 {
        tags.push(Tag::new("warn", "scale", v.tn("desk.verify.conflicts", row.conflicts)));
    }
    tags
}

fn line(cx: &Cx, row: RequestRow) -> Line {
    let pack = &cx.state.pack;
    Line {
        tags: tags(cx, &row),
        place: place(pack, &row.region_code, cx.lang),
        purpose: pack.verification.purpose(&row.purpose).map(|p| cx.text(&p.title).to_owned()).unwrap_or(row.purpose),
        tier: row.tier.map(|t| look::tier(cx, pack, &t)).unwrap_or_default(),
        when: cx.moment(&row.ordered_at),
        number: row.number,
        name: row.name,
    }
}

pub async fn page(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    let filter = RequestFilter {
        state: asked.state.clone(),
        purpose: asked.purpose.clone(),
        number: asked.number.clone(),
        household: None,
        page: page_of(&asked.page),
        per_page: 25,
    };
    let page = verify::requests(&acting(&cx)?, &filter).await?;
    let choice = |value: &str, label: &str, now: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        hint: String::new(),
        chosen: value == now,
    };
    let any = cx.t("desk.queue.any");
    let mut purposes = vec![choice("", any, &asked.purpose)];
    let of_pack = cx.state.pack.verification.purposes.iter();
    purposes.extend(of_pack.map(|p| choice(&p.id, cx.text(&p.title), &asked.purpose)));
    cx.page(&ListPage {
        v: &cx,
        nav: nav::desk(&cx),
        states: vec![
            choice("", any, &asked.state),
            choice("waiting", cx.t("desk.verify.state_waiting"), &asked.state),
            choice("complete", cx.t("desk.verify.complete"), &asked.state),
        ],
        purposes,
        plain: [&asked.state, &asked.purpose, &asked.number].iter().all(|f| f.is_empty()),
        number: asked.number,
        page: page.map(|row| line(&cx, row)),
    })
}

pub struct DueLine {
    pub due: Tag,
    pub day: String,
    pub name: String,
    pub household: tuodi_pack::HouseholdId,
    pub case: String,
    pub programme: String,
    pub monthly: String,
    pub class: String,
}

#[derive(Template)]
#[template(path = "desk/verify/due.html")]
struct DuePage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    until: String,
    /// What a household that is due is verified for.
    purpose: &'a str,
    key: String,
    page: Page<DueLine>,
}

/// Due within so many days.
pub(super) const AHEAD: u64 = 30;

pub async fn due(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    let until = cx.today() + chrono::Days::new(AHEAD);
    let page = verify::due_reverifications(&acting(&cx)?, until, page_of(&asked.page), 25).await?;
    let pack = &cx.state.pack;
    let line = |due: Due| DueLine {
        due: look::due(&cx, Some(due.next_reverify)),
        day: cx.date(&due.next_reverify),
        name: due.name,
        household: due.household,
        case: due.case,
        programme: look::tier(&cx, pack, &due.programme),
        monthly: cx.money(&due.monthly),
        class: due.class.unwrap_or_default(),
    };
    cx.page(&DuePage {
        v: &cx,
        nav: nav::desk(&cx),
        until: cx.full_date(&until),
        purpose: pack.reverification_purpose(),
        key: one_time_key(),
        page: page.map(line),
    })
}
