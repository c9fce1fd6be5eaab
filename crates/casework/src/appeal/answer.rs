//! The end of an appeal: the decision is kept, with reasons and what can be done next; or it is decided anew.

use super::{SEALED_ANSWER, decided_day};
use crate::{
    CaseError, CaseNo, CaseState, Cx, Event, FieldError, NextStep,
    application::applicant_of,
    change::{change, finish, load, load_at, moved, put, put_due, state_of},
    decision::month_after,
    error::Result,
    notice,
    review::kept_out_of_confirmation,
    tables::{appeal, case_file, decision},
};
use chrono::NaiveDate;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use tuodi_access::Act;
use tuodi_pack::PersonId;

/// What a reviewer says to an appeal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AppealAnswer {
    /// The decision stands.
    Keep,
    /// It is decided again; `office_error`: the fault was the office's, and the household does not bear it.
    Reopen { office_error: bool },
}

/// Who decided what is or was contested: neither hears the appeal nor decides anew.
pub(crate) async fn kept_out(conn: &impl ConnectionTrait, case: &str) -> Result<BTreeSet<String>> {
    let appeals = appeal::Entity::find().filter(appeal::Column::CaseNo.eq(case)).all(conn).await?;
    if appeals.is_empty() {
        return Ok(BTreeSet::new());
    }
    let contested = decision::Entity::find()
        .filter(decision::Column::Id.is_in(appeals.iter().map(|row| row.decision)))
        .all(conn)
        .await?;
    Ok(contested.into_iter().map(|row| row.decided_by).collect())
}

/// From which month a decision after an appeal holds: where the office was at fault and had refused or stopped, from when
/// it would have held at first. What a higher amount makes up for months already paid, a person orders.
pub(crate) async fn effective_from(conn: &impl ConnectionTrait, case: &str, today: NaiveDate) -> Result<NaiveDate> {
    let row = appeal::Entity::find()
        .filter(appeal::Column::CaseNo.eq(case))
        .order_by_desc(appeal::Column::Id)
        .one(conn)
        .await?
        .filter(|row| row.state == "reopened" && row.office_error)
        .filter(|row| [CaseState::Refused.id(), CaseState::Exited.id()].contains(&row.from_state.as_str()));
    let first = match row {
        Some(row) => decision::Entity::find_by_id(row.decision).one(conn).await?,
        None => None,
    };
    let from = |row: &decision::Model| row.effective_month.unwrap_or_else(|| month_after(decided_day(row)));
    Ok(first.as_ref().map_or_else(|| month_after(today), from))
}

/// The household's other case that is open: there is one procedure at a time.
async fn other_open(conn: &impl ConnectionTrait, file: &case_file::Model) -> Result<Option<CaseNo>> {
    let other = case_file::Entity::find()
        .filter(case_file::Column::HouseholdId.eq(file.household_id))
        .filter(case_file::Column::IsOpen.eq(true))
        .filter(case_file::Column::CaseNo.ne(file.case_no.as_str()))
        .filter(case_file::Column::State.is_not_in(crate::application::BESIDE.map(CaseState::id)))
        .one(conn)
        .await?;
    Ok(other.map(|file| CaseNo(file.case_no)))
}

/// Answers an appeal. By a reviewer who has neither surveyed, given an opinion nor decided in this case.
pub async fn answer_appeal(
    cx: &Cx,
    case: &CaseNo,
    version: i32,
    said: AppealAnswer,
    text: &str,
    key: &str,
) -> Result<i32> {
    let text = text.trim().to_owned();
    if text.is_empty() {
        return Err(CaseError::Invalid(vec![FieldError::new("text", "error.reason")]));
    }
    let file = load(cx.store.read(), case).await?;
    let excluded = kept_out_of_confirmation(cx.store.read(), &file).await?;
    cx.authorise(Act::Decide, &file, excluded)?;
    let applicant = applicant_of(cx, PersonId(file.applicant_id)).await?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.answer_appeal", case.subject(), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut file = load_at(tx, &case2, version).await?;
            let from = state_of(&file);
            let row = appeal::Entity::find()
                .filter(appeal::Column::CaseNo.eq(case2.as_str()))
                .filter(appeal::Column::State.eq("open"))
                .one(tx.conn())
                .await?
                .filter(|_| from == CaseState::Appealed)
                .ok_or(CaseError::WrongStage { case: case2.clone(), found: from, event: Event::Reopen })?;
            let back = CaseState::from_id(&row.from_state).unwrap_or(CaseState::Refused);
            let (ended, office_error) = match said {
                AppealAnswer::Keep => {
                    let event = match back {
                        CaseState::Assisting => Event::KeepAid,
                        CaseState::Approved => Event::KeepApproval,
                        CaseState::GradualExit => Event::KeepGradual,
                        CaseState::Exited => Event::KeepExit,
                        _ => Event::KeepRefusal,
                    };
                    let to = moved(&file, event)?;
                    let step = NextStep::from_id(&row.from_step).unwrap_or(NextStep::Done);
                    put_due(&cx, &mut file, to, step, row.from_due);
                    ("kept", false)
                }
                AppealAnswer::Reopen { office_error } => {
                    if let Some(case) = other_open(tx.conn(), &file).await? {
                        return Err(CaseError::OtherOpen { case });
                    }
                    let to = moved(&file, Event::Reopen)?;
                    // The days of the first procedure are over; what runs is the limit of deciding anew.
                    file.total_due = None;
                    put(&cx, &mut file, to, NextStep::Decide)?;
                    ("reopened", office_error)
                }
            };
            let mut active = row.into_active_model();
            active.state = Set(ended.to_owned());
            active.office_error = Set(office_error);
            active.answer = Set(Some(tx.keys().seal(SEALED_ANSWER, &text)));
            active.answered_by = Set(Some(cx.actor.account.clone()));
            active.answered_on = Set(Some(cx.today()));
            appeal::Entity::update(active).exec(tx.conn()).await?;
            let letter = notice::appeal_answered(&cx, &file, applicant.name, said, &text);
            let (number, entry) = notice::issue(tx, &cx, &file, letter).await?;
            let details = json!({ "answer": ended, "office_error": office_error, "notice": number });
            let recorded = finish(tx, &cx, file, from, "case.answer_appeal", details, |f| f.version).await?;
            Ok(recorded.and(entry))
        })
    })
    .await
}
