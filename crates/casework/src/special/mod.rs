//! Special review (一事一议): a case too hard for one reviewer, or an amount above what the district decides alone, goes to
//! the county's mechanism. They meet, minutes are kept, and the decision follows them (workflow.md 3, transitions 22, 23).

pub(crate) mod tables;

use crate::{
    CaseError, CaseNo, CaseState, Cx, Event, FieldError, NextStep,
    change::{change, finish, load, load_at, moved, put_due, state_of},
    error::Result,
    review,
    tables::special_review,
};
use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tuodi_access::Act;
use tuodi_store::Keys;

const SEALED: &str = "special_review.minutes";
const SEALED_REASON: &str = "special_review.reason";
const MOST_TEXT: usize = 4000;
const MOST_MEMBERS: usize = 30;

/// What a meeting leaves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Minutes {
    pub met_on: Option<NaiveDate>,
    /// Names and posts, one a member.
    pub members: Vec<String>,
    pub approve: Option<bool>,
    pub text: String,
}

/// One special review, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecialReview {
    pub convened_by: String,
    pub convened_on: NaiveDate,
    pub reason: String,
    /// None until they have met.
    pub minutes: Option<Minutes>,
    pub recorded_by: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    members: Vec<String>,
    text: String,
}

/// The reviewer puts a case before the county's mechanism.
pub async fn convene(cx: &Cx, case: &CaseNo, version: i32, reason: &str, key: &str) -> Result<i32> {
    let reason = reason.trim().to_owned();
    if reason.is_empty() {
        return Err(CaseError::Invalid(vec![FieldError::new("text", "error.reason")]));
    }
    if reason.chars().count() > MOST_TEXT {
        return Err(CaseError::Invalid(vec![FieldError::new("text", "error.too_long")]));
    }
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::Decide, &file, review::kept_out_of_confirmation(cx.store.read(), &file).await?)?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.convene", case.subject(), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut file = load_at(tx, &case2, version).await?;
            let from = state_of(&file);
            let to = moved(&file, Event::Convene)?;
            let rules = cx.pack.workflow.special_review.as_ref();
            let rules = rules.ok_or_else(|| CaseError::NotFound { kind: "special review", id: case2.0.clone() })?;
            let due = cx.pack.calendar.add_working_days(cx.today(), rules.limit_days)?;
            let row = special_review::ActiveModel {
                id: NotSet,
                case_no: Set(case2.0.clone()),
                convened_by: Set(cx.actor.account.clone()),
                convened_on: Set(cx.today()),
                reason: Set(tx.keys().seal(SEALED_REASON, &reason)),
                met_on: Set(None),
                members: Set(None),
                approve: Set(None),
                minutes: Set(None),
                recorded_by: Set(None),
                recorded_on: Set(None),
            };
            special_review::Entity::insert(row).exec_without_returning(tx.conn()).await?;
            put_due(&cx, &mut file, to, NextStep::Deliberate, Some(due));
            finish(tx, &cx, file, from, "case.convene", json!({ "due": due }), |file| file.version).await
        })
    })
    .await
}

fn checked(cx: &Cx, minutes: Minutes) -> Result<Minutes> {
    let members: Vec<String> =
        minutes.members.iter().map(|m| m.trim().to_owned()).filter(|m| !m.is_empty()).take(MOST_MEMBERS).collect();
    let minutes = Minutes { members, text: minutes.text.trim().to_owned(), ..minutes };
    let least = cx.pack.workflow.special_review.as_ref().map_or(0, |r| r.members) as usize;
    let mut errors = Vec::new();
    match minutes.met_on {
        None => errors.push(FieldError::new("met_on", "error.date")),
        Some(day) if day > cx.today() => errors.push(FieldError::new("met_on", "error.date")),
        Some(_) => {}
    }
    if minutes.members.len() < least {
        errors.push(FieldError::new("members", "error.too_few"));
    }
    if minutes.approve.is_none() {
        errors.push(FieldError::new("approve", "error.choice"));
    }
    if minutes.text.is_empty() {
        errors.push(FieldError::new("text", "error.required"));
    } else if minutes.text.chars().count() > MOST_TEXT {
        errors.push(FieldError::new("text", "error.too_long"));
    }
    if errors.is_empty() { Ok(minutes) } else { Err(CaseError::Invalid(errors)) }
}

/// Writes down who met and what they came to; written anew, the newer minutes hold.
pub async fn record_minutes(cx: &Cx, case: &CaseNo, version: i32, minutes: Minutes, key: &str) -> Result<i32> {
    let minutes = checked(cx, minutes)?;
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::Decide, &file, review::kept_out_of_confirmation(cx.store.read(), &file).await?)?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.minutes", case.subject(), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut file = load_at(tx, &case2, version).await?;
            let from = state_of(&file);
            let to = moved(&file, Event::Meet)?;
            let row = latest(tx.conn(), &case2.0).await?.ok_or_else(|| missing(&case2))?;
            if minutes.met_on.is_some_and(|day| day < row.convened_on) {
                return Err(CaseError::Invalid(vec![FieldError::new("met_on", "error.date")]));
            }
            let members = minutes.members.len() as i32;
            let sealed = Sealed { members: minutes.members, text: minutes.text };
            let mut active = row.into_active_model();
            active.met_on = Set(minutes.met_on);
            active.members = Set(Some(members));
            active.approve = Set(minutes.approve);
            active.minutes = Set(Some(tx.keys().seal(SEALED, &serde_json::to_string(&sealed)?)));
            active.recorded_by = Set(Some(cx.actor.account.clone()));
            active.recorded_on = Set(Some(cx.today()));
            special_review::Entity::update(active).exec(tx.conn()).await?;
            let due = file.step_due;
            put_due(&cx, &mut file, to, NextStep::Decide, due);
            let details = json!({ "met_on": minutes.met_on, "members": members, "approve": minutes.approve });
            finish(tx, &cx, file, from, "case.minutes", details, |file| file.version).await
        })
    })
    .await
}

fn missing(case: &CaseNo) -> CaseError {
    CaseError::NotFound { kind: "special review of case", id: case.0.clone() }
}

async fn latest(conn: &impl ConnectionTrait, case: &str) -> Result<Option<special_review::Model>> {
    Ok(special_review::Entity::find()
        .filter(special_review::Column::CaseNo.eq(case))
        .order_by_desc(special_review::Column::Id)
        .one(conn)
        .await?)
}

/// The decision at the end of a special review follows its minutes.
pub(crate) async fn require_minutes(
    conn: &impl ConnectionTrait,
    from: CaseState,
    case: &CaseNo,
    approve: bool,
) -> Result<()> {
    if from != CaseState::SpecialReview {
        return Ok(());
    }
    match latest(conn, &case.0).await?.and_then(|row| row.approve) {
        None => Err(CaseError::NoMinutes { case: case.clone() }),
        Some(found) if found != approve => {
            Err(CaseError::Invalid(vec![FieldError::new("outcome", "error.not_as_minuted")]))
        }
        Some(_) => Ok(()),
    }
}

fn opened(keys: &Keys, row: special_review::Model) -> Result<SpecialReview> {
    let minutes = match &row.minutes {
        Some(sealed) => {
            let said: Sealed = serde_json::from_str(&keys.open(SEALED, sealed)?)?;
            Some(Minutes { met_on: row.met_on, members: said.members, approve: row.approve, text: said.text })
        }
        None => None,
    };
    Ok(SpecialReview {
        convened_by: row.convened_by,
        convened_on: row.convened_on,
        reason: keys.open(SEALED_REASON, &row.reason)?,
        minutes,
        recorded_by: row.recorded_by,
    })
}

/// Of one case, newest first, for officers who may open it.
pub async fn special_reviews(cx: &Cx, case: &CaseNo) -> Result<Vec<SpecialReview>> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::ViewCase, &file, Vec::new())?;
    if cx.actor.role.is_citizen() {
        return Ok(Vec::new());
    }
    let rows = special_review::Entity::find()
        .filter(special_review::Column::CaseNo.eq(case.as_str()))
        .order_by_desc(special_review::Column::Id)
        .all(cx.store.read())
        .await?;
    rows.into_iter().map(|row| opened(cx.store.keys(), row)).collect()
}
