//! The record of one's own case: every step, every document, and every look at the file: who by role, when, what for
//! (workflow.md 7, 8).

use crate::{
    Cx, PageResult, View,
    citizen::{acting, case_no},
    url, words,
};
use askama::Template;
use axum::extract::Path;
use tuodi_access::{Act, Resource, Role, Sensitivity, looks};
use tuodi_pack::PersonId;

/// The newest so many looks are shown; how many more there are is said.
const SHOWN: usize = 200;

struct Line {
    what: String,
    who: String,
    when: String,
    href: String,
}

#[derive(Template)]
#[template(path = "citizen/record.html")]
struct RecordPage<'a> {
    v: &'a View,
    case: &'a str,
    steps: Vec<Line>,
    documents: Vec<Line>,
    looks: Vec<Line>,
    /// The list is cut: older looks are not on this page.
    more: bool,
}

pub async fn page(cx: Cx, Path(case): Path<String>) -> PageResult {
    let case = case_no(&case)?;
    let acting = acting(&cx)?;
    let view = tuodi_casework::view(&acting, &case, "own case").await?;
    let household = Resource::of_household(
        "household",
        view.household.to_string(),
        view.row.region_code.as_str(),
        view.household,
        Sensitivity::Personal,
    );
    cx.state.access.authorise(&acting.actor, Act::ViewLooks, &household, "own case")?;
    let mut seen = Vec::new();
    for subject in [case.subject(), format!("household:{}", view.household)] {
        seen.extend(looks::of_subject(&cx.state.store, &subject, SHOWN as u64 + 1).await?);
    }
    seen.sort_by_key(|look| std::cmp::Reverse(look.at));
    let own: Option<PersonId> = cx.actor()?.person;
    let mine = cx.actor()?.account.clone();
    let who = |account: &str, role: &str| match Role::from_id(role) {
        _ if account == mine && own.is_some() => cx.t("citizen.record.yourself").to_owned(),
        Some(role) => role.title(cx.lang).to_owned(),
        None => role.to_owned(),
    };
    let steps = view.timeline.iter().rev().map(|step| {
        let act = step.act.rsplit('.').next().unwrap_or_default();
        Line {
            what: words::find(cx.lang, &format!("desk.event.{act}")).unwrap_or(act).to_owned(),
            who: format!("{} · {}", who(&step.actor, &step.role), step.channel.title(cx.lang)),
            when: cx.moment(&step.at),
            href: String::new(),
        }
    });
    let documents = view.notices.iter().rev().map(|n| Line {
        what: n.kind.title(cx.lang).to_owned(),
        who: n.number.clone(),
        when: cx.date(&n.issued_on),
        href: format!("/citizen/cases/{case}/notices/{}", url::escape(&n.number)),
    });
    let page = RecordPage {
        v: &cx,
        case: case.as_str(),
        steps: steps.collect(),
        documents: documents.collect(),
        more: seen.len() > SHOWN,
        looks: (seen.iter().take(SHOWN))
            .map(|look| Line {
                what: purpose(&cx, &look.purpose),
                who: who(&look.account, &look.role),
                when: cx.moment(&look.at),
                href: String::new(),
            })
            .collect(),
    };
    cx.page(&page)
}

/// What somebody looked for: the platform's own reasons in words, an officer's as written.
fn purpose(v: &View, stated: &str) -> String {
    if stated.starts_with("refused:") {
        return v.t("citizen.record.turned_away").to_owned();
    }
    let known = match stated.split_once(' ') {
        // Which document or matter it was, its own page tells.
        Some(("document", number)) if number.bytes().all(|b| b.is_ascii_digit()) => "document".to_owned(),
        Some(("matter", id)) if !id.contains(' ') => "matter".to_owned(),
        _ => stated.replace(' ', "_"),
    };
    words::find(v.lang, &format!("citizen.record.purpose.{known}")).map_or_else(|| stated.to_owned(), str::to_owned)
}
