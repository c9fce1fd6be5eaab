//! Departments that answer only in batches: lists of people to ask about, taken away as a file, and the replies that come
//! back. For the data steward.

use super::source_title;
use crate::{
    Cx, PageResult, View, WebError,
    bureau::{authorise, nav},
    desk::{look::Tag, nav::NavGroup, page_of},
    form::{Fields, Problems},
    upload::{self, Table},
};
use askama::Template;
use axum::{
    Form,
    extract::{Multipart, Path, Query},
};
use tuodi_access::Act;
use tuodi_casework::verify::{self, AnswerState, Round, Taken};
use tuodi_store::Page;

const PER_PAGE: u64 = 20;
/// Rows of a reply that are shown with what is wrong.
const SHOWN: usize = 50;

pub struct ToAskLine {
    pub source: String,
    pub title: String,
    pub households: usize,
}

pub struct RoundLine {
    pub id: i64,
    pub title: String,
    pub size: String,
    pub made: String,
    pub limit: String,
    pub tags: Vec<Tag>,
}

#[derive(Template)]
#[template(path = "bureau/ways/rounds.html")]
struct RoundsPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    waiting: Vec<ToAskLine>,
    page: Page<RoundLine>,
    /// Nobody waited any more.
    nobody: bool,
}

#[derive(Template)]
#[template(path = "bureau/ways/round.html")]
struct RoundPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    line: RoundLine,
    sent: String,
    replied: String,
    states: Vec<(Tag, usize)>,
    open: bool,
    /// What came of the reply that was just sent.
    outcome: Vec<(&'static str, usize)>,
    wrong: Vec<String>,
    more: usize,
    problems: Problems,
}

fn steward(cx: &Cx) -> Result<tuodi_casework::Cx, WebError> {
    authorise(cx, Act::LoadData, "data")
}

fn line(cx: &Cx, round: &Round) -> RoundLine {
    let mut tags = Vec::new();
    if round.waiting == 0 {
        tags.push(Tag::new("ok", "circle-check", cx.t("ways.round.closed")));
    } else if round.sent_at.is_none() {
        tags.push(Tag::new("hold", "clock", cx.t("ways.round.not_sent")));
    } else {
        tags.push(Tag::new("info", "clock", cx.tn("ways.round.waiting", round.waiting)));
    }
    RoundLine {
        id: round.id,
        title: source_title(cx, &round.source),
        size: cx.t2("ways.round.size", round.people, round.households),
        made: cx.t2("ways.key.made", cx.moment(&round.made_at), &round.made_by),
        limit: cx.moment(&round.limit_at),
        tags,
    }
}

pub async fn list(cx: Cx, Query(asked): Query<Fields>) -> PageResult {
    let acting = steward(&cx)?;
    let page = verify::rounds(&acting, page_of(asked.get("page").map_or("", String::as_str)), PER_PAGE).await?;
    let waiting = verify::to_ask(&acting).await?;
    cx.page(&RoundsPage {
        v: &cx,
        nav: nav(&cx),
        waiting: waiting
            .into_iter()
            .map(|w| ToAskLine { title: source_title(&cx, &w.source), source: w.source, households: w.households })
            .collect(),
        page: page.map(|round| line(&cx, &round)),
        nobody: asked.contains_key("nobody"),
    })
}

pub async fn make(cx: Cx, Form(typed): Form<Fields>) -> PageResult {
    let source = typed.get("source").map_or("", String::as_str);
    match verify::make_round(&steward(&cx)?, source).await? {
        Some(id) => cx.go(format!("/bureau/data/questions/{id}")),
        None => cx.go("/bureau/data/questions?nobody=1"),
    }
}

async fn show(
    cx: &Cx,
    id: i64,
    counts: &[usize; 5],
    wrong: &[(usize, tuodi_pack::Text)],
    problems: Problems,
) -> PageResult {
    let round = verify::round(&steward(cx)?, id).await?;
    let never = || cx.t("ways.round.never").to_owned();
    let titles = ["answered", "partial", "missing", "late", "closed"];
    let outcome = match counts.iter().all(|n| *n == 0) {
        true => Vec::new(),
        false => titles.iter().zip(counts).map(|(id, n)| (cx.t_of("ways.round.outcome", id), *n)).collect(),
    };
    let page = RoundPage {
        v: cx,
        nav: nav(cx),
        line: line(cx, &round),
        sent: round.sent_at.as_ref().map_or_else(never, |at| cx.moment(at)),
        replied: round.replied_at.as_ref().map_or_else(never, |at| cx.moment(at)),
        states: round
            .states
            .iter()
            .filter_map(|(id, n)| Some((crate::desk::state_tag(cx, AnswerState::from_id(id)?), *n)))
            .collect(),
        open: round.waiting > 0 || round.states.contains_key(AnswerState::TimedOut.id()),
        outcome,
        wrong: wrong.iter().take(SHOWN).map(|(row, what)| cx.t2("ways.round.row", row, cx.text(what))).collect(),
        more: wrong.len().saturating_sub(SHOWN),
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn page(cx: Cx, Path(id): Path<i64>, Query(asked): Query<Fields>) -> PageResult {
    let count = |name: &str| asked.get(name).and_then(|n| n.parse().ok()).unwrap_or(0);
    let counts = ["answered", "partial", "missing", "late", "closed"].map(count);
    show(&cx, id, &counts, &[], Problems::default()).await
}

/// The list itself: a change, for it is on record who took it away.
pub async fn download(cx: Cx, Path(id): Path<i64>) -> PageResult {
    let bytes = verify::round_file(&steward(&cx)?, id).await?;
    const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    cx.file(&format!("questions-{id}.xlsx"), XLSX, bytes)
}

pub async fn reply(cx: Cx, Path(id): Path<i64>, form: Multipart) -> PageResult {
    let acting = steward(&cx)?;
    let round = verify::round(&acting, id).await?;
    let (_, table) = upload::table(&cx, form, "file").await?;
    let mut problems = Problems::default();
    let read = match table {
        Table::Nothing => {
            problems.add("file", cx.t("ways.problem.no_file"));
            None
        }
        Table::Wrong(what) => {
            problems.add("file", what);
            None
        }
        Table::Rows(rows) => match cx.state.ways.typed(rows, &round.source).await? {
            Ok(rows) => Some(rows),
            Err(refusal) => {
                problems.add("file", upload::in_words(&cx, &refusal));
                None
            }
        },
    };
    let Some(rows) = read else { return show(&cx, id, &[0; 5], &[], problems).await };
    let Taken { answered, partial, missing, late, closed, wrong } = verify::take_reply(&acting, id, &rows).await?;
    if wrong.is_empty() {
        return cx.go(format!(
            "/bureau/data/questions/{id}?answered={answered}&partial={partial}&missing={missing}&late={late}&closed={closed}"
        ));
    }
    problems.add("file", cx.tn("ways.round.wrong", wrong.len()));
    show(&cx, id, &[answered, partial, missing, late, closed], &wrong, problems).await
}
