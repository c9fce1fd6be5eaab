//! An assessment made by itself: by the desk whose it is, or by whoever it was given to.

use super::{MOST_TEXT, SEALED, open::answered, resource};
use crate::{
    CaseError, CaseNo, Cx, FieldError,
    change::{change, load, state_of, tell},
    error::Result,
    kin,
    platform::assessed,
    tables::{assessment, reassessment},
};
use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    EntityTrait, QueryOrder,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tuodi_access::Act;
use tuodi_pack::{
    HouseholdId, OverlayRow,
    assessment::{Answers, Assessment, Index},
};
use tuodi_store::{Recorded, Store};

/// What an assessor enters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssessForm {
    pub on: Option<NaiveDate>,
    pub answers: Answers,
    pub note: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessed {
    pub index: Index,
    /// How many open occasions it answered.
    pub answered: usize,
}

/// What is kept of an assessment, sealed.
#[derive(Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) answers: Answers,
    pub(crate) index: Index,
    pub(crate) note: String,
}

/// What is entered, held against the pack; `since` is the first day it can have been made on. Fewer answers than an
/// assessment needs are refused: they would leave the household to be asked again.
pub(crate) fn weighed(cx: &Cx, since: NaiveDate, form: &AssessForm) -> Result<(Vec<FieldError>, Option<Index>)> {
    let mut problems = Vec::new();
    match form.on {
        None => problems.push(FieldError::new("on", "error.date")),
        Some(on) if on > cx.today() => problems.push(FieldError::new("on", "error.future")),
        Some(on) if on < since => problems.push(FieldError::new("on", "error.before_task")),
        Some(_) => {}
    }
    if form.note.chars().count() > MOST_TEXT {
        problems.push(FieldError::new("note", "error.too_long"));
    }
    let known = |item: &str, choice: &str| cx.pack.assessment.item(item).is_some_and(|i| i.choice(choice).is_some());
    let unknown: Vec<&String> = form.answers.iter().filter(|(i, c)| !known(i, c)).map(|(item, _)| item).collect();
    problems.extend(unknown.iter().map(|item| FieldError::new((*item).clone(), "error.choice")));
    // Too few answers are told together with what else is wrong.
    let index = if unknown.is_empty() { Some(cx.pack.assessment.score(&form.answers)?) } else { None };
    if index.as_ref().is_some_and(Index::is_preliminary) {
        problems.push(FieldError::new("answers", "error.assessment_incomplete"));
    }
    Ok((problems, index))
}

pub(super) async fn load_task(conn: &impl sea_orm::ConnectionTrait, id: i64) -> Result<reassessment::Model> {
    let row = reassessment::Entity::find_by_id(id).one(conn).await?;
    row.ok_or_else(|| CaseError::NotFound { kind: "assessment task", id: id.to_string() })
}

/// Records an assessment and closes what it answers.
pub async fn assess(cx: &Cx, id: i64, form: AssessForm, key: &str) -> Result<Assessed> {
    let row = load_task(cx.store.read(), id).await?;
    let file = load(cx.store.read(), &CaseNo(row.case_no.clone())).await?;
    cx.access.authorise(&cx.actor, Act::RecordVisit, &resource(&row, kin::kept_out(&file)), "casework")?;
    let form = AssessForm { note: form.note.trim().to_owned(), ..form };
    let (problems, index) = weighed(cx, row.since, &form)?;
    let (Some(index), Some(on), true) = (index, form.on, problems.is_empty()) else {
        return Err(CaseError::Invalid(problems));
    };
    let cx2 = cx.clone();
    change(cx, "assessment.record", format!("assessment:{id}"), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let row = load_task(tx.conn(), id).await?;
            if row.outcome.is_some() {
                return Err(CaseError::Answered { id });
            }
            let record = Record { answers: form.answers, index: index.clone(), note: form.note };
            let stored = assessment::ActiveModel {
                id: NotSet,
                reassessment_id: Set(id),
                household_id: Set(row.household_id),
                case_no: Set(row.case_no.clone()),
                region_code: Set(row.region_code.clone()),
                assessed_on: Set(on),
                assessed_by: Set(cx.actor.account.clone()),
                record: Set(tx.keys().seal(SEALED, &serde_json::to_string(&record)?)),
                score: Set(index.low as i32),
                level: Set(index.level.clone()),
                completeness: Set(index.completeness as i32),
                recorded_at: Set(cx.at()),
            };
            assessment::Entity::insert(stored).exec_without_returning(tx.conn()).await?;
            let entries = answered(tx, &cx, HouseholdId(row.household_id), on, &index, "assessment").await?;
            let details = json!({ "occasion": row.occasion, "on": on, "level": index.level, "score": index.low,
                                  "completeness": index.completeness });
            let file = load(tx.conn(), &CaseNo(row.case_no.clone())).await?;
            tell(tx, &cx, &file, "case.assessed", Some(state_of(&file)), details.clone()).await?;
            let own = cx.entry("case.assessed", crate::cx::case_no(&file).subject(), &row.region_code, details);
            let done = Assessed { index, answered: entries.len() };
            Ok(entries.into_iter().fold(Recorded::new(done, own), Recorded::and))
        })
    })
    .await
}

/// As rows of the pool, as those of visits are.
pub(crate) async fn rows(store: &Store, of: &Assessment) -> Result<Vec<OverlayRow>> {
    let mut all = Vec::new();
    for row in assessment::Entity::find().order_by_asc(assessment::Column::Id).all(store.read()).await? {
        let record: Record = serde_json::from_str(&store.keys().open(SEALED, &row.record)?)?;
        all.extend(assessed(of, row.household_id, row.assessed_on, &record.answers, &record.index));
    }
    Ok(all)
}
