//! Matters as the household's page and the department's desk show them.

use super::{
    MatterState,
    answer::ANSWER,
    choose::{following, is_recognised, rows_of},
    seats::{accounts_of, department_of},
    tables::matter,
};
use crate::{
    CaseError, CaseNo, CaseState, Cx,
    application::{household_of, name_in},
    change::{load, state_of},
    error::Result,
    scope::range,
    tables::case_file,
};
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use tuodi_access::{Act, Denied, DeniedWhy, Resource, Role, Sensitivity, looks};
use tuodi_pack::{HouseholdId, services::Consent};
use tuodi_registry::Person;
use tuodi_store::{Keys, Page};

/// A matter of a case; one that nobody proposed has no state yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatterRow {
    /// Of the pack.
    pub matter: String,
    pub department: String,
    /// It needs the household's own tick; else departments go by a list.
    pub asks: bool,
    pub state: Option<MatterState>,
    pub forwarded_on: Option<NaiveDate>,
    pub due_on: Option<NaiveDate>,
    pub ended_on: Option<NaiveDate>,
    /// The department's words.
    pub answer: String,
}

/// Every matter that may follow, and whether the actor may choose for the household.
#[derive(Debug, Clone)]
pub struct Matters {
    pub rows: Vec<MatterRow>,
    pub may_choose: bool,
}

fn words(keys: &Keys, row: &matter::Model) -> Result<String> {
    Ok(row.answer.as_ref().map(|sealed| keys.open(ANSWER, sealed)).transpose()?.unwrap_or_default())
}

/// Every matter that may follow from a case, in the pack's order.
pub async fn matters_of(cx: &Cx, case: &CaseNo) -> Result<Matters> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::ViewCase, &file, Vec::new())?;
    looks::record(&cx.store, &cx.actor, &case.subject(), "matters", cx.at()).await?;
    let rows = rows_of(cx.store.read(), &case.0).await?;
    let may_choose = cx.authorise(Act::Apply, &file, Vec::new()).is_ok();
    let rows = following(cx)
        .map(|of| {
            let row = rows.iter().find(|row| row.matter == of.id);
            Ok(MatterRow {
                matter: of.id.clone(),
                department: of.department.clone(),
                asks: of.consent == Consent::Tick,
                state: row.and_then(|row| MatterState::from_id(&row.state)),
                forwarded_on: row.and_then(|row| row.forwarded_on),
                due_on: row.and_then(|row| row.due_on),
                ended_on: row.and_then(|row| row.ended_on),
                answer: row.map(|row| words(cx.store.keys(), row)).transpose()?.unwrap_or_default(),
            })
        })
        .collect::<Result<_>>()?;
    Ok(Matters { rows, may_choose })
}

/// One line of a department's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskRow {
    pub id: i64,
    pub matter: String,
    pub case: CaseNo,
    pub applicant: String,
    pub region_code: String,
    pub state: MatterState,
    pub forwarded_on: Option<NaiveDate>,
    pub due_on: Option<NaiveDate>,
    pub overdue: bool,
}

/// What a department has to do, or has done.
#[derive(Debug, Clone)]
pub struct Desk {
    pub department: String,
    pub rows: Page<DeskRow>,
    pub open: u64,
    pub overdue: u64,
}

fn no_seat() -> CaseError {
    CaseError::Denied(Box::new(Denied {
        act: Act::ViewQueue,
        why: DeniedWhy::NotAssigned,
        policy: None,
        who_can: vec![Role::DepartmentOfficer],
    }))
}

const PER_PAGE: u64 = 25;

/// The matters of the actor's own department, due first. `closed`: those that were answered, newest first.
pub async fn desk_matters(cx: &Cx, closed: bool, page: u64) -> Result<Desk> {
    let region = &cx.actor.region;
    cx.authorise_region(Act::ViewQueue, "matters", "", region)?;
    let department = department_of(cx, &cx.actor.account).await?.ok_or_else(no_seat)?;
    let conn = cx.store.read();
    let (first, last) = range(region);
    let mine = || {
        matter::Entity::find()
            .filter(matter::Column::RegionCode.between(first.as_str(), last.as_str()))
            .filter(matter::Column::Department.eq(department.as_str()))
    };
    let open = [MatterState::Forwarded.id(), MatterState::Accepted.id()];
    let ended = [MatterState::Done.id(), MatterState::Refused.id()];
    let found = match closed {
        true => mine().filter(matter::Column::State.is_in(ended)).order_by_desc(matter::Column::EndedOn),
        false => mine().filter(matter::Column::State.is_in(open)).order_by_asc(matter::Column::DueOn),
    };
    let found = found.order_by_asc(matter::Column::Id).paginate(conn, PER_PAGE);
    let total = found.num_items().await?;
    let mut rows = Vec::new();
    for row in found.fetch_page(page.max(1) - 1).await? {
        let file = load(conn, &CaseNo(row.case_no.clone())).await?;
        let household = household_of(cx, HouseholdId(row.household_id)).await?;
        let state = MatterState::from_id(&row.state).unwrap_or(MatterState::Forwarded);
        rows.push(DeskRow {
            id: row.id,
            applicant: name_in(&household, file.applicant_id),
            region_code: row.region_code,
            overdue: state.is_with_department() && row.due_on.is_some_and(|d| d < cx.today()),
            matter: row.matter,
            case: CaseNo(row.case_no),
            state,
            forwarded_on: row.forwarded_on,
            due_on: row.due_on,
        });
    }
    looks::record(&cx.store, &cx.actor, &format!("matters:{department}"), "matters", cx.at()).await?;
    let late = mine().filter(matter::Column::State.is_in(open)).filter(matter::Column::DueOn.lt(cx.today()));
    Ok(Desk {
        open: mine().filter(matter::Column::State.is_in(open)).count(conn).await?,
        overdue: late.count(conn).await?,
        rows: Page { rows, total, page: page.max(1), per_page: PER_PAGE },
        department,
    })
}

/// A matter with what its department needs to know, and no more.
#[derive(Debug, Clone)]
pub struct MatterCard {
    pub row: DeskRow,
    pub applicant: Person,
    pub members: i32,
    /// What was decided, while it holds.
    pub tier: Option<String>,
    /// Decided against, or ended.
    pub ended: bool,
    pub taken_on: Option<NaiveDate>,
    pub ended_on: Option<NaiveDate>,
    pub answer: String,
    pub may_answer: bool,
}

/// A matter for the accounts of its department.
pub(super) async fn of_department(cx: &Cx, id: i64, act: Act) -> Result<(matter::Model, case_file::Model)> {
    let row = matter::Entity::find_by_id(id).one(cx.store.read()).await?;
    let row = row.ok_or_else(|| CaseError::NotFound { kind: "matter", id: id.to_string() })?;
    let seated = accounts_of(cx.store.read(), &row.department).await?;
    let owner = HouseholdId(row.household_id);
    let resource = Resource::of_household("matter", id.to_string(), &row.region_code, owner, Sensitivity::Personal)
        .assigned_to(seated);
    cx.access.authorise(&cx.actor, act, &resource, "matter")?;
    // What was never forwarded is no department's business.
    if row.forwarded_on.is_none() {
        return Err(CaseError::NotFound { kind: "matter", id: id.to_string() });
    }
    let file = load(cx.store.read(), &CaseNo(row.case_no.clone())).await?;
    Ok((row, file))
}

/// One matter of the actor's own department. The look is logged under the case.
pub async fn matter(cx: &Cx, id: i64) -> Result<MatterCard> {
    let (row, file) = of_department(cx, id, Act::ViewCase).await?;
    looks::record(&cx.store, &cx.actor, &format!("case:{}", row.case_no), &format!("matter {}", row.matter), cx.at())
        .await?;
    let household = household_of(cx, HouseholdId(row.household_id)).await?;
    let applicant = household.members.iter().find(|m| m.id.0 == file.applicant_id).cloned();
    let applicant =
        applicant.ok_or_else(|| CaseError::NotFound { kind: "person", id: file.applicant_id.to_string() })?;
    let state = MatterState::from_id(&row.state).unwrap_or(MatterState::Forwarded);
    Ok(MatterCard {
        members: file.members,
        tier: is_recognised(state_of(&file)).then(|| file.programme.clone()).flatten(),
        ended: matches!(state_of(&file), CaseState::Refused | CaseState::Terminated),
        taken_on: row.taken_on,
        ended_on: row.ended_on,
        answer: words(cx.store.keys(), &row)?,
        may_answer: state.is_with_department() && of_department(cx, id, Act::AnswerMatter).await.is_ok(),
        row: DeskRow {
            id,
            applicant: applicant.name.clone(),
            region_code: row.region_code,
            overdue: state.is_with_department() && row.due_on.is_some_and(|d| d < cx.today()),
            matter: row.matter,
            case: CaseNo(row.case_no),
            state,
            forwarded_on: row.forwarded_on,
            due_on: row.due_on,
        },
        applicant,
    })
}
