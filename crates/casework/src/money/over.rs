//! Money paid without being due (workflow.md 6). The machine counts; one person says why, another decides what is asked
//! back, and the recipient has it in writing with the arithmetic. It comes back in instalments that leave enough to live
//! on, or in cash.

use crate::{
    CaseError, CaseNo, Cx, FieldError,
    application::applicant_of,
    change::{change, load},
    decision::first_of_month,
    error::Result,
    notice,
    tables::{fund_entry, overpayment, payment_item, payment_line},
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use tuodi_access::{Act, Resource};
use tuodi_pack::{Fen, PersonId, payments::MONTHLY, region::RegionLevel};
use tuodi_store::Recorded;

/// What was paid too much, as whoever found it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOver {
    pub case: CaseNo,
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// What would have been right for all these months together.
    pub due: Fen,
    /// Of the pack.
    pub cause: String,
    pub note: String,
}

/// What is to become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OverDecision {
    /// So much comes back, in instalments of at most so many parts per 1000 of a month's benefit.
    Recover {
        amount: Fen,
        share_permille: u32,
    },
    Waive,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverRow {
    pub id: i64,
    pub case: String,
    pub region_code: String,
    pub programme: String,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub paid: Fen,
    pub due: Fen,
    pub amount: Fen,
    pub cause: String,
    pub note: String,
    /// found, recovering, waived, settled
    pub status: &'static str,
    pub to_recover: Fen,
    pub recovered: Fen,
    pub share_permille: i32,
    pub reason: String,
    pub found_by: String,
    pub found_at: DateTime<Utc>,
    pub decided_by: Option<String>,
}

/// What has come back of one over-payment: on lists and in cash.
pub(crate) async fn recovered(conn: &impl ConnectionTrait, id: i64) -> Result<i64> {
    let listed: Option<Option<i64>> = payment_item::Entity::find()
        .select_only()
        .column_as(payment_item::Column::Amount.sum().cast_as("BIGINT"), "sum")
        .filter(payment_item::Column::Subject.eq(format!("o{id}")))
        .into_tuple()
        .one(conn)
        .await?;
    let cash: Option<Option<i64>> = fund_entry::Entity::find()
        .select_only()
        .column_as(fund_entry::Column::Amount.sum().cast_as("BIGINT"), "sum")
        .filter(fund_entry::Column::OverpaymentId.eq(id))
        .into_tuple()
        .one(conn)
        .await?;
    Ok(cash.flatten().unwrap_or(0) - listed.flatten().unwrap_or(0))
}

/// What lists pay a case for the months in between: those that have arrived, and with `under_way` those that go out. What
/// the bank sent back counts from the day on which it is out again: nobody owes what never arrived.
async fn listed(
    conn: &impl ConnectionTrait,
    case: &CaseNo,
    months: (NaiveDate, NaiveDate),
    under_way: bool,
) -> Result<BTreeMap<NaiveDate, i64>> {
    let lines = payment_line::Entity::find().filter(payment_line::Column::CaseNo.eq(case.0.as_str())).all(conn).await?;
    let again: HashMap<i64, &payment_line::Model> = lines.iter().filter_map(|l| Some((l.repeats?, l))).collect();
    let arrived = |first: &&payment_line::Model| {
        let mut line = *first;
        while line.status == "returned"
            && let Some(next) = again.get(&line.id)
        {
            line = next;
        }
        line.status == "paid" || under_way && line.status == "pending"
    };
    let received: HashSet<(i64, i64)> =
        lines.iter().filter(|l| l.repeats.is_none()).filter(arrived).map(|l| (l.batch_id, l.benefit_id)).collect();
    let benefits: BTreeSet<i64> = received.iter().map(|(_, benefit)| *benefit).collect();
    let items = payment_item::Entity::find()
        .filter(payment_item::Column::BenefitId.is_in(benefits))
        .filter(payment_item::Column::Kind.eq(MONTHLY))
        .filter(payment_item::Column::Month.between(months.0, months.1))
        .all(conn)
        .await?;
    let mut paid = BTreeMap::new();
    for item in items.iter().filter(|i| received.contains(&(i.batch_id, i.benefit_id))) {
        *paid.entry(item.month).or_default() += item.amount;
    }
    Ok(paid)
}

/// What a case has received of the monthly lists for these months.
async fn paid_for(conn: &impl ConnectionTrait, case: &CaseNo, from: NaiveDate, to: NaiveDate) -> Result<i64> {
    Ok(listed(conn, case, (from, to), false).await?.values().sum())
}

/// By month from `from` on: what monthly lists have paid a case or are about to.
pub(crate) async fn expected_for(
    conn: &impl ConnectionTrait,
    case: &CaseNo,
    from: NaiveDate,
) -> Result<BTreeMap<NaiveDate, i64>> {
    listed(conn, case, (from, crate::change::NOTHING_DUE), true).await
}

fn at_county(cx: &Cx, act: Act, id: &str, county: &str, excluded: Vec<String>) -> Result<()> {
    let resource = Resource::general("payment", id, county).excluding(excluded);
    cx.access.authorise(&cx.actor, act, &resource, "payment")?;
    Ok(())
}

fn problem<T>(field: &str, key: &'static str) -> Result<T> {
    Err(CaseError::Invalid(vec![FieldError::new(field, key)]))
}

/// Puts an over-payment into the ledger. Nothing is asked back yet.
pub async fn find_over(cx: &Cx, new: NewOver, key: &str) -> Result<i64> {
    let file = load(cx.store.read(), &new.case).await?;
    at_county(cx, Act::PreparePayment, &new.case.0, &file.county, Vec::new())?;
    let (from, to) = (first_of_month(new.from), first_of_month(new.to));
    if to < from {
        return problem("to", "error.order");
    }
    if cx.pack.cause(&new.cause).is_none() {
        return problem("cause", "error.choice");
    }
    if new.note.trim().is_empty() {
        return problem("note", "error.required");
    }
    let paid = paid_for(cx.store.read(), &new.case, from, to).await?;
    if new.due.0 < 0 || paid <= new.due.0 {
        return problem("due", "error.nothing_over");
    }
    let cx2 = cx.clone();
    change(cx, "over.find", new.case.subject(), key, move |tx| {
        Box::pin(async move {
            let overlapping = overpayment::Entity::find()
                .filter(overpayment::Column::CaseNo.eq(new.case.0.as_str()))
                .filter(overpayment::Column::FromMonth.lte(to))
                .filter(overpayment::Column::ToMonth.gte(from))
                .one(tx.conn())
                .await?;
            if overlapping.is_some() {
                return problem("from", "error.known");
            }
            let programme = file.programme.clone().unwrap_or_default();
            let amount = paid - new.due.0;
            let row = overpayment::ActiveModel {
                id: NotSet,
                case_no: Set(new.case.0.clone()),
                household_id: Set(file.household_id),
                region_code: Set(file.region_code.clone()),
                county: Set(file.county.clone()),
                fund: Set(cx2.pack.fund_of(&programme).map(|f| f.id.clone()).unwrap_or_default()),
                programme: Set(programme),
                from_month: Set(from),
                to_month: Set(to),
                paid: Set(paid),
                due: Set(new.due.0),
                amount: Set(amount),
                cause: Set(new.cause.clone()),
                note: Set(tx.keys().seal("overpayment.note", new.note.trim())),
                status: Set("found".to_owned()),
                to_recover: Set(0),
                share_permille: Set(0),
                reason: Set(None),
                found_by: Set(cx2.actor.account.clone()),
                found_at: Set(cx2.at()),
                decided_by: Set(None),
                decided_at: Set(None),
            };
            let id = overpayment::Entity::insert(row).exec(tx.conn()).await?.last_insert_id;
            let details = json!({ "over": id, "from": from, "to": to, "paid": paid, "due": new.due.0,
                                  "amount": amount, "cause": new.cause });
            Ok(Recorded::new(id, cx2.entry("over.find", new.case.subject(), &file.region_code, details)))
        })
    })
    .await
}

/// Somebody else than who found it decides, in words; the recipient has a letter with the arithmetic.
pub async fn decide_over(cx: &Cx, id: i64, decision: OverDecision, reason: &str, key: &str) -> Result<()> {
    let row = one(cx.store.read(), id).await?;
    at_county(cx, Act::SignPayment, &id.to_string(), &row.county, vec![row.found_by.clone()])?;
    let reason = reason.trim().to_owned();
    if reason.is_empty() {
        return problem("reason", "error.reason");
    }
    let most = cx.pack.instalment_permille(&row.cause);
    let (status, to_recover, share) = match decision {
        OverDecision::Recover { amount, share_permille } => {
            if amount.0 <= 0 || amount.0 > row.amount {
                return problem("amount", "error.amount");
            }
            if cx.pack.cause(&row.cause).is_some_and(|c| c.whole) && amount.0 != row.amount {
                return problem("amount", "error.whole");
            }
            if share_permille == 0 || share_permille > most {
                return problem("share", "error.share");
            }
            ("recovering", amount.0, share_permille)
        }
        OverDecision::Waive if cx.pack.cause(&row.cause).is_some_and(|c| c.whole) => {
            return problem("decision", "error.whole");
        }
        OverDecision::Waive => ("waived", 0, 0),
    };
    let case = CaseNo(row.case_no.clone());
    let file = load(cx.store.read(), &case).await?;
    let applicant = applicant_of(cx, PersonId(file.applicant_id)).await?;
    let cx2 = cx.clone();
    change(cx, "over.decide", format!("over:{id}"), key, move |tx| {
        Box::pin(async move {
            let done = overpayment::Entity::update_many()
                .col_expr(overpayment::Column::Status, Expr::value(status))
                .col_expr(overpayment::Column::ToRecover, Expr::value(to_recover))
                .col_expr(overpayment::Column::SharePermille, Expr::value(share as i32))
                .col_expr(overpayment::Column::Reason, Expr::value(tx.keys().seal("overpayment.reason", &reason)))
                .col_expr(overpayment::Column::DecidedBy, Expr::value(cx2.actor.account.as_str()))
                .col_expr(overpayment::Column::DecidedAt, Expr::value(cx2.at()))
                .filter(overpayment::Column::Id.eq(id))
                .filter(overpayment::Column::Status.eq("found"))
                .exec(tx.conn())
                .await?;
            if done.rows_affected == 0 {
                return Err(CaseError::Conflict { case });
            }
            let letter = notice::recovery(&cx2, &file, applicant.name, &row, to_recover, share, &reason);
            let (number, issued) = notice::issue(tx, &cx2, &file, letter).await?;
            let details = json!({ "over": id, "decision": status, "to_recover": to_recover, "share_permille": share,
                                  "notice": number });
            Ok(Recorded::new((), cx2.entry("over.decide", case.subject(), &file.region_code, details)).and(issued))
        })
    })
    .await
}

/// The recipient has given some of it back in cash or by transfer.
pub async fn repay_over(cx: &Cx, id: i64, amount: Fen, on: NaiveDate, paper: &str, key: &str) -> Result<()> {
    let row = one(cx.store.read(), id).await?;
    at_county(cx, Act::PreparePayment, &id.to_string(), &row.county, Vec::new())?;
    let paper = paper.trim().to_owned();
    if paper.is_empty() {
        return problem("paper", "error.required");
    }
    if on > cx.today() {
        return problem("on", "error.future");
    }
    let cx2 = cx.clone();
    change(cx, "over.repaid", format!("over:{id}"), key, move |tx| {
        Box::pin(async move {
            let row = one(tx.conn(), id).await?;
            let left = row.to_recover - recovered(tx.conn(), id).await?;
            if row.status != "recovering" || amount.0 <= 0 || amount.0 > left {
                return problem("amount", "error.amount");
            }
            let entry = fund_entry::ActiveModel {
                id: NotSet,
                fund: Set(row.fund.clone()),
                county: Set(row.county.clone()),
                on: Set(on),
                what: Set("repaid".to_owned()),
                amount: Set(amount.0),
                overpayment_id: Set(Some(id)),
                paper: Set(paper.clone()),
                entered_by: Set(cx2.actor.account.clone()),
                entered_at: Set(cx2.at()),
            };
            fund_entry::Entity::insert(entry).exec_without_returning(tx.conn()).await?;
            let details = json!({ "over": id, "amount": amount.0, "on": on });
            let subject = CaseNo(row.case_no.clone()).subject();
            Ok(Recorded::new((), cx2.entry("over.repaid", subject, &row.region_code, details)))
        })
    })
    .await
}

async fn one(conn: &impl ConnectionTrait, id: i64) -> Result<overpayment::Model> {
    overpayment::Entity::find_by_id(id)
        .one(conn)
        .await?
        .ok_or_else(|| CaseError::NotFound { kind: "over-payment", id: id.to_string() })
}

/// The county's ledger, what waits for a decision first.
pub async fn overpayments(cx: &Cx) -> Result<Vec<OverRow>> {
    let county = crate::application::at_level(&cx.actor.region, RegionLevel::County);
    cx.authorise_region(Act::ViewPayment, "payment", "over", &county)?;
    let rows = overpayment::Entity::find()
        .filter(overpayment::Column::County.eq(county))
        .order_by_desc(overpayment::Column::Id)
        .all(cx.store.read())
        .await?;
    let mut shown = Vec::with_capacity(rows.len());
    for row in rows {
        let recovered = recovered(cx.store.read(), row.id).await?;
        let keys = cx.store.keys();
        shown.push(OverRow {
            status: match row.status.as_str() {
                "found" => "found",
                "waived" => "waived",
                _ if recovered >= row.to_recover => "settled",
                _ => "recovering",
            },
            id: row.id,
            case: row.case_no,
            region_code: row.region_code,
            programme: row.programme,
            from: row.from_month,
            to: row.to_month,
            paid: Fen(row.paid),
            due: Fen(row.due),
            amount: Fen(row.amount),
            cause: row.cause,
            note: keys.open("overpayment.note", &row.note)?,
            to_recover: Fen(row.to_recover),
            recovered: Fen(recovered),
            share_permille: row.share_permille,
            reason: match &row.reason {
                Some(sealed) => keys.open("overpayment.reason", sealed)?,
                None => String::new(),
            },
            found_by: row.found_by,
            found_at: row.found_at,
            decided_by: row.decided_by,
        });
    }
    shown.sort_by_key(|r| r.status != "found");
    Ok(shown)
}
