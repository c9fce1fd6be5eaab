//! Objecting to a public notice without an account, and reading the answer by its code (DB57 art. 19).
//!
//! For anybody. The code travels in forms and never in an address; nothing of who objects is logged.

use super::pace::Pace;
use crate::{
    Cx, PageResult, View, WebError,
    client::Client,
    form::{Fields, Problems},
    public::notices::{NoticeLine, lines},
};
use askama::Template;
use axum::{Extension, Form, extract::Path};
use tuodi_access::Actor;
use tuodi_casework::{CaseError, Channel, Filed, Followed, Objection, PublicNotice};

/// A field that no person sees: what fills it in is a program.
const TRAP: &str = "website";

#[derive(Template)]
#[template(path = "public/objection.html")]
struct ObjectionPage<'a> {
    v: &'a View,
    n: NoticeLine<'a>,
    key: String,
    from: &'a str,
    contact: &'a str,
    text: &'a str,
    problems: Problems,
}

#[derive(Template)]
#[template(path = "public/objection_filed.html")]
struct FiledPage<'a> {
    v: &'a View,
    code: String,
    due: Option<String>,
    village: &'a str,
}

/// What an answer page says of one objection.
struct Told {
    place: String,
    posted: String,
    filed: String,
    due: Option<String>,
    answered: Option<(String, String)>,
    moot: bool,
}

#[derive(Template)]
#[template(path = "public/objections.html")]
struct AnswerPage<'a> {
    v: &'a View,
    code: &'a str,
    asked: bool,
    told: Option<Told>,
    problems: Problems,
}

pub async fn page(cx: Cx, Path((village, notice)): Path<(String, String)>) -> PageResult {
    let notice = hanging(&cx, &village, &notice).await?;
    show(&cx, notice, &Fields::new(), Problems::default())
}

pub async fn file(
    cx: Cx,
    client: Client,
    Extension(pace): Extension<Pace>,
    Path((village, notice)): Path<(String, String)>,
    Form(typed): Form<Fields>,
) -> PageResult {
    let notice = hanging(&cx, &village, &notice).await?;
    let id = notice.id;
    let value = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let mut problems = Problems::default();
    if !value(TRAP).is_empty() {
        problems.add(TRAP, cx.t("public.problem.trap"));
    }
    let sender = cx.state.store.keys().column("objection.sender").blind(&client.0);
    if !pace.may(sender, id, cx.now) {
        problems.add("text", cx.t1("public.problem.pace", &cx.hotline));
    }
    if !problems.is_empty() {
        return show(&cx, notice, &typed, problems);
    }
    let objection =
        Objection { from: value("from"), text: value("text"), how: String::new(), contact: value("contact") };
    match tuodi_casework::object_online(&passer_by(&cx), id, objection, &value("key")).await {
        Ok(Filed { code, due, .. }) => {
            pace.sent(sender, id, cx.now);
            cx.page(&FiledPage { v: &cx, code, due: due.map(|d| cx.date(&d)), village: &village })
        }
        Err(CaseError::Invalid(errors)) => show(&cx, notice, &typed, Problems::from_room(&cx, "public", &errors)),
        Err(CaseError::NotFound { .. }) => Err(WebError::Conflict("common.conflict.notice_over")),
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
    let told = tuodi_casework::follow(&cx.state.store, &code).await?.map(|f| told(&cx, f));
    cx.page(&AnswerPage { v: &cx, code: &code, asked: true, told, problems: Problems::default() })
}

fn told(cx: &Cx, followed: Followed) -> Told {
    Told {
        place: crate::view::place(&cx.state.pack, &followed.village, cx.lang),
        posted: cx.date(&followed.posted_on),
        filed: cx.date(&followed.filed_on),
        due: followed.due_on.map(|d| cx.date(&d)),
        answered: followed.answered.map(|(day, words)| (cx.date(&day), words)),
        moot: followed.moot,
    }
}

/// The notice of this address, if it hangs; one that is over has nothing to object to.
async fn hanging(cx: &Cx, village: &str, notice: &str) -> Result<PublicNotice, WebError> {
    let notice: i64 = notice.parse().map_err(|_| WebError::NotFound)?;
    let found = tuodi_casework::public_notice(&cx.state.store, &cx.state.pack, notice, cx.today()).await?;
    found.filter(|n| n.village == village).ok_or(WebError::Conflict("common.conflict.notice_over"))
}

fn show(cx: &Cx, notice: PublicNotice, typed: &Fields, problems: Problems) -> PageResult {
    let value = |name: &str| typed.get(name).map_or("", String::as_str);
    let line = lines(cx, &cx.state.pack, vec![notice]).into_iter().next().ok_or(WebError::NotFound)?;
    let key = Some(value("key")).filter(|k| !k.is_empty());
    let page = ObjectionPage {
        v: cx,
        n: line,
        key: key.map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned),
        from: value("from"),
        contact: value("contact"),
        text: value("text"),
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

/// No account: the platform acts for whoever reads.
pub(super) fn passer_by(cx: &Cx) -> tuodi_casework::Cx {
    tuodi_casework::Cx {
        store: cx.state.store.clone(),
        access: cx.state.access.clone(),
        pack: cx.state.pack.clone(),
        actor: Actor::public(),
        channel: Channel::Online,
        now: cx.now,
    }
}
