//! What each benefit is to be paid in a month, and what that is made of.

use super::order::Job;
use crate::{
    Cx,
    error::Result,
    tables::{benefit, overpayment, payment_item, payment_owed},
};
use chrono::{Months, NaiveDate};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use tuodi_pack::{PersonId, facts::Grain, payments::MONTHLY};
use tuodi_registry::Account;
use tuodi_store::Keys;

/// Benefits taken at a time: far below the limit of bound values of both databases.
pub(crate) const AT_ONCE: u64 = 4_000;
/// Months in which a benefit that others paid before, and that has ended, is still looked at for what is unpaid.
const LOOK_BACK: u32 = 24;
/// Values of one IN.
const LISTED: usize = 1_000;

/// One part of a line's amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayPart {
    /// month, arrears, supplement, recovery, run
    pub what: String,
    pub month: NaiveDate,
    /// Fen; below 0: taken off.
    pub amount: i64,
    /// Row of the ledger that it comes from; 0 for what a month brings by itself.
    #[serde(default)]
    pub because: i64,
}

/// What a benefit is to be paid.
pub(crate) struct Due {
    pub benefit: benefit::Model,
    pub subject: String,
    pub parts: Vec<PayPart>,
    pub held: Option<&'static str>,
    pub account: Option<Account>,
}

impl Due {
    pub fn amount(&self) -> i64 {
        self.parts.iter().map(|p| p.amount).sum()
    }

    pub fn of(&self, what: &str) -> i64 {
        self.parts.iter().filter(|p| p.what == what).map(|p| p.amount).sum()
    }
}

/// What the benefits before these have taken already, where they are not in the database yet (a preview).
#[derive(Default)]
pub(crate) struct Taken(HashSet<(String, String, NaiveDate)>);

/// Whose a benefit is, by its programme's grain: a household's, or one person's.
pub(crate) fn subject_of(cx: &Cx, benefit: &benefit::Model) -> (String, bool) {
    let person = cx.pack.programme(&benefit.programme).is_some_and(|p| p.grain == Grain::Person);
    if person { (format!("p{}", benefit.payee_id), true) } else { (format!("h{}", benefit.household_id), false) }
}

/// Programmes of the pack that pay no monthly cash (edge, rigid).
fn without_cash(cx: &Cx) -> Vec<String> {
    cx.pack.programmes.iter().filter(|p| p.amount.is_none()).map(|p| p.id.clone()).collect()
}

/// The next benefits behind `after` that the job looks at, by number.
async fn next_benefits(cx: &Cx, conn: &impl ConnectionTrait, job: &Job<'_>, after: i64) -> Result<Vec<benefit::Model>> {
    use benefit::Column as C;
    let in_month = Condition::any().add(C::ToMonth.is_null()).add(C::ToMonth.gte(job.month));
    let mut query = benefit::Entity::find()
        .filter(C::County.eq(job.county.as_str()))
        .filter(C::Id.gt(after))
        .filter(C::Status.is_in(["active", "replaced", "ended"]))
        .filter(C::FromMonth.lte(job.month))
        // A cash programme without an amount is held for somebody to look at, never left out in silence.
        .filter(Condition::any().add(C::Monthly.gt(0)).add(C::Programme.is_not_in(without_cash(cx))));
    query = match job.run {
        Some(run) => query.filter(in_month).filter(C::Programme.is_in(run.of.iter().map(String::as_str))),
        None => {
            let owed = payment_owed::Entity::find()
                .select_only()
                .column(payment_owed::Column::BenefitId)
                .filter(payment_owed::Column::BatchId.is_null())
                .into_query();
            // One that has ended may not have been paid to its end: a line was held, or came too late.
            let lately = job.month - Months::new(LOOK_BACK);
            query.filter(
                in_month.add(C::PaysFrom.is_not_null()).add(C::ToMonth.gte(lately)).add(C::Id.in_subquery(owed)),
            )
        }
    };
    Ok(query.order_by_asc(C::Id).limit(AT_ONCE).all(conn).await?)
}

/// The last month that each benefit has been on a list for.
async fn paid_through(conn: &impl ConnectionTrait, first: i64, last: i64) -> Result<HashMap<i64, NaiveDate>> {
    use payment_item::Column as C;
    let rows: Vec<(i64, NaiveDate)> = payment_item::Entity::find()
        .select_only()
        .column(C::BenefitId)
        .column_as(C::Month.max(), "last")
        .filter(C::BenefitId.between(first, last))
        .filter(C::Kind.eq(MONTHLY))
        .filter(C::Because.eq(0))
        .group_by(C::BenefitId)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// What of these subjects' things is on a list already, from a month on.
async fn claimed(
    conn: &impl ConnectionTrait,
    subjects: &[String],
    kind: &str,
    from: NaiveDate,
    taken: &mut Taken,
) -> Result<()> {
    use payment_item::Column as C;
    for some in subjects.chunks(LISTED) {
        let rows: Vec<(String, String, NaiveDate)> = payment_item::Entity::find()
            .select_only()
            .columns([C::Subject, C::Programme, C::Month])
            .filter(C::Subject.is_in(some.iter().map(String::as_str)))
            .filter(C::Kind.eq(kind))
            .filter(C::Because.eq(0))
            .filter(C::Month.gte(from))
            .into_tuple()
            .all(conn)
            .await?;
        taken.0.extend(rows);
    }
    Ok(())
}

/// Over-payments that are being taken back: number, what is left, and the largest share of a month.
async fn recovering(conn: &impl ConnectionTrait, job: &Job<'_>) -> Result<HashMap<i64, Vec<(i64, i64, i64)>>> {
    let mut found: HashMap<i64, Vec<(i64, i64, i64)>> = HashMap::new();
    if job.run.is_some() {
        return Ok(found);
    }
    let open = overpayment::Entity::find()
        .filter(overpayment::Column::County.eq(job.county.as_str()))
        .filter(overpayment::Column::Status.eq("recovering"))
        .order_by_asc(overpayment::Column::Id)
        .all(conn)
        .await?;
    for row in open {
        let left = row.to_recover - super::over::recovered(conn, row.id).await?;
        let now = payment_item::Entity::find()
            .filter(payment_item::Column::Subject.eq(format!("o{}", row.id)))
            .filter(payment_item::Column::Month.eq(job.month))
            .one(conn)
            .await?;
        if left > 0 && now.is_none() {
            found.entry(row.household_id).or_default().push((row.id, left, i64::from(row.share_permille)));
        }
    }
    Ok(found)
}

/// Months of a benefit that are due and on no list, up to the job's.
fn months_due(benefit: &benefit::Model, last: Option<NaiveDate>, month: NaiveDate) -> Vec<NaiveDate> {
    let end = benefit.to_month.map_or(month, |to| to.min(month));
    // Before the first list of this platform somebody else paid: then only the month at hand.
    let begin = match (last, benefit.pays_from) {
        (Some(last), _) => last + Months::new(1),
        (None, Some(from)) => from.max(benefit.from_month),
        (None, None) => month.max(benefit.from_month),
    };
    let mut months = Vec::new();
    let mut next = begin;
    while next <= end {
        months.push(next);
        next = next + Months::new(1);
    }
    months
}

/// What is due to the benefits behind `after`, and the number of the last one looked at; `None` at the end.
pub(crate) async fn due_after(
    cx: &Cx,
    conn: &impl ConnectionTrait,
    keys: &Keys,
    job: &Job<'_>,
    after: i64,
    taken: &mut Taken,
) -> Result<Option<(Vec<Due>, i64)>> {
    let benefits = next_benefits(cx, conn, job, after).await?;
    let (Some(first), Some(last)) = (benefits.first().map(|b| b.id), benefits.last().map(|b| b.id)) else {
        return Ok(None);
    };
    let through = if job.run.is_none() { paid_through(conn, first, last).await? } else { HashMap::new() };
    let subjects: Vec<(String, bool)> = benefits.iter().map(|b| subject_of(cx, b)).collect();
    let months: Vec<Vec<NaiveDate>> = match job.run {
        Some(_) => benefits.iter().map(|_| vec![job.claimed()]).collect(),
        None => benefits.iter().map(|b| months_due(b, through.get(&b.id).copied(), job.month)).collect(),
    };
    let earliest = months.iter().flatten().min().copied().unwrap_or(job.month);
    let names: Vec<String> = subjects.iter().map(|(subject, _)| subject.clone()).collect();
    claimed(conn, &names, job.kind, earliest, taken).await?;
    let mut owed = owed_to(conn, job, first, last).await?;
    let mut recovering = recovering(conn, job).await?;
    let payees: Vec<PersonId> =
        benefits.iter().filter(|b| b.pay_route == "account").map(|b| PersonId(b.payee_id)).collect();
    let accounts = tuodi_registry::accounts(conn, keys, &payees).await?;

    let mut dues = Vec::with_capacity(benefits.len());
    for ((benefit, (subject, of_person)), months) in benefits.into_iter().zip(subjects).zip(months) {
        let account = accounts.get(&PersonId(benefit.payee_id)).cloned().filter(|_| benefit.pay_route == "account");
        let mut due = Due { subject, parts: Vec::new(), held: None, account, benefit };
        match job.run {
            Some(run) => {
                let Some(each) = job.each(&cx.pack, &due.benefit.region_code) else { continue };
                // Whoever has had it this season simply is not on the list.
                if !taken.0.insert((due.subject.clone(), run.id.clone(), job.claimed())) {
                    continue;
                }
                let amount = each * job.heads(due.benefit.members, of_person);
                due.parts.push(PayPart { what: "run".to_owned(), month: job.claimed(), amount, because: 0 });
            }
            None => monthly_parts(&mut due, &months, job.month, taken),
        }
        if job.run.is_none() {
            due.parts.extend(owed.remove(&due.benefit.id).unwrap_or_default());
            let open = recovering.remove(&due.benefit.household_id).unwrap_or_default();
            take_back(&mut due, job.month, open);
        }
        due.held = due.held.or_else(|| held(&due));
        if !due.parts.is_empty() || due.held.is_some() {
            dues.push(due);
        }
    }
    Ok(Some((dues, last)))
}

fn monthly_parts(due: &mut Due, months: &[NaiveDate], now: NaiveDate, taken: &mut Taken) {
    for month in months {
        if due.benefit.monthly <= 0 {
            // Nobody has said how much: held with its month, and asked about.
            due.held = (*month == now).then_some("amount_unknown").or(due.held);
            continue;
        }
        if !taken.0.insert((due.subject.clone(), due.benefit.programme.clone(), *month)) {
            due.held = (*month == now).then_some("twice").or(due.held);
            continue;
        }
        let what = if *month == now { "month" } else { "arrears" };
        due.parts.push(PayPart { what: what.to_owned(), month: *month, amount: due.benefit.monthly, because: 0 });
    }
}

/// An instalment takes at most its share of the month's benefit: what arrears bring is not touched.
fn take_back(due: &mut Due, month: NaiveDate, open: Vec<(i64, i64, i64)>) {
    let base = due.of("month");
    let mut free = due.amount() - 1;
    for (id, left, permille) in open {
        let amount = left.min(base * permille / 1_000).min(free);
        if amount > 0 {
            free -= amount;
            due.parts.push(PayPart { what: "recovery".to_owned(), month, amount: -amount, because: id });
        }
    }
}

/// Why a line cannot be paid as it stands.
fn held(due: &Due) -> Option<&'static str> {
    if due.benefit.hold.is_some() && !due.parts.is_empty() {
        Some("death")
    } else if due.benefit.pay_route == "account" && due.account.is_none() && !due.parts.is_empty() {
        Some("account_missing")
    } else {
        None
    }
}

async fn owed_to(
    conn: &impl ConnectionTrait,
    job: &Job<'_>,
    first: i64,
    last: i64,
) -> Result<HashMap<i64, Vec<PayPart>>> {
    use payment_owed::Column as C;
    let mut owed: HashMap<i64, Vec<PayPart>> = HashMap::new();
    if job.run.is_some() {
        return Ok(owed);
    }
    let rows = payment_owed::Entity::find()
        .filter(C::BenefitId.between(first, last))
        .filter(C::BatchId.is_null())
        .filter(C::Month.lte(job.month))
        .order_by_asc(C::Id)
        .all(conn)
        .await?;
    for row in rows {
        let part = PayPart { what: "supplement".to_owned(), month: row.month, amount: row.amount, because: row.id };
        owed.entry(row.benefit_id).or_default().push(part);
    }
    Ok(owed)
}
