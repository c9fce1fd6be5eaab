//! Re-verifications of a case, opened for whoever may see it.

use crate::{CaseNo, Cx, change::load, error::Result, tables::recheck};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use tuodi_access::Act;
use tuodi_pack::Fen;

/// One re-verification, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recheck {
    pub id: i64,
    pub why: String,
    pub note: String,
    pub opened_on: NaiveDate,
    pub proposal: Option<String>,
    pub monthly: Option<Fen>,
    pub from_month: Option<NaiveDate>,
    pub reason_code: Option<String>,
    pub reporters: Vec<String>,
    pub text: String,
    pub proposed_by: Option<String>,
    /// Accounts that may not decide: they began it, proposed it or were there.
    pub kept_out: Vec<String>,
    pub view_until: Option<NaiveDate>,
    pub view: String,
    pub viewed_on: Option<NaiveDate>,
    pub outcome: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
}

/// All of a case, newest first.
pub async fn rechecks(cx: &Cx, case: &CaseNo) -> Result<Vec<Recheck>> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::ViewCase, &file, Vec::new())?;
    let rows = recheck::Entity::find()
        .filter(recheck::Column::CaseNo.eq(case.0.as_str()))
        .order_by_desc(recheck::Column::Id)
        .all(cx.store.read())
        .await?;
    let open = |column: &str, sealed: Option<&Vec<u8>>| match sealed {
        Some(sealed) => Ok::<_, crate::CaseError>(cx.store.keys().open(column, sealed)?),
        None => Ok(String::new()),
    };
    let mut all = Vec::with_capacity(rows.len());
    for row in &rows {
        all.push(Recheck {
            id: row.id,
            why: row.why.clone(),
            note: open("recheck.note", Some(&row.note))?,
            opened_on: row.opened_on,
            proposal: row.proposal.clone(),
            monthly: row.monthly.map(Fen),
            from_month: row.from_month,
            reason_code: row.reason_code.clone(),
            reporters: row.reporters.split(',').filter(|r| !r.is_empty()).map(str::to_owned).collect(),
            text: open("recheck.text", row.text.as_ref())?,
            proposed_by: row.proposed_by.clone(),
            view_until: row.view_until,
            view: open("recheck.view", row.view.as_ref())?,
            viewed_on: row.viewed_on,
            outcome: row.outcome.clone(),
            decided_at: row.decided_at,
            kept_out: super::decide::kept_out(cx.store.read(), case, row).await?,
        });
    }
    Ok(all)
}
