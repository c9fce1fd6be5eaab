//! Acceptance, which starts the statutory clock; the one-time notice of what is missing; whose desk a case is on.

use crate::{
    CaseError, CaseNo, Cx, Event, FieldError, NextStep,
    application::{applicant_of, household_of, name_in},
    change::{change, finish, load, load_at, moved, put, save, state_of, tell},
    consent::adults_without_consent,
    course,
    cx::case_no,
    error::Result,
    limits, notice,
    papers::texts_of,
    reassess,
    tables::case_file,
};
use serde_json::json;
use tuodi_access::Act;
use tuodi_pack::{HouseholdId, PersonId, reassess::Occasion};
use tuodi_store::{Recorded, Tx};

/// Accepts within the caller's change: the clock starts, the receipt is written.
pub(crate) async fn accept_in(
    tx: &Tx,
    cx: &Cx,
    mut file: case_file::Model,
    to_name: &str,
) -> Result<(case_file::Model, Vec<tuodi_store::Entry>)> {
    let from = state_of(&file);
    let to = moved(&file, Event::Accept)?;
    file.accepted_on = Some(cx.today());
    file.total_due =
        limits::total_due(&cx.pack, file.programme.as_deref().or(file.tier.as_deref()), cx.today(), false)?;
    put(cx, &mut file, to, NextStep::RunCheck)?;
    let file = save(tx, file).await?;
    course::begin(tx, cx, &file).await?;
    tell(tx, cx, &file, "case.accept", Some(from), json!({ "due": file.total_due })).await?;
    let mut entries = vec![cx.entry(
        "case.accept",
        case_no(&file).subject(),
        &file.region_code,
        json!({ "from": from.id(), "to": file.state, "due": file.total_due, "channel": cx.channel.id() }),
    )];
    entries.push(notice::issue(tx, cx, &file, notice::accepted(cx, &file, to_name.to_owned())).await?.1);
    // A new subject is assessed at once, with the visit (workflow.md 3.1).
    entries.extend(reassess::begin(tx, cx, Occasion::New, &file).await?);
    Ok((file, entries))
}

/// A clerk accepts a case that was not accepted by itself. Consent is still needed from every adult.
pub async fn accept(cx: &Cx, case: &CaseNo, version: i32) -> Result<()> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::Accept, &file, Vec::new())?;
    moved(&file, Event::Accept)?;
    let household = household_of(cx, HouseholdId(file.household_id)).await?;
    let applicant = file.applicant_id;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.accept", case.subject(), "", move |tx| {
        Box::pin(async move {
            let file = load_at(tx, &case2, version).await?;
            let persons = adults_without_consent(tx.conn(), tx.keys(), &cx2, &file, &household).await?;
            if !persons.is_empty() {
                return Err(CaseError::NoConsent { persons });
            }
            let (_, mut entries) = accept_in(tx, &cx2, file, &name_in(&household, applicant)).await?;
            let first = entries.remove(0);
            Ok(entries.into_iter().fold(Recorded::new((), first), Recorded::and))
        })
    })
    .await
}

/// Tells the applicant once everything that is missing (DB57 art. 10). The clock has not started.
///
/// `papers`: ids of [`crate::papers::Wanted`]; one that the platform knows already is refused. `other`: what no
/// programme names, in the officer's words.
pub async fn return_for_more(
    cx: &Cx,
    case: &CaseNo,
    version: i32,
    papers: &[String],
    other: Vec<String>,
    note: String,
    key: &str,
) -> Result<String> {
    let other: Vec<String> = other.into_iter().map(|m| m.trim().to_owned()).filter(|m| !m.is_empty()).collect();
    if papers.is_empty() && other.is_empty() {
        return Err(CaseError::Invalid(vec![FieldError::new("missing", "error.required")]));
    }
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::Return, &file, Vec::new())?;
    let papers = texts_of(cx, &file, papers).await?;
    let to_name = applicant_of(cx, PersonId(file.applicant_id)).await?.name;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.return", case.subject(), key, move |tx| {
        Box::pin(async move {
            let mut file = load_at(tx, &case2, version).await?;
            let from = state_of(&file);
            let to = moved(&file, Event::Return)?;
            put(&cx2, &mut file, to, NextStep::Supply)?;
            let draft = notice::returned(&cx2, &file, to_name, papers.clone(), other.clone(), note);
            let (number, entry) = notice::issue(tx, &cx2, &file, draft).await?;
            let details = json!({ "missing": papers.len() + other.len(), "notice": number });
            let recorded = finish(tx, &cx2, file, from, "case.return", details, |_| number.clone()).await?;
            Ok(recorded.and(entry))
        })
    })
    .await
}

/// Puts the case on one's own desk.
pub async fn take(cx: &Cx, case: &CaseNo) -> Result<()> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise_region(Act::ViewQueue, "queue", "", &file.region_code)?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.take", case.subject(), "", move |tx| {
        Box::pin(async move {
            let mut file = load(tx.conn(), &case2).await?;
            let from = state_of(&file);
            file.assignee = Some(cx2.actor.account.clone());
            finish(tx, &cx2, file, from, "case.take", json!({}), |_| ()).await
        })
    })
    .await
}
