//! What the bank sent back: mended by a person, and paid again once.

use super::order::Job;
use crate::{
    CaseError, Cx,
    application::at_level,
    change::change,
    error::Result,
    pay_list::{authorise, load},
    tables::{payment_batch, payment_line},
};
use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::Expr,
};
use serde_json::json;
use std::collections::HashMap;
use tuodi_access::Act;
use tuodi_pack::{Fen, PersonId, region::RegionLevel};
use tuodi_registry::Account;
use tuodi_store::{Recorded, Tx, insert_models};

/// A payment that came back and has not been paid again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnedRow {
    pub line: i64,
    pub batch: i64,
    pub month: NaiveDate,
    pub kind: String,
    pub case: String,
    /// Masked.
    pub payee: String,
    pub programme: String,
    pub region_code: String,
    pub amount: Fen,
    pub reason: String,
    /// Since when it can be paid again.
    pub mended_on: Option<NaiveDate>,
    /// The finance bureau keeps the card; this platform has no account to mend.
    pub finance_card: bool,
}

/// Returned lines of a county that no list pays again.
async fn open(conn: &impl ConnectionTrait, county: &str) -> Result<Vec<payment_line::Model>> {
    let batches = payment_batch::Entity::find()
        .select_only()
        .column(payment_batch::Column::Id)
        .filter(payment_batch::Column::County.eq(county))
        .into_query();
    let repeated = payment_line::Entity::find()
        .select_only()
        .column(payment_line::Column::Repeats)
        .filter(payment_line::Column::Repeats.is_not_null())
        .into_query();
    Ok(payment_line::Entity::find()
        .filter(payment_line::Column::Status.eq("returned"))
        .filter(payment_line::Column::BatchId.in_subquery(batches))
        .filter(payment_line::Column::Id.not_in_subquery(repeated))
        .order_by_asc(payment_line::Column::Id)
        .all(conn)
        .await?)
}

/// Those whose account is right now.
pub(super) async fn mended(conn: &impl ConnectionTrait, county: &str) -> Result<Vec<payment_line::Model>> {
    Ok(open(conn, county).await?.into_iter().filter(|l| l.mended_on.is_some()).collect())
}

/// What came back, for the office that has five working days to see to it.
pub async fn returned(cx: &Cx) -> Result<Vec<ReturnedRow>> {
    let county = at_level(&cx.actor.region, RegionLevel::County);
    cx.authorise_region(Act::ViewPayment, "payment", "", &county)?;
    let lines = open(cx.store.read(), &county).await?;
    let batches: HashMap<i64, payment_batch::Model> = payment_batch::Entity::find()
        .filter(payment_batch::Column::Id.is_in(lines.iter().map(|l| l.batch_id)))
        .all(cx.store.read())
        .await?
        .into_iter()
        .map(|b| (b.id, b))
        .collect();
    let ids: Vec<PersonId> = lines.iter().map(|l| PersonId(l.payee_id)).collect();
    let people = tuodi_registry::persons(&cx.store, &ids).await?;
    Ok(lines
        .into_iter()
        .filter_map(|line| {
            let batch = batches.get(&line.batch_id)?;
            let payee = people.get(&PersonId(line.payee_id)).map(|p| tuodi_registry::mask_name(&p.name));
            Some(ReturnedRow {
                line: line.id,
                batch: batch.id,
                month: batch.month,
                kind: batch.kind.clone(),
                case: line.case_no,
                payee: payee.unwrap_or_default(),
                programme: line.programme,
                region_code: line.region_code,
                amount: Fen(line.amount),
                reason: line.reason.unwrap_or_default(),
                mended_on: line.mended_on,
                finance_card: line.account.is_none(),
            })
        })
        .collect())
}

/// The account is right again: a new one is given, or whoever keeps the card has put it right.
pub async fn mend_return(cx: &Cx, line: i64, account: Option<Account>, key: &str) -> Result<()> {
    let missing = || CaseError::NotFound { kind: "payment line", id: line.to_string() };
    let row = payment_line::Entity::find_by_id(line).one(cx.store.read()).await?.ok_or_else(missing)?;
    let batch = load(cx.store.read(), row.batch_id).await?;
    authorise(cx, Act::PreparePayment, &batch, Vec::new())?;
    let cx2 = cx.clone();
    change(cx, "payment.mended", format!("payment-line:{line}"), key, move |tx| {
        Box::pin(async move {
            if let Some(account) = &account {
                tuodi_registry::set_account(tx, PersonId(row.payee_id), Some(account)).await?;
            }
            let done = payment_line::Entity::update_many()
                .col_expr(payment_line::Column::MendedOn, Expr::value(cx2.today()))
                .filter(payment_line::Column::Id.eq(line))
                .filter(payment_line::Column::Status.eq("returned"))
                .exec(tx.conn())
                .await?;
            if done.rows_affected == 0 {
                return Err(CaseError::WrongBatchState { batch: batch.id, found: row.status, needed: "returned" });
            }
            let details = json!({ "line": line, "new_account": account.is_some() });
            let entry = cx2.entry("payment.mended", format!("payment:{}", batch.id), &batch.county, details);
            Ok(Recorded::new((), entry))
        })
    })
    .await
}

/// Puts what is mended on a list; a unique index keeps each returned line from being paid again twice.
pub(super) async fn put_on(tx: &Tx, batch: &payment_batch::Model, job: &Job<'_>) -> Result<usize> {
    let lines = mended(tx.conn(), &job.county).await?;
    let payees: Vec<PersonId> = lines.iter().map(|l| PersonId(l.payee_id)).collect();
    let accounts = tuodi_registry::accounts(tx.conn(), tx.keys(), &payees).await?;
    let count = lines.len();
    let rows = lines.into_iter().map(|line| {
        let sealed = accounts
            .get(&PersonId(line.payee_id))
            .filter(|_| line.account.is_some())
            .map(|a| tx.keys().seal("payment_line.account", &format!("{}\n{}", a.bank, a.number)));
        payment_line::ActiveModel {
            id: NotSet,
            batch_id: Set(batch.id),
            benefit_id: Set(line.benefit_id),
            case_no: Set(line.case_no),
            household_id: Set(line.household_id),
            payee_id: Set(line.payee_id),
            region_code: Set(line.region_code),
            programme: Set(line.programme),
            amount: Set(line.amount),
            account: Set(sealed),
            change: Set("same".to_owned()),
            status: Set("pending".to_owned()),
            reason: Set(None),
            fund: Set(line.fund),
            parts: Set(line.parts),
            repeats: Set(Some(line.id)),
            mended_on: Set(None),
        }
    });
    insert_models(tx, rows.collect()).await?;
    Ok(count)
}
