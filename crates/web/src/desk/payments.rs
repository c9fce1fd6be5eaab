//! The monthly pay list: prepared by one, signed by another, for the bank, accounted for (DB57 art. 27).

use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting,
        case::{action::refused, confirm::ConfirmPage},
        look::{self, Tag},
        money::{asked_order, kind_title, kinds},
        nav::{self, NavGroup},
        one_time_key, page_of,
    },
    form::{Choice, Problems},
    view::place,
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query},
};
use chrono::{Months, NaiveDate};
use serde::Deserialize;
use tuodi_access::{Act, Resource};
use tuodi_casework::{BankFormat, BatchRow, BatchView, CaseError, first_of_month};
use tuodi_pack::payments::MONTHLY;
use tuodi_store::Page;

pub struct BatchLine {
    pub month: String,
    pub kind: String,
    pub href: String,
    pub status: Tag,
    pub lines: i32,
    pub held: i32,
    pub total: String,
    pub prepared: String,
    pub signed: String,
}

#[derive(Template)]
#[template(path = "desk/payments.html")]
struct ListPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    batches: Vec<BatchLine>,
    months: Vec<Choice>,
    kinds: Vec<Choice>,
    may_prepare: bool,
    done: Option<&'static str>,
    problems: Problems,
}

pub struct PayLine {
    pub id: i64,
    pub case: String,
    pub payee: String,
    pub account: String,
    pub place: String,
    pub programme: String,
    pub amount: String,
    pub change: Tag,
    pub status: Tag,
    pub reason: String,
    pub may_return: bool,
}

#[derive(Template)]
#[template(path = "desk/payment.html")]
struct BatchPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    month: String,
    kind: String,
    /// What the run pays and by which paper.
    terms: String,
    path: String,
    status: Tag,
    row: &'a BatchRow,
    prepared: String,
    signed: String,
    changes: Vec<(String, u64, String)>,
    lines: Vec<PayLine>,
    page: Page<()>,
    may_sign: bool,
    may_withdraw: bool,
    may_pay: bool,
    may_export: bool,
    refused: Option<(String, String)>,
    done: Option<&'static str>,
    problems: Problems,
    returned: i64,
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    page: String,
    #[serde(default)]
    done: String,
}

#[derive(Deserialize)]
pub struct Signed {
    pub version: i32,
    #[serde(default)]
    pub key: String,
}

#[derive(Deserialize)]
pub struct Format {
    #[serde(default)]
    format: String,
}

#[derive(Deserialize)]
pub struct Returned {
    line: i64,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    key: String,
}

/// `2026-09`
pub fn month_of(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").ok()
}

/// Where a list is: the month, its kind where that is not the monthly one, and its number where there are several.
pub fn address(row: &BatchRow) -> String {
    let month = row.month.format("%Y-%m");
    match (row.kind.as_str(), row.number) {
        (MONTHLY, 0) => format!("/desk/payments/{month}"),
        (kind, 0) => format!("/desk/payments/{month}.{kind}"),
        (kind, number) => format!("/desk/payments/{month}.{kind}.{number}"),
    }
}

/// Month, kind and number of an address.
fn which(text: &str) -> Option<(NaiveDate, &str, i32)> {
    let mut parts = text.split('.');
    let month = month_of(parts.next()?)?;
    let kind = parts.next().unwrap_or(MONTHLY);
    let number = parts.next().map_or(Some(0), |n| n.parse().ok())?;
    parts.next().is_none().then_some((month, kind, number))
}

pub fn may(cx: &Cx, acting: &tuodi_casework::Cx, act: Act) -> bool {
    let resource = Resource::general("payment", "", tuodi_casework::county_of(acting));
    cx.state.access.authorise(&acting.actor, act, &resource, "payment").is_ok()
}

fn status(v: &View, status: &str) -> Tag {
    let (kind, icon) = match status {
        "prepared" => ("warn", "pencil"),
        "signed" => ("info", "check"),
        "paid" => ("ok", "circle-check"),
        "withdrawn" => ("neutral", "ban"),
        _ => ("neutral", "clock"),
    };
    Tag::new(kind, icon, v.t_of("desk.pay.status", status))
}

async fn name_of(cx: &Cx, account: &str) -> Result<String, WebError> {
    let found = tuodi_access::accounts::find(&cx.state.store, account).await?;
    Ok(found.map_or_else(|| account.to_owned(), |a| a.name))
}

async fn by(cx: &Cx, account: Option<&str>, at: Option<chrono::DateTime<chrono::Utc>>) -> Result<String, WebError> {
    match (account, at) {
        (Some(account), Some(at)) => Ok(format!("{} · {}", name_of(cx, account).await?, cx.moment(&at))),
        _ => Ok(String::new()),
    }
}

pub async fn list(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    let done = crate::words::find(cx.lang, &format!("desk.pay.done.{}", asked.done));
    show_list(&cx, done, Problems::default()).await
}

async fn show_list(cx: &Cx, done: Option<&'static str>, problems: Problems) -> PageResult {
    let acting = acting(cx)?;
    let rows = tuodi_casework::batches(&acting).await?;
    let this = first_of_month(cx.today());
    // The coming month's list is made before it begins; the last one may have been forgotten.
    let wanted = [this + Months::new(1), this, this - Months::new(1)];
    let months = wanted.into_iter().map(|m| Choice {
        value: m.format("%Y-%m").to_string(),
        label: cx.month(&m),
        hint: String::new(),
        chosen: m == this,
    });
    let months = months.collect();
    let mut batches = Vec::with_capacity(rows.len());
    for row in &rows {
        batches.push(BatchLine {
            month: cx.month(&row.month),
            kind: kind_title(cx, &row.kind),
            href: address(row),
            status: status(cx, &row.status),
            lines: row.lines,
            held: row.held,
            total: row.total.to_string(),
            prepared: name_of(cx, &row.prepared_by).await?,
            signed: match &row.signed_by {
                Some(account) => name_of(cx, account).await?,
                None => String::new(),
            },
        });
    }
    let page = ListPage {
        v: cx,
        nav: nav::desk(cx),
        batches,
        months,
        kinds: kinds(cx),
        may_prepare: may(cx, &acting, Act::PreparePayment),
        done,
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn prepare(cx: Cx, Form(wanted): Form<crate::desk::money::Asked>) -> PageResult {
    let Some(order) = asked_order(&wanted) else {
        let mut problems = Problems::default();
        problems.add("month", cx.t("desk.problem.month_required"));
        return show_list(&cx, None, problems).await;
    };
    let acting = acting(&cx)?;
    let id = match tuodi_casework::prepare_run(&acting, &order, &wanted.key).await {
        Ok(id) => id,
        Err(CaseError::Invalid(_)) => return crate::desk::money::show_order(&cx, &wanted).await,
        Err(error) => return Err(error.into()),
    };
    let rows = tuodi_casework::batches(&acting).await?;
    let row = rows.iter().find(|r| r.id == id).ok_or(WebError::NotFound)?;
    cx.go(format!("{}?done=prepared", address(row)))
}

/// The list at an address, with a page of its lines.
pub async fn batch_of(cx: &Cx, list: &str, page: u64) -> Result<BatchView, WebError> {
    let acting = acting(cx)?;
    let (month, kind, number) = which(list).ok_or(WebError::NotFound)?;
    let rows = tuodi_casework::batches(&acting).await?;
    let row = rows.iter().find(|r| (r.month, r.kind.as_str(), r.number) == (month, kind, number));
    Ok(tuodi_casework::batch(&acting, row.ok_or(WebError::NotFound)?.id, page, 50).await?)
}

pub async fn page(cx: Cx, Path(month): Path<String>, Query(asked): Query<Asked>) -> PageResult {
    let view = batch_of(&cx, &month, page_of(&asked.page)).await?;
    let done = crate::words::find(cx.lang, &format!("desk.pay.done.{}", asked.done));
    show(&cx, &view, done, Problems::default(), 0).await
}

async fn show(cx: &Cx, view: &BatchView, done: Option<&'static str>, problems: Problems, returned: i64) -> PageResult {
    let acting = acting(cx)?;
    let row = &view.row;
    let resource = Resource::general("payment", row.id.to_string(), row.county.as_str());
    let sign = cx.state.access.authorise(
        &acting.actor,
        Act::SignPayment,
        &resource.excluding([row.prepared_by.clone()]),
        "payment",
    );
    let may_pay = row.status == "signed" && may(cx, &acting, Act::PreparePayment);
    let may_return = row.status == "paid" && may(cx, &acting, Act::PreparePayment);
    let page = BatchPage {
        v: cx,
        nav: nav::desk(cx),
        month: cx.month(&row.month),
        kind: kind_title(cx, &row.kind),
        terms: terms(cx, row),
        path: address(row),
        status: status(cx, &row.status),
        row,
        prepared: by(cx, Some(&row.prepared_by), Some(row.prepared_at)).await?,
        signed: by(cx, row.signed_by.as_deref(), row.signed_at).await?,
        changes: (view.changes.iter())
            .map(|(kind, n, sum)| (cx.t_of("desk.pay.change", kind).to_owned(), *n, sum.to_string()))
            .collect(),
        lines: view.lines.rows.iter().map(|l| line(cx, l, may_return)).collect(),
        page: view.lines.clone().map(|_| ()),
        may_sign: row.status == "prepared" && sign.is_ok(),
        may_withdraw: row.status == "prepared" && may(cx, &acting, Act::PreparePayment),
        may_pay,
        may_export: ["signed", "paid"].contains(&row.status.as_str()) && may(cx, &acting, Act::Export),
        refused: sign.err().filter(|_| row.status == "prepared").map(|denied| refused(cx, &denied)),
        done,
        problems,
        returned,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

/// What a run pays, as the officer entered it.
fn terms(cx: &Cx, row: &BatchRow) -> String {
    let terms = &row.terms;
    let rise = terms.rise_permille.map(|r| format!("{}.{}%", r / 10, r % 10));
    let parts = [rise, terms.amount.map(|a| cx.money(&a)), Some(terms.paper.clone()).filter(|p| !p.is_empty())];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn line(cx: &Cx, l: &tuodi_casework::LineRow, may_return: bool) -> PayLine {
    let (kind, icon) = match l.status.as_str() {
        "paid" => ("ok", "circle-check"),
        "held" => ("hold", "hand-stop"),
        "returned" => ("bad", "alert-triangle"),
        _ => ("neutral", "clock"),
    };
    let changed = if l.change == "same" { "neutral" } else { "info" };
    PayLine {
        id: l.id,
        case: l.case.clone(),
        payee: l.payee.clone(),
        account: if l.account.is_empty() { cx.t("desk.pay.finance_card").to_owned() } else { l.account.clone() },
        place: place(&cx.state.pack, &l.region_code, cx.lang),
        programme: look::tier(cx, &cx.state.pack, &l.programme),
        amount: l.amount.to_string(),
        change: Tag::new(changed, "refresh", cx.t_of("desk.pay.change", &l.change)),
        status: Tag::new(kind, icon, cx.t_of("desk.pay.line", &l.status)),
        reason: match l.reason.as_deref() {
            // Our own reasons have words; others are the bank's.
            Some(text) => crate::words::find(cx.lang, &format!("pay.held.{text}")).unwrap_or(text).to_owned(),
            None => String::new(),
        },
        may_return: may_return && l.status == "paid",
    }
}

/// Money moves: said on a page of its own first.
pub async fn confirm_sign(cx: Cx, Path(month): Path<String>) -> PageResult {
    let view = batch_of(&cx, &month, 1).await?;
    confirm(&cx, &view.row, "sign")
}

pub async fn confirm_paid(cx: Cx, Path(month): Path<String>) -> PageResult {
    let view = batch_of(&cx, &month, 1).await?;
    confirm(&cx, &view.row, "paid")
}

fn confirm(cx: &Cx, row: &BatchRow, act: &str) -> PageResult {
    let path = address(row);
    cx.page(&ConfirmPage {
        v: cx,
        nav: nav::desk(cx),
        title: cx.t_of("desk.pay.confirm", act).to_owned(),
        facts: vec![
            (cx.t("desk.pay.month"), cx.month(&row.month)),
            (cx.t("pay.kind_word"), kind_title(cx, &row.kind)),
            (cx.t("desk.pay.lines"), row.lines.to_string()),
            (cx.t("desk.pay.held"), row.held.to_string()),
            (cx.t("desk.pay.total"), cx.money(&row.total)),
        ],
        then: vec![cx.t_of("desk.pay.then", act).to_owned(), cx.t("desk.confirm.journalled").to_owned()],
        action: format!("{path}/{act}"),
        hidden: vec![("version".to_owned(), row.version.to_string()), ("key".to_owned(), one_time_key())],
        button: cx.t_of("desk.pay.confirm_button", act),
        danger: false,
        back: path,
    })
}

pub async fn sign(cx: Cx, Path(month): Path<String>, Form(form): Form<Signed>) -> PageResult {
    let view = batch_of(&cx, &month, 1).await?;
    tuodi_casework::sign_batch(&acting(&cx)?, view.row.id, form.version, &form.key).await?;
    cx.go(format!("{}?done=signed", address(&view.row)))
}

pub async fn paid(cx: Cx, Path(month): Path<String>, Form(form): Form<Signed>) -> PageResult {
    let view = batch_of(&cx, &month, 1).await?;
    tuodi_casework::record_paid(&acting(&cx)?, view.row.id, form.version, &form.key).await?;
    cx.go(format!("{}?done=paid", address(&view.row)))
}

pub async fn file(cx: Cx, Path(month): Path<String>, Form(form): Form<Format>) -> PageResult {
    let view = batch_of(&cx, &month, 1).await?;
    let format = BankFormat::from_id(&form.format).unwrap_or(BankFormat::Csv);
    let file = tuodi_casework::export_batch(&acting(&cx)?, view.row.id, format).await?;
    let kind = if view.row.kind == MONTHLY { String::new() } else { format!("_{}_{}", view.row.kind, view.row.number) };
    let name = format!("payments_{}{kind}.{}", view.row.month.format("%Y-%m"), format.id());
    cx.file(&name, file.mime, file.bytes)
}

pub async fn returned(cx: Cx, Path(month): Path<String>, Form(form): Form<Returned>) -> PageResult {
    let view = batch_of(&cx, &month, 1).await?;
    if form.reason.trim().is_empty() {
        let mut problems = Problems::default();
        problems.add(format!("reason-{}", form.line), cx.t("desk.problem.reason_required"));
        return show(&cx, &view, None, problems, form.line).await;
    }
    let recorded = tuodi_casework::record_returned(&acting(&cx)?, form.line, &form.reason, &form.key).await;
    match recorded {
        Ok(()) => cx.go(format!("{}?done=returned", address(&view.row))),
        Err(CaseError::NotFound { .. }) => Err(WebError::NotFound),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_month_kind_and_number() {
        let day = NaiveDate::from_ymd_opt(2026, 9, 1).unwrap();
        assert_eq!(which("2026-09"), Some((day, "monthly", 0)));
        assert_eq!(which("2026-09.heating"), Some((day, "heating", 0)));
        assert_eq!(which("2026-09.again.2"), Some((day, "again", 2)));
        assert_eq!((which("2026-09.a.b"), which("2026-09.a.1.c"), which("x")), (None, None, None));
    }

    #[test]
    fn a_month_in_an_address_is_year_and_month_only() {
        assert_eq!(month_of("2026-09"), NaiveDate::from_ymd_opt(2026, 9, 1));
        for wrong in ["", "2026", "2026-13", "2026-09-01", "x"] {
            assert_eq!(month_of(wrong), None, "{wrong}");
        }
    }
}
