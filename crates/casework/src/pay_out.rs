//! A pay list after it was made: signed by another person, exported for the bank, paid, and what came back.

use crate::{
    CaseError, Cx,
    bank::{self, BankFile, BankFormat, BankLine},
    change::change,
    error::Result,
    pay_list::{authorise, load},
    tables::{payment_batch, payment_item, payment_line},
};
use sea_orm::{
    ActiveValue::NotSet,
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use serde_json::json;
use tuodi_access::Act;
use tuodi_pack::{Fen, PersonId, payments::AGAIN};
use tuodi_store::{Recorded, Tx};

/// Takes the next state of a batch; whoever saved in between keeps their change and this one is refused.
pub(crate) async fn advance(
    tx: &Tx,
    batch: payment_batch::Model,
    set: impl FnOnce(&mut payment_batch::Model),
) -> Result<()> {
    let (id, old) = (batch.id, batch.version);
    let mut next = batch;
    set(&mut next);
    next.version = old + 1;
    let done = payment_batch::Entity::update_many()
        .set({
            use sea_orm::ActiveModelTrait;
            let mut active = next.into_active_model().reset_all();
            active.id = NotSet;
            active
        })
        .filter(payment_batch::Column::Id.eq(id))
        .filter(payment_batch::Column::Version.eq(old))
        .exec(tx.conn())
        .await?;
    if done.rows_affected == 1 { Ok(()) } else { Err(CaseError::BatchChanged { batch: id }) }
}

/// What stands in the books of each month is what the lines pay. What is paid again has stood there since its first line.
async fn items_agree(tx: &Tx, batch: &payment_batch::Model) -> Result<bool> {
    if batch.kind == AGAIN {
        return Ok(true);
    }
    let booked: Option<Option<i64>> = payment_item::Entity::find()
        .select_only()
        .column_as(payment_item::Column::Amount.sum().cast_as("BIGINT"), "sum")
        .filter(payment_item::Column::BatchId.eq(batch.id))
        .into_tuple()
        .one(tx.conn())
        .await?;
    Ok(booked.flatten().unwrap_or(0) == batch.total)
}

/// The second signature: by somebody else, after the sum of the lines was checked against the list's total.
pub async fn sign_batch(cx: &Cx, id: i64, version: i32, key: &str) -> Result<()> {
    let batch = load(cx.store.read(), id).await?;
    authorise(cx, Act::SignPayment, &batch, vec![batch.prepared_by.clone()])?;
    let cx2 = cx.clone();
    change(cx, "payment.sign", format!("payment:{id}"), key, move |tx| {
        Box::pin(async move {
            let batch = load(tx.conn(), id).await?;
            if batch.version != version {
                return Err(CaseError::BatchChanged { batch: id });
            }
            if batch.status != "prepared" {
                return Err(CaseError::WrongBatchState { batch: id, found: batch.status, needed: "prepared" });
            }
            if batch.prepared_by == cx2.actor.account {
                return Err(CaseError::SamePerson { subject: format!("payment:{id}") });
            }
            let lines: Vec<i64> = payment_line::Entity::find()
                .select_only()
                .column(payment_line::Column::Amount)
                .filter(payment_line::Column::BatchId.eq(id))
                .filter(payment_line::Column::Status.eq("pending"))
                .into_tuple()
                .all(tx.conn())
                .await?;
            let sum: i64 = lines.iter().sum();
            if sum != batch.total || lines.len() as i32 != batch.lines || !items_agree(tx, &batch).await? {
                return Err(CaseError::SumDiffers { batch: id });
            }
            let entry = cx2.entry(
                "payment.sign",
                format!("payment:{id}"),
                &batch.county,
                json!({ "month": batch.month, "lines": batch.lines, "total": sum }),
            );
            let (by, at) = (cx2.actor.account.clone(), cx2.at());
            advance(tx, batch, |b| {
                b.status = "signed".to_owned();
                b.signed_by = Some(by);
                b.signed_at = Some(at);
            })
            .await?;
            Ok(Recorded::new((), entry))
        })
    })
    .await
}

/// The file for the bank, of a signed list only. Its SHA-256 goes into the journal.
pub async fn export_batch(cx: &Cx, id: i64, format: BankFormat) -> Result<BankFile> {
    let batch = load(cx.store.read(), id).await?;
    authorise(cx, Act::ViewPayment, &batch, Vec::new())?;
    authorise(cx, Act::Export, &batch, Vec::new())?;
    if !["signed", "paid"].contains(&batch.status.as_str()) {
        return Err(CaseError::WrongBatchState { batch: id, found: batch.status, needed: "signed" });
    }
    let rows = payment_line::Entity::find()
        .filter(payment_line::Column::BatchId.eq(id))
        .filter(payment_line::Column::Status.ne("held"))
        .order_by_asc(payment_line::Column::Id)
        .all(cx.store.read())
        .await?;
    let ids: Vec<PersonId> = rows.iter().map(|r| PersonId(r.payee_id)).collect();
    let people = tuodi_registry::persons(&cx.store, &ids).await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let person = people
            .get(&PersonId(row.payee_id))
            .ok_or_else(|| CaseError::NotFound { kind: "person", id: row.payee_id.to_string() })?;
        let (bank, number) = match &row.account {
            Some(sealed) => {
                let opened = cx.store.keys().open("payment_line.account", sealed)?;
                opened.split_once('\n').map(|(b, n)| (b.to_owned(), n.to_owned())).unwrap_or_default()
            }
            // The finance bureau pays these by citizen number to the card it keeps itself.
            None => ("财政一卡通".to_owned(), String::new()),
        };
        let village = cx.pack.regions.get(&row.region_code).map_or(row.region_code.as_str(), |r| r.name.zh.as_str());
        lines.push(BankLine {
            reference: crate::money::reference(id, row.id),
            case: row.case_no,
            name: person.name.clone(),
            id_no: person.id_no.clone(),
            bank,
            account: number,
            programme: crate::publicity::programme_title(&cx.pack, &row.programme).zh,
            village: village.to_owned(),
            amount: Fen(row.amount),
        });
    }
    let file = bank::write(&cx.pack, batch.month, &lines, format)?;
    let entry = cx.entry(
        "payment.export",
        format!("payment:{id}"),
        &batch.county,
        json!({ "sha256": file.sha256, "format": format.id(), "lines": lines.len(), "total": batch.total }),
    );
    change(cx, "payment.export", format!("payment:{id}"), "", move |_| {
        Box::pin(async move { Ok(Recorded::new((), entry)) })
    })
    .await?;
    Ok(file)
}

/// The bank has paid the list.
pub async fn record_paid(cx: &Cx, id: i64, version: i32, key: &str) -> Result<()> {
    let batch = load(cx.store.read(), id).await?;
    authorise(cx, Act::PreparePayment, &batch, Vec::new())?;
    let cx2 = cx.clone();
    change(cx, "payment.paid", format!("payment:{id}"), key, move |tx| {
        Box::pin(async move {
            let batch = load(tx.conn(), id).await?;
            if batch.version != version {
                return Err(CaseError::BatchChanged { batch: id });
            }
            if batch.status != "signed" {
                return Err(CaseError::WrongBatchState { batch: id, found: batch.status, needed: "signed" });
            }
            payment_line::Entity::update_many()
                .col_expr(payment_line::Column::Status, Expr::value("paid"))
                .filter(payment_line::Column::BatchId.eq(id))
                .filter(payment_line::Column::Status.eq("pending"))
                .exec(tx.conn())
                .await?;
            let entry =
                cx2.entry("payment.paid", format!("payment:{id}"), &batch.county, json!({ "total": batch.total }));
            let at = cx2.at();
            advance(tx, batch, |b| {
                b.status = "paid".to_owned();
                b.paid_at = Some(at);
            })
            .await?;
            Ok(Recorded::new((), entry))
        })
    })
    .await
}

/// One payment came back (wrong account, closed account): to be handled within five working days.
pub async fn record_returned(cx: &Cx, line: i64, reason: &str, key: &str) -> Result<()> {
    let reason = reason.trim().to_owned();
    let row = payment_line::Entity::find_by_id(line)
        .one(cx.store.read())
        .await?
        .ok_or_else(|| CaseError::NotFound { kind: "payment line", id: line.to_string() })?;
    let batch = load(cx.store.read(), row.batch_id).await?;
    authorise(cx, Act::PreparePayment, &batch, Vec::new())?;
    let cx2 = cx.clone();
    change(cx, "payment.returned", format!("payment-line:{line}"), key, move |tx| {
        Box::pin(async move {
            let done = payment_line::Entity::update_many()
                .col_expr(payment_line::Column::Status, Expr::value("returned"))
                .col_expr(payment_line::Column::Reason, Expr::value(reason.clone()))
                .filter(payment_line::Column::Id.eq(line))
                .filter(payment_line::Column::Status.eq("paid"))
                .exec(tx.conn())
                .await?;
            if done.rows_affected == 0 {
                return Err(CaseError::WrongBatchState { batch: batch.id, found: row.status, needed: "paid" });
            }
            let details = json!({ "line": line, "amount": row.amount });
            let entry = cx2.entry("payment.returned", format!("payment:{}", batch.id), &batch.county, details);
            Ok(Recorded::new((), entry))
        })
    })
    .await
}
