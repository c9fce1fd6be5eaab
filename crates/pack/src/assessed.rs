//! Assessments as rows of the pool.

use crate::{
    HouseholdId, OverlayRow, Pack,
    assessment::{Answers, ScoreError},
};
use chrono::NaiveDate;

/// Table names of the platform's sources that hold assessments and their answers.
const RESULTS: &str = "assessment";
const ANSWERS: &str = "assessment_answer";

impl Pack {
    /// An assessment as rows of the platform's own sources: what the pool is given once a visit is signed, and what a
    /// check is asked with before that. One row of the result and one for each answer, in pool columns.
    pub fn assessment_rows(
        &self,
        household: HouseholdId,
        assessed_on: NaiveDate,
        answers: &Answers,
    ) -> Result<Vec<OverlayRow>, ScoreError> {
        let source = |name| self.source_by_name(name).map(|s| s.id.clone()).ok_or(ScoreError::NoSource(name));
        let (results, source_of_answers) = (source(RESULTS)?, source(ANSWERS)?);
        let index = self.assessment.score(answers)?;
        let deprivation = self.assessment.deprivation(answers)?;
        let mut rows = vec![OverlayRow {
            source: results,
            values: row(serde_json::json!({
                "household_id": household.0,
                "assessed_on": assessed_on.to_string(),
                "score_low": index.low,
                "score_high": index.high,
                "completeness": index.completeness,
                "level": index.level,
                "decided_by": index.decided_by,
                "deprivation": deprivation,
            })),
        }];
        for (item, choice) in answers {
            let score = self.assessment.item(item).and_then(|i| i.choice(choice)).map(|c| c.score);
            rows.push(OverlayRow {
                source: source_of_answers.clone(),
                values: row(serde_json::json!({
                    "household_id": household.0,
                    "assessed_on": assessed_on.to_string(),
                    "item": item,
                    "choice": choice,
                    "score": score,
                })),
            });
        }
        Ok(rows)
    }
}

fn row(value: serde_json::Value) -> serde_json::Map<String, serde_json::Value> {
    match value {
        serde_json::Value::Object(row) => row,
        _ => serde_json::Map::new(),
    }
}
