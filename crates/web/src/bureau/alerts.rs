//! How good each indicator is, and where alerts lie unvisited.

use crate::{
    Cx, PageResult, View,
    bureau::{authorise, nav},
    desk::{
        look::{self, Tag},
        nav::NavGroup,
    },
    view::place,
};
use askama::Template;
use tuodi_access::Act;
use tuodi_watch::WatchFigures;

pub struct IndicatorRow {
    pub id: String,
    pub title: String,
    pub severity: Option<Tag>,
    pub open: u64,
    pub closed: u64,
    pub confirmed: u64,
    pub data_errors: u64,
    pub precision: String,
}

pub struct PlaceRow {
    pub code: String,
    pub name: String,
    pub open: u64,
    pub overdue: u64,
}

#[derive(Template)]
#[template(path = "bureau/alerts.html")]
struct AlertsPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    run: String,
    indicators: Vec<IndicatorRow>,
    places: Vec<PlaceRow>,
    outcomes: Vec<(&'static str, u64)>,
    closed: u64,
}

pub async fn page(cx: Cx) -> PageResult {
    let acting = authorise(&cx, Act::ViewOverview, "overview")?;
    let figures = tuodi_watch::figures(&acting, &acting.actor.region).await?;
    cx.page(&draw(&cx, &figures))
}

fn draw<'a>(cx: &'a Cx, figures: &WatchFigures) -> AlertsPage<'a> {
    let pack = &cx.state.pack;
    let row = |f: &tuodi_watch::IndicatorFigures| {
        let indicator = pack.indicator(&f.indicator);
        IndicatorRow {
            id: f.indicator.clone(),
            title: cx.text(&f.title).to_owned(),
            severity: indicator.map(|i| look::severity(cx, i.severity)),
            open: f.open,
            closed: f.closed,
            confirmed: f.confirmed,
            data_errors: f.data_error,
            precision: match f.precision_permille() {
                Some(p) => format!("{}.{}%", p / 10, p % 10),
                None => "—".to_owned(),
            },
        }
    };
    let mut places: Vec<PlaceRow> = (figures.by_village.iter())
        .map(|(code, open, overdue)| PlaceRow {
            code: code.clone(),
            name: place(pack, code, cx.lang),
            open: *open,
            overdue: *overdue,
        })
        .collect();
    places.sort_by(|a, b| (b.overdue, b.open, &a.code).cmp(&(a.overdue, a.open, &b.code)));
    AlertsPage {
        v: cx,
        nav: nav(cx),
        run: match &figures.last_run {
            Some(run) => cx.t2("bureau.alerts.run", cx.full_date(&run.as_of), &run.pack_version),
            None => cx.t("bureau.alerts.no_run").to_owned(),
        },
        indicators: figures.indicators.iter().map(row).collect(),
        places,
        outcomes: (figures.outcomes.iter()).filter(|(_, n)| *n > 0).map(|(c, n)| (c.title(cx.lang), *n)).collect(),
        closed: figures.closed,
    }
}
