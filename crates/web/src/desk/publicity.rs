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
use tuodi_casework::{
    CaseNo, CaseState, QueueFilter, QueueRow,
    hung::{Hung, hung_of},
};

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
    /// Address of the photograph and since when it hangs.
    pub hung: Option<(String, String)>,
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
    may_hang: bool,
}

pub async fn page(cx: Cx) -> PageResult {
    let acting = acting(&cx)?;
    let of = |state| QueueFilter { state: Some(state), per_page: 100, ..QueueFilter::default() };
    let posted = tuodi_casework::queue(&acting, &of(CaseState::Publicised)).await?;
    // Whoever was objected to stays on the list while the neighbourhood is asked.
    let mut objected = tuodi_casework::queue(&acting, &of(CaseState::Objection)).await?.rows;
    objected.extend(tuodi_casework::queue(&acting, &of(CaseState::Appraisal)).await?.rows);
    let cases: Vec<CaseNo> = posted.rows.iter().chain(&objected).map(|row| row.case.clone()).collect();
    let hung = hung_of(&acting, &cases).await?;
    let role = acting.actor.role;
    let may = |act| cx.state.access.role_may(role, act, &Resource::general("case", "", acting.actor.region.as_str()));
    cx.page(&PublicityPage {
        v: &cx,
        nav: nav::desk(&cx),
        objected: objected.iter().map(|row| line(&cx, row, hung.get(&row.case))).collect(),
        posted: posted.rows.iter().map(|row| line(&cx, row, hung.get(&row.case))).collect(),
        may_object: may(Act::RecordObjection),
        may_end: may(Act::Review),
        may_hang: may(Act::RecordHung),
    })
}

fn line(cx: &Cx, row: &QueueRow, hung: Option<&Hung>) -> PostingLine {
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
        objected: matches!(row.state, CaseState::Objection | CaseState::Appraisal),
        hung: hung.map(|h| (format!("/desk/publicity/{}/hung/{}", row.region_code, h.photo), cx.date(&h.on))),
    }
}
