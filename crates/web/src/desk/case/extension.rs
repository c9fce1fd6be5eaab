//! The longer limit of a case: asked for by the officer, signed by the leader, shown on the case, listed.

use super::{
    acts::{text_of, version_of},
    open,
};
use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting, case_no, look,
        nav::{self, NavGroup},
        one_time_key, page_of,
    },
    form::{Choice, Fields, Problems},
};
use askama::{Template, filters::HtmlSafe};
use axum::{
    Form,
    extract::{Path, Query},
};
use std::collections::{BTreeMap, BTreeSet};
use tuodi_casework::{
    CaseError, CaseNo, CaseView, Offered,
    extension::{Answered, Extension, ExtensionRow, extensions, extensions_here, propose_extension, sign_extension},
    words::basis_text,
};
use tuodi_pack::workflow::{Clock, Ground};
use tuodi_store::Page;

#[derive(Template)]
#[template(path = "desk/extension.html")]
struct ExtensionPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    case: &'a str,
    whom: String,
    lead: String,
    now_due: String,
    until: String,
    /// Who asks for what, and why; it is to be signed then, otherwise asked for.
    asked: Option<(String, String)>,
    choices: Vec<Choice>,
    text: String,
    basis: String,
    version: i32,
    key: String,
    problems: Problems,
}

pub struct CardLine {
    pub asked: String,
    pub reason: String,
    pub outcome: look::Tag,
    pub words: String,
}

/// What the case's page shows of it.
#[derive(Template)]
#[template(path = "desk/extension_card.html")]
pub struct ExtensionCard<'a> {
    v: &'a View,
    lines: Vec<CardLine>,
}

impl HtmlSafe for ExtensionCard<'_> {}

struct Line {
    case: String,
    name: String,
    place: String,
    ground: String,
    until: String,
    state: look::Tag,
    outcome: look::Tag,
}

#[derive(Template)]
#[template(path = "desk/extension_list.html")]
struct ExtensionList<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    lines: Vec<Line>,
    page: Page<()>,
}

fn clock<'c>(cx: &'c Cx, view: &CaseView) -> Option<&'c Clock> {
    cx.state.pack.workflow.clock(view.row.programme.as_deref())
}

/// The ground in the pack's words, whichever clock names it: the case may be of another programme by now.
fn ground(cx: &Cx, id: &str) -> String {
    let all = cx.state.pack.workflow.clocks.iter().flat_map(|clock| &clock.grounds);
    let found = all.into_iter().find(|g: &&Ground| g.id == id);
    found.map_or_else(|| id.to_owned(), |g| cx.text(&g.title).to_owned())
}

/// Accounts by name, for those who may see the case.
async fn named(cx: &Cx, all: &[Extension]) -> Result<BTreeMap<String, String>, WebError> {
    let mut names = BTreeMap::new();
    let mut accounts = BTreeSet::new();
    for extension in all {
        accounts.insert(extension.proposed_by.clone());
        accounts.extend(extension.signed_by.clone());
    }
    for account in accounts {
        if let Some(found) = tuodi_access::accounts::find(&cx.state.store, &account).await? {
            names.insert(account, found.name);
        }
    }
    Ok(names)
}

fn outcome(cx: &Cx, names: &BTreeMap<String, String>, extension: &Extension) -> look::Tag {
    let who = extension.signed_by.as_ref().map(|a| names.get(a).unwrap_or(a).clone()).unwrap_or_default();
    let day = extension.signed_on.map(|day| cx.date(&day)).unwrap_or_default();
    match extension.answered {
        Answered::Open => look::Tag::new("warn", "clock", cx.t("extend.open")),
        Answered::Lapsed => look::Tag::new("neutral", "ban", cx.t("extend.lapsed")),
        Answered::Agreed => {
            let text = cx.t3("extend.agreed", day, who, cx.date(&extension.until));
            look::Tag::new("ok", "circle-check", text)
        }
        Answered::Declined => look::Tag::new("neutral", "ban", cx.t2("extend.declined", day, who)),
    }
}

fn asked(cx: &Cx, names: &BTreeMap<String, String>, extension: &Extension) -> String {
    let who = names.get(&extension.proposed_by).unwrap_or(&extension.proposed_by);
    cx.t3("extend.asked", cx.date(&extension.proposed_on), who, ground(cx, &extension.ground))
}

pub async fn card<'a>(cx: &'a Cx, case: &CaseNo) -> Result<Option<ExtensionCard<'a>>, WebError> {
    let all = extensions(&acting(cx)?, case).await?;
    if all.is_empty() {
        return Ok(None);
    }
    let names = named(cx, &all).await?;
    let line = |e: &Extension| CardLine {
        asked: asked(cx, &names, e),
        reason: e.reason.clone(),
        outcome: outcome(cx, &names, e),
        words: e.words.clone(),
    };
    Ok(Some(ExtensionCard { v: cx, lines: all.iter().map(line).collect() }))
}

async fn show(cx: &Cx, case: &str, typed: &Fields, problems: Problems) -> PageResult {
    let view = open(cx, case).await?;
    let signs = view.offer(Offered::SignExtension).is_some();
    let offered = if signs { Offered::SignExtension } else { Offered::Extend };
    let offer = view.offer(offered).ok_or(WebError::Conflict("common.conflict.stage"))?;
    if let Some(denied) = &offer.denied {
        return Err(denied.clone().into());
    }
    let all = extensions(&acting(cx)?, &view.row.case).await?;
    let names = named(cx, &all).await?;
    let waiting = all.iter().find(|e| e.answered == Answered::Open).filter(|_| signs);
    let clock = clock(cx, &view);
    let grounds = clock.map_or(&[][..], |c| c.grounds.as_slice());
    let choices = if signs {
        let chosen = text_of(typed, "agree");
        ["yes", "no"].map(|id| Choice::new(id, cx.t_of("extend.agrees", id), chosen)).into()
    } else {
        let chosen = text_of(typed, "ground");
        grounds.iter().map(|g| Choice::new(&g.id, cx.text(&g.title), chosen)).collect()
    };
    let days = clock.map_or((0, 0), |c| (c.total_days, c.special_days.unwrap_or(c.total_days)));
    let basis = clock.map(|c| cx.text(&basis_text(&cx.state.pack, &c.basis)).to_owned());
    let page = ExtensionPage {
        v: cx,
        nav: nav::desk(cx),
        case: view.row.case.as_str(),
        whom: format!("{} · {}", view.row.applicant, view.row.case),
        lead: cx.t2("extend.lead", days.0, days.1),
        now_due: view.row.total_due.map(|day| cx.t1("extend.now_due", cx.date(&day))).unwrap_or_default(),
        until: waiting.map(|e| cx.t1("extend.until", cx.date(&e.until))).unwrap_or_default(),
        asked: waiting.map(|e| (asked(cx, &names, e), e.reason.clone())),
        choices,
        text: text_of(typed, "text").to_owned(),
        basis: basis.unwrap_or_default(),
        version: view.row.version,
        key: typed.get("key").filter(|k| !k.is_empty()).cloned().unwrap_or_else(one_time_key),
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn page(cx: Cx, Path(case): Path<String>) -> PageResult {
    show(&cx, &case, &Fields::new(), Problems::default()).await
}

async fn answer(cx: &Cx, case: &CaseNo, typed: &Fields, done: &str, result: Result<i32, CaseError>) -> PageResult {
    match result {
        Ok(_) => cx.go(format!("/desk/cases/{case}?done={done}")),
        Err(CaseError::Invalid(errors)) => {
            show(cx, case.as_str(), typed, Problems::from_room(cx, "extend", &errors)).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn propose(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let case = case_no(&case)?;
    let (ground, text) = (text_of(&typed, "ground"), text_of(&typed, "text"));
    let done = propose_extension(&acting(&cx)?, &case, version_of(&typed), ground, text, text_of(&typed, "key")).await;
    answer(&cx, &case, &typed, "extend", done).await
}

pub async fn sign(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let case = case_no(&case)?;
    let agree = match text_of(&typed, "agree") {
        "yes" => true,
        "no" => false,
        _ => {
            let mut problems = Problems::default();
            problems.add("agree", cx.t("extend.problem.agree_choice"));
            return show(&cx, case.as_str(), &typed, problems).await;
        }
    };
    let (text, key) = (text_of(&typed, "text"), text_of(&typed, "key"));
    let done = sign_extension(&acting(&cx)?, &case, version_of(&typed), agree, text, key).await;
    answer(&cx, &case, &typed, if agree { "extended" } else { "not_extended" }, done).await
}

fn line(cx: &Cx, names: &BTreeMap<String, String>, row: &ExtensionRow) -> Line {
    Line {
        case: row.case.case.to_string(),
        name: row.case.applicant.clone(),
        place: cx.text(&row.case.region).to_owned(),
        ground: ground(cx, &row.extension.ground),
        until: cx.date(&row.extension.until),
        state: look::state(cx, row.case.state),
        outcome: outcome(cx, names, &row.extension),
    }
}

pub async fn list(cx: Cx, Query(query): Query<Fields>) -> PageResult {
    let found = extensions_here(&acting(&cx)?, page_of(text_of(&query, "page")), 25).await?;
    let all: Vec<Extension> = found.rows.iter().map(|row| row.extension.clone()).collect();
    let names = named(&cx, &all).await?;
    cx.page(&ExtensionList {
        v: &cx,
        nav: nav::desk(&cx),
        lines: found.rows.iter().map(|row| line(&cx, &names, row)).collect(),
        page: found.map(|_| ()),
    })
}
