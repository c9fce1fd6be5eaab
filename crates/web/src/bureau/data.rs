//! What departments sent: rows read, taken, put aside and why; how fresh each source is.

use crate::{
    BatchFigure, Cx, PageResult, View, WebError,
    bureau::{authorise, cockpit::grouped, nav},
    desk::{
        look::{self, Tag},
        nav::NavGroup,
    },
    form::{Choice, Problems},
};
use askama::Template;
use axum::{Form, extract::Path};
use serde::Deserialize;
use std::collections::BTreeMap;
use tuodi_access::{Act, Resource, looks};
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
}

#[derive(Template)]
#[template(path = "bureau/batch.html")]
struct BatchPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    row: BatchRow,
    source: String,
    reasons: Vec<(String, String, u64)>,
    may_download: bool,
    purposes: Vec<Choice>,
    problems: Problems,
}

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    purpose: String,
}

const PURPOSES: [&str; 3] = ["correct", "return", "audit"];
/// Newest batches shown of each source.
const SHOWN: usize = 3;

fn row(v: &View, b: &BatchFigure) -> BatchRow {
    BatchRow {
        href: format!("/bureau/data/{}", crate::url::escape(&b.batch)),
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
    authorise(&cx, Act::ViewData, "data")?;
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
        sources,
    })
}

async fn find(cx: &Cx, batch: &str) -> Result<BatchFigure, WebError> {
    let batches = cx.state.data.batches().await?;
    batches.into_iter().find(|b| b.batch == batch).ok_or(WebError::NotFound)
}

pub async fn page(cx: Cx, Path(batch): Path<String>) -> PageResult {
    show(&cx, &batch, Problems::default()).await
}

async fn show(cx: &Cx, batch: &str, problems: Problems) -> PageResult {
    let acting = authorise(cx, Act::ViewData, "data")?;
    let figure = find(cx, batch).await?;
    let aside = if figure.rows_quarantined > 0 { cx.state.data.quarantine(batch).await? } else { None };
    let resource = Resource::general("data", batch, acting.actor.region.as_str());
    let may_download = cx.state.access.authorise(&acting.actor, Act::LoadData, &resource, "quarantine").is_ok();
    let pack = &cx.state.pack;
    let source = pack.source(&figure.source);
    let title = |name: &str| {
        let column = source.and_then(|s| s.column(name));
        column.map_or(name, |c| cx.text(&c.title)).to_owned()
    };
    let page = BatchPage {
        v: cx,
        nav: nav(cx),
        row: row(cx, &figure),
        source: source.map_or(figure.source.as_str(), |s| cx.text(&s.title)).to_owned(),
        reasons: reasons(aside.as_deref().unwrap_or_default())
            .into_iter()
            .map(|((column, reason), n)| (title(&column), in_language(cx, &reason).to_owned(), n))
            .collect(),
        may_download: may_download && aside.is_some(),
        purposes: PURPOSES
            .iter()
            .map(|p| Choice {
                value: (*p).to_owned(),
                label: cx.t_of("bureau.purpose", p).to_owned(),
                hint: String::new(),
                chosen: false,
            })
            .collect(),
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

/// Reasons stand in both languages, a stroke between (they go back to the department as they are).
fn in_language<'a>(v: &View, reason: &'a str) -> &'a str {
    match (reason.split_once(" / "), v.is_zh()) {
        (Some((chinese, _)), true) => chinese,
        (Some((_, english)), false) => english,
        (None, _) => reason,
    }
}

/// Counts by column and reason; the rows themselves stay closed.
fn reasons(csv: &[u8]) -> Vec<((String, String), u64)> {
    let csv = csv.strip_prefix("\u{feff}".as_bytes()).unwrap_or(csv);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(csv);
    let Ok(header) = reader.headers().cloned() else { return Vec::new() };
    let place = |name: &str| header.iter().position(|h| h == name);
    let (Some(column), Some(reason)) = (place("_column"), place("_reason")) else { return Vec::new() };
    let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
    for record in reader.records().flatten() {
        let cell = |at: usize| record.get(at).unwrap_or_default().to_owned();
        *counts.entry((cell(column), cell(reason))).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    counts
}

/// The rows put aside hold names and numbers: for the steward only, with a purpose, and logged.
pub async fn download(cx: Cx, Path(batch): Path<String>, Form(wanted): Form<Wanted>) -> PageResult {
    let acting = authorise(&cx, Act::LoadData, "data")?;
    if !PURPOSES.contains(&wanted.purpose.as_str()) {
        let mut problems = Problems::default();
        problems.add("purpose", cx.t("bureau.problem.purpose_required"));
        return show(&cx, &batch, problems).await;
    }
    find(&cx, &batch).await?;
    let csv = cx.state.data.quarantine(&batch).await?.ok_or(WebError::NotFound)?;
    let purpose = format!("quarantined rows: {}", wanted.purpose);
    looks::record(&cx.state.store, &acting.actor, &format!("batch:{batch}"), &purpose, cx.now).await?;
    let name: String = batch.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
    cx.file(&format!("quarantine_{name}.csv"), "text/csv; charset=utf-8", csv)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_counted_without_showing_a_row() {
        let csv = "\u{feff}姓名,_batch,_row,_column,_reason_code,_reason\n甲,b,1,id_no,bad,号码不对\n乙,b,2,id_no,bad,号码不对\n丙,b,3,wage,amount,不是金额\n";
        let counts = reasons(csv.as_bytes());
        assert_eq!(counts.len(), 2);
        assert_eq!(counts[0], (("id_no".to_owned(), "号码不对".to_owned()), 2));
    }

    #[test]
    fn a_file_without_reasons_has_none() {
        assert!(reasons(b"").is_empty());
        assert!(reasons(b"a,b\n1,2\n").is_empty());
    }
}
