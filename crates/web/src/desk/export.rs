//! The queue as an Excel file: purpose first, journalled, names masked. Sheet 数据 and sheet 说明.

use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting, look,
        nav::{self, NavGroup},
        queue::{Asked, waits_for},
    },
    form::{Choice, Problems},
};
use askama::Template;
use axum::{Form, extract::Query};
use chrono::Datelike;
use rust_xlsxwriter::{ExcelDateTime, Format, FormatBorder, Workbook, XlsxError};
use serde::Deserialize;
use tuodi_access::{Act, Resource, Sensitivity};
use tuodi_casework::{QueueFilter, QueueRow};
use tuodi_store::{Entry, Recorded, StoreError};

/// Why lists leave the house; the code goes into the journal.
const PURPOSES: [&str; 4] = ["daily", "report", "meeting", "audit"];
/// More than this is a matter for a report, not for a list.
const MOST: u64 = 5_000;

#[derive(Template)]
#[template(path = "desk/export.html")]
pub struct ExportPage<'a> {
    pub v: &'a View,
    pub nav: Vec<NavGroup>,
    pub asked: &'a Asked,
    pub rows: u64,
    pub filters: String,
    pub purposes: Vec<Choice>,
    pub problems: Problems,
}

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    cut: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    programme: String,
    #[serde(default)]
    channel: String,
    #[serde(default)]
    who: String,
    #[serde(default)]
    closed: String,
}

/// A list of names is personal data: the township may have it masked, the village not at all (access: township.cedar).
fn authorise(cx: &Cx, acting: &tuodi_casework::Cx, purpose: &str) -> Result<(), WebError> {
    let resource = Resource {
        sensitivity: Sensitivity::Personal,
        ..Resource::general("queue", "export", acting.actor.region.as_str())
    };
    cx.state.access.authorise(&acting.actor, Act::Export, &resource, purpose)?;
    Ok(())
}

pub async fn page(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    let acting = acting(&cx)?;
    authorise(&cx, &acting, "export")?;
    show(&cx, &acting, &asked, Problems::default()).await
}

async fn show(cx: &Cx, acting: &tuodi_casework::Cx, asked: &Asked, problems: Problems) -> PageResult {
    let rows = tuodi_casework::queue(acting, &QueueFilter { per_page: 1, page: 1, ..asked.filter() }).await?.total;
    let purposes = PURPOSES.iter().map(|p| Choice {
        value: (*p).to_owned(),
        label: cx.t_of("desk.export.purpose", p).to_owned(),
        hint: String::new(),
        chosen: false,
    });
    let wrong = !problems.is_empty();
    let page = ExportPage {
        v: cx,
        nav: nav::desk(cx),
        asked,
        rows,
        filters: filters(cx, asked),
        purposes: purposes.collect(),
        problems,
    };
    if wrong { cx.form_again(&page) } else { cx.page(&page) }
}

/// The filters in words.
fn filters(cx: &Cx, asked: &Asked) -> String {
    let filter = asked.filter();
    let closed = filter.closed.then(|| cx.t_of("desk.cut", "closed"));
    let mut parts = vec![closed.unwrap_or_else(|| cx.t_of("desk.cut", filter.cut.id())).to_owned()];
    parts.extend(filter.state.map(|s| s.title(cx.lang).to_owned()));
    parts.extend(filter.programme.map(|p| look::tier(cx, &cx.state.pack, &p)));
    parts.extend(
        filter.waits_for.map(|w| format!("{}{}{}", cx.t("work.queue.who"), cx.t("desk.colon"), waits_for(cx, w))),
    );
    parts.extend(filter.channel.map(|c| c.title(cx.lang).to_owned()));
    parts.join(if cx.is_zh() { "、" } else { ", " })
}

pub async fn download(cx: Cx, Form(wanted): Form<Wanted>) -> PageResult {
    let Wanted { purpose, cut, state, programme, channel, who, closed } = wanted;
    let asked = Asked { cut, state, programme, channel, who, closed, ..Asked::default() };
    let acting = acting(&cx)?;
    if !PURPOSES.contains(&purpose.as_str()) {
        let mut problems = Problems::default();
        problems.add("purpose", cx.t("desk.problem.purpose_required"));
        return show(&cx, &acting, &asked, problems).await;
    }
    authorise(&cx, &acting, &purpose)?;
    let mut rows: Vec<QueueRow> = Vec::new();
    for page in 1..=(MOST / 100) {
        let found = tuodi_casework::queue(&acting, &QueueFilter { page, per_page: 100, ..asked.filter() }).await?;
        let last = page >= found.pages();
        rows.extend(found.rows);
        if last {
            break;
        }
    }
    let file = workbook(&cx, &asked, &purpose, &rows).map_err(WebError::fault)?;
    let entry = Entry {
        at: acting.at(),
        actor: acting.actor.account.clone(),
        role: acting.actor.role.id().to_owned(),
        act: "queue.export".to_owned(),
        subject: "queue".to_owned(),
        region: acting.actor.region.clone(),
        details: serde_json::json!({
            "purpose": purpose, "rows": rows.len(), "cut": asked.cut, "state": asked.state,
            "programme": asked.programme, "channel": asked.channel,
            "who": asked.who,
        }),
    };
    cx.state.store.write(move |_| Box::pin(async move { Ok::<_, StoreError>(Recorded::new((), entry)) })).await?;
    let name = format!("queue_{}_{}.xlsx", acting.actor.region, cx.now.format("%Y%m%d-%H%M"));
    cx.file(&name, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", file)
}

const COLUMNS: [&str; 10] =
    ["due", "case", "applicant", "members", "place", "matter", "channel", "state", "next", "used"];

fn workbook(cx: &Cx, asked: &Asked, purpose: &str, rows: &[QueueRow]) -> Result<Vec<u8>, XlsxError> {
    let head = Format::new().set_bold().set_border_bottom(FormatBorder::Thin);
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name(cx.t("desk.export.sheet.data"))?;
    for (col, key) in COLUMNS.iter().enumerate() {
        sheet.write_string_with_format(0, col as u16, cx.t_of("desk.export.column", key), &head)?;
    }
    for (i, row) in rows.iter().enumerate() {
        let r = i as u32 + 1;
        if let Some(due) = row.due_on {
            let day = ExcelDateTime::from_ymd(due.year() as u16, due.month() as u8, due.day() as u8)?;
            sheet.write_datetime_with_format(r, 0, &day, &date)?;
        }
        sheet.write_string(r, 1, row.case.as_str())?;
        sheet.write_string(r, 2, tuodi_registry::mask_name(&row.applicant))?;
        sheet.write_number(r, 3, row.members)?;
        sheet.write_string(r, 4, cx.text(&row.region))?;
        let matter = row.programme.as_deref().map(|p| look::tier(cx, &cx.state.pack, p)).unwrap_or_default();
        sheet.write_string(r, 5, matter)?;
        sheet.write_string(r, 6, row.channel.title(cx.lang))?;
        sheet.write_string(r, 7, row.state.title(cx.lang))?;
        sheet.write_string(r, 8, row.next_step.title(cx.lang))?;
        if let Some(days) = row.used_days {
            sheet.write_number(r, 9, days as f64)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofilter(0, 0, rows.len() as u32, COLUMNS.len() as u16 - 1)?;
    sheet.autofit();
    let about = book.add_worksheet().set_name(cx.t("desk.export.sheet.about"))?;
    let who = cx.view.who.as_ref().map(|w| format!("{} · {} · {}", w.name, w.role, w.place)).unwrap_or_default();
    let lines = [
        ("filters", filters(cx, asked)),
        ("rows", rows.len().to_string()),
        ("as_of", cx.moment(&cx.now)),
        ("rules", cx.pack_version.clone()),
        ("who", who),
        ("why", cx.t_of("desk.export.purpose", purpose).to_owned()),
        ("masked", cx.t("desk.export.masked").to_owned()),
    ];
    for (i, (key, value)) in lines.iter().enumerate() {
        about.write_string_with_format(i as u32, 0, cx.t_of("desk.export.about", key), &head)?;
        about.write_string(i as u32, 1, value)?;
    }
    about.autofit();
    book.save_to_buffer()
}
