//! The citizen's first page: where each case stands and what comes next.

use crate::{
    Cx, PageResult, View,
    citizen::{
        acting,
        progress::{self, StageDot},
    },
};
use askama::Template;
use tuodi_access::Role;
use tuodi_casework::{NextStep, QueueRow};
use tuodi_pack::Pack;

/// The one thing the person can do now.
pub struct NextAct {
    pub href: String,
    pub label: &'static str,
}

pub struct CaseCard {
    pub number: String,
    pub title: String,
    pub state: &'static str,
    pub kind: &'static str,
    pub icon: &'static str,
    pub due: String,
    pub stages: Vec<StageDot>,
    pub next: String,
    pub act: Option<NextAct>,
}

#[derive(Template)]
#[template(path = "citizen/home.html")]
pub struct HomePage<'a> {
    pub v: &'a View,
    pub cases: Vec<CaseCard>,
    pub may_apply: bool,
    pub authorises: bool,
    /// The pack lets people act for each other.
    pub proxies: bool,
}

pub async fn page(cx: Cx) -> PageResult {
    if cx.actor()?.household.is_none() && cx.actor()?.role == Role::Proxy {
        return cx.go("/citizen/proxy");
    }
    let cases = tuodi_casework::own_cases(&acting(&cx)?).await?;
    let cases = cases.iter().map(|case| card(&cx, &cx.state.pack, case)).collect();
    let stands_for = cx.stands_for.as_ref();
    cx.page(&HomePage {
        v: &cx,
        cases,
        may_apply: stands_for.is_none_or(|s| !s.has_case),
        authorises: stands_for.is_none_or(|s| s.signs.is_some()),
        proxies: cx.state.pack.workflow.mandate.is_some(),
    })
}

pub fn card(v: &View, pack: &Pack, case: &QueueRow) -> CaseCard {
    let (kind, icon) = progress::look(case.state);
    CaseCard {
        number: case.case.to_string(),
        title: title(v, pack, case),
        state: case.state.title(v.lang),
        kind,
        icon,
        due: due(v, case),
        stages: progress::stages(v, case.state),
        next: v.t_of("citizen.next_step", case.next_step.id()).to_owned(),
        act: next_act(v, case.case.as_str(), case.next_step),
    }
}

/// The programme once one is proposed or decided; before that simply an application.
pub fn title(v: &View, pack: &Pack, case: &QueueRow) -> String {
    let decided = case.programme.as_deref().filter(|_| !case.state.is_running());
    let programme = decided.and_then(|id| pack.programme(id));
    programme.map_or_else(|| v.t("citizen.case.application"), |p| v.text(&p.title)).to_owned()
}

/// The last day for an answer, while the clock runs.
pub fn due(v: &View, case: &QueueRow) -> String {
    let day = case.total_due.filter(|_| case.state.is_running());
    day.map(|day| v.t1("citizen.case.due", v.date(&day))).unwrap_or_default()
}

pub fn next_act(v: &View, case: &str, next: NextStep) -> Option<NextAct> {
    let act = |href: String, key| Some(NextAct { href, label: v.t(key) });
    match next {
        NextStep::FillIn => act(format!("/citizen/applications/{case}/household"), "citizen.act.fill_in"),
        NextStep::Supply => act(format!("/citizen/applications/{case}/review"), "citizen.act.supply"),
        NextStep::Consent => act(format!("/citizen/applications/{case}/consent"), "citizen.act.consent"),
        NextStep::Pay | NextStep::Reverify | NextStep::Done => {
            act(format!("/citizen/cases/{case}/result"), "citizen.act.result")
        }
        _ => None,
    }
}
