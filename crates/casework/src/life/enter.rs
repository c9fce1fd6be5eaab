//! Somebody was seen, or was not found.

use super::{MOST_TEXT, SEALED, Sealed, watch::lasts};
use crate::{
    CaseError, CaseNo, Cx, FieldError,
    change::{change, load, state_of, tell},
    error::Result,
    tables::{life, life_proof},
};
use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use serde_json::json;
use tuodi_access::Act;
use tuodi_store::Recorded;

/// What an officer enters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LifeForm {
    /// Of the pack.
    pub way: String,
    /// None where nothing was chosen.
    pub met: Option<bool>,
    pub on: Option<NaiveDate>,
    pub witness: String,
    pub words: String,
}

fn checked(cx: &Cx, form: LifeForm) -> Result<LifeForm> {
    let form = LifeForm { witness: form.witness.trim().to_owned(), words: form.words.trim().to_owned(), ..form };
    let way = cx.pack.workflow.living.proof.as_ref().and_then(|p| p.way(&form.way));
    let mut errors = Vec::new();
    let mut wrong = |field: &str, key| errors.push(FieldError::new(field, key));
    if way.is_none() {
        wrong("way", "error.choice");
    }
    if form.met.is_none() {
        wrong("met", "error.choice");
    }
    match form.on {
        None => wrong("on", "error.date"),
        Some(on) if on > cx.today() => wrong("on", "error.future"),
        // A proof that would be over already proves nothing today.
        Some(on) if form.met == Some(true) && lasts(cx, on) < cx.today() => wrong("on", "error.too_old"),
        Some(_) => {}
    }
    let met = form.met != Some(false);
    if form.witness.is_empty() && met && way.is_some_and(|w| w.witness) {
        wrong("witness", "error.required");
    }
    if form.words.is_empty() && (!met || way.is_some_and(|w| w.words)) {
        wrong("words", "error.required");
    }
    for (field, text) in [("witness", &form.witness), ("words", &form.words)] {
        if text.chars().count() > MOST_TEXT {
            wrong(field, "error.too_long");
        }
    }
    if errors.is_empty() { Ok(form) } else { Err(CaseError::Invalid(errors)) }
}

/// The day up to which the newest proof of a case holds, as far as one was entered.
pub(super) async fn proven(cx: &Cx, conn: &impl ConnectionTrait, case: &str) -> Result<Option<NaiveDate>> {
    let newest = life_proof::Entity::find()
        .filter(life_proof::Column::CaseNo.eq(case))
        .filter(life_proof::Column::Met.eq(true))
        .order_by_desc(life_proof::Column::SeenOn)
        .one(conn)
        .await?;
    Ok(newest.map(|row| lasts(cx, row.seen_on)))
}

/// Enters that the recipient was seen: the next day is counted from then. Where nobody was met somebody goes there again;
/// the money is as it was. The last day of what holds now.
pub async fn enter_life(cx: &Cx, case: &CaseNo, form: LifeForm, key: &str) -> Result<NaiveDate> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::RecordVisit, &file, Vec::new())?;
    let form = checked(cx, form)?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.life", case.subject(), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let file = load(tx.conn(), &case2).await?;
            let row = life::Entity::find_by_id(case2.0.clone()).one(tx.conn()).await?;
            let row = row.ok_or_else(|| CaseError::NotFound { kind: "proof of life", id: case2.0.clone() })?;
            let (met, on) = (form.met == Some(true), form.on.unwrap_or(cx.today()));
            let sealed = serde_json::to_string(&Sealed { witness: form.witness, words: form.words })?;
            let proof = life_proof::ActiveModel {
                id: NotSet,
                case_no: Set(case2.0.clone()),
                way: Set(form.way.clone()),
                met: Set(met),
                seen_on: Set(on),
                content: Set(tx.keys().seal(SEALED, &sealed)),
                entered_by: Set(cx.actor.account.clone()),
                channel: Set(cx.channel.id().to_owned()),
                entered_at: Set(cx.at()),
            };
            life_proof::Entity::insert(proof).exec_without_returning(tx.conn()).await?;
            // An older day entered later takes nothing from what holds.
            let due = if met { row.due_on.max(lasts(&cx, on)) } else { row.due_on };
            let visit_by = match (met, row.visit_by) {
                (true, _) => None,
                (false, Some(day)) => Some(day),
                (false, None) => Some(super::watch::visit_by(&cx)?),
            };
            let reminded = row.reminded_on.filter(|_| !met);
            let mut row = row.into_active_model();
            row.due_on = Set(due);
            row.reminded_on = Set(reminded);
            row.visit_by = Set(visit_by);
            row.update(tx.conn()).await?;
            let details = json!({ "way": form.way, "met": met, "on": on, "due": due, "visit_by": visit_by });
            let act = if met { "case.life" } else { "case.life_missed" };
            tell(tx, &cx, &file, act, Some(state_of(&file)), details.clone()).await?;
            Ok(Recorded::new(due, cx.entry(act, case2.subject(), &file.region_code, details)))
        })
    })
    .await
}
