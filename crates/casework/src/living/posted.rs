//! The notice that help is to end, where a programme asks for one (TK art. 26): it hangs its days before anybody decides;
//! an objection is looked into, and then it is posted again.

use super::propose::DEATH;
use crate::{CaseError, CaseNo, Change, Cx, FieldError, error::Result, objection, publicity, tables};
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use sea_orm_migration::{prelude::*, schema::*};
use tuodi_pack::Fen;
use tuodi_store::Tx;
use tuodi_store::migrate;

/// What whoever objected reads when nothing was decided on what had been posted.
const LOOKED_INTO: &str = "您的意见收到了。公示的这件事没有作出决定，会重新调查；还要停止救助的，会再公示一次。";

pub(crate) struct Casework0072;

impl MigrationName for Casework0072 {
    fn name(&self) -> &'static str {
        "casework_0072_posted_ends"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Casework0072 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut ends = boolean("ends");
        ends.default(false);
        migrate::alter_table(m, Table::alter().table(Alias::new("publicity")).add_column(ends).to_owned()).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        migrate::alter_table(
            m,
            Table::alter().table(Alias::new("publicity")).drop_column(Alias::new("ends")).to_owned(),
        )
        .await
    }
}

/// The notice of an end that hangs, or hung and waits for the decision.
pub(crate) async fn hung(conn: &impl ConnectionTrait, case: &str) -> Result<Option<tables::publicity::Model>> {
    use tables::publicity::{Column, Entity};
    let row = Entity::find()
        .filter(Column::CaseNo.eq(case))
        .filter(Column::Ends.eq(true))
        .filter(Column::Status.ne("ended"))
        .order_by_desc(Column::Id)
        .one(conn)
        .await?;
    Ok(row)
}

/// Posts a proposed end where the pack wants it posted, a death excepted; its last day.
pub(super) async fn post(
    tx: &Tx,
    cx: &Cx,
    file: &tables::case_file::Model,
    now: &tables::benefit::Model,
    proposed: &Change,
    applicant: &str,
) -> Result<Option<NaiveDate>> {
    let ends = matches!(proposed, Change::Stop { reason_code, .. } if reason_code != DEATH);
    if !ends || !cx.pack.workflow.living.ends_posted.contains(&now.programme) {
        return Ok(None);
    }
    let Some(programme) = cx.pack.programme(&now.programme) else { return Ok(None) };
    let name = tuodi_registry::mask_name(applicant);
    publicity::hang(tx, cx, file, programme, Fen(now.monthly), &name, true).await.map(Some)
}

/// What is agreed with was posted its whole days, and nobody spoke against it.
pub(super) async fn check(conn: &impl ConnectionTrait, cx: &Cx, case: &CaseNo) -> Result<()> {
    match hung(conn, case.as_str()).await? {
        Some(row) if row.objected_on.is_some() => {
            Err(CaseError::Invalid(vec![FieldError::new("agree", "error.end_objected")]))
        }
        Some(row) if cx.today() <= row.ends_on => Err(CaseError::TooEarly { until: row.ends_on }),
        _ => Ok(()),
    }
}

/// The decision is made: the notice comes down, and whoever objected is answered.
pub(super) async fn over(tx: &Tx, cx: &Cx, case: &CaseNo) -> Result<()> {
    let Some(row) = hung(tx.conn(), case.as_str()).await? else { return Ok(()) };
    publicity::take_down(tx, case).await?;
    if row.objected_on.is_some() {
        objection::answer_all(tx, cx, case, LOOKED_INTO).await?;
    }
    Ok(())
}
