//! Where more income leaves a household with less: curves of made-up households, real ones near the lines, what is held
//! together, and who is entitled and on no list.

use crate::{
    Cx, PageResult, View, WebError,
    bureau::{
        authorise,
        cockpit::grouped,
        nav,
        simulate::{failure, look_again, step, usual_day},
        trial_view::{Bar, count, money},
    },
    desk::{look, nav::NavGroup},
};
use askama::Template;
use axum::extract::Query;
use serde::Deserialize;
use tuodi_access::Act;
use tuodi_pack::{
    Fen,
    trial::{Cliffs, Curve, Question, Standing},
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    as_of: String,
}

pub struct DropRow {
    pub at: String,
    pub change: String,
    pub support: String,
    pub worse_off: String,
    pub even_at: String,
    pub lost: String,
}

pub struct CurveView {
    pub title: String,
    /// What the picture says.
    pub sentence: String,
    /// Points of the line of support, in a picture of 600 by 200.
    pub line: String,
    /// Positions of the drops.
    pub marks: Vec<i64>,
    pub most: String,
    pub until: String,
    pub drops: Vec<DropRow>,
}

pub struct LineView {
    pub title: String,
    pub words: String,
    pub bands: Vec<Bar>,
}

pub struct CliffView {
    pub lead: String,
    pub curves: Vec<CurveView>,
    pub lines: Vec<LineView>,
    pub stacking: Vec<(u64, String, String)>,
    pub pairs: Vec<(String, String, String)>,
    pub gaps: Vec<(String, String, String, String)>,
}

#[derive(Template)]
#[template(path = "bureau/cliffs.html")]
struct CliffsPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    running: Option<&'static str>,
    failed: Option<String>,
    result: Option<CliffView>,
}

pub async fn page(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    authorise(&cx, Act::ViewOverview, "overview")?;
    let as_of = match crate::form::date(&asked.as_of) {
        Some(day) => day,
        None => usual_day(&cx).await?,
    };
    let mut page = CliffsPage { v: &cx, nav: nav(&cx), running: None, failed: None, result: None };
    match cx.state.trials.ask(Question::Cliffs { as_of }).await {
        Standing::Running(at) => page.running = Some(step(&cx, at)),
        Standing::Cliffs(cliffs) => page.result = Some(view(&cx, &cliffs)),
        Standing::Failed(error) => page.failed = Some(failure(&cx, &error)),
        Standing::Trial(_) | Standing::Poverty(_) => return Err(WebError::NotFound),
    }
    let running = page.running.is_some();
    Ok(look_again(cx.page(&page)?, running))
}

fn programme(cx: &Cx, id: &str) -> String {
    match cx.state.pack.programme(id) {
        Some(p) => cx.text(&p.title).to_owned(),
        None => cx.t("trial.no_tier").to_owned(),
    }
}

const WIDE: i64 = 600;
const HIGH: i64 = 200;

fn curve(cx: &Cx, curve: &Curve) -> CurveView {
    let most_income = curve.points.iter().map(|p| p.income).max().unwrap_or(0).max(1);
    let most = curve.points.iter().map(|p| p.support).max().unwrap_or(0).max(1);
    let x = |income: i64| income * WIDE / most_income;
    let points = curve.points.iter().map(|p| format!("{},{}", x(p.income), HIGH - p.support.max(0) * HIGH / most));
    let worst = curve.drops.iter().max_by_key(|d| d.worse_off);
    let sentence = match worst {
        Some(d) => cx.t2("trial.cliff.sentence", Fen(d.after), money(Some(d.worse_off))),
        None => cx.t("trial.cliff.none").to_owned(),
    };
    let join = if cx.is_zh() { "、" } else { ", " };
    CurveView {
        title: cx.text(&curve.title).to_owned(),
        sentence,
        line: points.collect::<Vec<_>>().join(" "),
        marks: curve.drops.iter().map(|d| x(d.after)).collect(),
        most: money(Some(most)),
        until: money(Some(most_income)),
        drops: curve
            .drops
            .iter()
            .map(|d| DropRow {
                at: Fen(d.after).to_string(),
                change: format!("{} → {}", programme(cx, &d.tier_before), programme(cx, &d.tier_after)),
                support: money(Some(d.support)),
                worse_off: money(Some(d.worse_off)),
                even_at: money(d.even_at),
                lost: d.lost.iter().map(|id| programme(cx, id)).collect::<Vec<_>>().join(join),
            })
            .collect(),
    }
}

fn view(cx: &Cx, cliffs: &Cliffs) -> CliffView {
    let lines = cliffs.lines.iter().map(|line| {
        let most = line.bands.iter().filter_map(|b| b.households).max().unwrap_or(0).max(1);
        let bands = line.bands.iter().map(|b| Bar {
            label: format!("{:+} … {:+}%", b.from / 10, b.to / 10),
            value: count(b.households),
            width: look::width(b.households.unwrap_or(0), most),
            less: b.to <= 0,
        });
        LineView {
            title: cx.text(&line.title).to_owned(),
            words: cx.t2("trial.cliff.near", count(line.under), count(line.over)),
            bands: bands.collect(),
        }
    });
    let gaps = cliffs.gaps.iter();
    CliffView {
        lead: cx.t2("trial.cliff.lead", cx.full_date(&cliffs.as_of), grouped(cliffs.households)),
        curves: cliffs.curves.iter().map(|c| curve(cx, c)).collect(),
        lines: lines.collect(),
        stacking: cliffs.stacking.iter().map(|s| (s.programmes, count(s.households), money(s.mean_year))).collect(),
        pairs: (cliffs.pairs.iter())
            .map(|p| (programme(cx, &p.first), programme(cx, &p.second), count(p.households)))
            .collect(),
        gaps: gaps
            .map(|g| (cx.text(&g.title).to_owned(), count(g.entitled), count(g.missing), count(g.beyond)))
            .collect(),
    }
}
