//! Leave: for which days, and which colleague of the same post stands in.

use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting,
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
use std::collections::BTreeMap;
use tuodi_access::{Act, accounts};
use tuodi_casework::{CaseError, work};

pub struct Line {
    pub id: i64,
    pub what: String,
    pub days: String,
    pub now: bool,
    pub may_end: bool,
}

#[derive(Template)]
#[template(path = "desk/work/leave.html")]
struct LeavePage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    lines: Vec<Line>,
    /// Whose leave; one where it can only be one's own.
    who: Vec<Choice>,
    delegates: Vec<Choice>,
    from: String,
    to: String,
    key: String,
    done: Option<&'static str>,
    problems: Problems,
}

async fn show(cx: &Cx, typed: &Fields, done: &str, problems: Problems) -> PageResult {
    let acting = acting(cx)?;
    let own = acting.actor.account.as_str();
    let value = |name: &str| typed.get(name).map_or("", String::as_str);
    let leads = acting.authorise_region(Act::Assign, "absence", "", &acting.actor.region).is_ok();
    let colleagues = work::colleagues(&acting).await?;
    let mut names: BTreeMap<String, String> = colleagues.iter().map(|c| (c.account.clone(), c.name.clone())).collect();
    let absences = work::absences(&acting).await?;
    for account in absences.iter().flat_map(|a| [&a.account, &a.delegate]) {
        if !names.contains_key(account)
            && let Some(found) = accounts::find(&cx.state.store, account).await?
        {
            names.insert(account.clone(), found.name);
        }
    }
    let name = |account: &str| names.get(account).cloned().unwrap_or_else(|| account.to_owned());
    let lines = absences
        .iter()
        .map(|a| Line {
            id: a.id,
            what: cx.t2("work.leave.line", name(&a.account), name(&a.delegate)),
            days: cx.t2("work.leave.days", cx.date(&a.from), cx.date(&a.to)),
            now: a.now,
            may_end: leads || a.account == own,
        })
        .collect();
    let about = |c: &work::Colleague| {
        format!("{} · {} · {}", c.name, c.role.title(cx.lang), crate::view::place(&cx.state.pack, &c.region, cx.lang))
    };
    let whose = if value("account").is_empty() { own } else { value("account") };
    let choice = |c: &work::Colleague, chosen: bool| Choice {
        value: c.account.clone(),
        label: about(c),
        hint: String::new(),
        chosen,
    };
    let who = colleagues.iter().filter(|c| leads || c.account == own).map(|c| choice(c, c.account == whose)).collect();
    let mut delegates = vec![Choice {
        value: String::new(),
        label: cx.t("work.choose").to_owned(),
        hint: String::new(),
        chosen: false,
    }];
    delegates.extend(
        colleagues
            .iter()
            .filter(|c| leads || c.account != own && c.role == acting.actor.role && c.region == acting.actor.region)
            .map(|c| choice(c, c.account == value("delegate"))),
    );
    let page = LeavePage {
        v: cx,
        nav: nav::desk(cx),
        lines,
        who,
        delegates,
        from: value("from").to_owned(),
        to: value("to").to_owned(),
        key: Some(value("key")).filter(|k| !k.is_empty()).map_or_else(one_time_key, str::to_owned),
        done: crate::words::find(cx.lang, &format!("work.leave.done.{done}")),
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn page(cx: Cx, Query(asked): Query<Fields>) -> PageResult {
    let done = asked.get("done").cloned().unwrap_or_default();
    show(&cx, &Fields::new(), &done, Problems::default()).await
}

pub async fn enter(cx: Cx, Form(typed): Form<Fields>) -> PageResult {
    let value = |name: &str| typed.get(name).map_or("", |v| v.trim());
    let acting = acting(&cx)?;
    let account = if value("account").is_empty() { acting.actor.account.as_str() } else { value("account") };
    let (from, to) = (form::date(value("from")), form::date(value("to")));
    match work::go_on_leave(&acting, account, value("delegate"), from, to, value("key")).await {
        Ok(()) => cx.go("/desk/leave?done=entered"),
        Err(CaseError::Invalid(errors)) => show(&cx, &typed, "", Problems::from_room(&cx, "work", &errors)).await,
        Err(error) => Err(error.into()),
    }
}

pub async fn back(cx: Cx, Path(id): Path<String>) -> PageResult {
    let id = id.parse().map_err(|_| WebError::NotFound)?;
    work::back_early(&acting(&cx)?, id).await?;
    cx.go("/desk/leave?done=back")
}
