//! Rows of a batch that were put aside, to be mended here and sent again.

use super::{batch_href, in_language, job_href, source_title, steward};
use crate::{Cx, OpenRow, OpenRows, PageResult, View, WebError, bureau::nav, desk::nav::NavGroup, form::Problems};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query},
};
use serde::Deserialize;
use std::collections::BTreeMap;
use tuodi_access::looks;
use tuodi_inbox::NewJob;
use tuodi_pack::{id_no::check_character, source::ColumnType};
use tuodi_store::Page;

/// Forms are small: so many rows of a wide file fit in one.
const PER_PAGE: u64 = 25;

pub struct RowView {
    pub row: i64,
    /// The page where the row is laid beside somebody who is known.
    pub like: Option<String>,
    /// Reasons that concern the row as a whole.
    pub whole: Vec<String>,
    pub wrong: Vec<CellView>,
    pub others: Vec<CellView>,
}

pub struct CellView {
    pub field: String,
    pub heading: String,
    pub value: String,
    pub reason: String,
    /// What the last character of a number would be, if the others are right.
    pub check: Option<char>,
}

#[derive(Template)]
#[template(path = "bureau/ways/rows.html")]
struct RowsPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    batch: &'a str,
    href: String,
    source: String,
    rows: Page<RowView>,
    problems: Problems,
}

#[derive(Default, Deserialize)]
pub struct Asked {
    page: Option<u64>,
}

pub async fn page(cx: Cx, Path(batch): Path<String>, Query(asked): Query<Asked>) -> PageResult {
    show(&cx, &batch, asked.page.unwrap_or(1), &BTreeMap::new(), Problems::default()).await
}

type Typed = BTreeMap<(i64, usize), String>;

async fn show(cx: &Cx, batch: &str, page: u64, typed: &Typed, problems: Problems) -> PageResult {
    let acting = steward(cx)?;
    let open = cx.state.ways.open_rows(batch).await?.ok_or(WebError::NotFound)?;
    // Whoever corrects sees what the department wrote; the look is logged like any other.
    let subject = format!("batch:{batch}");
    looks::record(&cx.state.store, &acting.actor, &subject, "quarantined rows: correct", cx.now).await?;
    let likely = tuodi_registry::linkage::of_batch(&cx.state.store, batch).await?;
    let total = open.rows.len() as u64;
    let page = page.clamp(1, total.div_ceil(PER_PAGE).max(1));
    let from = Page::<()>::offset(page, PER_PAGE) as usize;
    let shown = open.rows.iter().skip(from).take(PER_PAGE as usize).map(|row| {
        let like = likely.get(&row.row).map(|found| format!("/bureau/linkage/{}", found.id));
        RowView { like, ..view(cx, &open, row, typed) }
    });
    let page = RowsPage {
        v: cx,
        nav: nav(cx),
        batch,
        href: batch_href(batch),
        source: source_title(cx, &open.source),
        rows: Page { rows: shown.collect(), total, page, per_page: PER_PAGE },
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

fn view(cx: &Cx, open: &OpenRows, row: &OpenRow, typed: &Typed) -> RowView {
    let (mut wrong, mut others) = (Vec::new(), Vec::new());
    for (i, heading) in open.headings.iter().enumerate() {
        let reasons: Vec<&str> =
            row.problems.iter().filter(|(h, _)| h == heading).map(|(_, reason)| in_language(cx, reason)).collect();
        let cell = CellView {
            field: format!("c{}-{i}", row.row),
            heading: heading.clone(),
            value: typed.get(&(row.row, i)).or(row.cells.get(i)).cloned().unwrap_or_default(),
            reason: reasons.join("; "),
            check: None,
        };
        let check =
            (!cell.reason.is_empty() && id_column(cx, &open.source, heading)).then(|| check(&cell.value)).flatten();
        let cell = CellView { check, ..cell };
        if cell.reason.is_empty() { others.push(cell) } else { wrong.push(cell) }
    }
    let whole = row.problems.iter().filter(|(h, _)| h.is_empty());
    RowView {
        like: None,
        row: row.row,
        whole: whole.map(|(_, reason)| in_language(cx, reason).to_owned()).collect(),
        wrong,
        others,
    }
}

fn id_column(cx: &Cx, source: &str, heading: &str) -> bool {
    let columns = cx.state.pack.source(source).map(|s| s.columns.as_slice()).unwrap_or_default();
    columns.iter().any(|c| {
        c.kind == ColumnType::IdNo
            && (c.name == heading
                || c.title.zh == heading
                || c.title.en == heading
                || c.aliases.iter().any(|alias| alias == heading))
    })
}

/// What the last of eighteen characters should be, where it is another.
fn check(number: &str) -> Option<char> {
    let number = number.trim();
    let (first, last) = (number.get(..17)?, number.get(17..)?);
    let digits = first.bytes().all(|b| b.is_ascii_digit()) && last.len() == 1;
    let right = check_character(first).filter(|_| digits)?;
    (!last.eq_ignore_ascii_case(&right.to_string())).then_some(right)
}

/// `c91-3` is the fourth cell of row 91.
fn place(field: &str) -> Option<(i64, usize)> {
    let (row, cell) = field.strip_prefix('c')?.rsplit_once('-')?;
    Some((row.parse().ok()?, cell.parse().ok()?))
}

/// Sends the rows that were changed; the others stay put aside.
pub async fn send(
    cx: Cx,
    Path(batch): Path<String>,
    Query(asked): Query<Asked>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> PageResult {
    let acting = steward(&cx)?;
    let open = cx.state.ways.open_rows(&batch).await?.ok_or(WebError::NotFound)?;
    let typed: Typed = pairs.into_iter().filter_map(|(field, value)| Some((place(&field)?, value))).collect();
    let mut mended: Vec<(i64, Vec<String>)> = Vec::new();
    for row in &open.rows {
        let mut cells = row.cells.clone();
        cells.resize(open.headings.len(), String::new());
        for (i, cell) in cells.iter_mut().enumerate() {
            if let Some(value) = typed.get(&(row.row, i)) {
                value.trim().clone_into(cell);
            }
        }
        let before = row.cells.iter().map(String::as_str).chain(std::iter::repeat(""));
        if cells.iter().zip(before).any(|(now, before)| now != before.trim()) {
            mended.push((row.row, cells));
        }
    }
    let gone = typed.keys().any(|(row, _)| !open.rows.iter().any(|open| open.row == *row));
    if mended.is_empty() {
        let mut problems = Problems::default();
        problems.add("rows", cx.t(if gone { "ways.problem.rows_gone" } else { "ways.problem.nothing_changed" }));
        return show(&cx, &batch, asked.page.unwrap_or(1), &typed, problems).await;
    }
    let id = uuid::Uuid::new_v4().simple().to_string();
    let bytes = cx.state.ways.mend(&id, &batch, mended).await?;
    let new = NewJob {
        id: id.clone(),
        file_name: format!("{}_{batch}.csv", open.source),
        bytes,
        source: Some(open.source),
        corrects: Some(batch),
        confirmed: true,
        digest: None,
    };
    if let Err(error) = tuodi_inbox::receive(&acting, new).await {
        cx.state.ways.drop_file(&id);
        return Err(error.into());
    }
    cx.state.ways.wake();
    cx.go(job_href(&id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_character_is_a_hint_where_it_is_wrong() {
        let right = check_character("99010219800101123").unwrap();
        assert_eq!(check(&format!("99010219800101123{right}")), None);
        let wrong = if right == '0' { '1' } else { '0' };
        assert_eq!(check(&format!(" 99010219800101123{wrong} ")), Some(right));
        for other in ["", "9901021980010112", "990102198001011234567", "九九0102198001011231"] {
            assert_eq!(check(other), None, "{other}");
        }
    }

    #[test]
    fn a_field_says_which_cell_it_is() {
        assert_eq!(place("c91-3"), Some((91, 3)));
        assert_eq!(place("csrf"), None);
        assert_eq!(place("c-1"), None);
    }
}
