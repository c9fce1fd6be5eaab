//! The appraisal of a case by the neighbourhood: called, its sheet printed, its minutes typed, and what the case's page shows.

use super::{
    acts::{text_of, version_of},
    open,
};
use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting, case_no, look,
        nav::{self, NavGroup},
        one_time_key,
    },
    form::{self, Fields, Problems},
    upload::{self, Sent},
};
use askama::{Template, filters::HtmlSafe};
use axum::{
    Form,
    extract::{Multipart, Path},
    http::{HeaderValue, header},
};
use tuodi_casework::{
    CaseError, CaseNo, Evidence, FieldError, Offered,
    appraisal::{
        Appraisal, Calling, Came, Held, Member, Votes, appraisal_sheet, appraisals, call_appraisal, call_off,
        record_appraisal,
    },
    words::basis_text,
};
use tuodi_pack::appraisal::Appraisals;

pub struct CardLine {
    pub id: i64,
    /// When and where it meets.
    pub when: String,
    pub points: String,
    pub came: look::Tag,
    pub votes: Option<String>,
    pub members: String,
    pub text: String,
    pub sheet: bool,
    /// Called and not held yet: its sheet can be printed.
    pub ahead: bool,
}

/// What the case's page shows of them.
#[derive(Template)]
#[template(path = "desk/appraisal_card.html")]
pub struct AppraisalCard<'a> {
    v: &'a View,
    case: String,
    lines: Vec<CardLine>,
}

impl HtmlSafe for AppraisalCard<'_> {}

/// Names of one side, as typed.
struct SideField {
    id: String,
    title: String,
    names: String,
}

struct VoteField {
    id: &'static str,
    label: &'static str,
    count: String,
}

#[derive(Template)]
#[template(path = "desk/appraisal.html")]
struct AppraisalPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    case: &'a str,
    whom: String,
    /// The meeting that is called; none while it is only to be called.
    called: Option<CardLine>,
    rules: String,
    sides: Vec<SideField>,
    votes: Vec<VoteField>,
    held_on: String,
    text: String,
    reason: String,
    meets_on: String,
    place: String,
    points: String,
    basis: String,
    version: i32,
    key: String,
    off_key: String,
    problems: Problems,
}

/// The sheet that is signed at the meeting.
#[derive(Template)]
#[template(path = "desk/appraisal_sheet.html")]
struct Sheet<'a> {
    v: &'a View,
    case: &'a str,
    who: String,
    village: String,
    when: String,
    points: String,
    sides: Vec<String>,
    rows: u32,
    basis: String,
}

fn line(cx: &Cx, rules: Option<&Appraisals>, one: &Appraisal) -> CardLine {
    let came = match one.came {
        None => look::Tag::new("info", "clock", cx.t("appraisal.came.ahead")),
        Some(came) => {
            let (kind, icon) = match came {
                Came::True => ("ok", "circle-check"),
                Came::Untrue => ("warn", "alert-triangle"),
                Came::Unclear => ("hold", "help-circle"),
                Came::CalledOff => ("neutral", "info-circle"),
            };
            look::Tag::new(kind, icon, cx.t_of("appraisal.came", came.id()))
        }
    };
    let name = |m: &Member| {
        let side = rules.and_then(|r| r.side(&m.side)).map_or("", |side| cx.text(&side.title));
        if side.is_empty() { m.name.clone() } else { cx.t2("appraisal.member", &m.name, side) }
    };
    let votes = one.votes;
    let held = one.held_on.map(|day| {
        let counts = cx.t3("appraisal.counts", votes.holds, votes.untrue, votes.unsure);
        cx.t2("appraisal.held", cx.date(&day), counts)
    });
    CardLine {
        id: one.id,
        when: cx.t2("appraisal.called", cx.date(&one.meets_on), &one.place),
        points: one.points.clone(),
        came,
        votes: held,
        members: one.members.iter().map(name).collect::<Vec<_>>().join(cx.t("desk.comma")),
        text: one.text.clone(),
        sheet: one.has_sheet,
        ahead: one.came.is_none(),
    }
}

pub async fn card<'a>(cx: &'a Cx, case: &CaseNo) -> Result<Option<AppraisalCard<'a>>, WebError> {
    let all = appraisals(&acting(cx)?, case).await?;
    let rules = cx.state.pack.workflow.appraisal.as_ref();
    let lines: Vec<CardLine> = all.iter().map(|one| line(cx, rules, one)).collect();
    Ok((!lines.is_empty()).then(|| AppraisalCard { v: cx, case: case.to_string(), lines }))
}

async fn show(cx: &Cx, case: &str, typed: &Fields, problems: Problems) -> PageResult {
    let view = open(cx, case).await?;
    let rules = cx.state.pack.workflow.appraisal.as_ref().ok_or(WebError::NotFound)?;
    let holds = view.offer(Offered::Appraise).is_some();
    let offered = if holds { Offered::Appraise } else { Offered::CallAppraisal };
    let offer = view.offer(offered).ok_or(WebError::Conflict("common.conflict.stage"))?;
    if let Some(denied) = &offer.denied {
        return Err(denied.clone().into());
    }
    let typed_of = |name: &str| text_of(typed, name).to_owned();
    let ahead = appraisals(&acting(cx)?, &view.row.case).await?.into_iter().find(|one| one.came.is_none());
    let side = |side: &tuodi_pack::appraisal::Side| SideField {
        names: typed_of(&format!("members_{}", side.id)),
        title: cx.text(&side.title).to_owned(),
        id: side.id.clone(),
    };
    let vote = |id: &'static str| VoteField { id, label: cx.t_of("appraisal.vote", id), count: typed_of(id) };
    let page = AppraisalPage {
        v: cx,
        nav: nav::desk(cx),
        case: view.row.case.as_str(),
        whom: format!("{} · {}", view.row.applicant, view.row.case),
        called: ahead.filter(|_| holds).map(|one| line(cx, Some(rules), &one)),
        rules: cx.t2("appraisal.rules", rules.members, rules.residents_permille.div_ceil(10)),
        sides: rules.sides.iter().map(side).collect(),
        votes: VOTES.map(vote).into(),
        held_on: typed_of("held_on"),
        text: typed_of("text"),
        reason: typed_of("reason"),
        meets_on: typed_of("meets_on"),
        place: typed_of("place"),
        points: typed_of("points"),
        basis: cx.text(&basis_text(&cx.state.pack, &rules.basis)).to_owned(),
        version: view.row.version,
        key: typed.get("key").filter(|k| !k.is_empty()).cloned().unwrap_or_else(one_time_key),
        off_key: one_time_key(),
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

const VOTES: [&str; 3] = ["holds", "untrue", "unsure"];

pub async fn page(cx: Cx, Path(case): Path<String>) -> PageResult {
    show(&cx, &case, &Fields::new(), Problems::default()).await
}

async fn answer(cx: &Cx, case: &CaseNo, typed: &Fields, done: &str, result: Result<i32, CaseError>) -> PageResult {
    match result {
        Ok(_) => cx.go(format!("/desk/cases/{case}?done={done}")),
        Err(CaseError::Invalid(errors)) => {
            show(cx, case.as_str(), typed, Problems::from_room(cx, "appraisal", &errors)).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn call(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let case = case_no(&case)?;
    let calling = Calling {
        meets_on: form::date(text_of(&typed, "meets_on")),
        place: text_of(&typed, "place").to_owned(),
        points: text_of(&typed, "points").to_owned(),
    };
    let done = call_appraisal(&acting(&cx)?, &case, version_of(&typed), calling, text_of(&typed, "key")).await;
    answer(&cx, &case, &typed, "call_appraisal", done).await
}

pub async fn off(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let case = case_no(&case)?;
    let (reason, key) = (text_of(&typed, "reason"), text_of(&typed, "key"));
    let done = call_off(&acting(&cx)?, &case, version_of(&typed), reason, key).await;
    answer(&cx, &case, &typed, "call_off", done).await
}

/// The counts as typed; an empty one is nought. `None` where one is no number.
fn votes(typed: &Fields) -> Option<Votes> {
    let count = |name: &str| match form::plain_digits(text_of(typed, name)).as_str() {
        "" => Some(0),
        digits => digits.parse::<u32>().ok(),
    };
    Some(Votes { holds: count("holds")?, untrue: count("untrue")?, unsure: count("unsure")? })
}

/// One name a line, also with commas between.
fn members(rules: &Appraisals, typed: &Fields) -> Vec<Member> {
    let of = |side: &tuodi_pack::appraisal::Side| {
        let names = text_of(typed, &format!("members_{}", side.id)).to_owned();
        let names: Vec<String> = names.split(['\n', '，', ',', '、']).map(str::to_owned).collect();
        names.into_iter().map(|name| Member { name, side: side.id.clone() }).collect::<Vec<_>>()
    };
    rules.sides.iter().flat_map(of).collect()
}

pub async fn minutes(cx: Cx, Path(case): Path<String>, form: Multipart) -> PageResult {
    let case = case_no(&case)?;
    let (typed, sent) = upload::in_memory(form, "sheet", Evidence::MOST_BYTES).await?;
    let rules = cx.state.pack.workflow.appraisal.as_ref().ok_or(WebError::NotFound)?;
    let sheet = match sent {
        Sent::Nothing => Ok(None),
        Sent::TooLarge => Err("error.file_size"),
        Sent::File(bytes) => Evidence::new(bytes).map(Some).map_err(|problem| problem.key),
    };
    let done = match sheet {
        Err(key) => Err(CaseError::Invalid(vec![FieldError::new("sheet", key)])),
        Ok(sheet) => {
            let held = Held {
                held_on: form::date(text_of(&typed, "held_on")),
                members: members(rules, &typed),
                // What is no number cannot be as many as sat there, and is told as that.
                votes: votes(&typed).unwrap_or_default(),
                text: text_of(&typed, "text").to_owned(),
                sheet,
            };
            record_appraisal(&acting(&cx)?, &case, version_of(&typed), held, text_of(&typed, "key")).await
        }
    };
    answer(&cx, &case, &typed, "appraise", done).await
}

/// Blank, to be filled in and signed by hand.
pub async fn sheet(cx: Cx, Path((case, id)): Path<(String, i64)>) -> PageResult {
    let view = open(&cx, &case).await?;
    let rules = cx.state.pack.workflow.appraisal.as_ref().ok_or(WebError::NotFound)?;
    let all = appraisals(&acting(&cx)?, &view.row.case).await?;
    let one = all.into_iter().find(|one| one.id == id).ok_or(WebError::NotFound)?;
    cx.page(&Sheet {
        v: &cx,
        case: view.row.case.as_str(),
        who: cx.t2("appraisal.sheet.who", &view.row.applicant, view.row.members),
        village: cx.text(&view.row.region).to_owned(),
        when: cx.t2("appraisal.called", cx.date(&one.meets_on), &one.place),
        points: one.points,
        sides: rules.sides.iter().map(|side| cx.text(&side.title).to_owned()).collect(),
        rows: rules.members.max(ROWS),
        basis: cx.text(&basis_text(&cx.state.pack, &rules.basis)).to_owned(),
    })
}

/// Lines to sign on: a page full.
const ROWS: u32 = 12;

pub async fn signed(cx: Cx, Path((case, id)): Path<(String, i64)>) -> PageResult {
    let evidence = appraisal_sheet(&acting(&cx)?, &case_no(&case)?, id).await?;
    let kind = HeaderValue::from_static(evidence.mime());
    let mut response = cx.file("appraisal", evidence.mime(), evidence.into_bytes())?;
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}
