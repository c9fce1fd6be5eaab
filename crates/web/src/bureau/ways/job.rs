//! One file on its way: how its first rows would be taken, what is wrong, what a person decides, what came of it.

use super::{batch_href, in_words, job_href, size, source_title, sources, stage, steward};
use crate::{
    Cx, PageResult, Seen, View, WebError,
    bureau::{cockpit::grouped, nav, simulate::look_again},
    desk::{look::Tag, nav::NavGroup},
    form::{Choice, Problems},
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query},
};
use serde::Deserialize;
use std::collections::BTreeMap;
use tuodi_inbox::{FileOutcome, Job, Stage};
use tuodi_pack::source::{ColumnType, Source};

pub struct FileView {
    pub name: String,
    pub tag: Option<Tag>,
    pub source: String,
    /// Read, taken, put aside.
    pub rows: Option<[String; 3]>,
    pub reasons: Vec<(&'static str, String)>,
    /// What is wrong, and what to do.
    pub refusal: Option<(String, String)>,
    pub batch: Option<String>,
    pub mend: Option<String>,
    pub preview: Option<Preview>,
    pub explain: Option<Explain>,
}

pub struct Preview {
    /// Heading, and the contract's column below it.
    pub heads: Vec<(String, String)>,
    pub rows: Vec<Vec<PreviewCell>>,
}

pub struct PreviewCell {
    pub raw: String,
    /// Where it is taken as something else than it was written.
    pub taken: String,
    pub reason: String,
}

/// The form in which a steward says what headings mean.
pub struct Explain {
    pub source: String,
    pub sources: Vec<Choice>,
    pub required: String,
    pub lines: Vec<ExplainLine>,
}

pub struct ExplainLine {
    pub field: String,
    pub key: String,
    pub text: String,
    pub choices: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "bureau/ways/job.html")]
struct JobPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    href: String,
    job: &'a Job,
    size: String,
    at: String,
    stage: Tag,
    running: Option<String>,
    /// Of a hundred, once the number of rows is known.
    share: Option<u64>,
    corrects: Option<String>,
    files: Vec<FileView>,
    may_take: bool,
    problems: Problems,
}

#[derive(Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    source: String,
}

pub async fn page(cx: Cx, Path(id): Path<String>, Query(asked): Query<Asked>) -> PageResult {
    steward(&cx)?;
    let job = tuodi_inbox::find(&cx.state.store, &id).await?;
    let typed = Typed { source: Some(asked.source).filter(|s| !s.is_empty()), ..Typed::default() };
    let page = draw(&cx, &job, &typed, Problems::default()).await?;
    Ok(look_again(page, job.stage.is_running()))
}

/// What the form of headings held, when it is shown again.
#[derive(Default)]
struct Typed {
    source: Option<String>,
    headings: BTreeMap<String, String>,
}

async fn draw(cx: &Cx, job: &Job, typed: &Typed, problems: Problems) -> PageResult {
    // Without its file a job has only its report; what was mended on a page needs no preview.
    let seen = match job.stage.is_over() || job.corrects.is_some() {
        true => Vec::new(),
        false => {
            let named = typed.source.clone().or_else(|| job.source.clone());
            cx.state.ways.look(&Job { source: named, ..job.clone() }).await?
        }
    };
    let outcomes = job.report.as_ref().map(|r| r.files.as_slice()).unwrap_or_default();
    let mut files: Vec<FileView> = Vec::new();
    for seen in &seen {
        let outcome = outcomes.iter().find(|o| o.file == seen.file);
        files.push(file(cx, job, outcome, Some(seen), typed));
    }
    for outcome in outcomes.iter().filter(|o| !seen.iter().any(|s| s.file == o.file)) {
        files.push(file(cx, job, Some(outcome), None, typed));
    }
    // One explanation at a time: the next file's headings may well be the same.
    let mut asked = false;
    for file in &mut files {
        if asked {
            file.explain = None;
        }
        asked |= file.explain.is_some();
    }
    let known = job.report.as_ref().map(|r| r.sum(|f| f.rows_read)).filter(|n| *n > 0);
    let progress = cx.state.ways.progress(&job.id);
    let running = job.stage.is_running().then(|| match progress {
        Some(rows) => cx.t1("ways.job.rows_so_far", grouped(rows)),
        None => cx.t("ways.job.waiting").to_owned(),
    });
    let page = JobPage {
        v: cx,
        nav: nav(cx),
        href: job_href(&job.id),
        size: size(cx, job.bytes),
        at: cx.moment(&job.at),
        stage: stage(cx, job),
        share: known.zip(progress).map(|(all, rows)| (rows * 100 / all).min(100)),
        running,
        corrects: job.corrects.as_deref().map(batch_href),
        may_take: job.stage == Stage::Checked && job.report.as_ref().is_some_and(|r| r.has_rows()),
        files,
        job,
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

fn file(cx: &Cx, job: &Job, outcome: Option<&FileOutcome>, seen: Option<&Seen>, typed: &Typed) -> FileView {
    let over = job.stage.is_over();
    let tag = |outcome: &FileOutcome| {
        let (kind, icon) = match outcome.state.as_str() {
            "taken" => ("ok", "circle-check"),
            "refused" => ("bad", "alert-triangle"),
            "held" => ("warn", "hand-stop"),
            _ => ("neutral", "info-circle"),
        };
        let word = match over {
            true => cx.t_of("ways.outcome", &outcome.state),
            false => cx.t_of("ways.trial", &outcome.state),
        };
        Tag::new(kind, icon, word)
    };
    let source = outcome.and_then(|o| o.source.as_deref()).or(seen.and_then(|s| s.source.as_deref()));
    // A first look with another source says more about it than a trial before.
    let refusal = match (seen, outcome) {
        (Some(seen), _) if typed.source.is_some() => seen.refusal.as_ref(),
        (_, Some(outcome)) => outcome.refusal.as_ref(),
        (Some(seen), None) => seen.refusal.as_ref(),
        (None, None) => None,
    };
    let batch = outcome.and_then(|o| o.batch.as_deref()).filter(|_| over).map(batch_href);
    FileView {
        name: outcome.map(|o| o.file.clone()).or(seen.map(|s| s.file.clone())).unwrap_or_default(),
        tag: outcome.map(tag),
        source: source.map(|id| source_title(cx, id)).unwrap_or_default(),
        rows: outcome.filter(|o| o.rows_read > 0).map(|o| [o.rows_read, o.rows_taken, o.rows_quarantined].map(grouped)),
        reasons: outcome
            .map(|o| o.reasons.iter().map(|(code, n)| (cx.t_of("ways.reason", code), grouped(*n))).collect())
            .unwrap_or_default(),
        refusal: refusal.map(|refusal| in_words(cx, refusal)),
        mend: outcome.filter(|o| o.rows_quarantined > 0).and(batch.as_ref()).map(|href| format!("{href}/rows")),
        batch,
        preview: seen.filter(|s| !s.rows.is_empty()).map(|seen| preview(cx, seen)),
        explain: seen
            .filter(|s| job.stage == Stage::Checked && refusal.is_some() && !s.headings.is_empty())
            .and_then(|seen| form(cx, seen, typed)),
    }
}

fn preview(cx: &Cx, seen: &Seen) -> Preview {
    let source = seen.source.as_deref().and_then(|id| cx.state.pack.source(id));
    let title = |column: &Option<String>| match (column, source) {
        (Some(name), Some(source)) => source.column(name).map_or(name.as_str(), |c| cx.text(&c.title)).to_owned(),
        _ => cx.t("ways.explain.left_out").to_owned(),
    };
    Preview {
        heads: seen.headings.iter().map(|h| (h.text.clone(), title(&h.column))).collect(),
        rows: seen
            .rows
            .iter()
            .map(|row| {
                row.iter()
                    .map(|value| PreviewCell {
                        raw: value.raw.clone(),
                        taken: value.taken.clone().filter(|t| *t != value.raw).unwrap_or_default(),
                        reason: value.reason.as_ref().map(|r| cx.text(r).to_owned()).unwrap_or_default(),
                    })
                    .collect()
            })
            .collect(),
    }
}

fn required<'a>(cx: &'a Cx, source: &'a Source) -> impl Iterator<Item = (&'a str, &'a str)> {
    source.columns.iter().filter(|c| !c.null).map(|c| (c.name.as_str(), cx.text(&c.title)))
}

fn form(cx: &Cx, seen: &Seen, typed: &Typed) -> Option<Explain> {
    let source = cx.state.pack.source(seen.source.as_deref()?)?;
    let lines = seen.headings.iter().filter(|h| !h.key.is_empty()).enumerate().map(|(i, heading)| {
        let chosen = typed.headings.get(&heading.key).cloned().or_else(|| heading.column.clone()).unwrap_or_default();
        ExplainLine {
            field: format!("h{i}"),
            key: heading.key.clone(),
            text: heading.text.clone(),
            choices: columns(cx, source, &chosen),
        }
    });
    let gap = if cx.is_zh() { "、" } else { ", " };
    Some(Explain {
        source: source.id.clone(),
        sources: sources(cx, Some(&source.id)),
        required: required(cx, source).map(|(_, title)| title).collect::<Vec<_>>().join(gap),
        lines: lines.collect(),
    })
}

/// Columns to choose from; those of money once for each unit in which departments write it.
fn columns(cx: &Cx, source: &Source, chosen: &str) -> Vec<Choice> {
    let choice = |value: String, label: String| Choice { chosen: value == chosen, value, label, hint: String::new() };
    let mut choices = vec![choice(String::new(), cx.t("ways.explain.left_out").to_owned())];
    for column in &source.columns {
        let star = if column.null { "" } else { " *" };
        let title = cx.text(&column.title);
        if column.kind == ColumnType::Money {
            for unit in ["元", "分", "万元"] {
                let value = format!("{}|{unit}", column.name);
                let label = cx.t2("ways.explain.in_unit", title, unit) + star;
                choices.push(Choice {
                    chosen: value == chosen || (unit == "元" && column.name == chosen),
                    ..choice(value, label)
                });
            }
        } else {
            choices.push(choice(column.name.clone(), format!("{title}{star}")));
        }
    }
    choices
}

/// Saves what the headings mean and tries the file again.
pub async fn explain(cx: Cx, Path(id): Path<String>, Form(pairs): Form<Vec<(String, String)>>) -> PageResult {
    let acting = steward(&cx)?;
    let job = tuodi_inbox::find(&cx.state.store, &id).await?;
    let value = |name: &str| pairs.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str());
    let source = cx.state.pack.source(value("source")).filter(|s| s.takes_files()).ok_or(WebError::NotFound)?;
    let mut problems = Problems::default();
    let mut headings = BTreeMap::new();
    let mut used: BTreeMap<&str, String> = BTreeMap::new();
    let lines = pairs.iter().filter_map(|(name, key)| Some((name.strip_prefix('k')?, key)));
    for (n, key) in lines {
        let field = format!("h{n}");
        let to = value(&field);
        let column = to.split('|').next().unwrap_or_default();
        if !to.is_empty() && source.column(column).is_none() {
            problems.add(&field, cx.t("ways.problem.column"));
        }
        if !to.is_empty() && used.insert(column, field.clone()).is_some() {
            problems.add(&field, cx.t("ways.problem.column_twice"));
        }
        headings.insert(key.clone(), to.to_owned());
    }
    let gap = if cx.is_zh() { "、" } else { ", " };
    let missing: Vec<&str> =
        required(&cx, source).filter(|(name, _)| !used.contains_key(name)).map(|(_, title)| title).collect();
    if !missing.is_empty() {
        problems.add("h0", cx.t1("ways.problem.missing", missing.join(gap)));
    }
    // Headings are kept; a row of somebody's data must not be.
    if headings.keys().any(|key| key.chars().filter(char::is_ascii_digit).count() > 7) {
        problems.add("h0", cx.t("ways.problem.no_headings"));
    }
    if !problems.is_empty() {
        let typed = Typed { source: Some(source.id.clone()), headings };
        return draw(&cx, &job, &typed, problems).await;
    }
    tuodi_inbox::explain(&acting, &source.id, headings).await?;
    // The other files of an archive may be of other sources; what was explained is found by its headings.
    let single = job.report.as_ref().is_none_or(|r| r.files.len() < 2);
    tuodi_inbox::recheck(&acting, &id, single.then(|| source.id.clone())).await?;
    cx.state.ways.wake();
    cx.go(job_href(&id))
}

/// Tries the file again as one of the source that a person named.
pub async fn recheck(cx: Cx, Path(id): Path<String>, Form(asked): Form<Asked>) -> PageResult {
    let acting = steward(&cx)?;
    let source = Some(asked.source).filter(|id| cx.state.pack.source(id).is_some_and(|s| s.takes_files()));
    tuodi_inbox::recheck(&acting, &id, source).await?;
    cx.state.ways.wake();
    cx.go(job_href(&id))
}

pub async fn confirm(cx: Cx, Path(id): Path<String>) -> PageResult {
    tuodi_inbox::confirm(&steward(&cx)?, &id).await?;
    cx.state.ways.wake();
    cx.go(job_href(&id))
}

pub async fn cancel(cx: Cx, Path(id): Path<String>) -> PageResult {
    tuodi_inbox::cancel(&steward(&cx)?, &id).await?;
    cx.state.ways.wake();
    cx.go(job_href(&id))
}
