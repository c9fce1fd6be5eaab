//! Pay lists as pages show them: names and accounts masked, sums by kind of change.

use crate::{
    CaseError, Cx,
    application::at_level,
    error::Result,
    money::RunTerms,
    tables::{payment_batch, payment_line},
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::ExprTrait};
use std::collections::HashMap;
use tuodi_access::{Act, Resource};
use tuodi_pack::{Fen, HouseholdId, PersonId, region::RegionLevel};
use tuodi_store::Page;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRow {
    pub id: i64,
    pub month: NaiveDate,
    pub county: String,
    /// making, prepared, signed, paid, withdrawn
    pub status: String,
    /// Lines to be paid.
    pub lines: i32,
    /// Lines held back, each with its reason.
    pub held: i32,
    pub total: Fen,
    pub prepared_by: String,
    pub prepared_at: DateTime<Utc>,
    pub signed_by: Option<String>,
    pub signed_at: Option<DateTime<Utc>>,
    pub version: i32,
    /// monthly, again, or a run of the pack.
    pub kind: String,
    /// Counts the lists of one kind and month that pay again; below 0: withdrawn.
    pub number: i32,
    pub terms: RunTerms,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineRow {
    pub id: i64,
    pub case: String,
    pub household: HouseholdId,
    /// Masked: `李*`.
    pub payee: String,
    /// Masked; empty for the finance bureau's own card.
    pub account: String,
    pub region_code: String,
    pub programme: String,
    pub amount: Fen,
    /// new, same, more, less
    pub change: String,
    /// pending, held, paid, returned
    pub status: String,
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchView {
    pub row: BatchRow,
    pub lines: Page<LineRow>,
    /// Number and sum of lines by change.
    pub changes: Vec<(String, u64, Fen)>,
}

fn row_of(model: payment_batch::Model) -> BatchRow {
    BatchRow {
        id: model.id,
        month: model.month,
        county: model.county,
        status: model.status,
        lines: model.lines,
        held: model.held,
        total: Fen(model.total),
        prepared_by: model.prepared_by,
        prepared_at: model.prepared_at,
        signed_by: model.signed_by,
        signed_at: model.signed_at,
        version: model.version,
        // Only this room writes the column.
        terms: serde_json::from_value(model.terms).unwrap_or_default(),
        kind: model.kind,
        number: model.number,
    }
}

pub(crate) async fn load(conn: &impl sea_orm::ConnectionTrait, id: i64) -> Result<payment_batch::Model> {
    payment_batch::Entity::find_by_id(id)
        .one(conn)
        .await?
        .ok_or_else(|| CaseError::NotFound { kind: "payment batch", id: id.to_string() })
}

pub(crate) fn authorise(cx: &Cx, act: Act, batch: &payment_batch::Model, excluded: Vec<String>) -> Result<()> {
    let resource = Resource::general("payment", batch.id.to_string(), &batch.county).excluding(excluded);
    cx.access.authorise(&cx.actor, act, &resource, "payment")?;
    Ok(())
}

/// All lists of the actor's county, newest month first.
pub async fn batches(cx: &Cx) -> Result<Vec<BatchRow>> {
    let county = at_level(&cx.actor.region, RegionLevel::County);
    cx.authorise_region(Act::ViewPayment, "payment", "", &county)?;
    let rows = payment_batch::Entity::find()
        .filter(payment_batch::Column::County.eq(county))
        .order_by_desc(payment_batch::Column::Month)
        .order_by_desc(payment_batch::Column::Id)
        .all(cx.store.read())
        .await?;
    Ok(rows.into_iter().map(row_of).collect())
}

/// One list with a page of its lines, names and accounts masked.
pub async fn batch(cx: &Cx, id: i64, page: u64, per_page: u64) -> Result<BatchView> {
    let model = load(cx.store.read(), id).await?;
    authorise(cx, Act::ViewPayment, &model, Vec::new())?;
    let per_page = per_page.clamp(1, 200);
    let query = payment_line::Entity::find().filter(payment_line::Column::BatchId.eq(id));
    let total = query.clone().count(cx.store.read()).await?;
    let rows = query
        .order_by_asc(payment_line::Column::RegionCode)
        .order_by_asc(payment_line::Column::Id)
        .offset(Page::<()>::offset(page, per_page))
        .limit(per_page)
        .all(cx.store.read())
        .await?;
    let ids: Vec<PersonId> = rows.iter().map(|r| PersonId(r.payee_id)).collect();
    let people = tuodi_registry::persons(&cx.store, &ids).await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let account = match &row.account {
            Some(sealed) => {
                let opened = cx.store.keys().open("payment_line.account", sealed)?;
                tuodi_registry::mask_account(opened.split_once('\n').map_or("", |(_, number)| number))
            }
            None => String::new(),
        };
        let payee = people.get(&PersonId(row.payee_id)).map(|p| tuodi_registry::mask_name(&p.name));
        lines.push(LineRow {
            id: row.id,
            case: row.case_no,
            household: HouseholdId(row.household_id),
            payee: payee.unwrap_or_default(),
            account,
            region_code: row.region_code,
            programme: row.programme,
            amount: Fen(row.amount),
            change: row.change,
            status: row.status,
            reason: row.reason,
        });
    }
    let sums: Vec<(String, i64, Option<i64>)> = payment_line::Entity::find()
        .select_only()
        .column(payment_line::Column::Change)
        .column_as(payment_line::Column::Id.count(), "n")
        .column_as(payment_line::Column::Amount.sum().cast_as("BIGINT"), "sum")
        .filter(payment_line::Column::BatchId.eq(id))
        .group_by(payment_line::Column::Change)
        .into_tuple()
        .all(cx.store.read())
        .await?;
    let changes = ["new", "more", "less", "same"]
        .into_iter()
        .map(|kind| {
            let found = sums.iter().find(|(k, _, _)| k == kind);
            let (n, sum) = found.map_or((0, 0), |(_, n, sum)| (*n, sum.unwrap_or(0)));
            (kind.to_owned(), u64::try_from(n).unwrap_or(0), Fen(sum))
        })
        .collect();
    Ok(BatchView { row: row_of(model), lines: Page { rows: lines, total, page: Ord::max(page, 1), per_page }, changes })
}

/// What a household was or is to be paid, newest first: the citizen's own page.
pub async fn payments_of(cx: &Cx, household: HouseholdId) -> Result<Vec<(NaiveDate, Fen, String)>> {
    let region = tuodi_registry::household(&cx.store, household).await?.map(|h| h.region_code).unwrap_or_default();
    let resource = Resource::of_household(
        "household",
        household.to_string(),
        region,
        household,
        tuodi_access::Sensitivity::Personal,
    );
    cx.access.authorise(&cx.actor, Act::ViewHousehold, &resource, "own payments")?;
    let lines = payment_line::Entity::find()
        .filter(payment_line::Column::HouseholdId.eq(household.0))
        .filter(payment_line::Column::Status.ne("withdrawn"))
        .order_by_desc(payment_line::Column::BatchId)
        .limit(36)
        .all(cx.store.read())
        .await?;
    let months: HashMap<i64, NaiveDate> = payment_batch::Entity::find()
        .filter(payment_batch::Column::Id.is_in(lines.iter().map(|l| l.batch_id)))
        .all(cx.store.read())
        .await?
        .into_iter()
        .map(|b| (b.id, b.month))
        .collect();
    Ok(lines
        .into_iter()
        .filter_map(|l| months.get(&l.batch_id).map(|month| (*month, Fen(l.amount), l.status)))
        .collect())
}
