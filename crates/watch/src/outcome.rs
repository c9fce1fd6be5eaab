//! The visit: begun, recorded, closed. Every alert ends in an outcome.

use crate::{
    OutcomeCode, TaskState,
    error::{Result, WatchError},
    limits::Limits,
    list,
    tables::{act_key, alert, outcome, task},
    view::authorise,
    words::{level_from, level_id},
};
use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tuodi_access::Act;
use tuodi_casework::{CaseNo, Cx, FieldError, reassess};
use tuodi_pack::{
    HouseholdId, PersonId,
    assessment::{Answers, Index},
};
use tuodi_store::{Recorded, Tx};

/// What the worker writes after the visit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OutcomeForm {
    pub visited_on: NaiveDate,
    /// Who was spoken to; empty when nobody was there.
    pub with_whom: String,
    pub code: OutcomeCode,
    pub note: String,
    /// Six-dimension answers, as far as they were asked.
    pub answers: Answers,
}

/// What recording an outcome did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    pub state: TaskState,
    /// The case that was opened, or was open already.
    pub case: Option<CaseNo>,
    pub index: Option<Index>,
    pub version: i32,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) with_whom: String,
    pub(crate) note: String,
    pub(crate) answers: Answers,
    pub(crate) index: Option<Index>,
}

async fn save(tx: &Tx, mut row: task::Model) -> Result<task::Model> {
    let (id, old) = (row.id, row.version);
    row.version += 1;
    let mut active = row.clone().into_active_model().reset_all();
    active.id = NotSet;
    let done = task::Entity::update_many()
        .set(active)
        .filter(task::Column::Id.eq(id))
        .filter(task::Column::Version.eq(old))
        .exec(tx.conn())
        .await?;
    if done.rows_affected == 1 { Ok(row) } else { Err(WatchError::Conflict { task: id }) }
}

fn entry(cx: &Cx, act: &str, row: &task::Model, details: Value) -> tuodi_store::Entry {
    tuodi_store::Entry {
        at: cx.at(),
        actor: cx.actor.account.clone(),
        role: cx.actor.role.id().to_owned(),
        act: act.to_owned(),
        subject: format!("task:{}", row.id),
        region: row.region_code.clone(),
        details,
    }
}

fn state_name(row: &task::Model) -> &'static str {
    TaskState::from_id(&row.state).unwrap_or(TaskState::Closed).id()
}

async fn load_open(tx: &Tx, id: i64, version: i32) -> Result<task::Model> {
    let row = list::load(tx.conn(), id).await?;
    if !row.is_open {
        return Err(WatchError::WrongStage { task: id, found: state_name(&row) });
    }
    if row.version != version {
        return Err(WatchError::Conflict { task: id });
    }
    Ok(row)
}

/// Takes the task and sets out.
pub async fn start_visit(cx: &Cx, id: i64, version: i32) -> Result<i32> {
    let row = list::load(cx.store.read(), id).await?;
    authorise(cx, Act::RecordOutcome, &row)?;
    let cx2 = cx.clone();
    cx.store
        .write(move |tx| {
            Box::pin(async move {
                let mut row = load_open(tx, id, version).await?;
                row.state = TaskState::Visiting.id().to_owned();
                row.assignee = Some(cx2.actor.account.clone());
                let row = save(tx, row).await?;
                let entry = entry(&cx2, "task.start_visit", &row, json!({}));
                Ok(Recorded::new(row.version, entry))
            })
        })
        .await
}

fn problems(cx: &Cx, form: &OutcomeForm, row: &task::Model) -> Vec<FieldError> {
    let mut problems = Vec::new();
    if form.visited_on > cx.today() {
        problems.push(FieldError::new("visited_on", "error.future"));
    } else if form.visited_on < row.created_on {
        problems.push(FieldError::new("visited_on", "error.before_task"));
    }
    let met = !matches!(form.code, OutcomeCode::Unreachable | OutcomeCode::DataError | OutcomeCode::Transferred);
    if met && form.with_whom.trim().is_empty() {
        problems.push(FieldError::new("with_whom", "error.required"));
    }
    // A word on why is owed to whoever corrects the data, takes over, or asks later why help was not given.
    let explained = matches!(
        form.code,
        OutcomeCode::DataError | OutcomeCode::Transferred | OutcomeCode::RefusedHelp | OutcomeCode::VerifiedNoHardship
    );
    if explained && form.note.trim().is_empty() {
        problems.push(FieldError::new("note", "error.reason"));
    }
    for (item, choice) in &form.answers {
        if cx.pack.assessment.item(item).and_then(|i| i.choice(choice)).is_none() {
            problems.push(FieldError::new(item.clone(), "error.choice"));
        }
    }
    problems
}

/// Records what a visit came to. It closes the task's alerts, opens a case where need is confirmed, or, with nobody
/// there, asks for another try and then passes the task on, as the pack says.
pub async fn record_outcome(cx: &Cx, id: i64, version: i32, form: OutcomeForm, key: &str) -> Result<Closed> {
    let row = list::load(cx.store.read(), id).await?;
    authorise(cx, Act::RecordOutcome, &row)?;
    let key = if key.is_empty() { String::new() } else { format!("{}:{key}", cx.actor.account) };
    if let Some(done) = repeated(cx, id, &key).await? {
        return Ok(done);
    }
    let problems = problems(cx, &form, &row);
    if !problems.is_empty() {
        return Err(WatchError::Invalid(problems));
    }
    let index = if form.answers.is_empty() { None } else { Some(cx.pack.assessment.score(&form.answers)?) };
    // A preliminary assessment cannot say that all is well (indicators.md A3).
    if form.code == OutcomeCode::VerifiedNoHardship && index.as_ref().is_none_or(Index::is_preliminary) {
        return Err(WatchError::Invalid(vec![FieldError::new("answers", "error.assessment_incomplete")]));
    }
    if !row.is_open {
        return Err(WatchError::WrongStage { task: id, found: state_name(&row) });
    }
    if row.version != version {
        return Err(WatchError::Conflict { task: id });
    }
    let case = if form.code == OutcomeCode::NeedConfirmed {
        let person = alert::Entity::find()
            .filter(alert::Column::TaskId.eq(id))
            .filter(alert::Column::PersonId.is_not_null())
            .order_by_desc(alert::Column::Severity)
            .one(cx.store.read())
            .await?
            .and_then(|a| a.person_id)
            .map(PersonId);
        // Opened first: a case without its closed task is found again, a closed task without its case is not.
        let household = HouseholdId(row.household_id);
        Some(tuodi_casework::open_from_alert(cx, household, person, &format!("task:{id}")).await?)
    } else {
        None
    };
    // Limits of whoever takes over.
    let days = u32::try_from(row.limit_days).unwrap_or(1).max(1);
    let limits = match form.code {
        OutcomeCode::Unreachable => Some(Limits::of(&cx.pack, cx.today(), days)?),
        _ => None,
    };
    let (cx2, sent) = (cx.clone(), key.clone());
    let written = cx
        .store
        .write(move |tx| Box::pin(async move { close(tx, &cx2, id, version, form, index, case, limits, sent).await }))
        .await;
    match written {
        // The same form arrived twice at once and the other was first: both get its answer.
        Err(error @ (WatchError::Conflict { .. } | WatchError::WrongStage { .. })) => {
            repeated(cx, id, &key).await?.ok_or(error)
        }
        other => other,
    }
}

async fn repeated(cx: &Cx, id: i64, key: &str) -> Result<Option<Closed>> {
    if key.is_empty() {
        return Ok(None);
    }
    let row = act_key::Entity::find_by_id(key.to_owned()).one(cx.store.read()).await?;
    match row {
        Some(row) if row.subject == format!("task:{id}") => Ok(Some(serde_json::from_value(row.answer)?)),
        Some(_) => Err(WatchError::Invalid(vec![FieldError::new("key", "error.key_used")])),
        None => Ok(None),
    }
}

#[expect(clippy::too_many_arguments, reason = "one call, from the act above; the parts have nothing in common")]
async fn close(
    tx: &Tx,
    cx: &Cx,
    id: i64,
    version: i32,
    form: OutcomeForm,
    index: Option<Index>,
    case: Option<CaseNo>,
    again: Option<Limits>,
    key: String,
) -> Result<Recorded<Closed>> {
    let mut row = load_open(tx, id, version).await?;
    let record = Record { with_whom: form.with_whom, note: form.note, answers: form.answers, index: index.clone() };
    let stored = outcome::ActiveModel {
        id: NotSet,
        task_id: Set(id),
        code: Set(form.code.id().to_owned()),
        visited_on: Set(form.visited_on),
        record: Set(tx.keys().seal("watch_outcome.record", &serde_json::to_string(&record)?)),
        level: Set(index.as_ref().map(|i| i.level.clone())),
        score: Set(index.as_ref().map(|i| i.low as i32)),
        recorded_by: Set(cx.actor.account.clone()),
        role: Set(cx.actor.role.id().to_owned()),
        recorded_at: Set(cx.at()),
    };
    outcome::Entity::insert(stored).exec_without_returning(tx.conn()).await?;
    row.assignee = Some(cx.actor.account.clone());
    // Nobody there: again, as often as the pack says, then the next office looks for them; with that one it ends.
    let monitoring = &cx.pack.workflow.monitoring;
    let last = u32::try_from(row.attempts).unwrap_or(0).saturating_add(1) >= monitoring.tries;
    let over = monitoring.takeover.filter(|takes| level_from(&row.level).is_none_or(|level| level < *takes));
    if let Some(again) = again.filter(|_| !last || over.is_some()) {
        row.attempts += 1;
        row.state = TaskState::Assigned.id().to_owned();
        if let (true, Some(level)) = (last, over) {
            row.level = level_id(level).to_owned();
            row.attempts = 0;
            row.assignee = None;
            row.due_on = again.due_on;
            row.next_on = Some(again.next_on);
            row.district_on = again.district_on;
        }
    } else {
        row.state = TaskState::Closed.id().to_owned();
        row.is_open = false;
        row.outcome = Some(form.code.id().to_owned());
        row.case_no = case.as_ref().map(|c| c.0.clone());
        row.closed_on = Some(cx.today());
        alert::Entity::update_many()
            .col_expr(alert::Column::State, Expr::value("closed"))
            .col_expr(alert::Column::ClosedOn, Expr::value(cx.today()))
            .col_expr(alert::Column::Outcome, Expr::value(form.code.id()))
            .filter(alert::Column::TaskId.eq(id))
            .filter(alert::Column::State.ne("closed"))
            .exec(tx.conn())
            .await?;
    }
    let row = save(tx, row).await?;
    if !row.is_open {
        crate::library::visited(tx, cx, &row, form.code).await?;
    }
    let closed = Closed {
        state: TaskState::from_id(&row.state).unwrap_or(TaskState::Closed),
        case: case.clone(),
        index,
        version: row.version,
    };
    if !key.is_empty() {
        let stored = act_key::ActiveModel {
            key: Set(key),
            subject: Set(format!("task:{id}")),
            answer: Set(serde_json::to_value(&closed)?),
            at: Set(cx.at()),
        };
        act_key::Entity::insert(stored).exec_without_returning(tx.conn()).await?;
    }
    let details = json!({
        "code": form.code.id(), "visited_on": form.visited_on, "state": row.state, "case": case,
        "level": closed.index.as_ref().map(|i| i.level.clone()),
    });
    // Somebody found is assessed at the follow-up; what was asked at this door answers it (workflow.md 3.1).
    let mut entries = Vec::new();
    if let Some(case) = &case {
        entries.extend(reassess::found(tx, cx, case, form.visited_on).await?);
    }
    if let Some(index) = &closed.index {
        let household = HouseholdId(row.household_id);
        entries.extend(reassess::at_the_door(tx, cx, household, form.visited_on, index).await?);
    }
    let done = Recorded::new(closed, entry(cx, "task.outcome", &row, details));
    Ok(entries.into_iter().fold(done, Recorded::and))
}
