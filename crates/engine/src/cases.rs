//! The pack's worked cases, through the check and through the pass.

use crate::{
    Engine, EngineConfig, EngineError,
    check::check,
    pass, runtime,
    schema::{HOUSEHOLD, is_person_column, pool_schema, rows_to_batch},
    sink::MemorySink,
    snapshot::Snapshot,
};
use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::Int64Type,
};
use chrono::NaiveDate;
use serde::Serialize;
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use tuodi_pack::{
    Answer, CheckResult, FactValue, HouseholdId, Pack, PersonId,
    case::WorkedCase,
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
const APART: i64 = 1_000_000;

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
    let (_, passed) = pass::pass(&engine.inner, day, MemorySink::default()).await?;
    for index in cases.iter().filter(|i| !rows.is_empty() && !found.contains_key(i)).copied().collect::<Vec<_>>() {
        let case = &pack.cases[index];
        let apart = index as i64 * APART;
        let problems = match check(&engine.inner, HouseholdId(case.household + apart), day, &[], true).await {
            Err(e) => vec![e.to_string()],
            Ok((checked, facts)) => {
                let mut problems = Vec::new();
                compare_check(case, apart, &checked, &facts, &mut problems);
                problems.extend(agree(&checked, &passed));
                problems
            }
        };
        found.insert(index, problems);
    }
    Ok(found)
}

fn to_batch(source: &Source, rows: &[Map<String, Value>]) -> Result<RecordBatch, EngineError> {
    let fail = |message: String| EngineError::Row { source_id: source.id.clone(), message };
    rows_to_batch(&pool_schema(source), &rows.iter().collect::<Vec<_>>(), "cases").map_err(fail)
}

/// The rows of one case with its numbers and tokens moved away from those of other cases.
fn case_rows(
    pack: &Pack,
    case: &WorkedCase,
    apart: i64,
) -> Result<BTreeMap<String, Vec<Map<String, Value>>>, EngineError> {
    let mut out: BTreeMap<String, Vec<Map<String, Value>>> = BTreeMap::new();
    for row in &case.rows {
        let fail = |message: String| EngineError::Row { source_id: row.source.clone(), message };
        let source = pack.source(&row.source).ok_or_else(|| fail("the pack has no such source".to_owned()))?;
        let mut values = match serde_json::to_value(&row.values).map_err(|e| fail(e.to_string()))? {
            Value::Object(values) => values,
            _ => return Err(fail("values must be a table".to_owned())),
        };
        for column in &source.columns {
            let Some(name) = column.pool_name() else { continue };
            let Some(value) = values.get_mut(&name) else { continue };
            // By name: a platform source gives numbers as they are, as plain integers.
            let number = name == HOUSEHOLD || is_person_column(&name);
            match &value {
                Value::Number(n) if number => *value = Value::from(n.as_i64().unwrap_or(0) + apart),
                Value::String(text) if column.kind == ColumnType::Token => {
                    *value = Value::from(format!("{apart}:{text}"));
                }
                _ => {}
            }
        }
        out.entry(row.source.clone()).or_default().push(values);
    }
    for (source_id, rows) in &out {
        // Mistakes are told of the case that has them, before all are put together.
        if let Some(source) = pack.source(source_id) {
            to_batch(source, rows)?;
        }
    }
    Ok(out)
}

fn compare_check(
    case: &WorkedCase,
    apart: i64,
    checked: &CheckResult,
    facts: &[FactValue],
    problems: &mut Vec<String>,
) {
    let expect = &case.expect;
    if checked.tier != expect.tier {
        problems.push(format!("tier: expected {}, found {}", expect.tier, checked.tier));
    }
    if checked.monthly.0 != expect.monthly {
        problems.push(format!("monthly: expected {} fen, found {} fen", expect.monthly, checked.monthly.0));
    }
    if let Some(expected) = &expect.alerts {
        let expected: BTreeSet<&str> = expected.iter().map(String::as_str).collect();
        let found: BTreeSet<&str> = checked.alerts.iter().map(|a| a.indicator.as_str()).collect();
        if expected != found {
            let list = |names: BTreeSet<&str>| names.into_iter().collect::<Vec<_>>().join(", ");
            problems.push(format!("alerts: expected [{}], found [{}]", list(expected), list(found)));
        }
    }
    for fact in &expect.facts {
        let person = fact.person.map(|p| PersonId(p + apart));
        let found = facts.iter().find(|f| f.name == fact.name && f.person_id == person);
        let shown = found.map_or("no such fact", |f| f.value.as_deref().unwrap_or("unknown"));
        if shown != fact.value {
            let of = fact.person.map_or_else(String::new, |p| format!(" of person {p}"));
            problems.push(format!("fact {}{of}: expected {}, found {shown}", fact.name, fact.value));
        }
    }
    for expected in &expect.conditions {
        let person = expected.person.map(|p| PersonId(p + apart));
        let found = checked
            .programmes
            .iter()
            .filter(|p| p.programme == expected.programme)
            .flat_map(|p| &p.conditions)
            .find(|c| c.name == expected.name && (person.is_none() || c.person_id == person));
        let of = expected.person.map_or_else(String::new, |p| format!(" of person {p}"));
        match found {
            None => problems.push(format!("{}: no condition {}{of}", expected.programme, expected.name)),
            Some(c) if c.answer != expected.answer => problems.push(format!(
                "{}: {}{of}: expected {}, found {}",
                expected.programme,
                expected.name,
                word(expected.answer),
                word(c.answer)
            )),
            Some(_) => {}
        }
    }
}

fn word(answer: Answer) -> &'static str {
    match answer {
        Answer::Holds => "holds",
        Answer::Fails => "fails",
        Answer::Unknown => "unknown",
    }
}

/// Where check and pass differ about a household, which they must not.
fn agree(checked: &CheckResult, passed: &MemorySink) -> Vec<String> {
    let mut problems = Vec::new();
    let household = checked.household_id.0;
    let rows = |batches: &[RecordBatch], key: &str| -> Vec<(RecordBatch, usize)> {
        let mut out = Vec::new();
        for batch in batches {
            let Some(keys) = batch.column_by_name(key).map(|c| c.as_primitive::<Int64Type>()) else { continue };
            let here = (0..batch.num_rows()).filter(|i| !keys.is_null(*i) && keys.value(*i) == household);
            out.extend(here.map(|i| (batch.clone(), i)));
        }
        out
    };
    match rows(&passed.households, "household_id").first() {
        None => problems.push("the pass has no such household".to_owned()),
        Some((batch, row)) => {
            let tier = batch.column(1).as_string::<i32>().value(*row);
            let monthly = batch.column(2).as_primitive::<Int64Type>().value(*row);
            let income = batch.column(3).as_primitive::<Int64Type>();
            let income = (!income.is_null(*row)).then(|| income.value(*row));
            if (tier, monthly, income) != (&checked.tier, checked.monthly.0, checked.income_pc.map(|f| f.0)) {
                problems.push(format!(
                    "the pass says {tier}, {monthly} fen, income {income:?}; the check {}, {} fen, {:?}",
                    checked.tier, checked.monthly.0, checked.income_pc
                ));
            }
        }
    }
    let in_pass: BTreeSet<(String, Option<i64>)> = rows(&passed.alerts, "household_id")
        .into_iter()
        .map(|(batch, row)| {
            let person = batch.column(0).as_primitive::<Int64Type>();
            let person = (!person.is_null(row)).then(|| person.value(row));
            (batch.column(2).as_string::<i32>().value(row).to_owned(), person)
        })
        .collect();
    let in_check: BTreeSet<(String, Option<i64>)> =
        checked.alerts.iter().map(|a| (a.indicator.clone(), a.person_id.map(|p| p.0))).collect();
    for (indicator, person) in in_pass.symmetric_difference(&in_check) {
        let person = person.map_or_else(String::new, |p| format!(" of person {}", p % APART));
        problems.push(format!("alert {indicator}{person}: the pass and the check differ"));
    }
    problems
}
