//! Figures of monitoring for the bureau: counts only.

use crate::{
    OutcomeCode,
    error::Result,
    list::{authorise_list, within},
    tables::{alert, monitoring_run, task},
    words::severity_of_rank,
};
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
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
    /// Tasks that led to a case.
    pub to_case: u64,
    /// Households in the monitoring pool: points, no task.
    pub pooled: u64,
    pub by_severity: Vec<(Severity, u64)>,
    pub by_level: Vec<(Level, u64)>,
    /// Open tasks by township: code, open, overdue.
    pub by_township: Vec<(String, u64, u64)>,
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
    let by_level: Vec<(String, i64)> = open()
        .select_only()
        .column(C::Level)
        .column_as(C::Id.count(), "n")
        .group_by(C::Level)
        .into_tuple()
        .all(conn)
        .await?;
    let townships = |late: bool| {
        let query = if late { open().filter(C::DueOn.lt(cx.today())) } else { open() };
        query
            .select_only()
            .column(C::Township)
            .column_as(C::Id.count(), "n")
            .group_by(C::Township)
            .order_by_asc(C::Township)
            .into_tuple::<(String, i64)>()
            .all(conn)
    };
    let all = townships(false).await?;
    let late: BTreeMap<String, i64> = townships(true).await?.into_iter().collect();
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
    let outcomes: Vec<(OutcomeCode, u64)> = outcomes
        .into_iter()
        .filter_map(|(id, n)| OutcomeCode::from_id(id.as_deref()?).map(|code| (code, count(n))))
        .collect();
    let to_case = task::Entity::find().filter(within(region)).filter(C::CaseNo.is_not_null()).count(conn).await?;
    let pooled = alert::Entity::find()
        .filter(alerts_within(region))
        .filter(alert::Column::State.eq("pooled"))
        .select_only()
        .column(alert::Column::HouseholdId)
        .distinct()
        .count(conn)
        .await?;
    let last = monitoring_run::Entity::find().order_by_desc(monitoring_run::Column::At).one(conn).await?;
    Ok(WatchFigures {
        open: by_severity.iter().map(|(_, n)| count(*n)).sum(),
        overdue: late.values().map(|n| count(*n)).sum(),
        closed: outcomes.iter().map(|(_, n)| n).sum(),
        to_case,
        pooled,
        by_severity: by_severity.into_iter().map(|(rank, n)| (severity_of_rank(rank), count(n))).collect(),
        by_level: by_level
            .into_iter()
            .filter_map(|(id, n)| crate::words::level_from(&id).map(|level| (level, count(n))))
            .collect(),
        by_township: all
            .into_iter()
            .map(|(code, n)| (code.clone(), count(n), count(late.get(&code).copied().unwrap_or(0))))
            .collect(),
        outcomes,
        indicators: indicators(cx, region).await?,
        last_run: last.map(|run| RunRow {
            id: run.id,
            as_of: run.as_of,
            pack_version: run.pack_version,
            findings: run.findings,
        }),
    })
}

async fn indicators(cx: &Cx, region: &str) -> Result<Vec<IndicatorFigures>> {
    use alert::Column as C;
    let rows: Vec<(String, Option<String>, i64)> = alert::Entity::find()
        .filter(alerts_within(region))
        .select_only()
        .column(C::Indicator)
        .column(C::Outcome)
        .column_as(C::Id.count(), "n")
        .group_by(C::Indicator)
        .group_by(C::Outcome)
        .into_tuple()
        .all(cx.store.read())
        .await?;
    let mut figures: BTreeMap<String, IndicatorFigures> = BTreeMap::new();
    for (indicator, outcome, n) in rows {
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
    Ok(figures.into_values().collect())
}
