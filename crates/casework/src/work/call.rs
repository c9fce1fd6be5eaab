//! Reminders by a person, and what the platform says once a day of steps that are due or late: to whoever has the step, to
//! the next level, to the district. Nothing else happens to a late case: the household loses nothing by it.

use super::{MOST_CASES, MOST_TEXT};
use crate::{
    CaseError, CaseNo, Cx, FieldError, NextStep,
    change::{NOTHING_DUE, change, load, state_of, tell},
    error::Result,
    tables::{case_call, case_file},
};
use chrono::{Days, NaiveDate};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Query},
};
use serde_json::json;
use tuodi_access::{Act, Role};
use tuodi_pack::{HouseholdId, workflow::Told};
use tuodi_store::{Entry, Recorded};

const SEALED: &str = "case_call.text";
/// Cases in one change of the platform's.
const CHUNK: u64 = 200;

/// One reminder, as those see it who may open the case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub step: NextStep,
    pub due: Option<NaiveDate>,
    /// `asked` by a person; `holder`, `next`, `district` by the platform.
    pub level: String,
    pub by: String,
    pub on: NaiveDate,
    pub text: String,
}

fn level_id(told: Told) -> &'static str {
    match told {
        Told::Holder => "holder",
        Told::Next => "next",
        Told::District => "district",
    }
}

/// Where a late step of this role goes up to: `township` for its leader, else `district`.
fn above(step: NextStep, told: Told) -> Option<&'static str> {
    match told {
        Told::Holder => None,
        Told::Next if step.role() == Role::TownshipOfficer.id() => Some("township"),
        Told::Next | Told::District => Some("district"),
    }
}

/// What of the late has come up to a role: values of `case_file.raised`.
pub(crate) fn raised_to(role: Role) -> &'static [&'static str] {
    match role {
        Role::DistrictOfficer | Role::Reviewer | Role::Auditor => &["district"],
        _ => &["township", "district"],
    }
}

fn due_of(file: &case_file::Model) -> Option<NaiveDate> {
    (file.due_on != NOTHING_DUE).then_some(file.due_on)
}

/// Reminds whoever has the next step of each of these cases, the household where it waits for them. How many.
pub async fn remind(cx: &Cx, cases: &[CaseNo], text: &str, key: &str) -> Result<u64> {
    let text = text.trim().to_owned();
    let mut errors = Vec::new();
    if cases.is_empty() {
        errors.push(FieldError::new("case", "error.required"));
    } else if cases.len() > MOST_CASES {
        errors.push(FieldError::new("case", "error.too_many"));
    }
    if text.chars().count() > MOST_TEXT {
        errors.push(FieldError::new("reason", "error.too_long"));
    }
    if !errors.is_empty() {
        return Err(CaseError::Invalid(errors));
    }
    for case in cases {
        let file = load(cx.store.read(), case).await?;
        cx.authorise(Act::Remind, &file, Vec::new())?;
        if !file.is_open {
            return Err(CaseError::Invalid(vec![FieldError::new("case", "error.closed")]));
        }
    }
    let (cx2, cases) = (cx.clone(), cases.to_vec());
    change(cx, "case.remind", format!("account:{}", cx.actor.account), key, move |tx| {
        Box::pin(async move {
            let mut entries: Vec<Entry> = Vec::new();
            for case in &cases {
                let file = load(tx.conn(), case).await?;
                let row = case_call::ActiveModel {
                    id: NotSet,
                    case_no: Set(case.0.clone()),
                    step: Set(file.next_step.clone()),
                    due_on: Set(file.due_on),
                    level: Set("asked".to_owned()),
                    made_by: Set(cx2.actor.account.clone()),
                    made_on: Set(cx2.today()),
                    text: Set((!text.is_empty()).then(|| tx.keys().seal(SEALED, &text))),
                };
                case_call::Entity::insert(row).exec_without_returning(tx.conn()).await?;
                let details = json!({ "step": file.next_step, "due": due_of(&file) });
                tell(tx, &cx2, &file, "case.remind", Some(state_of(&file)), details.clone()).await?;
                entries.push(cx2.entry("case.remind", case.subject(), &file.region_code, details));
            }
            let reminded = entries.len() as u64;
            let mut entries = entries.into_iter();
            let Some(first) = entries.next() else {
                return Err(CaseError::Invalid(vec![FieldError::new("case", "error.required")]));
            };
            Ok(entries.fold(Recorded::new(reminded, first), Recorded::and))
        })
    })
    .await
}

/// Of one case, newest first. Whoever calls has been shown the case.
pub async fn calls(cx: &Cx, case: &CaseNo) -> Result<Vec<Call>> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::ViewCase, &file, Vec::new())?;
    let rows = case_call::Entity::find()
        .filter(case_call::Column::CaseNo.eq(case.as_str()))
        .order_by_desc(case_call::Column::Id)
        .all(cx.store.read())
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Call {
                step: NextStep::from_id(&row.step).unwrap_or(NextStep::Done),
                due: (row.due_on != NOTHING_DUE).then_some(row.due_on),
                level: row.level,
                by: row.made_by,
                on: row.made_on,
                text: row.text.map(|t| cx.store.keys().open(SEALED, &t)).transpose()?.unwrap_or_default(),
            })
        })
        .collect()
}

/// Says of every step that is due or late what the pack says, to whom it says: once a step, day and level. For the platform
/// itself, once a day. How many were said.
pub async fn escalate_late_cases(cx: &Cx) -> Result<u64> {
    let mut said = 0;
    for rule in &cx.pack.workflow.escalations {
        let last = last_due(cx, rule.days)?;
        loop {
            let late = waiting_for(cx, level_id(rule.told), rule.told, last).await?;
            if late.is_empty() {
                break;
            }
            said += late.len() as u64;
            say(cx, rule.told, late).await?;
        }
    }
    Ok(said)
}

/// What was due on this day or before is late enough today; `days` are working days after the day, or before it if negative.
fn last_due(cx: &Cx, days: i32) -> Result<NaiveDate> {
    let calendar = &cx.pack.calendar;
    if days <= 0 {
        return Ok(calendar.add_working_days(cx.today(), days.unsigned_abs())?);
    }
    let mut day = cx.today();
    let mut left = days.unsigned_abs();
    while left > 0 {
        if calendar.is_working_day(day)? {
            left -= 1;
        }
        day = day - Days::new(1);
    }
    Ok(day)
}

/// Open cases whose step is due by then, and of which this has not been said. A date that only has to pass is not late.
async fn waiting_for(cx: &Cx, level: &str, told: Told, last: NaiveDate) -> Result<Vec<case_file::Model>> {
    use case_call::Column as K;
    use case_file::Column as C;
    let said = Query::select()
        .expr(Expr::value(1))
        .from(case_call::Entity)
        .and_where(Expr::col((case_call::Entity, K::CaseNo)).equals((case_file::Entity, C::CaseNo)))
        .and_where(Expr::col((case_call::Entity, K::Step)).equals((case_file::Entity, C::NextStep)))
        .and_where(Expr::col((case_call::Entity, K::DueOn)).equals((case_file::Entity, C::DueOn)))
        .and_where(Expr::col((case_call::Entity, K::Level)).eq(level))
        .to_owned();
    let by_date = [NextStep::WaitPublicity, NextStep::EndPublicity, NextStep::Done].map(NextStep::id);
    let mut query = case_file::Entity::find()
        .filter(C::IsOpen.eq(true))
        .filter(C::DueOn.lte(last))
        .filter(C::NextStep.is_not_in(by_date))
        .filter(Expr::exists(said).not());
    if told != Told::Holder {
        // What the household has to do is no office's to be late with.
        query = query.filter(C::Waits.eq(false));
    }
    Ok(query.order_by_asc(C::DueOn).order_by_asc(C::CaseNo).limit(CHUNK).all(cx.store.read()).await?)
}

async fn say(cx: &Cx, told: Told, late: Vec<case_file::Model>) -> Result<()> {
    let cx2 = cx.clone();
    change(cx, "case.escalate", "case:late".to_owned(), "", move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut entries = Vec::with_capacity(late.len());
            let mut rows = Vec::with_capacity(late.len());
            for file in &late {
                rows.push(case_call::ActiveModel {
                    id: NotSet,
                    case_no: Set(file.case_no.clone()),
                    step: Set(file.next_step.clone()),
                    due_on: Set(file.due_on),
                    level: Set(level_id(told).to_owned()),
                    made_by: Set(cx.actor.account.clone()),
                    made_on: Set(cx.today()),
                    text: Set(None),
                });
                let to = above(NextStep::from_id(&file.next_step).unwrap_or(NextStep::Done), told);
                let details = json!({ "step": file.next_step, "due": due_of(file), "to": to.unwrap_or("holder") });
                if let Some(to) = to {
                    // Somebody may move the case in between: then the step is another and nothing was late.
                    case_file::Entity::update_many()
                        .col_expr(case_file::Column::Raised, Expr::value(to))
                        .filter(case_file::Column::CaseNo.eq(file.case_no.as_str()))
                        .filter(case_file::Column::Version.eq(file.version))
                        .exec(tx.conn())
                        .await?;
                    tell(tx, &cx, file, "case.escalate", Some(state_of(file)), details.clone()).await?;
                }
                entries.push(cx.entry("case.escalate", crate::cx::case_no(file).subject(), &file.region_code, details));
            }
            case_call::Entity::insert_many(rows).exec_without_returning(tx.conn()).await?;
            let mut entries = entries.into_iter();
            let Some(first) = entries.next() else {
                return Err(CaseError::NotFound { kind: "late case", id: String::new() });
            };
            Ok(entries.fold(Recorded::new((), first), Recorded::and))
        })
    })
    .await
}

/// Notes by what households of cases can be looked up that were opened before that was kept. For the platform itself.
pub async fn note_cases(cx: &Cx) -> Result<u64> {
    let mut noted = 0;
    loop {
        let rows = case_file::Entity::find()
            .filter(case_file::Column::Noted.eq(false))
            .order_by_asc(case_file::Column::CaseNo)
            .limit(CHUNK)
            .all(cx.store.read())
            .await?;
        if rows.is_empty() {
            return Ok(noted);
        }
        noted += rows.len() as u64;
        let cx2 = cx.clone();
        let done: Result<()> = change(cx, "case.note_look_ups", "case:look_ups".to_owned(), "", move |tx| {
            Box::pin(async move {
                let households: Vec<HouseholdId> = rows.iter().map(|row| HouseholdId(row.household_id)).collect();
                tuodi_registry::note_look_ups(tx, &households).await?;
                case_file::Entity::update_many()
                    .col_expr(case_file::Column::Noted, Expr::value(true))
                    .filter(case_file::Column::CaseNo.is_in(rows.iter().map(|row| row.case_no.as_str())))
                    .exec(tx.conn())
                    .await?;
                let details = json!({ "cases": rows.len() });
                let entry = cx2.entry("case.note_look_ups", "case:look_ups".to_owned(), &cx2.actor.region, details);
                Ok(Recorded::new((), entry))
            })
        })
        .await;
        done?;
    }
}
