//! The desk of a department (R15): matters that were sent to it, and its answer to each.

use super::{acting, nav, nav::NavGroup, one_time_key};
use crate::{
    Cx, PageResult, View, WebError,
    desk::look::{self, Tag},
    form::{Fields, Problems},
    matters::{department, state_tag},
    view::place,
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query},
};
use serde::Deserialize;
use tuodi_casework::{
    CaseError, FieldError,
    matters::{DeskRow, MatterState, Reply, answer_matter, desk_matters, matter},
};
use tuodi_store::Page;

pub struct Line {
    pub id: i64,
    pub title: String,
    pub applicant: String,
    pub place: String,
    pub tag: Tag,
    pub forwarded: String,
    pub due: String,
    pub overdue: bool,
}

#[derive(Template)]
#[template(path = "desk/matters.html")]
struct ListPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    department: String,
    open: u64,
    overdue: u64,
    closed: bool,
    page: Page<Line>,
    done: bool,
}

#[derive(Template)]
#[template(path = "desk/matter.html")]
struct MatterPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    line: Line,
    case: String,
    phone: String,
    address: String,
    members: i32,
    tier: String,
    note: String,
    answer: String,
    may_answer: bool,
    may_take: bool,
    key: String,
    text: String,
    problems: Problems,
}

#[derive(Deserialize, Default)]
pub struct Asked {
    #[serde(default)]
    closed: String,
    #[serde(default)]
    page: String,
    #[serde(default)]
    done: String,
}

fn title(cx: &Cx, id: &str) -> String {
    let found = cx.state.pack.services.matters.iter().find(|m| m.id == id);
    found.map(|m| cx.text(&m.title).to_owned()).unwrap_or_default()
}

fn line(cx: &Cx, row: &DeskRow) -> Line {
    Line {
        id: row.id,
        title: title(cx, &row.matter),
        applicant: row.applicant.clone(),
        place: place(&cx.state.pack, &row.region_code, cx.lang),
        tag: state_tag(cx, row.state),
        forwarded: row.forwarded_on.map(|d| cx.date(&d)).unwrap_or_default(),
        due: row.due_on.map(|d| cx.date(&d)).unwrap_or_default(),
        overdue: row.overdue,
    }
}

pub async fn list(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    let closed = asked.closed == "1";
    let desk = desk_matters(&acting(&cx)?, closed, super::page_of(&asked.page)).await?;
    let rows = desk.rows.rows.iter().map(|row| line(&cx, row)).collect();
    cx.page(&ListPage {
        v: &cx,
        nav: nav::desk(&cx),
        department: department(&cx, &desk.department),
        open: desk.open,
        overdue: desk.overdue,
        closed,
        page: Page { rows, total: desk.rows.total, page: desk.rows.page, per_page: desk.rows.per_page },
        done: !asked.done.is_empty(),
    })
}

async fn draw(cx: &Cx, id: i64, typed: &Fields, problems: Problems) -> PageResult {
    let card = matter(&acting(cx)?, id).await?;
    let note = cx.state.pack.services.matters.iter().find(|m| m.id == card.row.matter);
    let page = MatterPage {
        v: cx,
        nav: nav::desk(cx),
        line: line(cx, &card.row),
        case: card.row.case.to_string(),
        phone: card.applicant.phone.clone().unwrap_or_default(),
        address: card.applicant.address.clone().unwrap_or_default(),
        members: card.members,
        tier: match card.tier.as_deref() {
            Some(tier) => look::tier(cx, &cx.state.pack, tier),
            None if card.ended => cx.t("matters.desk.not_recognised").to_owned(),
            None => cx.t("matters.desk.not_decided").to_owned(),
        },
        note: note.map(|m| m.note.get(cx.lang).to_owned()).unwrap_or_default(),
        answer: card.answer,
        may_answer: card.may_answer,
        may_take: card.row.state == MatterState::Forwarded,
        key: one_time_key(),
        text: typed.get("text").cloned().unwrap_or_default(),
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn page(cx: Cx, Path(id): Path<i64>) -> PageResult {
    draw(&cx, id, &Fields::new(), Problems::default()).await
}

pub async fn answer(cx: Cx, Path(id): Path<i64>, Form(typed): Form<Fields>) -> PageResult {
    let text = |name: &str| typed.get(name).map_or("", |t| t.trim());
    let reply = match text("act") {
        "take" => Reply::TakeUp,
        "done" => Reply::Done(text("text").to_owned()),
        "refuse" => Reply::Refuse(text("text").to_owned()),
        _ => return Err(WebError::Conflict("common.conflict.invalid")),
    };
    let refused: Vec<FieldError> = match answer_matter(&acting(&cx)?, id, reply, text("key")).await {
        Ok(()) => return cx.go("/desk/matters?done=answered"),
        Err(CaseError::Invalid(errors)) => errors,
        Err(error) => return Err(error.into()),
    };
    draw(&cx, id, &typed, Problems::from_room(&cx, "matters", &refused)).await
}
