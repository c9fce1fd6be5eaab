//! Papers made up afterwards, and what a person does where they never come.

use super::{
    EmergencyAct, EmergencyState, SEALED_PAPERS, authorise_act, fine, load, load_for, put, rules, save, subject, words,
};
use crate::{Cx, FieldError, change::change, error::Result};
use serde_json::json;

/// What was made up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Papers {
    /// Ids of the pack.
    pub kinds: Vec<String>,
    /// Why one is not there, where one is not.
    pub note: String,
}

/// The papers are in. One that cannot be had is said so, and the household loses nothing by it.
pub async fn record_papers(cx: &Cx, no: &str, version: i32, papers: Papers, key: &str) -> Result<i32> {
    let row = load(cx.store.read(), no).await?;
    authorise_act(cx, EmergencyAct::Papers, &row).await?;
    let known = &rules(cx)?.papers;
    let mut errors = Vec::new();
    if papers.kinds.iter().any(|id| !known.iter().any(|p| p.id == *id)) {
        errors.push(FieldError::new("kinds", "error.choice"));
    } else if papers.kinds.is_empty() {
        errors.push(FieldError::new("kinds", "error.required"));
    }
    let whole = known.iter().all(|p| papers.kinds.contains(&p.id));
    let note = words("note", &papers.note, !whole && !papers.kinds.is_empty(), &mut errors);
    fine(errors)?;
    let kinds: Vec<&str> =
        known.iter().map(|p| p.id.as_str()).filter(|id| papers.kinds.iter().any(|k| k == id)).collect();
    let kinds = kinds.join(",");
    let (cx2, no2) = (cx.clone(), no.to_owned());
    change(cx, "emergency.papers", subject(no), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut row = load_for(tx, &no2, version, EmergencyAct::Papers).await?;
            row.papers_on = Some(cx.today());
            row.papers_by = Some(cx.actor.account.clone());
            row.papers_note = (!note.is_empty()).then(|| tx.keys().seal(SEALED_PAPERS, &note));
            row.papers.clone_from(&kinds);
            put(&cx, &mut row, EmergencyState::Documented)?;
            save(tx, &cx, row, "emergency.papers", json!({ "papers": kinds, "whole": whole })).await
        })
    })
    .await
}

/// The papers never came: somebody who neither verified nor paid looks into it. Either it goes on without them, or it ends
/// with what was given; nothing is asked back by it.
pub async fn excuse_papers(cx: &Cx, no: &str, version: i32, go_on: Option<bool>, text: &str, key: &str) -> Result<i32> {
    let row = load(cx.store.read(), no).await?;
    authorise_act(cx, EmergencyAct::Excuse, &row).await?;
    let mut errors = Vec::new();
    let Some(go_on) = go_on else {
        words("excuse_text", text, true, &mut errors);
        errors.insert(0, FieldError::new("go_on", "error.choice"));
        return fine(errors).map(|()| 0);
    };
    let text = words("excuse_text", text, true, &mut errors);
    fine(errors)?;
    let (cx2, no2) = (cx.clone(), no.to_owned());
    change(cx, "emergency.excuse", subject(no), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut row = load_for(tx, &no2, version, EmergencyAct::Excuse).await?;
            row.papers_by = Some(cx.actor.account.clone());
            row.papers_note = Some(tx.keys().seal(SEALED_PAPERS, &text));
            if go_on {
                row.papers_on = Some(cx.today());
                put(&cx, &mut row, EmergencyState::Documented)?;
            } else {
                row.outcome = Some("advance_only".to_owned());
                put(&cx, &mut row, EmergencyState::Closed)?;
            }
            save(tx, &cx, row, "emergency.excuse", json!({ "go_on": go_on })).await
        })
    })
    .await
}
