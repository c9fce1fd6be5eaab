//! How each source stands to a request.

use crate::{case_no::codes, error::Result, tables::verification_answer as answer};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use tuodi_pack::{OverlayRow, verification::Via};
use tuodi_store::Keys;

codes! {
    AnswerState {
        Waiting = "waiting", "等待答复", "waiting for an answer";
        Answered = "answered", "已答复", "answered";
        /// It was asked and has no row of these people.
        Silent = "silent", "无记录", "no record";
        TimedOut = "timed_out", "超过时限未答复", "no answer in its time";
        Refused = "refused", "拒绝答复", "declined";
        Failed = "failed", "查询失败", "failed";
        /// The authorisation was taken back before it answered.
        Stopped = "stopped", "授权撤回，已停止查询", "stopped: authorisation withdrawn";
    }
}

impl AnswerState {
    /// Whether it says something of the household: rows, or that there are none.
    pub fn is_said(self) -> bool {
        matches!(self, AnswerState::Answered | AnswerState::Silent)
    }
}

pub(crate) const CONNECTOR: &str = "connector";
pub(crate) const POOL: &str = "pool";
pub(crate) const FILE: &str = "file";

pub(crate) fn via_id(via: Via) -> &'static str {
    match via {
        Via::Pool => POOL,
        Via::Connector => CONNECTOR,
        Via::File => FILE,
    }
}

/// One source's line of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    pub source: String,
    pub via: Via,
    pub state: AnswerState,
    pub asked_at: DateTime<Utc>,
    pub answered_at: Option<DateTime<Utc>>,
    pub limit_at: DateTime<Utc>,
    pub tries: i32,
    pub next_try_at: DateTime<Utc>,
    pub data_date: Option<NaiveDate>,
    pub rows: i32,
    /// Code of the reason; empty where there is none.
    pub reason: String,
    pub words: String,
    pub changed: bool,
}

pub(crate) fn state_of(row: &answer::Model) -> AnswerState {
    // Only this room writes the column, from the same enum.
    AnswerState::from_id(&row.state).unwrap_or(AnswerState::Failed)
}

pub(crate) fn opened(keys: &Keys, row: &answer::Model) -> Result<Answered> {
    Ok(Answered {
        source: row.source.clone(),
        via: match row.via.as_str() {
            CONNECTOR => Via::Connector,
            FILE => Via::File,
            _ => Via::Pool,
        },
        state: state_of(row),
        asked_at: row.asked_at,
        answered_at: row.answered_at,
        limit_at: row.limit_at,
        tries: row.tries,
        next_try_at: row.next_try_at,
        data_date: row.data_date,
        rows: row.rows,
        reason: row.reason.clone(),
        words: row.words.as_ref().map(|w| keys.open("verification_answer.words", w)).transpose()?.unwrap_or_default(),
        changed: row.changed,
    })
}

pub(crate) async fn of_request(conn: &impl ConnectionTrait, number: &str) -> Result<Vec<answer::Model>> {
    let rows = answer::Entity::find().filter(answer::Column::Number.eq(number)).order_by_asc(answer::Column::Id);
    Ok(rows.all(conn).await?)
}

/// Rows that sources replied with, for the engine beside what the pool holds.
pub(crate) fn replied(keys: &Keys, rows: &[answer::Model]) -> Result<Vec<OverlayRow>> {
    let mut all = Vec::new();
    for sealed in rows.iter().filter_map(|row| row.content.as_ref()) {
        let of_source: Vec<OverlayRow> = serde_json::from_str(&keys.open("verification_answer.content", sealed)?)?;
        all.extend(of_source);
    }
    Ok(all)
}
