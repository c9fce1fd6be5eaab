//! The work queue: what is due first, within the actor's region, a page at a time.

use crate::{
    CaseNo, CaseState, Channel, Cx, NextStep,
    application::at_level,
    change::{NOTHING_DUE, load},
    error::Result,
    scope,
    tables::case_file,
    work,
};
use chrono::{Days, NaiveDate};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{CaseStatement, Expr, ExprTrait},
};
use tuodi_access::{Act, Role, looks};
use tuodi_pack::{Fen, HouseholdId, PersonId, Text, region::RegionLevel};
use tuodi_store::Page;

/// The everyday cuts of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Cut {
    #[default]
    All,
    /// Taken by me.
    Mine,
    /// The next step is my role's.
    Unit,
    /// Due today or overdue within three days from now.
    Due,
    Overdue,
    /// Waits for the applicant or for a date.
    Waiting,
    /// Late, and come up to my level.
    Raised,
}

impl Cut {
    pub const ALL: [Cut; 7] = [Cut::All, Cut::Mine, Cut::Unit, Cut::Due, Cut::Overdue, Cut::Waiting, Cut::Raised];

    pub fn id(self) -> &'static str {
        match self {
            Cut::All => "all",
            Cut::Mine => "mine",
            Cut::Unit => "unit",
            Cut::Due => "due",
            Cut::Overdue => "overdue",
            Cut::Waiting => "waiting",
            Cut::Raised => "raised",
        }
    }

    pub fn from_id(id: &str) -> Option<Cut> {
        Cut::ALL.into_iter().find(|c| c.id() == id)
    }
}

/// Whom a case waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WaitsFor {
    Applicant,
    Township,
    CheckCentre,
    District,
    /// The days of a publicity.
    Date,
}

impl WaitsFor {
    pub const ALL: [WaitsFor; 5] =
        [WaitsFor::Applicant, WaitsFor::Township, WaitsFor::CheckCentre, WaitsFor::District, WaitsFor::Date];

    pub fn id(self) -> &'static str {
        match self {
            WaitsFor::Applicant => "applicant",
            WaitsFor::Township => "township",
            WaitsFor::CheckCentre => "check_centre",
            WaitsFor::District => "district",
            WaitsFor::Date => "date",
        }
    }

    pub fn from_id(id: &str) -> Option<WaitsFor> {
        WaitsFor::ALL.into_iter().find(|w| w.id() == id)
    }

    /// The steps that are theirs.
    fn steps(self) -> impl Iterator<Item = NextStep> {
        let whose = |step: NextStep| match step.role() {
            _ if step == NextStep::WaitPublicity => Some(WaitsFor::Date),
            "R01" => Some(WaitsFor::Applicant),
            "R05" | "R06" => Some(WaitsFor::Township),
            "R09" => Some(WaitsFor::CheckCentre),
            "R07" | "R08" => Some(WaitsFor::District),
            _ => None,
        };
        NextStep::ALL.iter().copied().filter(move |step| whose(*step) == Some(self))
    }
}

#[derive(Debug, Clone, Default)]
pub struct QueueFilter {
    pub cut: Cut,
    pub state: Option<CaseState>,
    pub next_step: Option<NextStep>,
    pub waits_for: Option<WaitsFor>,
    pub programme: Option<String>,
    pub channel: Option<Channel>,
    /// Case number, name, initials of a name, the last four of a citizen number, or part of an address.
    pub search: String,
    /// Finished cases and recipients too.
    pub closed: bool,
    /// First page is 1.
    pub page: u64,
    /// 0 stands for 25.
    pub per_page: u64,
}

impl QueueFilter {
    fn paging(&self) -> (u64, u64) {
        let per_page = if self.per_page == 0 { 25 } else { self.per_page };
        (Ord::max(self.page, 1), Ord::min(per_page, 100))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueRow {
    pub case: CaseNo,
    /// Not masked: the queue is for those who handle the cases.
    pub applicant: String,
    pub members: i32,
    pub region_code: String,
    pub region: Text,
    pub state: CaseState,
    pub next_step: NextStep,
    pub channel: Channel,
    /// Proposed or decided; before that what the engine found.
    pub programme: Option<String>,
    pub monthly: Option<Fen>,
    pub due_on: Option<NaiveDate>,
    pub total_due: Option<NaiveDate>,
    /// Working days from acceptance to that day: more than the usual where the limit was made longer.
    pub total_days: Option<i64>,
    /// Working days since acceptance, while the clock runs.
    pub used_days: Option<i64>,
    pub overdue: bool,
    pub assignee: Option<String>,
    /// Late, and told to: township (its leader), district.
    pub raised: Option<String>,
    /// Since when the statutory clock does not run, where it does not.
    pub stopped: Option<NaiveDate>,
    pub version: i32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromQueryResult)]
pub struct QueueCounts {
    pub all: i64,
    pub mine: i64,
    pub unit: i64,
    pub due: i64,
    pub overdue: i64,
    pub waiting: i64,
    pub raised: i64,
}

/// Steps that a role takes.
fn steps_of(role: &str) -> Vec<&'static str> {
    NextStep::ALL
        .iter()
        .filter(|s| s.role() == role || (role == "R05" && **s == NextStep::RunCheck))
        .map(|s| s.id())
        .collect()
}

fn cut_filter(cx: &Cx, cut: Cut, mine: &[String]) -> Condition {
    use case_file::Column as C;
    let condition = Condition::all();
    match cut {
        Cut::All => condition,
        Cut::Mine => condition.add(C::Assignee.is_in(mine)),
        Cut::Unit => condition.add(C::NextStep.is_in(steps_of(cx.actor.role.id()))),
        Cut::Due => condition.add(C::DueOn.lte(cx.today() + Days::new(3))),
        Cut::Overdue => condition.add(C::DueOn.lt(cx.today())).add(C::Waits.eq(false)),
        Cut::Waiting => condition.add(C::Waits.eq(true)),
        Cut::Raised => condition.add(C::Raised.is_in(work::raised_to(cx.actor.role).iter().copied())),
    }
}

pub(crate) async fn search_filter(cx: &Cx, search: &str) -> Result<Condition> {
    use case_file::Column as C;
    if let Ok(case) = search.parse::<CaseNo>() {
        return Ok(Condition::all().add(C::CaseNo.eq(case.0)));
    }
    cx.authorise_region(Act::SearchPeople, "queue", "", &cx.actor.region)?;
    let people = tuodi_registry::find(&cx.store, search, &cx.actor.region, 50).await?;
    let households = tuodi_registry::look_up(&cx.store, search, &cx.actor.region).await?;
    // Searches by name or number are looks; the words searched for stay out of the log.
    looks::record(&cx.store, &cx.actor, "people:search", "work queue", cx.at()).await?;
    Ok(Condition::any()
        .add(C::ApplicantId.is_in(people.iter().map(|p| p.0)))
        .add(C::HouseholdId.is_in(households.iter().map(|h| h.0))))
}

/// One page of the queue, what is due first; stable by case number.
pub async fn queue(cx: &Cx, filter: &QueueFilter) -> Result<Page<QueueRow>> {
    use case_file::Column as C;
    cx.authorise_region(Act::ViewQueue, "queue", "", &cx.actor.region)?;
    let (page, per_page) = filter.paging();
    let mine = work::own_and_stood_in(cx).await?;
    let mut query =
        case_file::Entity::find().filter(scope::cases_in(&cx.actor.region)).filter(cut_filter(cx, filter.cut, &mine));
    let search = filter.search.trim();
    if search.is_empty() {
        if !filter.closed && filter.state.is_none_or(CaseState::is_open) {
            query = query.filter(C::IsOpen.eq(true));
        }
    } else {
        query = query.filter(search_filter(cx, search).await?);
    }
    if let Some(state) = filter.state {
        query = query.filter(C::State.eq(state.id()));
    }
    if let Some(step) = filter.next_step {
        query = query.filter(C::NextStep.eq(step.id()));
    }
    if let Some(whom) = filter.waits_for {
        query = query.filter(C::NextStep.is_in(whom.steps().map(NextStep::id)));
    }
    if let Some(programme) = &filter.programme {
        query = query.filter(C::Programme.eq(programme.as_str()));
    }
    if let Some(channel) = filter.channel {
        query = query.filter(C::Channel.eq(channel.id()));
    }
    let total = query.clone().count(cx.store.read()).await?;
    let files = query
        .order_by_asc(C::DueOn)
        .order_by_asc(C::CaseNo)
        .offset(Page::<()>::offset(page, per_page))
        .limit(per_page)
        .all(cx.store.read())
        .await?;
    Ok(Page { rows: named(cx, files).await?, total, page, per_page })
}

/// Submitted and back with the household: the statutory days do not run (DB57 art. 10, 22).
fn stops_the_clock(state: CaseState) -> bool {
    matches!(state, CaseState::Returned | CaseState::AwaitingConsent)
}

pub(crate) fn row_of(cx: &Cx, file: case_file::Model, applicant: String) -> Result<QueueRow> {
    let state = crate::change::state_of(&file);
    let (mut used_days, mut total_days) = (None, None);
    if let Some(day) = file.accepted_on.filter(|_| state.is_running()) {
        used_days = Some(cx.pack.calendar.working_days_between(day, cx.today())?);
        total_days = file.total_due.map(|due| cx.pack.calendar.working_days_between(day, due)).transpose()?;
    }
    Ok(QueueRow {
        region: region_name(cx, &file.region_code),
        case: CaseNo(file.case_no),
        applicant,
        members: file.members,
        region_code: file.region_code,
        state,
        next_step: NextStep::from_id(&file.next_step).unwrap_or(NextStep::Done),
        channel: Channel::from_id(&file.channel).unwrap_or(Channel::System),
        programme: file.programme.or(file.tier),
        monthly: file.monthly.map(Fen),
        due_on: (file.due_on != NOTHING_DUE).then_some(file.due_on),
        total_due: file.total_due.filter(|_| state.is_running()),
        total_days,
        used_days,
        overdue: file.is_open && file.due_on < cx.today(),
        assignee: file.assignee,
        raised: file.raised,
        stopped: file.step_since.filter(|_| stops_the_clock(state)),
        version: file.version,
    })
}

/// The village's name; the code where the pack does not know it.
pub(crate) fn region_name(cx: &Cx, code: &str) -> Text {
    cx.pack.regions.get(code).map_or_else(|| Text::new(code, code), |r| r.name.clone())
}

/// These cases as the list shows them, in the order asked for; what is not of the actor's region is left out.
pub async fn rows_of(cx: &Cx, cases: &[CaseNo]) -> Result<Vec<QueueRow>> {
    cx.authorise_region(Act::ViewQueue, "queue", "", &cx.actor.region)?;
    let files = case_file::Entity::find()
        .filter(scope::cases_in(&cx.actor.region))
        .filter(case_file::Column::CaseNo.is_in(cases.iter().map(|case| case.as_str())))
        .all(cx.store.read())
        .await?;
    let mut rows = named(cx, files).await?;
    rows.sort_by_key(|row| cases.iter().position(|case| *case == row.case));
    Ok(rows)
}

async fn named(cx: &Cx, files: Vec<case_file::Model>) -> Result<Vec<QueueRow>> {
    let ids: Vec<PersonId> = files.iter().map(|f| PersonId(f.applicant_id)).collect();
    let people = tuodi_registry::persons(&cx.store, &ids).await?;
    let name = |file: &case_file::Model| people.get(&PersonId(file.applicant_id)).map(|p| p.name.clone());
    files
        .into_iter()
        .map(|file| {
            let name = name(&file).unwrap_or_default();
            row_of(cx, file, name)
        })
        .collect()
}

/// How many cases each cut holds.
pub async fn queue_counts(cx: &Cx) -> Result<QueueCounts> {
    cx.authorise_region(Act::ViewQueue, "queue", "", &cx.actor.region)?;
    let mine = work::own_and_stood_in(cx).await?;
    let count = |cut: Cut| {
        let when = CaseStatement::new().case(cut_filter(cx, cut, &mine), 1i64).finally(0i64);
        // SUM of bigint is numeric on PostgreSQL; an empty scope sums to null.
        Expr::expr(Expr::expr(when).sum().cast_as("BIGINT")).if_null(0i64)
    };
    let counts = case_file::Entity::find()
        .select_only()
        .column_as(case_file::Column::CaseNo.count(), "all")
        .column_as(count(Cut::Mine), "mine")
        .column_as(count(Cut::Unit), "unit")
        .column_as(count(Cut::Due), "due")
        .column_as(count(Cut::Overdue), "overdue")
        .column_as(count(Cut::Waiting), "waiting")
        .column_as(count(Cut::Raised), "raised")
        .filter(scope::cases_in(&cx.actor.region))
        .filter(case_file::Column::IsOpen.eq(true))
        .into_model::<QueueCounts>()
        .one(cx.store.read())
        .await?;
    Ok(counts.unwrap_or_default())
}

/// One's own household's cases, newest first: the citizen's page. A proxy's is the one of the mandate.
pub async fn own_cases(cx: &Cx) -> Result<Vec<QueueRow>> {
    let Some(household) = cx.actor.household else { return Ok(Vec::new()) };
    if cx.actor.role != Role::Proxy {
        return cases_of_household(cx, household).await;
    }
    let Some(case) = cx.actor.entrusted.as_ref().and_then(|entrusted| entrusted.case.as_deref()) else {
        return Ok(Vec::new());
    };
    let file = load(cx.store.read(), &CaseNo(case.to_owned())).await?;
    cx.authorise(Act::ViewCase, &file, Vec::new())?;
    named(cx, vec![file]).await
}

/// A household's cases, newest first.
pub async fn cases_of_household(cx: &Cx, household: HouseholdId) -> Result<Vec<QueueRow>> {
    let files = case_file::Entity::find()
        .filter(case_file::Column::HouseholdId.eq(household.0))
        .order_by_desc(case_file::Column::OpenedAt)
        .order_by_desc(case_file::Column::CaseNo)
        .all(cx.store.read())
        .await?;
    let ids: Vec<PersonId> = files.iter().map(|f| PersonId(f.applicant_id)).collect();
    let people = tuodi_registry::persons(&cx.store, &ids).await?;
    let mut rows = Vec::with_capacity(files.len());
    for file in files {
        cx.authorise(Act::ViewCase, &file, Vec::new())?;
        let name = people.get(&PersonId(file.applicant_id)).map(|p| p.name.clone()).unwrap_or_default();
        rows.push(row_of(cx, file, name)?);
    }
    Ok(rows)
}

/// The actor's county, for pages of the whole county.
pub fn county_of(cx: &Cx) -> String {
    at_level(&cx.actor.region, RegionLevel::County)
}
