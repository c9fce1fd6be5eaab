//! The household speaks: a complaint, a figure that is wrong, what it thought of a step; and reads the answers.

use crate::{
    Cx, PageResult, View, WebError,
    citizen::{acting, case_no},
    form::{Fields, Problems},
};
use askama::Template;
use axum::{Form, extract::Path};
use tuodi_casework::{CaseError, CaseView, OwnVoice, Said};
use tuodi_pack::{Pack, workflow::Voice};

pub struct Line {
    pub kind: String,
    pub about: String,
    pub text: String,
    pub filed: String,
    pub due: Option<String>,
    pub escalated: bool,
    /// What was found, and the words.
    pub answered: Option<(&'static str, String)>,
}

/// The card of the case's page.
pub struct VoiceCard {
    pub lines: Vec<Line>,
    /// Address, title and hint of each kind that may be said here.
    pub kinds: Vec<(String, String, String)>,
    /// The step that may be rated: id and title.
    pub rate: Option<(&'static str, &'static str)>,
    /// One to five, from the worst.
    pub stars: Vec<(usize, &'static str)>,
    pub key: String,
}

const STARS: [&str; 5] = ["very_bad", "bad", "so_so", "good", "very_good"];

#[derive(Template)]
#[template(path = "citizen/voice.html")]
struct VoicePage<'a> {
    v: &'a View,
    case: &'a str,
    kind: &'a str,
    title: &'a str,
    hint: &'a str,
    days: u32,
    asks_about: bool,
    key: String,
    about: String,
    text: String,
    problems: Problems,
}

fn one_time_key() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// The title of a kind in the reader's language; its id where the pack has it no more.
pub fn title_of<'a>(v: &View, pack: &'a Pack, kind: &'a str) -> &'a str {
    pack.workflow.voices.iter().find(|k| k.id == kind).map_or(kind, |k| k.title.get(v.lang))
}

pub fn line(v: &View, pack: &Pack, voice: &OwnVoice) -> Line {
    let step = voice.about.as_str();
    Line {
        kind: title_of(v, pack, &voice.kind).to_owned(),
        about: crate::words::find(v.lang, &format!("voice.step.{step}")).unwrap_or(step).to_owned(),
        text: voice.text.clone(),
        filed: v.date(&voice.filed_on),
        due: voice.answered.is_none().then(|| v.date(&voice.due_on)),
        escalated: voice.escalated_on.is_some() && voice.answered.is_none(),
        answered: voice.answered.as_ref().map(|(_, found, words)| (v.t_of("voice.found", found), words.clone())),
    }
}

pub fn card(v: &View, pack: &Pack, view: &CaseView) -> VoiceCard {
    let rated = pack.workflow.satisfaction.as_ref().map(|s| s.voice.as_str());
    // What a rating leads to is said by rating.
    let kinds = pack.workflow.voices.iter().filter(|k| rated != Some(k.id.as_str()));
    VoiceCard {
        lines: view.voices.iter().map(|said| line(v, pack, said)).collect(),
        kinds: kinds
            .map(|k| {
                let href = format!("/citizen/cases/{}/voice/{}", view.row.case, k.id);
                (href, v.text(&k.title).to_owned(), v.text(&k.hint).to_owned())
            })
            .collect(),
        rate: view.to_rate.map(|step| (step, v.t_of("voice.step", step))),
        stars: STARS.iter().enumerate().map(|(i, id)| (i + 1, v.t_of("voice.stars", id))).collect(),
        key: one_time_key(),
    }
}

async fn show(cx: &Cx, case: &str, kind: &str, typed: &Fields, problems: Problems) -> PageResult {
    let view = tuodi_casework::view(&acting(cx)?, &case_no(case)?, "own case").await?;
    let rules: &Voice = cx.state.pack.workflow.voices.iter().find(|k| k.id == kind).ok_or(WebError::NotFound)?;
    let value = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let page = VoicePage {
        v: cx,
        case: view.row.case.as_str(),
        kind,
        title: cx.text(&rules.title),
        hint: cx.text(&rules.hint),
        days: rules.limit_days,
        asks_about: rules.of_case,
        key: Some(value("key")).filter(|k| !k.is_empty()).unwrap_or_else(one_time_key),
        about: value("about"),
        text: value("text"),
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn page(cx: Cx, Path((case, kind)): Path<(String, String)>) -> PageResult {
    show(&cx, &case, &kind, &Fields::new(), Problems::default()).await
}

pub async fn say(cx: Cx, Path((case, kind)): Path<(String, String)>, Form(typed): Form<Fields>) -> PageResult {
    let case = case_no(&case)?;
    let value = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let said = Said { text: value("text"), about: value("about"), ..Said::default() };
    match tuodi_casework::speak_of_case(&acting(&cx)?, &kind, &case, said, &value("key")).await {
        Ok(_) => cx.go(format!("/citizen/cases/{case}#voice")),
        Err(CaseError::Invalid(errors)) => {
            show(&cx, case.as_str(), &kind, &typed, Problems::from_room(&cx, "voice", &errors)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// One tap. Back to the case, where the thanks or the day of the answer stand.
pub async fn rate(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let case = case_no(&case)?;
    let value = |name: &str| typed.get(name).map_or("", String::as_str);
    let stars = value("stars").parse().unwrap_or(0);
    let rated = tuodi_casework::rate(&acting(&cx)?, &case, value("step"), stars, value("words"), value("key")).await;
    match rated {
        Ok(_) => cx.go(format!("/citizen/cases/{case}?rated=yes#voice")),
        Err(CaseError::Invalid(_)) => Err(WebError::Conflict("voice.rate.again")),
        Err(error) => Err(error.into()),
    }
}
