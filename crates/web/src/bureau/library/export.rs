//! A list of the library as an Excel file: the purpose first, journalled; names as the page shows them.

use super::{Asked, funds, helped, households, look, needs};
use crate::{
    Cx, FundState, PageResult, View, WebError,
    bureau::{acting, nav},
    desk::nav::NavGroup,
    form::{Choice, Problems},
    view::place,
};
use askama::Template;
use axum::{Form, extract::Query};
use rust_xlsxwriter::{Format, FormatBorder, Workbook, XlsxError};
use tuodi_access::{Act, Resource, Sensitivity, looks};
use tuodi_store::{Entry, Recorded, StoreError};

/// Why lists leave the house; the code goes into the journal.
const PURPOSES: [&str; 4] = ["daily", "report", "meeting", "audit"];
/// More than this is a matter for a report, not for a list.
const MOST: u64 = 20_000;

#[derive(Template)]
#[template(path = "bureau/library/export.html")]
struct ExportPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    /// What was asked for, to be sent along.
    hidden: Vec<(&'static str, &'a str)>,
    list: &'static str,
    filters: String,
    most: u64,
    purposes: Vec<Choice>,
    problems: Problems,
}

const LISTS: [&str; 4] = ["households", "helped", "needs", "funds"];

/// A list of names is personal data; money without names is not, and is treated alike.
fn authorise(cx: &Cx, asked: &Asked, purpose: &str) -> Result<(&'static str, bool), WebError> {
    let list = LISTS.into_iter().find(|l| *l == asked.list).ok_or(WebError::NotFound)?;
    let full = look(cx, list)?;
    let acting = acting(cx)?;
    let resource = Resource {
        sensitivity: Sensitivity::Personal,
        ..Resource::general("library", "export", acting.actor.region.as_str())
    };
    cx.state.access.authorise(&acting.actor, Act::Export, &resource, purpose)?;
    Ok((list, full))
}

pub async fn page(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    let (list, _) = authorise(&cx, &asked, "library export")?;
    show(&cx, &asked, list, Problems::default())
}

fn show(cx: &Cx, asked: &Asked, list: &str, problems: Problems) -> PageResult {
    let wrong = !problems.is_empty();
    let page = ExportPage {
        v: cx,
        nav: nav(cx),
        hidden: vec![
            ("list", &asked.list),
            ("layer", &asked.layer),
            ("programme", &asked.programme),
            ("ended", &asked.ended),
            ("way", &asked.way),
            ("region", &asked.region),
            ("source", &asked.source),
            ("service", &asked.service),
            ("label", &asked.label),
            ("from", &asked.from),
            ("to", &asked.to),
            ("only", &asked.only),
        ],
        list: cx.t_of("library.tab", list),
        filters: asked.in_words(cx),
        most: MOST,
        purposes: PURPOSES
            .map(|p| Choice {
                value: p.to_owned(),
                label: cx.t_of("library.why", p).to_owned(),
                hint: String::new(),
                chosen: false,
            })
            .into(),
        problems,
    };
    if wrong { cx.form_again(&page) } else { cx.page(&page) }
}

pub async fn download(cx: Cx, Form(asked): Form<Asked>) -> PageResult {
    let purpose = PURPOSES.into_iter().find(|p| *p == asked.purpose).unwrap_or_default();
    let (list, full) = authorise(&cx, &asked, if purpose.is_empty() { "library export" } else { purpose })?;
    if purpose.is_empty() {
        let mut problems = Problems::default();
        problems.add("purpose", cx.t("library.problem.purpose"));
        return show(&cx, &asked, list, problems);
    }
    let (head, rows) = match list {
        "households" => households_rows(&cx, &asked, full).await?,
        "helped" => helped_rows(&cx, &asked, full).await?,
        "needs" => needs_rows(&cx, &asked, full).await?,
        _ => funds_rows(&cx, &asked).await?,
    };
    let about = [
        ("list", cx.t_of("library.tab", list).to_owned()),
        ("filters", asked.in_words(&cx)),
        ("rows", rows.len().to_string()),
        ("as_of", cx.moment(&cx.now)),
        ("rules", cx.pack_version.clone()),
        ("who", cx.view.who.as_ref().map(|w| format!("{} · {} · {}", w.name, w.role, w.place)).unwrap_or_default()),
        ("why", cx.t_of("library.why", purpose).to_owned()),
    ];
    let file = workbook(&cx, &head, &rows, &about).map_err(WebError::fault)?;
    let acting = acting(&cx)?;
    looks::record(&cx.state.store, &acting.actor, &format!("library:{list}"), &format!("export: {purpose}"), cx.now)
        .await?;
    let entry = Entry {
        at: acting.at(),
        actor: acting.actor.account.clone(),
        role: acting.actor.role.id().to_owned(),
        act: "library.export".to_owned(),
        subject: format!("library:{list}"),
        region: acting.actor.region.clone(),
        details: serde_json::json!({ "purpose": purpose, "rows": rows.len(), "asked": asked }),
    };
    cx.state.store.write(move |_| Box::pin(async move { Ok::<_, StoreError>(Recorded::new((), entry)) })).await?;
    let name = format!("library_{list}_{}_{}.xlsx", acting.actor.region, cx.now.format("%Y%m%d-%H%M"));
    cx.file(&name, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", file)
}

enum Cell {
    Text(String),
    Number(f64),
}

type Sheet = (Vec<&'static str>, Vec<Vec<Cell>>);

fn texts<const N: usize>(cells: [String; N]) -> Vec<Cell> {
    cells.into_iter().map(Cell::Text).collect()
}

fn heads(cx: &Cx, keys: &[&str]) -> Vec<&'static str> {
    keys.iter().map(|key| cx.t_of("library.column", key)).collect()
}

async fn households_rows(cx: &Cx, asked: &Asked, full: bool) -> Result<Sheet, WebError> {
    let mut rows = Vec::new();
    for chunk in households::all(cx, asked, MOST).await?.chunks(500) {
        for l in households::lines(cx, chunk, full).await? {
            rows.push(texts([l.name, l.members, l.place, l.layer.text, l.rule, l.given, l.since, l.next]));
        }
    }
    Ok((heads(cx, &["household", "members", "place", "layer", "reason", "given", "since", "review"]), rows))
}

async fn helped_rows(cx: &Cx, asked: &Asked, full: bool) -> Result<Sheet, WebError> {
    let mut rows = Vec::new();
    for chunk in helped::all(cx, asked, MOST).await?.chunks(500) {
        for l in helped::lines(cx, chunk, full).await? {
            let clash = if l.clash { cx.t("library.help.clash").to_owned() } else { String::new() };
            rows.push(texts([l.name, l.place, l.what, l.since, l.to, l.by, l.monthly, l.also, clash]));
        }
    }
    Ok((heads(cx, &["person", "place", "help", "since", "to", "by", "monthly", "also", "clash"]), rows))
}

async fn needs_rows(cx: &Cx, asked: &Asked, full: bool) -> Result<Sheet, WebError> {
    let mut rows = Vec::new();
    if let Some(all) = cx.state.data.needs().await? {
        let mut chosen = needs::chosen(cx, asked, &all)?;
        chosen.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
        let between = if cx.is_zh() { "、" } else { ", " };
        for chunk in chosen.chunks(500) {
            for l in needs::lines(cx, chunk, full).await? {
                let services: Vec<String> = l.services.into_iter().map(|s| s.title).collect();
                rows.push(texts([l.name, l.members, l.place, services.join(between), l.labels]));
            }
        }
    }
    Ok((heads(cx, &["household", "members", "place", "services", "labels"]), rows))
}

async fn funds_rows(cx: &Cx, asked: &Asked) -> Result<Sheet, WebError> {
    let pack = &cx.state.pack;
    let figures = funds::figures(cx, asked).await?;
    let rows = figures.iter().map(|f| {
        let state = match f.state {
            FundState::Paid => "paid",
            FundState::Returned => "returned",
            FundState::Pending => "pending",
        };
        let mut row = texts([
            cx.text(&pack.help_title(&f.programme)).to_owned(),
            f.month.format("%Y-%m").to_string(),
            place(pack, &f.region, cx.lang),
            cx.t_of("library.funds.state", state).to_owned(),
        ]);
        // Sums of fen stay far below the whole numbers that a cell holds exactly (2^53).
        row.extend([Cell::Number(f.payments as f64), Cell::Number(f.sum as f64)]);
        row
    });
    Ok((heads(cx, &["help", "month", "place", "state", "payments", "fen"]), rows.collect()))
}

fn workbook(cx: &Cx, columns: &[&str], rows: &[Vec<Cell>], about: &[(&str, String)]) -> Result<Vec<u8>, XlsxError> {
    let head = Format::new().set_bold().set_border_bottom(FormatBorder::Thin);
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name(cx.t("library.sheet.data"))?;
    for (col, title) in columns.iter().enumerate() {
        sheet.write_string_with_format(0, col as u16, *title, &head)?;
    }
    for (r, row) in rows.iter().enumerate() {
        for (col, cell) in row.iter().enumerate() {
            match cell {
                Cell::Text(text) => sheet.write_string(r as u32 + 1, col as u16, text)?,
                Cell::Number(n) => sheet.write_number(r as u32 + 1, col as u16, *n)?,
            };
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofilter(0, 0, rows.len() as u32, columns.len() as u16 - 1)?;
    sheet.autofit();
    let sheet = book.add_worksheet().set_name(cx.t("library.sheet.about"))?;
    for (i, (key, value)) in about.iter().enumerate() {
        sheet.write_string_with_format(i as u32, 0, cx.t_of("library.about", key), &head)?;
        sheet.write_string(i as u32, 1, value)?;
    }
    sheet.autofit();
    book.save_to_buffer()
}
