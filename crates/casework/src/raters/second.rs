//! The second assessment, made without the first; and what the two found who looked at a large difference together.

use super::{
    MOST_TEXT, SEALED, SEALED_LOOKED, resource,
    sample::{first_of, has_seen, load_sample},
};
use crate::{
    CaseError, CaseNo, Cx, FieldError,
    change::{change, load},
    error::Result,
    reassess::{AssessForm, Record, weighed},
    tables::visit,
    visit::VisitRecord,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::json;
use tuodi_access::Act;
use tuodi_store::Recorded;

/// Records the second assessment: it is compared, and never used for anything else. Whether the two differ much.
pub async fn assess_second(cx: &Cx, id: i64, form: AssessForm, key: &str) -> Result<bool> {
    let row = load_sample(cx.store.read(), id).await?;
    let file = load(cx.store.read(), &CaseNo(row.case_no.clone())).await?;
    let first = first_of(cx.store.read(), &row).await?;
    cx.access.authorise(&cx.actor, Act::RecordVisit, &resource(&row, &file, &first), "casework")?;
    let made = visit::Entity::find_by_id(row.visit_id).one(cx.store.read()).await?;
    let made = made.ok_or_else(|| CaseError::NotFound { kind: "visit", id: row.visit_id.to_string() })?;
    let form = AssessForm { note: form.note.trim().to_owned(), ..form };
    let (mut problems, index) = weighed(cx, made.visited_on, &form)?;
    // Sent twice the key answers; whoever has read the first answers meanwhile is no second assessor any more.
    if row.second_on.is_none() && has_seen(cx, &row, &cx.actor.account).await? {
        problems.push(FieldError::new("answers", "error.seen_first"));
    }
    let (Some(index), Some(on), true) = (index, form.on, problems.is_empty()) else {
        return Err(CaseError::Invalid(problems));
    };
    let before: VisitRecord = serde_json::from_str(&cx.store.keys().open("visit.record", &made.record)?)?;
    let gap = index.low.abs_diff(before.index.low);
    let large = cx.pack.workflow.assess.second.as_ref().is_some_and(|rules| gap >= rules.large);
    let cx2 = cx.clone();
    change(cx, "assessment.second", format!("second:{id}"), key, move |tx| {
        Box::pin(async move {
            let row = load_sample(tx.conn(), id).await?;
            if row.second_on.is_some() {
                return Err(CaseError::Answered { id });
            }
            let record = Record { answers: form.answers, index: index.clone(), note: form.note };
            let details = json!({ "on": on, "completeness": index.completeness, "large": large });
            let entry = cx2.entry("assessment.second", format!("second:{id}"), &row.region_code, details);
            let mut row = row.into_active_model();
            row.second_on = Set(Some(on));
            row.second_by = Set(Some(cx2.actor.account.clone()));
            row.second = Set(Some(tx.keys().seal(SEALED, &serde_json::to_string(&record)?)));
            row.gap = Set(Some(gap as i32));
            row.large = Set(large);
            row.update(tx.conn()).await?;
            Ok(Recorded::new(large, entry))
        })
    })
    .await
}

/// What the two found who looked at a large difference together: words for the next training; the assessments stay as
/// they are.
pub async fn look_together(cx: &Cx, id: i64, text: &str, key: &str) -> Result<()> {
    let row = load_sample(cx.store.read(), id).await?;
    cx.authorise_region(Act::RecordVisit, "raters", &id.to_string(), &row.county)?;
    let text = text.trim().to_owned();
    let wrong = |key| Err(CaseError::Invalid(vec![FieldError::new("text", key)]));
    if text.is_empty() {
        return wrong("error.required");
    }
    if text.chars().count() > MOST_TEXT {
        return wrong("error.too_long");
    }
    let cx2 = cx.clone();
    change(cx, "assessment.looked", format!("second:{id}"), key, move |tx| {
        Box::pin(async move {
            let row = load_sample(tx.conn(), id).await?;
            if !row.large {
                return Err(CaseError::NotFound { kind: "large difference", id: id.to_string() });
            }
            if row.looked_on.is_some() {
                return Err(CaseError::Answered { id });
            }
            let entry = cx2.entry("assessment.looked", format!("second:{id}"), &row.region_code, json!({}));
            let mut row = row.into_active_model();
            row.looked_on = Set(Some(cx2.today()));
            row.looked_by = Set(Some(cx2.actor.account.clone()));
            row.looked = Set(Some(tx.keys().seal(SEALED_LOOKED, &text)));
            row.update(tx.conn()).await?;
            Ok(Recorded::new((), entry))
        })
    })
    .await
}
