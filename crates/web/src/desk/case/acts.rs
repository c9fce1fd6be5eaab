//! The posts of the case page. Each asks one room act and goes back to the case.

use super::{action, again, confirm::ConfirmPage, open};
use crate::{
    Cx, PageResult, WebError,
    desk::{acting, case_no, look, nav},
    form::{Fields, Problems, money},
};
use axum::{Form, extract::Path};
use serde::Deserialize;
use tuodi_casework::{
    CaseError, CaseNo, CaseView, Judgement, Proposal, Use, month_after, publicity_ends, words::basis_text,
};
use tuodi_pack::programme::Publicity;

#[derive(Deserialize)]
pub struct Plain {
    version: i32,
}

pub fn version_of(typed: &Fields) -> i32 {
    // A form without its version is one that somebody made by hand: no version is zero, so it conflicts.
    typed.get("version").and_then(|v| v.parse().ok()).unwrap_or(0)
}

pub fn text_of<'a>(typed: &'a Fields, name: &str) -> &'a str {
    typed.get(name).map_or("", |v| v.trim())
}

fn back(cx: &Cx, case: &CaseNo, done: &str) -> PageResult {
    cx.go(format!("/desk/cases/{case}?done={done}"))
}

pub async fn take(cx: Cx, Path(case): Path<String>) -> PageResult {
    let case = case_no(&case)?;
    tuodi_casework::take(&acting(&cx)?, &case).await?;
    back(&cx, &case, "take")
}

pub async fn accept(cx: Cx, Path(case): Path<String>, Form(form): Form<Plain>) -> PageResult {
    let case = case_no(&case)?;
    tuodi_casework::accept(&acting(&cx)?, &case, form.version).await?;
    back(&cx, &case, "accept")
}

pub async fn check(cx: Cx, Path(case): Path<String>, Form(form): Form<Plain>) -> PageResult {
    let case = case_no(&case)?;
    tuodi_casework::run_check(&acting(&cx)?, cx.state.engine.as_ref(), &case, form.version).await?;
    back(&cx, &case, "check")
}

pub async fn end_publicity(cx: Cx, Path(case): Path<String>, Form(form): Form<Plain>) -> PageResult {
    let case = case_no(&case)?;
    tuodi_casework::end_publicity(&acting(&cx)?, &case, form.version).await?;
    back(&cx, &case, "end_publicity")
}

pub async fn difference(cx: Cx, Path((case, id)): Path<(String, String)>, Form(mut typed): Form<Fields>) -> PageResult {
    let case = case_no(&case)?;
    let number: u32 = id.parse().map_err(|_| WebError::NotFound)?;
    typed.insert("difference".to_owned(), id.clone());
    let mut problems = Problems::default();
    let use_ = match text_of(&typed, "use") {
        "declared" => Some(Use::Declared),
        "found" => Some(Use::Found),
        "seen" => Some(Use::Seen),
        _ => None,
    };
    let Some(use_) = use_ else {
        problems.add(format!("use-{id}"), cx.t("desk.problem.use_required"));
        if text_of(&typed, "reason").is_empty() {
            problems.add(format!("reason-{id}"), cx.t("desk.problem.reason_required"));
        }
        return again(&cx, case.as_str(), &typed, problems).await;
    };
    let paper = text_of(&typed, &format!("paper-{id}")).parse().ok();
    let reason = text_of(&typed, "reason").to_owned();
    let judgement = Judgement { use_, reason, paper };
    match tuodi_casework::resolve_difference(&acting(&cx)?, &case, version_of(&typed), number, judgement).await {
        Ok(_) => cx.go(format!("/desk/cases/{case}?done=judge#differences")),
        Err(CaseError::Invalid(errors)) => {
            for error in errors {
                let key = match error.field.as_str() {
                    "reason" => "desk.problem.reason_required",
                    "paper" => "desk.problem.paper_required",
                    _ => "desk.problem.use_required",
                };
                problems.add(format!("{}-{id}", error.field), cx.t(key));
            }
            again(&cx, case.as_str(), &typed, problems).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The choice of a proposal form, or its problems.
pub fn proposal(cx: &Cx, typed: &Fields) -> Result<Proposal, Problems> {
    let mut problems = Problems::default();
    match text_of(typed, "outcome") {
        "approve" => {
            let programme = text_of(typed, "programme");
            if cx.state.pack.programme(programme).is_none() {
                problems.add("programme", cx.t("desk.problem.programme_required"));
            }
            match money(text_of(typed, "monthly")) {
                Some(monthly) if problems.is_empty() => {
                    return Ok(Proposal::Approve { programme: programme.to_owned(), monthly });
                }
                Some(_) => {}
                None => problems.add("monthly", cx.t("desk.problem.monthly_amount")),
            }
        }
        "refuse" => {
            let reason_code = text_of(typed, "reason_code").to_owned();
            if reason_code.is_empty() {
                problems.add("reason_code", cx.t("desk.problem.reason_code_required"));
            }
            if text_of(typed, "text").is_empty() {
                problems.add("text", cx.t("desk.problem.text_reason"));
            }
            if problems.is_empty() {
                return Ok(Proposal::Refuse { reason_code });
            }
        }
        _ => problems.add("outcome", cx.t("desk.problem.outcome_required")),
    }
    Err(problems)
}

/// A room's answer to a form of the case page: on, or the same page with what is wrong.
async fn answer<T>(cx: &Cx, case: &CaseNo, typed: &Fields, done: &str, result: Result<T, CaseError>) -> PageResult {
    match result {
        Ok(_) => back(cx, case, done),
        Err(CaseError::Invalid(errors)) => {
            again(cx, case.as_str(), typed, Problems::from_room(cx, "desk", &errors)).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn opinion(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let case = case_no(&case)?;
    let proposal = match proposal(&cx, &typed) {
        Ok(proposal) => proposal,
        Err(problems) => return again(&cx, case.as_str(), &typed, problems).await,
    };
    let (text, key) = (text_of(&typed, "text"), text_of(&typed, "key"));
    let given = tuodi_casework::give_opinion(&acting(&cx)?, &case, version_of(&typed), proposal, text, key).await;
    answer(&cx, &case, &typed, "opinion", given).await
}

pub async fn resolve_objection(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let case = case_no(&case)?;
    let proposal = match proposal(&cx, &typed) {
        Ok(proposal) => proposal,
        Err(problems) => return again(&cx, case.as_str(), &typed, problems).await,
    };
    let (text, key) = (text_of(&typed, "text"), text_of(&typed, "key"));
    let (told, version) = (text_of(&typed, "answer"), version_of(&typed));
    let given = tuodi_casework::resolve_objection(&acting(&cx)?, &case, version, proposal, text, told, key).await;
    answer(&cx, &case, &typed, "resolve_objection", given).await
}

/// Hidden fields of the confirmation: all that was typed, and that it was confirmed.
fn carried(typed: &Fields) -> Vec<(String, String)> {
    let kept = typed.iter().filter(|(n, _)| *n != "csrf" && *n != "confirm");
    kept.map(|(n, v)| (n.clone(), v.clone())).chain([("confirm".to_owned(), "yes".to_owned())]).collect()
}

fn whom(cx: &Cx, view: &CaseView) -> String {
    format!("{} · {} · {}", view.row.applicant, cx.tn("desk.case.members", view.row.members), view.row.case)
}

pub async fn sign(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let case = case_no(&case)?;
    let agree = match text_of(&typed, "agree") {
        "yes" => true,
        "no" => false,
        _ => {
            let mut problems = Problems::default();
            problems.add("agree", cx.t("desk.problem.agree_required"));
            return again(&cx, case.as_str(), &typed, problems).await;
        }
    };
    if agree && text_of(&typed, "confirm") != "yes" {
        let view = open(&cx, case.as_str()).await?;
        return confirm_sign(&cx, &view, &typed);
    }
    let (text, key) = (text_of(&typed, "text"), text_of(&typed, "key"));
    let signed = tuodi_casework::sign_opinion(&acting(&cx)?, &case, version_of(&typed), agree, text, key).await;
    answer(&cx, &case, &typed, if agree { "sign" } else { "not_signed" }, signed).await
}

/// Signing posts the household on the village's board: said before it is done.
fn confirm_sign(cx: &Cx, view: &CaseView, typed: &Fields) -> PageResult {
    let opinion = view.opinions.first().ok_or(WebError::Conflict("common.conflict.stage"))?;
    let case = &view.row.case;
    let mut facts = vec![
        (cx.t("desk.confirm.whom"), whom(cx, view)),
        (cx.t("desk.confirm.what"), action::proposal_words(cx, &opinion.proposal)),
    ];
    let mut then = Vec::new();
    let posted = match &opinion.proposal {
        Proposal::Approve { programme, .. } => {
            cx.state.pack.programme(programme).filter(|p| p.publicity == Publicity::Village)
        }
        Proposal::Refuse { .. } => None,
    };
    match posted {
        Some(programme) => {
            let days = if programme.publicity_days == 0 { 7 } else { programme.publicity_days };
            let until = publicity_ends(cx.today(), days);
            then.push(cx.t3("desk.confirm.posted", cx.text(&view.row.region), days, cx.date(&until)));
            then.push(cx.t("desk.confirm.posted_what").to_owned());
            facts
                .push((cx.t("desk.confirm.basis"), cx.text(&basis_text(&cx.state.pack, "DB57 art.19, 24")).to_owned()));
        }
        None => then.push(cx.t("desk.confirm.forwarded").to_owned()),
    }
    cx.page(&ConfirmPage {
        v: cx,
        nav: nav::desk(cx),
        title: cx.t("desk.confirm.sign").to_owned(),
        facts,
        then,
        action: format!("/desk/cases/{case}/sign"),
        hidden: carried(typed),
        button: cx.t(if posted.is_some() { "desk.confirm.sign_post" } else { "desk.confirm.sign_forward" }),
        danger: false,
        back: format!("/desk/cases/{case}"),
    })
}

pub async fn decide(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let case = case_no(&case)?;
    let proposal = match proposal(&cx, &typed) {
        Ok(proposal) => proposal,
        Err(problems) => return again(&cx, case.as_str(), &typed, problems).await,
    };
    if text_of(&typed, "confirm") != "yes" {
        let view = open(&cx, case.as_str()).await?;
        if departs(&view, &proposal) && text_of(&typed, "text").is_empty() {
            let mut problems = Problems::default();
            problems.add("text", cx.t("desk.problem.text_reason"));
            return again(&cx, case.as_str(), &typed, problems).await;
        }
        return confirm_decision(&cx, &view, &proposal, &typed);
    }
    let refused = matches!(proposal, Proposal::Refuse { .. });
    let (text, key) = (text_of(&typed, "text"), text_of(&typed, "key"));
    let decided = tuodi_casework::decide(&acting(&cx)?, &case, version_of(&typed), proposal, text, key).await;
    answer(&cx, &case, &typed, if refused { "refuse" } else { "approve" }, decided).await
}

/// Something else than the finding: the room asks for a reason, and so the page does before the confirmation.
fn departs(view: &CaseView, proposal: &Proposal) -> bool {
    let Some(check) = &view.verification else { return false };
    match proposal {
        Proposal::Approve { programme, monthly } => check.result.tier != *programme || check.result.monthly != *monthly,
        Proposal::Refuse { .. } => true,
    }
}

fn confirm_decision(cx: &Cx, view: &CaseView, proposal: &Proposal, typed: &Fields) -> PageResult {
    let pack = &cx.state.pack;
    let case = &view.row.case;
    let text = text_of(typed, "text");
    let mut facts = vec![(cx.t("desk.confirm.whom"), whom(cx, view))];
    let mut then = Vec::new();
    let (title, button, basis, danger) = match proposal {
        Proposal::Approve { programme, monthly } => {
            facts.push((cx.t("desk.confirm.what"), look::tier(cx, pack, programme)));
            facts.push((cx.t("desk.confirm.monthly"), look::monthly(cx, *monthly)));
            let month = month_after(cx.today());
            then.push(cx.t1("desk.confirm.from_month", cx.month(&month)));
            then.push(cx.t("desk.confirm.letter_approved").to_owned());
            ("desk.confirm.approve", "desk.confirm.approve_button", "DB57 art.20, 21", false)
        }
        Proposal::Refuse { reason_code } => {
            facts.push((cx.t("desk.confirm.what"), cx.t("desk.confirm.refused").to_owned()));
            facts.push((cx.t("desk.confirm.reason"), tuodi_casework::reason_title(reason_code, cx.lang)));
            then.push(cx.t("desk.confirm.letter_refused").to_owned());
            then.push(cx.t("desk.confirm.remedies").to_owned());
            ("desk.confirm.refuse", "desk.confirm.refuse_button", "DB57 art.20, 21", true)
        }
    };
    if !text.is_empty() {
        facts.push((cx.t("desk.confirm.text"), text.to_owned()));
    }
    if departs(view, proposal)
        && let Some(check) = &view.verification
    {
        let found = cx.t2(
            "desk.opinion.approve",
            look::tier(cx, pack, &check.result.tier),
            look::monthly(cx, check.result.monthly),
        );
        facts.push((cx.t("desk.confirm.found"), found));
    }
    facts.push((cx.t("desk.confirm.basis"), cx.text(&basis_text(pack, basis)).to_owned()));
    then.push(cx.t("desk.confirm.journalled").to_owned());
    cx.page(&ConfirmPage {
        v: cx,
        nav: nav::desk(cx),
        title: cx.t(title).to_owned(),
        facts,
        then,
        action: format!("/desk/cases/{case}/decide"),
        hidden: carried(typed),
        button: cx.t(button),
        danger,
        back: format!("/desk/cases/{case}"),
    })
}
