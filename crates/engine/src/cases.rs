//! The pack's worked cases, through the check and through the pass.

use crate::{
    Engine, EngineConfig, EngineError,
    check::check,
    compare::{agree, compare_check},
    pass, runtime,
    schema::{HOUSEHOLD, is_person_column, pool_schema, rows_to_batch},
    sink::MemorySink,
    snapshot::Snapshot,
};
use arrow::array::RecordBatch;
use chrono::NaiveDate;
use serde::Serialize;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, sync::Arc};
use tuodi_pack::{
    HouseholdId, OverlayRow, Pack,
    case::{CaseAssessment, WorkedCase},
    source::{ColumnType, Source},
};

/// How one worked case came out; passed when there is no problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseOutcome {
    pub id: String,
    pub passed: bool,
    /// Expected against found, one sentence each.
    pub problems: Vec<String>,
}

/// Runs every worked case of the pack, in the pack's order.
///
/// Cases of one day stand in one pool, as strangers do in a district (their numbers and tokens are moved apart): what a
/// case expects must hold among others, and the pass over all must say the same as the check of each.
pub async fn run_cases(pack: Arc<Pack>) -> Vec<CaseOutcome> {
    let mut days: BTreeMap<NaiveDate, Vec<usize>> = BTreeMap::new();
    for (index, case) in pack.cases.iter().enumerate() {
        days.entry(case.as_of).or_default().push(index);
    }
    let mut found: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (day, cases) in days {
        let (shared, indexes) = (pack.clone(), cases.clone());
        match runtime::run(async move { run_day(&shared, day, &indexes).await }).await {
            Ok(problems) => found.extend(problems),
            Err(e) => found.extend(cases.into_iter().map(|index| (index, vec![e.to_string()]))),
        }
    }
    let outcome = |(index, problems): (usize, Vec<String>)| CaseOutcome {
        id: pack.cases[index].id.clone(),
        passed: problems.is_empty(),
        problems,
    };
    found.into_iter().map(outcome).collect()
}

/// Distance between the numbers of one case and the next.
pub(crate) const APART: i64 = 1_000_000;

async fn run_day(
    pack: &Arc<Pack>,
    day: NaiveDate,
    cases: &[usize],
) -> Result<BTreeMap<usize, Vec<String>>, EngineError> {
    let mut found: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut rows: BTreeMap<String, Vec<Map<String, Value>>> = BTreeMap::new();
    for index in cases {
        match case_rows(pack, &pack.cases[*index], *index as i64 * APART) {
            Ok(own) => own.into_iter().for_each(|(source, own)| rows.entry(source).or_default().extend(own)),
            Err(e) => {
                found.insert(*index, vec![e.to_string()]);
            }
        }
    }
    let mut batches = BTreeMap::new();
    for (source_id, rows) in &rows {
        if let Some(source) = pack.source(source_id) {
            batches.insert(source_id.clone(), to_batch(source, rows)?);
        }
    }
    let snapshot = Snapshot::of_rows("worked cases", batches);
    let config = EngineConfig { partitions: 1, ..EngineConfig::default() };
    let engine = Engine::over(pack.clone(), snapshot, config, Arc::default());
    let inner = engine.inner.share();
    let (_, passed) = pass::pass(&inner, day, MemorySink::default()).await?;
    for index in cases.iter().filter(|i| !rows.is_empty() && !found.contains_key(i)).copied().collect::<Vec<_>>() {
        let case = &pack.cases[index];
        let apart = index as i64 * APART;
        let problems = match check(&inner, HouseholdId(case.household + apart), day, &[], true).await {
            Err(e) => vec![e.to_string()],
            Ok((checked, facts)) => {
                let mut problems = Vec::new();
                compare_check(pack, case, apart, &checked, &facts, &mut problems);
                problems.extend(agree(&checked, &passed));
                problems
            }
        };
        found.insert(index, problems);
    }
    Ok(found)
}

pub(crate) fn to_batch(source: &Source, rows: &[Map<String, Value>]) -> Result<RecordBatch, EngineError> {
    let fail = |message: String| EngineError::Row { source_id: source.id.clone(), message };
    rows_to_batch(&pool_schema(source), &rows.iter().collect::<Vec<_>>(), "cases").map_err(fail)
}

/// The rows of one case with its numbers and tokens moved away from those of other cases.
pub(crate) fn case_rows(
    pack: &Pack,
    case: &WorkedCase,
    apart: i64,
) -> Result<BTreeMap<String, Vec<Map<String, Value>>>, EngineError> {
    let mut out: BTreeMap<String, Vec<Map<String, Value>>> = BTreeMap::new();
    let mut own: Vec<(String, Map<String, Value>)> = Vec::new();
    for row in &case.rows {
        match serde_json::to_value(&row.values) {
            Ok(Value::Object(values)) => own.push((row.source.clone(), values)),
            _ => {
                let message = "values must be a table".to_owned();
                return Err(EngineError::Row { source_id: row.source.clone(), message });
            }
        }
    }
    if let Some(assessment) = &case.assessment {
        own.extend(assessment_rows(pack, case, assessment)?.into_iter().map(|row| (row.source, row.values)));
    }
    for (source_id, mut values) in own {
        let fail = |message: String| EngineError::Row { source_id: source_id.clone(), message };
        let source = pack.source(&source_id).ok_or_else(|| fail("the pack has no such source".to_owned()))?;
        move_apart(source, &mut values, apart);
        out.entry(source_id).or_default().push(values);
    }
    for (source_id, rows) in &out {
        // Mistakes are told of the case that has them, before all are put together.
        if let Some(source) = pack.source(source_id) {
            to_batch(source, rows)?;
        }
    }
    Ok(out)
}

/// Moves a row's numbers and tokens away from those of other households.
pub(crate) fn move_apart(source: &Source, values: &mut Map<String, Value>, apart: i64) {
    for column in &source.columns {
        let Some(name) = column.pool_name() else { continue };
        let Some(value) = values.get_mut(&name) else { continue };
        // By name: a platform source gives numbers as they are, as plain integers.
        let number = name == HOUSEHOLD || is_person_column(&name);
        match &value {
            Value::Number(n) if number => *value = Value::from(n.as_i64().unwrap_or(0) + apart),
            Value::String(text) if column.kind == ColumnType::Token => *value = Value::from(format!("{apart}:{text}")),
            _ => {}
        }
    }
}

/// A case's assessment as the rows that the platform would have written.
fn assessment_rows(
    pack: &Pack,
    case: &WorkedCase,
    assessment: &CaseAssessment,
) -> Result<Vec<OverlayRow>, EngineError> {
    let fail = |message: String| EngineError::Row { source_id: "assessment".to_owned(), message };
    let answers = pack.assessment.answers_of(assessment).map_err(|e| fail(e.to_string()))?;
    let day = assessment.assessed_on.unwrap_or(case.as_of);
    let rows = pack.assessment_rows(HouseholdId(case.household), day, &answers).map_err(|e| fail(e.to_string()))?;
    Ok(rows)
}
