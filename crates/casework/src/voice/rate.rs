//! What a household thought of a step (好差评): one tap, words if it likes. A bad one must be answered.

use super::{Heard, Said, heard, kind_of, place_of, write};
use crate::{
    CaseError, CaseNo, Cx, FieldError,
    change::{change, load},
    error::Result,
    tables::rating,
};
use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tuodi_access::Act;
use tuodi_store::Recorded;

const SEALED: &str = "rating.words";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rating {
    pub step: String,
    pub stars: i32,
    pub rated_on: NaiveDate,
}

/// What a rating leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rated {
    /// Of a bad one: its code and the day of the answer.
    pub heard: Option<Heard>,
}

#[derive(Serialize, Deserialize)]
struct Number(Option<i64>);

/// Rates a step that is done. Only the household itself; once a step.
pub async fn rate(cx: &Cx, case: &CaseNo, step: &str, stars: i32, words: &str, key: &str) -> Result<Rated> {
    let words = words.trim().to_owned();
    let refuse = |field: &str, key| Err(CaseError::Invalid(vec![FieldError::new(field, key)]));
    let Some(rules) = cx.pack.workflow.satisfaction.clone() else {
        return Err(CaseError::NotFound { kind: "satisfaction", id: case.0.clone() });
    };
    if !(1..=5).contains(&stars) {
        return refuse("stars", "error.choice");
    }
    if words.chars().count() > super::MOST_TEXT {
        return refuse("words", "error.too_long");
    }
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::Appeal, &file, Vec::new())?;
    let done = crate::view::done_steps(cx, &file).await?;
    if !cx.actor.role.is_citizen() || !rules.steps.iter().any(|s| s == step) || !done.contains(&step) {
        return refuse("step", "error.choice");
    }
    let bad = stars <= rules.bad;
    let kind = kind_of(cx, &rules.voice)?.clone();
    let place = place_of(cx, &file).await?;
    let (cx2, case2, step) = (cx.clone(), case.clone(), step.to_owned());
    let region = file.region_code.clone();
    let rated: Result<Number> = change(cx, "case.rate", case.subject(), key, move |tx| {
        Box::pin(async move {
            let row = rating::ActiveModel {
                id: NotSet,
                case_no: Set(case2.0.clone()),
                step: Set(step.clone()),
                region_code: Set(region.clone()),
                stars: Set(stars),
                words: Set((!words.is_empty()).then(|| tx.keys().seal(SEALED, &words))),
                rated_on: Set(cx2.today()),
            };
            rating::Entity::insert(row).exec_without_returning(tx.conn()).await?;
            let entry = cx2.entry("case.rate", case2.subject(), &region, json!({ "step": step, "stars": stars }));
            if !bad {
                return Ok(Recorded::new(Number(None), entry));
            }
            let said = Said { text: words, about: step, ..Said::default() };
            let (number, more) = write(tx, &cx2, &kind, place, &said).await?;
            Ok(Recorded::new(Number(Some(number)), entry).and(more))
        })
    })
    .await;
    let Number(number) = match rated {
        // Rated before: what was said first stands.
        Err(CaseError::Store(error)) if error.is_duplicate() => return refuse("step", "error.rated"),
        other => other?,
    };
    Ok(Rated { heard: number.map(|n| heard(cx, &rules.voice, n)).transpose()? })
}

pub(crate) async fn of_case(conn: &impl ConnectionTrait, case: &str) -> Result<Vec<Rating>> {
    let rows = rating::Entity::find()
        .filter(rating::Column::CaseNo.eq(case))
        .order_by_asc(rating::Column::Id)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|r| Rating { step: r.step, stars: r.stars, rated_on: r.rated_on }).collect())
}
