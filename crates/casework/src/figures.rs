//! Figures of casework for the bureau's overview. Counts and sums only: nobody is named.

use crate::{
    CaseState, Cx,
    error::Result,
    scope,
    tables::{benefit, case_file},
};
use chrono::NaiveDate;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use std::collections::BTreeMap;
use tuodi_access::Act;
use tuodi_pack::{Fen, workflow::Workflow};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseFigures {
    /// All cases by state.
    pub by_state: Vec<(CaseState, u64)>,
    pub open: u64,
    pub overdue: u64,
    /// Decided by this platform, in all.
    pub approved: u64,
    pub refused: u64,
    /// Working days from acceptance to decision, the middle one.
    pub median_days: Option<i64>,
    /// Decided within the days that the pack gives; without any all are.
    pub within_limit: u64,
    /// Recognitions in force, and what they pay a month.
    pub benefits: u64,
    pub monthly_total: Fen,
    /// Recognitions in force: programme, number, sum a month.
    pub by_programme: Vec<(String, u64, Fen)>,
    /// Recognitions in force by township: code, number, sum a month.
    pub by_township: Vec<(String, u64, Fen)>,
    pub by_channel: Vec<(String, u64)>,
}

/// Decided within the clock of its programme, or the one of all others.
fn in_time(workflow: &Workflow) -> Condition {
    use case_file::Column as C;
    let within = |days: u32| C::DecidedDays.lte(i32::try_from(days).unwrap_or(i32::MAX));
    let mut own = Condition::any();
    let mut named: Vec<&str> = Vec::new();
    for clock in &workflow.clocks {
        for programme in &clock.programmes {
            own = own.add(Condition::all().add(C::Programme.eq(programme.as_str())).add(within(clock.total_days)));
            named.push(programme);
        }
    }
    let mut others = Condition::all();
    if !named.is_empty() {
        others = others.add(Condition::any().add(C::Programme.is_null()).add(C::Programme.is_not_in(named)));
    }
    if let Some(clock) = workflow.clock(None) {
        others = others.add(within(clock.total_days));
    }
    // Or within the longer limit that the case was given.
    own.add(others).add(Expr::col(C::DecidedOn).lte(Expr::col(C::TotalDue)))
}

/// Figures of a region that lies in the actor's.
pub async fn figures(cx: &Cx, region: &str) -> Result<CaseFigures> {
    use case_file::Column as C;
    cx.authorise_region(Act::ViewOverview, "overview", "", region)?;
    let conn = cx.store.read();
    let cases = || case_file::Entity::find().filter(scope::cases_in(region));

    let states: Vec<(String, i64)> = cases()
        .select_only()
        .column(C::State)
        .column_as(C::CaseNo.count(), "n")
        .group_by(C::State)
        .into_tuple()
        .all(conn)
        .await?;
    let count: BTreeMap<CaseState, u64> = states
        .iter()
        .filter_map(|(id, n)| CaseState::from_id(id).map(|state| (state, u64::try_from(*n).unwrap_or(0))))
        .collect();
    let channels: Vec<(String, i64)> = cases()
        .select_only()
        .column(C::Channel)
        .column_as(C::CaseNo.count(), "n")
        .group_by(C::Channel)
        .into_tuple()
        .all(conn)
        .await?;
    let overdue = cases()
        .filter(C::IsOpen.eq(true))
        .filter(C::Waits.eq(false))
        .filter(C::DueOn.lt(cx.today()))
        .count(conn)
        .await?;

    let decided = || cases().filter(C::DecidedDays.is_not_null());
    let refused = decided().filter(C::State.eq(CaseState::Refused.id())).count(conn).await?;
    let all_decided = decided().count(conn).await?;
    let within_limit = decided().filter(in_time(&cx.pack.workflow)).count(conn).await?;
    let median: Option<i32> = match all_decided {
        0 => None,
        n => {
            decided()
                .select_only()
                .column(C::DecidedDays)
                .order_by_asc(C::DecidedDays)
                .offset((n - 1) / 2)
                .limit(1)
                .into_tuple()
                .one(conn)
                .await?
        }
    };

    let month = crate::decision::first_of_month(cx.today());
    let by_programme = benefits_by(cx, region, benefit::Column::Programme, month).await?;
    let by_township = benefits_by(cx, region, benefit::Column::Township, month).await?;
    Ok(CaseFigures {
        open: count.iter().filter(|(s, _)| s.is_open()).map(|(_, n)| n).sum(),
        by_state: count.into_iter().collect(),
        overdue,
        approved: all_decided - refused,
        refused,
        median_days: median.map(i64::from),
        within_limit,
        benefits: by_programme.iter().map(|(_, n, _)| n).sum(),
        monthly_total: by_programme.iter().map(|(_, _, sum)| *sum).sum(),
        by_programme,
        by_township,
        by_channel: channels.into_iter().map(|(id, n)| (id, u64::try_from(n).unwrap_or(0))).collect(),
    })
}

/// Recognitions decided and not ended, those that begin next month included.
async fn benefits_by(
    cx: &Cx,
    region: &str,
    column: benefit::Column,
    month: NaiveDate,
) -> Result<Vec<(String, u64, Fen)>> {
    use benefit::Column as B;
    let rows: Vec<(String, i64, Option<i64>)> = benefit::Entity::find()
        .select_only()
        .column(column)
        .column_as(B::Id.count(), "n")
        .column_as(B::Monthly.sum().cast_as("BIGINT"), "sum")
        .filter(scope::benefits_in(region))
        .filter(B::Status.eq("active"))
        .filter(sea_orm::Condition::any().add(B::ToMonth.is_null()).add(B::ToMonth.gte(month)))
        .group_by(column)
        .order_by_asc(column)
        .into_tuple()
        .all(cx.store.read())
        .await?;
    Ok(rows.into_iter().map(|(id, n, sum)| (id, u64::try_from(n).unwrap_or(0), Fen(sum.unwrap_or(0)))).collect())
}
