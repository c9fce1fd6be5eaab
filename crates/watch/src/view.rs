//! One task with what its reader may see.

use crate::{
    OutcomeCode, TaskRow,
    error::{Result, WatchError},
    list::{self, visible},
    outcome::OutcomeRecord,
    tables::{alert, outcome, task},
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{QueryFilter, QueryOrder, prelude::*};
use tuodi_access::{Act, Resource, Role, Sensitivity, looks};
use tuodi_casework::{CaseNo, Cx};
use tuodi_pack::{FactValue, HouseholdId, PersonId, indicator::Severity};

#[derive(Debug, Clone, PartialEq)]
pub struct AlertView {
    pub id: i64,
    pub indicator: String,
    pub severity: Severity,
    /// Whom it is about, where it is one person.
    pub person_id: Option<PersonId>,
    pub person_name: Option<String>,
    pub raised_on: NaiveDate,
    /// How many runs saw it.
    pub seen: i32,
    /// Only for those who may see sensitive facts; a grid worker gets the pack's plain reason instead.
    pub evidence: Option<Vec<FactValue>>,
    pub outcome: Option<OutcomeCode>,
}

#[derive(Clone, PartialEq, Eq)]
pub struct Member {
    pub id: PersonId,
    pub name: String,
    pub birth_date: Option<NaiveDate>,
    /// GB/T 4761 code.
    pub relation: Option<String>,
    pub phone: Option<String>,
}

impl std::fmt::Debug for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Member({}, hidden)", self.id)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeView {
    pub code: OutcomeCode,
    pub visited_on: NaiveDate,
    pub with_whom: String,
    pub note: String,
    /// The six-dimension level, where the form was filled.
    pub level: Option<String>,
    pub recorded_by: String,
    pub recorded_at: DateTime<Utc>,
    pub case_no: Option<CaseNo>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct TaskView {
    pub row: TaskRow,
    pub version: i32,
    pub alerts: Vec<AlertView>,
    pub members: Vec<Member>,
    pub address: String,
    pub outcomes: Vec<OutcomeView>,
}

pub(crate) fn resource(model: &task::Model, sensitivity: Sensitivity) -> Resource {
    let owner = HouseholdId(model.household_id);
    let assigned = model.assignee.clone();
    Resource::of_household("task", model.id.to_string(), &model.region_code, owner, sensitivity).assigned_to(assigned)
}

/// The task, if the asker's region and level reach it: another township's is refused, not hidden, and logged.
pub(crate) async fn load(cx: &Cx, id: i64, act: Act) -> Result<task::Model> {
    let model = task::Entity::find_by_id(id).one(cx.store.read()).await?.ok_or(WatchError::NotFound(id))?;
    cx.access.authorise(&cx.actor, act, &resource(&model, Sensitivity::Personal), "monitoring")?;
    let reachable =
        task::Entity::find().filter(visible(cx)).filter(task::Column::Id.eq(id)).count(cx.store.read()).await? > 0;
    if reachable { Ok(model) } else { Err(WatchError::NotFound(id)) }
}

/// Opens a task. The look is logged with its purpose.
pub async fn task(cx: &Cx, id: i64, purpose: &str) -> Result<TaskView> {
    let model = load(cx, id, Act::ViewTask).await?;
    let subject = format!("household:{}", model.household_id);
    looks::record(&cx.store, &cx.actor, &subject, purpose, cx.at()).await?;
    // A grid or village worker gets conclusions only (workflow.md 7); others as the policies say for L4.
    let conclusions_only = matches!(cx.actor.role, Role::GridWorker | Role::VillageOfficer);
    let sensitive = !conclusions_only
        && cx
            .access
            .authorise(&cx.actor, Act::ViewTask, &resource(&model, Sensitivity::Sensitive), "monitoring")
            .is_ok();
    let conn = cx.store.read();
    let household = tuodi_registry::household(&cx.store, HouseholdId(model.household_id)).await?;
    let people = household.map(|h| h.members).unwrap_or_default();
    let address = people.iter().find_map(|p| p.address.clone()).unwrap_or_default();
    let alerts = alert::Entity::find()
        .filter(alert::Column::TaskId.eq(id))
        .order_by_asc(alert::Column::Id)
        .all(conn)
        .await?
        .into_iter()
        .map(|a| {
            let evidence = match sensitive {
                true => Some(serde_json::from_str(&cx.store.keys().open("alert.evidence", &a.evidence)?)?),
                false => None,
            };
            Ok(AlertView {
                id: a.id,
                severity: list::severity(&a.severity),
                person_name: a.person_id.and_then(|p| people.iter().find(|m| m.id.0 == p)).map(|m| m.name.clone()),
                person_id: a.person_id.map(PersonId),
                indicator: a.indicator,
                raised_on: a.raised_on,
                seen: a.seen,
                evidence,
                outcome: a.outcome.as_deref().and_then(OutcomeCode::from_id),
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let outcomes = outcome::Entity::find()
        .filter(outcome::Column::TaskId.eq(id))
        .order_by_asc(outcome::Column::Id)
        .all(conn)
        .await?
        .into_iter()
        .map(|o| {
            let record: OutcomeRecord = serde_json::from_str(&cx.store.keys().open("outcome.record", &o.record)?)?;
            Ok(OutcomeView {
                code: OutcomeCode::from_id(&o.code).unwrap_or(OutcomeCode::Transferred),
                visited_on: o.visited_on,
                with_whom: record.with_whom,
                note: record.note,
                level: record.index.map(|i| i.level),
                recorded_by: o.recorded_by,
                recorded_at: o.recorded_at,
                case_no: o.case_no.map(CaseNo),
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let head = people.first().map(|p| p.name.clone()).unwrap_or_default();
    let members = people
        .into_iter()
        .map(|p| Member { id: p.id, name: p.name, birth_date: p.birth_date, relation: p.relation, phone: p.phone })
        .collect::<Vec<_>>();
    let version = model.version;
    let row = list::row(cx, model, head, members.len() as u32);
    Ok(TaskView { row, version, alerts, members, address, outcomes })
}
