//! Looking at verifications: the list of a region, one request with its answers and reports, and who is due again.

use crate::{
    Cx,
    error::Result,
    scope,
    tables::{benefit, verification_edition as edition, verification_request as request},
    verify::{
        answers::{self, Answered},
        order::{authorise, subject},
        pursue::load_request,
        report::{self, Report},
    },
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashMap;
use tuodi_access::{Act, Sensitivity, looks};
use tuodi_pack::{Fen, HouseholdId};
use tuodi_store::Page;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestFilter {
    /// waiting or complete; empty: both.
    pub state: String,
    pub purpose: String,
    /// The report's number, or its end.
    pub number: String,
    pub household: Option<HouseholdId>,
    /// From 1.
    pub page: u64,
    pub per_page: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRow {
    pub number: String,
    pub household: HouseholdId,
    /// Name of the head, as lists show it.
    pub name: String,
    pub members: u32,
    pub purpose: String,
    pub as_of: NaiveDate,
    pub case: Option<String>,
    pub region_code: String,
    pub complete: bool,
    pub waiting: i32,
    pub missing: i32,
    pub conflicts: i32,
    pub edition: i32,
    pub tier: Option<String>,
    pub ordered_by: String,
    pub ordered_at: DateTime<Utc>,
}

/// One request with everything that came of it.
#[derive(Debug, Clone)]
pub struct RequestView {
    pub row: RequestRow,
    pub hold_until: DateTime<Utc>,
    pub answers: Vec<Answered>,
    /// The newest report and its digest; none while the first is held back.
    pub report: Option<(Report, String)>,
    /// Every edition with its day and digest, newest first.
    pub editions: Vec<(i32, NaiveDate, String)>,
}

fn row_of(row: request::Model, names: &HashMap<HouseholdId, tuodi_registry::HouseholdSummary>) -> RequestRow {
    let household = HouseholdId(row.household_id);
    let summary = names.get(&household);
    RequestRow {
        household,
        name: summary.map(|s| s.head_name.clone()).unwrap_or_default(),
        members: summary.map_or(0, |s| s.members),
        number: row.number,
        purpose: row.purpose,
        as_of: row.as_of,
        case: row.case_no,
        region_code: row.region_code,
        complete: row.state == report::COMPLETE,
        waiting: row.waiting,
        missing: row.missing,
        conflicts: row.conflicts,
        edition: row.edition,
        tier: row.tier,
        ordered_by: row.ordered_by,
        ordered_at: row.ordered_at,
    }
}

fn in_region(region: &str) -> Condition {
    use request::Column as C;
    scope::within(region, C::RegionCode, C::Township, C::County)
}

/// Verifications of the actor's region, newest first.
pub async fn requests(cx: &Cx, filter: &RequestFilter) -> Result<Page<RequestRow>> {
    cx.authorise_region(Act::ViewCase, "verification", "", &cx.actor.region)?;
    use request::Column as C;
    let mut query = request::Entity::find().filter(in_region(&cx.actor.region));
    if !filter.state.is_empty() {
        query = query.filter(C::State.eq(filter.state.as_str()));
    }
    if !filter.purpose.is_empty() {
        query = query.filter(C::Purpose.eq(filter.purpose.as_str()));
    }
    let number = filter.number.trim().to_ascii_uppercase();
    if !number.is_empty() {
        query = query.filter(C::Number.ends_with(number));
    }
    if let Some(household) = filter.household {
        query = query.filter(C::HouseholdId.eq(household.0));
    }
    let total = query.clone().count(cx.store.read()).await?;
    let (page, per_page) = (filter.page.max(1), filter.per_page.clamp(1, 200));
    let rows = query
        .order_by_desc(C::OrderedAt)
        .order_by_desc(C::Number)
        .limit(per_page)
        .offset(Page::<()>::offset(page, per_page))
        .all(cx.store.read())
        .await?;
    let ids: Vec<HouseholdId> = rows.iter().map(|row| HouseholdId(row.household_id)).collect();
    let names = tuodi_registry::households(&cx.store, &ids).await?;
    Ok(Page { rows: rows.into_iter().map(|row| row_of(row, &names)).collect(), total, page, per_page })
}

/// One verification for its page and for other programs. The look is logged with the purpose that whoever looks states,
/// and so is one that was refused.
pub async fn request(cx: &Cx, number: &str, purpose: &str) -> Result<RequestView> {
    let conn = cx.store.read();
    let row = load_request(conn, number).await?;
    let household = HouseholdId(row.household_id);
    let asked = authorise(cx, Act::ViewCase, household, number, &row.region_code, Sensitivity::Sensitive);
    let said = match &asked {
        Err(crate::CaseError::Denied(denied)) => format!("refused: {}", denied.why.code()),
        _ => purpose.to_owned(),
    };
    looks::record(&cx.store, &cx.actor, &subject(number), &said, cx.at()).await?;
    asked?;
    let rows = answers::of_request(conn, number).await?;
    let editions = edition::Entity::find()
        .select_only()
        .columns([edition::Column::Edition, edition::Column::IssuedOn, edition::Column::Digest])
        .filter(edition::Column::Number.eq(number))
        .order_by_desc(edition::Column::Edition)
        .into_tuple()
        .all(conn)
        .await?;
    let names = tuodi_registry::households(&cx.store, &[household]).await?;
    let keys = cx.store.keys();
    Ok(RequestView {
        hold_until: row.hold_until,
        answers: rows.iter().map(|row| answers::opened(keys, row)).collect::<Result<_>>()?,
        report: report::newest(conn, keys, number).await?,
        editions,
        row: row_of(row, &names),
    })
}

/// Somebody whose recognition is to be looked at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub household: HouseholdId,
    pub name: String,
    pub case: String,
    pub programme: String,
    pub monthly: Fen,
    pub class: Option<String>,
    pub next_reverify: NaiveDate,
}

/// Recognitions in force whose next re-verification falls on or before a day, the longest due first (DB57 art. 31).
pub async fn due_reverifications(cx: &Cx, until: NaiveDate, page: u64, per_page: u64) -> Result<Page<Due>> {
    cx.authorise_region(Act::ViewCase, "verification", "", &cx.actor.region)?;
    let query = benefit::Entity::find()
        .filter(scope::benefits_in(&cx.actor.region))
        .filter(benefit::Column::Status.eq("active"))
        .filter(benefit::Column::NextReverify.lte(until));
    let total = query.clone().count(cx.store.read()).await?;
    let (page, per_page) = (page.max(1), per_page.clamp(1, 200_000));
    let rows = query
        .order_by_asc(benefit::Column::NextReverify)
        .order_by_asc(benefit::Column::Id)
        .limit(per_page)
        .offset(Page::<()>::offset(page, per_page))
        .all(cx.store.read())
        .await?;
    let ids: Vec<HouseholdId> = rows.iter().map(|row| HouseholdId(row.household_id)).collect();
    let names = tuodi_registry::households(&cx.store, &ids).await?;
    let due = rows.into_iter().filter_map(|row| {
        let household = HouseholdId(row.household_id);
        Some(Due {
            name: names.get(&household).map(|s| s.head_name.clone()).unwrap_or_default(),
            household,
            case: row.case_no,
            programme: row.programme,
            monthly: Fen(row.monthly),
            class: row.class,
            next_reverify: row.next_reverify?,
        })
    });
    Ok(Page { rows: due.collect(), total, page, per_page })
}
