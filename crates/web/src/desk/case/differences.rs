//! What was declared, what the visit found and what departments supplied, side by side; a person judges where they differ.

use crate::{
    Cx,
    desk::look::Tag,
    form::{Choice, Fields},
    papers::kind_title,
};
use std::collections::BTreeMap;
use tuodi_casework::{
    CaseView, Comparison, Difference, Offered, Use, Verification, words::source_names, words::value_text,
};
use tuodi_pack::PersonId;

pub struct DiffLine {
    pub id: u32,
    pub title: String,
    pub declared: String,
    pub found: String,
    pub seen: String,
    /// How far the visit is from the declaration, or that it asked for a part only.
    pub seen_about: String,
    /// The visit may be gone by.
    pub has_seen: bool,
    pub sources: String,
    pub tag: Tag,
    /// What an officer decided about it, with the reason.
    pub resolved: Option<(String, String)>,
    /// The officer may judge it now.
    pub form: bool,
    /// The form is open because it came back with a mistake.
    pub open: bool,
    pub chosen: String,
    pub reason: String,
    /// What the judgement may rest on.
    pub papers: Vec<Choice>,
    /// The document that it rests on: words and address.
    pub shown_by: Option<(String, String)>,
    /// Agrees or does not matter: folded when the list is long.
    pub quiet: bool,
}

pub struct CheckCard {
    pub when: String,
    pub lines: Vec<DiffLine>,
    /// Those without anything to do, when there are more than five in all.
    pub folded: Vec<DiffLine>,
    pub unknown: Vec<String>,
}

pub fn card(
    cx: &Cx,
    view: &CaseView,
    check: &Verification,
    people: &BTreeMap<PersonId, String>,
    typed: &Fields,
) -> CheckCard {
    let may_judge = view.offer(Offered::Judge).is_some_and(|o| o.denied.is_none());
    let mut lines: Vec<DiffLine> =
        check.differences.iter().map(|d| line(cx, view, d, people, may_judge, typed)).collect();
    let folded = if lines.len() > 5 {
        let (quiet, loud) = lines.into_iter().partition(|l| l.quiet);
        lines = loud;
        quiet
    } else {
        Vec::new()
    };
    CheckCard {
        when: cx.full_date(&check.as_of),
        lines,
        folded,
        unknown: check.unknown.iter().map(|u| unknown(cx, u, people)).collect(),
    }
}

/// A fact that nobody supplied and that could change the finding.
fn unknown(cx: &Cx, fact: &tuodi_casework::UnknownFact, people: &BTreeMap<PersonId, String>) -> String {
    let programme = cx.state.pack.programme(&fact.programme);
    let condition = programme.and_then(|p| p.conditions.iter().find(|c| c.name == fact.condition));
    let title = condition.map_or(fact.condition.as_str(), |c| cx.text(&c.title));
    let of = programme.map_or("", |p| cx.text(&p.title));
    match fact.person.and_then(|p| people.get(&p)) {
        Some(name) => format!("{of} · {title} · {name}"),
        None => format!("{of} · {title}"),
    }
}

fn line(
    cx: &Cx,
    view: &CaseView,
    d: &Difference,
    people: &BTreeMap<PersonId, String>,
    may_judge: bool,
    typed: &Fields,
) -> DiffLine {
    let amount = |value: Option<i64>, none: &'static str| match value {
        Some(value) => cx.text(&value_text(value, &d.unit)).to_owned(),
        None => cx.t(none).to_owned(),
    };
    let title = match d.person.and_then(|p| people.get(&p)) {
        Some(name) => format!("{} · {name}", cx.text(&d.title)),
        None => cx.text(&d.title).to_owned(),
    };
    let back = typed.get("difference").is_some_and(|id| *id == d.id.to_string());
    let field = |name: &str| typed.get(name).filter(|_| back).cloned().unwrap_or_default();
    let form = may_judge && d.waits_for_judgement();
    let chosen = field(&format!("paper-{}", d.id));
    let paper = |(id, kind): &(i64, String)| Choice::new(id.to_string(), named(cx, *id, kind), &chosen);
    let none = Choice::new("", cx.t("desk.diff.no_paper"), &chosen);
    let papers = if form { std::iter::once(none).chain(view.on_file.iter().map(paper)).collect() } else { Vec::new() };
    let rests_on = d.resolution.as_ref().and_then(|r| r.paper);
    DiffLine {
        id: d.id,
        title,
        declared: amount(d.declared, "desk.diff.not_said"),
        found: amount(d.found, "desk.diff.nobody"),
        seen: amount(d.seen, "desk.visit.not_asked"),
        seen_about: seen_about(cx, d),
        has_seen: d.seen.is_some(),
        sources: cx.text(&source_names(&cx.state.pack, d.sources.iter().map(String::as_str))).to_owned(),
        tag: tag(cx, d),
        resolved: d.resolution.as_ref().map(|r| {
            let which = match r.use_ {
                Use::Declared => "desk.diff.used_declared",
                Use::Found => "desk.diff.used_found",
                Use::Seen => "desk.diff.used_seen",
            };
            (cx.t(which).to_owned(), r.reason.clone())
        }),
        form,
        open: back,
        chosen: field("use"),
        reason: field("reason"),
        papers,
        shown_by: rests_on
            .and_then(|id| view.on_file.iter().find(|(on_file, _)| *on_file == id))
            .map(|(id, kind)| (named(cx, *id, kind), format!("/desk/cases/{}/papers", view.row.case))),
        quiet: d.comparison != Comparison::Judge,
    }
}

/// A document as its number and kind tell it apart.
fn named(cx: &Cx, id: i64, kind: &str) -> String {
    cx.t2("desk.diff.paper", kind_title(cx, kind), id)
}

fn seen_about(cx: &Cx, d: &Difference) -> String {
    let gap = d.seen.zip(d.seen_beside).map(|(seen, beside)| seen - beside).filter(|gap| *gap != 0);
    let gap = gap.map(|gap| {
        let words = cx.text(&value_text(gap.abs(), &d.unit)).to_owned();
        cx.t1(if gap > 0 { "desk.diff.seen_more" } else { "desk.diff.seen_less" }, words)
    });
    let part = d.seen_part.then(|| cx.t("desk.diff.seen_part").to_owned());
    gap.into_iter().chain(part).collect::<Vec<_>>().join(" · ")
}

fn tag(cx: &Cx, d: &Difference) -> Tag {
    match d.comparison {
        Comparison::Judge if d.resolution.is_some() => Tag::new("ok", "circle-check", cx.t("desk.diff.resolved")),
        // Declaration and departments say the same, or only one of them says anything: it is the visit that differs.
        Comparison::Judge if d.found.is_none() || d.declared.is_none() || d.found == d.declared => {
            Tag::new("warn", "alert-triangle", cx.t("desk.diff.seen_differs"))
        }
        Comparison::Judge => {
            let gap = d.found.unwrap_or(0) - d.declared.unwrap_or(0);
            let words = cx.text(&value_text(gap.abs(), &d.unit)).to_owned();
            let key = if gap > 0 { "desk.diff.more" } else { "desk.diff.less" };
            Tag::new("warn", "alert-triangle", cx.t1(key, words))
        }
        Comparison::Supplied => Tag::new("info", "database", cx.t("desk.diff.supplied")),
        Comparison::OnlyDeclared => Tag::new("neutral", "pencil", cx.t("desk.diff.only_declared")),
        Comparison::OnlySeen => Tag::new("neutral", "home", cx.t("desk.diff.only_seen")),
        Comparison::Unknown => Tag::new("hold", "help-circle", cx.t("desk.diff.unknown")),
        Comparison::Agree => Tag::new("ok", "circle-check", cx.t("desk.diff.agree")),
    }
}
