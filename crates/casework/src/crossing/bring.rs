//! What was written on a paper form, back into its case.

use super::{
    merge::{Clash, Merged, Side, merge},
    print::{Printed, authorise, of_code, printed},
    tables::{paper_form, paper_return},
};
use crate::{
    CaseError, CaseNo, Cx, FieldError,
    application::{household_of, store_contact, store_declared},
    change::{change, finish, load, save_typed, state_of, typed},
    draft::{self, Fields},
    error::Result,
    tables::case_file,
};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use tuodi_access::looks;
use tuodi_pack::HouseholdId;

/// Which value holds and why, by field.
pub type Choices = BTreeMap<String, (Side, String)>;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brought {
    pub case: CaseNo,
    /// Fields that the paper changed.
    pub taken: usize,
}

/// Both values of a clash and what was chosen.
#[derive(Serialize)]
struct Kept<'a> {
    field: &'a str,
    now: &'a str,
    written: &'a str,
    used: Side,
    reason: &'a str,
}

/// The form is still being filled in.
fn freely(file: &case_file::Model) -> bool {
    crate::application::is_being_filled(state_of(file))
}

/// The form that a code names and, where something was keyed already, what of it somebody must choose. The look is logged.
///
/// # Errors
/// [`CaseError::Invalid`] with the field `code` where the code is none of ours.
pub async fn compare(cx: &Cx, code: &str, written: &Fields) -> Result<(Printed, Vec<Clash>)> {
    let (code, row) = of_code(cx, code).await?;
    let file = load(cx.store.read(), &code.case).await?;
    authorise(cx, &file)?;
    looks::record(&cx.store, &cx.actor, &code.case.subject(), "paper form", cx.at()).await?;
    let form = printed(cx, &row)?;
    let now = typed(cx.store.read(), cx.store.keys(), &code.case.0).await?;
    let merged = merge(&form.fields, &now, written, freely(&file));
    Ok((form, merged.clashes))
}

/// Writes what the paper says into the case: its state, limits and documents stay. Every clash needs a choice with a
/// reason; both values stay on record. After the decision nothing is changed here: what is new is a change to report.
///
/// # Errors
/// [`CaseError::Invalid`]: `code`; `use.FIELD` and `why.FIELD` of a clash; a field that does not read any more.
pub async fn bring_back(cx: &Cx, code: &str, written: Fields, choices: Choices, key: &str) -> Result<Brought> {
    let (code, row) = of_code(cx, code).await?;
    let case = code.case.clone();
    let file = load(cx.store.read(), &case).await?;
    authorise(cx, &file)?;
    let household = household_of(cx, HouseholdId(file.household_id)).await?;
    let form = printed(cx, &row)?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.bring_back", case.subject(), key, move |tx| {
        Box::pin(async move {
            let (cx, case) = (cx2, case2);
            let mut file = load(tx.conn(), &case).await?;
            let from = state_of(&file);
            let now = typed(tx.conn(), tx.keys(), &case.0).await?;
            let merged = merge(&form.fields, &now, &written, freely(&file));
            let decided = file.decided_on.is_some() || !from.is_open();
            let (fields, taken) = choose(&merged, &choices, decided)?;
            if !taken.is_empty() {
                if !freely(&file) {
                    // What was sent stays readable as a whole.
                    let (declared, problems) = draft::read(&fields, &household.members, cx.today());
                    if !problems.is_empty() {
                        return Err(CaseError::Invalid(problems));
                    }
                    store_declared(tx, &cx, &case, &declared).await?;
                    store_contact(tx, &file, &contact_of(&fields, &taken)).await?;
                    file.members = draft::living_here(&fields, &household.members).len() as i32;
                }
                save_typed(tx, &cx, &case.0, "paper", &fields).await?;
            }
            keep(tx, &cx, &row, &form, &written, &merged, &choices).await?;
            let details = json!({
                "edition": row.edition, "fields": taken, "clashes": merged.clashes.len(), "stays": from.id(),
            });
            let brought = Brought { case: case.clone(), taken: taken.len() };
            finish(tx, &cx, file, from, "case.bring_back", details, |_| brought).await
        })
    })
    .await
}

/// What of the contact the paper changed: of the rest the register may know something newer.
fn contact_of(fields: &Fields, taken: &[String]) -> Fields {
    let changed = |names: &[&str]| taken.iter().any(|t| names.contains(&t.as_str()));
    let groups: [&[&str]; 2] = [&["phone"], &["bank", "account"]];
    let names = groups.into_iter().filter(|names| changed(names)).flatten();
    names.filter_map(|name| Some(((*name).to_owned(), fields.get(*name)?.clone()))).collect()
}

/// The fields with each clash as chosen, and the names of those that the paper changes.
fn choose(merged: &Merged, choices: &Choices, decided: bool) -> Result<(Fields, Vec<String>)> {
    let (mut fields, mut taken) = (merged.fields.clone(), merged.taken.clone());
    let mut problems = Vec::new();
    for clash in &merged.clashes {
        match choices.get(&clash.field) {
            None => problems.push(FieldError::new(format!("use.{}", clash.field), "error.choose_side")),
            Some((_, reason)) if reason.trim().is_empty() => {
                problems.push(FieldError::new(format!("why.{}", clash.field), "error.required"));
            }
            Some((Side::Paper, _)) if decided => {
                problems.push(FieldError::new(format!("use.{}", clash.field), "error.decided"));
            }
            Some((Side::Paper, _)) => {
                fields.insert(clash.field.clone(), clash.written.clone());
                taken.push(clash.field.clone());
            }
            Some((Side::Now, _)) => {}
        }
    }
    if problems.is_empty() { Ok((fields, taken)) } else { Err(CaseError::Invalid(problems)) }
}

async fn keep(
    tx: &tuodi_store::Tx,
    cx: &Cx,
    row: &paper_form::Model,
    form: &Printed,
    written: &Fields,
    merged: &Merged,
    choices: &Choices,
) -> Result<()> {
    let differs = |(name, value): &(&String, &String)| form.fields.get(*name) != Some(*value);
    let written: BTreeMap<&String, &String> = written.iter().filter(differs).collect();
    let chosen: Vec<Kept<'_>> = merged
        .clashes
        .iter()
        .filter_map(|clash| {
            let (used, reason) = choices.get(&clash.field)?;
            Some(Kept { field: &clash.field, now: &clash.now, written: &clash.written, used: *used, reason })
        })
        .collect();
    let back = paper_return::ActiveModel {
        form_id: Set(row.id),
        case_no: Set(row.case_no.clone()),
        written: Set(tx.keys().seal("paper_return.written", &serde_json::to_string(&written)?)),
        chosen: Set(tx.keys().seal("paper_return.chosen", &serde_json::to_string(&chosen)?)),
        brought_by: Set(cx.actor.account.clone()),
        brought_at: Set(cx.at()),
        ..Default::default()
    };
    paper_return::Entity::insert(back).exec_without_returning(tx.conn()).await?;
    Ok(())
}
