//! Cases whose first month has come.

use crate::{
    CaseState, Cx, NextStep,
    change::NOTHING_DUE,
    error::Result,
    tables::{benefit, case_event, case_file},
};
use chrono::NaiveDate;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use tuodi_store::Tx;

/// Approved cases whose first month has come are assisted from now on (transition 25), whether or not money is in it.
pub(super) async fn begin_assisting(tx: &Tx, cx: &Cx, county: &str, month: NaiveDate) -> Result<u64> {
    let cases: Vec<case_file::Model> = case_file::Entity::find()
        .filter(case_file::Column::State.eq(CaseState::Approved.id()))
        .filter(case_file::Column::County.eq(county))
        .all(tx.conn())
        .await?;
    let mut begun = 0;
    for file in cases {
        let current = benefit::Entity::find()
            .filter(benefit::Column::CaseNo.eq(file.case_no.as_str()))
            .filter(benefit::Column::FromMonth.lte(month))
            .filter(benefit::Column::Status.eq("active"))
            .one(tx.conn())
            .await?;
        let Some(current) = current else { continue };
        let from = crate::change::state_of(&file);
        let to = crate::change::moved(&file, crate::Event::Pay)?;
        let mut file = file;
        crate::change::put_due(
            cx,
            &mut file,
            to,
            NextStep::Reverify,
            Some(current.next_reverify.unwrap_or(NOTHING_DUE)),
        );
        let file = crate::change::save(tx, file).await?;
        let event = case_event::ActiveModel {
            case_no: Set(file.case_no.clone()),
            at: Set(cx.at()),
            act: Set("case.pay".to_owned()),
            from_state: Set(Some(from.id().to_owned())),
            to_state: Set(file.state.clone()),
            actor: Set(cx.actor.account.clone()),
            role: Set(cx.actor.role.id().to_owned()),
            channel: Set("system".to_owned()),
            details: Set(json!({ "month": month })),
            ..Default::default()
        };
        case_event::Entity::insert(event).exec_without_returning(tx.conn()).await?;
        begun += 1;
    }
    Ok(begun)
}
