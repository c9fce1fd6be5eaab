//! One batch: what it brought, whether it counts, what was put aside and why; and the word that it shall not count.

use super::{batch_href, in_language, source_title, steward};
use crate::{
    BatchFigure, BatchStanding, Cx, PageResult, SayError, View, WebError,
    bureau::{
        authorise,
        data::{BatchRow, row},
        nav,
    },
    desk::{look::Tag, nav::NavGroup},
    form::{Choice, Problems},
};
use askama::Template;
use axum::{Form, extract::Path};
use serde::Deserialize;
use std::collections::BTreeMap;
use tuodi_access::{Act, Resource, looks};

pub struct WordRow {
    pub what: &'static str,
    pub at: String,
    pub who: String,
    pub why: String,
}

#[derive(Template)]
#[template(path = "bureau/ways/batch.html")]
struct BatchPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    row: BatchRow,
    source: String,
    tag: Tag,
    /// Rows that wait for a correction.
    open: u64,
    corrects: Option<(String, String)>,
    corrected_by: Vec<(String, String)>,
    words: Vec<WordRow>,
    reasons: Vec<(String, String, u64)>,
    may_load: bool,
    undone: bool,
    sent_in: bool,
    purposes: Vec<Choice>,
    why: String,
    problems: Problems,
}

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    purpose: String,
}

#[derive(Deserialize)]
pub struct Said {
    #[serde(default)]
    why: String,
}

const PURPOSES: [&str; 3] = ["correct", "return", "audit"];
/// A reason that says something, and one that is still a reason.
const WHY: std::ops::RangeInclusive<usize> = 4..=500;

async fn find(cx: &Cx, batch: &str) -> Result<BatchFigure, WebError> {
    let batches = cx.state.data.batches().await?;
    batches.into_iter().find(|b| b.batch == batch).ok_or(WebError::NotFound)
}

pub async fn page(cx: Cx, Path(batch): Path<String>) -> PageResult {
    show(&cx, &batch, "", Problems::default()).await
}

fn tag(cx: &Cx, standing: &BatchStanding) -> Tag {
    let (kind, icon, key) = match standing {
        BatchStanding { undone: true, .. } => ("bad", "ban", "undone"),
        BatchStanding { held: true, .. } => ("warn", "hand-stop", "held"),
        BatchStanding { counts: true, .. } => ("ok", "circle-check", "counts"),
        _ => ("neutral", "history", "superseded"),
    };
    Tag::new(kind, icon, cx.t_of("ways.batch", key))
}

async fn show(cx: &Cx, batch: &str, why: &str, problems: Problems) -> PageResult {
    let acting = authorise(cx, Act::ViewData, "data")?;
    let figure = find(cx, batch).await?;
    let standing = cx.state.ways.standing(batch).await?.ok_or(WebError::NotFound)?;
    let aside = if standing.open > 0 { cx.state.data.quarantine(batch).await? } else { None };
    let resource = Resource::general("data", batch, acting.actor.region.as_str());
    let pack = &cx.state.pack;
    let source = pack.source(&figure.source);
    let title = |name: &str| {
        let column = source.and_then(|s| s.column(name));
        column.map_or(name, |c| cx.text(&c.title)).to_owned()
    };
    let link = |batch: &String| (batch_href(batch), batch.clone());
    let word = |w: &crate::BatchWord| WordRow {
        what: cx.t_of("ways.word", if w.undone { "undone" } else { "redone" }),
        at: cx.moment(&w.at),
        who: w.who.clone(),
        why: w.why.clone(),
    };
    let page = BatchPage {
        v: cx,
        nav: nav(cx),
        row: row(cx, &figure),
        source: source_title(cx, &figure.source),
        tag: tag(cx, &standing),
        open: standing.open,
        corrects: standing.corrects.as_ref().map(link),
        corrected_by: standing.corrected_by.iter().map(link).collect(),
        words: standing.words.iter().rev().map(word).collect(),
        reasons: reasons(aside.as_deref().unwrap_or_default())
            .into_iter()
            .map(|((column, reason), n)| (title(&column), in_language(cx, &reason).to_owned(), n))
            .collect(),
        may_load: cx.state.access.authorise(&acting.actor, Act::LoadData, &resource, "quarantine").is_ok(),
        undone: standing.undone,
        sent_in: standing.sent_in,
        purposes: PURPOSES
            .iter()
            .map(|p| Choice {
                value: (*p).to_owned(),
                label: cx.t_of("bureau.purpose", p).to_owned(),
                hint: String::new(),
                chosen: false,
            })
            .collect(),
        why: why.to_owned(),
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn undo(cx: Cx, Path(batch): Path<String>, Form(said): Form<Said>) -> PageResult {
    say(cx, batch, true, said.why).await
}

pub async fn redo(cx: Cx, Path(batch): Path<String>, Form(said): Form<Said>) -> PageResult {
    say(cx, batch, false, said.why).await
}

async fn say(cx: Cx, batch: String, undo: bool, why: String) -> PageResult {
    let acting = steward(&cx)?;
    let why = why.trim();
    let mut problems = Problems::default();
    if !WHY.contains(&why.chars().count()) {
        problems.add("why", cx.t("ways.problem.why"));
        return show(&cx, &batch, why, problems).await;
    }
    match cx.state.ways.say(&acting.actor, &batch, undo, why, cx.now).await {
        Ok(()) => cx.go(batch_href(&batch)),
        Err(SayError::NoBatch) => Err(WebError::NotFound),
        Err(SayError::Busy) => {
            problems.add("why", cx.t("ways.problem.busy"));
            show(&cx, &batch, why, problems).await
        }
        Err(SayError::Refused(kind)) => {
            problems.add("why", cx.t_of("ways.refused", kind));
            show(&cx, &batch, why, problems).await
        }
        Err(SayError::Data(error)) => Err(error.into()),
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
        return show(&cx, &batch, "", problems).await;
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
