//! The matters of one application (一件事) on the citizen's page and on the officer's: what the family may get besides,
//! from which department; one confirmation, item by item; how far each is.

use crate::{
    AppState, Cx, PageResult, View, WebError,
    desk::{self, look::Tag, nav::NavGroup, one_time_key},
    form::Problems,
    route::{get, post},
};
use askama::Template;
use axum::{Form, Router, extract::Path, extract::Query};
use tuodi_casework::{
    CaseError, CaseNo, CaseState, CaseView,
    matters::{MatterRow, MatterState, Matters},
};
use tuodi_pack::services::{Consent, Matter};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Citizen,
    Desk,
}

/// One matter as the page draws it.
pub struct Line {
    pub id: String,
    pub title: String,
    pub department: String,
    pub tag: Option<Tag>,
    /// Days and the department's words.
    pub about: Vec<String>,
    pub answer: String,
    pub ticked: bool,
}

pub struct Body {
    pub base: String,
    /// The case's page.
    pub back: String,
    pub key: String,
    /// What the application itself asks for.
    pub applied: Vec<Line>,
    /// With a department, or answered.
    pub under_way: Vec<Line>,
    /// To be chosen: proposed or chosen before.
    pub proposed: Vec<Line>,
    /// What nobody proposed; on request.
    pub others: Vec<Line>,
    /// Too early or too late to choose: why.
    pub closed: Option<&'static str>,
    pub done: bool,
    pub problems: Problems,
}

#[derive(Template)]
#[template(path = "citizen/matters.html")]
struct CitizenPage<'a> {
    v: &'a View,
    case: &'a str,
    b: Body,
}

#[derive(Template)]
#[template(path = "desk/case_matters.html")]
struct DeskPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    case: &'a str,
    whom: String,
    b: Body,
}

type Typed = Vec<(String, String)>;

macro_rules! side {
    ($name:ident, $address:literal, $side:expr) => {
        /// The page of one door; its doorkeeper is put around it by the caller.
        pub fn $name() -> Router<AppState> {
            Router::new().route(
                $address,
                get(|cx: Cx, Path(case): Path<String>, asked: Query<Typed>| async move {
                    let done = asked.0.iter().any(|(name, _)| name == "done");
                    draw(&cx, $side, &case_of(&case)?, None, done, Problems::default()).await
                })
                .merge(post(|cx: Cx, Path(case): Path<String>, Form(typed): Form<Typed>| async move {
                    choose(cx, $side, case, typed).await
                })),
            )
        }
    };
}

side!(citizen_routes, "/citizen/cases/{case}/matters", Side::Citizen);
side!(desk_routes, "/desk/cases/{case}/matters", Side::Desk);

impl Side {
    fn acting(self, cx: &Cx) -> Result<tuodi_casework::Cx, WebError> {
        match self {
            Side::Citizen => crate::citizen::acting(cx),
            Side::Desk => desk::acting(cx),
        }
    }

    fn base(self, case: &CaseNo) -> String {
        match self {
            Side::Citizen => format!("/citizen/cases/{case}/matters"),
            Side::Desk => format!("/desk/cases/{case}/matters"),
        }
    }
}

fn case_of(text: &str) -> Result<CaseNo, WebError> {
    text.parse().map_err(|_| WebError::NotFound)
}

pub fn state_tag(v: &View, state: MatterState) -> Tag {
    let (kind, icon) = match state {
        MatterState::Proposed => ("warmth", "pencil"),
        MatterState::Declined | MatterState::Lapsed => ("neutral", "x"),
        MatterState::Confirmed => ("info", "check"),
        MatterState::Forwarded => ("info", "send"),
        MatterState::Accepted => ("brand", "clock"),
        MatterState::Done => ("ok", "circle-check"),
        MatterState::Refused => ("bad", "ban"),
    };
    Tag::new(kind, icon, state.title(v.lang))
}

pub fn department(cx: &Cx, id: &str) -> String {
    let found = cx.state.pack.services.departments.iter().find(|d| d.id == id);
    found.map(|d| cx.text(&d.title).to_owned()).unwrap_or_default()
}

fn line(cx: &Cx, of: &Matter, row: Option<&MatterRow>, ticked: Option<&[String]>) -> Line {
    let state = row.and_then(|r| r.state);
    let mut about = Vec::new();
    if let Some(row) = row {
        about.extend(row.forwarded_on.map(|d| cx.t1("matters.forwarded_on", cx.date(&d))));
        match (row.ended_on, row.due_on) {
            (Some(day), _) => about.push(cx.t1("matters.ended_on", cx.date(&day))),
            (None, Some(day)) => about.push(cx.t1("matters.due_on", cx.date(&day))),
            (None, None) => {}
        }
    }
    // Where departments go by a list nothing but the tick is needed: it stands there already.
    let before = match state {
        Some(MatterState::Confirmed) => true,
        Some(MatterState::Proposed) => row.is_some_and(|r| !r.asks),
        _ => false,
    };
    Line {
        id: of.id.clone(),
        title: cx.text(&of.title).to_owned(),
        department: department(cx, &of.department),
        tag: state.map(|s| state_tag(cx, s)),
        about,
        answer: row.map(|r| r.answer.clone()).unwrap_or_default(),
        ticked: ticked.map_or(before, |t| t.contains(&of.id)),
    }
}

fn body(
    cx: &Cx,
    side: Side,
    view: &CaseView,
    Matters { rows, may_choose }: &Matters,
    ticked: Option<&[String]>,
    done: bool,
    problems: Problems,
) -> Body {
    let pack = &cx.state.pack;
    let base = pack.services.matters.iter().filter(|m| m.consent == Consent::Application);
    // Several may be tested; the case's own state stands for all of them until one is decided.
    let mine = |m: &Matter| match view.row.programme.as_deref() {
        Some(programme) => m.programmes.iter().any(|p| p == programme),
        None => true,
    };
    let applied = base
        .filter(|m| mine(m))
        .map(|m| Line { tag: Some(desk::look::state(cx, view.row.state)), ..line(cx, m, None, None) });
    let pick = |keep: &dyn Fn(Option<MatterState>) -> bool| -> Vec<Line> {
        let kept = rows.iter().filter(|row| keep(row.state));
        kept.filter_map(|row| {
            let of = pack.services.matters.iter().find(|m| m.id == row.matter)?;
            Some(line(cx, of, Some(row), ticked))
        })
        .collect()
    };
    Body {
        base: side.base(&view.row.case),
        back: format!("/citizen/cases/{}", view.row.case),
        key: one_time_key(),
        applied: applied.collect(),
        under_way: pick(&|s| s.is_some_and(|s| !s.is_open_to_choice())),
        proposed: pick(&|s| matches!(s, Some(MatterState::Proposed | MatterState::Confirmed))),
        others: pick(&|s| matches!(s, None | Some(MatterState::Declined))),
        closed: match view.row.state {
            CaseState::Refused | CaseState::Terminated => Some(cx.t("matters.too_late")),
            _ if view.submitted_on.is_none() => Some(cx.t("matters.too_early")),
            _ if !may_choose => Some(cx.t("matters.not_yours")),
            _ => None,
        },
        done,
        problems,
    }
}

async fn draw(
    cx: &Cx,
    side: Side,
    case: &CaseNo,
    ticked: Option<&[String]>,
    done: bool,
    problems: Problems,
) -> PageResult {
    let acting = side.acting(cx)?;
    let view = tuodi_casework::view(&acting, case, "matters").await?;
    let rows = tuodi_casework::matters::matters_of(&acting, case).await?;
    let wrong = !problems.is_empty();
    let b = body(cx, side, &view, &rows, ticked, done, problems);
    let case = case.as_str();
    match side {
        Side::Citizen if wrong => cx.form_again(&CitizenPage { v: cx, case, b }),
        Side::Citizen => cx.page(&CitizenPage { v: cx, case, b }),
        Side::Desk => {
            let whom = format!("{} · {case}", view.row.applicant);
            let page = DeskPage { v: cx, nav: desk::nav::desk(cx), case, whom, b };
            if wrong { cx.form_again(&page) } else { cx.page(&page) }
        }
    }
}

async fn choose(cx: Cx, side: Side, case: String, typed: Typed) -> PageResult {
    let case = case_of(&case)?;
    let of = |name: &str| -> Vec<String> { typed.iter().filter(|(n, _)| n == name).map(|(_, v)| v.clone()).collect() };
    let (shown, ticked) = (of("shown"), of("matters"));
    let key = typed.iter().find(|(n, _)| n == "key").map_or("", |(_, v)| v.as_str());
    match tuodi_casework::matters::choose_matters(&side.acting(&cx)?, &case, shown, ticked.clone(), key).await {
        Ok(()) => cx.go(format!("{}?done=chosen", side.base(&case))),
        Err(CaseError::Invalid(errors)) => {
            draw(&cx, side, &case, Some(&ticked), false, Problems::from_room(&cx, "matters", &errors)).await
        }
        Err(error) => Err(error.into()),
    }
}
