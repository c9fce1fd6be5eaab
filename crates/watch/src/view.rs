//! One task with what its reader may see.

use crate::{
    OutcomeCode,
    error::{Result, WatchError},
    list::{self, TaskRow},
    outcome::Record,
    tables::{alert, alert_evidence, outcome, task},
    words::severity_of_rank,
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::Value;
use std::collections::HashMap;
use tuodi_access::{Act, Resource, Role, Sensitivity, looks};
use tuodi_casework::Cx;
use tuodi_pack::{
    HouseholdId, PersonId, Text,
    assessment::{Answers, Index},
    indicator::{Kind, Severity},
};

/// One alert of a task. Evidence only for roles that handle sensitive data.
#[derive(Debug, Clone)]
pub struct AlertView {
    pub indicator: String,
    /// The indicator's name. It can say what only some may know (an illness, a term of custody): the others read the
    /// plain reason here too.
    pub title: Text,
    /// Why somebody calls, in plain words.
    pub reason: Text,
    pub kind: Kind,
    pub severity: Severity,
    pub person: Option<PersonId>,
    /// Empty where the person is not registered in the household.
    pub person_name: String,
    pub raised_on: NaiveDate,
    pub appended: i32,
    /// Facts by name; none where the role sees plain words only.
    pub evidence: Option<Value>,
    /// What it said before newer evidence came, oldest first; empty where there is no evidence to see.
    pub earlier: Vec<Value>,
    pub outcome: Option<OutcomeCode>,
}

#[derive(Debug, Clone)]
pub struct OutcomeView {
    pub code: OutcomeCode,
    pub visited_on: NaiveDate,
    pub recorded_at: DateTime<Utc>,
    pub recorded_by: String,
    pub with_whom: String,
    pub note: String,
    /// Answers are for those who may see sensitive data, and for whoever recorded them.
    pub answers: Option<Answers>,
    pub index: Option<Index>,
}

/// A task as its page shows it: where to go, whom to ask for, why.
#[derive(Debug, Clone)]
pub struct TaskView {
    pub row: TaskRow,
    pub address: Option<String>,
    pub phone: Option<String>,
    /// Names and ages of the household: (person, name, age).
    pub members: Vec<(PersonId, String, Option<i32>)>,
    pub alerts: Vec<AlertView>,
    /// Newest first.
    pub outcomes: Vec<OutcomeView>,
    /// The role sees evidence, not only plain words.
    pub full: bool,
}

fn resource(row: &task::Model, sensitivity: Sensitivity) -> Resource {
    let owner = HouseholdId(row.household_id);
    Resource::of_household("task", row.id.to_string(), &row.region_code, owner, sensitivity)
        .assigned_to(row.assignee.clone())
}

pub(crate) fn authorise(cx: &Cx, act: Act, row: &task::Model) -> Result<()> {
    cx.access.authorise(&cx.actor, act, &resource(row, Sensitivity::Personal), "visit")?;
    Ok(())
}

/// The task for a page; the look is logged. A grid worker sees open tasks only.
pub async fn task(cx: &Cx, id: i64, purpose: &str) -> Result<TaskView> {
    let row = list::load(cx.store.read(), id).await?;
    authorise(cx, Act::ViewTask, &row)?;
    if cx.actor.role == Role::GridWorker && !row.is_open && row.assignee.as_deref() != Some(cx.actor.account.as_str()) {
        return Err(WatchError::NotFound { kind: "task", id: id.to_string() });
    }
    let sensitive = resource(&row, Sensitivity::Sensitive);
    let full = cx.access.authorise(&cx.actor, Act::ViewTask, &sensitive, purpose).is_ok();
    looks::record(&cx.store, &cx.actor, &format!("household:{}", row.household_id), purpose, cx.at()).await?;
    let household = tuodi_registry::household(&cx.store, HouseholdId(row.household_id)).await?;
    let head = household.as_ref().and_then(|h| {
        h.head.and_then(|id| h.members.iter().find(|m| m.id == id)).or_else(|| h.members.first()).cloned()
    });
    let members: Vec<(PersonId, String, Option<i32>)> = household
        .iter()
        .flat_map(|h| &h.members)
        .map(|m| (m.id, m.name.clone(), m.birth_date.map(|b| tuodi_casework::draft::age_on(b, cx.today()))))
        .collect();
    Ok(TaskView {
        address: head.as_ref().and_then(|p| p.address.clone()),
        phone: head.as_ref().and_then(|p| p.phone.clone()),
        alerts: alerts_of(cx, id, &members, full).await?,
        outcomes: outcomes_of(cx, id, full).await?,
        row: list::row_of(cx, row, head.map(|p| p.name).unwrap_or_default(), members.len() as u32),
        members,
        full,
    })
}

type Members = [(PersonId, String, Option<i32>)];

async fn alerts_of(cx: &Cx, task: i64, members: &Members, full: bool) -> Result<Vec<AlertView>> {
    let rows = alert::Entity::find()
        .filter(alert::Column::TaskId.eq(task))
        .order_by_desc(alert::Column::Severity)
        .order_by_asc(alert::Column::Indicator)
        .all(cx.store.read())
        .await?;
    let open = |sealed: &[u8]| -> Result<Value> {
        Ok(serde_json::from_str(&cx.store.keys().open("alert.evidence", sealed)?)?)
    };
    let mut before: HashMap<i64, Vec<Value>> = HashMap::new();
    if full && rows.iter().any(|row| row.appended > 0) {
        let earlier = alert_evidence::Entity::find()
            .filter(alert_evidence::Column::AlertId.is_in(rows.iter().map(|row| row.id)))
            .order_by_asc(alert_evidence::Column::Id)
            .all(cx.store.read())
            .await?;
        for row in earlier {
            before.entry(row.alert_id).or_default().push(open(&row.evidence)?);
        }
    }
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(indicator) = cx.pack.indicator(&row.indicator) else { continue };
        let evidence = if full { Some(open(&row.evidence)?) } else { None };
        let person = row.person_id.map(PersonId);
        let name = members.iter().find(|(id, ..)| Some(*id) == person).map(|(_, name, _)| name.clone());
        views.push(AlertView {
            indicator: row.indicator,
            title: if full { indicator.title.clone() } else { indicator.reason.clone() },
            reason: indicator.reason.clone(),
            kind: indicator.kind,
            severity: severity_of_rank(row.severity),
            person,
            person_name: name.unwrap_or_default(),
            raised_on: row.raised_on,
            appended: row.appended,
            evidence,
            earlier: before.remove(&row.id).unwrap_or_default(),
            outcome: row.outcome.as_deref().and_then(OutcomeCode::from_id),
        });
    }
    Ok(views)
}

async fn outcomes_of(cx: &Cx, task: i64, full: bool) -> Result<Vec<OutcomeView>> {
    let rows = outcome::Entity::find()
        .filter(outcome::Column::TaskId.eq(task))
        .order_by_desc(outcome::Column::Id)
        .all(cx.store.read())
        .await?;
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(code) = OutcomeCode::from_id(&row.code) else { continue };
        let record: Record = serde_json::from_str(&cx.store.keys().open("watch_outcome.record", &row.record)?)?;
        let shown = full || row.recorded_by == cx.actor.account;
        views.push(OutcomeView {
            code,
            visited_on: row.visited_on,
            recorded_at: row.recorded_at,
            recorded_by: row.recorded_by,
            with_whom: record.with_whom,
            note: record.note,
            answers: shown.then_some(record.answers),
            index: record.index.filter(|_| shown),
        });
    }
    Ok(views)
}
