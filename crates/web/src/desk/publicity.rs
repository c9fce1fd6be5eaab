//! What hangs on the boards: until when, who, how much, and objections to it (DB57 art. 19, 24).

use crate::{
    Cx, PageResult, View,
    desk::{
        acting,
        look::{self, Tag},
        nav::{self, NavGroup},
    },
};
use askama::Template;
use tuodi_access::{Act, Resource};
use tuodi_casework::{CaseState, QueueFilter, QueueRow};

pub struct PostingLine {
    pub case: String,
    pub name: String,
    pub members: i32,
    pub place: String,
    pub village: String,
    pub programme: String,
    pub monthly: String,
    pub due: Tag,
    pub day: String,
    pub version: i32,
    pub over: bool,
    pub objected: bool,
}

#[derive(Template)]
#[template(path = "desk/publicity.html")]
struct PublicityPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    objected: Vec<PostingLine>,
    posted: Vec<PostingLine>,
    may_object: bool,
    may_end: bool,
}

pub async fn page(cx: Cx) -> PageResult {
    let acting = acting(&cx)?;
    let of = |state| QueueFilter { state: Some(state), per_page: 100, ..QueueFilter::default() };
    let posted = tuodi_casework::queue(&acting, &of(CaseState::Publicised)).await?;
    let objected = tuodi_casework::queue(&acting, &of(CaseState::Objection)).await?;
    let role = acting.actor.role;
    let may = |act| cx.state.access.role_may(role, act, &Resource::general("case", "", acting.actor.region.as_str()));
    cx.page(&PublicityPage {
        v: &cx,
        nav: nav::desk(&cx),
        objected: objected.rows.iter().map(|row| line(&cx, row)).collect(),
        posted: posted.rows.iter().map(|row| line(&cx, row)).collect(),
        may_object: may(Act::RecordObjection),
        may_end: may(Act::Review),
    })
}

fn line(cx: &Cx, row: &QueueRow) -> PostingLine {
    let over = row.due_on.is_some_and(|day| day < cx.today());
    PostingLine {
        case: row.case.to_string(),
        name: row.applicant.clone(),
        members: row.members,
        place: cx.text(&row.region).to_owned(),
        village: row.region_code.clone(),
        programme: row.programme.as_deref().map(|p| look::tier(cx, &cx.state.pack, p)).unwrap_or_default(),
        monthly: row.monthly.map(|m| look::monthly(cx, m)).unwrap_or_default(),
        due: if over { Tag::new("soon", "check", cx.t("desk.publicity.over")) } else { look::due(cx, row.due_on) },
        day: row.due_on.map(|d| cx.date(&d)).unwrap_or_default(),
        version: row.version,
        over: over && row.state == CaseState::Publicised,
        objected: row.state == CaseState::Objection,
    }
}
