//! Publicity on the village's board: seven days, masked names, and what happens on an objection.
//!
//! Only the name (masked), number of members, programme and amount are ever posted (DB57 art. 24; N83 art. 4(2)).

use crate::{
    CaseError, CaseNo, CaseState, Cx, Event, FieldError, NextStep,
    change::{change, finish, load, load_at, moved, put, put_due, state_of},
    error::Result,
    limits,
    review::{self, Proposal},
    tables::{case_file, publicity, visit},
};
use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tuodi_access::Act;
use tuodi_pack::{Fen, Pack, Text, programme::Programme};
use tuodi_store::{Keys, Store, Tx};

/// What anybody may read on the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicNotice {
    pub village: String,
    pub name: String,
    pub members: i32,
    pub programme: String,
    pub programme_title: Text,
    pub monthly: Fen,
    pub posted_on: NaiveDate,
    /// The last day it hangs.
    pub ends_on: NaiveDate,
}

/// One posting as the case's own page shows it.
#[derive(Debug, Clone)]
pub struct Posting {
    pub id: i64,
    pub village: String,
    pub posted_on: NaiveDate,
    pub ends_on: NaiveDate,
    /// open, ended, objected
    pub status: String,
    pub objected_on: Option<NaiveDate>,
    /// For those who look into it only.
    pub objection: Option<Objection>,
    pub answer: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objection {
    /// Who objects; may be empty. Protected: sealed, never on a page of the applicant.
    pub from: String,
    pub text: String,
    /// written, oral, phone
    pub how: String,
}

pub(crate) async fn post(
    tx: &Tx,
    cx: &Cx,
    file: &mut case_file::Model,
    programme: &Programme,
    monthly: Fen,
    masked_name: &str,
) -> Result<()> {
    let to = moved(file, Event::Publicise)?;
    let days = if programme.publicity_days == 0 { 7 } else { programme.publicity_days };
    let ends_on = limits::publicity_ends(cx.today(), days);
    let row = publicity::ActiveModel {
        id: NotSet,
        case_no: Set(file.case_no.clone()),
        village: Set(file.region_code.clone()),
        masked_name: Set(masked_name.to_owned()),
        members: Set(file.members),
        programme: Set(programme.id.clone()),
        monthly: Set(monthly.0),
        posted_on: Set(cx.today()),
        ends_on: Set(ends_on),
        status: Set("open".to_owned()),
        objected_on: Set(None),
        objection: Set(None),
        answer: Set(None),
    };
    publicity::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    put_due(cx, file, to, NextStep::WaitPublicity, Some(ends_on));
    Ok(())
}

/// What hangs on the boards today, by village; expired postings are gone (DB57 art. 24).
pub async fn public_notices(
    store: &Store,
    pack: &Pack,
    village: Option<&str>,
    today: NaiveDate,
) -> Result<Vec<PublicNotice>> {
    let mut query = publicity::Entity::find()
        .filter(publicity::Column::Status.eq("open"))
        .filter(publicity::Column::EndsOn.gte(today))
        .filter(publicity::Column::PostedOn.lte(today));
    if let Some(village) = village {
        query = query.filter(publicity::Column::Village.eq(village));
    }
    let rows = query
        .order_by_asc(publicity::Column::Village)
        .order_by_asc(publicity::Column::EndsOn)
        .order_by_asc(publicity::Column::Id)
        .all(store.read())
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| PublicNotice {
            programme_title: programme_title(pack, &row.programme),
            village: row.village,
            name: row.masked_name,
            members: row.members,
            programme: row.programme,
            monthly: Fen(row.monthly),
            posted_on: row.posted_on,
            ends_on: row.ends_on,
        })
        .collect())
}

pub(crate) fn programme_title(pack: &Pack, id: &str) -> Text {
    pack.programme(id).map_or_else(|| Text::new(id, id), |p| p.title.clone())
}

pub(crate) async fn latest_row(conn: &impl ConnectionTrait, case: &str) -> Result<publicity::Model> {
    publicity::Entity::find()
        .filter(publicity::Column::CaseNo.eq(case))
        .order_by_desc(publicity::Column::Id)
        .one(conn)
        .await?
        .ok_or_else(|| CaseError::NotFound { kind: "publicity of case", id: case.to_owned() })
}

pub(crate) async fn of_case(
    conn: &impl ConnectionTrait,
    keys: &Keys,
    case: &str,
    with_objections: bool,
) -> Result<Vec<Posting>> {
    let rows = publicity::Entity::find()
        .filter(publicity::Column::CaseNo.eq(case))
        .order_by_desc(publicity::Column::Id)
        .all(conn)
        .await?;
    rows.into_iter()
        .map(|row| {
            let objection = match row.objection.filter(|_| with_objections) {
                Some(sealed) => Some(serde_json::from_str(&keys.open("publicity.objection", &sealed)?)?),
                None => None,
            };
            let answer = row.answer.filter(|_| with_objections);
            Ok(Posting {
                id: row.id,
                village: row.village,
                posted_on: row.posted_on,
                ends_on: row.ends_on,
                status: row.status,
                objected_on: row.objected_on,
                objection,
                answer: answer.map(|sealed| keys.open("publicity.answer", &sealed)).transpose()?,
            })
        })
        .collect()
}

/// Takes a posting down before its time: the case has ended.
pub(crate) async fn take_down(tx: &Tx, case: &CaseNo) -> Result<()> {
    publicity::Entity::update_many()
        .col_expr(publicity::Column::Status, sea_orm::sea_query::Expr::value("ended"))
        .filter(publicity::Column::CaseNo.eq(case.as_str()))
        .filter(publicity::Column::Status.eq("open"))
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// Sends a case on once its posting has hung its full days without objection (transition 16).
pub async fn end_publicity(cx: &Cx, case: &CaseNo, version: i32) -> Result<i32> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::Review, &file, Vec::new())?;
    end(cx, case, version).await
}

async fn end(cx: &Cx, case: &CaseNo, version: i32) -> Result<i32> {
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.end_publicity", case.subject(), "", move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut file = load_at(tx, &case2, version).await?;
            let from = state_of(&file);
            if from != CaseState::Publicised {
                return Err(CaseError::WrongStage { case: case2, found: from, event: Event::Forward });
            }
            let row = latest_row(tx.conn(), &case2.0).await?;
            if cx.today() <= row.ends_on {
                return Err(CaseError::TooEarly { until: row.ends_on });
            }
            let mut active = row.into_active_model();
            active.status = Set("ended".to_owned());
            publicity::Entity::update(active).exec(tx.conn()).await?;
            let to = moved(&file, Event::Forward)?;
            put(&cx, &mut file, to, NextStep::Decide)?;
            finish(tx, &cx, file, from, "case.end_publicity", json!({}), |f| f.version).await
        })
    })
    .await
}

/// Sends on every case whose posting is over. For the platform itself, once a day and when it starts.
pub async fn end_due_publicity(cx: &Cx) -> Result<u64> {
    let due = case_file::Entity::find()
        .filter(case_file::Column::State.eq(CaseState::Publicised.id()))
        .filter(case_file::Column::StepDue.lt(cx.today()))
        .order_by_asc(case_file::Column::CaseNo)
        .all(cx.store.read())
        .await?;
    let mut ended = 0;
    for file in due {
        match end(cx, &CaseNo(file.case_no), file.version).await {
            Ok(_) => ended += 1,
            // Somebody acted on it in between; the next run sees how it stands.
            Err(CaseError::Conflict { .. } | CaseError::WrongStage { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(ended)
}

/// Records an objection, written or oral. The case is looked into again; the limit becomes 45 working days
/// (N83 art. 4(1)).
pub async fn record_objection(cx: &Cx, case: &CaseNo, version: i32, objection: Objection, key: &str) -> Result<i32> {
    if objection.text.trim().is_empty() {
        return Err(CaseError::Invalid(vec![FieldError::new("text", "error.required")]));
    }
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::RecordObjection, &file, Vec::new())?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.object", case.subject(), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut file = load_at(tx, &case2, version).await?;
            let from = state_of(&file);
            let to = moved(&file, Event::Object)?;
            let row = latest_row(tx.conn(), &case2.0).await?;
            let mut active = row.into_active_model();
            active.status = Set("objected".to_owned());
            active.objected_on = Set(Some(cx.today()));
            let sealed = tx.keys().seal("publicity.objection", &serde_json::to_string(&objection)?);
            active.objection = Set(Some(sealed));
            publicity::Entity::update(active).exec(tx.conn()).await?;
            if let Some(accepted) = file.accepted_on {
                let programme = file.programme.as_deref().or(file.tier.as_deref());
                file.total_due = limits::total_due(&cx.pack, programme, accepted, true)?;
            }
            put(&cx, &mut file, to, NextStep::ResolveObjection)?;
            finish(tx, &cx, file, from, "case.object", json!({ "how": objection.how }), |f| f.version).await
        })
    })
    .await
}

/// The new opinion after an objection was looked into at the home. Still eligible: to the district without a second
/// posting, or posted again where the programme demands it (TK art. 15). Not eligible: to the district, which
/// refuses or not.
pub async fn resolve_objection(
    cx: &Cx,
    case: &CaseNo,
    version: i32,
    proposal: Proposal,
    text: &str,
    key: &str,
) -> Result<i32> {
    let text = text.trim().to_owned();
    if text.is_empty() {
        return Err(CaseError::Invalid(vec![FieldError::new("text", "error.reason")]));
    }
    review::check_proposal(&cx.pack, &proposal)?;
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::Review, &file, Vec::new())?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.resolve_objection", case.subject(), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut file = load_at(tx, &case2, version).await?;
            let from = state_of(&file);
            if from != CaseState::Objection {
                return Err(CaseError::WrongStage { case: case2, found: from, event: Event::Forward });
            }
            let posting = latest_row(tx.conn(), &case2.0).await?;
            let again = visit::Entity::find()
                .filter(visit::Column::CaseNo.eq(case2.as_str()))
                .filter(visit::Column::VisitedOn.gte(posting.objected_on.unwrap_or(posting.posted_on)))
                .one(tx.conn())
                .await?;
            if again.is_none() {
                return Err(CaseError::NoVisit);
            }
            if !file.checked {
                return Err(CaseError::NoCheck);
            }
            let report = crate::check::latest(tx.conn(), tx.keys(), &case2.0).await?.ok_or(CaseError::NoCheck)?;
            let waiting = report.differences.iter().filter(|d| d.waits_for_judgement()).count() as u64;
            if waiting > 0 {
                return Err(CaseError::Unresolved { count: waiting });
            }
            let departs = review::departs(&report.result, &proposal);
            review::write_opinion(tx, &cx, &case2, &proposal, &text, departs).await?;
            review::apply(&mut file, &proposal);
            let masked = posting.masked_name.clone();
            let mut active = posting.into_active_model();
            active.answer = Set(Some(tx.keys().seal("publicity.answer", &text)));
            publicity::Entity::update(active).exec(tx.conn()).await?;
            let second = match &proposal {
                Proposal::Approve { programme, .. } => cx.pack.programme(programme).is_some_and(|p| p.second_publicity),
                Proposal::Refuse { .. } => false,
            };
            if second {
                review::post_if_needed(tx, &cx, &mut file, &proposal, &masked).await?;
            } else {
                let to = moved(&file, Event::Forward)?;
                put(&cx, &mut file, to, NextStep::Decide)?;
            }
            let details = json!({ "proposal": proposal, "departs": departs, "posted_again": second });
            finish(tx, &cx, file, from, "case.resolve_objection", details, |f| f.version).await
        })
    })
    .await
}
