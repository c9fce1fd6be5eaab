//! What the bank answers: its file read in, and payments that came back mended so that they can be paid again.

use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting, look,
        nav::{self, NavGroup},
        one_time_key,
        payments::{address, batch_of, may},
    },
    form::Problems,
    upload::{self, Table},
    view::place,
};
use askama::Template;
use axum::{
    Form,
    extract::{Multipart, Path, Query},
};
use serde::Deserialize;
use tuodi_access::Act;
use tuodi_casework::{CaseError, RowProblem};
use tuodi_registry::Account;

/// Rows named on the page; a file with more is wrong altogether.
const SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "desk/money/bank.html")]
struct BankPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    list: String,
    back: String,
    action: String,
    version: i32,
    key: String,
    /// Row, what is wrong with it, what stands there.
    wrong: Vec<(usize, String, String)>,
    more: usize,
    problems: Problems,
}

pub struct BackLine {
    line: i64,
    month: String,
    kind: String,
    case: String,
    payee: String,
    place: String,
    programme: String,
    amount: String,
    reason: String,
    mended: String,
    card: bool,
}

#[derive(Template)]
#[template(path = "desk/money/returned.html")]
struct ReturnedPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    lines: Vec<BackLine>,
    may_mend: bool,
    /// Some can be paid again.
    ready: bool,
    this_month: String,
    done: Option<&'static str>,
    typed: Mended,
    at: i64,
    problems: Problems,
}

#[derive(Deserialize, Default)]
pub struct Mended {
    #[serde(default)]
    bank: String,
    #[serde(default)]
    account: String,
    #[serde(default)]
    key: String,
}

#[derive(Deserialize)]
pub struct Done {
    #[serde(default)]
    done: String,
}

pub async fn page(cx: Cx, Path(list): Path<String>) -> PageResult {
    show(&cx, &list, Vec::new(), Problems::default()).await
}

async fn show(cx: &Cx, list: &str, wrong: Vec<RowProblem>, problems: Problems) -> PageResult {
    let view = batch_of(cx, list, 1).await?;
    if view.row.status != "signed" || !may(cx, &acting(cx)?, Act::PreparePayment) {
        return Err(WebError::Conflict("pay.bank.not_signed"));
    }
    let page = BankPage {
        v: cx,
        nav: nav::desk(cx),
        list: format!("{} · {}", cx.month(&view.row.month), super::kind_title(cx, &view.row.kind)),
        back: address(&view.row),
        action: format!("{}/bank", address(&view.row)),
        version: view.row.version,
        key: one_time_key(),
        more: wrong.len().saturating_sub(SHOWN),
        wrong: (wrong.into_iter().take(SHOWN))
            .map(|p| (p.row, cx.t_of("pay.bank.wrong", p.key).to_owned(), p.value))
            .collect(),
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn take(cx: Cx, Path(list): Path<String>, form: Multipart) -> PageResult {
    let view = batch_of(&cx, &list, 1).await?;
    let (fields, table) = upload::table(&cx, form, "file").await?;
    let mut problems = Problems::default();
    let rows = match table {
        Table::Rows(rows) => rows,
        Table::Nothing => {
            problems.add("file", cx.t("pay.problem.file_required"));
            return show(&cx, &list, Vec::new(), problems).await;
        }
        Table::Wrong(words) => {
            problems.add("file", words);
            return show(&cx, &list, Vec::new(), problems).await;
        }
    };
    let version = fields.get("version").and_then(|v| v.parse().ok()).unwrap_or_default();
    let key = fields.get("key").map_or("", String::as_str);
    match tuodi_casework::take_bank_return(&acting(&cx)?, view.row.id, version, &rows, key).await? {
        Ok(taken) if taken.returned > 0 => cx.go("/desk/payments/returned?done=taken"),
        Ok(_) => cx.go(format!("{}?done=answered", address(&view.row))),
        Err(wrong) => {
            problems.add("file", cx.tn("pay.bank.rows_wrong", wrong.len()));
            show(&cx, &list, wrong, problems).await
        }
    }
}

pub async fn returned(cx: Cx, Query(asked): Query<Done>) -> PageResult {
    let done = crate::words::find(cx.lang, &format!("pay.returned.done.{}", asked.done));
    show_returned(&cx, done, Mended::default(), 0, Problems::default()).await
}

async fn show_returned(cx: &Cx, done: Option<&'static str>, typed: Mended, at: i64, problems: Problems) -> PageResult {
    let acting = acting(cx)?;
    let rows = tuodi_casework::returned(&acting).await?;
    let pack = &cx.state.pack;
    let page = ReturnedPage {
        v: cx,
        nav: nav::desk(cx),
        ready: rows.iter().any(|r| r.mended_on.is_some()),
        lines: (rows.into_iter())
            .map(|r| BackLine {
                line: r.line,
                month: cx.month(&r.month),
                kind: super::kind_title(cx, &r.kind),
                case: r.case,
                payee: r.payee,
                place: place(pack, &r.region_code, cx.lang),
                programme: look::tier(cx, pack, &r.programme),
                amount: r.amount.to_string(),
                reason: r.reason,
                mended: r.mended_on.map(|d| cx.date(&d)).unwrap_or_default(),
                card: r.finance_card,
            })
            .collect(),
        may_mend: may(cx, &acting, Act::PreparePayment),
        this_month: cx.today().format("%Y-%m").to_string(),
        done,
        typed,
        at,
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn mend(cx: Cx, Path(line): Path<i64>, Form(form): Form<Mended>) -> PageResult {
    let acting = acting(&cx)?;
    let rows = tuodi_casework::returned(&acting).await?;
    let row = rows.iter().find(|r| r.line == line).ok_or(WebError::NotFound)?;
    let number = crate::form::plain_digits(&form.account);
    let bank = form.bank.trim();
    let mut problems = Problems::default();
    if !row.finance_card || !number.is_empty() || !bank.is_empty() {
        if bank.is_empty() {
            problems.add(format!("bank-{line}"), cx.t("pay.problem.bank_required"));
        }
        if !(8..=32).contains(&number.len()) || !number.bytes().all(|b| b.is_ascii_digit()) {
            problems.add(format!("account-{line}"), cx.t("common.form.error.account"));
        }
    }
    if !problems.is_empty() {
        return show_returned(&cx, None, form, line, problems).await;
    }
    let account = (!number.is_empty()).then(|| Account { bank: bank.to_owned(), number });
    match tuodi_casework::mend_return(&acting, line, account, &form.key).await {
        Ok(()) => cx.go("/desk/payments/returned?done=mended"),
        Err(CaseError::NotFound { .. }) => Err(WebError::NotFound),
        Err(error) => Err(error.into()),
    }
}
