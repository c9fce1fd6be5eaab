//! Life after the decision: a check is opened, nothing or something changes, the recipient is heard, a person decides.

use crate::{
    Cx, PageResult, View,
    desk::{
        acting,
        case::acts::{text_of, version_of},
        case_no, look,
        look::Tag,
        nav::{self, NavGroup},
        one_time_key,
    },
    form::{self, Choice, Fields, Problems},
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query},
};
use serde::Deserialize;
use tuodi_access::{Act, Resource, Sensitivity};
use tuodi_casework::{CaseError, CaseState, CaseView, Change, NextStep, Recheck, STOP_CODES, Why, beijing_date};

#[derive(Deserialize)]
pub struct Done {
    #[serde(default)]
    done: String,
}

pub struct Past {
    when: String,
    why: String,
    note: String,
    proposal: String,
    reporters: String,
    text: String,
    view: String,
    outcome: String,
}

#[derive(Template)]
#[template(path = "desk/recheck.html")]
struct RecheckPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    case: String,
    version: i32,
    tag: Tag,
    amount: String,
    due: String,
    past: Vec<Past>,
    /// A re-verification is at hand.
    working: bool,
    /// What the comparison of data says, since it began.
    data: String,
    may_open: bool,
    may_tell: bool,
    may_say: bool,
    may_view: bool,
    may_decide: bool,
    /// The recipient's days run until then.
    wait: String,
    whys: Vec<Choice>,
    changes: Vec<Choice>,
    reasons: Vec<Choice>,
    reporters: Vec<Choice>,
    agrees: Vec<Choice>,
    typed: Fields,
    key: String,
    done: Option<&'static str>,
    problems: Problems,
}

impl RecheckPage<'_> {
    fn value(&self, name: &str) -> &str {
        text_of(&self.typed, name)
    }
}

fn choice(value: &str, label: String, typed: &str) -> Choice {
    Choice { value: value.to_owned(), label, hint: String::new(), chosen: value == typed }
}

pub async fn page(cx: Cx, Path(case): Path<String>, Query(asked): Query<Done>) -> PageResult {
    let done = crate::words::find(cx.lang, &format!("living.recheck.done.{}", asked.done));
    show(&cx, &case, Fields::new(), done, Problems::default()).await
}

fn past(cx: &Cx, r: &Recheck) -> Past {
    let why = Why::from_id(&r.why).map_or(r.why.as_str(), |w| w.title(cx.lang));
    let mut proposal =
        r.proposal.as_deref().map(|p| cx.t_of("living.recheck.change", p).to_owned()).unwrap_or_default();
    for more in [
        r.monthly.map(|m| cx.money(&m)),
        r.from_month.map(|m| cx.month(&m)),
        r.reason_code.as_deref().and_then(tuodi_casework::stop_text).map(|t| cx.text(&t).to_owned()),
    ] {
        proposal.extend(more.map(|m| format!(" · {m}")));
    }
    Past {
        when: cx.date(&r.opened_on),
        why: why.to_owned(),
        note: r.note.clone(),
        proposal,
        reporters: reporters(cx, &r.reporters),
        text: r.text.clone(),
        view: r.view.clone(),
        outcome: r.outcome.as_deref().map(|o| cx.t_of("living.recheck.outcome", o).to_owned()).unwrap_or_default(),
    }
}

/// Their titles, by the pack.
fn reporters(cx: &Cx, ids: &[String]) -> String {
    let known = &cx.state.pack.workflow.living.death_reporters;
    let title = |id: &String| known.iter().find(|k| &k.id == id).map_or(id.as_str(), |k| cx.text(&k.title)).to_owned();
    ids.iter().map(title).collect::<Vec<_>>().join(if cx.is_zh() { "、" } else { ", " })
}

/// What data say, where they have been compared since the re-verification began.
fn data(cx: &Cx, view: &CaseView, open: &Recheck) -> Option<String> {
    let found = view.verification.as_ref().filter(|v| beijing_date(v.run_at) >= open.opened_on)?;
    let tier = match found.result.tier.as_str() {
        "none" => cx.t("desk.finding.none").to_owned(),
        tier => look::tier(cx, &cx.state.pack, tier),
    };
    let now = view.row.monthly.map(|m| cx.money(&m)).unwrap_or_default();
    let text = cx.t("living.recheck.data_found");
    let day = cx.date(&beijing_date(found.run_at));
    Some(crate::words::fill(text, &[&day, &tier, &cx.money(&found.result.monthly), &now]))
}

/// Until when what is to be done.
fn due(cx: &Cx, view: &CaseView) -> String {
    let row = &view.row;
    let Some(day) = row.due_on.map(|d| cx.date(&d)) else { return String::new() };
    match row.next_step {
        NextStep::Recheck | NextStep::DecideChange => cx.t1("living.recheck.due", day),
        NextStep::Watch => cx.t1("living.recheck.watch", day),
        NextStep::Reverify | NextStep::EndExit => cx.t1("living.recheck.next", day),
        _ => String::new(),
    }
}

async fn show(cx: &Cx, case: &str, typed: Fields, done: Option<&'static str>, problems: Problems) -> PageResult {
    let number = case_no(case)?;
    let acting = acting(cx)?;
    let view = tuodi_casework::view(&acting, &number, "case work").await?;
    let rows = tuodi_casework::rechecks(&acting, &number).await?;
    let row = &view.row;
    let open = rows.iter().find(|r| r.outcome.is_none());
    let resource = |excluded: Vec<String>| {
        Resource::of_household("case", case, &row.region_code, view.household, Sensitivity::Personal)
            .excluding(excluded)
    };
    let may = |act, excluded: Vec<String>| {
        cx.state.access.authorise(&acting.actor, act, &resource(excluded), "casework").is_ok()
    };
    let standing = matches!(row.state, CaseState::Assisting | CaseState::GradualExit);
    let adjusting = row.state == CaseState::Adjusting;
    let until = open.and_then(|r| r.view_until).filter(|until| adjusting && *until >= cx.today());
    let heard = open.is_some_and(|r| r.viewed_on.is_some());
    let proposer = open.map(|r| r.kept_out.clone()).unwrap_or_default();
    let page = RecheckPage {
        v: cx,
        nav: nav::desk(cx),
        case: case.to_owned(),
        version: row.version,
        tag: look::state(cx, row.state),
        amount: row.monthly.map(|m| cx.money(&m)).unwrap_or_default(),
        due: due(cx, &view),
        working: open.is_some(),
        data: open.and_then(|open| data(cx, &view, open)).unwrap_or_default(),
        may_open: standing && may(Act::RecordCheck, Vec::new()),
        may_tell: standing && may(Act::ContestFact, Vec::new()),
        may_say: row.state == CaseState::Reverifying && may(Act::Review, Vec::new()),
        may_view: until.is_some() && may(Act::ContestFact, Vec::new()),
        may_decide: adjusting && (until.is_none() || heard) && may(Act::Decide, proposer),
        wait: until.filter(|_| !heard).map(|d| cx.date(&d)).unwrap_or_default(),
        whys: (Why::ALL.iter()).map(|w| choice(w.id(), w.title(cx.lang).to_owned(), text_of(&typed, "why"))).collect(),
        changes: ["raise", "lower", "gradual", "stop"]
            .map(|c| choice(c, cx.t_of("living.recheck.change", c).to_owned(), text_of(&typed, "change")))
            .into(),
        reasons: (STOP_CODES.iter())
            .map(|(id, zh, en)| {
                let label = if cx.is_zh() { zh } else { en };
                choice(id, (*label).to_owned(), text_of(&typed, "reason_code"))
            })
            .collect(),
        reporters: (cx.state.pack.workflow.living.death_reporters.iter())
            .map(|r| choice(&r.id, cx.text(&r.title).to_owned(), if named(&typed, &r.id) { &r.id } else { "" }))
            .collect(),
        agrees: ["yes", "no"]
            .map(|a| choice(a, cx.t_of("living.recheck", a).to_owned(), text_of(&typed, "agree")))
            .into(),
        past: rows.iter().map(|r| past(cx, r)).collect(),
        typed,
        key: one_time_key(),
        done,
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

fn named(typed: &Fields, reporter: &str) -> bool {
    text_of(typed, &format!("reporter.{reporter}")) == "yes"
}

async fn answer<T>(cx: &Cx, case: &str, typed: Fields, done: &str, result: Result<T, CaseError>) -> PageResult {
    match result {
        Ok(_) => {
            let done = if done == "told" { "opened" } else { done };
            cx.go(format!("/desk/cases/{case}/recheck?done={done}"))
        }
        Err(CaseError::Invalid(errors)) => {
            let mut problems = Problems::from_room(cx, "living", &errors);
            // Forms that stand on one page: each has its own field for words.
            let own = match done {
                "unchanged" => Some(("text", "seen")),
                "told" => Some(("note", "told")),
                _ => None,
            };
            for problem in problems.0.iter_mut() {
                if let Some((_, here)) = own.filter(|(there, _)| *there == problem.field) {
                    problem.field = here.to_owned();
                }
            }
            show(cx, case, typed, None, problems).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn open(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let Some(why) = Why::from_id(text_of(&typed, "why")) else {
        let mut problems = Problems::default();
        problems.add("why", cx.t("common.form.error.choice"));
        return show(&cx, &case, typed, None, problems).await;
    };
    let (note, key) = (text_of(&typed, "note"), text_of(&typed, "key"));
    let opened =
        tuodi_casework::open_recheck(&acting(&cx)?, &case_no(&case)?, version_of(&typed), why, note, key).await;
    answer(&cx, &case, typed, "opened", opened).await
}

pub async fn tell(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let (note, key) = (text_of(&typed, "told"), text_of(&typed, "key"));
    let told = tuodi_casework::tell_change(&acting(&cx)?, &case_no(&case)?, version_of(&typed), note, key).await;
    answer(&cx, &case, typed, "told", told).await
}

pub async fn unchanged(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let (text, key) = (text_of(&typed, "seen"), text_of(&typed, "key"));
    let said = tuodi_casework::recheck_unchanged(&acting(&cx)?, &case_no(&case)?, version_of(&typed), text, key).await;
    answer(&cx, &case, typed, "unchanged", said).await
}

pub async fn propose(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let mut problems = Problems::default();
    let monthly = form::money(text_of(&typed, "monthly"));
    let from = crate::desk::payments::month_of(text_of(&typed, "from"));
    let kind = text_of(&typed, "change").to_owned();
    let need_money = ["raise", "lower"].contains(&kind.as_str());
    if need_money && monthly.is_none() {
        problems.add("monthly", cx.t("common.form.error.amount"));
    }
    let any_from = !text_of(&typed, "from").is_empty();
    if from.is_none() && (kind == "raise" || kind == "stop" && any_from) {
        problems.add("from", cx.t("living.problem.from_wrong"));
    }
    let monthly = monthly.unwrap_or_default();
    let change = match kind.as_str() {
        _ if !problems.is_empty() => None,
        "raise" => from.map(|from| Change::Raise { monthly, from }),
        "lower" => Some(Change::Lower { monthly }),
        "gradual" => Some(Change::Gradual),
        "stop" => Some(Change::Stop {
            reason_code: text_of(&typed, "reason_code").to_owned(),
            from,
            reporters: (cx.state.pack.workflow.living.death_reporters.iter())
                .filter(|r| named(&typed, &r.id))
                .map(|r| r.id.clone())
                .collect(),
        }),
        _ => {
            problems.add("change", cx.t("common.form.error.choice"));
            None
        }
    };
    let Some(change) = change else { return show(&cx, &case, typed, None, problems).await };
    let (text, key) = (text_of(&typed, "text"), text_of(&typed, "key"));
    let said =
        tuodi_casework::propose_change(&acting(&cx)?, &case_no(&case)?, version_of(&typed), change, text, key).await;
    answer(&cx, &case, typed, "proposed", said).await
}

pub async fn view(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let (text, key) = (text_of(&typed, "view"), text_of(&typed, "key"));
    let said = tuodi_casework::give_view(&acting(&cx)?, &case_no(&case)?, text, key).await;
    answer(&cx, &case, typed, "viewed", said).await
}

pub async fn decide(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let agree = match text_of(&typed, "agree") {
        "yes" => true,
        "no" => false,
        _ => {
            let mut problems = Problems::default();
            problems.add("agree", cx.t("common.form.error.choice"));
            return show(&cx, &case, typed, None, problems).await;
        }
    };
    let (text, key) = (text_of(&typed, "text"), text_of(&typed, "key"));
    let said =
        tuodi_casework::decide_change(&acting(&cx)?, &case_no(&case)?, version_of(&typed), agree, text, key).await;
    answer(&cx, &case, typed, "decided", said).await
}
