//! The course of a case between the visit and the leader's signature: an officer's opinion on every case, or the platform
//! putting the clean ones before the leader (workflow.md 1, 3: transitions 11, 12, 14). Chosen by the pack, kept by the
//! case from its acceptance. Nothing is decided here: the leader signs, the board hangs, the district confirms.

mod compare;
mod guard;
pub(crate) mod migration;
pub(crate) mod tables;

pub use self::{
    compare::{Comparison, CourseFigures, Spread, compare_courses, course_workbook},
    guard::{CLEAN_CONDITIONS, CleanCondition},
};
pub(crate) use guard::{Clean, Judged};

use crate::{
    Channel, Cx, Event, NextStep,
    change::{moved, put, tell, typed},
    cx::case_no,
    difference::{Difference, UnknownFact},
    error::Result,
    review::{self, Proposal},
    tables::{appeal, case_course, case_event, case_file, kin, objection, opinion, visit, voice},
};
use chrono::NaiveDate;
use guard::Facts;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, sea_query::OnConflict,
};
use serde_json::json;
use tuodi_access::Actor;
use tuodi_pack::{CheckResult, workflow::Course};
use tuodi_store::{Entry, Tx};

/// The course of a case as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CourseView {
    pub course: Course,
    /// None before the first check.
    pub clean: Option<bool>,
    pub conditions: Vec<CleanCondition>,
    pub forward_on: Option<NaiveDate>,
}

/// A case keeps the course that the pack names when it is accepted.
pub(crate) async fn begin(tx: &Tx, cx: &Cx, file: &case_file::Model) -> Result<()> {
    insert(tx, &file.case_no, cx.pack.workflow.flow.course).await
}

async fn insert(tx: &Tx, case: &str, course: Course) -> Result<()> {
    let row = case_course::ActiveModel {
        case_no: Set(case.to_owned()),
        course: Set(course.id().to_owned()),
        clean: Set(None),
        conditions: Set(json!([])),
        judged_on: Set(None),
        forward_on: Set(None),
    };
    let once = OnConflict::column(case_course::Column::CaseNo).do_nothing().to_owned();
    case_course::Entity::insert(row).on_conflict(once).exec_without_returning(tx.conn()).await?;
    Ok(())
}

async fn row_of(conn: &impl ConnectionTrait, case: &str) -> Result<Option<case_course::Model>> {
    Ok(case_course::Entity::find_by_id(case.to_owned()).one(conn).await?)
}

/// Of a case: cases accepted before there were courses have the six steps.
fn row_course(column: Option<&str>) -> Course {
    column.and_then(Course::from_id).unwrap_or_default()
}

pub(crate) async fn of_case(conn: &impl ConnectionTrait, case: &str) -> Result<CourseView> {
    let row = row_of(conn, case).await?;
    let course = row_course(row.as_ref().map(|row| row.course.as_str()));
    Ok(match row {
        Some(row) => CourseView {
            course,
            clean: row.clean,
            conditions: serde_json::from_value(row.conditions)?,
            forward_on: row.forward_on,
        },
        None => CourseView { course, clean: None, conditions: Vec::new(), forward_on: None },
    })
}

/// Answers the guard for a case just checked, keeps the answers, and says which course the case takes.
pub(crate) async fn judge(
    tx: &Tx,
    cx: &Cx,
    file: &case_file::Model,
    result: &CheckResult,
    differences: &[Difference],
    unknown: &[UnknownFact],
) -> Result<(Course, Judged)> {
    let case = file.case_no.as_str();
    let seen = visit::Entity::find()
        .filter(visit::Column::CaseNo.eq(case))
        .order_by_desc(visit::Column::Id)
        .one(tx.conn())
        .await?;
    let judged = guard::judge(&Facts {
        pack: &cx.pack,
        region: &file.region_code,
        result,
        differences,
        unknown,
        relative: relative(tx, case).await?,
        completeness: seen.filter(|_| file.visited).map(|v| u32::try_from(v.completeness).unwrap_or(0)),
        undisputed: undisputed(tx.conn(), case).await?,
    });
    insert(tx, case, Course::SixSteps).await?;
    let Some(row) = row_of(tx.conn(), case).await? else { return Ok((Course::SixSteps, judged)) };
    let course = row_course(Some(&row.course));
    let mut row = row.into_active_model();
    row.clean = Set(Some(judged.clean.is_some()));
    row.conditions = Set(serde_json::to_value(&judged.conditions)?);
    row.judged_on = Set(Some(cx.today()));
    case_course::Entity::update(row).exec(tx.conn()).await?;
    Ok((course, judged))
}

/// Whether the household is near kin of an officer (DB57 art. 11), as either side declared or the form says; none where it
/// was not asked.
async fn relative(tx: &Tx, case: &str) -> Result<Option<bool>> {
    if kin::Entity::find().filter(kin::Column::CaseNo.eq(case)).count(tx.conn()).await? > 0 {
        return Ok(Some(true));
    }
    let fields = typed(tx.conn(), tx.keys(), case).await?;
    Ok(match fields.get(crate::draft::RELATIVE).map(String::as_str) {
        Some("yes") => Some(true),
        Some("no") => Some(false),
        _ => None,
    })
}

/// A person has already taken the case in hand: sent it back, objected, appealed or complained. The platform does not
/// bring it up again over their heads.
async fn undisputed(conn: &impl ConnectionTrait, case: &str) -> Result<bool> {
    let sent_back = case_event::Entity::find()
        .filter(case_event::Column::CaseNo.eq(case))
        .filter(case_event::Column::Act.eq("case.send_back"));
    let refused =
        opinion::Entity::find().filter(opinion::Column::CaseNo.eq(case)).filter(opinion::Column::Agreed.eq(false));
    let objected = objection::Entity::find().filter(objection::Column::CaseNo.eq(case));
    let appealed = appeal::Entity::find().filter(appeal::Column::CaseNo.eq(case));
    let said = voice::Entity::find().filter(voice::Column::CaseNo.eq(case)).filter(voice::Column::State.eq("open"));
    Ok(sent_back.count(conn).await? == 0
        && refused.count(conn).await? == 0
        && objected.count(conn).await? == 0
        && appealed.count(conn).await? == 0
        && said.count(conn).await? == 0)
}

/// Puts a clean case before the leader: the finding stands as the platform's proposal, unsigned.
pub(crate) async fn put_forward(tx: &Tx, cx: &Cx, file: &mut case_file::Model, clean: &Clean) -> Result<()> {
    let to = moved(file, Event::PutForward)?;
    let proposal = Proposal::Approve { programme: clean.programme().to_owned(), monthly: clean.monthly() };
    review::write_opinion(tx, &platform(cx), &case_no(file), &proposal, "", false).await?;
    review::apply(file, &proposal);
    put(cx, file, to, NextStep::Sign)?;
    if let Some(row) = row_of(tx.conn(), &file.case_no).await? {
        let mut row = row.into_active_model();
        row.forward_on = Set(Some(cx.today()));
        case_course::Entity::update(row).exec(tx.conn()).await?;
    }
    Ok(())
}

/// The platform's own line in the case's story and in the journal, after the check that led to it.
pub(crate) async fn told(tx: &Tx, cx: &Cx, file: &case_file::Model) -> Result<Entry> {
    let cx = platform(cx);
    let details = json!({ "programme": file.programme, "monthly": file.monthly });
    tell(tx, &cx, file, "case.put_forward", None, details.clone()).await?;
    Ok(cx.entry("case.put_forward", case_no(file).subject(), &file.region_code, details))
}

fn platform(cx: &Cx) -> Cx {
    Cx { actor: Actor::system(), channel: Channel::System, ..cx.clone() }
}
