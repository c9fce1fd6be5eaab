//! Assessments of monitoring visits as rows of the pool (PF03, PF04).

use crate::{
    error::Result,
    outcome::Record,
    tables::{outcome, task},
};
use sea_orm::{EntityTrait, QueryOrder, QuerySelect};
use std::collections::HashMap;
use tuodi_pack::{OverlayRow, assessment::Assessment};
use tuodi_store::Store;

/// What was asked at visits of tasks, for the next population pass. Visits without answers leave no row.
pub async fn assessment_rows(store: &Store, assessment: &Assessment) -> Result<Vec<OverlayRow>> {
    let households: HashMap<i64, i64> = task::Entity::find()
        .select_only()
        .columns([task::Column::Id, task::Column::HouseholdId])
        .into_tuple::<(i64, i64)>()
        .all(store.read())
        .await?
        .into_iter()
        .collect();
    let mut rows = Vec::new();
    for model in outcome::Entity::find().order_by_asc(outcome::Column::Id).all(store.read()).await? {
        let Some(household) = households.get(&model.task_id) else { continue };
        let record: Record = serde_json::from_str(&store.keys().open("watch_outcome.record", &model.record)?)?;
        if let Some(index) = &record.index {
            let answers = &record.answers;
            rows.extend(tuodi_casework::assessed(assessment, *household, model.visited_on, answers, index));
        }
    }
    Ok(rows)
}
