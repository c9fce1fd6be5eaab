//! Sending a file in, and the files sent before.

use super::{job_href, size, source_title, sources, stage, steward};
use crate::{
    Cx, PageResult, View, WebError,
    bureau::nav,
    desk::{look::Tag, nav::NavGroup},
    form::{Choice, Problems},
};
use askama::Template;
use axum::extract::{
    Multipart, Query,
    multipart::{Field, MultipartError},
};
use serde::Deserialize;
use std::io::Write;
use tuodi_inbox::{Job, NewJob};
use tuodi_store::Page;

const PER_PAGE: u64 = 20;

pub struct Sent {
    pub href: String,
    pub file: String,
    pub size: String,
    pub source: String,
    pub who: String,
    pub at: String,
    pub stage: Tag,
}

#[derive(Template)]
#[template(path = "bureau/ways/upload.html")]
struct UploadPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    problems: Problems,
    sources: Vec<Choice>,
    limit: String,
    sent: Page<Sent>,
}

#[derive(Default, Deserialize)]
pub struct Asked {
    page: Option<u64>,
}

fn sent(cx: &Cx, job: Job) -> Sent {
    let found = job.report.iter().flat_map(|r| &r.files).find_map(|f| f.source.as_deref());
    Sent {
        href: job_href(&job.id),
        size: size(cx, job.bytes),
        source: job.source.as_deref().or(found).map(|id| source_title(cx, id)).unwrap_or_default(),
        who: job.account.clone(),
        at: cx.moment(&job.at),
        stage: stage(cx, &job),
        file: job.file_name,
    }
}

pub async fn page(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    show(&cx, asked.page.unwrap_or(1).max(1), None, Problems::default()).await
}

async fn show(cx: &Cx, page: u64, source: Option<&str>, problems: Problems) -> PageResult {
    steward(cx)?;
    let jobs = tuodi_inbox::list(&cx.state.store, page, PER_PAGE).await?;
    let by_itself = Choice {
        value: String::new(),
        label: cx.t("ways.upload.by_itself").to_owned(),
        hint: String::new(),
        chosen: source.is_none(),
    };
    let page = UploadPage {
        v: cx,
        nav: nav(cx),
        sources: std::iter::once(by_itself).chain(sources(cx, source)).collect(),
        limit: size(cx, cx.state.ways.limit()),
        sent: jobs.map(|job| sent(cx, job)),
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

enum Received {
    Whole(u64),
    TooLarge,
}

/// Writes the file as it comes; it is never in memory as a whole.
async fn write(cx: &Cx, job: &str, name: &str, field: &mut Field<'_>) -> Result<Received, WebError> {
    let mut file = cx.state.ways.create(job, name)?;
    let mut bytes = 0_u64;
    while let Some(piece) = field.chunk().await.map_err(cut_off)? {
        bytes += piece.len() as u64;
        if bytes > cx.state.ways.limit() {
            return Ok(Received::TooLarge);
        }
        file.write_all(&piece).map_err(WebError::fault)?;
    }
    // Waits for the disk.
    let finished = tokio::task::spawn_blocking(move || file.finish()).await.map_err(WebError::fault)?;
    finished.map_err(WebError::fault)?;
    Ok(Received::Whole(bytes))
}

/// The connection was lost on the way.
fn cut_off(_: MultipartError) -> WebError {
    WebError::Conflict("ways.problem.cut_off")
}

pub async fn receive(cx: Cx, mut form: Multipart) -> PageResult {
    let acting = steward(&cx)?;
    let id = uuid::Uuid::new_v4().simple().to_string();
    let mut source = None;
    let mut file: Option<(String, u64)> = None;
    let mut problems = Problems::default();
    while let Some(mut field) = form.next_field().await.map_err(cut_off)? {
        match field.name().unwrap_or_default() {
            "source" => {
                let named = field.text().await.map_err(cut_off)?;
                source = Some(named).filter(|id| cx.state.pack.source(id).is_some_and(|s| s.takes_files()));
            }
            "file" => {
                let name = field.file_name().unwrap_or_default().to_owned();
                match write(&cx, &id, &name, &mut field).await {
                    Ok(Received::Whole(0)) => problems.add("file", cx.t("ways.problem.no_file")),
                    Ok(Received::Whole(bytes)) => file = Some((name, bytes)),
                    Ok(Received::TooLarge) => {
                        problems.add("file", cx.t1("ways.problem.too_large", size(&cx, cx.state.ways.limit())));
                        // The rest of the form lies behind what will not be read.
                        break;
                    }
                    Err(error) => {
                        cx.state.ways.drop_file(&id);
                        return Err(error);
                    }
                }
            }
            _ => {}
        }
    }
    let Some((file_name, bytes)) = file.filter(|_| problems.is_empty()) else {
        cx.state.ways.drop_file(&id);
        if problems.is_empty() {
            problems.add("file", cx.t("ways.problem.no_file"));
        }
        return show(&cx, 1, source.as_deref(), problems).await;
    };
    let new = NewJob { id: id.clone(), file_name, bytes, source, corrects: None, confirmed: false, digest: None };
    if let Err(error) = tuodi_inbox::receive(&acting, new).await {
        cx.state.ways.drop_file(&id);
        return Err(error.into());
    }
    cx.state.ways.wake();
    cx.go(job_href(&id))
}
