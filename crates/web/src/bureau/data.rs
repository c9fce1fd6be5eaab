//! What departments sent: rows read, taken, put aside and why; how fresh each source is.

use crate::{
    BatchFigure, Cx, PageResult, View,
    bureau::{authorise, cockpit::grouped, nav},
    desk::{
        look::{self, Tag},
        nav::NavGroup,
    },
};
use askama::Template;
use std::collections::BTreeMap;
use tuodi_access::{Act, Resource};
use tuodi_pack::source::Origin;

pub struct SourceRow {
    pub id: String,
    pub title: String,
    pub owner: String,
    pub frequency: &'static str,
    pub fresh: Tag,
    pub batches: Vec<BatchRow>,
}

pub struct BatchRow {
    pub batch: String,
    pub href: String,
    pub file: String,
    pub arrived: String,
    pub read: String,
    pub taken: String,
    pub aside: String,
    pub clean: bool,
    pub width: u64,
}

#[derive(Template)]
#[template(path = "bureau/data.html")]
struct DataPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    sources: Vec<SourceRow>,
    missing: Vec<(String, String)>,
    rows: String,
    aside: String,
    may_load: bool,
}

/// Newest batches shown of each source.
const SHOWN: usize = 3;

pub fn row(v: &View, b: &BatchFigure) -> BatchRow {
    BatchRow {
        href: format!("/bureau/data/batches/{}", crate::url::escape(&b.batch)),
        batch: b.batch.clone(),
        file: b.file.clone(),
        arrived: v.moment(&b.arrived),
        read: grouped(b.rows_read),
        taken: grouped(b.rows_taken),
        aside: grouped(b.rows_quarantined),
        clean: b.rows_quarantined == 0,
        width: look::width(b.rows_taken, b.rows_read),
    }
}

/// Days after which a source of this frequency is late.
fn patience(frequency: &str) -> Option<i64> {
    match frequency {
        "daily" => Some(3),
        "weekly" => Some(10),
        "monthly" => Some(40),
        "yearly" => Some(400),
        _ => None,
    }
}

fn frequency(v: &View, frequency: &str) -> &'static str {
    crate::words::find(v.lang, &format!("bureau.frequency.{frequency}")).unwrap_or(v.t("bureau.data.as_needed"))
}

pub async fn list(cx: Cx) -> PageResult {
    let acting = authorise(&cx, Act::ViewData, "data")?;
    let resource = Resource::general("data", "", acting.actor.region.as_str());
    let pack = &cx.state.pack;
    let batches = cx.state.data.batches().await?;
    let mut by_source: BTreeMap<&str, Vec<&BatchFigure>> = BTreeMap::new();
    for batch in &batches {
        by_source.entry(&batch.source).or_default().push(batch);
    }
    let mut sources = Vec::new();
    for (id, mut batches) in by_source {
        batches.sort_by_key(|b| std::cmp::Reverse(b.arrived));
        let source = pack.source(id);
        let age = (cx.now - batches[0].arrived).num_days();
        let late = source.and_then(|s| patience(&s.frequency)).is_some_and(|days| age > days);
        sources.push(SourceRow {
            id: id.to_owned(),
            title: source.map_or(id, |s| cx.text(&s.title)).to_owned(),
            owner: source.map(|s| cx.text(&s.owner).to_owned()).unwrap_or_default(),
            frequency: source.map_or("", |s| frequency(&cx, &s.frequency)),
            fresh: match (late, age) {
                (true, days) => Tag::new("bad", "alert-triangle", cx.tn("bureau.data.late", days)),
                (false, 0) => Tag::new("ok", "circle-check", cx.t("bureau.data.today")),
                (false, days) => Tag::new("ok", "circle-check", cx.tn("bureau.data.fresh", days)),
            },
            batches: batches.iter().take(SHOWN).map(|b| row(&cx, b)).collect(),
        });
    }
    let missing = (pack.sources.iter())
        .filter(|s| s.origin == Origin::Department && !batches.iter().any(|b| b.source == s.id))
        .map(|s| (cx.text(&s.owner).to_owned(), cx.text(&s.title).to_owned()));
    cx.page(&DataPage {
        v: &cx,
        nav: nav(&cx),
        missing: missing.collect(),
        rows: grouped(batches.iter().map(|b| b.rows_taken).sum()),
        aside: grouped(batches.iter().map(|b| b.rows_quarantined).sum()),
        may_load: cx.state.access.authorise(&acting.actor, Act::LoadData, &resource, "inbox").is_ok(),
        sources,
    })
}
