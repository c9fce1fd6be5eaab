//! The book of each township's reserve.

use super::choices_or_none;
use crate::{
    Cx, PageResult, View,
    desk::{
        acting,
        case::acts::text_of,
        nav::{self, NavGroup},
        one_time_key,
    },
    form::{self, Choice, Fields, Problems},
};
use askama::Template;
use axum::{Form, extract::Query};
use tuodi_access::{Act, Resource};
use tuodi_casework::{
    CaseError,
    emergency::{ReserveBook, Way, reserve_books},
};
use tuodi_pack::{
    Fen,
    region::{RegionLevel, contains},
};

pub struct Line {
    on: String,
    what: String,
    no: Option<String>,
    paper: String,
    amount: String,
    balance: String,
}

pub struct Book {
    title: String,
    balance: String,
    below: bool,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "desk/reserve.html")]
struct ReservePage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    books: Vec<Book>,
    townships: Vec<Choice>,
    may_top_up: bool,
    typed: Fields,
    key: String,
    done: bool,
    problems: Problems,
}

impl ReservePage<'_> {
    fn value(&self, name: &str) -> &str {
        self.typed.get(name).map_or("", String::as_str)
    }
}

fn book(cx: &Cx, book: &ReserveBook) -> Book {
    let what = |part: Option<&str>, way: Option<&str>| match part {
        Some(part) => {
            let way = way.and_then(Way::from_id).map_or("", |w| w.title(cx.lang));
            format!("{} · {way}", cx.t_of("emergency.part", part))
        }
        None => cx.t("emergency.reserve.topped_up").to_owned(),
    };
    Book {
        title: cx.text(&book.title).to_owned(),
        balance: cx.money(&Fen(book.balance)),
        below: book.balance < 0,
        // Newest first.
        lines: (book.lines.iter().rev())
            .map(|l| Line {
                on: cx.short_date(&l.on),
                what: what(l.part.as_deref(), l.way.as_deref()),
                no: l.emergency.clone(),
                paper: l.paper.clone(),
                amount: Fen(if l.what == "paid" { -l.amount } else { l.amount }).to_string(),
                balance: Fen(l.balance).to_string(),
            })
            .collect(),
    }
}

async fn show(cx: &Cx, typed: Fields, done: bool, problems: Problems) -> PageResult {
    let acting = acting(cx)?;
    let region = acting.actor.region.as_str();
    let resource = Resource::general("payment", "reserve", region);
    let townships = cx
        .state
        .pack
        .regions
        .iter()
        .filter(|r| RegionLevel::of_code(&r.code) == RegionLevel::Township && contains(region, &r.code));
    let page = ReservePage {
        v: cx,
        nav: nav::desk(cx),
        books: reserve_books(&acting).await?.iter().map(|b| book(cx, b)).collect(),
        townships: choices_or_none(cx, townships.map(|r| (r.code.as_str(), &r.name)), text_of(&typed, "township")),
        may_top_up: cx.state.access.authorise(&acting.actor, Act::PreparePayment, &resource, "payment").is_ok(),
        key: typed.get("key").filter(|k| !k.is_empty()).cloned().unwrap_or_else(one_time_key),
        typed,
        done,
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn page(cx: Cx, Query(asked): Query<Fields>) -> PageResult {
    let done = asked.get("done").is_some_and(|d| d == "topped_up");
    show(&cx, Fields::new(), done, Problems::default()).await
}

pub async fn top_up(cx: Cx, Form(typed): Form<Fields>) -> PageResult {
    let text = |name: &str| text_of(&typed, name);
    let (on, amount) = (form::date(text("on")), form::money(text("amount")));
    let acting = acting(&cx)?;
    let done =
        tuodi_casework::emergency::top_up(&acting, text("township"), on, amount, text("paper"), text("key")).await;
    match done {
        Ok(()) => cx.go("/desk/emergencies/reserve?done=topped_up"),
        Err(CaseError::Invalid(errors)) => {
            let problems = Problems::from_room(&cx, "emergency", &errors);
            show(&cx, typed, false, problems).await
        }
        Err(error) => Err(error.into()),
    }
}
