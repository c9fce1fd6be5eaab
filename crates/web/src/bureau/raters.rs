//! How far first and second assessors agree, for the district that trains them; and a large difference looked at together.

use crate::{
    Cx, PageResult, View, WebError,
    bureau::{acting, nav},
    desk::{look::Tag, nav::NavGroup, one_time_key, payments::month_of},
    form::{Fields, Problems},
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query},
};
use chrono::{Months, NaiveDate};
use tuodi_access::{Act, Resource};
use tuodi_casework::{
    CaseError, first_of_month,
    raters::{Agreement, Gap, RaterReport, ReportLine, look_together, rater_gap, rater_report, rater_workbook},
};
use tuodi_store::{Entry, Recorded, StoreError};

/// Pairs shown; the workbook has all.
const MOST: usize = 20;

pub struct Line {
    title: String,
    pairs: u32,
    one_sided: u32,
    same: String,
    kappa: String,
    few: bool,
}

pub struct GapLine {
    href: String,
    case: String,
    about: String,
    first: String,
    second: String,
    gap: String,
    differs: String,
    tag: Option<Tag>,
}

#[derive(Template)]
#[template(path = "bureau/raters.html")]
struct RatersPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    from: String,
    to: String,
    about: String,
    rules: String,
    seeds: String,
    /// None before the first pair.
    tables: Vec<(&'static str, Vec<Line>)>,
    gaps: Vec<GapLine>,
    may_export: bool,
    problems: Problems,
}

#[derive(Template)]
#[template(path = "bureau/rater.html")]
struct RaterPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    id: i64,
    g: GapLine,
    looked: Option<(String, String)>,
    /// It is large, open, and this person writes down what was found.
    may_look: bool,
    text: String,
    key: String,
    done: bool,
    problems: Problems,
}

/// Parts per 1000 as `85.7%`.
fn percent(share: Option<u32>) -> String {
    share.map_or_else(|| "—".to_owned(), |s| format!("{}.{}%", s / 10, s % 10))
}

/// Parts per 1000 as `0.40`.
fn kappa(found: Agreement) -> String {
    let Some(kappa) = found.kappa else { return "—".to_owned() };
    let sign = if kappa < 0 { "−" } else { "" };
    format!("{sign}{}.{:03}", kappa.unsigned_abs() / 1000, kappa.unsigned_abs() % 1000)
}

fn points(thousandths: u32) -> String {
    format!("{}.{}", thousandths / 1000, thousandths % 1000 / 100)
}

fn line(cx: &Cx, report: &RaterReport, line: &ReportLine) -> Line {
    Line {
        title: match line.id.as_str() {
            "level" => cx.text(&line.title).to_owned(),
            id => format!("{id} {}", cx.text(&line.title)),
        },
        pairs: line.agreement.pairs,
        one_sided: line.one_sided,
        same: percent(line.agreement.share()),
        kappa: kappa(line.agreement),
        few: report.too_few(line),
    }
}

fn gap_line(cx: &Cx, gap: &Gap) -> GapLine {
    let pack = &cx.state.pack;
    let township = pack.regions.get(&gap.township).map_or(gap.township.as_str(), |r| cx.text(&r.name));
    let total = |(points_of, level): &(u32, String)| {
        let level = pack.assessment.level(level).map_or(level.as_str(), |l| cx.text(&l.title));
        format!("{} · {level}", points(*points_of))
    };
    let differs: Vec<&str> = gap.differs.iter().map(|t| cx.text(t)).collect();
    GapLine {
        href: format!("/bureau/raters/{}", gap.id),
        case: gap.case.to_string(),
        about: format!("{} · {township}", gap.month.format("%Y-%m")),
        first: total(&gap.first),
        second: total(&gap.second),
        gap: points(gap.gap),
        differs: differs.join(if cx.is_zh() { "、" } else { ", " }),
        tag: match (gap.large, &gap.looked) {
            (true, Some(_)) => Some(Tag::new("ok", "circle-check", cx.t("assess.raters.looked"))),
            (true, None) => Some(Tag::new("warn", "alert-triangle", cx.t("assess.raters.look"))),
            (false, _) => None,
        },
    }
}

/// The last three whole months where nothing is asked.
fn months(cx: &Cx, asked: &Fields, problems: &mut Problems) -> (NaiveDate, NaiveDate) {
    let mut month = |name: &str, usual: NaiveDate| match asked.get(name).map_or("", |m| m.trim()) {
        "" => usual,
        typed => month_of(typed).unwrap_or_else(|| {
            problems.add(name, cx.t("assess.raters.bad_month"));
            usual
        }),
    };
    let last = first_of_month(cx.today()) - Months::new(1);
    let to = month("to", last);
    let from = month("from", to - Months::new(2));
    if from > to {
        problems.add("from", cx.t("assess.raters.bad_period"));
    }
    (from, to)
}

fn may_export(acting: &tuodi_casework::Cx) -> Result<(), WebError> {
    let figures = Resource::general("raters", "export", tuodi_casework::county_of(acting));
    acting.access.authorise(&acting.actor, Act::Export, &figures, "agreement of assessors")?;
    Ok(())
}

pub async fn page(cx: Cx, Query(asked): Query<Fields>) -> PageResult {
    let acting = acting(&cx)?;
    let mut problems = Problems::default();
    let (from, to) = months(&cx, &asked, &mut problems);
    let report = rater_report(&acting, from, to).await?;
    let wrong = !problems.is_empty();
    let typed = |name: &str, usual: NaiveDate| match asked.get(name) {
        Some(typed) if !typed.trim().is_empty() => typed.trim().to_owned(),
        _ => usual.format("%Y-%m").to_string(),
    };
    let of = |lines: &[ReportLine]| lines.iter().map(|l| line(&cx, &report, l)).collect::<Vec<_>>();
    let tables = if report.done == 0 {
        Vec::new()
    } else {
        let whole = report.level.iter().chain(&report.dimensions).map(|l| line(&cx, &report, l)).collect();
        vec![(cx.t("assess.raters.dimensions"), whole), (cx.t("assess.raters.questions"), of(&report.questions))]
    };
    let rules = cx.state.pack.workflow.assess.second.as_ref();
    let page = RatersPage {
        v: &cx,
        nav: nav(&cx),
        from: typed("from", from),
        to: typed("to", to),
        about: cx.t3("assess.raters.about", report.of, report.drawn, report.done),
        rules: rules
            .map(|r| cx.t2("assess.raters.rules", percent(Some(r.share_permille)), points(r.large)))
            .unwrap_or_default(),
        seeds: report.seeds.join("；"),
        tables,
        gaps: report.gaps.iter().filter(|g| g.gap > 0).take(MOST).map(|g| gap_line(&cx, g)).collect(),
        may_export: report.done > 0 && may_export(&acting).is_ok(),
        problems,
    };
    if wrong { cx.form_again(&page) } else { cx.page(&page) }
}

/// All of it as a file. Journalled.
pub async fn export(cx: Cx, Form(asked): Form<Fields>) -> PageResult {
    let acting = acting(&cx)?;
    may_export(&acting)?;
    let mut problems = Problems::default();
    let (from, to) = months(&cx, &asked, &mut problems);
    if !problems.is_empty() {
        return page(cx, Query(asked)).await;
    }
    let report = rater_report(&acting, from, to).await?;
    let book = rater_workbook(&acting, &report, cx.lang)?;
    let entry = Entry {
        at: acting.at(),
        actor: acting.actor.account.clone(),
        role: acting.actor.role.id().to_owned(),
        act: "assessment.export_raters".to_owned(),
        subject: "raters".to_owned(),
        region: acting.actor.region.clone(),
        details: serde_json::json!({ "from": from, "to": to, "pairs": report.done, "sha256": book.sha256 }),
    };
    cx.state.store.write(move |_| Box::pin(async move { Ok::<_, StoreError>(Recorded::new((), entry)) })).await?;
    cx.file(&book.name, book.mime, book.bytes)
}

fn number(id: &str) -> Result<i64, WebError> {
    id.parse().map_err(|_| WebError::NotFound)
}

async fn show(cx: &Cx, id: i64, typed: &Fields, done: bool, problems: Problems) -> PageResult {
    let acting = acting(cx)?;
    let gap = rater_gap(&acting, id).await?;
    let may = acting.authorise_region(Act::RecordVisit, "raters", "", &tuodi_casework::county_of(&acting)).is_ok();
    let value = |name: &str| typed.get(name).map_or("", |v| v.trim());
    let page = RaterPage {
        v: cx,
        nav: nav(cx),
        id,
        g: gap_line(cx, &gap),
        may_look: gap.large && gap.looked.is_none() && may,
        looked: gap.looked.map(|(on, text)| (cx.date(&on), text)),
        text: value("text").to_owned(),
        key: Some(value("key")).filter(|k| !k.is_empty()).map_or_else(one_time_key, str::to_owned),
        done,
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn pair(cx: Cx, Path(id): Path<String>, Query(asked): Query<Fields>) -> PageResult {
    let done = asked.get("done").is_some_and(|d| d == "yes");
    show(&cx, number(&id)?, &Fields::new(), done, Problems::default()).await
}

pub async fn look(cx: Cx, Path(id): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let id = number(&id)?;
    let value = |name: &str| typed.get(name).map_or("", |v| v.trim());
    match look_together(&acting(&cx)?, id, value("text"), value("key")).await {
        Ok(()) => cx.go(format!("/bureau/raters/{id}?done=yes")),
        Err(CaseError::Invalid(errors)) => {
            show(&cx, id, &typed, false, Problems::from_room(&cx, "assess", &errors)).await
        }
        Err(error) => Err(error.into()),
    }
}
