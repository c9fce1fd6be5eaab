//! The list as an Excel file, for the departments that are to mend their data: no values, names masked, journalled.

use super::{Asked, exporting, figures, list, log, rows};
use crate::{Cx, PageResult, WebError};
use axum::Form;
use rust_xlsxwriter::{Format, FormatBorder, Workbook, XlsxError};
use tuodi_store::{Entry, Recorded, StoreError};

/// More than this is a matter for a report, not for a list.
const MOST: usize = 20_000;

pub async fn download(cx: Cx, Form(asked): Form<Asked>) -> PageResult {
    let acting = exporting(&cx)?;
    let region = acting.actor.region.clone();
    let all = figures(&cx).await?;
    let mut chosen = rows(&cx, &asked, &all).await?;
    chosen.truncate(MOST);
    let mut lines = Vec::with_capacity(chosen.len());
    for chunk in chosen.chunks(500) {
        lines.extend(list::lines(&cx, chunk).await?);
    }
    let file = workbook(&cx, &lines, &all.snapshot).map_err(WebError::fault)?;
    log(&cx, "export: check_data").await?;
    let entry = Entry {
        at: acting.at(),
        actor: acting.actor.account.clone(),
        role: acting.actor.role.id().to_owned(),
        act: "conflicts.export".to_owned(),
        subject: "conflicts".to_owned(),
        region: region.clone(),
        details: serde_json::json!({ "rows": lines.len(), "asked": asked, "snapshot": all.snapshot }),
    };
    cx.state.store.write(move |_| Box::pin(async move { Ok::<_, StoreError>(Recorded::new((), entry)) })).await?;
    let name = format!("conflicts_{region}_{}.xlsx", cx.now.format("%Y%m%d-%H%M"));
    cx.file(&name, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", file)
}

fn workbook(cx: &Cx, lines: &[list::Line], snapshot: &str) -> Result<Vec<u8>, XlsxError> {
    let bold = Format::new().set_bold().set_border_bottom(FormatBorder::Thin);
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name(cx.t("conflict.title"))?;
    for (col, key) in ["person", "place", "what", "pairs", "state"].into_iter().enumerate() {
        sheet.write_string_with_format(0, col as u16, cx.t_of("conflict.column", key), &bold)?;
    }
    for (row, l) in lines.iter().enumerate() {
        for (col, text) in [&l.name, &l.place, &l.title, &l.pairs, &l.state.text].into_iter().enumerate() {
            sheet.write_string(row as u32 + 1, col as u16, text)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofilter(0, 0, lines.len() as u32, 4)?;
    sheet.autofit();
    let sheet = book.add_worksheet().set_name(cx.t("library.sheet.about"))?;
    let who = cx.view.who.as_ref().map(|w| format!("{} · {} · {}", w.name, w.role, w.place)).unwrap_or_default();
    let about = [("as_of", cx.moment(&cx.now)), ("who", who), ("rules", cx.pack_version.clone())];
    for (i, (key, value)) in about.iter().enumerate() {
        sheet.write_string_with_format(i as u32, 0, cx.t_of("library.about", key), &bold)?;
        sheet.write_string(i as u32, 1, value)?;
    }
    sheet.write_string_with_format(about.len() as u32, 0, cx.t("conflict.snapshot"), &bold)?;
    sheet.write_string(about.len() as u32, 1, snapshot)?;
    sheet.autofit();
    book.save_to_buffer()
}
