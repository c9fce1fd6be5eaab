//! The longer limit of a case (45 working days, N83 para. 4(1)): the township asks for it on a ground of the law and says why,
//! its leader signs or declines, and the family is told. An objection to the publicity brings it by itself.

mod list;
pub(crate) mod migration;
pub(crate) mod tables;

pub use self::list::{ExtensionRow, extensions_here, extensions_waiting};

use crate::{
    CaseError, CaseNo, Cx, FieldError, NextStep,
    application::{applicant_of, at_level},
    change::{change, finish, load, load_at, put_due, state_of},
    error::Result,
    limits, notice,
    tables::{case_file, extension},
};
use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait},
};
use serde_json::json;
use tuodi_access::Act;
use tuodi_pack::{PersonId, region::RegionLevel, workflow::Ground};
use tuodi_store::Keys;

const SEALED: &str = "extension.text";
const MOST_TEXT: usize = 500;

/// What became of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    Open,
    Agreed,
    Declined,
    /// Nothing is left to extend: the case is decided or ended, or an objection brought the longer limit.
    Lapsed,
}

/// One proposal, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Of the pack.
    pub ground: String,
    pub reason: String,
    /// The last day that is asked for.
    pub until: NaiveDate,
    pub proposed_by: String,
    pub proposed_on: NaiveDate,
    pub answered: Answered,
    pub words: String,
    pub signed_by: Option<String>,
    pub signed_on: Option<NaiveDate>,
}

/// The day that the case would have by the longer limit; `None` where there is nothing longer to be had: not accepted or
/// decided, no such limit in the pack, or reached already.
pub(crate) fn longer(cx: &Cx, file: &case_file::Model) -> Result<Option<NaiveDate>> {
    let (Some(accepted), None, true) = (file.accepted_on, file.decided_on, state_of(file).is_running()) else {
        return Ok(None);
    };
    let due = limits::total_due(&cx.pack, programme_of(file), accepted, true)?;
    Ok(due.filter(|day| file.total_due.is_some_and(|now| now < *day)))
}

fn programme_of(file: &case_file::Model) -> Option<&str> {
    file.programme.as_deref().or(file.tier.as_deref())
}

/// Grounds on which the limit of this case may be made longer.
pub(crate) fn grounds<'p>(cx: &'p Cx, file: &case_file::Model) -> &'p [Ground] {
    cx.pack.workflow.clock(programme_of(file)).map_or(&[], |clock| clock.grounds.as_slice())
}

/// What stands of a case: asked for and not answered, or granted.
pub(crate) async fn standing(conn: &impl ConnectionTrait, case: &str) -> Result<Option<extension::Model>> {
    Ok(extension::Entity::find()
        .filter(extension::Column::CaseNo.eq(case))
        .filter(extension::Column::Outcome.is_null().or(extension::Column::Outcome.eq("agreed")))
        .one(conn)
        .await?)
}

fn wrong(field: &str, key: &'static str) -> CaseError {
    CaseError::Invalid(vec![FieldError::new(field, key)])
}

fn too_long(text: &str) -> Result<()> {
    if text.chars().count() > MOST_TEXT { Err(wrong("text", "error.too_long")) } else { Ok(()) }
}

/// The township asks for the longer limit.
///
/// # Errors
/// A ground that the pack does not name for this case, no reason, a limit that is the longer one already, or one that has
/// been asked for and not answered.
pub async fn propose_extension(
    cx: &Cx,
    case: &CaseNo,
    version: i32,
    ground: &str,
    reason: &str,
    key: &str,
) -> Result<i32> {
    let (ground, reason) = (ground.to_owned(), reason.trim().to_owned());
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::Extend, &file, Vec::new())?;
    let mut errors = Vec::new();
    if !grounds(cx, &file).iter().any(|g| g.id == ground) {
        errors.push(FieldError::new("ground", "error.choice"));
    }
    if reason.is_empty() {
        errors.push(FieldError::new("text", "error.required"));
    }
    if !errors.is_empty() {
        return Err(CaseError::Invalid(errors));
    }
    too_long(&reason)?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.extend", case.subject(), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let file = load_at(tx, &case2, version).await?;
            let from = state_of(&file);
            let until = longer(&cx, &file)?.ok_or_else(|| wrong("ground", "error.not_longer"))?;
            if standing(tx.conn(), &case2.0).await?.is_some() {
                return Err(wrong("ground", "error.asked"));
            }
            let row = extension::ActiveModel {
                id: NotSet,
                case_no: Set(case2.0.clone()),
                region_code: Set(file.region_code.clone()),
                township: Set(at_level(&file.region_code, RegionLevel::Township)),
                county: Set(at_level(&file.region_code, RegionLevel::County)),
                ground: Set(ground.clone()),
                reason: Set(tx.keys().seal(SEALED, &reason)),
                until: Set(until),
                proposed_by: Set(cx.actor.account.clone()),
                proposed_on: Set(cx.today()),
                outcome: Set(None),
                words: Set(None),
                signed_by: Set(None),
                signed_on: Set(None),
            };
            extension::Entity::insert(row).exec_without_returning(tx.conn()).await?;
            let details = json!({ "ground": ground, "until": until });
            finish(tx, &cx, file, from, "case.extend", details, |file| file.version).await
        })
    })
    .await
}

/// The leader signs, the case has until the later day and the family is told by letter; or declines, with a reason, and
/// everything stays as it was.
pub async fn sign_extension(cx: &Cx, case: &CaseNo, version: i32, agree: bool, text: &str, key: &str) -> Result<i32> {
    let text = text.trim().to_owned();
    if !agree && text.is_empty() {
        return Err(wrong("text", "error.reason"));
    }
    too_long(&text)?;
    let file = load(cx.store.read(), case).await?;
    // The newest, answered or not: a second click finds the first one's answer.
    let asked = rows_of(cx.store.read(), case).await?.into_iter().next().ok_or_else(|| missing(case))?;
    cx.authorise(Act::SignExtension, &file, vec![asked.proposed_by])?;
    let applicant = applicant_of(cx, PersonId(file.applicant_id)).await?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.sign_extension", case.subject(), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut file = load_at(tx, &case2, version).await?;
            let from = state_of(&file);
            let row = open_row(tx.conn(), &case2).await?;
            let (until, ground) = (row.until, row.ground.clone());
            let reason = tx.keys().open(SEALED, &row.reason)?;
            let mut active = row.into_active_model();
            active.outcome = Set(Some(if agree { "agreed" } else { "declined" }.to_owned()));
            active.words = Set((!text.is_empty()).then(|| tx.keys().seal(SEALED, &text)));
            active.signed_by = Set(Some(cx.actor.account.clone()));
            active.signed_on = Set(Some(cx.today()));
            extension::Entity::update(active).exec(tx.conn()).await?;
            let mut letter = None;
            if agree {
                file.total_due = Some(until);
                let (step, due) = (NextStep::from_id(&file.next_step).unwrap_or(NextStep::Done), file.step_due);
                put_due(&cx, &mut file, from, step, due);
                let ground = grounds(&cx, &file).iter().find(|g| g.id == ground).cloned();
                let content = notice::extended(&cx, &file, applicant.name, until, ground.as_ref(), reason);
                letter = Some(notice::issue(tx, &cx, &file, content).await?.1);
            }
            let details = json!({ "agree": agree, "until": until });
            let done = finish(tx, &cx, file, from, "case.sign_extension", details, |file| file.version).await?;
            Ok(match letter {
                Some(letter) => done.and(letter),
                None => done,
            })
        })
    })
    .await
}

/// What nobody has answered has nothing left to ask for.
pub(crate) async fn lapse(conn: &impl ConnectionTrait, case: &str) -> Result<()> {
    extension::Entity::update_many()
        .col_expr(extension::Column::Outcome, Expr::value("lapsed"))
        .filter(extension::Column::CaseNo.eq(case))
        .filter(extension::Column::Outcome.is_null())
        .exec(conn)
        .await?;
    Ok(())
}

async fn open_row(conn: &impl ConnectionTrait, case: &CaseNo) -> Result<extension::Model> {
    extension::Entity::find()
        .filter(extension::Column::CaseNo.eq(case.as_str()))
        .filter(extension::Column::Outcome.is_null())
        .one(conn)
        .await?
        .ok_or_else(|| missing(case))
}

fn missing(case: &CaseNo) -> CaseError {
    CaseError::NotFound { kind: "longer limit asked for in case", id: case.0.clone() }
}

/// Newest first.
async fn rows_of(conn: &impl ConnectionTrait, case: &CaseNo) -> Result<Vec<extension::Model>> {
    Ok(extension::Entity::find()
        .filter(extension::Column::CaseNo.eq(case.as_str()))
        .order_by_desc(extension::Column::Id)
        .all(conn)
        .await?)
}

fn opened(keys: &Keys, row: extension::Model) -> Result<Extension> {
    Ok(Extension {
        reason: keys.open(SEALED, &row.reason)?,
        words: row.words.map(|words| keys.open(SEALED, &words)).transpose()?.unwrap_or_default(),
        answered: match row.outcome.as_deref() {
            None => Answered::Open,
            Some("agreed") => Answered::Agreed,
            Some("declined") => Answered::Declined,
            Some(_) => Answered::Lapsed,
        },
        ground: row.ground,
        until: row.until,
        proposed_by: row.proposed_by,
        proposed_on: row.proposed_on,
        signed_by: row.signed_by,
        signed_on: row.signed_on,
    })
}

/// Of one case, newest first, for officers who may open it.
pub async fn extensions(cx: &Cx, case: &CaseNo) -> Result<Vec<Extension>> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::ViewCase, &file, Vec::new())?;
    if cx.actor.role.is_citizen() {
        return Ok(Vec::new());
    }
    rows_of(cx.store.read(), case).await?.into_iter().map(|row| opened(cx.store.keys(), row)).collect()
}
