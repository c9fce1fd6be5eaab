//! The ways in: a file is sent, looked at, explained where its headings are strange, tried, taken; its rows mended; its
//! batch undone; systems that send by themselves have their keys. Only the data steward (R16) sends; who may see data
//! sees what came of it.

mod batch;
mod headings;
mod job;
mod keys;
mod relays;
mod rounds;
mod rows;
mod source;
mod upload;

use crate::{
    AppState, Cx, View, WebError,
    bureau::authorise,
    desk::look::Tag,
    form::Choice,
    route::{get, post},
};
use axum::{Router, extract::DefaultBodyLimit};
use tuodi_access::Act;
use tuodi_inbox::{Job, Stage};
use tuodi_pack::Text;

pub fn routes() -> Router<AppState> {
    Router::new()
        // The room counts the bytes itself, as they come.
        .route("/bureau/data/upload", get(upload::page).merge(post(upload::receive)).layer(DefaultBodyLimit::disable()))
        .route("/bureau/data/relays", get(relays::page))
        .route("/bureau/data/questions", get(rounds::list).merge(post(rounds::make)))
        .route("/bureau/data/questions/{id}", get(rounds::page))
        .route("/bureau/data/questions/{id}/file", post(rounds::download))
        .route("/bureau/data/questions/{id}/reply", post(rounds::reply).layer(DefaultBodyLimit::disable()))
        .route("/bureau/data/headings", get(headings::page))
        .route("/bureau/data/headings/{id}/forget", post(headings::forget))
        .route("/bureau/data/jobs/{id}", get(job::page))
        .route("/bureau/data/jobs/{id}/headings", post(job::explain))
        .route("/bureau/data/jobs/{id}/confirm", post(job::confirm))
        .route("/bureau/data/jobs/{id}/recheck", post(job::recheck))
        .route("/bureau/data/jobs/{id}/cancel", post(job::cancel))
        .route("/bureau/data/{source}/ways", get(source::page))
        .route("/bureau/data/{source}/fetch", post(source::fetch_now))
        .route("/bureau/data/{source}/fetch/stop", post(source::stop))
        .route("/bureau/data/{source}/keys", post(keys::admit))
        .route("/bureau/data/{source}/keys/{key}/revoke", post(keys::revoke))
        .route("/bureau/data/batches/{batch}", get(batch::page))
        .route("/bureau/data/batches/{batch}/quarantine", post(batch::download))
        .route("/bureau/data/batches/{batch}/undo", post(batch::undo))
        .route("/bureau/data/batches/{batch}/redo", post(batch::redo))
        .route("/bureau/data/batches/{batch}/rows", get(rows::page).merge(post(rows::send)))
}

/// The steward, as the room of jobs wants to see them.
fn steward(cx: &Cx) -> Result<tuodi_inbox::Cx, WebError> {
    let acting = authorise(cx, Act::LoadData, "data")?;
    Ok(tuodi_inbox::Cx { store: acting.store, access: acting.access, actor: acting.actor, now: acting.now })
}

fn job_href(id: &str) -> String {
    format!("/bureau/data/jobs/{}", crate::url::escape(id))
}

fn batch_href(batch: &str) -> String {
    format!("/bureau/data/batches/{}", crate::url::escape(batch))
}

fn stage(v: &View, job: &Job) -> Tag {
    let (kind, icon) = match job.stage {
        Stage::Checking | Stage::Taking => ("info", "clock"),
        Stage::Checked => ("hold", "help-circle"),
        Stage::Done => ("ok", "circle-check"),
        Stage::Cancelled => ("neutral", "x"),
        Stage::Failed => ("bad", "alert-triangle"),
    };
    Tag::new(kind, icon, v.t_of("ways.stage", job.stage.id()))
}

fn size(v: &View, bytes: u64) -> String {
    match bytes {
        0..1_024 => v.t1("ways.size.b", bytes),
        1_024..1_048_576 => v.t1("ways.size.kb", bytes.div_ceil(1_024)),
        _ => v.t1("ways.size.mb", format!("{:.1}", bytes as f64 / 1_048_576.0).trim_end_matches(".0")),
    }
}

fn source_title(cx: &Cx, id: &str) -> String {
    cx.state.pack.source(id).map_or_else(|| id.to_owned(), |s| format!("{} {}", cx.text(&s.title), s.id))
}

/// The sources that take files.
fn sources(cx: &Cx, chosen: Option<&str>) -> Vec<Choice> {
    let sources = cx.state.pack.sources.iter().filter(|s| s.takes_files());
    sources
        .map(|s| Choice {
            value: s.id.clone(),
            label: format!("{} {} · {}", s.id, cx.text(&s.title), cx.text(&s.owner)),
            hint: String::new(),
            chosen: chosen == Some(s.id.as_str()),
        })
        .collect()
}

fn in_words(v: &View, [place, problem, remedy]: &[Text; 3]) -> (String, String) {
    let gap = if v.is_zh() { "：" } else { ": " };
    (format!("{}{gap}{}", v.text(place), v.text(problem)), v.text(remedy).to_owned())
}

/// Reasons stand in both languages, a stroke between (they go back to the department as they are).
fn in_language<'a>(v: &View, reason: &'a str) -> &'a str {
    match (reason.split_once(" / "), v.is_zh()) {
        (Some((chinese, _)), true) => chinese,
        (Some((_, english)), false) => english,
        (None, _) => reason,
    }
}
