//! Figures of monitoring for the bureau: counts only.

use crate::{
    OutcomeCode,
    error::Result,
    known::points_stand_after,
    list::{authorise_list, within},
    tables::{alert, monitoring_run, outcome, task},
    words::severity_of_rank,
};
use chrono::NaiveDate;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
    sea_query::{Alias, Expr, ExprTrait, Func, Query},
};
use std::collections::BTreeMap;
use tuodi_access::Act;
use tuodi_casework::Cx;
use tuodi_pack::{
    Text,
    indicator::{Level, Severity},
    region::RegionLevel,
};

/// How an indicator did: of the alerts that ended, how many pointed at people who needed something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndicatorFigures {
    pub indicator: String,
    pub title: Text,
    pub open: u64,
    pub closed: u64,
    pub confirmed: u64,
    pub data_error: u64,
}

impl IndicatorFigures {
    /// Confirmed of closed, in parts per 1000; none before anything has been closed.
    pub fn precision_permille(&self) -> Option<u64> {
        (self.closed > 0).then(|| self.confirmed * 1000 / self.closed)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    pub id: String,
    pub as_of: NaiveDate,
    pub pack_version: String,
    pub findings: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WatchFigures {
    pub open: u64,
    pub overdue: u64,
    pub closed: u64,
    /// Tasks, open or closed, whose household somebody has called at.
    pub visited: u64,
    /// Alerts that a task waits for; those in the pool apart.
    pub alerts_open: u64,
    pub alerts_closed: u64,
    /// Tasks that led to a case.
    pub to_case: u64,
    /// Households in the monitoring pool: points from its first band on that still stand, no task for them.
    pub pooled: u64,
    pub by_severity: Vec<(Severity, u64)>,
    pub by_level: Vec<(Level, u64)>,
    /// Open tasks by township: code, open, overdue.
    pub by_township: Vec<(String, u64, u64)>,
    /// Open tasks by village: code, open, overdue.
    pub by_village: Vec<(String, u64, u64)>,
    pub outcomes: Vec<(OutcomeCode, u64)>,
    pub indicators: Vec<IndicatorFigures>,
    pub last_run: Option<RunRow>,
}

fn count(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

fn alerts_within(region: &str) -> Condition {
    use alert::Column as C;
    match RegionLevel::of_code(region) {
        RegionLevel::Village => Condition::all().add(C::RegionCode.eq(region)),
        RegionLevel::Township => Condition::all().add(C::Township.eq(region)),
        RegionLevel::County => Condition::all().add(C::County.eq(region)),
        RegionLevel::City | RegionLevel::Province => {
            let prefix = if region.bytes().all(|b| b == b'0') { "" } else { tuodi_pack::region::prefix(region) };
            Condition::all().add(C::County.between(format!("{prefix:0<12}"), format!("{prefix:9<12}")))
        }
    }
}

/// Figures of a region that lies in the actor's.
pub async fn figures(cx: &Cx, region: &str) -> Result<WatchFigures> {
    use task::Column as C;
    authorise_list(cx, Act::ViewOverview, region)?;
    let conn = cx.store.read();
    let open = || task::Entity::find().filter(within(region)).filter(C::IsOpen.eq(true));
    let by_severity: Vec<(i32, i64)> = open()
        .select_only()
        .column(C::Severity)
        .column_as(C::Id.count(), "n")
        .group_by(C::Severity)
        .order_by_desc(C::Severity)
        .into_tuple()
        .all(conn)
        .await?;
    let mut by_level: Vec<(String, i64)> = open()
        .select_only()
        .column(C::Level)
        .column_as(C::Id.count(), "n")
        .group_by(C::Level)
        .into_tuple()
        .all(conn)
        .await?;
    // Databases group in any order: the grid worker first.
    by_level.sort_by_key(|(id, _)| crate::words::level_from(id));
    let by_township = by_place(cx, region, C::Township).await?;
    let by_village = by_place(cx, region, C::RegionCode).await?;
    let outcomes: Vec<(Option<String>, i64)> = task::Entity::find()
        .filter(within(region))
        .filter(C::IsOpen.eq(false))
        .select_only()
        .column(C::Outcome)
        .column_as(C::Id.count(), "n")
        .group_by(C::Outcome)
        .into_tuple()
        .all(conn)
        .await?;
    let mut outcomes: Vec<(OutcomeCode, u64)> = outcomes
        .into_iter()
        .filter_map(|(id, n)| OutcomeCode::from_id(id.as_deref()?).map(|code| (code, count(n))))
        .collect();
    outcomes.sort_unstable();
    let to_case = task::Entity::find().filter(within(region)).filter(C::CaseNo.is_not_null()).count(conn).await?;
    let called = Query::select().column(outcome::Column::TaskId).from(outcome::Entity).to_owned();
    let visited = task::Entity::find().filter(within(region)).filter(C::Id.in_subquery(called)).count(conn).await?;
    let Alerts { open: alerts_open, closed: alerts_closed, indicators } = alerts(cx, region).await?;
    let last = monitoring_run::Entity::find().order_by_desc(monitoring_run::Column::At).one(conn).await?;
    Ok(WatchFigures {
        open: by_severity.iter().map(|(_, n)| count(*n)).sum(),
        overdue: by_township.iter().map(|(_, _, late)| late).sum(),
        closed: outcomes.iter().map(|(_, n)| n).sum(),
        visited,
        alerts_open,
        alerts_closed,
        to_case,
        pooled: pooled(cx, region).await?,
        by_severity: by_severity.into_iter().map(|(rank, n)| (severity_of_rank(rank), count(n))).collect(),
        by_level: by_level
            .into_iter()
            .filter_map(|(id, n)| crate::words::level_from(&id).map(|level| (level, count(n))))
            .collect(),
        by_township,
        by_village,
        outcomes,
        indicators,
        last_run: last.map(|run| RunRow {
            id: run.id,
            as_of: run.as_of,
            pack_version: run.pack_version,
            findings: run.findings,
        }),
    })
}

/// Open tasks by a column of place: code, open, overdue.
async fn by_place(cx: &Cx, region: &str, place: task::Column) -> Result<Vec<(String, u64, u64)>> {
    let count_by = |late: bool| {
        let query = task::Entity::find().filter(within(region)).filter(task::Column::IsOpen.eq(true));
        let query = if late { query.filter(task::Column::DueOn.lt(cx.today())) } else { query };
        query
            .select_only()
            .column(place)
            .column_as(task::Column::Id.count(), "n")
            .group_by(place)
            .order_by_asc(place)
            .into_tuple::<(String, i64)>()
            .all(cx.store.read())
    };
    let late: BTreeMap<String, i64> = count_by(true).await?.into_iter().collect();
    let all = count_by(false).await?;
    Ok(all
        .into_iter()
        .map(|(code, n)| {
            let overdue = late.get(&code).copied().unwrap_or(0);
            (code, count(n), count(overdue))
        })
        .collect())
}

/// Households whose standing points make the pool: each indicator once, at its highest (indicators.md B1).
async fn pooled(cx: &Cx, region: &str) -> Result<u64> {
    use alert::Column as C;
    let Some(least) = cx.pack.workflow.pool_points() else { return Ok(0) };
    let points = Alias::new("points");
    let highest = alert::Entity::find()
        .filter(alerts_within(region))
        .filter(C::State.eq("pooled"))
        .filter(C::SeenOn.gt(points_stand_after(&cx.pack, cx.today())))
        .select_only()
        .column(C::HouseholdId)
        .column_as(C::Points.max(), "points")
        .group_by(C::HouseholdId)
        .group_by(C::Indicator)
        .into_query();
    let in_pool = Query::select()
        .column(C::HouseholdId)
        .from_subquery(highest, Alias::new("highest"))
        .group_by_col(C::HouseholdId)
        .and_having(Expr::col(points).sum().gte(i64::from(least)))
        .to_owned();
    let counted = Query::select()
        .expr_as(Func::count(Expr::col(C::HouseholdId)), Alias::new("n"))
        .from_subquery(in_pool, Alias::new("in_pool"))
        .to_owned();
    let row = cx.store.read().query_one(&counted).await?;
    let n: i64 = row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0);
    Ok(count(n))
}

/// Every alert of a region, counted in one reading.
#[derive(Default)]
struct Alerts {
    open: u64,
    closed: u64,
    indicators: Vec<IndicatorFigures>,
}

async fn alerts(cx: &Cx, region: &str) -> Result<Alerts> {
    use alert::Column as C;
    let mut alerts = Alerts::default();
    let rows: Vec<(String, String, Option<String>, i64)> = alert::Entity::find()
        .filter(alerts_within(region))
        .select_only()
        .columns([C::Indicator, C::State, C::Outcome])
        .column_as(C::Id.count(), "n")
        .group_by(C::Indicator)
        .group_by(C::State)
        .group_by(C::Outcome)
        .into_tuple()
        .all(cx.store.read())
        .await?;
    let mut figures: BTreeMap<String, IndicatorFigures> = BTreeMap::new();
    for (indicator, state, outcome, n) in rows {
        match state.as_str() {
            "open" => alerts.open += count(n),
            "closed" => alerts.closed += count(n),
            _ => {}
        }
        let title = cx
            .pack
            .indicator(&indicator)
            .map_or_else(|| Text::new(indicator.as_str(), indicator.as_str()), |i| i.title.clone());
        let entry = figures.entry(indicator.clone()).or_insert(IndicatorFigures {
            indicator,
            title,
            open: 0,
            closed: 0,
            confirmed: 0,
            data_error: 0,
        });
        match outcome.as_deref().and_then(OutcomeCode::from_id) {
            None => entry.open += count(n),
            Some(code) => {
                entry.closed += count(n);
                if code.confirms() {
                    entry.confirmed += count(n);
                }
                if code == OutcomeCode::DataError {
                    entry.data_error += count(n);
                }
            }
        }
    }
    alerts.indicators = figures.into_values().collect();
    Ok(alerts)
}
