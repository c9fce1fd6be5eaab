//! What people say and this desk answers: township leader and district officer at the desk, data steward at the bureau.

use crate::{
    Cx, PageResult, View, WebError, bureau,
    citizen::voice::title_of,
    desk::{
        look::Tag,
        nav::{self, NavGroup},
        one_time_key, page_of,
    },
    door::Door,
    form::{Choice, Fields, Problems},
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query},
};
use tuodi_casework::{CaseError, VoiceAnswer, VoiceRow, VoiceView};
use tuodi_store::Page;

pub struct Line {
    pub href: String,
    pub kind: String,
    pub place: String,
    pub filed: String,
    pub due: Tag,
    pub case: String,
    pub escalated: bool,
}

/// What both pages hold besides their door's frame.
pub struct List {
    home: String,
    answered: bool,
    lines: Vec<Line>,
    page: Page<()>,
    done: bool,
}

pub struct One {
    home: String,
    line: Line,
    channel: &'static str,
    from: String,
    contact: String,
    about: String,
    text: String,
    /// What was found and the answer, where there is one.
    answered: Option<(&'static str, String)>,
    found: Vec<Choice>,
    answer: String,
    key: String,
}

#[derive(Template)]
#[template(path = "desk/voices.html")]
struct DeskList<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    l: List,
}

#[derive(Template)]
#[template(path = "bureau/voices.html")]
struct BureauList<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    l: List,
}

#[derive(Template)]
#[template(path = "desk/voice.html")]
struct DeskOne<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    o: One,
    problems: Problems,
}

#[derive(Template)]
#[template(path = "bureau/voice.html")]
struct BureauOne<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    o: One,
    problems: Problems,
}

const FOUND: [&str; 3] = ["upheld", "partly", "not"];

/// By which door this page was reached.
fn door(cx: &Cx) -> Door {
    if cx.path.starts_with("/bureau") { Door::Bureau } else { Door::Desk }
}

fn acting(cx: &Cx) -> Result<tuodi_casework::Cx, WebError> {
    if door(cx) == Door::Bureau { bureau::acting(cx) } else { super::acting(cx) }
}

fn line(cx: &Cx, row: &VoiceRow) -> Line {
    let due = match (row.answered_on, row.late) {
        (Some(day), _) => Tag::new("ok", "circle-check", cx.date(&day)),
        (None, true) => Tag::new("bad", "alert-triangle", cx.date(&row.due_on)),
        (None, false) => Tag::new("neutral", "clock", cx.date(&row.due_on)),
    };
    Line {
        href: format!("{}/voices/{}", door(cx).path(), row.id),
        kind: title_of(cx, &cx.state.pack, &row.kind).to_owned(),
        place: cx.text(&row.region).to_owned(),
        filed: cx.date(&row.filed_on),
        due,
        case: row.case.as_ref().map(ToString::to_string).unwrap_or_default(),
        escalated: row.escalated_on.is_some(),
    }
}

pub async fn list(cx: Cx, Query(asked): Query<Fields>) -> PageResult {
    let value = |name: &str| asked.get(name).map_or("", String::as_str);
    let answered = value("answered") == "1";
    let found = tuodi_casework::voices(&acting(&cx)?, answered, page_of(value("page"))).await?;
    let l = List {
        home: format!("{}/voices", door(&cx).path()),
        answered,
        lines: found.rows.iter().map(|row| line(&cx, row)).collect(),
        page: found.map(|_| ()),
        done: value("done") == "answered",
    };
    match door(&cx) {
        Door::Bureau => cx.page(&BureauList { v: &cx, nav: bureau::nav(&cx), l }),
        _ => cx.page(&DeskList { v: &cx, nav: nav::desk(&cx), l }),
    }
}

fn id_of(id: &str) -> Result<i64, WebError> {
    id.parse().map_err(|_| WebError::NotFound)
}

fn draw(cx: &Cx, voice: VoiceView, typed: &Fields, problems: Problems) -> PageResult {
    let value = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let choice = |id: &&str| Choice {
        value: (*id).to_owned(),
        label: cx.t_of("voice.found", id).to_owned(),
        hint: String::new(),
        chosen: value("found") == **id,
    };
    let about = voice.said.about.clone();
    let o = One {
        home: format!("{}/voices", door(cx).path()),
        line: line(cx, &voice.row),
        channel: voice.channel.title(cx.lang),
        from: voice.said.from,
        contact: voice.said.contact,
        about: crate::words::find(cx.lang, &format!("voice.step.{about}")).map_or(about, str::to_owned),
        text: voice.said.text,
        answered: voice.answer.map(|words| (cx.t_of("voice.found", voice.found.as_deref().unwrap_or("not")), words)),
        found: FOUND.iter().map(choice).collect(),
        answer: value("text"),
        key: Some(value("key")).filter(|k| !k.is_empty()).unwrap_or_else(one_time_key),
    };
    let status =
        if problems.is_empty() { axum::http::StatusCode::OK } else { axum::http::StatusCode::UNPROCESSABLE_ENTITY };
    match door(cx) {
        Door::Bureau => cx.page_as(status, &BureauOne { v: cx, nav: bureau::nav(cx), o, problems }),
        _ => cx.page_as(status, &DeskOne { v: cx, nav: nav::desk(cx), o, problems }),
    }
}

pub async fn page(cx: Cx, Path(id): Path<String>) -> PageResult {
    let voice = tuodi_casework::voice(&acting(&cx)?, id_of(&id)?).await?;
    draw(&cx, voice, &Fields::new(), Problems::default())
}

pub async fn answer(cx: Cx, Path(id): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let id = id_of(&id)?;
    let value = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let said = VoiceAnswer { found: value("found"), text: value("text") };
    match tuodi_casework::answer_voice(&acting(&cx)?, id, said, &value("key")).await {
        Ok(()) => cx.go(format!("{}/voices?done=answered", door(&cx).path())),
        Err(CaseError::Invalid(errors)) => {
            let voice = tuodi_casework::voice(&acting(&cx)?, id).await?;
            draw(&cx, voice, &typed, Problems::from_room(&cx, "voice", &errors))
        }
        Err(error) => Err(error.into()),
    }
}
