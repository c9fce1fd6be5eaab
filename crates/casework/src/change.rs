//! How a case changes: read at its version, move through the table, save, tell the story, journal.

use crate::{
    CaseError, CaseNo, CaseState, Cx, Event, NextStep,
    cx::case_no,
    error::Result,
    extension, limits,
    state::advance,
    tables::{act_key, application, case_event, case_file},
};
use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, EntityTrait, FromQueryResult, Insert, IntoActiveModel, JoinType, QueryFilter,
    QuerySelect, QueryTrait, prelude::*, sea_query::OnConflict,
};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;
use tuodi_store::{BoxFuture, Keys, Recorded, StoreError, Tx};

/// Stands for "nothing is due": sorts last on both databases.
pub(crate) const NOTHING_DUE: NaiveDate = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap();

/// Either the change is refused, or it was made before with the same key.
enum Halt {
    Refused(CaseError),
    Repeated(serde_json::Value),
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Halt {
        Halt::Refused(error.into())
    }
}

/// One act on `subject`. With a key (from the form) the same act sent again answers as the first time and changes
/// nothing; a key used for another act or thing is refused.
pub(crate) async fn change<T, F>(cx: &Cx, act: &'static str, subject: String, key: &str, body: F) -> Result<T>
where
    F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<Recorded<T>>> + Send + 'static,
    T: Serialize + DeserializeOwned + Send + 'static,
{
    // A key belongs to its sender: nobody can replay another's answer.
    let key = if key.is_empty() { String::new() } else { format!("{}:{key}", cx.actor.account) };
    let (sent, about, at) = (key.clone(), subject.clone(), cx.at());
    let done = cx
        .store
        .write(move |tx| {
            Box::pin(async move {
                if !key.is_empty()
                    && let Some(row) = act_key::Entity::find_by_id(key.clone())
                        .one(tx.conn())
                        .await
                        .map_err(|e| Halt::Refused(e.into()))?
                {
                    if row.act != act || row.subject != subject {
                        return Err(Halt::Refused(CaseError::Invalid(vec![crate::FieldError::new(
                            "key",
                            "error.key_used",
                        )])));
                    }
                    return Err(Halt::Repeated(row.answer));
                }
                let mut answer = Ok(serde_json::Value::Null);
                let recorded = body(tx).await.map_err(Halt::Refused)?.map(|value| {
                    answer = serde_json::to_value(&value);
                    value
                });
                if !key.is_empty() {
                    let answer = answer.map_err(|e| Halt::Refused(e.into()))?;
                    let row = act_key::ActiveModel {
                        key: Set(key),
                        subject: Set(subject),
                        act: Set(act.to_owned()),
                        answer: Set(answer),
                        at: Set(at),
                    };
                    act_key::Entity::insert(row)
                        .exec_without_returning(tx.conn())
                        .await
                        .map_err(|e| Halt::Refused(e.into()))?;
                }
                Ok(recorded)
            })
        })
        .await;
    match done {
        Ok(value) => Ok(value),
        Err(Halt::Repeated(answer)) => Ok(serde_json::from_value(answer)?),
        // Clicked twice at the same moment: the first click has committed meanwhile, its answer holds for both.
        Err(Halt::Refused(error)) if !sent.is_empty() && may_be_repeated(&error) => {
            let row = act_key::Entity::find_by_id(sent).one(cx.store.read()).await?;
            match row.filter(|row| row.act == act && row.subject == about) {
                Some(row) => Ok(serde_json::from_value(row.answer)?),
                None => Err(error),
            }
        }
        Err(Halt::Refused(error)) => Err(error),
    }
}

fn may_be_repeated(error: &CaseError) -> bool {
    match error {
        CaseError::Conflict { .. } | CaseError::BatchChanged { .. } | CaseError::EmergencyChanged { .. } => true,
        CaseError::Store(error) => error.is_duplicate(),
        _ => false,
    }
}

pub(crate) async fn load(conn: &impl ConnectionTrait, case: &CaseNo) -> Result<case_file::Model> {
    case_file::Entity::find_by_id(case.0.clone())
        .one(conn)
        .await?
        .ok_or_else(|| CaseError::NotFound { kind: "case", id: case.0.clone() })
}

/// The case as it is, if it still is as the page showed it.
pub(crate) async fn load_at(tx: &Tx, case: &CaseNo, version: i32) -> Result<case_file::Model> {
    let file = load(tx.conn(), case).await?;
    if file.version == version { Ok(file) } else { Err(CaseError::Conflict { case: case.clone() }) }
}

pub(crate) fn state_of(file: &case_file::Model) -> CaseState {
    state_in(&file.state)
}

pub(crate) fn state_in(column: &str) -> CaseState {
    // Only this room writes the column, from the same enum.
    CaseState::from_id(column).unwrap_or(CaseState::Terminated)
}

/// Where the table takes the case; the refusal names the stage it is at.
pub(crate) fn moved(file: &case_file::Model, event: Event) -> Result<CaseState> {
    let found = state_of(file);
    advance(found, event).ok_or_else(|| CaseError::WrongStage { case: case_no(file), found, event })
}

/// Puts the case at a state with its next step, and recomputes what the queue sorts by.
pub(crate) fn put(cx: &Cx, file: &mut case_file::Model, state: CaseState, next: NextStep) -> Result<()> {
    let due = limits::step_due(&cx.pack, file.programme.as_deref().or(file.tier.as_deref()), next, cx.today())?;
    put_due(cx, file, state, next, due);
    Ok(())
}

/// The same with a due date of the step that is known already (publicity, payment).
pub(crate) fn put_due(cx: &Cx, file: &mut case_file::Model, state: CaseState, next: NextStep, due: Option<NaiveDate>) {
    if file.next_step != next.id() || file.state != state.id() {
        // Another step: it is nobody's delay yet.
        file.raised = None;
        file.step_since = Some(cx.today());
    }
    file.state = state.id().to_owned();
    file.next_step = next.id().to_owned();
    file.is_open = state.is_open();
    file.waits = next.waits_for_others();
    file.step_due = due;
    let total = if state.is_running() { file.total_due } else { None };
    file.due_on = match (due, total) {
        (Some(a), Some(b)) => a.min(b),
        (Some(a), None) | (None, Some(a)) => a,
        (None, None) => NOTHING_DUE,
    };
    file.updated_at = cx.at();
}

/// Saves every column, one version on. Fails if somebody else saved in between (PostgreSQL; SQLite has one writer).
pub(crate) async fn save(tx: &Tx, mut file: case_file::Model) -> Result<case_file::Model> {
    let old = file.version;
    file.version += 1;
    let done = case_file::Entity::update_many()
        .set(file.clone().into_active_model().reset_all())
        .filter(case_file::Column::CaseNo.eq(file.case_no.as_str()))
        .filter(case_file::Column::Version.eq(old))
        .exec(tx.conn())
        .await?;
    if done.rows_affected == 1 { Ok(file) } else { Err(CaseError::Conflict { case: case_no(&file) }) }
}

/// One line of the case's story. `details` holds codes, dates, amounts: no personal data.
pub(crate) async fn tell(
    tx: &Tx,
    cx: &Cx,
    file: &case_file::Model,
    act: &str,
    from: Option<CaseState>,
    details: serde_json::Value,
) -> Result<()> {
    let row = case_event::ActiveModel {
        case_no: Set(file.case_no.clone()),
        at: Set(cx.at()),
        act: Set(act.to_owned()),
        from_state: Set(from.map(|s| s.id().to_owned())),
        to_state: Set(file.state.clone()),
        actor: Set(cx.actor.account.clone()),
        role: Set(cx.actor.role.id().to_owned()),
        channel: Set(cx.channel.id().to_owned()),
        details: Set(details),
        ..Default::default()
    };
    case_event::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    Ok(())
}

/// The usual end of an act: save, tell, journal.
pub(crate) async fn finish<T>(
    tx: &Tx,
    cx: &Cx,
    file: case_file::Model,
    from: CaseState,
    act: &'static str,
    details: serde_json::Value,
    value: impl FnOnce(&case_file::Model) -> T,
) -> Result<Recorded<T>> {
    let file = save(tx, file).await?;
    if from.is_running() && !state_of(&file).is_running() {
        extension::lapse(tx.conn(), &file.case_no).await?;
    }
    tell(tx, cx, &file, act, Some(from), details.clone()).await?;
    let mut journalled = serde_json::json!({ "from": from.id(), "to": file.state, "channel": cx.channel.id() });
    if let (Some(all), serde_json::Value::Object(more)) = (journalled.as_object_mut(), details) {
        all.extend(more);
    }
    let entry = cx.entry(act, case_no(&file).subject(), &file.region_code, journalled);
    Ok(Recorded::new(value(&file), entry))
}

/// Everything typed into the form so far.
pub(crate) async fn typed(conn: &impl ConnectionTrait, keys: &Keys, case: &str) -> Result<BTreeMap<String, String>> {
    let row = application::Entity::find_by_id(case.to_owned()).one(conn).await?;
    opened(keys, row.as_ref().map(|row| row.fields.as_slice()))
}

/// What saving a step of the form needs to know of its case: read at every step typed, so no more than that.
#[derive(Debug, FromQueryResult)]
pub(crate) struct OpenForm {
    pub case_no: String,
    pub household_id: i64,
    pub region_code: String,
    pub state: String,
    pub version: i32,
    fields: Option<Vec<u8>>,
}

impl OpenForm {
    pub async fn load(conn: &impl ConnectionTrait, case: &CaseNo) -> Result<OpenForm> {
        let form = case_file::Entity::belongs_to(application::Entity)
            .from(case_file::Column::CaseNo)
            .to(application::Column::CaseNo)
            .into();
        case_file::Entity::find_by_id(case.0.clone())
            .select_only()
            .columns([
                case_file::Column::CaseNo,
                case_file::Column::HouseholdId,
                case_file::Column::RegionCode,
                case_file::Column::State,
                case_file::Column::Version,
            ])
            .column(application::Column::Fields)
            .join(JoinType::LeftJoin, form)
            .into_model()
            .one(conn)
            .await?
            .ok_or_else(|| CaseError::NotFound { kind: "case", id: case.0.clone() })
    }

    /// Everything typed so far.
    pub fn typed(&self, keys: &Keys) -> Result<BTreeMap<String, String>> {
        opened(keys, self.fields.as_deref())
    }
}

fn opened(keys: &Keys, fields: Option<&[u8]>) -> Result<BTreeMap<String, String>> {
    match fields {
        Some(fields) => Ok(serde_json::from_str(&keys.open("application.fields", fields)?)?),
        None => Ok(BTreeMap::new()),
    }
}

pub(crate) async fn save_typed(
    tx: &Tx,
    cx: &Cx,
    case: &str,
    step: &str,
    fields: &BTreeMap<String, String>,
) -> Result<()> {
    store_typed(tx, cx, case, step, fields)?.exec_without_returning(tx.conn()).await?;
    Ok(())
}

/// Saves what was typed and that the case was worked on, one version on, where nothing that the queue shows or sorts by
/// has changed: setting every column would rewrite every index of the table. Fails if somebody else saved in between.
pub(crate) async fn save_form(
    tx: &Tx,
    cx: &Cx,
    form: &OpenForm,
    step: &str,
    fields: &BTreeMap<String, String>,
) -> Result<i32> {
    let version = form.version + 1;
    let backend = tx.conn().get_database_backend();
    let mut typed = store_typed(tx, cx, &form.case_no, step, fields)?.into_query();
    typed.returning_col(application::Column::CaseNo);
    let mut touched = case_file::Entity::update_many()
        .col_expr(case_file::Column::Version, Expr::value(version))
        .col_expr(case_file::Column::UpdatedAt, Expr::value(cx.at()))
        .filter(case_file::Column::CaseNo.eq(form.case_no.as_str()))
        .filter(case_file::Column::Version.eq(form.version))
        .into_query();
    touched.returning_col(case_file::Column::CaseNo);
    // One row of the form and one of the case; without the second somebody else was first, and the first is undone.
    let rows = tx.execute_together(vec![backend.build(&typed), backend.build(&touched)]).await?;
    if rows == 2 { Ok(version) } else { Err(CaseError::Conflict { case: CaseNo(form.case_no.clone()) }) }
}

fn store_typed(
    tx: &Tx,
    cx: &Cx,
    case: &str,
    step: &str,
    fields: &BTreeMap<String, String>,
) -> Result<Insert<application::ActiveModel>> {
    let row = application::ActiveModel {
        case_no: Set(case.to_owned()),
        fields: Set(tx.keys().seal("application.fields", &serde_json::to_string(fields)?)),
        last_step: Set(step.to_owned()),
        saved_at: Set(cx.at()),
    };
    Ok(application::Entity::insert(row).on_conflict(
        OnConflict::column(application::Column::CaseNo)
            .update_columns([application::Column::Fields, application::Column::LastStep, application::Column::SavedAt])
            .to_owned(),
    ))
}
