//! The benefits of a case as decisions follow each other: which one holds, what takes its place, what lists have paid.

use crate::{
    CaseError, CaseNo, Cx, Event,
    change::state_of,
    decision::first_of_month,
    error::Result,
    statistics,
    tables::{benefit, case_file, payment_item, payment_owed},
};
use chrono::{Months, NaiveDate};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use std::collections::BTreeMap;
use tuodi_pack::{Pack, payments::MONTHLY};
use tuodi_store::Tx;

/// When somebody of a class is checked next; `None` where the pack checks nobody by periods.
pub(crate) fn next_check(pack: &Pack, class: Option<&str>, region: &str, from: NaiveDate) -> Option<NaiveDate> {
    pack.check_months(class, region, from).map(|months| from + Months::new(months))
}

/// The benefit that a case has this month, else the last that it had; `None` where a new recognition of the household has
/// taken its place.
pub(super) async fn current(
    conn: &impl ConnectionTrait,
    case: &CaseNo,
    today: NaiveDate,
) -> Result<Option<benefit::Model>> {
    let rows = benefit::Entity::find()
        .filter(benefit::Column::CaseNo.eq(case.0.as_str()))
        .filter(benefit::Column::Status.eq("active"))
        .order_by_asc(benefit::Column::FromMonth)
        .order_by_asc(benefit::Column::Id)
        .all(conn)
        .await?;
    let month = first_of_month(today);
    let now = rows.iter().find(|b| b.to_month.is_none_or(|to| to >= month)).or(rows.last());
    Ok(now.cloned())
}

/// The same where nothing can be done without one.
pub(super) async fn held(
    conn: &impl ConnectionTrait,
    file: &case_file::Model,
    today: NaiveDate,
    event: Event,
) -> Result<benefit::Model> {
    let case = CaseNo(file.case_no.clone());
    let found = state_of(file);
    current(conn, &case, today).await?.ok_or(CaseError::WrongStage { case, found, event })
}

/// In the gradual exit: it has a last month that the programme does not give it.
pub(super) fn leaving(pack: &Pack, now: &benefit::Model) -> bool {
    now.to_month.is_some() && pack.programme(&now.programme).is_none_or(|p| p.valid_months.is_none())
}

/// The last month of all that a case still has; `None` where nothing says one.
pub(super) async fn last_month(conn: &impl ConnectionTrait, case: &str) -> Result<Option<NaiveDate>> {
    let months: Vec<Option<NaiveDate>> = benefit::Entity::find()
        .select_only()
        .column(benefit::Column::ToMonth)
        .filter(benefit::Column::CaseNo.eq(case))
        .filter(benefit::Column::Status.eq("active"))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(months.into_iter().collect::<Option<Vec<_>>>().and_then(|months| months.into_iter().max()))
}

/// What takes the place of a benefit from a month on.
pub(super) fn successor(
    now: &benefit::Model,
    monthly: i64,
    from: NaiveDate,
    to: Option<NaiveDate>,
) -> benefit::ActiveModel {
    let mut next = now.clone();
    next.monthly = monthly;
    next.from_month = from;
    next.to_month = to;
    next.pays_from = Some(from);
    next.arithmetic = None;
    next.hold = None;
    next.roster_key = None;
    next.status = "active".to_owned();
    let mut row = next.into_active_model().reset_all();
    row.id = NotSet;
    row
}

/// Every benefit of a case ends with the month before, where it did not end earlier; what has been paid stays paid.
pub(super) async fn end_before(tx: &Tx, cx: &Cx, case: &str, first: NaiveDate, status: &str) -> Result<()> {
    let later =
        Condition::any().add(benefit::Column::ToMonth.is_null()).add(benefit::Column::ToMonth.gte(first)).to_owned();
    let rows = benefit::Entity::find()
        .filter(benefit::Column::CaseNo.eq(case))
        .filter(Condition::any().add(later).add(benefit::Column::Status.eq("active")))
        .all(tx.conn())
        .await?;
    let last = first - Months::new(1);
    for row in rows {
        let to = row.to_month.map_or(last, |to| to.min(last));
        statistics::ended(tx, cx, &[row.id], to).await?;
        let mut row = row.into_active_model();
        row.to_month = Set(Some(to));
        row.status = Set(status.to_owned());
        row.hold = Set(None);
        row.update(tx.conn()).await?;
    }
    Ok(())
}

/// Month by month from `from` on: what monthly lists have put down for a case, and what is still owed.
pub(super) async fn promised_from(tx: &Tx, case: &str, from: NaiveDate) -> Result<BTreeMap<NaiveDate, i64>> {
    let benefits: Vec<i64> = benefit::Entity::find()
        .select_only()
        .column(benefit::Column::Id)
        .filter(benefit::Column::CaseNo.eq(case))
        .into_tuple()
        .all(tx.conn())
        .await?;
    let lists: Vec<(NaiveDate, i64)> = payment_item::Entity::find()
        .select_only()
        .columns([payment_item::Column::Month, payment_item::Column::Amount])
        .filter(payment_item::Column::BenefitId.is_in(benefits))
        .filter(payment_item::Column::Kind.eq(MONTHLY))
        .filter(payment_item::Column::Month.gte(from))
        .into_tuple()
        .all(tx.conn())
        .await?;
    let owed: Vec<(NaiveDate, i64)> = payment_owed::Entity::find()
        .select_only()
        .columns([payment_owed::Column::Month, payment_owed::Column::Amount])
        .filter(payment_owed::Column::CaseNo.eq(case))
        .filter(payment_owed::Column::BatchId.is_null())
        .filter(payment_owed::Column::Month.gte(from))
        .into_tuple()
        .all(tx.conn())
        .await?;
    let mut months = BTreeMap::new();
    for (month, amount) in lists.into_iter().chain(owed) {
        *months.entry(month).or_default() += amount;
    }
    Ok(months)
}
