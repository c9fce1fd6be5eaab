//! Opening, filling in and submitting an application; acceptance, and the one-time notice of what is missing.

use crate::{
    CaseError, CaseNo, CaseState, Channel, Cx, Event, FieldError, NextStep,
    acceptance::accept_in,
    change::{
        NOTHING_DUE, OpenForm, change, finish, load, load_at, moved, put, save_form, save_typed, state_in, state_of,
        tell, typed,
    },
    consent::adults_without_consent,
    cx::case_no,
    draft::{self, Fields},
    error::Result,
    kin, known,
    tables::{case_event, case_file, declared_fact},
};
use chrono::Datelike;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tuodi_access::{Act, Resource, Sensitivity};
use tuodi_pack::{HouseholdId, PersonId, region::RegionLevel};
use tuodi_registry::{Account, Household, Person};
use tuodi_store::{Recorded, Tx, next_number};

/// What [`save_step`] leaves.
#[derive(Debug, Clone)]
pub struct Saved {
    pub version: i32,
    /// Of this step only; what was typed is kept all the same.
    pub errors: Vec<FieldError>,
}

/// What still keeps a submitted application from being accepted (guard `G_complete`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Missing {
    /// This adult has not authorised the check.
    Consent(PersonId),
    /// The household's region is not served by this installation: a clerk must look.
    Region,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Submitted {
    pub case: CaseNo,
    pub state: CaseState,
    pub version: i32,
    /// The last day for the decision, once accepted.
    pub due: Option<chrono::NaiveDate>,
    pub missing: Vec<Missing>,
}

/// 12-digit code of the region's township or county.
pub(crate) fn at_level(code: &str, level: RegionLevel) -> String {
    let digits = level.digits().min(code.len());
    format!("{:0<12}", &code[..digits])
}

pub(crate) async fn applicant_of(cx: &Cx, id: PersonId) -> Result<Person> {
    tuodi_registry::person(&cx.store, id)
        .await?
        .ok_or_else(|| CaseError::NotFound { kind: "person", id: id.to_string() })
}

pub(crate) async fn household_of(cx: &Cx, id: HouseholdId) -> Result<Household> {
    tuodi_registry::household(&cx.store, id)
        .await?
        .ok_or_else(|| CaseError::NotFound { kind: "household", id: id.to_string() })
}

pub(crate) fn name_in(household: &Household, person: i64) -> String {
    household.members.iter().find(|m| m.id.0 == person).map(|m| m.name.clone()).unwrap_or_default()
}

/// The household's case that is still open, if any: one household is not asked twice at the same time.
pub async fn open_case_of(cx: &Cx, household: HouseholdId) -> Result<Option<CaseNo>> {
    open_case_in(cx.store.read(), household).await
}

/// Whose decision is being heard again, or who is looked at again while help goes on, may apply anew meanwhile. The index
/// `case_in_force` says the same.
pub(crate) const BESIDE: [CaseState; 3] = [CaseState::Appealed, CaseState::Reverifying, CaseState::Adjusting];

async fn open_case_in(conn: &impl ConnectionTrait, household: HouseholdId) -> Result<Option<CaseNo>> {
    let row = case_file::Entity::find()
        .filter(case_file::Column::HouseholdId.eq(household.0))
        .filter(case_file::Column::IsOpen.eq(true))
        .filter(case_file::Column::State.is_not_in(BESIDE.map(CaseState::id)))
        .order_by_asc(case_file::Column::CaseNo)
        .one(conn)
        .await?;
    Ok(row.map(|file| case_no(&file)))
}

/// Opens a draft for a person: their own online, or on their behalf at the window. The household's open case again
/// if it has one.
pub async fn open_draft(cx: &Cx, applicant: PersonId) -> Result<CaseNo> {
    let person = applicant_of(cx, applicant).await?;
    let household = person
        .household_id
        .ok_or_else(|| CaseError::NotFound { kind: "household", id: format!("of person {applicant}") })?;
    authorise_household(cx, &person.region_code, household)?;
    open(cx, person, household, CaseState::Draft, NextStep::FillIn, None, cx.channel).await
}

fn authorise_household(cx: &Cx, region: &str, household: HouseholdId) -> Result<()> {
    let resource = Resource::of_household("household", household.to_string(), region, household, Sensitivity::Personal);
    cx.access.authorise(&cx.actor, Act::Apply, &resource, "application")?;
    Ok(())
}

/// Opens a case for a household found by monitoring. It waits for the people's agreement before anything is
/// checked (DB57 art. 9). The household's open case again if it has one.
///
/// The caller has authorised the outcome of the task that leads here.
pub async fn open_from_alert(
    cx: &Cx,
    household: HouseholdId,
    person: Option<PersonId>,
    alert_task: &str,
) -> Result<CaseNo> {
    let found = household_of(cx, household).await?;
    let applicant = person
        .and_then(|id| found.members.iter().find(|m| m.id == id))
        .or_else(|| found.head.and_then(|id| found.members.iter().find(|m| m.id == id)))
        // A child does not apply for itself: the eldest adult, else whoever there is.
        .filter(|m| draft::is_adult(m, cx.today()))
        .or_else(|| found.members.iter().find(|m| draft::is_adult(m, cx.today())))
        .or_else(|| found.members.first())
        .cloned()
        .ok_or_else(|| CaseError::NotFound { kind: "member of household", id: household.to_string() })?;
    let task = Some(alert_task.to_owned());
    open(cx, applicant, household, CaseState::AwaitingConsent, NextStep::Consent, task, Channel::Alert).await
}

async fn open(
    cx: &Cx,
    applicant: Person,
    household: HouseholdId,
    state: CaseState,
    next: NextStep,
    alert_task: Option<String>,
    channel: Channel,
) -> Result<CaseNo> {
    if let Some(case) = open_case_of(cx, household).await? {
        return Ok(case);
    }
    let members = household_of(cx, household).await?.members.len();
    let cx2 = cx.clone();
    let opened = change(cx, "case.open", format!("household:{household}"), "", move |tx| {
        Box::pin(async move {
            let cx = cx2;
            // Somebody may have opened one since: two doors, one case.
            if let Some(case) = open_case_in(tx.conn(), household).await? {
                let entry = cx.entry("case.reopen_draft", case.subject(), &applicant.region_code, json!({}));
                return Ok(Recorded::new(case, entry));
            }
            let year = cx.today().year();
            let number = next_number(tx, &format!("case:{year}")).await?;
            let case = CaseNo::new(&cx.pack.info.case_prefix, year, number);
            let mut file = blank(&cx, &case, household, &applicant, members as i32);
            file.channel = channel.id().to_owned();
            file.alert_task = alert_task;
            put(&cx, &mut file, state, next)?;
            let active: case_file::ActiveModel = file.clone().into();
            case_file::Entity::insert(active.reset_all_set()).exec_without_returning(tx.conn()).await?;
            let mut fields = Fields::new();
            if let Some(phone) = &applicant.phone {
                fields.insert("phone".to_owned(), phone.clone());
            }
            save_typed(tx, &cx, &case.0, "open", &fields).await?;
            tuodi_registry::note_look_ups(tx, &[household]).await?;
            tell(tx, &cx, &file, "case.open", None, json!({ "door": channel.id() })).await?;
            let entry = cx.entry(
                "case.open",
                case.subject(),
                &file.region_code,
                json!({ "household": household.0, "channel": channel.id(), "task": file.alert_task }),
            );
            Ok(Recorded::new(case, entry))
        })
    })
    .await;
    match opened {
        // Both doors at the same moment: the index let one through.
        Err(CaseError::Store(error)) if error.is_duplicate() => {
            open_case_of(cx, household).await?.ok_or(CaseError::Store(error))
        }
        other => other,
    }
}

/// A model's values as values to insert.
trait ResetAllSet {
    fn reset_all_set(self) -> Self;
}

impl ResetAllSet for case_file::ActiveModel {
    fn reset_all_set(self) -> Self {
        use sea_orm::ActiveModelTrait;
        self.reset_all()
    }
}

pub(crate) fn blank(
    cx: &Cx,
    case: &CaseNo,
    household: HouseholdId,
    applicant: &Person,
    members: i32,
) -> case_file::Model {
    case_file::Model {
        case_no: case.0.clone(),
        state: CaseState::Draft.id().to_owned(),
        next_step: NextStep::FillIn.id().to_owned(),
        is_open: true,
        waits: true,
        channel: cx.channel.id().to_owned(),
        household_id: household.0,
        applicant_id: applicant.id.0,
        members,
        region_code: applicant.region_code.clone(),
        township: at_level(&applicant.region_code, RegionLevel::Township),
        county: at_level(&applicant.region_code, RegionLevel::County),
        tier: None,
        programme: None,
        monthly: None,
        step_due: None,
        total_due: None,
        due_on: NOTHING_DUE,
        submitted_on: None,
        accepted_on: None,
        decided_on: None,
        decided_days: None,
        checked: false,
        visited: false,
        assignee: None,
        raised: None,
        step_since: Some(cx.today()),
        noted: true,
        kept_out: None,
        alert_task: None,
        version: 1,
        opened_at: cx.at(),
        updated_at: cx.at(),
    }
}

pub(crate) fn is_being_filled(state: CaseState) -> bool {
    matches!(state, CaseState::Draft | CaseState::AwaitingConsent | CaseState::Returned)
}

/// Saves one step as typed, whatever its mistakes, and says which they are.
///
/// Everything is read before the writer's turn: saving compares the version, so that a change in between is a conflict
/// and not an overwrite, and the one writer of SQLite is kept for writing.
pub async fn save_step(cx: &Cx, case: &CaseNo, version: i32, step: &str, fields: Fields) -> Result<Saved> {
    let form = OpenForm::load(cx.store.read(), case).await?;
    let household = HouseholdId(form.household_id);
    cx.authorise_case(Act::Apply, &case.0, household, &form.region_code)?;
    if form.version != version {
        return Err(CaseError::Conflict { case: case.clone() });
    }
    let state = state_in(&form.state);
    if !is_being_filled(state) {
        return Err(CaseError::WrongStage { case: case.clone(), found: state, event: Event::Submit });
    }
    let members = match draft::asks_each_member(step) {
        true => household_of(cx, household).await?.members,
        false => Vec::new(),
    };
    let mut all = form.typed(cx.store.keys())?;
    all.extend(fields);
    let problems = draft::step_problems(step, &all, &members, cx.today());
    let (cx2, case2, step2) = (cx.clone(), case.clone(), step.to_owned());
    let version = change(cx, "case.save", case.subject(), "", move |tx| {
        Box::pin(async move {
            let version = save_form(tx, &cx2, &form, &step2, &all).await?;
            let entry = cx2.entry("case.save", case2.subject(), &form.region_code, json!({ "step": step2 }));
            Ok(Recorded::new(version, entry))
        })
    })
    .await?;
    Ok(Saved { version, errors: problems })
}

/// Submits the form. Complete, it is accepted at once and the statutory clock starts (day 0); otherwise the answer
/// says what is missing. All mistakes of the form come back together, and nothing changes.
pub async fn submit(cx: &Cx, case: &CaseNo, version: i32, key: &str) -> Result<Submitted> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::Apply, &file, Vec::new())?;
    let household = household_of(cx, HouseholdId(file.household_id)).await?;
    let applicant = file.applicant_id;
    // Read before the writer's turn: what was on file before this form.
    let before = typed(cx.store.read(), cx.store.keys(), &case.0).await?;
    let on_file = known::gather(cx, &file, &household, &before).await?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.submit", case.subject(), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut file = load_at(tx, &case2, version).await?;
            let from = state_of(&file);
            let to = moved(&file, Event::Submit)?;
            let fields = typed(tx.conn(), tx.keys(), &case2.0).await?;
            let (declared, problems) = draft::read(&fields, &household.members, cx.today());
            if !problems.is_empty() {
                return Err(CaseError::Invalid(problems));
            }
            store_declared(tx, &cx, &case2, &declared).await?;
            let (kept, corrected) = known::keep(tx, &case2, &on_file, &fields).await?;
            store_contact(tx, &file, &fields).await?;
            let kin = fields.get(draft::RELATIVE).is_some_and(|said| said == "yes");
            kin::from_form(tx, &cx, &file, kin).await?;
            file.submitted_on = Some(cx.today());
            file.members = draft::living_here(&fields, &household.members).len() as i32;
            let missing = missing(tx, &cx, &file, &household).await?;
            let next = if missing.iter().any(|m| matches!(m, Missing::Consent(_))) {
                NextStep::Consent
            } else {
                NextStep::Accept
            };
            put(&cx, &mut file, to, next)?;
            let details = json!({
                "missing": missing.len(), "facts": declared.len(), "kept": kept, "corrected": corrected, "kin": kin,
            });
            let mut recorded = finish(tx, &cx, file, from, "case.submit", details, Clone::clone).await?;
            if missing.is_empty() {
                let mut submitted = None;
                recorded = recorded.map(|file| {
                    submitted = Some(file.clone());
                    file
                });
                if let Some(file) = submitted {
                    recorded = chain(recorded, accept_in(tx, &cx, file, &name_in(&household, applicant)).await?);
                }
            }
            Ok(recorded.map(|file| Submitted {
                case: case_no(&file),
                state: state_of(&file),
                version: file.version,
                due: file.total_due,
                missing,
            }))
        })
    })
    .await
}

/// The later change's value with both changes' journal entries.
fn chain(
    first: Recorded<case_file::Model>,
    second: (case_file::Model, Vec<tuodi_store::Entry>),
) -> Recorded<case_file::Model> {
    let (file, entries) = second;
    entries.into_iter().fold(first.map(|_| file), Recorded::and)
}

async fn missing(tx: &Tx, cx: &Cx, file: &case_file::Model, household: &Household) -> Result<Vec<Missing>> {
    let mut missing: Vec<Missing> = adults_without_consent(tx.conn(), tx.keys(), cx, file, household)
        .await?
        .into_iter()
        .map(Missing::Consent)
        .collect();
    if cx.pack.regions.get(&file.region_code).is_none() {
        missing.push(Missing::Region);
    }
    Ok(missing)
}

pub(crate) async fn store_declared(tx: &Tx, cx: &Cx, case: &CaseNo, declared: &[draft::Declared]) -> Result<()> {
    declared_fact::Entity::delete_many()
        .filter(declared_fact::Column::CaseNo.eq(case.as_str()))
        .exec(tx.conn())
        .await?;
    let rows = declared.iter().map(|fact| declared_fact::ActiveModel {
        case_no: Set(case.0.clone()),
        person_id: Set(fact.person.map(|p| p.0)),
        name: Set(fact.name.clone()),
        value: Set(fact.value.map(|v| tx.keys().seal("declared_fact.value", &v.to_string()))),
        declared_on: Set(cx.today()),
        ..Default::default()
    });
    declared_fact::Entity::insert_many(rows).exec_without_returning(tx.conn()).await?;
    Ok(())
}

/// Phone and account go to the register of people, sealed there.
pub(crate) async fn store_contact(tx: &Tx, file: &case_file::Model, fields: &Fields) -> Result<()> {
    let applicant = PersonId(file.applicant_id);
    let text = |name: &str| fields.get(name).map_or("", |v| v.trim());
    if !text("phone").is_empty() {
        tuodi_registry::set_phone(tx, applicant, Some(&draft::phone_digits(text("phone")))).await?;
    }
    if !text("account").is_empty() {
        let account = Account { bank: text("bank").to_owned(), number: draft::account_digits(text("account")) };
        tuodi_registry::set_account(tx, applicant, Some(&account)).await?;
    }
    Ok(())
}

/// Acts recorded for a case, oldest first.
pub(crate) async fn events_of(cx: &Cx, case: &str) -> Result<Vec<case_event::Model>> {
    Ok(case_event::Entity::find()
        .filter(Condition::all().add(case_event::Column::CaseNo.eq(case)))
        .order_by_asc(case_event::Column::Id)
        .all(cx.store.read())
        .await?)
}
