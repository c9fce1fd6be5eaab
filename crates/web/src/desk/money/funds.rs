//! The books of each fund, month by month, closing to the fen.

use crate::{
    Cx, PageResult, View,
    desk::{
        acting,
        nav::{self, NavGroup},
        one_time_key,
        payments::may,
    },
    form::{self, Choice, Problems},
};
use askama::Template;
use axum::{Form, extract::Query};
use chrono::{Months, NaiveDate};
use serde::Deserialize;
use tuodi_access::{Act, Resource};
use tuodi_casework::{CaseError, first_of_month};
use tuodi_pack::Fen;

/// Months on the page.
const MONTHS: u32 = 12;

pub struct Row {
    month: String,
    /// Opening, allocated, repaid, listed, paid, again, returned, pending, emergencies, closing.
    sums: Vec<String>,
    below: bool,
    differs: bool,
}

pub struct Book {
    title: String,
    balance: String,
    rows: Vec<Row>,
}

#[derive(Deserialize, Default)]
pub struct Typed {
    #[serde(default)]
    fund: String,
    #[serde(default)]
    on: String,
    #[serde(default)]
    amount: String,
    #[serde(default)]
    paper: String,
    #[serde(default)]
    key: String,
}

#[derive(Deserialize)]
pub struct Done {
    #[serde(default)]
    done: String,
}

#[derive(Template)]
#[template(path = "desk/money/funds.html")]
struct FundsPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    books: Vec<Book>,
    columns: Vec<&'static str>,
    funds: Vec<Choice>,
    may_allocate: bool,
    may_export: bool,
    typed: Typed,
    key: String,
    done: bool,
    problems: Problems,
}

/// The twelve months up to this one.
fn span(cx: &Cx) -> (NaiveDate, NaiveDate) {
    let to = first_of_month(cx.today());
    (to - Months::new(MONTHS - 1), to)
}

pub async fn page(cx: Cx, Query(asked): Query<Done>) -> PageResult {
    show(&cx, Typed::default(), asked.done == "allocated", Problems::default()).await
}

async fn show(cx: &Cx, typed: Typed, done: bool, problems: Problems) -> PageResult {
    let acting = acting(cx)?;
    let (from, to) = span(cx);
    let pack = &cx.state.pack;
    let title = |id: &str| {
        pack.workflow
            .funds
            .iter()
            .find(|f| f.id == id)
            .map_or_else(|| cx.t("pay.fund.none").to_owned(), |f| cx.text(&f.title).to_owned())
    };
    let books = tuodi_casework::fund_books(&acting, from, to).await?;
    let row = |(month, m): &(NaiveDate, tuodi_casework::FundMonth)| Row {
        month: cx.month(month),
        sums: [
            m.opening,
            m.allocated,
            m.repaid,
            m.listed,
            m.paid_first,
            m.paid_again,
            m.returned,
            m.pending,
            m.urgent,
            m.closing,
        ]
        .into_iter()
        .map(|fen| Fen(fen).to_string())
        .collect(),
        below: m.closing < 0,
        differs: m.difference() != 0,
    };
    let export = Resource::general("payment", "funds", tuodi_casework::county_of(&acting));
    let page = FundsPage {
        v: cx,
        nav: nav::desk(cx),
        columns: [
            "opening",
            "allocated",
            "repaid",
            "listed",
            "paid",
            "again",
            "returned",
            "pending",
            "urgent",
            "closing",
        ]
        .into_iter()
        .map(|c| cx.t_of("pay.fund.column", c))
        .collect(),
        funds: (pack.workflow.funds.iter())
            .map(|f| Choice {
                value: f.id.clone(),
                label: cx.text(&f.title).to_owned(),
                hint: String::new(),
                chosen: f.id == typed.fund,
            })
            .collect(),
        books: (books.iter())
            .map(|b| Book {
                title: title(&b.fund),
                balance: b.months.last().map(|(_, m)| cx.money(&Fen(m.closing))).unwrap_or_default(),
                // Newest first; months in which nothing was and nothing is left out.
                rows: (b.months.iter().rev())
                    .filter(|(_, m)| *m != tuodi_casework::FundMonth::default())
                    .map(row)
                    .collect(),
            })
            .collect(),
        may_allocate: may(cx, &acting, Act::PreparePayment),
        may_export: cx.state.access.authorise(&acting.actor, Act::Export, &export, "payment").is_ok(),
        typed,
        key: one_time_key(),
        done,
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn allocate(cx: Cx, Form(typed): Form<Typed>) -> PageResult {
    let mut problems = Problems::default();
    let (amount, on) = (form::money(&typed.amount), form::date(&typed.on));
    if amount.is_none() {
        problems.add("amount", cx.t("common.form.error.amount"));
    }
    if on.is_none() {
        problems.add("on", cx.t("pay.problem.on_wrong"));
    }
    let (Some(amount), Some(on)) = (amount, on) else { return show(&cx, typed, false, problems).await };
    match tuodi_casework::allocate(&acting(&cx)?, &typed.fund, on, amount, &typed.paper, &typed.key).await {
        Ok(()) => cx.go("/desk/payments/funds?done=allocated"),
        Err(CaseError::Invalid(errors)) => {
            let problems = Problems::from_room(&cx, "pay", &errors);
            show(&cx, typed, false, problems).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn workbook(cx: Cx) -> PageResult {
    let acting = acting(&cx)?;
    let export = Resource::general("payment", "funds", tuodi_casework::county_of(&acting));
    cx.state.access.authorise(&acting.actor, Act::Export, &export, "payment")?;
    let (from, to) = span(&cx);
    let file = tuodi_casework::fund_workbook(&acting, from, to, cx.lang).await?;
    cx.file(&file.name, file.mime, file.bytes)
}
