//! Acts with a page of their own: ask for what is missing, record an objection, send back, end.

use super::{
    acts::{text_of, version_of},
    open,
};
use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting, case_no,
        nav::{self, NavGroup},
        one_time_key,
    },
    form::{Choice, Fields, Problems},
};
use askama::Template;
use axum::{Form, extract::Path};
use tuodi_casework::{CaseError, CaseNo, Objection, Offered, TERMINATION_CODES, papers::Known, words::basis_text};

/// Which of the four; also the last word of its address and of its keys.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Return,
    Objection,
    SendBack,
    Terminate,
}

impl Kind {
    fn address(self) -> &'static str {
        match self {
            Kind::Return => "return",
            Kind::Objection => "objection",
            Kind::SendBack => "send-back",
            Kind::Terminate => "terminate",
        }
    }

    fn id(self) -> &'static str {
        match self {
            Kind::Return => "return",
            Kind::Objection => "objection",
            Kind::SendBack => "send_back",
            Kind::Terminate => "terminate",
        }
    }

    fn offered(self) -> Offered {
        match self {
            Kind::Return => Offered::Return,
            Kind::Objection => Offered::RecordObjection,
            Kind::SendBack => Offered::Decide,
            Kind::Terminate => Offered::Terminate,
        }
    }

    fn basis(self) -> &'static str {
        match self {
            Kind::Return => "DB57 art.10",
            Kind::Objection => "DB57 art.19",
            Kind::SendBack => "DB57 art.20",
            Kind::Terminate => "DB57 art.21",
        }
    }
}

#[derive(Template)]
#[template(path = "desk/act.html")]
struct ActPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    case: &'a str,
    whom: String,
    kind: &'static str,
    address: &'static str,
    title: &'static str,
    lead: &'static str,
    button: &'static str,
    basis: String,
    version: i32,
    key: String,
    /// What may be missing: usual things to tick.
    things: Vec<Choice>,
    how: Vec<Choice>,
    reasons: Vec<Choice>,
    from: String,
    contact: String,
    /// The case's number, as typed to confirm what cannot be undone.
    confirm: String,
    other: String,
    text: String,
    problems: Problems,
}

/// What the window hands to whoever objected.
#[derive(Template)]
#[template(path = "desk/objection_filed.html")]
struct FiledPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    case: &'a str,
    code: String,
    due: Option<String>,
}

const HOW: [&str; 3] = ["written", "oral", "phone"];

pub async fn page_return(cx: Cx, Path(case): Path<String>) -> PageResult {
    show(&cx, &case, Kind::Return, &[], Problems::default()).await
}

pub async fn page_objection(cx: Cx, Path(case): Path<String>) -> PageResult {
    show(&cx, &case, Kind::Objection, &[], Problems::default()).await
}

pub async fn page_send_back(cx: Cx, Path(case): Path<String>) -> PageResult {
    show(&cx, &case, Kind::SendBack, &[], Problems::default()).await
}

pub async fn page_terminate(cx: Cx, Path(case): Path<String>) -> PageResult {
    show(&cx, &case, Kind::Terminate, &[], Problems::default()).await
}

type Typed = Vec<(String, String)>;

fn fields(typed: &[(String, String)]) -> Fields {
    typed.iter().cloned().collect()
}

async fn show(cx: &Cx, case: &str, kind: Kind, typed: &[(String, String)], problems: Problems) -> PageResult {
    let view = open(cx, case).await?;
    let offer = view.offer(kind.offered()).ok_or(WebError::Conflict("common.conflict.stage"))?;
    if let Some(denied) = &offer.denied {
        return Err(denied.clone().into());
    }
    let values = fields(typed);
    let ticked = |name: &str, value: &str| typed.iter().any(|(n, v)| n == name && v == value);
    let choice = |name: &str, value: &str, label: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        hint: String::new(),
        chosen: ticked(name, value),
    };
    let mut things = Vec::new();
    if kind == Kind::Return {
        let papers = tuodi_casework::papers::papers(&acting(cx)?, &view.row.case).await?;
        // What is missing is ticked beforehand; what is known is not there to be asked for.
        for w in papers.wanted.iter().filter(|w| matches!(w.known, Known::Missing | Known::Welcome)) {
            let hint = w.whose.join(if cx.is_zh() { "、" } else { ", " });
            let chosen = if typed.is_empty() { w.known == Known::Missing } else { ticked("missing", &w.id) };
            things.push(Choice { hint, chosen, ..choice("missing", &w.id, cx.text(&w.title)) });
        }
    }
    let citizen = text_of(&values, "reason_code") == "withdrawn";
    let title = |t: &(&str, &'static str, &'static str)| if cx.is_zh() { t.1 } else { t.2 };
    let page = ActPage {
        v: cx,
        nav: nav::desk(cx),
        case: view.row.case.as_str(),
        whom: format!("{} · {}", view.row.applicant, view.row.case),
        kind: kind.id(),
        address: kind.address(),
        title: cx.t_of("desk.form.title", kind.id()),
        lead: cx.t_of("desk.form.lead", kind.id()),
        button: cx.t_of("desk.form.button", kind.id()),
        basis: cx.text(&basis_text(&cx.state.pack, kind.basis())).to_owned(),
        version: view.row.version,
        key: values.get("key").filter(|k| !k.is_empty()).cloned().unwrap_or_else(one_time_key),
        things,
        how: HOW.iter().map(|h| choice("how", h, cx.t_of("desk.objection.how", h))).collect(),
        reasons: TERMINATION_CODES
            .iter()
            .map(|t| Choice {
                chosen: t.0 == "withdrawn" && citizen || ticked("reason_code", t.0),
                ..choice("reason_code", t.0, title(t))
            })
            .collect(),
        from: text_of(&values, "from").to_owned(),
        contact: text_of(&values, "contact").to_owned(),
        confirm: text_of(&values, "confirm_case").to_owned(),
        other: text_of(&values, "other").to_owned(),
        text: text_of(&values, "text").to_owned(),
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

/// On to the case, or the form again with its problems.
async fn answer<T>(cx: &Cx, case: &CaseNo, kind: Kind, typed: &Typed, result: Result<T, CaseError>) -> PageResult {
    match result {
        Ok(_) => cx.go(format!("/desk/cases/{case}?done={}", kind.id())),
        Err(CaseError::Invalid(errors)) => {
            show(cx, case.as_str(), kind, typed, Problems::from_room(cx, "desk", &errors)).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn return_for_more(cx: Cx, Path(case): Path<String>, Form(typed): Form<Typed>) -> PageResult {
    let case = case_no(&case)?;
    let values = fields(&typed);
    let papers: Vec<String> = typed.iter().filter(|(n, _)| n == "missing").map(|(_, v)| v.clone()).collect();
    let other = text_of(&values, "other").lines().map(str::to_owned).collect();
    let (note, key) = (text_of(&values, "text").to_owned(), text_of(&values, "key"));
    let (acting, version) = (acting(&cx)?, version_of(&values));
    let asked = tuodi_casework::return_for_more(&acting, &case, version, &papers, other, note, key).await;
    answer(&cx, &case, Kind::Return, &typed, asked).await
}

pub async fn objection(cx: Cx, Path(case): Path<String>, Form(typed): Form<Typed>) -> PageResult {
    let case = case_no(&case)?;
    let values = fields(&typed);
    let how = text_of(&values, "how");
    let mut problems = Problems::default();
    if !HOW.contains(&how) {
        problems.add("how", cx.t("desk.problem.how_required"));
    }
    if text_of(&values, "text").is_empty() {
        problems.add("text", cx.t("desk.problem.text_required"));
    }
    if !problems.is_empty() {
        return show(&cx, case.as_str(), Kind::Objection, &typed, problems).await;
    }
    let objection = Objection {
        from: text_of(&values, "from").to_owned(),
        text: text_of(&values, "text").to_owned(),
        how: how.to_owned(),
        contact: text_of(&values, "contact").to_owned(),
    };
    let key = text_of(&values, "key");
    let recorded = tuodi_casework::record_objection(&acting(&cx)?, &case, version_of(&values), objection, key).await;
    match recorded {
        // The code is shown and handed over: it stands in no address.
        Ok(filed) => cx.page(&FiledPage {
            v: &cx,
            nav: nav::desk(&cx),
            case: case.as_str(),
            due: filed.due.map(|d| cx.date(&d)),
            code: filed.code,
        }),
        refused => answer(&cx, &case, Kind::Objection, &typed, refused).await,
    }
}

pub async fn send_back(cx: Cx, Path(case): Path<String>, Form(typed): Form<Typed>) -> PageResult {
    let case = case_no(&case)?;
    let values = fields(&typed);
    let (text, key) = (text_of(&values, "text"), text_of(&values, "key"));
    let sent = tuodi_casework::send_back(&acting(&cx)?, &case, version_of(&values), text, key).await;
    answer(&cx, &case, Kind::SendBack, &typed, sent).await
}

pub async fn terminate(cx: Cx, Path(case): Path<String>, Form(typed): Form<Typed>) -> PageResult {
    let case = case_no(&case)?;
    let values = fields(&typed);
    let (code, text, key) = (text_of(&values, "reason_code"), text_of(&values, "text"), text_of(&values, "key"));
    let mut problems = Problems::default();
    if code.is_empty() {
        problems.add("reason_code", cx.t("desk.problem.reason_code_required"));
    }
    // What cannot be undone is confirmed by typing the case's number (ui/brief.md 5.4).
    if text_of(&values, "confirm_case").to_ascii_uppercase() != case.as_str() {
        problems.add("confirm_case", cx.t1("desk.problem.confirm_case", &case));
    }
    if !problems.is_empty() {
        return show(&cx, case.as_str(), Kind::Terminate, &typed, problems).await;
    }
    let ended = tuodi_casework::terminate(&acting(&cx)?, &case, version_of(&values), code, text, key).await;
    answer(&cx, &case, Kind::Terminate, &typed, ended).await
}
