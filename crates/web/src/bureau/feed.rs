//! One feed: whose it is, what was agreed, how it stands against its promise, how good it was, and what rests on it.

use crate::{
    BatchFigure, Cx, PageResult, View, WebError,
    bureau::{
        acting, authorise,
        cockpit::grouped,
        feeds::{percent, stands, states},
        nav,
    },
    desk::{
        look::{self, Tag},
        nav::NavGroup,
    },
    form::{self, Choice, Fields, Problems},
    public::cite,
};
use askama::Template;
use axum::{Form, extract::Path, extract::Query};
use serde::Deserialize;
use std::collections::BTreeMap;
use tuodi_access::{Act, Resource};
use tuodi_feeds::{Desk, FeedTask, FeedsError, RecordForm, Score};
use tuodi_pack::{
    Lang, Pack, Renewal, Text,
    source::{Column, ColumnType, Source},
    uses::{User, Uses},
    words,
};
use tuodi_store::Page;

pub struct AgreementRow {
    number: String,
    purposes: String,
    from: String,
    until: String,
    state: Tag,
}

pub struct RecordRow {
    number: String,
    until: String,
    document: String,
    by: String,
    at: String,
}

pub struct TaskRow {
    id: i64,
    trouble: String,
    opened: String,
    due: String,
    is_open: bool,
    overdue: bool,
    outcome: String,
    note: String,
}

pub struct ScoreRow {
    batch: String,
    href: String,
    arrived: String,
    scores: Vec<String>,
}

pub struct ScoreLine {
    title: String,
    points: String,
    /// One of five strokes.
    place: usize,
    last: String,
}

pub struct BatchRow {
    batch: String,
    href: String,
    file: String,
    arrived: String,
    version: u32,
    read: String,
    taken: String,
    aside: String,
    clean: bool,
    width: u64,
}

pub struct MonthRow {
    month: String,
    read: String,
    aside: String,
    share: String,
    width: u64,
}

pub struct ColumnRow {
    title: String,
    name: String,
    null: bool,
    kept: &'static str,
    codes: String,
}

/// What rests on the feed, of one kind.
pub struct Dependents {
    title: &'static str,
    names: Vec<String>,
}

#[derive(Template)]
#[template(path = "bureau/feed.html")]
struct FeedPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    id: String,
    title: String,
    owner: String,
    grain: String,
    contact: String,
    phone: String,
    basis: String,
    sensitivity: String,
    version: u32,
    takes_files: bool,
    frequency: String,
    promise: String,
    newest: String,
    due: String,
    states: Vec<Tag>,
    agreements: Vec<AgreementRow>,
    records: Vec<RecordRow>,
    tasks: Vec<TaskRow>,
    may_manage: bool,
    numbers: Vec<Choice>,
    until: String,
    document: String,
    problems: Problems,
    score_titles: Vec<String>,
    scores: Vec<ScoreRow>,
    lines: Vec<ScoreLine>,
    batches: Vec<BatchRow>,
    page: Page<()>,
    reasons: Vec<(String, String)>,
    months: Vec<MonthRow>,
    dependents: Vec<Dependents>,
    columns: Vec<ColumnRow>,
    note: String,
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    page: String,
}

/// Batches on a page, and batches of which scores are shown.
const PER_PAGE: u64 = 20;
const SCORED: usize = 12;

pub async fn page(cx: Cx, Path(id): Path<String>, Query(asked): Query<Asked>) -> PageResult {
    let number = asked.page.parse().unwrap_or(1).max(1);
    show(&cx, &id, number, &Fields::new(), Problems::default()).await
}

async fn show(cx: &Cx, id: &str, number: u64, typed: &Fields, problems: Problems) -> PageResult {
    let acting = authorise(cx, Act::ViewData, "data")?;
    let pack = &cx.state.pack;
    let source = pack.source(id).ok_or(WebError::NotFound)?;
    let mut batches = cx.state.data.batches().await?;
    batches.retain(|b| b.source == id);
    batches.sort_by(|a, b| (b.arrived, &b.batch).cmp(&(a.arrived, &a.batch)));
    let renewals = tuodi_feeds::renewals(&cx.state.store).await?;
    let fetches = tuodi_inbox::fetches(&cx.state.store).await?;
    let now = stands(cx, source, batches.iter().map(|b| &b.arrival), &renewals, &fetches);
    let (states, _) = states(cx, pack, &now);
    let resource = Resource::general("feed", id, acting.actor.region.as_str());
    let may_manage = cx.state.access.authorise(&acting.actor, Act::ManageFeed, &resource, "feeds").is_ok();
    let value = |field: &str| typed.get(field).cloned().unwrap_or_default();
    let (contact, phone) = match &source.contact {
        Some(contact) => (cx.text(&contact.desk).to_owned(), contact.phone.clone()),
        None => Default::default(),
    };
    let total = batches.len() as u64;
    let skipped = usize::try_from(Page::<()>::offset(number, PER_PAGE)).unwrap_or(usize::MAX);
    let page = FeedPage {
        v: cx,
        nav: nav(cx),
        id: id.to_owned(),
        title: cx.text(&source.title).to_owned(),
        owner: cx.text(&source.owner).to_owned(),
        grain: cx.text(&source.grain).to_owned(),
        contact,
        phone,
        basis: cite(pack, &source.basis, cx.lang),
        sensitivity: source.sensitivity.clone(),
        version: source.version,
        takes_files: source.takes_files(),
        frequency: cx.text(&words::frequency(&source.frequency)).to_owned(),
        promise: source.promise.map(|p| cx.t2("feed.promise", p.lag_days, p.quality)).unwrap_or_default(),
        newest: now.newest.map(|at| cx.moment(&at)).unwrap_or_default(),
        due: now.due.map(|day| cx.full_date(&day)).unwrap_or_default(),
        states,
        agreements: agreements(cx, source, &renewals),
        records: records(cx, id).await?,
        tasks: tuodi_feeds::tasks(&cx.state.store, Some(id), false).await?.iter().map(|t| task(cx, t)).collect(),
        may_manage,
        numbers: source
            .agreements
            .iter()
            .enumerate()
            .map(|(i, a)| Choice {
                value: a.number.clone(),
                label: a.number.clone(),
                hint: String::new(),
                chosen: if typed.contains_key("number") { value("number") == a.number } else { i == 0 },
            })
            .collect(),
        until: value("until"),
        document: value("document"),
        problems,
        score_titles: Score::ALL.map(|s| cx.text(&s.title()).to_owned()).into(),
        scores: batches.iter().take(SCORED).map(|b| scores(cx, b)).collect(),
        lines: lines(cx, &batches),
        reasons: reasons(cx, &batches),
        months: months(cx, &batches),
        dependents: dependents(cx, pack, id),
        columns: source.columns.iter().map(|c| column(cx, c)).collect(),
        note: source.note.get(cx.lang).to_owned(),
        batches: batches.iter().skip(skipped).take(PER_PAGE as usize).map(|b| batch(cx, b)).collect(),
        page: Page { rows: Vec::new(), total, page: number, per_page: PER_PAGE },
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

/// The page of a batch.
pub fn batch_href(batch: &str) -> String {
    format!("/bureau/data/batches/{}", crate::url::escape(batch))
}

fn agreements(v: &View, source: &Source, renewals: &[Renewal]) -> Vec<AgreementRow> {
    let one = |a: &tuodi_pack::Agreement| {
        let until = a.until(&source.id, renewals);
        let purposes: Vec<String> = a.purposes.iter().map(|p| v.text(&p.title()).to_owned()).collect();
        AgreementRow {
            number: a.number.clone(),
            purposes: purposes.join(v.t("feed.between")),
            from: v.full_date(&a.from),
            until: until.map_or_else(|| v.t("feed.open_end").to_owned(), |day| v.full_date(&day)),
            state: match (a.from > v.today(), until.is_some_and(|day| day < v.today())) {
                (true, _) => Tag::new("neutral", "clock", v.t("feed.not_yet").to_owned()),
                (false, true) => Tag::new("bad", "ban", v.t("feed.ended").to_owned()),
                (false, false) => Tag::new("ok", "circle-check", v.t("feed.holds").to_owned()),
            },
        }
    };
    source.agreements.iter().map(one).collect()
}

async fn records(cx: &Cx, id: &str) -> Result<Vec<RecordRow>, WebError> {
    let records = tuodi_feeds::records(&cx.state.store, id).await?;
    let row = |r: tuodi_feeds::Record| RecordRow {
        until: cx.full_date(&r.until),
        at: cx.moment(&r.at),
        number: r.number,
        document: r.document,
        by: r.by,
    };
    Ok(records.into_iter().map(row).collect())
}

fn task(v: &View, task: &FeedTask) -> TaskRow {
    TaskRow {
        id: task.id,
        trouble: v.t_of("feed.state", &task.trouble).to_owned(),
        opened: v.full_date(&task.opened_on),
        due: v.full_date(&task.due_on),
        is_open: task.is_open,
        overdue: task.is_open && task.due_on < v.today(),
        outcome: task.outcome.as_deref().map(|o| v.t_of("feed.outcome", o).to_owned()).unwrap_or_default(),
        note: task.note.clone(),
    }
}

fn scores(v: &View, b: &BatchFigure) -> ScoreRow {
    ScoreRow {
        batch: b.batch.clone(),
        href: batch_href(&b.batch),
        arrived: v.moment(&b.arrived),
        scores: Score::ALL.map(|s| percent(b.arrival.scores.get(s))).into(),
    }
}

/// Each score over the newest batches, oldest on the left: 600 wide, 200 high, 50 % at the bottom (below it nothing is
/// told apart that matters: such a batch was put aside whole).
fn lines(v: &View, batches: &[BatchFigure]) -> Vec<ScoreLine> {
    let shown: Vec<&BatchFigure> = batches.iter().take(SCORED).collect::<Vec<_>>().into_iter().rev().collect();
    if shown.len() < 2 {
        return Vec::new();
    }
    let step = 600.0 / (shown.len() - 1) as f64;
    let line = |(place, score): (usize, Score)| {
        let known: Vec<(usize, f64)> =
            shown.iter().enumerate().filter_map(|(i, b)| Some((i, b.arrival.scores.get(score)?))).collect();
        let points: Vec<String> = known
            .iter()
            .map(|(i, value)| format!("{:.0},{:.0}", *i as f64 * step, (100.0 - value.max(50.0)) * 4.0))
            .collect();
        ScoreLine {
            title: v.text(&score.title()).to_owned(),
            points: points.join(" "),
            place: place + 1,
            last: percent(known.last().map(|(_, value)| *value)),
        }
    };
    Score::ALL.into_iter().enumerate().map(line).collect()
}

fn batch(v: &View, b: &BatchFigure) -> BatchRow {
    BatchRow {
        batch: b.batch.clone(),
        href: batch_href(&b.batch),
        file: if b.arrival.from_file { b.file.clone() } else { v.t("feed.own").to_owned() },
        arrived: v.moment(&b.arrived),
        version: b.arrival.contract_version,
        read: grouped(b.rows_read),
        taken: grouped(b.rows_taken),
        aside: grouped(b.rows_quarantined),
        clean: b.rows_quarantined == 0,
        width: look::width(b.rows_taken, b.rows_read),
    }
}

/// Rows put aside over all batches, the most frequent reason first.
fn reasons(cx: &Cx, batches: &[BatchFigure]) -> Vec<(String, String)> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (code, n) in batches.iter().flat_map(|b| &b.arrival.reasons) {
        *counts.entry(code).or_default() += n;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let words = |code: &str| match crate::words::find(cx.lang, &format!("feed.defect.{code}")) {
        Some(words) => format!("{code} {words}"),
        None => code.to_owned(),
    };
    counts.into_iter().map(|(code, n)| (words(code), grouped(n))).collect()
}

/// Defects by the month in which batches arrived, the newest first.
fn months(v: &View, batches: &[BatchFigure]) -> Vec<MonthRow> {
    let mut sums: BTreeMap<String, (chrono::NaiveDate, u64, u64)> = BTreeMap::new();
    for b in batches {
        let day = v.day_of(&b.arrived);
        let sum = sums.entry(day.format("%Y-%m").to_string()).or_insert((day, 0, 0));
        sum.1 += b.rows_read;
        sum.2 += b.rows_quarantined;
    }
    let row = |(_, (day, read, aside)): (String, (chrono::NaiveDate, u64, u64))| MonthRow {
        month: v.month(&day),
        read: grouped(read),
        aside: grouped(aside),
        share: percent((read > 0).then(|| aside as f64 * 100.0 / read as f64)),
        width: look::width(aside, read),
    };
    sums.into_iter().rev().map(row).collect()
}

fn dependents(v: &View, pack: &Pack, source: &str) -> Vec<Dependents> {
    let uses = Uses::of(pack);
    let title = |text: Option<&Text>| text.map(|t| v.text(t).to_owned());
    let facts = pack.facts.iter().filter(|g| uses.sources.get(g.id.as_str()).is_some_and(|s| s.contains(source)));
    let facts: Vec<String> = facts.flat_map(|g| &g.facts).map(|f| v.text(&f.title).to_owned()).collect();
    let mut kinds: [(&'static str, Vec<String>); 6] = [
        (v.t("feed.on.programmes"), Vec::new()),
        (v.t("feed.on.indicators"), Vec::new()),
        (v.t("feed.on.labels"), Vec::new()),
        (v.t("feed.on.services"), Vec::new()),
        (v.t("feed.on.matters"), Vec::new()),
        (v.t("feed.on.facts"), facts),
    ];
    for user in uses.resting_on(pack, source) {
        let (place, name) = match user {
            User::Programme(id) => (0, title(pack.programme(id).map(|p| &p.title))),
            User::Indicator(id) => (1, title(pack.indicator(id).map(|i| &i.title)).map(|t| format!("{id} {t}"))),
            User::Label(id) => (2, title(pack.assessment.labels.iter().find(|l| l.id == id).map(|l| &l.title))),
            User::Service(id) => (3, title(pack.services.services.iter().find(|s| s.id == id).map(|s| &s.title))),
            User::Matter(id) => (4, title(pack.services.matters.iter().find(|m| m.id == id).map(|m| &m.title))),
            User::Group(_) => continue,
        };
        kinds[place].1.extend(name);
    }
    kinds.into_iter().filter(|(_, names)| !names.is_empty()).map(|(title, names)| Dependents { title, names }).collect()
}

fn column(v: &View, c: &Column) -> ColumnRow {
    let codes: Vec<String> = c
        .codes
        .iter()
        .map(|(code, spellings)| match spellings.first() {
            Some(first) if v.lang == Lang::Zh => format!("{code} {first}"),
            _ => code.clone(),
        })
        .collect();
    ColumnRow {
        title: v.text(&c.title).to_owned(),
        name: c.name.clone(),
        null: c.null,
        kept: match c.kind {
            ColumnType::Ignore => v.t("feed.kept_nowhere"),
            ColumnType::Name | ColumnType::Address | ColumnType::Phone => v.t("feed.kept_vault"),
            ColumnType::IdNo | ColumnType::HouseholdNo | ColumnType::Token => v.t("feed.kept_number"),
            _ => "",
        },
        codes: codes.join(v.t("feed.between")),
    }
}

/// Runs an act of the room of feeds; what it finds wrong with the form becomes problems of the page.
fn problems(v: &View, error: FeedsError) -> Result<Problems, WebError> {
    match error {
        FeedsError::Invalid(found) => {
            let mut problems = Problems::default();
            for p in found {
                problems.add(p.field, v.t_of("feed.problem", p.problem));
            }
            Ok(problems)
        }
        other => Err(other.into()),
    }
}

fn desk<'a>(cx: &'a Cx, acting: &'a tuodi_casework::Cx) -> Desk<'a> {
    Desk { store: &cx.state.store, access: &cx.state.access, pack: &cx.state.pack, actor: &acting.actor, now: cx.now }
}

/// An agreement was renewed, or ended early.
pub async fn renew(cx: Cx, Path(id): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let acting = acting(&cx)?;
    let value = |field: &str| typed.get(field).map(String::as_str).unwrap_or_default().to_owned();
    let Some(until) = form::date(&value("until")) else {
        let mut problems = Problems::default();
        problems.add("until", cx.t("feed.problem.no_date"));
        return show(&cx, &id, 1, &typed, problems).await;
    };
    let form = RecordForm { source: id.clone(), number: value("number"), until, document: value("document") };
    match tuodi_feeds::record(&desk(&cx, &acting), form).await {
        Ok(()) => cx.go(format!("/bureau/data/{}#agreements", crate::url::escape(&id))),
        Err(error) => {
            let problems = problems(&cx, error)?;
            show(&cx, &id, 1, &typed, problems).await
        }
    }
}

/// A steward has seen to a task.
pub async fn close(cx: Cx, Path((id, task)): Path<(String, i64)>, Form(typed): Form<Fields>) -> PageResult {
    let acting = acting(&cx)?;
    let note = typed.get("note").map(String::as_str).unwrap_or_default();
    match tuodi_feeds::close(&desk(&cx, &acting), task, note).await {
        Ok(()) => cx.go(format!("/bureau/data/{}#tasks", crate::url::escape(&id))),
        Err(error) => {
            let mut problems = problems(&cx, error)?;
            for problem in &mut problems.0 {
                problem.field = format!("note-{task}");
            }
            show(&cx, &id, 1, &typed, problems).await
        }
    }
}
