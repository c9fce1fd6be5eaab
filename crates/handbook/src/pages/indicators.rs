//! Indicators: what raises an alert, who acts by when.

use super::{Drawn, Page, around};
use crate::{
    HandbookError,
    book::{Book, Name, ValueRow, indicator_url},
};
use askama::Template;
use tuodi_pack::uses::User;
use tuodi_pack::{
    Lang,
    indicator::{Indicator, Kind, Severity},
    words,
};

pub(super) struct Row {
    url: String,
    title: String,
    severity: String,
    tone: &'static str,
    grain: String,
    actor: String,
    limit: String,
}

struct OfKind {
    id: &'static str,
    title: String,
    about: &'static str,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "indicators.html")]
struct List<'a> {
    b: &'a Book<'a>,
    page: Page,
    kinds: Vec<OfKind>,
}

#[derive(Template)]
#[template(path = "indicator.html")]
struct One<'a> {
    b: &'a Book<'a>,
    page: Page,
    i: &'a Indicator,
    row: Row,
    kind: String,
    values: Vec<ValueRow>,
    acts: Vec<(&'static str, String)>,
    evidence: Vec<Name>,
    sources: Vec<Name>,
    answers: Vec<Name>,
    basis: String,
    around: (Option<Name>, Option<Name>),
}

fn row(b: &Book<'_>, i: &Indicator) -> Row {
    // A mark of its own for each colour: colour never speaks alone.
    let (mark, tone) = match i.severity {
        Severity::Red => ("▲", "bad"),
        Severity::Orange => ("◆", "warmth"),
        Severity::Yellow => ("●", "warn"),
        Severity::Blue => ("○", "info"),
    };
    let severity = match i.kind {
        Kind::Score => match b.lang {
            Lang::Zh => format!("○ {} 分", i.points),
            Lang::En => format!("○ {} points", i.points),
        },
        Kind::Trigger | Kind::Compliance => format!("{mark} {}", b.own(words::severity(i.severity))),
    };
    Row {
        url: indicator_url(&i.id),
        title: format!("{} {}", i.id, b.t(&i.title)),
        severity,
        tone: if i.kind == Kind::Score { "neutral" } else { tone },
        grain: b.own(words::grain(i.grain)),
        actor: if i.opens_task() { b.own(words::level(i.actor)) } else { "—".to_owned() },
        limit: if i.opens_task() { days(b, i.limit_days) } else { "—".to_owned() },
    }
}

fn days(b: &Book<'_>, n: u32) -> String {
    b.own(words::limit(n, tuodi_pack::programme::LimitUnit::Working))
}

pub(super) fn pages(b: &Book<'_>) -> Result<Vec<Drawn>, HandbookError> {
    if b.pack.indicators.is_empty() {
        return Ok(Vec::new());
    }
    let page = Page::of_menu("indicators.html", b.w("监测指标", "Indicators"));
    let above = page.title.clone();
    let kinds = [
        (Kind::Trigger, "trigger", b.w("出现一种情况就预警。", "One event raises it.")),
        (
            Kind::Score,
            "score",
            b.w("几项积分加起来够多才会提示，单独一项不派任务。", "Adds points; one alone opens no task."),
        ),
        (
            Kind::Compliance,
            "compliance",
            b.w(
                "核查正在发的救助合不合规，只提示核查，不会自动停发。",
                "Checks what is being paid; it only asks for a check and stops nothing.",
            ),
        ),
    ];
    let kinds: Vec<OfKind> = kinds
        .into_iter()
        .map(|(kind, id, about)| OfKind {
            id,
            title: b.own(words::indicator_kind(kind)),
            about,
            rows: b.pack.indicators.iter().filter(|i| i.kind == kind).map(|i| row(b, i)).collect(),
        })
        .filter(|k| !k.rows.is_empty())
        .collect();
    let mut pages = vec![(page.path.clone(), List { b, page, kinds }.render()?)];
    let names: Vec<Name> = b
        .pack
        .indicators
        .iter()
        .map(|i| Name { title: format!("{} {}", i.id, b.t(&i.title)), url: indicator_url(&i.id) })
        .collect();
    for (at, indicator) in b.pack.indicators.iter().enumerate() {
        let path = indicator_url(&indicator.id);
        let page = Page::below("indicators.html", &above, path.clone(), names[at].title.clone());
        pages.push((path, one(b, page, indicator, around(&names, at)).render()?));
    }
    Ok(pages)
}

fn one<'a>(b: &'a Book<'a>, page: Page, i: &'a Indicator, around: (Option<Name>, Option<Name>)) -> One<'a> {
    let user = User::Indicator(&i.id);
    let mut acts = Vec::new();
    if i.opens_task() {
        acts.push((b.w("先由谁处理", "Acts first"), b.own(words::level(i.actor))));
        acts.push((b.w("处理时限", "Time to act"), days(b, i.limit_days)));
        if let Some(level) = i.report_to {
            acts.push((b.w("同时报送", "Also told"), b.own(words::level(level))));
        }
    } else {
        let pool = b.w("只进线索池，不派任务", "enters the pool of clues; no task");
        let score = b.w("只积分，不单独派任务", "adds points; no task of its own");
        acts.push((b.w("处理", "What follows"), if i.kind == Kind::Score { score } else { pool }.to_owned()));
    }
    if !i.lookback.is_empty() {
        acts.push((b.w("回看期", "Looks back"), lookback(b, &i.lookback)));
    }
    if i.cooldown_days > 0 {
        let n = i.cooldown_days;
        let text = match b.lang {
            Lang::Zh => format!("处理完 {n} 天内不重复预警"),
            Lang::En => format!("not raised again within {n} days"),
        };
        acts.push((b.w("不重复预警", "Not twice"), text));
    }
    let answers =
        b.pack.services.services.iter().filter(|s| s.answers.iter().any(|a| *a == format!("indicator:{}", i.id)));
    let answers = answers
        .map(|s| Name { title: format!("{} {}", s.id, b.t(&s.title)), url: format!("services.html#service-{}", s.id) })
        .collect();
    let formulas = [Some(&i.expr), i.severity_expr.as_ref(), i.points_expr.as_ref()];
    One {
        row: row(b, i),
        kind: b.own(words::indicator_kind(i.kind)),
        values: b.values_in(formulas.into_iter().flatten().map(String::as_str)),
        acts,
        evidence: b.facts(i.evidence.iter().map(String::as_str)),
        sources: b.sources(b.uses.sources_behind(b.pack, user)),
        answers,
        basis: b.law(&i.basis, page.root),
        around,
        b,
        page,
        i,
    }
}

/// `12m` as words; other forms as they are written.
fn lookback(b: &Book<'_>, text: &str) -> String {
    let number = |end: char| text.strip_suffix(end).and_then(|n| n.parse::<u32>().ok());
    match (number('m'), number('d'), b.lang) {
        (Some(n), _, Lang::Zh) => format!("{n} 个月"),
        (Some(n), _, Lang::En) => format!("{n} months"),
        (_, Some(n), Lang::Zh) => format!("{n} 天"),
        (_, Some(n), Lang::En) => format!("{n} days"),
        _ => text.to_owned(),
    }
}
