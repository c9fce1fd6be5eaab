//! What a source that is asked by itself has said, try by try: when, about whom, and with what words.

use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting,
        case::rules,
        look::Tag,
        nav::{self, NavGroup},
    },
};
use askama::Template;
use axum::extract::Path;
use std::collections::BTreeMap;
use tuodi_casework::verify::{self, AnswerState, Told};
use tuodi_pack::{PersonId, ask::PersonStatus};

const PURPOSE: &str = "verification replies";

pub struct RowOf {
    pub name: String,
    pub values: Vec<(String, String)>,
}

pub struct Reply {
    pub title: String,
    pub tag: Tag,
    pub reason: String,
    /// Name, what was said, and the source's words.
    pub people: Vec<(String, String)>,
    pub rows: Vec<RowOf>,
}

#[derive(Template)]
#[template(path = "desk/verify/replies.html")]
struct RepliesPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    number: String,
    title: String,
    owner: String,
    tag: Tag,
    asked: String,
    replies: Vec<Reply>,
}

fn reply(cx: &Cx, source: &str, names: &BTreeMap<PersonId, String>, told: Told) -> Reply {
    let name = |id: PersonId| names.get(&id).cloned().unwrap_or_default();
    let status = |s: PersonStatus| match s {
        PersonStatus::Found => cx.t("desk.replies.found"),
        PersonStatus::None => cx.t("desk.replies.none"),
        PersonStatus::Refused => cx.t("desk.replies.refused"),
    };
    let person = |row: &tuodi_pack::OverlayRow| {
        let ids = names.keys().copied();
        ids.into_iter().find(|id| row.values.values().any(|v| v.as_i64() == Some(id.0))).map(name).unwrap_or_default()
    };
    let colon = cx.t("desk.colon");
    let mut reason = match told.reason.as_str() {
        "" => String::new(),
        code => cx.t_of("desk.verify.reason", code).to_owned(),
    };
    if !told.words.is_empty() {
        reason = format!("{reason}{colon}{}", told.words);
    }
    if told.changed {
        reason = format!("{reason} {}", cx.t("desk.verify.changed"));
    }
    if told.forgotten {
        reason = format!("{reason} {}", cx.t("desk.replies.forgotten"));
    }
    // A try after which the source is asked again is no answer yet.
    let tag = match told.state {
        AnswerState::Waiting => Tag::new("hold", "clock", cx.t("desk.replies.again")),
        state => super::report::state_tag(cx, state),
    };
    Reply {
        title: cx.t2("desk.replies.attempt", told.attempt, cx.moment(&told.at)),
        tag,
        reason: reason.trim().to_owned(),
        people: told
            .people
            .iter()
            .map(|p| {
                let said = status(p.status);
                let said = if p.reason.is_empty() { said.to_owned() } else { format!("{said}{colon}{}", p.reason) };
                (name(p.person), said)
            })
            .collect(),
        rows: told
            .rows
            .iter()
            .map(|row| RowOf { name: person(row), values: rules::cells(cx, &cx.state.pack, source, &row.values) })
            .collect(),
    }
}

pub async fn page(cx: Cx, Path((number, source)): Path<(String, String)>) -> PageResult {
    let found = verify::replies(&acting(&cx)?, &number, &source, PURPOSE).await?.ok_or(WebError::NotFound)?;
    let household = tuodi_registry::household(&cx.state.store, found.household).await?.ok_or(WebError::NotFound)?;
    let names: BTreeMap<PersonId, String> = household.members.into_iter().map(|m| (m.id, m.name)).collect();
    let of_pack = cx.state.pack.source(&source);
    cx.page(&RepliesPage {
        v: &cx,
        nav: nav::desk(&cx),
        number,
        title: of_pack.map(|s| cx.text(&s.title).to_owned()).unwrap_or_default(),
        owner: of_pack.map(|s| cx.text(&s.owner).to_owned()).unwrap_or_default(),
        tag: super::report::state_tag(&cx, found.answer.state),
        asked: cx.t2("desk.replies.asked", cx.moment(&found.answer.asked_at), cx.moment(&found.answer.limit_at)),
        replies: found.replies.into_iter().map(|told| reply(&cx, &source, &names, told)).collect(),
    })
}
