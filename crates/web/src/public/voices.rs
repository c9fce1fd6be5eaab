//! Complaints and reports from anybody, without an account or a name; the answer is read by the code.
//!
//! The code travels in forms and never in an address; nothing of who speaks is logged.

use super::{objections::passer_by, pace::Pace};
use crate::{
    Cx, PageResult, View,
    citizen::voice::{Line, line},
    client::Client,
    form::{Choice, Fields, Problems},
};
use askama::Template;
use axum::{Extension, Form};
use tuodi_casework::{CaseError, Said};
use tuodi_pack::region::RegionLevel;

/// A field that no person sees: what fills it in is a program.
const TRAP: &str = "website";
/// What the pace of one address is counted under: no notice has this number.
const PACED: i64 = -1;

#[derive(Template)]
#[template(path = "public/voice.html")]
struct VoicePage<'a> {
    v: &'a View,
    kinds: Vec<Choice>,
    regions: Vec<Choice>,
    key: String,
    text: &'a str,
    from: &'a str,
    contact: &'a str,
    problems: Problems,
}

#[derive(Template)]
#[template(path = "public/voice_filed.html")]
struct FiledPage<'a> {
    v: &'a View,
    code: String,
    due: String,
}

#[derive(Template)]
#[template(path = "public/voice_answer.html")]
struct AnswerPage<'a> {
    v: &'a View,
    code: &'a str,
    asked: bool,
    told: Option<Line>,
    problems: Problems,
}

fn show(cx: &Cx, typed: &Fields, problems: Problems) -> PageResult {
    let value = |name: &str| typed.get(name).map_or("", String::as_str);
    let choice = |field: &str, value_: &str, label: &str, hint: &str| Choice {
        value: value_.to_owned(),
        label: label.to_owned(),
        hint: hint.to_owned(),
        chosen: value(field) == value_,
    };
    let pack = &cx.state.pack;
    let mut regions = vec![choice("region", "", cx.t("voice.public.choose"), "")];
    let county = &pack.info.jurisdiction;
    regions.extend(
        (pack.regions.iter())
            .filter(|r| r.level == RegionLevel::Township || r.code == *county)
            .map(|r| choice("region", &r.code, cx.text(&r.name), "")),
    );
    let page = VoicePage {
        v: cx,
        kinds: (pack.workflow.voices.iter().filter(|k| !k.of_case))
            .map(|k| choice("kind", &k.id, cx.text(&k.title), cx.text(&k.hint)))
            .collect(),
        regions,
        key: Some(value("key"))
            .filter(|k| !k.is_empty())
            .map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned),
        text: value("text"),
        from: value("from"),
        contact: value("contact"),
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn page(cx: Cx) -> PageResult {
    show(&cx, &Fields::new(), Problems::default())
}

pub async fn say(cx: Cx, client: Client, Extension(pace): Extension<Pace>, Form(typed): Form<Fields>) -> PageResult {
    let value = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let mut problems = Problems::default();
    if !value(TRAP).is_empty() {
        problems.add(TRAP, cx.t("public.problem.trap"));
    }
    let sender = cx.state.store.keys().column("said.sender").blind(&client.0);
    if !pace.may(sender, PACED, cx.now) {
        problems.add("text", cx.t1("public.problem.pace", &cx.hotline));
    }
    if !cx.state.pack.workflow.voices.iter().any(|k| !k.of_case && k.id == value("kind")) {
        problems.add("kind", cx.t("voice.problem.kind"));
    }
    if value("region").is_empty() {
        problems.add("region", cx.t("voice.problem.region"));
    }
    if value("text").trim().is_empty() {
        problems.add("text", cx.t("voice.problem.text_required"));
    }
    if !problems.is_empty() {
        return show(&cx, &typed, problems);
    }
    let said = Said { text: value("text"), from: value("from"), contact: value("contact"), about: String::new() };
    let heard = tuodi_casework::speak_up(&passer_by(&cx), &value("kind"), &value("region"), said, &value("key")).await;
    match heard {
        Ok(heard) => {
            pace.sent(sender, PACED, cx.now);
            cx.page(&FiledPage { v: &cx, code: heard.code, due: cx.date(&heard.due) })
        }
        Err(CaseError::Invalid(errors)) => show(&cx, &typed, Problems::from_room(&cx, "voice", &errors)),
        Err(error) => Err(error.into()),
    }
}

pub async fn ask(cx: Cx) -> PageResult {
    cx.page(&AnswerPage { v: &cx, code: "", asked: false, told: None, problems: Problems::default() })
}

pub async fn answer(cx: Cx, Form(typed): Form<Fields>) -> PageResult {
    let code: String = typed.get("code").map(|c| c.trim().chars().take(40).collect()).unwrap_or_default();
    if code.is_empty() {
        let mut problems = Problems::default();
        problems.add("code", cx.t("public.problem.code_required"));
        return cx.form_again(&AnswerPage { v: &cx, code: "", asked: false, told: None, problems });
    }
    let told = tuodi_casework::follow_voice(&cx.state.store, &code).await?.map(|f| line(&cx, &cx.state.pack, &f));
    cx.page(&AnswerPage { v: &cx, code: &code, asked: true, told, problems: Problems::default() })
}
