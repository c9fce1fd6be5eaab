//! The list of feeds: what comes from whom, how each stands against its promise, and the same as a workbook.

use crate::{
    BatchFigure, Cx, PageResult, View, WebError,
    bureau::{authorise, cockpit::grouped, nav},
    desk::{look::Tag, nav::NavGroup},
    words,
};
use askama::Template;
use axum::extract::Query;
use chrono::Datelike;
use rust_xlsxwriter::{Format, FormatBorder, Workbook, XlsxError};
use serde::Deserialize;
use tuodi_access::{Act, Resource};
use tuodi_feeds::{Arrival, Score, Standing, Trouble, standing};
use tuodi_inbox::Fetch;
use tuodi_pack::{Pack, Renewal, source::Source};

/// One feed of the list.
pub struct FeedRow {
    pub id: String,
    pub href: String,
    pub title: String,
    pub owner: String,
    pub frequency: String,
    pub states: Vec<Tag>,
    pub newest: String,
    pub due: String,
    pub until: String,
    pub batches: usize,
    pub rows: u64,
    pub aside: u64,
    /// The five scores of the newest batch, as text.
    pub scores: Vec<String>,
    pub tasks: usize,
    kinds: Vec<&'static str>,
}

pub struct Named {
    pub id: &'static str,
    pub title: String,
    pub chosen: bool,
}

#[derive(Template)]
#[template(path = "bureau/feeds.html")]
struct FeedsPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    q: String,
    states: Vec<Named>,
    counts: Vec<(String, usize, &'static str)>,
    feeds: Vec<FeedRow>,
    all: usize,
    rows: String,
    aside: String,
    export: String,
    any: bool,
    may_load: bool,
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
}

const STATES: [&str; 7] = ["ok", "late", "degraded", "agreement", "unfetched", "ending", "never"];

/// The words a state has in lists, on pages and in the workbook.
pub fn states(v: &View, pack: &Pack, now: &Standing) -> (Vec<Tag>, Vec<&'static str>) {
    let (mut tags, mut kinds) = (Vec::new(), Vec::new());
    for trouble in &now.troubles {
        let (kind, icon) = match trouble {
            Trouble::Late { .. } => ("bad", "clock"),
            Trouble::Degraded { .. } => ("warn", "alert-triangle"),
            Trouble::Agreement { .. } => ("bad", "ban"),
            Trouble::Unfetched { .. } => ("bad", "alert-triangle"),
        };
        tags.push(Tag::new(kind, icon, v.text(&trouble.words()).to_owned()));
        kinds.push(trouble.id());
    }
    let warn = i64::from(pack.workflow.feeds.warn_days);
    if let Some(days) = now.days_left(v.today()).filter(|days| *days <= warn) {
        tags.push(Tag::new("warn", "calendar", v.tn("feed.ends_in", days)));
        kinds.push("ending");
    }
    if now.newest.is_none() {
        tags.push(Tag::new("neutral", "info-circle", v.t("feed.never").to_owned()));
        kinds.push("never");
    }
    if kinds.is_empty() {
        tags.push(Tag::new("ok", "circle-check", v.t("feed.on_time").to_owned()));
        kinds.push("ok");
    }
    (tags, kinds)
}

/// `99.2`; a dash where a score cannot be told.
pub fn percent(value: Option<f64>) -> String {
    value.map_or_else(|| "—".to_owned(), |v| format!("{v:.1}"))
}

/// How a feed stands now, and whether fetching it fails.
pub fn stands<'a>(
    v: &View,
    source: &Source,
    arrivals: impl Iterator<Item = &'a Arrival>,
    renewals: &[Renewal],
    fetches: &[Fetch],
) -> Standing {
    let mut now = standing(source, arrivals, renewals, v.now);
    let stuck = fetches.iter().find(|f| f.source == source.id).and_then(Fetch::is_stuck);
    now.troubles.extend(stuck.map(|since| Trouble::Unfetched { since: v.day_of(&since) }));
    now
}

fn row(
    v: &View,
    pack: &Pack,
    source: &Source,
    batches: &[&BatchFigure],
    renewals: &[Renewal],
    fetches: &[Fetch],
    tasks: usize,
) -> FeedRow {
    let arrivals = || batches.iter().map(|b| &b.arrival);
    let now = stands(v, source, arrivals(), renewals, fetches);
    let (states, kinds) = states(v, pack, &now);
    let newest: Option<&Arrival> = arrivals().max_by_key(|a| a.at);
    FeedRow {
        id: source.id.clone(),
        href: format!("/bureau/data/{}", crate::url::escape(&source.id)),
        title: v.text(&source.title).to_owned(),
        owner: v.text(&source.owner).to_owned(),
        frequency: v.text(&tuodi_pack::words::frequency(&source.frequency)).to_owned(),
        states,
        newest: now.newest.map(|at| v.moment(&at)).unwrap_or_default(),
        due: now.due.map(|day| v.full_date(&day)).unwrap_or_default(),
        until: match &now.agreement {
            Some((_, Some(until))) => v.full_date(until),
            Some((_, None)) => v.t("feed.open_end").to_owned(),
            None => String::new(),
        },
        batches: batches.len(),
        rows: batches.iter().map(|b| b.rows_taken).sum(),
        aside: batches.iter().map(|b| b.rows_quarantined).sum(),
        scores: Score::ALL.map(|s| percent(newest.and_then(|a| a.scores.get(s)))).into(),
        tasks,
        kinds,
    }
}

/// Every feed of the pack, in the order of the pack's ids.
async fn feeds(cx: &Cx) -> Result<Vec<FeedRow>, WebError> {
    let pack = &cx.state.pack;
    let batches = cx.state.data.batches().await?;
    let renewals = tuodi_feeds::renewals(&cx.state.store).await?;
    let fetches = tuodi_inbox::fetches(&cx.state.store).await?;
    let tasks = tuodi_feeds::tasks(&cx.state.store, None, true).await?;
    let of = |source: &Source| {
        let own: Vec<&BatchFigure> = batches.iter().filter(|b| b.source == source.id).collect();
        let open = tasks.iter().filter(|t| t.source == source.id).count();
        row(cx, pack, source, &own, &renewals, &fetches, open)
    };
    Ok(pack.sources.iter().map(of).collect())
}

impl Asked {
    fn keeps(&self, feed: &FeedRow) -> bool {
        let q = self.q.trim().to_lowercase();
        let found = [&feed.id, &feed.title, &feed.owner].into_iter().any(|text| text.to_lowercase().contains(&q));
        found && (self.state.is_empty() || feed.kinds.contains(&self.state.as_str()))
    }
}

pub async fn list(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    let acting = authorise(&cx, Act::ViewData, "data")?;
    let inbox = Resource::general("data", "", acting.actor.region.as_str());
    let may_load = cx.state.access.authorise(&acting.actor, Act::LoadData, &inbox, "inbox").is_ok();
    let mut feeds = feeds(&cx).await?;
    let all = feeds.len();
    let state = |id: &'static str| cx.t_of("feed.state", id).to_owned();
    let counts = STATES.map(|id| (state(id), feeds.iter().filter(|f| f.kinds.contains(&id)).count(), id));
    let (rows, aside) = feeds.iter().fold((0, 0), |(r, a), f| (r + f.rows, a + f.aside));
    feeds.retain(|feed| asked.keeps(feed));
    cx.page(&FeedsPage {
        v: &cx,
        nav: nav(&cx),
        states: STATES.map(|id| Named { id, title: state(id), chosen: asked.state == id }).into(),
        counts: counts.into_iter().filter(|(_, n, _)| *n > 0).collect(),
        any: rows + aside > 0,
        may_load,
        rows: grouped(rows),
        aside: grouped(aside),
        export: format!(
            "/bureau/data/export?q={}&state={}",
            crate::url::escape(&asked.q),
            crate::url::escape(&asked.state)
        ),
        q: asked.q,
        all,
        feeds,
    })
}

/// The list as it is filtered; figures of feeds, nobody in particular.
pub async fn export(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    authorise(&cx, Act::ViewData, "data")?;
    let mut feeds = feeds(&cx).await?;
    feeds.retain(|feed| asked.keeps(feed));
    let book = book(&cx, &feeds).map_err(WebError::fault)?;
    let today = cx.today();
    let name = format!("feeds_{}{:02}{:02}.xlsx", today.year(), today.month(), today.day());
    cx.file(&name, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", book)
}

fn book(v: &View, feeds: &[FeedRow]) -> Result<Vec<u8>, XlsxError> {
    const COLUMNS: [&str; 11] =
        ["source", "title", "owner", "frequency", "state", "newest", "due", "until", "batches", "rows", "aside"];
    let head = Format::new().set_bold().set_border_bottom(FormatBorder::Thin);
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name(words::text(v.lang, "bureau.nav.data"))?;
    let scores = Score::ALL.map(|s| v.text(&s.title()).to_owned());
    let titles = COLUMNS.iter().map(|c| v.t_of("feed.column", c).to_owned()).chain(scores);
    for (col, title) in titles.enumerate() {
        sheet.write_string_with_format(0, col as u16, title, &head)?;
    }
    for (i, feed) in feeds.iter().enumerate() {
        let at = i as u32 + 1;
        let states: Vec<&str> = feed.states.iter().map(|t| t.text.as_str()).collect();
        let texts = [&feed.id, &feed.title, &feed.owner, &feed.frequency];
        for (col, text) in texts.into_iter().enumerate() {
            sheet.write_string(at, col as u16, text)?;
        }
        sheet.write_string(at, 4, states.join("; "))?;
        for (col, text) in [&feed.newest, &feed.due, &feed.until].into_iter().enumerate() {
            sheet.write_string(at, 5 + col as u16, text)?;
        }
        for (col, n) in [feed.batches as u64, feed.rows, feed.aside].into_iter().enumerate() {
            sheet.write_number(at, 8 + col as u16, n as f64)?;
        }
        for (col, score) in feed.scores.iter().enumerate() {
            match score.parse::<f64>() {
                Ok(value) => sheet.write_number(at, 11 + col as u16, value)?,
                Err(_) => sheet.write_string(at, 11 + col as u16, score)?,
            };
        }
    }
    sheet.set_freeze_panes(1, 2)?;
    sheet.autofit();
    book.save_to_buffer()
}
