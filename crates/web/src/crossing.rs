//! Online ⇄ paper: the application printed as it stands, with blanks for what is missing and a code that brings it back;
//! and the page on which an officer keys what was written.

use crate::{
    AppState, Cx, PageResult, View, WebError,
    citizen::{
        filling::{self, Filling},
        questions::{Question, Step, answers, questions},
    },
    desk::{
        self,
        nav::{self, NavGroup},
        one_time_key,
    },
    form::{Choice, Fields, Problems},
    route::{get, post},
};
use askama::Template;
use axum::{
    Form, Router,
    extract::Path,
    http::{HeaderMap, header},
};
use std::collections::BTreeMap;
use tuodi_casework::{
    CaseError, CaseNo, CaseView,
    crossing::{Choices, Clash, FormCode, Printed, Side, bring_back, compare, print_form, printed_form},
};
use tuodi_pack::PersonId;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Door {
    Citizen,
    Desk,
}

/// A question on paper.
pub struct Row {
    pub label: String,
    /// Empty: a blank to write on.
    pub value: String,
    /// Boxes to tick; those that were are.
    pub boxes: Vec<Choice>,
    pub unit: String,
    pub heading: bool,
}

pub struct Part {
    pub title: &'static str,
    pub rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "crossing/form.html")]
struct PaperPage<'a> {
    v: &'a View,
    case: &'a str,
    back: String,
    applicant: String,
    state: &'static str,
    printed: String,
    due: String,
    parts: Vec<Part>,
    /// Adults and whether they have authorised the check.
    adults: Vec<(String, bool)>,
    /// Documents on file, with the first digits of their digests.
    papers: Vec<String>,
    code: String,
    qr: String,
}

#[derive(Template)]
#[template(path = "crossing/find.html")]
struct FindPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    code: String,
    problems: Problems,
}

pub struct KeyPart {
    pub title: &'static str,
    pub questions: Vec<Question>,
}

/// A field on which somebody must choose.
pub struct Row3 {
    pub label: String,
    pub printed: String,
    pub sides: Vec<Choice>,
    pub choice: String,
    pub why: String,
    pub reason: String,
}

#[derive(Template)]
#[template(path = "crossing/key.html")]
struct KeyPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    case: &'a str,
    whom: String,
    state: &'static str,
    edition: i32,
    code: String,
    key: String,
    parts: Vec<KeyPart>,
    clashes: Vec<Row3>,
    adults: Vec<Choice>,
    problems: Problems,
}

pub fn citizen_routes() -> Router<AppState> {
    Router::new()
        .route("/citizen/cases/{case}/paper-form", post(|cx, case| print(cx, Door::Citizen, case)))
        .route("/citizen/cases/{case}/paper-form/{edition}", get(|cx, at, case| form(cx, at, Door::Citizen, case)))
}

pub fn desk_routes() -> Router<AppState> {
    Router::new()
        .route("/desk/cases/{case}/paper-form", post(|cx, case| print(cx, Door::Desk, case)))
        .route("/desk/cases/{case}/paper-form/{edition}", get(|cx, at, case| form(cx, at, Door::Desk, case)))
        .route("/desk/paper-form", get(find).merge(post(found)))
        .route("/desk/paper-form/{code}", get(key_page).merge(post(key_in)))
}

impl Door {
    fn acting(self, cx: &Cx) -> Result<tuodi_casework::Cx, WebError> {
        match self {
            Door::Citizen => crate::citizen::acting(cx),
            Door::Desk => desk::acting(cx),
        }
    }

    fn case(self, case: &CaseNo) -> String {
        match self {
            Door::Citizen => format!("/citizen/cases/{case}"),
            Door::Desk => format!("/desk/cases/{case}"),
        }
    }
}

fn case_of(text: &str) -> Result<CaseNo, WebError> {
    text.parse().map_err(|_| WebError::NotFound)
}

async fn print(cx: Cx, door: Door, Path(case): Path<String>) -> PageResult {
    let case = case_of(&case)?;
    let edition = print_form(&door.acting(&cx)?, &case, "").await?;
    cx.go(format!("{}/paper-form/{edition}", door.case(&case)))
}

/// The case's form with these answers.
fn filled(view: &CaseView, fields: &Fields) -> Filling {
    let mut filling = filling::of(view);
    for member in &mut filling.members {
        member.here = fields.get(&format!("member.{}", member.id)).is_none_or(|a| a != "elsewhere");
    }
    filling.fields = fields.clone();
    // On paper stands what was typed.
    filling.known.clear();
    filling
}

fn row(v: &View, question: Question) -> Row {
    let blank =
        Row { label: String::new(), value: String::new(), boxes: Vec::new(), unit: String::new(), heading: false };
    match question {
        Question::Heading { text } => Row { label: text, heading: true, ..blank },
        Question::Amount { label, value, unit, unknown, .. } => {
            let boxes = vec![Choice {
                value: String::new(),
                label: v.t("common.form.unknown").to_owned(),
                hint: String::new(),
                chosen: unknown,
            }];
            // What is known needs no box.
            let boxes = if value.is_empty() { boxes } else { Vec::new() };
            Row { label, value, unit, boxes, ..blank }
        }
        Question::Line { label, value, .. } | Question::Area { label, value, .. } => Row { label, value, ..blank },
        Question::Choices { legend, choices, .. } => Row { label: legend, boxes: choices, ..blank },
    }
}

/// Where a telephone that reads the code goes: this site's own address, as the reader's browser knows it.
fn address(tls: bool, headers: &HeaderMap, code: &FormCode) -> String {
    let host = headers.get(header::HOST).and_then(|v| v.to_str().ok());
    let host = host.filter(|h| h.bytes().all(|b| b.is_ascii_alphanumeric() || b".:-[]".contains(&b)));
    let scheme = if tls { "https" } else { "http" };
    format!("{scheme}://{}/desk/paper-form/{code}", host.unwrap_or("localhost"))
}

async fn form(cx: Cx, headers: HeaderMap, door: Door, Path((case, edition)): Path<(String, i32)>) -> PageResult {
    let case = case_of(&case)?;
    let acting = door.acting(&cx)?;
    let printed = printed_form(&acting, &case, edition).await?;
    let view = tuodi_casework::view(&acting, &case, "paper form").await?;
    let papers = tuodi_casework::papers::papers(&acting, &case).await?;
    let filling = filled(&view, &printed.fields);
    let qr =
        fast_qr::QRBuilder::new(address(cx.state.tls, &headers, &printed.code)).build().map_err(WebError::fault)?;
    let part = |step: Step| Part {
        title: cx.t_of("desk.intake.part", step.id()),
        rows: questions(&cx, step, &filling).into_iter().map(|q| row(&cx, q)).collect(),
    };
    let paper = |p: &tuodi_casework::papers::PaperRow| {
        let digest: String = p.sha256.as_deref().unwrap_or(&p.number).chars().take(8).collect();
        format!("{} {digest}", crate::papers::kind_title(&cx, &p.kind))
    };
    cx.page(&PaperPage {
        v: &cx,
        case: case.as_str(),
        back: door.case(&case),
        applicant: view.row.applicant.clone(),
        state: printed.state.title(cx.lang),
        printed: cx.moment(&printed.printed_at),
        due: view.row.total_due.map(|d| cx.full_date(&d)).unwrap_or_default(),
        parts: Step::ALL.into_iter().map(part).collect(),
        adults: filling.adults().map(|m| (m.name.clone(), m.consented)).collect(),
        papers: papers.on_file.iter().map(paper).collect(),
        code: printed.code.to_string(),
        qr: fast_qr::convert::svg::SvgBuilder::default().to_str(&qr),
    })
}

async fn find(cx: Cx) -> PageResult {
    let acting = desk::acting(&cx)?;
    acting.authorise_region(tuodi_access::Act::SearchPeople, "people", "", &acting.actor.region)?;
    cx.page(&FindPage { v: &cx, nav: nav::desk(&cx), code: String::new(), problems: Problems::default() })
}

/// Scanners type the whole address; people the code below it.
fn code_in(text: &str) -> &str {
    text.trim().rsplit('/').next().unwrap_or_default()
}

async fn found(cx: Cx, Form(typed): Form<Fields>) -> PageResult {
    let text = typed.get("code").cloned().unwrap_or_default();
    match compare(&desk::acting(&cx)?, code_in(&text), &Fields::new()).await {
        Ok((form, _)) => cx.go(format!("/desk/paper-form/{}", form.code)),
        Err(CaseError::Invalid(errors)) => {
            let problems = Problems::from_room(&cx, "crossing", &errors);
            cx.form_again(&FindPage { v: &cx, nav: nav::desk(&cx), code: text, problems })
        }
        Err(error) => Err(error.into()),
    }
}

/// The label of a field and its value in words.
fn in_words(v: &View, view: &CaseView, fields: &Fields, field: &str, value: &str) -> (String, String) {
    let mut with = fields.clone();
    with.insert(field.to_owned(), value.to_owned());
    let filling = filled(view, &with);
    let mut of = String::new();
    for question in Step::ALL.into_iter().flat_map(|step| questions(v, step, &filling)) {
        if let Question::Heading { text } = &question {
            of.clone_from(text);
        }
        if question.name() != Some(field) {
            continue;
        }
        let label = match &question {
            Question::Amount { label, .. } if Step::of_field(field) == Some(Step::Income) => format!("{of} · {label}"),
            Question::Amount { label, .. } | Question::Line { label, .. } | Question::Area { label, .. } => {
                label.clone()
            }
            Question::Choices { legend, .. } => legend.clone(),
            Question::Heading { .. } => String::new(),
        };
        return (label, question.in_words(v));
    }
    (field.to_owned(), value.to_owned())
}

fn clash(cx: &Cx, view: &CaseView, printed: &Printed, clash: &Clash, typed: &BTreeMap<String, String>) -> Row3 {
    let (choice, why) = (format!("use.{}", clash.field), format!("why.{}", clash.field));
    let words = |value: &str| {
        let (_, words) = in_words(cx, view, &printed.fields, &clash.field, value);
        if words.is_empty() { cx.t("crossing.empty").to_owned() } else { words }
    };
    let side = |value: &str, key: &str, said: &str| Choice {
        value: value.to_owned(),
        label: cx.t1(key, words(said)),
        hint: String::new(),
        chosen: typed.get(&choice).is_some_and(|t| t == value),
    };
    Row3 {
        label: in_words(cx, view, &printed.fields, &clash.field, &clash.now).0,
        printed: words(&clash.printed),
        sides: vec![side("now", "crossing.use_now", &clash.now), side("paper", "crossing.use_paper", &clash.written)],
        reason: typed.get(&why).cloned().unwrap_or_default(),
        choice,
        why,
    }
}

async fn draw(cx: &Cx, code: &str, written: &Fields, typed: &[(String, String)], problems: Problems) -> PageResult {
    let acting = desk::acting(cx)?;
    let (printed, clashes) = compare(&acting, code, written).await.map_err(|error| match error {
        CaseError::Invalid(_) => WebError::NotFound,
        error => error.into(),
    })?;
    let view = tuodi_casework::view(&acting, &printed.code.case, "paper form").await?;
    let fields = if written.is_empty() { &printed.fields } else { written };
    let filling = filled(&view, fields);
    let all: BTreeMap<String, String> = typed.iter().cloned().collect();
    let signed = |id: PersonId| typed.iter().any(|(n, v)| n == "signed" && *v == id.to_string());
    let adults = filling.adults().filter(|m| !m.consented).map(|m| Choice {
        chosen: signed(m.id),
        value: m.id.to_string(),
        label: m.name.clone(),
        hint: String::new(),
    });
    let page = KeyPage {
        v: cx,
        nav: nav::desk(cx),
        case: printed.code.case.as_str(),
        whom: format!("{} · {}", view.row.applicant, view.row.case),
        state: view.row.state.title(cx.lang),
        edition: printed.code.edition,
        code: printed.code.to_string(),
        key: one_time_key(),
        parts: Step::ALL
            .into_iter()
            .map(|step| KeyPart {
                title: cx.t_of("desk.intake.part", step.id()),
                questions: questions(cx, step, &filling),
            })
            .collect(),
        clashes: clashes.iter().map(|c| clash(cx, &view, &printed, c, &all)).collect(),
        adults: adults.collect(),
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

async fn key_page(cx: Cx, Path(code): Path<String>) -> PageResult {
    draw(&cx, &code, &Fields::new(), &[], Problems::default()).await
}

fn choices(typed: &[(String, String)]) -> Choices {
    let text = |name: &str| typed.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.trim());
    let sides = typed.iter().filter_map(|(name, value)| {
        let side = match value.as_str() {
            "now" => Side::Now,
            "paper" => Side::Paper,
            _ => return None,
        };
        let field = name.strip_prefix("use.")?;
        Some((field.to_owned(), (side, text(&format!("why.{field}")).to_owned())))
    });
    sides.collect()
}

async fn key_in(cx: Cx, Path(code): Path<String>, Form(typed): Form<Vec<(String, String)>>) -> PageResult {
    // What comes on paper is marked so, whoever keys it.
    let acting = tuodi_casework::Cx { channel: tuodi_casework::Channel::Paper, ..desk::acting(&cx)? };
    let (printed, _) = compare(&acting, &code, &Fields::new()).await?;
    let case = printed.code.case.clone();
    let view = tuodi_casework::view(&acting, &case, "paper form").await?;
    let mut filling = filled(&view, &printed.fields);
    let mut written = answers(&questions(&cx, Step::Household, &filling), &typed);
    for member in &mut filling.members {
        member.here = written.get(&format!("member.{}", member.id)).is_none_or(|a| a != "elsewhere");
    }
    for step in Step::ALL.into_iter().skip(1) {
        written.extend(answers(&questions(&cx, step, &filling), &typed));
    }
    let key = typed.iter().find(|(n, _)| n == "key").map_or("", |(_, v)| v.as_str());
    match bring_back(&acting, &code, written.clone(), choices(&typed), key).await {
        Ok(_) => {}
        Err(CaseError::Invalid(errors)) => {
            let mut problems = Problems::default();
            for error in &errors {
                let door = if error.field.starts_with("use.") || error.field.starts_with("why.") {
                    "crossing"
                } else {
                    "citizen"
                };
                problems.0.extend(Problems::from_room(&cx, door, std::slice::from_ref(error)).0);
            }
            return draw(&cx, &code, &written, &typed, problems).await;
        }
        Err(error) => return Err(error.into()),
    }
    for member in view.members.iter().filter(|m| m.is_adult && m.consent.is_none()) {
        let id = member.person.id;
        if typed.iter().any(|(n, v)| n == "signed" && *v == id.to_string()) {
            let form = tuodi_casework::ConsentForm {
                person: id,
                name: member.person.name.clone(),
                mark: tuodi_casework::Mark::Paper,
                evidence: None,
            };
            tuodi_casework::give_consent(&acting, &case, form).await?;
        }
    }
    cx.go(format!("/desk/cases/{case}?done=bring_back"))
}
