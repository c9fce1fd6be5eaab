//! What a department does with a matter: takes it up, finishes it, or refuses it with a reason.

use super::{MatterState, read::of_department, tables::matter};
use crate::{
    CaseError, CaseNo, Cx, FieldError,
    change::{change, load, tell},
    error::Result,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;
use tuodi_access::Act;
use tuodi_store::Recorded;

pub(super) const ANSWER: &str = "case_matter.answer";
const MOST_WORDS: usize = 1_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    TakeUp,
    /// What the household gets, and how.
    Done(String),
    /// Why not, and what can be done.
    Refuse(String),
}

impl Reply {
    fn words(&self) -> Option<&str> {
        match self {
            Reply::TakeUp => None,
            Reply::Done(text) | Reply::Refuse(text) => Some(text.trim()),
        }
    }

    fn to(&self, from: MatterState) -> Option<MatterState> {
        match (self, from) {
            (Reply::TakeUp, MatterState::Forwarded) => Some(MatterState::Accepted),
            (Reply::Done(_), from) if from.is_with_department() => Some(MatterState::Done),
            (Reply::Refuse(_), from) if from.is_with_department() => Some(MatterState::Refused),
            _ => None,
        }
    }
}

/// Answers a matter of the actor's own department. A second click and a step taken by a colleague meanwhile are told as a
/// conflict.
///
/// # Errors
/// [`CaseError::Invalid`] with the field `text`.
pub async fn answer_matter(cx: &Cx, id: i64, reply: Reply, key: &str) -> Result<()> {
    let (row, _) = of_department(cx, id, Act::AnswerMatter).await?;
    match reply.words() {
        Some("") => return Err(CaseError::Invalid(vec![FieldError::new("text", "error.required")])),
        Some(text) if text.chars().count() > MOST_WORDS => {
            return Err(CaseError::Invalid(vec![FieldError::new("text", "error.too_long")]));
        }
        _ => {}
    }
    let case = CaseNo(row.case_no.clone());
    let (cx2, subject) = (cx.clone(), format!("matter:{id}"));
    change(cx, "matter.answer", subject, key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let row = matter::Entity::find_by_id(id).one(tx.conn()).await?;
            let row = row.ok_or_else(|| CaseError::NotFound { kind: "matter", id: id.to_string() })?;
            let conflict = || CaseError::Conflict { case: case.clone() };
            let from = MatterState::from_id(&row.state).ok_or_else(conflict)?;
            let to = reply.to(from).ok_or_else(conflict)?;
            let file = load(tx.conn(), &case).await?;
            let of = row.matter.clone();
            let mut active = row.into_active_model();
            active.state = Set(to.id().to_owned());
            active.answered_by = Set(Some(cx.actor.account.clone()));
            match reply.words() {
                None => active.taken_on = Set(Some(cx.today())),
                Some(text) => {
                    active.answer = Set(Some(tx.keys().seal(ANSWER, text)));
                    active.ended_on = Set(Some(cx.today()));
                }
            }
            let done = matter::Entity::update_many()
                .set(active)
                .filter(matter::Column::Id.eq(id))
                .filter(matter::Column::State.eq(from.id()))
                .exec(tx.conn())
                .await?;
            if done.rows_affected != 1 {
                return Err(conflict());
            }
            let details = json!({ "matter": of, "from": from.id(), "to": to.id() });
            tell(tx, &cx, &file, "matter.answer", None, details.clone()).await?;
            Ok(Recorded::new((), cx.entry("matter.answer", case.subject(), &file.region_code, details)))
        })
    })
    .await
}
