//! Publicity on the village's board: seven days, masked names. What happens on an objection: `objection`.
//!
//! Only the name (masked), number of members, programme and amount are ever posted (DB57 art. 24; N83 art. 4(2)).

use crate::{
    CaseError, CaseNo, CaseState, Cx, Event, NextStep,
    change::{change, finish, load, load_at, moved, put, put_due, state_of},
    error::Result,
    limits,
    objection::{self, ObjectionRow},
    tables::{case_file, publicity},
};
use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use serde::Serialize;
use serde_json::json;
use tuodi_access::Act;
use tuodi_pack::{Fen, Pack, Text, programme::Programme};
use tuodi_store::{Keys, Store, Tx};

/// What anybody may read on the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicNotice {
    /// By which an objection names it.
    pub id: i64,
    pub village: String,
    pub name: String,
    pub members: i32,
    pub programme: String,
    pub programme_title: Text,
    pub monthly: Fen,
    pub posted_on: NaiveDate,
    /// The last day it hangs.
    pub ends_on: NaiveDate,
    /// That help ends is posted, not that it begins.
    pub ends: bool,
}

/// One posting as the case's own page shows it.
#[derive(Debug, Clone)]
pub struct Posting {
    pub id: i64,
    pub village: String,
    pub posted_on: NaiveDate,
    pub ends_on: NaiveDate,
    /// open, objected (it hangs on while somebody looks into it), ended
    pub status: String,
    /// The first objection.
    pub objected_on: Option<NaiveDate>,
    /// For those who look into it only.
    pub objections: Vec<ObjectionRow>,
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
    let ends_on = hang(tx, cx, file, programme, monthly, masked_name, false).await?;
    put_due(cx, file, to, NextStep::WaitPublicity, Some(ends_on));
    Ok(())
}

/// Puts a notice on the board for the programme's days from today; its last day. The case is not moved.
pub(crate) async fn hang(
    tx: &Tx,
    cx: &Cx,
    file: &case_file::Model,
    programme: &Programme,
    monthly: Fen,
    masked_name: &str,
    ends: bool,
) -> Result<NaiveDate> {
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
        ends: Set(ends),
    };
    publicity::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    Ok(ends_on)
}

/// What hangs on the boards today, by village; expired postings are gone (DB57 art. 24). One that was objected to hangs
/// on to its last day: others may object too.
pub async fn public_notices(
    store: &Store,
    pack: &Pack,
    village: Option<&str>,
    today: NaiveDate,
) -> Result<Vec<PublicNotice>> {
    let mut query = publicity::Entity::find().filter(hanging(today));
    if let Some(village) = village {
        query = query.filter(publicity::Column::Village.eq(village));
    }
    let rows = query
        .order_by_asc(publicity::Column::Village)
        .order_by_asc(publicity::Column::EndsOn)
        .order_by_asc(publicity::Column::Id)
        .all(store.read())
        .await?;
    Ok(rows.into_iter().map(|row| notice_of(pack, row)).collect())
}

/// One notice, if it hangs today.
pub async fn public_notice(store: &Store, pack: &Pack, id: i64, today: NaiveDate) -> Result<Option<PublicNotice>> {
    let row = publicity::Entity::find_by_id(id).filter(hanging(today)).one(store.read()).await?;
    Ok(row.map(|row| notice_of(pack, row)))
}

pub(crate) fn hanging(today: NaiveDate) -> Condition {
    Condition::all()
        .add(publicity::Column::Status.is_in(["open", "objected"]))
        .add(publicity::Column::EndsOn.gte(today))
        .add(publicity::Column::PostedOn.lte(today))
}

fn notice_of(pack: &Pack, row: publicity::Model) -> PublicNotice {
    PublicNotice {
        id: row.id,
        programme_title: programme_title(pack, &row.programme),
        village: row.village,
        name: row.masked_name,
        members: row.members,
        programme: row.programme,
        monthly: Fen(row.monthly),
        posted_on: row.posted_on,
        ends_on: row.ends_on,
        ends: row.ends,
    }
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
    let mut objections = if with_objections { objection::of_case(conn, keys, case).await? } else { Vec::new() };
    Ok(rows
        .into_iter()
        .map(|row| {
            let (own, others) = objections.drain(..).partition(|o| o.posting == row.id);
            objections = others;
            Posting {
                id: row.id,
                village: row.village,
                posted_on: row.posted_on,
                ends_on: row.ends_on,
                status: row.status,
                objected_on: row.objected_on,
                objections: own,
            }
        })
        .collect())
}

/// Takes a posting down before its time: the case has ended.
pub(crate) async fn take_down(tx: &Tx, case: &CaseNo) -> Result<()> {
    publicity::Entity::update_many()
        .col_expr(publicity::Column::Status, sea_orm::sea_query::Expr::value("ended"))
        .filter(publicity::Column::CaseNo.eq(case.as_str()))
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
