//! Lists of many people: ordered from what a bureau sent or from what is due, watched while they are worked through,
//! and taken away as a workbook.

use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting,
        look::Tag,
        nav::{self, NavGroup},
        one_time_key, page_of,
    },
    form::{Choice, Fields, Problems},
    upload::{self, Table},
};
use askama::Template;
use axum::{
    Form,
    extract::{Multipart, Path, Query},
};
use tuodi_casework::{
    CaseError,
    verify::{self, BatchOrder, BatchRow, Listed},
};
use tuodi_store::Page;

pub struct Line {
    pub id: i64,
    pub title: String,
    pub purpose: String,
    pub tag: Tag,
    pub figures: String,
    pub when: String,
}

#[derive(Template)]
#[template(path = "desk/verify/batches.html")]
struct BatchesPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    page: Page<Line>,
    title: String,
    list: String,
    purposes: Vec<Choice>,
    key: String,
    problems: Problems,
}

pub struct KindLine {
    pub id: String,
    pub title: String,
    pub count: usize,
}

#[derive(Template)]
#[template(path = "desk/verify/batch.html")]
struct BatchPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    id: i64,
    title: String,
    about: String,
    tag: Tag,
    /// Of a hundred; while it is worked on.
    percent: i64,
    running: bool,
    done: bool,
    reason: String,
    figures: Vec<(&'static str, String)>,
    kinds: Vec<KindLine>,
    not_found: Vec<String>,
}

/// Numbers that nobody has, as shown; all are in the workbook.
const SHOWN: usize = 50;

fn tag(v: &View, row: &BatchRow) -> Tag {
    let (kind, icon) = match row.state.as_str() {
        "done" => ("ok", "circle-check"),
        "failed" => ("warn", "alert-triangle"),
        "cancelled" => ("neutral", "ban"),
        _ => ("info", "clock"),
    };
    Tag::new(kind, icon, v.t_of("desk.batch.state", &row.state))
}

fn purpose(cx: &Cx, id: &str) -> String {
    cx.state.pack.verification.purpose(id).map(|p| cx.text(&p.title).to_owned()).unwrap_or_default()
}

fn line(cx: &Cx, row: BatchRow) -> Line {
    let figures = match row.state.as_str() {
        "done" => cx.t2("desk.batch.figures", row.checked, row.anomalies),
        _ => cx.tn("desk.batch.listed", row.listed),
    };
    Line {
        id: row.id,
        tag: tag(cx, &row),
        purpose: purpose(cx, &row.purpose),
        figures,
        when: cx.moment(&row.ordered_at),
        title: row.title,
    }
}

async fn draw(cx: &Cx, page: u64, typed: &Fields, problems: Problems) -> PageResult {
    let page = verify::batches(&acting(cx)?, page, 25).await?;
    let text = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let with_findings = cx.state.pack.verification.purposes.iter().filter(|p| !p.indicators.is_empty());
    let drawn = BatchesPage {
        v: cx,
        nav: nav::desk(cx),
        page: page.map(|row| line(cx, row)),
        title: text("title"),
        list: text("list"),
        purposes: with_findings
            .map(|p| Choice {
                value: p.id.clone(),
                label: cx.text(&p.title).to_owned(),
                hint: String::new(),
                chosen: text("purpose") == p.id,
            })
            .collect(),
        key: one_time_key(),
        problems,
    };
    if drawn.problems.is_empty() { cx.page(&drawn) } else { cx.form_again(&drawn) }
}

pub async fn list(cx: Cx, Query(asked): Query<Fields>) -> PageResult {
    draw(&cx, page_of(asked.get("page").map_or("", String::as_str)), &Fields::new(), Problems::default()).await
}

/// Lines that hold no entry, as a problem of the field they came in.
fn wrong_lines(cx: &Cx, field: &str, wrong: &[usize], problems: &mut Problems) {
    if !wrong.is_empty() {
        let lines: Vec<String> = wrong.iter().take(10).map(ToString::to_string).collect();
        problems.add(field, cx.t1("desk.batch.wrong_lines", lines.join(cx.t("desk.comma"))));
    }
}

pub async fn order(cx: Cx, form: Multipart) -> PageResult {
    // Who may not order anything sends no file either.
    verify::batches(&acting(&cx)?, 1, 1).await?;
    let (typed, table) = upload::table(&cx, form, "file").await?;
    let text = |name: &str| typed.get(name).map_or("", |t| t.trim());
    let mut problems = Problems::default();
    let (mut entries, wrong) = verify::listed(text("list"));
    wrong_lines(&cx, "list", &wrong, &mut problems);
    match table {
        Table::Nothing => {}
        Table::Wrong(what) => problems.add("file", what),
        Table::Rows(rows) => {
            let lines: Vec<String> = rows.iter().map(|row| row.join("\t")).collect();
            let (more, wrong) = verify::listed(&lines.join("\n"));
            wrong_lines(&cx, "file", &wrong, &mut problems);
            if more.is_empty() && wrong.is_empty() {
                problems.add("file", cx.t("desk.batch.no_lines"));
            }
            let known: std::collections::HashSet<Listed> = entries.iter().cloned().collect();
            entries.extend(more.into_iter().filter(|entry| !known.contains(entry)));
        }
    }
    if !problems.is_empty() {
        return draw(&cx, 1, &typed, problems).await;
    }
    let order = BatchOrder { title: text("title").to_owned(), purpose: text("purpose").to_owned(), entries };
    match verify::order_batch(&acting(&cx)?, order, text("key")).await {
        Ok(id) => cx.go(format!("/desk/verifications/batches/{id}")),
        Err(CaseError::Invalid(errors)) => draw(&cx, 1, &typed, Problems::from_room(&cx, "desk", &errors)).await,
        Err(error) => Err(error.into()),
    }
}

/// Everybody who is due again within the days that the list of them shows.
pub async fn order_due(cx: Cx, Form(typed): Form<Fields>) -> PageResult {
    let until = cx.today() + chrono::Days::new(super::list::AHEAD);
    let key = typed.get("key").map_or("", |t| t.trim());
    let title = cx.t1("desk.batch.due_title", cx.full_date(&until));
    match verify::order_due(&acting(&cx)?, until, &title, key).await {
        Ok(id) => cx.go(format!("/desk/verifications/batches/{id}")),
        Err(CaseError::Invalid(_)) => cx.go("/desk/verifications/due"),
        Err(error) => Err(error.into()),
    }
}

pub async fn page(cx: Cx, Path(id): Path<i64>) -> PageResult {
    let view = verify::batch(&acting(&cx)?, id).await?;
    let row = &view.row;
    let result = view.result.unwrap_or_default();
    let number = |n: usize| n.to_string();
    let mut about = vec![purpose(&cx, &row.purpose), cx.moment(&row.ordered_at)];
    about.extend(row.as_of.map(|d| cx.t1("desk.verify.as_of", cx.full_date(&d))));
    cx.page(&BatchPage {
        v: &cx,
        nav: nav::desk(&cx),
        id,
        title: row.title.clone(),
        about: about.join(" · "),
        tag: tag(&cx, row),
        percent: i64::from(row.progress) * 100 / i64::from(row.listed.max(1)),
        running: ["queued", "running"].contains(&row.state.as_str()),
        done: row.state == "done",
        reason: match row.reason.as_str() {
            "" => String::new(),
            code => cx.t_of("desk.batch.reason", code).to_owned(),
        },
        figures: vec![
            (cx.t("desk.batch.checked"), number(result.checked)),
            (cx.t("desk.batch.anomalies"), number(result.anomalies.len())),
            (cx.t("desk.batch.not_found"), number(result.not_found.len())),
            (cx.t("desk.batch.unauthorised"), number(result.unauthorised)),
            (cx.t("desk.batch.outside"), number(result.outside_region)),
        ],
        kinds: result
            .kinds
            .iter()
            .map(|k| KindLine { id: k.indicator.clone(), title: cx.text(&k.title).to_owned(), count: k.count })
            .collect(),
        not_found: result.not_found.iter().take(SHOWN).map(|n| crate::desk::look::mask_id(n)).collect(),
    })
}

pub async fn cancel(cx: Cx, Path(id): Path<i64>) -> PageResult {
    match verify::cancel_batch(&acting(&cx)?, id).await {
        // Done meanwhile: the page says so.
        Ok(()) | Err(CaseError::NotFound { .. }) => cx.go(format!("/desk/verifications/batches/{id}")),
        Err(error) => Err(error.into()),
    }
}

pub async fn workbook(cx: Cx, Path(id): Path<i64>) -> PageResult {
    let bytes = match verify::sheet(&acting(&cx)?, id, cx.lang).await {
        Err(CaseError::NoCheck) => return Err(WebError::Conflict("common.conflict.no_report")),
        other => other?,
    };
    const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    cx.file(&format!("verification-{id}.xlsx"), XLSX, bytes)
}
