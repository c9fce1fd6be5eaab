//! Before a list is made: what it would pay, by the same arithmetic.

use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting,
        nav::{self, NavGroup},
        one_time_key,
        payments::month_of,
    },
    form::{self, Choice, Problems},
};
use askama::Template;
use axum::extract::Query;
use serde::Deserialize;
use tuodi_casework::{CaseError, Preview, RunOrder, RunTerms};
use tuodi_pack::payments::{AGAIN, MONTHLY, Source};

#[derive(Deserialize, Default)]
pub struct Asked {
    #[serde(default)]
    pub month: String,
    #[serde(default)]
    pub kind: String,
    #[serde(default)]
    pub rise: String,
    #[serde(default)]
    pub amount: String,
    #[serde(default)]
    pub paper: String,
    #[serde(default)]
    pub key: String,
}

#[derive(Template)]
#[template(path = "desk/money/preview.html")]
struct PreviewPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    asked: &'a Asked,
    month: String,
    title: String,
    note: String,
    /// Which figures the officer enters.
    wants_rise: bool,
    wants_amount: bool,
    found: Option<Found>,
    below_line: bool,
    key: String,
    problems: Problems,
}

struct Found {
    lines: u64,
    total: String,
    held: Vec<(String, u64)>,
    programmes: Vec<(String, u64, String)>,
    changes: Vec<(String, u64, String)>,
    parts: Vec<(String, String)>,
}

/// What a kind of list is called.
pub fn kind_title(cx: &Cx, kind: &str) -> String {
    match cx.state.pack.run(kind) {
        Some(run) => cx.text(&run.title).to_owned(),
        None if kind == AGAIN => cx.t("pay.kind.again").to_owned(),
        None => cx.t("pay.kind.monthly").to_owned(),
    }
}

/// Kinds of lists that can be made.
pub fn kinds(cx: &Cx) -> Vec<Choice> {
    let runs = cx.state.pack.workflow.runs.iter().map(|r| r.id.as_str());
    std::iter::once(MONTHLY)
        .chain(runs)
        .chain([AGAIN])
        .map(|kind| Choice {
            value: kind.to_owned(),
            label: kind_title(cx, kind),
            hint: String::new(),
            chosen: kind == MONTHLY,
        })
        .collect()
}

/// `3.8` per cent, as statistics offices publish it, in parts per 1000.
fn permille(typed: &str) -> Option<i64> {
    let plain = form::plain_digits(typed);
    let text = plain.trim_end_matches(['%', '％']);
    let (whole, tenth) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    (digits(whole) && digits(tenth) && whole.len() < 4 && tenth.len() == 1)
        .then(|| whole.parse::<i64>().ok().zip(tenth.parse::<i64>().ok()).map(|(w, t)| w * 10 + t))
        .flatten()
}

/// What the form asks for; none where the month is no month.
pub fn asked_order(asked: &Asked) -> Option<RunOrder> {
    let terms = RunTerms {
        rise_permille: permille(&asked.rise),
        amount: form::money(&asked.amount),
        paper: asked.paper.trim().chars().take(200).collect(),
    };
    let kind = if asked.kind.is_empty() { MONTHLY.to_owned() } else { asked.kind.clone() };
    Some(RunOrder { month: month_of(&asked.month)?, kind, terms })
}

pub async fn preview(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    // Opened by hand or from an old bookmark: a list begins with its month, on the page of all lists.
    if asked.month.trim().is_empty() {
        return cx.go("/desk/payments");
    }
    show(&cx, &asked).await
}

pub async fn show(cx: &Cx, asked: &Asked) -> PageResult {
    let order = asked_order(asked).ok_or(WebError::NotFound)?;
    let source = cx.state.pack.run(&order.kind).map(|r| r.source());
    let (wants_rise, wants_amount) =
        (matches!(source, Some(Source::Share(_))), matches!(source, Some(Source::Entered)));
    let fresh = asked.rise.is_empty() && asked.amount.is_empty() && asked.paper.is_empty();
    let (mut problems, mut preview) = (Problems::default(), None);
    match tuodi_casework::preview_run(&acting(cx)?, &order).await {
        Ok(found) => preview = Some(found),
        // The form is shown first; what is missing is no mistake yet.
        Err(CaseError::Invalid(_)) if fresh && (wants_rise || wants_amount) => {}
        Err(CaseError::Invalid(errors)) => problems = Problems::from_room(cx, "pay", &errors),
        Err(error) => return Err(error.into()),
    }
    let note = (cx.state.pack.run(&order.kind))
        .map(|r| cx.text(&tuodi_casework::words::basis_text(&cx.state.pack, &r.basis)).to_owned());
    let page = PreviewPage {
        v: cx,
        nav: nav::desk(cx),
        asked,
        month: cx.month(&order.month),
        title: kind_title(cx, &order.kind),
        note: note.unwrap_or_default(),
        wants_rise,
        wants_amount,
        below_line: preview.as_ref().is_some_and(|p| p.below_line),
        found: preview.map(|p| found(cx, p)),
        key: one_time_key(),
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

fn found(cx: &Cx, preview: Preview) -> Found {
    let pack = &cx.state.pack;
    Found {
        lines: preview.lines,
        total: cx.money(&preview.total),
        held: preview.held.iter().map(|(r, n)| (cx.t_of("pay.held", r).to_owned(), *n)).collect(),
        programmes: (preview.programmes.iter())
            .map(|(id, (n, sum))| (crate::desk::look::tier(cx, pack, id), *n, sum.to_string()))
            .collect(),
        changes: (preview.changes.iter())
            .map(|(kind, (n, sum))| (cx.t_of("desk.pay.change", kind).to_owned(), *n, sum.to_string()))
            .collect(),
        parts: preview
            .parts
            .iter()
            .map(|(what, sum)| (cx.t_of("pay.part", what).to_owned(), sum.to_string()))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::permille;

    #[test]
    fn a_rise_of_prices_is_read_to_a_tenth_of_a_per_cent_or_not_at_all() {
        assert_eq!(permille("3.8"), Some(38));
        assert_eq!(permille("４%"), Some(40));
        for wrong in ["", "3.85", "-1", "a", "3.", "9999"] {
            assert_eq!(permille(wrong), None, "{wrong}");
        }
    }
}
