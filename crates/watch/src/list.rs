//! Tasks of a region, what is due first. A row shows where to go and why in plain words: no amounts, no diagnosis.

use crate::{
    OutcomeCode, TaskState,
    error::{Result, WatchError},
    tables::task,
    words::{Escalation, level_from, severity_of_rank, severity_rank},
};
use chrono::{Days, NaiveDate};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{CaseStatement, Expr, ExprTrait},
};
use tuodi_access::{Act, Resource, Role};
use tuodi_casework::{CaseNo, Cx};
use tuodi_pack::{
    HouseholdId, Pack, Text,
    indicator::{Level, Severity},
    region::RegionLevel,
};
use tuodi_store::Page;

#[derive(Debug, Clone, Default)]
pub struct TaskFilter {
    pub state: Option<TaskState>,
    /// This severity and above.
    pub severity: Option<Severity>,
    pub level: Option<Level>,
    /// With this indicator among its reasons.
    pub indicator: Option<String>,
    pub overdue: bool,
    /// Taken by me.
    pub mine: bool,
    /// Closed ones instead of open ones.
    pub closed: bool,
    /// First page is 1.
    pub page: u64,
    /// 0 stands for 25.
    pub per_page: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRow {
    pub id: i64,
    pub household: HouseholdId,
    /// Head of the household.
    pub name: String,
    pub members: u32,
    pub region_code: String,
    pub region: Text,
    pub severity: Severity,
    pub level: Level,
    /// Why somebody calls, in plain words.
    pub reasons: Vec<Text>,
    /// The indicators behind the reasons.
    pub indicators: Vec<String>,
    pub created_on: NaiveDate,
    pub due_on: NaiveDate,
    pub escalation: Escalation,
    pub state: TaskState,
    pub attempts: i32,
    pub assignee: Option<String>,
    pub outcome: Option<OutcomeCode>,
    pub closed_on: Option<NaiveDate>,
    pub case: Option<CaseNo>,
    pub version: i32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromQueryResult)]
pub struct TaskCounts {
    pub open: i64,
    pub mine: i64,
    pub red: i64,
    pub due_today: i64,
    pub overdue: i64,
    /// Of those that the actor may still see.
    pub closed: i64,
}

/// So many limits passed: the next level sees it, then it is on the district's list; how many, the pack says.
pub(crate) fn escalation(row: &task::Model, today: NaiveDate) -> Escalation {
    if !row.is_open || today <= row.due_on {
        Escalation::OnTime
    } else if today > row.district_on {
        Escalation::District
    } else if today > row.next_on.unwrap_or(row.due_on) {
        Escalation::NextLevel
    } else {
        Escalation::OnTime
    }
}

pub(crate) fn authorise_list(cx: &Cx, act: Act, region: &str) -> Result<()> {
    cx.access.authorise(&cx.actor, act, &Resource::general("tasks", "", region), "watch")?;
    Ok(())
}

/// Tasks within a region, by the column whose index keeps the order of due dates.
pub(crate) fn within(region: &str) -> Condition {
    use task::Column as C;
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

/// Open or closed tasks of the actor's region. Grid workers and village officers act on what is theirs to act on
/// first; of closed tasks a grid worker keeps the own ones (workflow.md 7: own grid, open tasks).
fn listed(cx: &Cx, closed: bool) -> Condition {
    use task::Column as C;
    let all = within(&cx.actor.region).add(C::IsOpen.eq(!closed));
    match cx.actor.role {
        Role::GridWorker if closed => all.add(C::Assignee.eq(cx.actor.account.as_str())),
        Role::GridWorker | Role::VillageOfficer => all.add(C::Level.is_in(["grid", "village"])),
        _ => all,
    }
}

/// One page of tasks in the actor's region, what is due first.
pub async fn tasks(cx: &Cx, filter: &TaskFilter) -> Result<Page<TaskRow>> {
    use task::Column as C;
    authorise_list(cx, Act::ViewQueue, &cx.actor.region)?;
    let per_page = if filter.per_page == 0 { 25 } else { filter.per_page };
    let (page, per_page) = (Ord::max(filter.page, 1), Ord::min(per_page, 100));
    let mut query = task::Entity::find().filter(listed(cx, filter.closed));
    if let Some(state) = filter.state {
        query = query.filter(C::State.eq(state.id()));
    }
    if let Some(severity) = filter.severity {
        query = query.filter(C::Severity.gte(severity_rank(severity)));
    }
    if let Some(level) = filter.level {
        query = query.filter(C::Level.eq(crate::words::level_id(level)));
    }
    if let Some(indicator) = &filter.indicator {
        query = match cx.pack.indicator(indicator) {
            Some(known) => query.filter(C::Reasons.contains(known.id.as_str())),
            None => query.filter(C::Id.is_null()),
        };
    }
    if filter.overdue {
        query = query.filter(C::DueOn.lt(cx.today()));
    }
    if filter.mine {
        query = query.filter(C::Assignee.eq(cx.actor.account.as_str()));
    }
    let total = query.clone().count(cx.store.read()).await?;
    let query = if filter.closed { query.order_by_desc(C::ClosedOn) } else { query.order_by_asc(C::DueOn) };
    let found = query
        .order_by_asc(C::Id)
        .offset(Page::<()>::offset(page, per_page))
        .limit(per_page)
        .all(cx.store.read())
        .await?;
    let ids: Vec<HouseholdId> = found.iter().map(|t| HouseholdId(t.household_id)).collect();
    let households = tuodi_registry::households(&cx.store, &ids).await?;
    let rows = found
        .into_iter()
        .map(|row| {
            let summary = households.get(&HouseholdId(row.household_id));
            let name = summary.map(|h| h.head_name.clone()).unwrap_or_default();
            row_of(cx, row, name, summary.map_or(0, |h| h.members))
        })
        .collect();
    Ok(Page { rows, total, page, per_page })
}

pub(crate) fn row_of(cx: &Cx, row: task::Model, name: String, members: u32) -> TaskRow {
    TaskRow {
        escalation: escalation(&row, cx.today()),
        id: row.id,
        household: HouseholdId(row.household_id),
        name,
        members,
        region: cx
            .pack
            .regions
            .get(&row.region_code)
            .map_or_else(|| Text::new(&row.region_code, &row.region_code), |r| r.name.clone()),
        region_code: row.region_code,
        severity: severity_of_rank(row.severity),
        level: level_from(&row.level).unwrap_or(Level::Village),
        reasons: reasons(&cx.pack, &row.reasons),
        indicators: row
            .reasons
            .split(',')
            .filter(|id| cx.pack.workflow.risk(id).is_none())
            .map(str::to_owned)
            .collect(),
        created_on: row.created_on,
        due_on: row.due_on,
        state: TaskState::from_id(&row.state).unwrap_or(TaskState::Assigned),
        attempts: row.attempts,
        assignee: row.assignee,
        outcome: row.outcome.as_deref().and_then(OutcomeCode::from_id),
        closed_on: row.closed_on,
        case: row.case_no.map(CaseNo),
        version: row.version,
    }
}

/// Why somebody calls, each said once: two risks may be told in the same words.
fn reasons(pack: &Pack, ids: &str) -> Vec<Text> {
    let mut told: Vec<Text> = Vec::new();
    for id in ids.split(',') {
        let of_risk = || pack.workflow.risk(id).and_then(|risk| risk.reason.as_ref());
        let reason = pack.indicator(id).map(|indicator| &indicator.reason).or_else(of_risk);
        if let Some(reason) = reason.filter(|reason| !told.contains(reason)) {
            told.push(reason.clone());
        }
    }
    told
}

/// How many open tasks each cut holds.
pub async fn task_counts(cx: &Cx) -> Result<TaskCounts> {
    use task::Column as C;
    authorise_list(cx, Act::ViewQueue, &cx.actor.region)?;
    let count = |condition: Condition| {
        let when = CaseStatement::new().case(condition, 1i64).finally(0i64);
        Expr::expr(Expr::expr(when).sum().cast_as("BIGINT")).if_null(0i64)
    };
    let today = cx.today();
    let counts = task::Entity::find()
        .select_only()
        .column_as(C::Id.count(), "open")
        .column_as(count(Condition::all().add(C::Assignee.eq(cx.actor.account.as_str()))), "mine")
        .column_as(count(Condition::all().add(C::Severity.eq(4))), "red")
        .column_as(count(Condition::all().add(C::DueOn.gte(today)).add(C::DueOn.lt(today + Days::new(1)))), "due_today")
        .column_as(count(Condition::all().add(C::DueOn.lt(today))), "overdue")
        .column_as(Expr::value(0i64), "closed")
        .filter(listed(cx, false))
        .into_model::<TaskCounts>()
        .one(cx.store.read())
        .await?;
    let closed = task::Entity::find().filter(listed(cx, true)).count(cx.store.read()).await?;
    Ok(TaskCounts { closed: i64::try_from(closed).unwrap_or(i64::MAX), ..counts.unwrap_or_default() })
}

pub(crate) async fn load(conn: &impl sea_orm::ConnectionTrait, id: i64) -> Result<task::Model> {
    task::Entity::find_by_id(id)
        .one(conn)
        .await?
        .ok_or_else(|| WatchError::NotFound { kind: "task", id: id.to_string() })
}
