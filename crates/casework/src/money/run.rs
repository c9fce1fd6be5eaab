//! A list is looked at, made, and taken back while nobody has signed it.
//!
//! Made in parts, each a change of its own: the office goes on working meanwhile, and whoever asks again after a stop
//! goes on where it stopped. A list counts only when it is whole.

use super::{
    begin::begin_assisting,
    due::{Due, PayPart, Taken, due_after},
    order::{Job, RunOrder, RunTerms},
};
use crate::{
    CaseError, Cx,
    application::at_level,
    change::change,
    decision::first_of_month,
    error::Result,
    notice::Arithmetic,
    pay_list::{authorise, load},
    pay_out::advance,
    tables::{benefit, payment_batch, payment_item, payment_line, payment_owed},
};
use chrono::{Months, NaiveDate};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};
use tuodi_access::Act;
use tuodi_pack::{
    Fen,
    payments::{AGAIN, MONTHLY},
    region::RegionLevel,
};
use tuodi_store::{Recorded, Tx, insert_models};

/// `change` of a line against the month before.
fn change_of(before: Option<i64>, now: i64) -> &'static str {
    match before {
        None => "new",
        Some(old) if old == now => "same",
        Some(old) if old < now => "more",
        Some(_) => "less",
    }
}

#[derive(Serialize, Deserialize)]
struct Prepared(i64);

/// What a list would hold, before it is made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preview {
    pub lines: u64,
    pub total: Fen,
    /// By reason.
    pub held: BTreeMap<&'static str, u64>,
    /// Number and sum by programme.
    pub programmes: BTreeMap<String, (u64, Fen)>,
    /// Number and sum by change against the month before.
    pub changes: BTreeMap<&'static str, (u64, Fen)>,
    /// Sum by what the parts are: month, arrears, supplement, recovery, run.
    pub parts: BTreeMap<String, Fen>,
    /// The rise of prices is below what the pack asks for.
    pub below_line: bool,
}

fn county_of(cx: &Cx, month: NaiveDate) -> Result<String> {
    let county = at_level(&cx.actor.region, RegionLevel::County);
    cx.authorise_region(Act::PreparePayment, "payment", &month.to_string(), &county)?;
    Ok(county)
}

/// The same arithmetic as the list itself, and nothing changes.
pub async fn preview_run(cx: &Cx, order: &RunOrder) -> Result<Preview> {
    let county = county_of(cx, order.month)?;
    let job = Job::of(cx, order, county)?;
    let mut preview = Preview { below_line: below_line(cx, &job), ..Preview::default() };
    let before = amounts_of(cx, &job.county, job.month - Months::new(1)).await?;
    let mut add = |programme: &str, household: i64, amount: i64, parts: &[PayPart], held: Option<&'static str>| {
        if let Some(reason) = held {
            *preview.held.entry(reason).or_default() += 1;
            return;
        }
        let count = |entry: &mut (u64, Fen)| *entry = (entry.0 + 1, Fen(entry.1.0 + amount));
        preview.lines += 1;
        preview.total = Fen(preview.total.0 + amount);
        count(preview.programmes.entry(programme.to_owned()).or_default());
        count(preview.changes.entry(change_of(before.get(&household).copied(), amount)).or_default());
        for part in parts {
            let sum = preview.parts.entry(part.what.clone()).or_default();
            *sum = Fen(sum.0 + part.amount);
        }
    };
    if job.kind == AGAIN {
        for line in super::again::mended(cx.store.read(), &job.county).await? {
            add(&line.programme, line.household_id, line.amount, &[], None);
        }
        return Ok(preview);
    }
    let (mut after, mut taken) = (0, Taken::default());
    while let Some((dues, last)) = due_after(cx, cx.store.read(), cx.store.keys(), &job, after, &mut taken).await? {
        for due in &dues {
            add(&due.benefit.programme, due.benefit.household_id, due.amount(), &due.parts, due.held);
        }
        after = last;
    }
    Ok(preview)
}

fn below_line(cx: &Cx, job: &Job<'_>) -> bool {
    let line = job.run.and_then(|r| r.at_least.as_deref());
    let line = line.and_then(|id| cx.pack.parameters.value(id, &job.county, job.month));
    matches!((line, job.terms.rise_permille), (Some(line), Some(rise)) if rise < line)
}

/// Makes the monthly list.
pub async fn prepare_batch(cx: &Cx, month: NaiveDate, key: &str) -> Result<i64> {
    prepare_run(cx, &RunOrder::monthly(month), key).await
}

/// Makes a list, or goes on making the one that a stop left unfinished.
///
/// # Errors
/// `WrongBatchState` where there is a whole one of this kind and month.
pub async fn prepare_run(cx: &Cx, order: &RunOrder, key: &str) -> Result<i64> {
    let county = county_of(cx, order.month)?;
    let order = Arc::new(RunOrder { month: first_of_month(order.month), ..order.clone() });
    Job::of(cx, &order, county.clone())?;
    let batch = begin(cx, &order, &county).await?;
    if batch.status == "making" {
        // The figures that it was begun with hold: whoever goes on cannot pay some more than others.
        let terms: RunTerms = serde_json::from_value(batch.terms.clone())?;
        let order = Arc::new(RunOrder { terms, ..order.as_ref().clone() });
        let before = Arc::new(amounts_of(cx, &county, order.month - Months::new(1)).await?);
        while make_some(cx, batch.id, &order, &county, &before).await? {}
    }
    finish(cx, batch.id, &order, key).await
}

/// The newest list of a kind and month that was not withdrawn.
async fn newest(cx: &Cx, order: &RunOrder, county: &str) -> Result<Option<payment_batch::Model>> {
    use payment_batch::Column as C;
    Ok(payment_batch::Entity::find()
        .filter(C::County.eq(county))
        .filter(C::Month.eq(order.month))
        .filter(C::Kind.eq(order.kind.as_str()))
        .filter(C::Number.gte(0))
        .order_by_desc(C::Number)
        .one(cx.store.read())
        .await?)
}

/// The row of the list: new, or the one that is there.
async fn begin(cx: &Cx, order: &Arc<RunOrder>, county: &str) -> Result<payment_batch::Model> {
    let number = match newest(cx, order, county).await? {
        // What is paid again may be several lists a month, one after the other.
        Some(row) if order.kind == AGAIN && row.status == "paid" => row.number + 1,
        Some(row) => return Ok(row),
        None => 0,
    };
    let (cx2, order2, county2) = (cx.clone(), order.clone(), county.to_owned());
    let subject = format!("payment:{county}:{}:{}", order.kind, order.month);
    let begun: Result<i64> = change(cx, "payment.begin", subject, "", move |tx| {
        Box::pin(async move {
            let row = payment_batch::ActiveModel {
                id: NotSet,
                month: Set(order2.month),
                county: Set(county2.clone()),
                status: Set("making".to_owned()),
                lines: Set(0),
                held: Set(0),
                total: Set(0),
                prepared_by: Set(cx2.actor.account.clone()),
                prepared_at: Set(cx2.at()),
                signed_by: Set(None),
                signed_at: Set(None),
                paid_at: Set(None),
                version: Set(1),
                kind: Set(order2.kind.clone()),
                number: Set(number),
                terms: Set(serde_json::to_value(&order2.terms)?),
                after_id: Set(0),
            };
            let id = payment_batch::Entity::insert(row).exec(tx.conn()).await?.last_insert_id;
            let details = json!({ "month": order2.month, "kind": order2.kind });
            Ok(Recorded::new(id, cx2.entry("payment.begin", format!("payment:{id}"), &county2, details)))
        })
    })
    .await;
    match begun {
        Ok(id) => load(cx.store.read(), id).await,
        // Somebody began it at the same moment: both make the same list.
        Err(CaseError::Store(error)) if error.is_duplicate() => {
            newest(cx, order, county).await?.ok_or(CaseError::Store(error))
        }
        Err(error) => Err(error),
    }
}

/// One more part of the list; `false` when there is nothing left.
async fn make_some(
    cx: &Cx,
    batch: i64,
    order: &Arc<RunOrder>,
    county: &str,
    before: &Arc<HashMap<i64, i64>>,
) -> Result<bool> {
    let (cx2, order, county, before) = (cx.clone(), order.clone(), county.to_owned(), before.clone());
    change(cx, "payment.part", format!("payment:{batch}"), "", move |tx| {
        Box::pin(async move {
            let row = load(tx.conn(), batch).await?;
            let entry = |details| cx2.entry("payment.part", format!("payment:{batch}"), &row.county, details);
            if row.status != "making" {
                return Err(CaseError::BatchChanged { batch });
            }
            let job = Job::of(&cx2, &order, county)?;
            if job.kind == AGAIN {
                let lines = super::again::put_on(tx, &row, &job).await?;
                return Ok(Recorded::new(false, entry(json!({ "lines": lines }))));
            }
            let found = due_after(&cx2, tx.conn(), tx.keys(), &job, row.after_id, &mut Taken::default()).await?;
            let Some((dues, last)) = found else { return Ok(Recorded::new(false, entry(json!({ "whole": true })))) };
            // Two who make it at once take turns: the second finds that the first was here.
            let moved = payment_batch::Entity::update_many()
                .col_expr(payment_batch::Column::AfterId, Expr::value(last))
                .filter(payment_batch::Column::Id.eq(batch))
                .filter(payment_batch::Column::AfterId.eq(row.after_id))
                .exec(tx.conn())
                .await?;
            if moved.rows_affected == 0 {
                return Err(CaseError::BatchChanged { batch });
            }
            put_on(tx, &cx2, &row, &job, dues, &before).await?;
            Ok(Recorded::new(true, entry(json!({ "after": last }))))
        })
    })
    .await
}

async fn put_on(
    tx: &Tx,
    cx: &Cx,
    batch: &payment_batch::Model,
    job: &Job<'_>,
    dues: Vec<Due>,
    before: &HashMap<i64, i64>,
) -> Result<()> {
    let (mut lines, mut items, mut owed) = (Vec::with_capacity(dues.len()), Vec::with_capacity(dues.len()), Vec::new());
    for due in dues {
        if due.held.is_none() {
            items.extend(due.parts.iter().map(|part| item_of(batch.id, job, &due, part)));
            owed.extend(due.parts.iter().filter(|p| p.what == "supplement").map(|p| p.because));
        }
        lines.push(line_of(tx, cx, batch.id, job, due, before)?);
    }
    insert_models(tx, lines).await?;
    insert_models(tx, items).await?;
    for some in owed.chunks(1_000) {
        payment_owed::Entity::update_many()
            .col_expr(payment_owed::Column::BatchId, Expr::value(batch.id))
            .filter(payment_owed::Column::Id.is_in(some.iter().copied()))
            .exec(tx.conn())
            .await?;
    }
    Ok(())
}

fn item_of(batch: i64, job: &Job<'_>, due: &Due, part: &PayPart) -> payment_item::ActiveModel {
    let back = part.what == "recovery";
    let programme = job.run.map_or(due.benefit.programme.as_str(), |r| r.id.as_str());
    payment_item::ActiveModel {
        id: NotSet,
        batch_id: Set(batch),
        benefit_id: Set(due.benefit.id),
        subject: Set(if back { format!("o{}", part.because) } else { due.subject.clone() }),
        programme: Set(programme.to_owned()),
        month: Set(part.month),
        kind: Set(if back { "recovery" } else { job.kind }.to_owned()),
        because: Set(part.because),
        what: Set(part.what.clone()),
        amount: Set(part.amount),
    }
}

fn line_of(
    tx: &Tx,
    cx: &Cx,
    batch: i64,
    job: &Job<'_>,
    due: Due,
    before: &HashMap<i64, i64>,
) -> Result<payment_line::ActiveModel> {
    let amount = due.amount();
    let paid_by = job.run.map_or(due.benefit.programme.as_str(), |r| r.id.as_str());
    let seal =
        |a: &tuodi_registry::Account| tx.keys().seal("payment_line.account", &format!("{}\n{}", a.bank, a.number));
    Ok(payment_line::ActiveModel {
        id: NotSet,
        batch_id: Set(batch),
        benefit_id: Set(due.benefit.id),
        household_id: Set(due.benefit.household_id),
        payee_id: Set(due.benefit.payee_id),
        amount: Set(amount),
        account: Set(due.account.as_ref().map(seal)),
        change: Set(change_of(before.get(&due.benefit.household_id).copied(), amount).to_owned()),
        status: Set(if due.held.is_some() { "held" } else { "pending" }.to_owned()),
        reason: Set(due.held.map(str::to_owned)),
        fund: Set(cx.pack.fund_of(paid_by).map(|f| f.id.clone()).unwrap_or_default()),
        parts: Set(serde_json::to_value(&due.parts)?),
        repeats: Set(None),
        mended_on: Set(None),
        case_no: Set(due.benefit.case_no),
        region_code: Set(due.benefit.region_code),
        programme: Set(due.benefit.programme),
    })
}

/// The list is whole: its sums, and the cases that are assisted from now on.
async fn finish(cx: &Cx, batch: i64, order: &Arc<RunOrder>, key: &str) -> Result<i64> {
    let (cx2, order) = (cx.clone(), order.clone());
    let subject = format!("payment:{}:{}:{}", at_level(&cx.actor.region, RegionLevel::County), order.kind, order.month);
    let prepared: Prepared = change(cx, "payment.prepare", subject, key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let row = load(tx.conn(), batch).await?;
            if row.status != "making" {
                return Err(CaseError::WrongBatchState { batch, found: row.status, needed: "none" });
            }
            let sums: Vec<(String, i64, Option<i64>)> = payment_line::Entity::find()
                .select_only()
                .column(payment_line::Column::Status)
                .column_as(payment_line::Column::Id.count(), "n")
                .column_as(payment_line::Column::Amount.sum().cast_as("BIGINT"), "sum")
                .filter(payment_line::Column::BatchId.eq(batch))
                .group_by(payment_line::Column::Status)
                .into_tuple()
                .all(tx.conn())
                .await?;
            let of = |status: &str| {
                sums.iter().find(|(s, _, _)| s == status).map_or((0, 0), |(_, n, sum)| (*n as i32, sum.unwrap_or(0)))
            };
            let ((lines, total), (held, _)) = (of("pending"), of("held"));
            let (county, month) = (row.county.clone(), row.month);
            advance(tx, row, |b| {
                b.status = "prepared".to_owned();
                (b.lines, b.held, b.total) = (lines, held, total);
            })
            .await?;
            let begun = if order.kind == MONTHLY { begin_assisting(tx, &cx, &county, month).await? } else { 0 };
            let entry = cx.entry(
                "payment.prepare",
                format!("payment:{batch}"),
                &county,
                json!({ "month": month, "kind": order.kind, "terms": order.terms, "lines": lines, "held": held,
                        "total": total, "begun": begun }),
            );
            Ok(Recorded::new(Prepared(batch), entry))
        })
    })
    .await?;
    Ok(prepared.0)
}

/// Takes back a list that nobody has signed: what it would have paid is due again. The list stays to be read.
pub async fn withdraw_batch(cx: &Cx, id: i64, version: i32, key: &str) -> Result<()> {
    let batch = load(cx.store.read(), id).await?;
    authorise(cx, Act::PreparePayment, &batch, Vec::new())?;
    let cx2 = cx.clone();
    change(cx, "payment.withdraw", format!("payment:{id}"), key, move |tx| {
        Box::pin(async move {
            let batch = load(tx.conn(), id).await?;
            if batch.version != version {
                return Err(CaseError::BatchChanged { batch: id });
            }
            if batch.status != "prepared" {
                return Err(CaseError::WrongBatchState { batch: id, found: batch.status, needed: "prepared" });
            }
            payment_item::Entity::delete_many().filter(payment_item::Column::BatchId.eq(id)).exec(tx.conn()).await?;
            payment_owed::Entity::update_many()
                .col_expr(payment_owed::Column::BatchId, Expr::value(None::<i64>))
                .filter(payment_owed::Column::BatchId.eq(id))
                .exec(tx.conn())
                .await?;
            // Its lines stay for the record, and stand in nobody's way.
            payment_line::Entity::update_many()
                .col_expr(payment_line::Column::Status, Expr::value("withdrawn"))
                .col_expr(payment_line::Column::Repeats, Expr::value(None::<i64>))
                .filter(payment_line::Column::BatchId.eq(id))
                .filter(payment_line::Column::Repeats.is_null())
                .exec(tx.conn())
                .await?;
            payment_line::Entity::delete_many()
                .filter(payment_line::Column::BatchId.eq(id))
                .filter(payment_line::Column::Repeats.is_not_null())
                .exec(tx.conn())
                .await?;
            let details = json!({ "month": batch.month, "kind": batch.kind, "total": batch.total });
            let entry = cx2.entry("payment.withdraw", format!("payment:{id}"), &batch.county, details);
            let number = -i32::try_from(id).unwrap_or(i32::MAX);
            advance(tx, batch, |b| {
                b.status = "withdrawn".to_owned();
                b.number = number;
            })
            .await?;
            Ok(Recorded::new((), entry))
        })
    })
    .await
}

/// What each household was to be paid by the monthly list of a month.
async fn amounts_of(cx: &Cx, county: &str, month: NaiveDate) -> Result<HashMap<i64, i64>> {
    use payment_batch::Column as C;
    let batch = payment_batch::Entity::find()
        .filter(C::County.eq(county))
        .filter(C::Month.eq(month))
        .filter(C::Kind.eq(MONTHLY))
        .filter(C::Number.gte(0))
        .one(cx.store.read())
        .await?;
    let Some(batch) = batch else { return Ok(HashMap::new()) };
    let rows: Vec<(i64, i64)> = payment_line::Entity::find()
        .select_only()
        .column(payment_line::Column::HouseholdId)
        .column(payment_line::Column::Amount)
        .filter(payment_line::Column::BatchId.eq(batch.id))
        .into_tuple()
        .all(cx.store.read())
        .await?;
    let mut amounts = HashMap::new();
    for (household, amount) in rows {
        *amounts.entry(household).or_default() += amount;
    }
    Ok(amounts)
}

/// What one line is made of, and how the decision worked its amount out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineParts {
    pub case: String,
    pub programme: String,
    pub status: String,
    pub amount: Fen,
    pub parts: Vec<PayPart>,
    pub monthly: Fen,
    pub members: i32,
    pub from_month: NaiveDate,
    /// None for those taken over from the roster.
    pub arithmetic: Option<Arithmetic>,
}

/// One line opened: amounts by part, the decision's own arithmetic.
pub async fn line_parts(cx: &Cx, batch: i64, line: i64) -> Result<LineParts> {
    let list = load(cx.store.read(), batch).await?;
    authorise(cx, Act::ViewPayment, &list, Vec::new())?;
    let missing = || CaseError::NotFound { kind: "payment line", id: line.to_string() };
    let row = payment_line::Entity::find_by_id(line).one(cx.store.read()).await?;
    let row = row.filter(|r| r.batch_id == batch).ok_or_else(missing)?;
    let from = benefit::Entity::find_by_id(row.benefit_id).one(cx.store.read()).await?.ok_or_else(missing)?;
    let arithmetic = match &from.arithmetic {
        Some(sealed) => Some(serde_json::from_str(&cx.store.keys().open("benefit.arithmetic", sealed)?)?),
        None => None,
    };
    Ok(LineParts {
        case: row.case_no,
        programme: row.programme,
        status: row.status,
        amount: Fen(row.amount),
        parts: serde_json::from_value(row.parts)?,
        monthly: Fen(from.monthly),
        members: from.members,
        from_month: from.from_month,
        arithmetic,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_it_differs_from_the_month_before() {
        assert_eq!(change_of(None, 100), "new");
        assert_eq!(change_of(Some(100), 100), "same");
        assert_eq!(change_of(Some(100), 101), "more");
        assert_eq!(change_of(Some(100), 99), "less");
    }
}
