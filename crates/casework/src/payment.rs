//! The monthly pay list: prepared by one person; what follows is in `pay_out`.
//!
//! Nothing is paid twice: one batch a month and county, kept by a unique index.

use crate::{
    CaseError, CaseState, Cx, NextStep,
    application::at_level,
    change::{NOTHING_DUE, change},
    decision::first_of_month,
    error::Result,
    tables::{benefit, case_event, case_file, payment_batch, payment_line},
};
use chrono::{Months, NaiveDate};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use tuodi_access::Act;
use tuodi_pack::{PersonId, region::RegionLevel};
use tuodi_registry::Account;
use tuodi_store::{Recorded, Tx, insert_models};

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
                let lines = chunk.iter().map(|b| line_of(tx, batch, b, &accounts, &before)).collect();
                insert_models(tx, lines).await?;
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
