//! Giving an assessment to a colleague or to a third-party assessor, who sees no other.

use super::{assess::load_task, resource};
use crate::{
    CaseError, CaseNo, Cx, FieldError,
    change::{change, load},
    error::Result,
    kin,
    tables::reassessment,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde_json::json;
use tuodi_access::{Account, Act, accounts};
use tuodi_store::Recorded;

/// Who can be given it: whoever may record it then.
fn can(cx: &Cx, to: &Account, row: &reassessment::Model, kept_out: Vec<String>) -> bool {
    let given = reassessment::Model { assignee: Some(to.id.clone()), ..row.clone() };
    cx.access.authorise(&to.actor(), Act::RecordVisit, &resource(&given, kept_out), "casework").is_ok()
}

/// Those of the actor's region to whom a task can be given; nobody where the actor may not give it.
pub async fn assessors(cx: &Cx, id: i64) -> Result<Vec<Account>> {
    let row = load_task(cx.store.read(), id).await?;
    let file = load(cx.store.read(), &CaseNo(row.case_no.clone())).await?;
    if authorise(cx, &row, kin::kept_out(&file)).is_err() {
        return Ok(Vec::new());
    }
    let all = accounts::officers(&cx.store, &row.county).await?;
    Ok(all.into_iter().filter(|to| can(cx, to, &row, kin::kept_out(&file))).collect())
}

/// Leaders give any; an officer what is nobody's or the officer's own.
fn authorise(cx: &Cx, row: &reassessment::Model, kept_out: Vec<String>) -> Result<()> {
    let own = row.assignee.as_ref().is_none_or(|a| *a == cx.actor.account);
    let asked = super::resource(row, kept_out).assigned_to(own.then(|| cx.actor.account.clone()));
    cx.access.authorise(&cx.actor, Act::Assign, &asked, "casework")?;
    Ok(())
}

/// Gives an open task to somebody.
pub async fn give(cx: &Cx, id: i64, to: &str, key: &str) -> Result<()> {
    let row = load_task(cx.store.read(), id).await?;
    let file = load(cx.store.read(), &CaseNo(row.case_no.clone())).await?;
    cx.authorise_region(Act::ViewQueue, "assessment", "", &row.region_code)?;
    // Nothing is left to give: the form sent twice.
    if row.outcome.is_none() && row.assignee.as_deref() == Some(to) {
        return Ok(());
    }
    authorise(cx, &row, kin::kept_out(&file))?;
    let wrong = || CaseError::Invalid(vec![FieldError::new("to", "error.choice")]);
    let account = accounts::find(&cx.store, to).await?.ok_or_else(wrong)?;
    if !can(cx, &account, &row, kin::kept_out(&file)) {
        return Err(wrong());
    }
    let cx2 = cx.clone();
    change(cx, "assessment.give", format!("assessment:{id}"), key, move |tx| {
        Box::pin(async move {
            let row = load_task(tx.conn(), id).await?;
            if row.outcome.is_some() {
                return Err(CaseError::Answered { id });
            }
            let details = json!({ "from": row.assignee, "to": account.id });
            let entry = cx2.entry("assessment.give", format!("assessment:{id}"), &row.region_code, details);
            let mut row = row.into_active_model();
            row.assignee = Set(Some(account.id.clone()));
            row.update(tx.conn()).await?;
            Ok(Recorded::new((), entry))
        })
    })
    .await
}
