//! The posts of an emergency's page. Each asks one act of the room and goes back to the page.

use super::{moment, page};
use crate::{
    Cx, PageResult,
    desk::{
        acting,
        case::acts::{text_of, version_of},
    },
    form::{Fields, Problems, money, plain_digits},
};
use axum::{Form, extract::Path};
use tuodi_casework::{
    CaseError,
    emergency::{
        Decision, EmergencyAct, Found, Papers, Payment, Proposal, decide_emergency, excuse_papers, pay_advance,
        pay_second, propose_help, record_papers, verify_emergency,
    },
};

fn yes_or_no(typed: &Fields, name: &str) -> Option<bool> {
    match text_of(typed, name) {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// Ids ticked in a group.
fn ticked(typed: &Fields, group: &str) -> Vec<String> {
    let prefix = format!("{group}.");
    let ids = typed.iter().filter(|(_, value)| *value == "yes").filter_map(|(name, _)| name.strip_prefix(&prefix));
    ids.map(str::to_owned).collect()
}

async fn answer(cx: &Cx, no: &str, typed: Fields, act: EmergencyAct, result: Result<i32, CaseError>) -> PageResult {
    match result {
        Ok(_) => cx.go(format!("/desk/emergencies/{no}?done={}", act.id())),
        Err(CaseError::Invalid(errors)) => {
            let problems = Problems::from_room(cx, "emergency", &errors);
            page::show(cx, no, Some(act), typed, problems, None).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn verify(cx: Cx, Path(no): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let text = |name: &str| text_of(&typed, name).to_owned();
    let found = Found {
        how: text("how"),
        at: moment(&text("at")),
        holds: yes_or_no(&typed, "holds"),
        grade: text("grade"),
        persons: plain_digits(&text("persons")).parse().ok(),
        text: text("text"),
    };
    let done = verify_emergency(&acting(&cx)?, &no, version_of(&typed), found, &text("key")).await;
    answer(&cx, &no, typed, EmergencyAct::Verify, done).await
}

fn payment(typed: &Fields) -> Payment {
    let text = |name: &str| text_of(typed, name).to_owned();
    Payment {
        amount: money(&text("amount")),
        way: text("way"),
        source: text("source"),
        at: moment(&text("at")),
        paper: text("paper"),
        received_by: text("received_by"),
        witness: text("witness"),
        goods: text("goods"),
    }
}

pub async fn advance(cx: Cx, Path(no): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let key = text_of(&typed, "key").to_owned();
    let done = pay_advance(&acting(&cx)?, &no, version_of(&typed), payment(&typed), &key).await;
    answer(&cx, &no, typed, EmergencyAct::Advance, done).await
}

pub async fn second(cx: Cx, Path(no): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let key = text_of(&typed, "key").to_owned();
    let done = pay_second(&acting(&cx)?, &no, version_of(&typed), payment(&typed), &key).await;
    answer(&cx, &no, typed, EmergencyAct::Second, done).await
}

pub async fn papers(cx: Cx, Path(no): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let papers = Papers { kinds: ticked(&typed, "kinds"), note: text_of(&typed, "note").to_owned() };
    let key = text_of(&typed, "key").to_owned();
    let done = record_papers(&acting(&cx)?, &no, version_of(&typed), papers, &key).await;
    answer(&cx, &no, typed, EmergencyAct::Papers, done).await
}

pub async fn excuse(cx: Cx, Path(no): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let (key, text) = (text_of(&typed, "key").to_owned(), text_of(&typed, "excuse_text").to_owned());
    let go_on = yes_or_no(&typed, "go_on");
    let done = excuse_papers(&acting(&cx)?, &no, version_of(&typed), go_on, &text, &key).await;
    answer(&cx, &no, typed, EmergencyAct::Excuse, done).await
}

pub async fn propose(cx: Cx, Path(no): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let proposal = Proposal {
        total: money(text_of(&typed, "total")),
        referrals: ticked(&typed, "referrals"),
        text: text_of(&typed, "text").to_owned(),
    };
    let key = text_of(&typed, "key").to_owned();
    let done = propose_help(&acting(&cx)?, &no, version_of(&typed), proposal, &key).await;
    answer(&cx, &no, typed, EmergencyAct::Propose, done).await
}

pub async fn decide(cx: Cx, Path(no): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let decision = Decision {
        agree: yes_or_no(&typed, "agree"),
        text: text_of(&typed, "decide_text").to_owned(),
        minutes: text_of(&typed, "minutes").to_owned(),
    };
    let key = text_of(&typed, "key").to_owned();
    let done = decide_emergency(&acting(&cx)?, &no, version_of(&typed), decision, &key).await;
    answer(&cx, &no, typed, EmergencyAct::Decide, done).await
}
