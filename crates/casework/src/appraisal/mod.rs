//! Democratic appraisal (民主评议): where a notice was objected to, the neighbourhood may be asked whether what the survey
//! found is true, instead of or besides another visit (DB57 art. 19; OP20 para. 24). It says nothing about who is entitled:
//! whoever looks into the objection writes the opinion, and the district decides.

pub(crate) mod migration;
mod minutes;
pub(crate) mod tables;

pub use self::minutes::{Held, Member, record_appraisal};

use crate::{
    CaseError, CaseNo, Cx, Event, Evidence, FieldError, NextStep,
    change::{change, finish, load, load_at, moved, put_due, state_of},
    error::Result,
    limits, objection,
    tables::{appraisal, case_file},
};
use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tuodi_access::Act;
use tuodi_pack::appraisal::Appraisals;
use tuodi_store::Keys;

const SEALED_CALLING: &str = "appraisal.calling";
const SEALED_MINUTES: &str = "appraisal.minutes";
const SHEET: &str = "appraisal.sheet";
const MOST_TEXT: usize = 4000;
const MOST_LINE: usize = 100;

/// When and where a meeting is, and what it is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calling {
    pub meets_on: Option<NaiveDate>,
    pub place: String,
    /// The points of fact that were objected to.
    pub points: String,
}

/// What a meeting came to, by its votes; says nothing about who is entitled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// More than half hold what the survey found to be true.
    True,
    /// More than half hold it to be untrue.
    Untrue,
    Unclear,
    CalledOff,
}

impl Came {
    pub fn id(self) -> &'static str {
        match self {
            Came::True => "true",
            Came::Untrue => "untrue",
            Came::Unclear => "unclear",
            Came::CalledOff => "called_off",
        }
    }

    fn from_id(id: &str) -> Came {
        [Came::True, Came::Untrue, Came::CalledOff].into_iter().find(|c| c.id() == id).unwrap_or(Came::Unclear)
    }
}

/// Votes on whether what the survey found is true.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Votes {
    pub holds: u32,
    pub untrue: u32,
    pub unsure: u32,
}

impl Votes {
    pub fn all(self) -> u32 {
        self.holds.saturating_add(self.untrue).saturating_add(self.unsure)
    }

    /// More than half of all votes, those who cannot say among them.
    pub fn came(self) -> Came {
        let most = |votes: u32| u64::from(votes) * 2 > u64::from(self.all());
        match (most(self.holds), most(self.untrue)) {
            (true, _) => Came::True,
            (_, true) => Came::Untrue,
            _ => Came::Unclear,
        }
    }
}

/// One appraisal, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appraisal {
    pub id: i64,
    pub called_by: String,
    pub called_on: NaiveDate,
    pub meets_on: NaiveDate,
    pub place: String,
    pub points: String,
    /// None until it was held or called off.
    pub came: Option<Came>,
    pub held_on: Option<NaiveDate>,
    pub votes: Votes,
    pub members: Vec<Member>,
    /// What was said, or why it was called off.
    pub text: String,
    pub has_sheet: bool,
}

#[derive(Serialize, Deserialize)]
struct SealedCalling {
    place: String,
    points: String,
}

#[derive(Default, Serialize, Deserialize)]
struct SealedMinutes {
    members: Vec<Member>,
    text: String,
}

fn rules(cx: &Cx) -> Result<&Appraisals> {
    let missing = || CaseError::NotFound { kind: "rules for appraisals in the pack", id: cx.pack.info.id.clone() };
    cx.pack.workflow.appraisal.as_ref().ok_or_else(missing)
}

/// Whoever may look into the objection calls the meeting and writes down what it came to.
async fn authorise(cx: &Cx, case: &CaseNo) -> Result<()> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::Review, &file, objection::kept_out(cx.store.read(), &case.0).await?)?;
    Ok(())
}

async fn apart(conn: &impl ConnectionTrait, cx: &Cx, case: &CaseNo) -> Result<()> {
    if objection::kept_out(conn, &case.0).await?.contains(&cx.actor.account) {
        return Err(CaseError::SamePerson { subject: case.subject() });
    }
    Ok(())
}

/// Calls a meeting about what a notice was objected to for.
pub async fn call_appraisal(cx: &Cx, case: &CaseNo, version: i32, calling: Calling, key: &str) -> Result<i32> {
    rules(cx)?;
    let sealed = SealedCalling { place: calling.place.trim().to_owned(), points: calling.points.trim().to_owned() };
    let mut errors = Vec::new();
    if calling.meets_on.is_none_or(|day| day < cx.today()) {
        errors.push(FieldError::new("meets_on", "error.date"));
    }
    for (field, value, most) in [("place", &sealed.place, MOST_LINE), ("points", &sealed.points, MOST_TEXT)] {
        if value.is_empty() {
            errors.push(FieldError::new(field, "error.required"));
        } else if value.chars().count() > most {
            errors.push(FieldError::new(field, "error.too_long"));
        }
    }
    let Some(meets_on) = calling.meets_on.filter(|_| errors.is_empty()) else {
        return Err(CaseError::Invalid(errors));
    };
    authorise(cx, case).await?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.call_appraisal", case.subject(), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut file = load_at(tx, &case2, version).await?;
            let from = state_of(&file);
            let to = moved(&file, Event::CallAppraisal)?;
            apart(tx.conn(), &cx, &case2).await?;
            let answer_due = file.step_due;
            let row = appraisal::ActiveModel {
                id: NotSet,
                case_no: Set(case2.0.clone()),
                called_by: Set(cx.actor.account.clone()),
                called_on: Set(cx.today()),
                meets_on: Set(meets_on),
                calling: Set(tx.keys().seal(SEALED_CALLING, &serde_json::to_string(&sealed)?)),
                answer_due: Set(answer_due),
                outcome: Set(None),
                held_on: Set(None),
                votes_true: Set(None),
                votes_untrue: Set(None),
                votes_unsure: Set(None),
                minutes: Set(None),
                sheet_mime: Set(None),
                sheet: Set(None),
                recorded_by: Set(None),
                recorded_on: Set(None),
            };
            appraisal::Entity::insert(row).exec_without_returning(tx.conn()).await?;
            let programme = file.programme.as_deref().or(file.tier.as_deref());
            let limit = limits::step_due(&cx.pack, programme, NextStep::Appraise, cx.today())?;
            // Never later than whoever objected was told.
            let due = [limit, answer_due].into_iter().flatten().min();
            put_due(&cx, &mut file, to, NextStep::Appraise, due);
            if due.is_some_and(|due| meets_on > due) {
                return Err(CaseError::Invalid(vec![FieldError::new("meets_on", "error.too_late")]));
            }
            let details = json!({ "meets_on": meets_on, "due": due });
            finish(tx, &cx, file, from, "case.call_appraisal", details, |file| file.version).await
        })
    })
    .await
}

/// The meeting is not held: the objection is looked into in another way.
pub async fn call_off(cx: &Cx, case: &CaseNo, version: i32, reason: &str, key: &str) -> Result<i32> {
    let text = checked_text("reason", reason)?;
    authorise(cx, case).await?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.call_off", case.subject(), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut file = load_at(tx, &case2, version).await?;
            let from = state_of(&file);
            let to = moved(&file, Event::CallOff)?;
            apart(tx.conn(), &cx, &case2).await?;
            let row = open_row(tx.conn(), &case2).await?;
            back_to_objection(&cx, &mut file, to, &row);
            let sealed = SealedMinutes { members: Vec::new(), text };
            let mut active = row.into_active_model();
            active.outcome = Set(Some(Came::CalledOff.id().to_owned()));
            active.minutes = Set(Some(tx.keys().seal(SEALED_MINUTES, &serde_json::to_string(&sealed)?)));
            active.recorded_by = Set(Some(cx.actor.account.clone()));
            active.recorded_on = Set(Some(cx.today()));
            appraisal::Entity::update(active).exec(tx.conn()).await?;
            finish(tx, &cx, file, from, "case.call_off", json!({}), |file| file.version).await
        })
    })
    .await
}

/// Back to whoever looks into the objection, who has until the day that those who objected were told.
fn back_to_objection(cx: &Cx, file: &mut case_file::Model, to: crate::CaseState, row: &appraisal::Model) {
    put_due(cx, file, to, NextStep::ResolveObjection, row.answer_due);
}

fn checked_text(field: &str, text: &str) -> Result<String> {
    let text = text.trim().to_owned();
    let problem = match text.chars().count() {
        0 => "error.required",
        n if n > MOST_TEXT => "error.too_long",
        _ => return Ok(text),
    };
    Err(CaseError::Invalid(vec![FieldError::new(field, problem)]))
}

async fn open_row(conn: &impl ConnectionTrait, case: &CaseNo) -> Result<appraisal::Model> {
    appraisal::Entity::find()
        .filter(appraisal::Column::CaseNo.eq(case.as_str()))
        .filter(appraisal::Column::Outcome.is_null())
        .order_by_desc(appraisal::Column::Id)
        .one(conn)
        .await?
        .ok_or_else(|| CaseError::NotFound { kind: "appraisal of case", id: case.0.clone() })
}

/// Whether one was held on that day or later.
pub(crate) async fn held_since(conn: &impl ConnectionTrait, case: &CaseNo, day: NaiveDate) -> Result<bool> {
    let found = appraisal::Entity::find()
        .filter(appraisal::Column::CaseNo.eq(case.as_str()))
        .filter(appraisal::Column::HeldOn.gte(day))
        .one(conn)
        .await?;
    Ok(found.is_some())
}

fn opened(keys: &Keys, row: appraisal::Model) -> Result<Appraisal> {
    let calling: SealedCalling = serde_json::from_str(&keys.open(SEALED_CALLING, &row.calling)?)?;
    let minutes = match &row.minutes {
        Some(sealed) => serde_json::from_str(&keys.open(SEALED_MINUTES, sealed)?)?,
        None => SealedMinutes::default(),
    };
    let votes = |column: Option<i32>| column.and_then(|n| u32::try_from(n).ok()).unwrap_or_default();
    Ok(Appraisal {
        id: row.id,
        called_by: row.called_by,
        called_on: row.called_on,
        meets_on: row.meets_on,
        place: calling.place,
        points: calling.points,
        came: row.outcome.as_deref().map(Came::from_id),
        held_on: row.held_on,
        votes: Votes { holds: votes(row.votes_true), untrue: votes(row.votes_untrue), unsure: votes(row.votes_unsure) },
        members: minutes.members,
        text: minutes.text,
        has_sheet: row.sheet.is_some(),
    })
}

/// Of one case, newest first, for officers who may open it.
pub async fn appraisals(cx: &Cx, case: &CaseNo) -> Result<Vec<Appraisal>> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::ViewCase, &file, Vec::new())?;
    if cx.actor.role.is_citizen() {
        return Ok(Vec::new());
    }
    let rows = appraisal::Entity::find()
        .filter(appraisal::Column::CaseNo.eq(case.as_str()))
        .order_by_desc(appraisal::Column::Id)
        .all(cx.store.read())
        .await?;
    rows.into_iter().map(|row| opened(cx.store.keys(), row)).collect()
}

/// The sheet that those who sat there signed.
pub async fn appraisal_sheet(cx: &Cx, case: &CaseNo, id: i64) -> Result<Evidence> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::ViewCase, &file, Vec::new())?;
    let missing = || CaseError::NotFound { kind: "sheet of appraisal", id: id.to_string() };
    if cx.actor.role.is_citizen() {
        return Err(missing());
    }
    let row = appraisal::Entity::find_by_id(id)
        .filter(appraisal::Column::CaseNo.eq(case.as_str()))
        .one(cx.store.read())
        .await?
        .ok_or_else(missing)?;
    tuodi_access::looks::record(&cx.store, &cx.actor, &case.subject(), "appraisal", cx.at()).await?;
    let sealed = row.sheet.ok_or_else(missing)?;
    Evidence::unseal(cx.store.keys(), SHEET, &sealed)?.ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_more_than_half_of_all_votes_say_something() {
        let came = |holds, untrue, unsure| Votes { holds, untrue, unsure }.came();
        assert_eq!(came(5, 2, 0), Came::True);
        assert_eq!(came(2, 5, 1), Came::Untrue);
        assert_eq!(came(4, 4, 0), Came::Unclear, "half is not more than half");
        assert_eq!(came(4, 1, 3), Came::Unclear, "who cannot say is counted");
        assert_eq!(came(0, 0, 0), Came::Unclear);
        assert_eq!(came(u32::MAX, 0, 0), Came::True);
    }
}
