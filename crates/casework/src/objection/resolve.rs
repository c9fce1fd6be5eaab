//! The end of an objection: looked into at the home again or by an appraisal, by somebody else than before, and answered.

use super::SEALED_ANSWER;
use crate::{
    CaseError, CaseNo, CaseState, Cx, Event, FieldError, NextStep, appraisal,
    change::{change, finish, load, load_at, moved, put, state_of},
    error::Result,
    publicity::latest_row,
    review::{self, Proposal},
    tables::{case_file, objection, publicity, visit},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::Expr,
};
use serde_json::json;
use tuodi_access::Act;
use tuodi_store::Tx;

/// Whose opinion was posted and objected to: somebody else looks into the objection and answers it.
pub(crate) async fn kept_out(conn: &impl ConnectionTrait, case: &str) -> Result<Vec<String>> {
    Ok(review::latest_row(conn, case).await?.map(|row| row.given_by).into_iter().collect())
}

/// The new opinion after an objection was looked into, at the home or by asking the neighbourhood, and the answer to everybody who objected. Still
/// eligible: to the district without a second posting, or posted again where the programme demands it (TK art. 15). Not
/// eligible: to the district, which refuses or not.
///
/// `text` is the opinion and stays in the file. `answer` is what those who objected read: with its reasons, without what
/// is the household's own.
pub async fn resolve_objection(
    cx: &Cx,
    case: &CaseNo,
    version: i32,
    proposal: Proposal,
    text: &str,
    answer: &str,
    key: &str,
) -> Result<i32> {
    let (text, answer) = (text.trim().to_owned(), answer.trim().to_owned());
    let empty = [("text", &text, "error.reason"), ("answer", &answer, "error.required")];
    let errors: Vec<FieldError> =
        empty.iter().filter(|(_, value, _)| value.is_empty()).map(|(f, _, error)| FieldError::new(*f, error)).collect();
    if !errors.is_empty() {
        return Err(CaseError::Invalid(errors));
    }
    review::check_proposal(&cx.pack, &proposal)?;
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::Review, &file, kept_out(cx.store.read(), &case.0).await?)?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.resolve_objection", case.subject(), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut file = load_at(tx, &case2, version).await?;
            let from = state_of(&file);
            if from != CaseState::Objection {
                return Err(CaseError::WrongStage { case: case2, found: from, event: Event::Forward });
            }
            if kept_out(tx.conn(), &case2.0).await?.contains(&cx.actor.account) {
                return Err(CaseError::SamePerson { subject: case2.subject() });
            }
            let posting = latest_row(tx.conn(), &case2.0).await?;
            let departs = looked_into(tx, &case2, &file, &posting, &proposal).await?;
            review::write_opinion(tx, &cx, &case2, &proposal, &text, departs).await?;
            review::apply(&mut file, &proposal);
            let answered = answer_all(tx, &cx, &case2, &answer).await?;
            let masked = posting.masked_name.clone();
            let mut active = posting.into_active_model();
            active.status = Set("ended".to_owned());
            publicity::Entity::update(active).exec(tx.conn()).await?;
            let second = match &proposal {
                Proposal::Approve { programme, .. } => cx.pack.programme(programme).is_some_and(|p| p.second_publicity),
                Proposal::Refuse { .. } => false,
            };
            if second {
                review::post_if_needed(tx, &cx, &mut file, &proposal, &masked).await?;
            } else {
                let to = moved(&file, Event::Forward)?;
                put(&cx, &mut file, to, NextStep::Decide)?;
            }
            let details =
                json!({ "proposal": proposal, "departs": departs, "posted_again": second, "answered": answered });
            finish(tx, &cx, file, from, "case.resolve_objection", details, |f| f.version).await
        })
    })
    .await
}

/// There was a visit since a notice was objected to, or an appraisal (DB57 art. 19).
pub(crate) async fn looked_again(
    conn: &impl ConnectionTrait,
    case: &CaseNo,
    posting: &publicity::Model,
) -> Result<bool> {
    let since = posting.objected_on.unwrap_or(posting.posted_on);
    let again = visit::Entity::find()
        .filter(visit::Column::CaseNo.eq(case.as_str()))
        .filter(visit::Column::VisitedOn.gte(since))
        .one(conn)
        .await?;
    Ok(again.is_some() || appraisal::held_since(conn, case, since).await?)
}

/// There was a visit or an appraisal since, a check, and nothing of it waits for a judgement; whether the proposal is another than found.
async fn looked_into(
    tx: &Tx,
    case: &CaseNo,
    file: &case_file::Model,
    posting: &publicity::Model,
    proposal: &Proposal,
) -> Result<bool> {
    if !looked_again(tx.conn(), case, posting).await? {
        return Err(CaseError::NoVisit);
    }
    if !file.checked {
        return Err(CaseError::NoCheck);
    }
    let report = crate::check::latest(tx.conn(), tx.keys(), &case.0).await?.ok_or(CaseError::NoCheck)?;
    let waiting = report.differences.iter().filter(|d| d.waits_for_judgement()).count() as u64;
    if waiting > 0 {
        return Err(CaseError::Unresolved { count: waiting });
    }
    Ok(review::departs(&report.result, proposal))
}

/// How many were answered.
pub(crate) async fn answer_all(tx: &Tx, cx: &Cx, case: &CaseNo, answer: &str) -> Result<u64> {
    let done = objection::Entity::update_many()
        .col_expr(objection::Column::Answer, Expr::value(tx.keys().seal(SEALED_ANSWER, answer)))
        .col_expr(objection::Column::AnsweredOn, Expr::value(cx.today()))
        .col_expr(objection::Column::AnsweredBy, Expr::value(cx.actor.account.clone()))
        .filter(objection::Column::CaseNo.eq(case.as_str()))
        .filter(objection::Column::AnsweredOn.is_null())
        .exec(tx.conn())
        .await?;
    Ok(done.rows_affected)
}
