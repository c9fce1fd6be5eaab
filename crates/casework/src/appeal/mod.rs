//! An appeal against a decision: heard by somebody else than who decided, within the pack's days, and answered in writing
//! with what can be done next (IM art. 65; workflow.md 3, transitions 33 to 35).
//!
//! It stops nothing: what is paid goes on being paid, and a new application may stand beside it.

mod answer;
pub(crate) mod migration;
pub(crate) mod tables;

pub use self::answer::{AppealAnswer, answer_appeal};
pub(crate) use self::answer::{effective_from, kept_out};

use crate::{
    CaseError, CaseNo, Channel, Cx, Event, FieldError, NextStep,
    application::applicant_of,
    change::{change, finish, load, load_at, moved, put_due, state_of},
    cx::beijing_date,
    error::Result,
    notice,
    tables::{appeal, case_file, decision},
};
use chrono::{Days, NaiveDate};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tuodi_access::Act;
use tuodi_pack::PersonId;
use tuodi_store::Keys;

const SEALED: &str = "appeal.content";
const SEALED_ANSWER: &str = "appeal.answer";
const MOST_TEXT: usize = 2000;

/// What somebody says against a decision.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Grounds {
    pub text: String,
    /// Why it comes after the days for it; an officer writes it down, who takes it all the same.
    pub why_late: String,
}

/// An appeal, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appeal {
    pub filed_on: NaiveDate,
    pub due_on: NaiveDate,
    pub channel: Channel,
    pub grounds: Grounds,
    /// open, kept, reopened
    pub state: String,
    pub office_error: bool,
    pub answer: Option<String>,
    pub answered_by: Option<String>,
    pub answered_on: Option<NaiveDate>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appealed {
    /// The last day for the answer.
    pub due: NaiveDate,
    /// Number of the letter that says it was received.
    pub notice: String,
    pub version: i32,
}

fn checked(grounds: Grounds) -> Result<Grounds> {
    let grounds = Grounds { text: grounds.text.trim().to_owned(), why_late: grounds.why_late.trim().to_owned() };
    let mut errors = Vec::new();
    if grounds.text.is_empty() {
        errors.push(FieldError::new("text", "error.required"));
    }
    for (field, value) in [("text", &grounds.text), ("why_late", &grounds.why_late)] {
        if value.chars().count() > MOST_TEXT {
            errors.push(FieldError::new(field, "error.too_long"));
        }
    }
    if errors.is_empty() { Ok(grounds) } else { Err(CaseError::Invalid(errors)) }
}

/// The last decision on the merits, or on a change: what an appeal is against.
async fn decided(conn: &impl ConnectionTrait, case: &str) -> Result<Option<decision::Model>> {
    Ok(decision::Entity::find()
        .filter(decision::Column::CaseNo.eq(case))
        .filter(decision::Column::Outcome.is_not_in(["sent_back", "terminated"]))
        .order_by_desc(decision::Column::Id)
        .one(conn)
        .await?)
}

/// The last day on which the person may appeal by themselves; none where the pack has no appeals or nothing is decided.
pub(crate) fn until(cx: &Cx, file: &case_file::Model) -> Option<NaiveDate> {
    let rules = cx.pack.workflow.appeal.as_ref()?;
    file.decided_on.map(|day| day + Days::new(u64::from(rules.file_days)))
}

/// Contests the decision. After the days for it an officer may still take it, with the reason why it is late: whether it
/// is heard a person says.
pub async fn file_appeal(cx: &Cx, case: &CaseNo, version: i32, grounds: Grounds, key: &str) -> Result<Appealed> {
    let grounds = checked(grounds)?;
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::Appeal, &file, Vec::new())?;
    let nothing_decided = || CaseError::WrongStage { case: case.clone(), found: state_of(&file), event: Event::Appeal };
    let last = until(cx, &file).ok_or_else(nothing_decided)?;
    let citizen = cx.actor.role.is_citizen();
    if cx.today() > last && (citizen || grounds.why_late.is_empty()) {
        let field = if citizen { "text" } else { "why_late" };
        return Err(CaseError::Invalid(vec![FieldError::new(field, "error.late_appeal")]));
    }
    let days = cx.pack.workflow.appeal.as_ref().map_or(0, |rules| rules.limit_days);
    let due = cx.pack.calendar.add_working_days(cx.today(), days)?;
    let to_name = applicant_of(cx, PersonId(file.applicant_id)).await?.name;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.appeal", case.subject(), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut file = load_at(tx, &case2, version).await?;
            let from = state_of(&file);
            let to = moved(&file, Event::Appeal)?;
            // A recipient taken over from before this platform has no decision here that somebody could hear again.
            let contested = decided(tx.conn(), &case2.0).await?.ok_or(CaseError::WrongStage {
                case: case2.clone(),
                found: from,
                event: Event::Appeal,
            })?;
            let row = appeal::ActiveModel {
                id: NotSet,
                case_no: Set(case2.0.clone()),
                decision: Set(contested.id),
                from_state: Set(file.state.clone()),
                from_step: Set(file.next_step.clone()),
                from_due: Set(file.step_due),
                filed_by: Set(cx.actor.account.clone()),
                channel: Set(cx.channel.id().to_owned()),
                filed_on: Set(cx.today()),
                due_on: Set(due),
                content: Set(tx.keys().seal(SEALED, &serde_json::to_string(&grounds)?)),
                state: Set("open".to_owned()),
                office_error: Set(false),
                answer: Set(None),
                answered_by: Set(None),
                answered_on: Set(None),
            };
            appeal::Entity::insert(row).exec_without_returning(tx.conn()).await?;
            put_due(&cx, &mut file, to, NextStep::AnswerAppeal, Some(due));
            let (number, entry) = notice::issue(tx, &cx, &file, notice::appealed(&cx, &file, to_name, due)).await?;
            let details = json!({ "due": due, "late": cx.today() > last, "notice": number });
            let recorded = finish(tx, &cx, file, from, "case.appeal", details, |file| Appealed {
                due,
                notice: number.clone(),
                version: file.version,
            })
            .await?;
            Ok(recorded.and(entry))
        })
    })
    .await
}

/// Appeals of a case, newest first.
pub(crate) async fn of_case(conn: &impl ConnectionTrait, keys: &Keys, case: &str) -> Result<Vec<Appeal>> {
    let rows = appeal::Entity::find()
        .filter(appeal::Column::CaseNo.eq(case))
        .order_by_desc(appeal::Column::Id)
        .all(conn)
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Appeal {
                filed_on: row.filed_on,
                due_on: row.due_on,
                channel: Channel::from_id(&row.channel).unwrap_or(Channel::System),
                grounds: serde_json::from_str(&keys.open(SEALED, &row.content)?)?,
                state: row.state,
                office_error: row.office_error,
                answer: row.answer.map(|sealed| keys.open(SEALED_ANSWER, &sealed)).transpose()?,
                answered_by: row.answered_by,
                answered_on: row.answered_on,
            })
        })
        .collect()
}

fn decided_day(row: &decision::Model) -> NaiveDate {
    beijing_date(row.decided_at)
}
