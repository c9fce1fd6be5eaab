//! What the platform says of emergencies by the hour: no help yet goes to the leader and then to the district; papers that did
//! not come open a task for a person. Nothing else happens to the household.

use super::{EmergencyState, file, put, rules, save, state_of, subject};
use crate::{CaseError, Cx, change::change, error::Result};
use chrono::Duration;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use serde_json::json;
use tuodi_store::Recorded;

const CHUNK: u64 = 100;

/// Tells upwards what is late, once a level. For the platform itself. How many were told.
pub async fn tell_late_emergencies(cx: &Cx) -> Result<u64> {
    use file::Column as C;
    let Some(lane) = cx.pack.workflow.emergency.as_ref() else { return Ok(0) };
    let warn = cx.now - Duration::hours(i64::from(lane.warn_hours));
    let unhelped = [EmergencyState::Reported, EmergencyState::Verified].map(EmergencyState::id);
    let waits = Condition::all().add(C::State.is_in(unhelped));
    let township = waits.clone().add(C::ToldAt.lte(warn)).add(C::Raised.is_null());
    let over = Condition::any().add(C::Raised.is_null()).add(C::Raised.eq("township"));
    let district = waits.add(C::AdvanceDue.lt(cx.now)).add(over);
    let papers = Condition::all().add(C::State.eq(EmergencyState::Advanced.id())).add(C::DueAt.lt(cx.now));
    let decision = Condition::all()
        .add(C::State.is_in(
            [EmergencyState::Documented, EmergencyState::Proposed, EmergencyState::Granted].map(EmergencyState::id),
        ))
        .add(C::DueAt.lt(cx.now))
        .add(C::Raised.is_null());
    let due = Condition::any().add(township).add(district).add(papers).add(decision);
    let mut told = 0;
    loop {
        let rows = file::Entity::find()
            .filter(C::IsOpen.eq(true))
            .filter(due.clone())
            .order_by_asc(C::No)
            .limit(CHUNK)
            .all(cx.store.read())
            .await?;
        if rows.is_empty() {
            return Ok(told);
        }
        for row in rows {
            told += tell(cx, row.no).await?;
        }
    }
}

/// 0 where somebody was faster than the platform.
async fn tell(cx: &Cx, no: String) -> Result<u64> {
    let (cx2, no2) = (cx.clone(), no.clone());
    let told = change(cx, "emergency.late", subject(&no), "", move |tx| {
        Box::pin(async move {
            let (cx, no) = (cx2, no2);
            let mut row = super::load(tx.conn(), &no).await?;
            let warn = row.told_at + Duration::hours(i64::from(rules(&cx)?.warn_hours));
            let (what, to) = match state_of(&row) {
                EmergencyState::Reported | EmergencyState::Verified if row.advance_due < cx.now => ("help", "district"),
                EmergencyState::Reported | EmergencyState::Verified if warn <= cx.now => ("help", "township"),
                EmergencyState::Advanced if row.due_at < cx.now => {
                    let due = row.due_at;
                    put(&cx, &mut row, EmergencyState::Chasing)?;
                    row.raised = Some("township".to_owned());
                    let details = json!({ "what": "papers", "to": "township", "due": due });
                    return Ok(save(tx, &cx, row, "emergency.late", details).await?.map(|_| 1));
                }
                EmergencyState::Documented | EmergencyState::Proposed | EmergencyState::Granted
                    if row.due_at < cx.now =>
                {
                    ("decision", "district")
                }
                _ => return Err(CaseError::EmergencyChanged { no }),
            };
            // The version stays: nothing that somebody is filling in has changed.
            let raised = file::Entity::update_many()
                .col_expr(file::Column::Raised, Expr::value(to))
                .filter(file::Column::No.eq(no.as_str()))
                .filter(file::Column::Version.eq(row.version))
                .exec(tx.conn())
                .await?;
            if raised.rows_affected != 1 {
                return Err(CaseError::EmergencyChanged { no });
            }
            let details = json!({ "what": what, "to": to, "due": row.due_at });
            Ok(Recorded::new(1, cx.entry("emergency.late", subject(&no), &row.region_code, details)))
        })
    })
    .await;
    match told {
        Err(CaseError::EmergencyChanged { .. }) => Ok(0),
        other => other,
    }
}
