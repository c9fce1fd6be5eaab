//! Every reply as it came: what a source said, about whom, when, and how often it said nothing. Kept sealed beside what
//! counts for the report; shown to whoever may read the report.

use crate::{
    Cx,
    error::Result,
    tables::{verification_answer as answer, verification_reply as reply},
    verify::{
        AnswerState,
        answers::{self, Answered},
        order::{authorise, subject},
        pursue::load_request,
    },
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use tuodi_access::{Act, Sensitivity, looks};
use tuodi_pack::{HouseholdId, OverlayRow, PersonId, ask::PersonStatus};
use tuodi_store::Tx;

const CONTENT: &str = "verification_reply.content";

/// What a source said of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfPerson {
    pub person: PersonId,
    pub status: PersonStatus,
    /// The source's own words, where it declined.
    pub reason: String,
}

/// A reply by the contract.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept {
    pub people: Vec<OfPerson>,
    pub rows: Vec<OverlayRow>,
    /// It said something else before.
    pub changed: bool,
}

#[derive(Default, Serialize, Deserialize)]
struct Content {
    words: String,
    kept: Kept,
}

/// What came of one try.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// From 1.
    pub attempt: i32,
    pub at: DateTime<Utc>,
    /// Waiting where the source was asked again.
    pub state: AnswerState,
    /// Code of the reason; empty where there is none.
    pub reason: String,
    pub words: String,
    pub people: Vec<OfPerson>,
    /// In the columns of the pool.
    pub rows: Vec<OverlayRow>,
    pub changed: bool,
    /// The authorisation was taken back since: what was said is gone.
    pub forgotten: bool,
}

/// Everything one source said to one verification.
#[derive(Debug, Clone)]
pub struct RepliesView {
    pub household: HouseholdId,
    pub answer: Answered,
    /// Newest first.
    pub replies: Vec<Told>,
}

/// At most so many characters of somebody else's words.
const WORDS: usize = 200;

pub(super) fn words(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(WORDS).collect()
}

/// Keeps what came of a try, within the change that takes it.
pub(super) async fn keep(
    tx: &Tx,
    cx: &Cx,
    row: &answer::Model,
    state: AnswerState,
    reason: &str,
    said: &str,
    kept: Option<&Kept>,
) -> Result<()> {
    let content = Content { words: words(said), kept: kept.cloned().unwrap_or_default() };
    let new = reply::ActiveModel {
        id: NotSet,
        answer_id: Set(row.id),
        attempt: Set(row.tries),
        at: Set(cx.at()),
        state: Set(state.id().to_owned()),
        reason: Set(reason.to_owned()),
        content: Set(Some(tx.keys().seal(CONTENT, &serde_json::to_string(&content)?))),
    };
    reply::Entity::insert(new).exec_without_returning(tx.conn()).await?;
    Ok(())
}

/// An authorisation was taken back: that something was said stays on record, what was said does not.
pub(super) async fn forget(tx: &Tx, answers: Vec<i64>) -> Result<()> {
    reply::Entity::update_many()
        .col_expr(reply::Column::Content, Expr::value(Option::<Vec<u8>>::None))
        .filter(reply::Column::AnswerId.is_in(answers))
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// What a source said to a verification. The look is logged with the purpose that whoever looks states; `None` where the
/// source was not asked.
pub async fn replies(cx: &Cx, number: &str, source: &str, purpose: &str) -> Result<Option<RepliesView>> {
    let (conn, keys) = (cx.store.read(), cx.store.keys());
    let request = load_request(conn, number).await?;
    let household = HouseholdId(request.household_id);
    authorise(cx, Act::ViewCase, household, number, &request.region_code, Sensitivity::Sensitive)?;
    let rows = answers::of_request(conn, number).await?;
    let Some(row) = rows.iter().find(|row| row.source == source) else { return Ok(None) };
    looks::record(&cx.store, &cx.actor, &subject(number), purpose, cx.at()).await?;
    let found = reply::Entity::find()
        .filter(reply::Column::AnswerId.eq(row.id))
        .order_by_desc(reply::Column::Id)
        .all(conn)
        .await?;
    let told = |row: reply::Model| {
        let sealed = row.content.as_ref();
        let content: Content = match sealed {
            Some(sealed) => serde_json::from_str(&keys.open(CONTENT, sealed)?)?,
            None => Content::default(),
        };
        Ok(Told {
            attempt: row.attempt,
            at: row.at,
            state: AnswerState::from_id(&row.state).unwrap_or(AnswerState::Failed),
            reason: row.reason,
            words: content.words,
            people: content.kept.people,
            rows: content.kept.rows,
            changed: content.kept.changed,
            forgotten: row.content.is_none(),
        })
    };
    Ok(Some(RepliesView {
        household,
        answer: answers::opened(keys, row)?,
        replies: found.into_iter().map(told).collect::<Result<_>>()?,
    }))
}
