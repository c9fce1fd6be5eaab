//! The monthly pay list: prepared by one person, signed by another, exported for the bank, accounted for.
//!
//! Nothing is paid twice: one batch a month and county, kept by a unique index.

use crate::{
    CaseError, CaseState, Cx, NextStep,
    application::at_level,
    bank::{self, BankFile, BankFormat, BankLine},
    change::{NOTHING_DUE, change},
    decision::first_of_month,
    error::Result,
    pay_list::{authorise, load},
    tables::{benefit, case_event, case_file, payment_batch, payment_line},
};
use chrono::{Months, NaiveDate};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use tuodi_access::Act;
use tuodi_pack::{Fen, PersonId, region::RegionLevel};
use tuodi_registry::Account;
use tuodi_store::{Recorded, Tx};

/// Rows of one INSERT: below both databases' limits of bound values.
const CHUNK: usize = 1_000;

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

/// Makes the list of a month: every benefit in force with money in it. Its cases are now assisted.
pub async fn prepare_batch(cx: &Cx, month: NaiveDate, key: &str) -> Result<i64> {
    let month = first_of_month(month);
    let county = at_level(&cx.actor.region, RegionLevel::County);
    cx.authorise_region(Act::PreparePayment, "payment", &month.to_string(), &county)?;
    let due = benefit::Entity::find()
        .filter(benefit::Column::County.eq(county.as_str()))
        .filter(benefit::Column::Status.is_in(["active", "replaced"]))
        .filter(benefit::Column::FromMonth.lte(month))
        .filter(Condition::any().add(benefit::Column::ToMonth.is_null()).add(benefit::Column::ToMonth.gte(month)))
        // A cash programme without an amount is held for somebody to look at, never left out in silence.
        .filter(
            Condition::any()
                .add(benefit::Column::Monthly.gt(0))
                .add(benefit::Column::Programme.is_not_in(without_cash(cx))),
        )
        .order_by_asc(benefit::Column::RegionCode)
        .order_by_asc(benefit::Column::Id)
        .all(cx.store.read())
        .await?;
    let accounts = accounts_of(cx, &due).await?;
    let before = amounts_of(cx, &county, month - Months::new(1)).await?;
    let cx2 = cx.clone();
    let prepared = change(cx, "payment.prepare", format!("payment:{county}:{month}"), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let exists = payment_batch::Entity::find()
                .filter(payment_batch::Column::County.eq(county.as_str()))
                .filter(payment_batch::Column::Month.eq(month))
                .one(tx.conn())
                .await?;
            if let Some(batch) = exists {
                return Err(CaseError::WrongBatchState { batch: batch.id, found: batch.status, needed: "none" });
            }
            let held = due.iter().filter(|b| is_held(b, &accounts)).count();
            let total: i64 = due.iter().filter(|b| !is_held(b, &accounts)).map(|b| b.monthly).sum();
            let row = payment_batch::ActiveModel {
                id: NotSet,
                month: Set(month),
                county: Set(county.clone()),
                status: Set("prepared".to_owned()),
                lines: Set((due.len() - held) as i32),
                held: Set(held as i32),
                total: Set(total),
                prepared_by: Set(cx.actor.account.clone()),
                prepared_at: Set(cx.at()),
                signed_by: Set(None),
                signed_at: Set(None),
                paid_at: Set(None),
                version: Set(1),
            };
            let batch = payment_batch::Entity::insert(row).exec(tx.conn()).await?.last_insert_id;
            for chunk in due.chunks(CHUNK) {
                let lines = chunk.iter().map(|b| line_of(tx, batch, b, &accounts, &before));
                payment_line::Entity::insert_many(lines).exec_without_returning(tx.conn()).await?;
            }
            let begun = begin_assisting(tx, &cx, &county, month).await?;
            let entry = cx.entry(
                "payment.prepare",
                format!("payment:{batch}"),
                &county,
                json!({ "month": month, "lines": due.len() - held, "held": held, "total": total, "begun": begun }),
            );
            Ok(Recorded::new(Prepared(batch), entry))
        })
    })
    .await?;
    Ok(prepared.0)
}

/// Programmes of the pack that pay no monthly cash (edge, rigid).
fn without_cash(cx: &Cx) -> Vec<String> {
    cx.pack.programmes.iter().filter(|p| p.amount.is_none()).map(|p| p.id.clone()).collect()
}

/// Why a line cannot be paid as it stands.
fn hold_reason(benefit: &benefit::Model, accounts: &HashMap<i64, Account>) -> Option<&'static str> {
    if benefit.monthly <= 0 {
        Some("amount_unknown")
    } else if benefit.pay_route == "account" && !accounts.contains_key(&benefit.payee_id) {
        Some("account_missing")
    } else {
        None
    }
}

fn is_held(benefit: &benefit::Model, accounts: &HashMap<i64, Account>) -> bool {
    hold_reason(benefit, accounts).is_some()
}

fn line_of(
    tx: &Tx,
    batch: i64,
    benefit: &benefit::Model,
    accounts: &HashMap<i64, Account>,
    before: &HashMap<i64, i64>,
) -> payment_line::ActiveModel {
    let account = accounts
        .get(&benefit.payee_id)
        .filter(|_| benefit.pay_route == "account")
        .map(|a| tx.keys().seal("payment_line.account", &format!("{}\n{}", a.bank, a.number)));
    let held = hold_reason(benefit, accounts);
    payment_line::ActiveModel {
        id: NotSet,
        batch_id: Set(batch),
        benefit_id: Set(benefit.id),
        case_no: Set(benefit.case_no.clone()),
        household_id: Set(benefit.household_id),
        payee_id: Set(benefit.payee_id),
        region_code: Set(benefit.region_code.clone()),
        programme: Set(benefit.programme.clone()),
        amount: Set(benefit.monthly),
        account: Set(account),
        change: Set(change_of(before.get(&benefit.household_id).copied(), benefit.monthly).to_owned()),
        status: Set(if held.is_some() { "held" } else { "pending" }.to_owned()),
        reason: Set(held.map(str::to_owned)),
    }
}

async fn accounts_of(cx: &Cx, due: &[benefit::Model]) -> Result<HashMap<i64, Account>> {
    let payees: HashSet<i64> = due.iter().filter(|b| b.pay_route == "account").map(|b| b.payee_id).collect();
    let mut accounts = HashMap::new();
    for payee in payees {
        if let Some(account) = tuodi_registry::account(&cx.store, PersonId(payee)).await? {
            accounts.insert(payee, account);
        }
    }
    Ok(accounts)
}

/// What each household was to be paid in a month.
async fn amounts_of(cx: &Cx, county: &str, month: NaiveDate) -> Result<HashMap<i64, i64>> {
    let batch = payment_batch::Entity::find()
        .filter(payment_batch::Column::County.eq(county))
        .filter(payment_batch::Column::Month.eq(month))
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

/// Approved cases whose first month has come are assisted from now on (transition 25), whether or not money is in it.
async fn begin_assisting(tx: &Tx, cx: &Cx, county: &str, month: NaiveDate) -> Result<u64> {
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

/// Takes the next state of a batch; whoever saved in between keeps their change and this one is refused.
async fn advance(tx: &Tx, batch: payment_batch::Model, set: impl FnOnce(&mut payment_batch::Model)) -> Result<()> {
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
            if sum != batch.total || lines.len() as i32 != batch.lines {
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
    if batch.status == "prepared" {
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
