//! What the platform knows of assessments (PF03, PF04) and of the steps of cases (PF06), as rows of the pool.
//!
//! Rules read them like any department's source. The index is the one stored when the visit was signed; it is never
//! reckoned a second time.

use crate::{
    CaseState, beijing_date,
    error::Result,
    limits,
    tables::{case_event, case_file, visit},
    visit::VisitRecord,
};
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Map, Value};
use std::collections::HashMap;
use tuodi_pack::{
    OverlayRow, Pack,
    assessment::{Answers, Assessment, Index},
};
use tuodi_store::Store;

pub const ASSESSED: &str = "PF03";
pub const ANSWERED: &str = "PF04";
pub const STEPS: &str = "PF06";

/// Cases read at a time.
const CASES: u64 = 5_000;

fn date(day: NaiveDate) -> Value {
    Value::String(day.to_string())
}

fn row<const N: usize>(source: &str, household: i64, values: [(&str, Value); N]) -> OverlayRow {
    let mut all = Map::new();
    all.insert("household_id".to_owned(), household.into());
    all.extend(values.into_iter().map(|(name, value)| (name.to_owned(), value)));
    OverlayRow { source: source.to_owned(), values: all }
}

/// One assessment: its index, and a row for each answered item. Nothing where nothing was asked. An answer that the
/// pack no longer knows is left out, and with it the deprivation count: unknown, never a guess.
pub fn assessed(
    assessment: &Assessment,
    household: i64,
    assessed_on: NaiveDate,
    answers: &Answers,
    index: &Index,
) -> Vec<OverlayRow> {
    if answers.is_empty() {
        return Vec::new();
    }
    let deprivation = assessment.deprivation(answers).map_or(Value::Null, Value::from);
    let mut rows = vec![row(
        ASSESSED,
        household,
        [
            ("assessed_on", date(assessed_on)),
            ("score_low", index.low.into()),
            ("score_high", index.high.into()),
            ("completeness", index.completeness.into()),
            ("level", index.level.clone().into()),
            ("decided_by", index.decided_by.clone().into()),
            ("deprivation", deprivation),
        ],
    )];
    for (item, choice) in answers {
        let Some(score) = assessment.item(item).and_then(|i| i.choice(choice)).map(|c| c.score) else { continue };
        rows.push(row(
            ANSWERED,
            household,
            [
                ("item", item.clone().into()),
                ("choice", choice.clone().into()),
                ("score", score.into()),
                ("assessed_on", date(assessed_on)),
            ],
        ));
    }
    rows
}

/// The next cases after `after`, by number: those that left the applicant's hands.
async fn next_cases(store: &Store, after: &str) -> Result<Vec<case_file::Model>> {
    Ok(case_file::Entity::find()
        .filter(case_file::Column::SubmittedOn.is_not_null())
        .filter(case_file::Column::CaseNo.gt(after))
        .order_by_asc(case_file::Column::CaseNo)
        .limit(CASES)
        .all(store.read())
        .await?)
}

/// Assessments of home visits. What was seen in a case that was ended is not used further.
pub async fn assessment_rows(store: &Store, assessment: &Assessment) -> Result<Vec<OverlayRow>> {
    let mut rows = Vec::new();
    let mut after = String::new();
    loop {
        let files = next_cases(store, &after).await?;
        let Some(last) = files.last() else {
            rows.extend(crate::reassess::rows(store, assessment).await?);
            return Ok(rows);
        };
        let until = last.case_no.clone();
        let households: HashMap<&str, i64> = files
            .iter()
            .filter(|f| f.state != CaseState::Terminated.id())
            .map(|f| (f.case_no.as_str(), f.household_id))
            .collect();
        for model in visit::Entity::find()
            .filter(visit::Column::CaseNo.gt(after.as_str()))
            .filter(visit::Column::CaseNo.lte(until.as_str()))
            .order_by_asc(visit::Column::Id)
            .all(store.read())
            .await?
        {
            let Some(household) = households.get(model.case_no.as_str()) else { continue };
            let record: VisitRecord = serde_json::from_str(&store.keys().open("visit.record", &model.record)?)?;
            rows.extend(assessed(assessment, *household, model.visited_on, &record.answers, &record.index));
        }
        after = until;
    }
}

/// Steps of every submitted case: when each began, by when it was due, when and how it ended.
pub async fn step_rows(store: &Store, pack: &Pack) -> Result<Vec<OverlayRow>> {
    let mut rows = Vec::new();
    let mut after = String::new();
    loop {
        let files = next_cases(store, &after).await?;
        let Some(last) = files.last() else { return Ok(rows) };
        let until = last.case_no.clone();
        let mut events: HashMap<String, Vec<case_event::Model>> = HashMap::new();
        for event in case_event::Entity::find()
            .filter(case_event::Column::CaseNo.gt(after.as_str()))
            .filter(case_event::Column::CaseNo.lte(until.as_str()))
            .order_by_asc(case_event::Column::Id)
            .all(store.read())
            .await?
        {
            events.entry(event.case_no.clone()).or_default().push(event);
        }
        for file in &files {
            let events = events.remove(&file.case_no).unwrap_or_default();
            rows.extend(steps(pack, file, &store.keys().token("case_no", &file.case_no), &events)?);
        }
        after = until;
    }
}

/// One spell in one state.
struct Spell {
    state: CaseState,
    from: NaiveDate,
    /// The event that ended it: day, state it led to, reason.
    end: Option<(NaiveDate, CaseState, String)>,
}

/// The story of a case as spells. A state that is over as soon as it is reached (a decision, a termination, help that
/// runs) is no step; what the applicant does before sending the form is none either.
fn spells(events: &[case_event::Model]) -> Vec<Spell> {
    let mut spells: Vec<Spell> = Vec::new();
    for event in events {
        let Some(state) = CaseState::from_id(&event.to_state) else { continue };
        let on = beijing_date(event.at);
        if let Some(open) = spells.last_mut().filter(|s| s.end.is_none()) {
            if open.state == state {
                continue;
            }
            let reason = event.details.get("reason_code").and_then(Value::as_str).unwrap_or_default();
            open.end = Some((on, state, reason.to_owned()));
        }
        let no_step = [CaseState::Draft, CaseState::Refused, CaseState::Terminated, CaseState::Assisting];
        if !no_step.contains(&state) {
            spells.push(Spell { state, from: on, end: None });
        }
    }
    spells
}

fn outcome(from: CaseState, to: CaseState, reason: &str) -> &'static str {
    match (from, to) {
        (_, CaseState::Approved) => "confirmed",
        (_, CaseState::Refused) => "refused",
        (_, CaseState::Terminated) if reason == "withdrawn" => "withdrawn",
        (_, CaseState::Terminated) => "terminated",
        (_, CaseState::Returned) | (CaseState::Reviewed | CaseState::Confirming, CaseState::Surveying) => "sent_back",
        _ => "passed",
    }
}

fn steps(
    pack: &Pack,
    file: &case_file::Model,
    case_token: &str,
    events: &[case_event::Model],
) -> Result<Vec<OverlayRow>> {
    // What somebody wants to be: only a programme of the pack is one.
    let programme = file.programme.as_deref().filter(|p| pack.programme(p).is_some());
    let mut rows = Vec::new();
    for spell in spells(events) {
        let due = match spell.end {
            // The running step's own day: it knows publicity and payment.
            None if spell.state.id() == file.state => file.step_due,
            _ => limits::stage_due(pack, programme.or(file.tier.as_deref()), spell.state.id(), spell.from)?,
        };
        let result = spell.end.as_ref().map(|(_, to, reason)| outcome(spell.state, *to, reason));
        rows.push(row(
            STEPS,
            file.household_id,
            [
                ("person_id", file.applicant_id.into()),
                ("case_no", case_token.into()),
                ("programme", programme.map_or(Value::Null, Value::from)),
                ("step", spell.state.id().into()),
                ("started_on", date(spell.from)),
                ("due_on", due.map_or(Value::Null, date)),
                ("ended_on", spell.end.as_ref().map_or(Value::Null, |(on, _, _)| date(*on))),
                ("outcome", result.map_or(Value::Null, Value::from)),
            ],
        ));
    }
    Ok(rows)
}
