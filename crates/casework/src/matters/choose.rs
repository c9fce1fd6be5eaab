//! What is proposed, what the household chooses of it, and what goes to departments.

use super::{MatterState, tables::matter};
use crate::{
    CaseError, CaseNo, CaseState, Cx, Event, FieldError,
    change::{change, load, state_of, tell},
    error::Result,
    tables::case_file,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;
use tuodi_access::Act;
use tuodi_pack::services::{Consent, Forward, Matter};
use tuodi_store::{Entry, Recorded, Tx};

/// Matters that follow an application, as against those that are applied for.
pub(super) fn following(cx: &Cx) -> impl Iterator<Item = &Matter> {
    cx.pack.services.matters.iter().filter(|m| m.consent != Consent::Application)
}

pub(super) async fn rows_of(conn: &impl ConnectionTrait, case: &str) -> Result<Vec<matter::Model>> {
    Ok(matter::Entity::find().filter(matter::Column::CaseNo.eq(case)).all(conn).await?)
}

fn new_row(cx: &Cx, file: &case_file::Model, of: &Matter, state: MatterState) -> matter::ActiveModel {
    matter::ActiveModel {
        case_no: Set(file.case_no.clone()),
        household_id: Set(file.household_id),
        region_code: Set(file.region_code.clone()),
        county: Set(file.county.clone()),
        matter: Set(of.id.clone()),
        department: Set(of.department.clone()),
        state: Set(state.id().to_owned()),
        proposed_at: Set(cx.at()),
        ..Default::default()
    }
}

/// Writes down what the check found to follow; what is there already stays as it is.
pub(crate) async fn propose_in(tx: &Tx, cx: &Cx, file: &case_file::Model, found: &[String]) -> Result<()> {
    let there = rows_of(tx.conn(), &file.case_no).await?;
    let new = following(cx).filter(|m| found.contains(&m.id) && there.iter().all(|row| row.matter != m.id));
    let rows: Vec<_> = new.map(|m| new_row(cx, file, m, MatterState::Proposed)).collect();
    if !rows.is_empty() {
        matter::Entity::insert_many(rows).exec_without_returning(tx.conn()).await?;
    }
    Ok(())
}

/// Decided in the household's favour.
pub(super) fn is_recognised(state: CaseState) -> bool {
    matches!(state, CaseState::Approved | CaseState::Assisting)
}

/// A matter's row on its way to the department.
fn forwarded(cx: &Cx, file: &case_file::Model, of: &Matter, row: &mut matter::ActiveModel) -> Result<()> {
    // An emergency is answered sooner where the pack says so.
    let urgent = file.programme.as_deref().is_some_and(|p| of.programmes.iter().any(|own| own == p));
    let days = of.urgent_days.filter(|_| urgent).unwrap_or(of.due_days);
    row.state = Set(MatterState::Forwarded.id().to_owned());
    row.forwarded_on = Set(Some(cx.today()));
    row.due_on = Set(Some(cx.pack.calendar.add_working_days(cx.today(), days)?));
    Ok(())
}

/// The household's choice, item by item: what is ticked is confirmed, what is proposed and not ticked is declined. A
/// matter that nobody proposed may be asked for all the same. What is with a department already stays there. `shown`: what
/// stood on the page; what was proposed meanwhile is not declined unseen.
///
/// # Errors
/// [`CaseError::Invalid`] with the field `matters` where the pack knows no such matter.
pub async fn choose_matters(cx: &Cx, case: &CaseNo, shown: Vec<String>, ticked: Vec<String>, key: &str) -> Result<()> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::Apply, &file, Vec::new())?;
    if ticked.iter().any(|id| following(cx).all(|m| m.id != *id)) {
        return Err(CaseError::Invalid(vec![FieldError::new("matters", "error.choice")]));
    }
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "matter.choose", case.subject(), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let file = load(tx.conn(), &case2).await?;
            let found = state_of(&file);
            // Departments are told about applications, not about forms half filled in.
            if file.submitted_on.is_none() || matches!(found, CaseState::Refused | CaseState::Terminated) {
                return Err(CaseError::WrongStage { case: case2, found, event: Event::Submit });
            }
            let there = rows_of(tx.conn(), &file.case_no).await?;
            let (mut confirmed, mut declined, mut sent) = (Vec::new(), Vec::new(), Vec::new());
            for of in following(&cx) {
                let wanted = ticked.contains(&of.id);
                let row = there.iter().find(|row| row.matter == of.id);
                let stands = row.and_then(|row| MatterState::from_id(&row.state));
                let open = stands.is_none_or(MatterState::is_open_to_choice);
                let nothing_new = row.is_none() || stands == Some(MatterState::Declined) || !shown.contains(&of.id);
                if !open || !wanted && nothing_new {
                    continue;
                }
                let to = if wanted { MatterState::Confirmed } else { MatterState::Declined };
                let mut active = match row {
                    Some(row) => row.clone().into_active_model(),
                    None => new_row(&cx, &file, of, to),
                };
                active.state = Set(to.id().to_owned());
                active.chosen_by = Set(Some(cx.actor.account.clone()));
                active.chosen_at = Set(Some(cx.at()));
                if wanted && (of.forward == Forward::Confirmation || is_recognised(found)) {
                    forwarded(&cx, &file, of, &mut active)?;
                    sent.push(of.id.as_str());
                } else if wanted {
                    confirmed.push(of.id.as_str());
                } else {
                    declined.push(of.id.as_str());
                }
                match row {
                    Some(_) => matter::Entity::update(active).exec(tx.conn()).await.map(|_| ())?,
                    None => matter::Entity::insert(active).exec_without_returning(tx.conn()).await.map(|_| ())?,
                }
            }
            let details = json!({ "confirmed": confirmed, "declined": declined, "forwarded": sent });
            tell(tx, &cx, &file, "matter.choose", None, details.clone()).await?;
            Ok(Recorded::new((), cx.entry("matter.choose", case2.subject(), &file.region_code, details)))
        })
    })
    .await
}

/// With the decision what was confirmed goes out, or ends with the application. Returns the journal entry, if anything
/// moved.
pub(crate) async fn decided_in(tx: &Tx, cx: &Cx, file: &case_file::Model) -> Result<Option<Entry>> {
    let recognised = is_recognised(state_of(file));
    let (mut moved, mut again) = (Vec::new(), Vec::new());
    for row in rows_of(tx.conn(), &file.case_no).await? {
        let of = following(cx).find(|m| m.id == row.matter);
        let state = MatterState::from_id(&row.state);
        let mut active = row.clone().into_active_model();
        match (state, of) {
            (Some(MatterState::Confirmed), Some(of)) if recognised => forwarded(cx, file, of, &mut active)?,
            // An appeal was won: what had been confirmed goes out, the rest may be chosen again.
            (Some(MatterState::Lapsed), Some(of)) if recognised => {
                active.ended_on = Set(None);
                if row.chosen_at.is_some() {
                    forwarded(cx, file, of, &mut active)?;
                } else {
                    active.state = Set(MatterState::Proposed.id().to_owned());
                    matter::Entity::update(active).exec(tx.conn()).await?;
                    again.push(row.matter);
                    continue;
                }
            }
            // What is only proposed stays to be chosen after an approval.
            (Some(MatterState::Confirmed | MatterState::Proposed), _) if !recognised => {
                active.state = Set(MatterState::Lapsed.id().to_owned());
                active.ended_on = Set(Some(cx.today()));
            }
            _ => continue,
        }
        matter::Entity::update(active).exec(tx.conn()).await?;
        moved.push(row.matter);
    }
    if moved.is_empty() && again.is_empty() {
        return Ok(None);
    }
    let act = if recognised { "matter.forward" } else { "matter.lapse" };
    let details = json!({ "matters": moved, "proposed_again": again });
    tell(tx, cx, file, act, None, details.clone()).await?;
    Ok(Some(cx.entry(act, format!("case:{}", file.case_no), &file.region_code, details)))
}
