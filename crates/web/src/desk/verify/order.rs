//! Ordering a verification: for what, as of when, whom it asks; and who has not authorised it yet.

use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting,
        nav::{self, NavGroup},
        one_time_key,
    },
    form::{Choice, Fields, Problems, date},
};
use askama::Template;
use axum::{Form, extract::Query};
use tuodi_casework::{
    CaseError,
    verify::{self, Order},
};
use tuodi_pack::{HouseholdId, verification::Via};

pub struct Asked {
    pub title: String,
    pub owner: String,
    /// Its own system is asked, or it is asked on a list: it may take its time.
    pub way: &'static str,
}

pub struct PurposeBox {
    pub title: String,
    pub basis: String,
    pub sources: Vec<Asked>,
    /// Names of adults without an authorisation; the order would be refused.
    pub missing: Vec<String>,
}

#[derive(Template)]
#[template(path = "desk/verify/order.html")]
struct OrderPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    household: HouseholdId,
    name: String,
    purposes: Vec<Choice>,
    boxes: Vec<PurposeBox>,
    as_of: String,
    key: String,
    problems: Problems,
}

async fn draw(cx: &Cx, typed: &Fields, problems: Problems) -> PageResult {
    let text = |name: &str| typed.get(name).map_or("", |t| t.trim());
    let household = HouseholdId(text("household").parse().map_err(|_| WebError::NotFound)?);
    let found = tuodi_casework::authorisations(&acting(cx)?, household).await?;
    let pack = &cx.state.pack;
    let name_of = |id: &tuodi_pack::PersonId| {
        found.adults.iter().find(|m| m.id == *id).map(|m| m.name.clone()).unwrap_or_default()
    };
    let boxes = pack.verification.purposes.iter().map(|p| PurposeBox {
        title: cx.text(&p.title).to_owned(),
        basis: crate::public::cite(pack, &p.basis, cx.lang),
        sources: pack
            .verification
            .asked_for(&p.id)
            .filter_map(|ask| {
                let source = pack.source(&ask.source)?;
                Some(Asked {
                    title: cx.text(&source.title).to_owned(),
                    owner: cx.text(&source.owner).to_owned(),
                    way: match verify::way(ask, cx.state.asks.as_ref()) {
                        Via::Pool => "",
                        Via::Connector => cx.t("desk.verify.direct"),
                        Via::File => cx.t("desk.verify.by_file"),
                    },
                })
            })
            .collect(),
        missing: if p.consent {
            found.missing(pack.verification.authorising(&p.id)).iter().map(name_of).collect()
        } else {
            Vec::new()
        },
    });
    let main = pack.main_purpose();
    let wanted = if text("purpose").is_empty() { main } else { text("purpose") };
    let page = OrderPage {
        v: cx,
        nav: nav::desk(cx),
        household,
        name: super::consents::head_name(&found.household),
        purposes: pack
            .verification
            .purposes
            .iter()
            .map(|p| Choice {
                value: p.id.clone(),
                label: cx.text(&p.title).to_owned(),
                hint: String::new(),
                chosen: p.id == wanted,
            })
            .collect(),
        boxes: boxes.collect(),
        as_of: if text("as_of").is_empty() { cx.today().to_string() } else { text("as_of").to_owned() },
        key: one_time_key(),
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn page(cx: Cx, Query(asked): Query<Fields>) -> PageResult {
    draw(&cx, &asked, Problems::default()).await
}

pub async fn send(cx: Cx, Form(typed): Form<Fields>) -> PageResult {
    let text = |name: &str| typed.get(name).map_or("", |t| t.trim());
    let mut problems = Problems::default();
    let Some(as_of) = date(text("as_of")) else {
        problems.add("as_of", cx.t("desk.verify.as_of_date"));
        return draw(&cx, &typed, problems).await;
    };
    let household = HouseholdId(text("household").parse().map_err(|_| WebError::NotFound)?);
    let order = Order { household, purpose: text("purpose").to_owned(), as_of };
    let (engine, asks) = (cx.state.engine.as_ref(), cx.state.asks.as_ref());
    match verify::order(&acting(&cx)?, engine, asks, order, text("key")).await {
        Ok(done) => cx.go(format!("/desk/verifications/{}", done.number)),
        Err(CaseError::Invalid(errors)) => draw(&cx, &typed, Problems::from_room(&cx, "desk", &errors)).await,
        Err(CaseError::NoConsent { .. }) => {
            problems.add("purpose", cx.t("desk.verify.no_consent"));
            draw(&cx, &typed, problems).await
        }
        Err(error) => Err(error.into()),
    }
}
