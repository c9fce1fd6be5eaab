//! Reports follow answers: issued when everything is said, when the first has been held back long enough, and again when
//! something has come since.

use crate::{
    CaseNo, Cx,
    application::household_of,
    change::change,
    error::Result,
    tables::{verification_answer as answer, verification_request as request},
    verify::{
        AnswerState, answers,
        order::{evaluate, subject},
        pursue::load_request,
        replies,
        report::{self, COMPLETE, WAITING},
    },
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use serde_json::json;
use tuodi_access::Act;
use tuodi_pack::{Evaluate, HouseholdId};
use tuodi_store::{Recorded, Tx};

/// Ends what still waits on a household's authorisations for a purpose. Within the withdrawal's own change.
pub(crate) async fn stop_waiting(tx: &Tx, cx: &Cx, household: i64, purpose: &str) -> Result<u64> {
    let numbers: Vec<String> = request::Entity::find()
        .select_only()
        .column(request::Column::Number)
        .filter(request::Column::HouseholdId.eq(household))
        .filter(request::Column::Purpose.is_in(cx.pack.verification.covered_by(purpose)))
        .filter(request::Column::State.eq(WAITING))
        .into_tuple()
        .all(tx.conn())
        .await?;
    if numbers.is_empty() {
        return Ok(0);
    }
    let waiting: Vec<i64> = answer::Entity::find()
        .select_only()
        .column(answer::Column::Id)
        .filter(answer::Column::Number.is_in(numbers.iter().map(String::as_str)))
        .filter(answer::Column::State.eq(AnswerState::Waiting.id()))
        .into_tuple()
        .all(tx.conn())
        .await?;
    replies::forget(tx, waiting).await?;
    let done = answer::Entity::update_many()
        .col_expr(answer::Column::State, Expr::value(AnswerState::Stopped.id()))
        .col_expr(answer::Column::Reason, Expr::value("withdrawn"))
        .col_expr(answer::Column::AnsweredAt, Expr::value(cx.at()))
        .col_expr(answer::Column::Content, Expr::value(Option::<Vec<u8>>::None))
        .filter(answer::Column::Number.is_in(numbers))
        .filter(answer::Column::State.eq(AnswerState::Waiting.id()))
        .exec(tx.conn())
        .await?;
    Ok(done.rows_affected)
}

/// Issues the reports that are due: everything is answered, something new has come, or the first has been held back long
/// enough. Returns how many.
pub async fn settle(cx: &Cx, engine: &dyn Evaluate) -> Result<usize> {
    cx.authorise_region(Act::RecordCheck, "verification", "", &cx.actor.region)?;
    let open = request::Entity::find()
        .filter(request::Column::State.eq(WAITING))
        .order_by_asc(request::Column::OrderedAt)
        .all(cx.store.read())
        .await?;
    let mut issued = 0;
    for request in open {
        if settle_one(cx, engine, request).await? {
            issued += 1;
        }
    }
    Ok(issued)
}

async fn settle_one(cx: &Cx, engine: &dyn Evaluate, request: request::Model) -> Result<bool> {
    let (conn, keys) = (cx.store.read(), cx.store.keys());
    let rows = answers::of_request(conn, &request.number).await?;
    let waiting = rows.iter().filter(|row| answers::state_of(row) == AnswerState::Waiting).count() as i32;
    let due = match request.edition {
        0 => waiting == 0 || cx.at() >= request.hold_until,
        // Of a later edition only when a source has settled since.
        _ => waiting < request.waiting,
    };
    if !due {
        return Ok(false);
    }
    let household = household_of(cx, HouseholdId(request.household_id)).await?;
    let case = request.case_no.clone().map(CaseNo);
    let replied = answers::replied(keys, &rows)?;
    let found = evaluate(cx, engine, household.id, request.as_of, &request.purpose, case.as_ref(), replied).await?;
    let (cx2, number) = (cx.clone(), request.number.clone());
    change(cx, "verification.report", subject(&request.number), "", move |tx| {
        Box::pin(async move {
            let now = load_request(tx.conn(), &number).await?;
            let fresh = answers::of_request(tx.conn(), &number).await?;
            // Somebody else issued it, or another answer came while the engine worked: the next look finds it.
            let same = now.edition == request.edition && now.state != COMPLETE && fresh == rows;
            if !same {
                let details = json!({ "edition": now.edition, "later": true });
                let entry = cx2.entry("verification.put_off", subject(&number), &now.region_code, details);
                return Ok(Recorded::new(false, entry));
            }
            let entry = report::issue(tx, &cx2, now, &household, &fresh, &found).await?;
            Ok(Recorded::new(true, entry))
        })
    })
    .await
}
