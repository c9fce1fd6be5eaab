//! Money paid too much: put into the ledger by one, decided by another, followed until it is settled.

use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting, look,
        look::Tag,
        nav::{self, NavGroup},
        one_time_key,
        payments::{may, month_of},
    },
    form::{self, Choice, Problems},
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query},
};
use serde::Deserialize;
use tuodi_access::{Act, Resource};
use tuodi_casework::{CaseError, NewOver, OverDecision, OverRow};
use tuodi_pack::Fen;

pub struct Line {
    id: i64,
    case: String,
    what: String,
    months: String,
    amount: String,
    left: String,
    cause: String,
    tag: Tag,
}

#[derive(Deserialize, Default)]
pub struct Found {
    #[serde(default)]
    case: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    due: String,
    #[serde(default)]
    cause: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    key: String,
}

#[derive(Template)]
#[template(path = "desk/money/over_list.html")]
struct ListPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    lines: Vec<Line>,
    may_find: bool,
    typed: Found,
    causes: Vec<Choice>,
    key: String,
    done: Option<&'static str>,
    problems: Problems,
}

#[derive(Deserialize, Default)]
pub struct Decided {
    #[serde(default)]
    decision: String,
    #[serde(default)]
    amount: String,
    #[serde(default)]
    share: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    on: String,
    #[serde(default)]
    paper: String,
    #[serde(default)]
    key: String,
}

#[derive(Template)]
#[template(path = "desk/money/over.html")]
struct OverPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    id: i64,
    case: String,
    tag: Tag,
    facts: Vec<(&'static str, String)>,
    note: String,
    reason: String,
    may_decide: bool,
    /// Somebody else has to.
    other: bool,
    /// Nothing of it may be left out.
    whole: bool,
    may_repay: bool,
    most: u32,
    choices: Vec<Choice>,
    typed: Decided,
    key: String,
    done: Option<&'static str>,
    problems: Problems,
}

#[derive(Deserialize)]
pub struct Done {
    #[serde(default)]
    done: String,
}

fn tag(v: &View, status: &str) -> Tag {
    let (kind, icon) = match status {
        "found" => ("warn", "scale"),
        "recovering" => ("info", "refresh"),
        "settled" => ("ok", "circle-check"),
        _ => ("neutral", "info-circle"),
    };
    Tag::new(kind, icon, v.t_of("pay.over.status", status))
}

fn cause(cx: &Cx, id: &str) -> String {
    cx.state.pack.cause(id).map_or_else(|| id.to_owned(), |c| cx.text(&c.title).to_owned())
}

fn months(cx: &Cx, row: &OverRow) -> String {
    if row.from == row.to { cx.month(&row.from) } else { format!("{} – {}", cx.month(&row.from), cx.month(&row.to)) }
}

pub async fn list(cx: Cx, Query(asked): Query<Done>) -> PageResult {
    let done = crate::words::find(cx.lang, &format!("pay.over.done.{}", asked.done));
    show_list(&cx, Found::default(), done, Problems::default()).await
}

async fn show_list(cx: &Cx, typed: Found, done: Option<&'static str>, problems: Problems) -> PageResult {
    let acting = acting(cx)?;
    let rows = tuodi_casework::overpayments(&acting).await?;
    let causes = cx.state.pack.workflow.recovery.causes.iter().map(|c| Choice {
        value: c.id.clone(),
        label: cx.text(&c.title).to_owned(),
        hint: String::new(),
        chosen: c.id == typed.cause,
    });
    let page = ListPage {
        v: cx,
        nav: nav::desk(cx),
        causes: causes.collect(),
        lines: (rows.iter())
            .map(|r| Line {
                id: r.id,
                case: r.case.clone(),
                what: look::tier(cx, &cx.state.pack, &r.programme),
                months: months(cx, r),
                amount: r.amount.to_string(),
                left: if r.to_recover.0 > 0 { Fen(r.to_recover.0 - r.recovered.0).to_string() } else { String::new() },
                cause: cause(cx, &r.cause),
                tag: tag(cx, r.status),
            })
            .collect(),
        may_find: may(cx, &acting, Act::PreparePayment),
        typed,
        key: one_time_key(),
        done,
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn find(cx: Cx, Form(typed): Form<Found>) -> PageResult {
    let mut problems = Problems::default();
    let case = typed.case.trim().to_uppercase().parse().ok();
    let (from, to) = (month_of(typed.from.trim()), month_of(typed.to.trim()));
    let due = form::money(if typed.due.trim().is_empty() { "0" } else { &typed.due });
    for (field, missing) in [("case", case.is_none()), ("from", from.is_none()), ("to", to.is_none())] {
        if missing {
            problems.add(field, cx.t_of("pay.problem", &format!("{field}_wrong")));
        }
    }
    if due.is_none() {
        problems.add("due", cx.t("common.form.error.amount"));
    }
    let (Some(case), Some(from), Some(to), Some(due)) = (case, from, to, due) else {
        return show_list(&cx, typed, None, problems).await;
    };
    let new = NewOver { case, from, to, due, cause: typed.cause.clone(), note: typed.note.clone() };
    match tuodi_casework::find_over(&acting(&cx)?, new, &typed.key).await {
        Ok(id) => cx.go(format!("/desk/payments/over/{id}?done=found")),
        Err(CaseError::Invalid(errors)) => {
            let problems = Problems::from_room(&cx, "pay", &errors);
            show_list(&cx, typed, None, problems).await
        }
        Err(CaseError::NotFound { .. }) => {
            problems.add("case", cx.t("pay.problem.case_wrong"));
            show_list(&cx, typed, None, problems).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn page(cx: Cx, Path(id): Path<i64>, Query(asked): Query<Done>) -> PageResult {
    let done = crate::words::find(cx.lang, &format!("pay.over.done.{}", asked.done));
    show(&cx, id, Decided::default(), done, Problems::default()).await
}

async fn show(cx: &Cx, id: i64, typed: Decided, done: Option<&'static str>, problems: Problems) -> PageResult {
    let acting = acting(cx)?;
    let rows = tuodi_casework::overpayments(&acting).await?;
    let row = rows.iter().find(|r| r.id == id).ok_or(WebError::NotFound)?;
    let whole = cx.state.pack.cause(&row.cause).is_some_and(|c| c.whole);
    let most = cx.state.pack.instalment_permille(&row.cause) / 10;
    let resource = Resource::general("payment", id.to_string(), tuodi_casework::county_of(&acting));
    let sign =
        |resource: &Resource| cx.state.access.authorise(&acting.actor, Act::SignPayment, resource, "payment").is_ok();
    let able = sign(&resource);
    let may_decide = row.status == "found" && sign(&resource.excluding([row.found_by.clone()]));
    let mut facts = vec![
        (cx.t("pay.over.months"), months(cx, row)),
        (cx.t("desk.pay.programme"), look::tier(cx, &cx.state.pack, &row.programme)),
        (cx.t("pay.over.paid"), cx.money(&row.paid)),
        (cx.t("pay.over.due"), cx.money(&row.due)),
        (cx.t("pay.over.amount"), cx.money(&row.amount)),
        (cx.t("pay.over.cause"), cause(cx, &row.cause)),
    ];
    if row.to_recover.0 > 0 {
        facts.push((cx.t("pay.over.to_recover"), cx.money(&row.to_recover)));
        facts.push((cx.t("pay.over.recovered"), cx.money(&row.recovered)));
        facts.push((cx.t("pay.over.share"), format!("{}%", row.share_permille / 10)));
    }
    let decisions = ["recover", "waive"].into_iter().filter(|d| !(whole && *d == "waive"));
    let page = OverPage {
        v: cx,
        nav: nav::desk(cx),
        id,
        case: row.case.clone(),
        tag: tag(cx, row.status),
        facts,
        note: row.note.clone(),
        reason: row.reason.clone(),
        may_decide,
        other: row.status == "found" && able && !may_decide,
        whole,
        may_repay: row.status == "recovering" && may(cx, &acting, Act::PreparePayment),
        most,
        choices: decisions
            .map(|d| Choice {
                value: d.to_owned(),
                label: cx.t_of("pay.over.decision", d).to_owned(),
                hint: String::new(),
                chosen: typed.decision == d,
            })
            .collect(),
        typed: Decided {
            amount: if typed.amount.is_empty() { row.amount.to_string() } else { typed.amount },
            share: if typed.share.is_empty() { most.to_string() } else { typed.share },
            ..typed
        },
        key: one_time_key(),
        done,
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn decide(cx: Cx, Path(id): Path<i64>, Form(typed): Form<Decided>) -> PageResult {
    let mut problems = Problems::default();
    let decision = match typed.decision.as_str() {
        "recover" => {
            let share = form::plain_digits(&typed.share).trim_end_matches('%').parse::<u32>().unwrap_or(0);
            form::money(&typed.amount).map(|amount| OverDecision::Recover { amount, share_permille: share * 10 })
        }
        "waive" => Some(OverDecision::Waive),
        _ => {
            problems.add("decision", cx.t("common.form.error.choice"));
            return show(&cx, id, typed, None, problems).await;
        }
    };
    let Some(decision) = decision else {
        problems.add("amount", cx.t("common.form.error.amount"));
        return show(&cx, id, typed, None, problems).await;
    };
    match tuodi_casework::decide_over(&acting(&cx)?, id, decision, &typed.reason, &typed.key).await {
        Ok(()) => cx.go(format!("/desk/payments/over/{id}?done=decided")),
        Err(CaseError::Invalid(errors)) => {
            let problems = Problems::from_room(&cx, "pay", &errors);
            show(&cx, id, typed, None, problems).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn repaid(cx: Cx, Path(id): Path<i64>, Form(typed): Form<Decided>) -> PageResult {
    let mut problems = Problems::default();
    let (amount, on) = (form::money(&typed.amount), form::date(&typed.on));
    if amount.is_none() {
        problems.add("amount", cx.t("common.form.error.amount"));
    }
    if on.is_none() {
        problems.add("on", cx.t("pay.problem.on_wrong"));
    }
    let (Some(amount), Some(on)) = (amount, on) else { return show(&cx, id, typed, None, problems).await };
    match tuodi_casework::repay_over(&acting(&cx)?, id, amount, on, &typed.paper, &typed.key).await {
        Ok(()) => cx.go(format!("/desk/payments/over/{id}?done=repaid")),
        Err(CaseError::Invalid(errors)) => {
            let problems = Problems::from_room(&cx, "pay", &errors);
            show(&cx, id, typed, None, problems).await
        }
        Err(error) => Err(error.into()),
    }
}
