//! What one line of a list is made of; and an unsigned list taken back.

use crate::{
    Cx, PageResult, View,
    desk::{
        acting,
        case::confirm::ConfirmPage,
        look,
        nav::{self, NavGroup},
        one_time_key,
        payments::{Signed, address, batch_of},
    },
};
use askama::Template;
use axum::{Form, extract::Path};

#[derive(Template)]
#[template(path = "desk/money/line.html")]
struct LinePage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    list: String,
    back: String,
    case: String,
    facts: Vec<(&'static str, String)>,
    /// What, for which month, how much.
    parts: Vec<(String, String, String)>,
    total: String,
    formula: String,
    sum: Vec<(String, String)>,
    basis: String,
}

pub async fn page(cx: Cx, Path((list, line)): Path<(String, i64)>) -> PageResult {
    let view = batch_of(&cx, &list, 1).await?;
    let found = tuodi_casework::line_parts(&acting(&cx)?, view.row.id, line).await?;
    let arithmetic = found.arithmetic.as_ref();
    cx.page(&LinePage {
        v: &cx,
        nav: nav::desk(&cx),
        list: format!("{} · {}", cx.month(&view.row.month), super::kind_title(&cx, &view.row.kind)),
        back: address(&view.row),
        facts: vec![
            (cx.t("desk.pay.programme"), look::tier(&cx, &cx.state.pack, &found.programme)),
            (cx.t("desk.pay.state"), cx.t_of("desk.pay.line", &found.status).to_owned()),
            (cx.t("pay.line.monthly"), cx.money(&found.monthly)),
            (cx.t("pay.line.since"), cx.month(&found.from_month)),
            (cx.t("pay.line.members"), found.members.to_string()),
        ],
        parts: (found.parts.iter())
            .map(|p| {
                let amount = tuodi_pack::Fen(p.amount).to_string();
                (cx.t_of("pay.part", &p.what).to_owned(), cx.month(&p.month), amount)
            })
            .collect(),
        total: cx.money(&found.amount),
        formula: arithmetic.map(|a| cx.text(&a.formula).to_owned()).unwrap_or_default(),
        sum: arithmetic
            .map(|a| a.parts.iter().map(|(t, x)| (cx.text(t).to_owned(), cx.text(x).to_owned())).collect())
            .unwrap_or_default(),
        basis: arithmetic.map(|a| cx.text(&a.basis).to_owned()).unwrap_or_default(),
        case: found.case,
    })
}

pub async fn confirm_withdraw(cx: Cx, Path(list): Path<String>) -> PageResult {
    let view = batch_of(&cx, &list, 1).await?;
    let path = address(&view.row);
    cx.page(&ConfirmPage {
        v: &cx,
        nav: nav::desk(&cx),
        title: cx.t("pay.withdraw.title").to_owned(),
        facts: vec![
            (cx.t("desk.pay.month"), cx.month(&view.row.month)),
            (cx.t("pay.kind_word"), super::kind_title(&cx, &view.row.kind)),
            (cx.t("desk.pay.total"), cx.money(&view.row.total)),
        ],
        then: vec![cx.t("pay.withdraw.then").to_owned(), cx.t("desk.confirm.journalled").to_owned()],
        action: format!("{path}/withdraw"),
        hidden: vec![("version".to_owned(), view.row.version.to_string()), ("key".to_owned(), one_time_key())],
        button: cx.t("pay.withdraw.button"),
        danger: true,
        back: path,
    })
}

pub async fn withdraw(cx: Cx, Path(list): Path<String>, Form(form): Form<Signed>) -> PageResult {
    let view = batch_of(&cx, &list, 1).await?;
    tuodi_casework::withdraw_batch(&acting(&cx)?, view.row.id, form.version, &form.key).await?;
    cx.go("/desk/payments?done=withdrawn")
}
