//! One case, in the fixed order: who and what, tags, stages, differences, rules, household, timeline; what to do now
//! stays in view beside it.

pub mod action;
pub mod acts;
mod appeal;
mod appraisal;
pub mod confirm;
mod course;
mod differences;
mod extension;
mod forms;
pub mod kin;
mod mandate;
pub mod people;
mod reveal;
pub mod rules;
mod special;

use crate::{
    AppState, Cx, PageResult, View, WebError, assess,
    citizen::filling,
    desk::{
        PURPOSE, acting, case_no,
        look::{self, Dot, Tag},
        nav::{self, NavGroup},
        visit, visit_signs, work,
    },
    disputes::{self, Card},
    elsewhere::{Elsewhere, elsewhere},
    form::{Fields, Problems},
    known::{self, KnownLine},
    letter::LetterPage,
    rests::Feeds,
    route::{get, post},
    url,
};
use askama::Template;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Path, Query},
};
use serde::Deserialize;
use std::collections::BTreeMap;
use tuodi_casework::CaseView;
use tuodi_pack::PersonId;
use tuodi_registry::Person;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/desk/cases/{case}", get(page))
        .route("/desk/cases/{case}/rules", get(rules_page))
        .route("/desk/cases/{case}/notices/{number}", get(notice))
        .route("/desk/cases/{case}/take", post(acts::take))
        .route("/desk/cases/{case}/accept", post(acts::accept))
        .route("/desk/cases/{case}/check", post(acts::check))
        .route("/desk/cases/{case}/differences/{id}", post(acts::difference))
        .route("/desk/cases/{case}/opinion", post(acts::opinion))
        .route("/desk/cases/{case}/sign", post(acts::sign))
        .route("/desk/cases/{case}/end-publicity", post(acts::end_publicity))
        .route("/desk/cases/{case}/resolve-objection", post(acts::resolve_objection))
        .route("/desk/cases/{case}/decide", post(acts::decide))
        .route("/desk/cases/{case}/reveal", get(reveal::page).merge(post(reveal::show)))
        .route("/desk/cases/{case}/visit", get(visit::page).merge(post(visit::save)).layer(DefaultBodyLimit::disable()))
        .route("/desk/cases/{case}/visits/{visit}/signatures/{place}", get(visit_signs::open))
        .route("/desk/cases/{case}/return", get(forms::page_return).merge(post(forms::return_for_more)))
        .route("/desk/cases/{case}/objection", get(forms::page_objection).merge(post(forms::objection)))
        .route("/desk/cases/{case}/kin", get(kin::page).merge(post(kin::declare)))
        .route("/desk/kin", get(kin::list))
        .route("/desk/kin/export", post(kin::export))
        .route(
            "/desk/cases/{case}/mandate",
            get(mandate::page).merge(post(mandate::give)).layer(DefaultBodyLimit::disable()),
        )
        .route("/desk/cases/{case}/mandate/end", post(mandate::end))
        .route("/desk/cases/{case}/mandates/{id}", get(mandate::form))
        .route("/desk/cases/{case}/extension", get(extension::page))
        .route("/desk/cases/{case}/extend", post(extension::propose))
        .route("/desk/cases/{case}/sign-extension", post(extension::sign))
        .route("/desk/extensions", get(extension::list))
        .route("/desk/cases/{case}/appraisal", get(appraisal::page))
        .route("/desk/cases/{case}/appraisal/call", post(appraisal::call))
        .route("/desk/cases/{case}/appraisal/off", post(appraisal::off))
        .route("/desk/cases/{case}/appraisal/minutes", post(appraisal::minutes).layer(DefaultBodyLimit::disable()))
        .route("/desk/cases/{case}/appraisals/{id}/sheet", get(appraisal::sheet))
        .route("/desk/cases/{case}/appraisals/{id}/signed", get(appraisal::signed))
        .route("/desk/cases/{case}/special", get(special::page))
        .route("/desk/cases/{case}/convene", post(special::put_before))
        .route("/desk/cases/{case}/minutes", post(special::minutes))
        .route("/desk/cases/{case}/send-back", get(forms::page_send_back).merge(post(forms::send_back)))
        .route("/desk/cases/{case}/appeal", get(appeal::page).merge(post(appeal::file)))
        .route("/desk/cases/{case}/answer-appeal", get(appeal::answer_page).merge(post(appeal::answer)))
        .route("/desk/cases/{case}/terminate", get(forms::page_terminate).merge(post(forms::terminate)))
}

#[derive(Deserialize)]
pub struct After {
    /// The act that was just done, for one line of confirmation.
    #[serde(default)]
    done: String,
}

pub struct Letter {
    pub title: &'static str,
    pub number: String,
    pub day: String,
    pub href: String,
}

#[derive(Template)]
#[template(path = "desk/case.html")]
pub struct CasePage<'a> {
    pub v: &'a View,
    pub nav: Vec<NavGroup>,
    pub case: &'a str,
    pub version: i32,
    pub name: String,
    pub what: String,
    pub tags: Vec<Tag>,
    pub stages: Vec<Dot>,
    pub done: Option<&'static str>,
    pub full: bool,
    pub check: Option<differences::CheckCard>,
    /// Where sources contradict each other, as the last check found it.
    pub conflicts: Option<Card>,
    pub rules: Option<rules::RulesCard>,
    pub course: Option<course::CourseCard>,
    pub visit: Option<people::VisitCard>,
    pub objections: Vec<people::ObjectionCard>,
    pub appeals: Vec<appeal::AppealCard>,
    /// Through whose hands it went, and what was said of its delays.
    pub work: Option<work::WorkCard>,
    pub kin: Option<kin::KinCard>,
    pub assessments: Option<assess::DueCard>,
    pub special: Vec<special::SpecialCard>,
    pub appraisal: Option<appraisal::AppraisalCard<'a>>,
    pub extension: Option<extension::ExtensionCard<'a>>,
    pub mandate: Option<mandate::MandateCard>,
    /// What was on file when the application was sent, beside what it says.
    pub known: Vec<KnownLine>,
    pub members: Vec<people::MemberLine>,
    pub elsewhere: Vec<Elsewhere>,
    pub events: Vec<people::EventLine>,
    pub letters: Vec<Letter>,
    pub act: action::ActionBox,
    pub problems: Problems,
}

#[derive(Template)]
#[template(path = "desk/rules.html")]
struct RulesPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    case: &'a str,
    name: String,
    rules: rules::RulesCard,
    /// One programme with the rows under it, where one is asked for.
    detail: Option<rules::ProgrammeDetail>,
}

#[derive(Deserialize)]
pub struct Which {
    #[serde(default)]
    programme: String,
}

pub async fn page(cx: Cx, Path(case): Path<String>, Query(after): Query<After>) -> PageResult {
    let view = open(&cx, &case).await?;
    let names = account_names(&cx, &view).await?;
    let mut page = whole(&cx, &view, &names, &Fields::new(), Problems::default()).await?;
    page.done = crate::words::find(cx.lang, &format!("desk.done.{}", after.done));
    cx.page(&page)
}

pub async fn rules_page(cx: Cx, Path(case): Path<String>, Query(which): Query<Which>) -> PageResult {
    let view = open(&cx, &case).await?;
    let card = view.verification.as_ref().ok_or(WebError::Conflict("common.conflict.no_check"))?;
    let people = people::names(&view.members);
    let pack = &cx.state.pack;
    let detail = match which.programme.as_str() {
        "" => None,
        id => Some(rules::detail(&cx, pack, &card.result, &people, id).ok_or(WebError::NotFound)?),
    };
    let mut rules =
        Some(rules::card(&cx, pack, &card.result, &people, &format!("/desk/cases/{}/rules", view.row.case)));
    mark(&cx, &view, &mut rules).await?;
    let Some(rules) = rules else { return Err(WebError::NotFound) };
    cx.page(&RulesPage {
        v: &cx,
        nav: nav::desk(&cx),
        case: view.row.case.as_str(),
        name: view.row.applicant.clone(),
        rules,
        detail,
    })
}

pub async fn notice(cx: Cx, Path((case, number)): Path<(String, String)>) -> PageResult {
    let case = case_no(&case)?;
    if number.len() > 120 {
        return Err(WebError::NotFound);
    }
    let notice = tuodi_casework::notice(&acting(&cx)?, &case, &number).await?;
    cx.page(&LetterPage::new(&cx, &notice, format!("/desk/cases/{case}")))
}

pub async fn open(cx: &Cx, case: &str) -> Result<CaseView, WebError> {
    Ok(tuodi_casework::view(&acting(cx)?, &case_no(case)?, PURPOSE).await?)
}

/// The same page with what was typed and what is wrong with it.
pub async fn again(cx: &Cx, case: &str, typed: &Fields, problems: Problems) -> PageResult {
    let view = open(cx, case).await?;
    let names = account_names(cx, &view).await?;
    let page = whole(cx, &view, &names, typed, problems).await?;
    cx.form_again(&page)
}

/// The page with all its cards.
async fn whole<'a>(
    cx: &'a Cx,
    view: &'a CaseView,
    names: &BTreeMap<String, String>,
    typed: &Fields,
    problems: Problems,
) -> Result<CasePage<'a>, WebError> {
    let case = &view.row.case;
    let mut page = draw(cx, view, names, typed, problems);
    mark(cx, view, &mut page.rules).await?;
    page.elsewhere = homes(cx, view).await?;
    page.conflicts = conflicts(cx, view).await?;
    page.work = work::card(cx, case).await?;
    page.kin = kin::card(cx, case).await?;
    page.assessments = assess::card(cx, case).await?;
    page.special = special::cards(cx, case).await?;
    page.appraisal = appraisal::card(cx, case).await?;
    page.extension = extension::card(cx, case).await?;
    page.mandate = mandate::card(cx, view).await?;
    Ok(page)
}

async fn conflicts(cx: &Cx, view: &CaseView) -> Result<Option<Card>, WebError> {
    let Some(check) = &view.verification else { return Ok(None) };
    let people = people::names(&view.members);
    let region = view.row.region_code.as_str();
    disputes::card(cx, &acting(cx)?, view.household, region, &check.result, &people).await
}

/// Says of a finding what was wrong with the feeds behind it when it was made.
async fn mark(cx: &Cx, view: &CaseView, rules: &mut Option<rules::RulesCard>) -> Result<(), WebError> {
    if let (Some(rules), Some(check)) = (rules, &view.verification) {
        rules.marks = Feeds::load(cx).await?.of_result(cx, &cx.state.pack, &check.result, check.run_at);
    }
    Ok(())
}

async fn homes(cx: &Cx, view: &CaseView) -> Result<Vec<Elsewhere>, WebError> {
    let people: Vec<Person> = view.members.iter().map(|member| member.person.clone()).collect();
    elsewhere(cx, &people, view.household, "/desk/households").await
}

/// Names of the colleagues who acted, by account.
pub async fn account_names(cx: &Cx, view: &CaseView) -> Result<BTreeMap<String, String>, WebError> {
    let mut accounts: Vec<&str> = view.timeline.iter().map(|e| e.actor.as_str()).collect();
    accounts.extend(view.row.assignee.as_deref());
    accounts.extend(view.opinions.iter().flat_map(|o| [Some(o.given_by.as_str()), o.signed_by.as_deref()]).flatten());
    accounts.sort_unstable();
    accounts.dedup();
    // What the platform did by itself has no account.
    let system = tuodi_access::Actor::system().account;
    let mut names = BTreeMap::from([(system.clone(), cx.t("course.card.by").to_owned())]);
    for account in accounts.into_iter().filter(|account| *account != system) {
        if let Some(found) = tuodi_access::accounts::find(&cx.state.store, account).await? {
            names.insert(account.to_owned(), found.name);
        }
    }
    Ok(names)
}

fn draw<'a>(
    cx: &'a Cx,
    view: &'a CaseView,
    names: &BTreeMap<String, String>,
    typed: &Fields,
    problems: Problems,
) -> CasePage<'a> {
    let pack = &cx.state.pack;
    let row = &view.row;
    let people: BTreeMap<PersonId, String> = people::names(&view.members);
    let programme = row.programme.as_deref().filter(|p| *p != "none").map(|p| look::tier(cx, pack, p));
    let what = [
        programme.unwrap_or_else(|| cx.t("desk.case.application").to_owned()),
        cx.tn("desk.case.members", row.members),
        cx.text(&row.region).to_owned(),
        row.channel.title(cx.lang).to_owned(),
    ];
    let letter = |n: &tuodi_casework::NoticeRow| Letter {
        title: n.kind.title(cx.lang),
        number: n.number.clone(),
        day: cx.date(&n.issued_on),
        href: format!("/desk/cases/{}/notices/{}", row.case, url::escape(&n.number)),
    };
    CasePage {
        v: cx,
        nav: nav::desk(cx),
        case: row.case.as_str(),
        version: row.version,
        name: row.applicant.clone(),
        what: what.join(" · "),
        tags: tags(cx, view),
        stages: look::stages(cx, &view.stages),
        done: None,
        full: view.full,
        conflicts: None,
        check: view.verification.as_ref().map(|c| differences::card(cx, view, c, &people, typed)),
        rules: view
            .verification
            .as_ref()
            .map(|c| rules::card(cx, pack, &c.result, &people, &format!("/desk/cases/{}/rules", row.case))),
        course: course::card(cx, view),
        visit: people::visit_card(cx, pack, view),
        objections: people::objections(cx, view),
        appeals: view.appeals.iter().map(|a| appeal::card(cx, a)).collect(),
        known: if view.full { known::all(cx, &filling::of(view)) } else { Vec::new() },
        members: people::members(cx, view),
        elsewhere: Vec::new(),
        work: None,
        kin: None,
        assessments: None,
        special: Vec::new(),
        appraisal: None,
        extension: None,
        mandate: None,
        events: people::events(cx, view, names),
        letters: view.notices.iter().rev().map(letter).collect(),
        act: action::action_box(cx, view, names, typed),
        problems,
    }
}

fn tags(cx: &Cx, view: &CaseView) -> Vec<Tag> {
    let row = &view.row;
    let mut tags = vec![look::state(cx, row.state)];
    let waiting = view.verification.iter().flat_map(|c| &c.differences).filter(|d| d.waits_for_judgement()).count();
    if waiting > 0 {
        tags.push(Tag::new("warn", "scale", cx.tn("desk.case.to_judge", waiting)));
    }
    if let Some(visit) = view.visits.first() {
        tags.push(Tag::new("info", "home", cx.t1("desk.case.visited_on", cx.short_date(&visit.visited_on))));
        if let Some(level) = cx.state.pack.assessment.level(&visit.record.index.level) {
            let points = visit.record.index.low / 1000;
            tags.push(Tag::new(
                "warmth",
                "activity-heartbeat",
                cx.t2("desk.case.index", points, cx.text(&level.title)),
            ));
        }
    }
    if let Some(to) = row.raised.as_deref() {
        tags.push(Tag::new("bad", "bell", cx.t_of("work.raised", to)));
    }
    if !view.without_consent.is_empty() && row.state.is_open() {
        tags.push(Tag::new("hold", "hand-stop", cx.tn("desk.case.no_consent", view.without_consent.len())));
    }
    match (row.used_days.zip(row.total_days), row.total_due) {
        (Some((days, limit)), Some(due)) => {
            let kind = if row.overdue { "bad" } else { "neutral" };
            tags.push(Tag::new(kind, "clock", cx.t3("desk.case.clock", days, limit, cx.date(&due))));
        }
        _ => {
            if let Some(day) = row.stopped {
                let why = cx.t2("work.stopped", cx.date(&day), row.next_step.title(cx.lang));
                tags.push(Tag::new("hold", "hand-stop", why));
            }
            if let Some(due) = row.due_on.filter(|_| row.state.is_open()) {
                tags.push(Tag::new("neutral", "clock", cx.t1("desk.case.step_due", cx.date(&due))));
            }
        }
    }
    tags
}
