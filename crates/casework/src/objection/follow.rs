//! What became of an objection, for whoever holds its code.

use super::{SEALED_ANSWER, index_of};
use crate::{
    CaseNo,
    change::{load, state_of},
    error::Result,
    state::CaseState,
    tables::{objection, publicity},
};
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tuodi_store::Store;

/// What is told; nothing of the household beyond where and when its notice hung.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    pub village: String,
    pub posted_on: NaiveDate,
    pub filed_on: NaiveDate,
    pub due_on: Option<NaiveDate>,
    /// Day and words.
    pub answered: Option<(NaiveDate, String)>,
    /// The application ended before anybody had to answer: withdrawn, say.
    pub moot: bool,
}

/// `None` where no objection has this code. Whoever holds the code may ask: it was given to nobody else.
pub async fn follow(store: &Store, code: &str) -> Result<Option<Followed>> {
    let keys = store.keys();
    let found =
        objection::Entity::find().filter(objection::Column::Code.eq(index_of(keys, code))).one(store.read()).await?;
    let Some(row) = found else { return Ok(None) };
    let Some(posting) = publicity::Entity::find_by_id(row.posting).one(store.read()).await? else { return Ok(None) };
    let answered = match (row.answered_on, row.answer) {
        (Some(day), Some(sealed)) => Some((day, keys.open(SEALED_ANSWER, &sealed)?)),
        _ => None,
    };
    let at = state_of(&load(store.read(), &CaseNo(row.case_no)).await?);
    let moot = answered.is_none() && !matches!(at, CaseState::Objection | CaseState::Appraisal | CaseState::Adjusting);
    Ok(Some(Followed {
        village: posting.village,
        posted_on: posting.posted_on,
        filed_on: row.filed_on,
        due_on: row.due_on,
        answered,
        moot,
    }))
}
