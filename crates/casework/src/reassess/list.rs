//! Which assessments are due: the list of a desk, one task, those of a case.

use super::{assess::load_task, resource};
use crate::{
    CaseNo, CaseState, Cx,
    application::applicant_of,
    change::{load, state_of},
    error::Result,
    kin,
    queue::region_name,
    scope,
    tables::reassessment,
};
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use tuodi_access::{Act, Role, looks};
use tuodi_pack::{HouseholdId, PersonId, Text, reassess::Occasion};
use tuodi_store::Page;

/// Which of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DueCut {
    /// To be made now.
    #[default]
    Now,
    Late,
    /// Given to me.
    Mine,
    /// Those of recipients too that are months away.
    All,
}

impl DueCut {
    pub const ALL: [DueCut; 4] = [DueCut::Now, DueCut::Late, DueCut::Mine, DueCut::All];

    pub fn id(self) -> &'static str {
        match self {
            DueCut::Now => "now",
            DueCut::Late => "late",
            DueCut::Mine => "mine",
            DueCut::All => "all",
        }
    }

    pub fn from_id(id: &str) -> Option<DueCut> {
        DueCut::ALL.into_iter().find(|cut| cut.id() == id)
    }
}

#[derive(Debug, Clone, Default)]
pub struct DueFilter {
    pub cut: DueCut,
    pub occasion: Option<Occasion>,
    pub page: u64,
    /// 0 stands for 25.
    pub per_page: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueRow {
    pub id: i64,
    pub occasion: Occasion,
    pub case: CaseNo,
    /// Head of the household.
    pub name: String,
    pub region_code: String,
    pub region: Text,
    /// village, township, district
    pub desk: String,
    pub since: NaiveDate,
    pub due_on: NaiveDate,
    pub assignee: Option<String>,
    /// The day of the assessment that answered it, and what that was: visit, task, assessment.
    pub answered: Option<(NaiveDate, String)>,
    /// Nobody is assessed any more: the help or the case has ended.
    pub ended: bool,
}

/// One task, with what whoever goes there needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub row: DueRow,
    pub applicant: String,
    pub address: String,
    pub phone: String,
    pub state: CaseState,
    /// The actor may record it.
    pub may_assess: bool,
}

fn cut(cx: &Cx, cut: DueCut) -> Condition {
    use reassessment::Column as C;
    let open = Condition::all().add(C::Outcome.is_null());
    match cut {
        DueCut::All => open,
        DueCut::Now => open.add(C::ShownOn.lte(cx.today())),
        DueCut::Late => open.add(C::DueOn.lt(cx.today())),
        DueCut::Mine => open.add(C::Assignee.eq(cx.actor.account.as_str())),
    }
}

/// One page, what is due first before. A third-party assessor sees what was given to them and no other.
pub async fn due_assessments(cx: &Cx, filter: &DueFilter) -> Result<Page<DueRow>> {
    use reassessment::Column as C;
    cx.authorise_region(Act::ViewQueue, "assessment", "", &cx.actor.region)?;
    let mut query = reassessment::Entity::find()
        .filter(scope::within(&cx.actor.region, C::RegionCode, C::Township, C::County))
        .filter(cut(cx, filter.cut));
    if cx.actor.role == Role::ThirdPartyAssessor {
        query = query.filter(C::Assignee.eq(cx.actor.account.as_str()));
    }
    if let Some(occasion) = filter.occasion {
        query = query.filter(C::Occasion.eq(occasion.id()));
    }
    let per_page = if filter.per_page == 0 { 25 } else { filter.per_page.min(100) };
    let page = filter.page.max(1);
    let total = query.clone().count(cx.store.read()).await?;
    let rows = query
        .order_by_asc(C::DueOn)
        .order_by_asc(C::Id)
        .offset(Page::<()>::offset(page, per_page))
        .limit(per_page)
        .all(cx.store.read())
        .await?;
    Ok(Page { rows: named(cx, rows).await?, total, page, per_page })
}

async fn named(cx: &Cx, rows: Vec<reassessment::Model>) -> Result<Vec<DueRow>> {
    let ids: Vec<HouseholdId> = rows.iter().map(|row| HouseholdId(row.household_id)).collect();
    let households = tuodi_registry::households(&cx.store, &ids).await?;
    let named = rows.into_iter().map(|row| {
        let name = households.get(&HouseholdId(row.household_id)).map(|h| h.head_name.clone());
        row_of(cx, row, name.unwrap_or_default())
    });
    Ok(named.collect())
}

fn row_of(cx: &Cx, row: reassessment::Model, name: String) -> DueRow {
    DueRow {
        id: row.id,
        // Only this room writes the column, from the same words.
        occasion: Occasion::from_id(&row.occasion).unwrap_or(Occasion::Change),
        case: CaseNo(row.case_no),
        name,
        region: region_name(cx, &row.region_code),
        region_code: row.region_code,
        desk: row.desk,
        since: row.since,
        due_on: row.due_on,
        assignee: row.assignee,
        ended: row.outcome.as_deref() == Some("ended"),
        answered: row.answered_on.zip(row.outcome),
    }
}

/// One task, opened for whoever may go there. A look.
pub async fn task(cx: &Cx, id: i64) -> Result<Task> {
    let row = load_task(cx.store.read(), id).await?;
    let file = load(cx.store.read(), &CaseNo(row.case_no.clone())).await?;
    let purpose = "six-dimension assessment";
    cx.access.authorise(&cx.actor, Act::ViewCase, &resource(&row, kin::kept_out(&file)), purpose)?;
    looks::record(&cx.store, &cx.actor, &crate::cx::case_no(&file).subject(), purpose, cx.at()).await?;
    let asked = cx.access.authorise(&cx.actor, Act::RecordVisit, &resource(&row, kin::kept_out(&file)), "casework");
    let may_assess = row.outcome.is_none() && asked.is_ok();
    let person = applicant_of(cx, PersonId(file.applicant_id)).await?;
    let row = named(cx, vec![row]).await?.remove(0);
    Ok(Task {
        row,
        applicant: person.name,
        address: person.address.unwrap_or_default(),
        phone: person.phone.unwrap_or_default(),
        state: state_of(&file),
        may_assess,
    })
}

/// Those of a case, newest first, for officers who may open it.
pub async fn due_of_case(cx: &Cx, case: &CaseNo) -> Result<Vec<DueRow>> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::ViewCase, &file, Vec::new())?;
    if cx.actor.role.is_citizen() {
        return Ok(Vec::new());
    }
    let rows = reassessment::Entity::find()
        .filter(reassessment::Column::CaseNo.eq(case.as_str()))
        .order_by_desc(reassessment::Column::Id)
        .all(cx.store.read())
        .await?;
    named(cx, rows).await
}
