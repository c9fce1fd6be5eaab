//! What would change an answer: for each fact the nearest value that turns it round, everything else as it is.
//!
//! The expression itself is asked, for many values at once: away from the present value in doubling steps, then
//! between the last value that changed nothing and the first that did, until the two are neighbours. That is exact for
//! a rule that turns once on its way, which is what a line does; where it turns several times the nearest turn may lie
//! between two of the values asked. What the fact is compared with is asked at once: mostly that is where it turns.

use crate::{EngineError, frame::Chunk, rule::Rule};
use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Int64Array},
    compute::{kernels::boolean::and_kleene, take},
    datatypes::{DataType, Date32Type, Decimal128Type, Int64Type},
};
use datafusion::common::ScalarValue;
use std::{collections::BTreeSet, sync::Arc};
use tuodi_pack::Answer;

/// Values looked at between two, in one evaluation.
const SPLIT: i128 = 64;
/// Doubling steps: a value of 2^46 fen is more than anybody has.
const DOUBLINGS: u32 = 46;
/// Days from 1970 that a date can be moved to stay a date people write.
const LAST_DAY: i128 = 100_000;

/// One fact, moved just far enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Turn {
    pub fact: String,
    /// In the fact's own smallest unit (fen, days since 1970, millionths, 0 or 1); `None`: unknown so far.
    pub from: Option<i128>,
    pub to: i128,
    pub answer: Answer,
}

impl Turn {
    /// How far it lies, against the value there is: nearer turns are told first, and what can only be said yes or no to
    /// comes after what can be moved.
    fn distance(&self) -> f64 {
        match self.from {
            Some(from) => (self.to - from).abs() as f64 / (from.abs().max(1)) as f64,
            None => 0.5,
        }
    }
}

/// One fact on its way in one direction.
struct Walk {
    fact: usize,
    from: Option<i128>,
    /// A value that changes nothing, and one that turns the answer.
    near: i128,
    far: Option<(i128, Answer)>,
    /// Values to look at now.
    asked: Vec<i128>,
}

/// The turns of all these rules taken together (one condition, or all of a programme), nearest first. `each`: their
/// answers now. `margin`: how far a measure of the rule is from its line, where there is one. `movable`: the facts that
/// may be moved; texts never are.
pub(crate) fn turns(
    rules: &[&Rule],
    each: &[Answer],
    chunk: &Chunk<'_>,
    margin: Option<i64>,
    movable: impl Fn(&str) -> bool,
) -> Result<Vec<Turn>, EngineError> {
    let now = Answer::all(each.iter().copied());
    // One fact turns what does not hold only where all that is in the way reads it.
    let open = || rules.iter().zip(each).filter(|(_, answer)| **answer != Answer::Holds).map(|(rule, _)| *rule);
    let turning = |name: &str| open().all(|rule| reads(rule, name)) && movable(name);
    let may: BTreeSet<&str> =
        rules.iter().flat_map(|r| &r.columns).map(String::as_str).filter(|name| turning(name)).collect();
    // What reads none of them holds whatever they are.
    let rules: Vec<&Rule> = rules.iter().copied().filter(|rule| may.iter().any(|name| reads(rule, name))).collect();
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<&str> =
        rules.iter().flat_map(|r| r.columns.iter().map(String::as_str)).collect::<BTreeSet<_>>().into_iter().collect();
    let columns: Vec<ArrayRef> = names.iter().map(|name| chunk.column(name)).collect::<Result<_, _>>()?;
    let turned = |answer: Answer| match now {
        Answer::Holds => answer == Answer::Fails,
        Answer::Fails => answer == Answer::Holds,
        // What is unknown is asked for: what matters is the value from which on the family would be helped.
        Answer::Unknown => answer == Answer::Holds,
    };

    let mut walks = Vec::new();
    for (fact, (name, column)) in names.iter().zip(&columns).enumerate() {
        let Some((from, least, most)) = present(column).filter(|_| may.contains(name)) else { continue };
        let start = from.unwrap_or(0);
        let steps = || (0..DOUBLINGS).map(|k| 1i128 << k);
        let likely = likely(&rules, fact, &columns, margin.map(|m| start + i128::from(m)));
        let here = from.is_none().then_some(start);
        let mut up: Vec<i128> = here.into_iter().chain(steps().map(|s| start + s)).collect();
        up.extend(likely.iter().filter(|v| **v > start));
        up.retain(|v| *v <= most);
        up.sort_unstable();
        up.dedup();
        let mut down: Vec<i128> = steps().map(|s| start - s).chain([least]).collect();
        down.extend(likely.iter().filter(|v| **v < start));
        down.retain(|v| *v >= least && *v < start);
        down.sort_unstable_by(|a, b| b.cmp(a));
        down.dedup();
        walks.push(Walk { fact, from, near: start, far: None, asked: up });
        walks.push(Walk { fact, from, near: start, far: None, asked: down });
    }
    loop {
        walks.retain(|w| !w.asked.is_empty() || w.far.is_some());
        let rows: usize = walks.iter().map(|w| w.asked.len()).sum();
        if rows == 0 {
            break;
        }
        let asked = chunk.frame.chunk(chunk.start, rows);
        for (at, (name, column)) in names.iter().zip(&columns).enumerate() {
            asked.put(name, moved(column, at, &walks, rows)?);
        }
        let found = answers(&rules, &asked)?;
        let mut row = 0;
        for walk in &mut walks {
            let values = std::mem::take(&mut walk.asked);
            let mut turn = None;
            for (i, value) in values.iter().enumerate() {
                let answer = Answer::from_sql((!found.is_null(row + i)).then(|| found.value(row + i)));
                if turned(answer) {
                    turn = Some((*value, answer));
                    break;
                }
                walk.near = *value;
            }
            row += values.len();
            match turn {
                Some((value, answer)) => walk.far = Some((value, answer)),
                // Between the two nothing turned but the far end, which was asked before.
                None if walk.far.is_some() => {}
                None => continue,
            }
            if let Some((far, _)) = walk.far {
                walk.asked = between(walk.near, far);
            }
        }
        walks.retain(|w| w.far.is_some());
        if walks.iter().all(|w| w.asked.is_empty()) {
            break;
        }
    }

    let mut turns: Vec<Turn> = Vec::new();
    for walk in walks {
        let Some((to, answer)) = walk.far else { continue };
        let turn = Turn { fact: names[walk.fact].to_owned(), from: walk.from, to, answer };
        // Of the two directions of one fact the nearer is told.
        match turns.iter_mut().find(|t| t.fact == turn.fact) {
            Some(other) if turn.distance() < other.distance() => *other = turn,
            Some(_) => {}
            None => turns.push(turn),
        }
    }
    let said_only =
        |t: &Turn| columns[names.iter().position(|n| *n == t.fact).unwrap_or(0)].data_type() == &DataType::Boolean;
    turns.sort_by(|a, b| {
        said_only(a).cmp(&said_only(b)).then(a.distance().total_cmp(&b.distance())).then(a.fact.cmp(&b.fact))
    });
    Ok(turns)
}

/// Values at which a fact is likely to turn the answer: those it is compared with, mostly, and their neighbours. Asked
/// first, they spare the search between the doubling steps.
fn likely(rules: &[&Rule], fact: usize, columns: &[ArrayRef], line: Option<i128>) -> Vec<i128> {
    let kind = columns[fact].data_type();
    if *kind == DataType::Boolean {
        return Vec::new();
    }
    let others = columns.iter().enumerate().filter(|(i, column)| *i != fact && column.data_type() == kind);
    let others = others.filter_map(|(_, column)| present(column)?.0);
    let constants = rules.iter().flat_map(|rule| &rule.constants).filter_map(|value| in_units(kind, value));
    let mut values: Vec<i128> = others.chain(constants).chain(line).flat_map(|v| [v - 1, v, v + 1]).collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// A constant of a rule in the smallest unit of a fact it may be compared with.
fn in_units(kind: &DataType, value: &ScalarValue) -> Option<i128> {
    match (kind, value) {
        (DataType::Date32, ScalarValue::Date32(Some(days))) => Some(i128::from(*days)),
        (DataType::Int64, ScalarValue::Int64(Some(n))) => Some(i128::from(*n)),
        (DataType::Int64, ScalarValue::Decimal128(Some(n), _, scale)) => {
            Some(n.div_euclid(10_i128.checked_pow(u32::try_from(*scale).ok()?)?))
        }
        (DataType::Decimal128(_, 6), ScalarValue::Int64(Some(n))) => Some(i128::from(*n) * 1_000_000),
        (DataType::Decimal128(_, 6), ScalarValue::Decimal128(Some(n), _, scale)) => {
            n.checked_mul(10_i128.checked_pow(u32::try_from(6 - scale).ok()?)?)
        }
        _ => None,
    }
}

fn reads(rule: &Rule, name: &str) -> bool {
    rule.columns.iter().any(|column| column == name)
}

fn answers(rules: &[&Rule], chunk: &Chunk<'_>) -> Result<BooleanArray, EngineError> {
    let mut all = BooleanArray::from(vec![true; chunk.len]);
    for rule in rules {
        all = and_kleene(&all, &rule.answers(chunk)?)
            .map_err(|e| EngineError::Rule { rule: rule.place.clone(), message: e.to_string() })?;
    }
    Ok(all)
}

/// Values strictly between two, at most [`SPLIT`], from the near one on.
fn between(near: i128, far: i128) -> Vec<i128> {
    let gap = (far - near).abs();
    let way = (far - near).signum();
    if gap <= 1 {
        return Vec::new();
    }
    let parts = SPLIT.min(gap);
    let mut values: Vec<i128> = (1..parts).map(|i| near + way * (gap * i / parts)).collect();
    values.dedup();
    values.retain(|v| *v != near && *v != far);
    values
}

/// The value of a one-row column as a whole number, with the least and the greatest it may take. What is not below zero
/// stays so: nobody has minus three members. `None` where the kind of fact cannot be moved.
fn present(column: &ArrayRef) -> Option<(Option<i128>, i128, i128)> {
    let most = 1i128 << DOUBLINGS;
    let known = !column.is_null(0);
    let (value, most) = match column.data_type() {
        DataType::Int64 => (known.then(|| i128::from(column.as_primitive::<Int64Type>().value(0))), most),
        DataType::Decimal128(_, 6) => (known.then(|| column.as_primitive::<Decimal128Type>().value(0)), most),
        DataType::Date32 => (known.then(|| i128::from(column.as_primitive::<Date32Type>().value(0))), LAST_DAY),
        DataType::Boolean => (known.then(|| i128::from(column.as_boolean().value(0))), 1),
        _ => return None,
    };
    let least = match (column.data_type(), value) {
        (DataType::Date32, _) => -LAST_DAY,
        (_, Some(v)) if v < 0 => -most,
        _ => 0,
    };
    Some((value, least, most))
}

/// A column over all rows asked: its own value, but in the rows of the walks that move it.
fn moved(column: &ArrayRef, at: usize, walks: &[Walk], rows: usize) -> Result<ArrayRef, EngineError> {
    let Some((from, ..)) = present(column) else {
        let same = take(column, &arrow::array::UInt32Array::from(vec![0; rows]), None);
        return same.map_err(|e| EngineError::Rule { rule: "what would change".to_owned(), message: e.to_string() });
    };
    let mut values: Vec<Option<i128>> = Vec::with_capacity(rows);
    for walk in walks {
        match walk.fact == at {
            true => values.extend(walk.asked.iter().map(|v| Some(*v))),
            false => values.extend(std::iter::repeat_n(from, walk.asked.len())),
        }
    }
    Ok(match column.data_type() {
        DataType::Boolean => Arc::new(values.into_iter().map(|v| v.map(|v| v != 0)).collect::<BooleanArray>()),
        DataType::Date32 => {
            Arc::new(values.into_iter().map(|v| v.and_then(|v| i32::try_from(v).ok())).collect::<Date32Array>())
        }
        DataType::Decimal128(precision, scale) => {
            let array: Decimal128Array = values.into_iter().collect();
            let fail = |e: arrow::error::ArrowError| EngineError::Rule {
                rule: "what would change".to_owned(),
                message: e.to_string(),
            };
            Arc::new(array.with_precision_and_scale(*precision, *scale).map_err(fail)?)
        }
        _ => Arc::new(values.into_iter().map(|v| v.and_then(|v| i64::try_from(v).ok())).collect::<Int64Array>()),
    })
}
