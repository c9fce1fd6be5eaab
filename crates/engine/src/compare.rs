//! What a worked case expects against what was found, and the check against the pass.

use crate::{cases::APART, sink::MemorySink};
use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::Int64Type,
};
use std::collections::BTreeSet;
use tuodi_pack::{
    Answer, CheckResult, FactValue, Fen, Pack, PersonId,
    case::{ExpectedIndex, WorkedCase},
};

pub(crate) fn compare_check(
    pack: &Pack,
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
    let alerts: BTreeSet<&str> = checked.alerts.iter().map(|a| a.indicator.as_str()).collect();
    let labels: BTreeSet<&str> = checked.labels.iter().map(|l| l.label.as_str()).collect();
    let needs: BTreeSet<&str> = checked.needs.iter().map(|n| n.service.as_str()).collect();
    compare_set("alerts", &expect.alerts, &expect.alerts_at_least, &alerts, problems);
    compare_set("labels", &expect.labels, &expect.labels_at_least, &labels, problems);
    compare_set("services", &expect.services, &expect.services_at_least, &needs, problems);
    compare_benefits(case, apart, checked, problems);
    compare_deciders(pack, case, problems);
    if let Some(points) = expect.points.filter(|p| *p != i64::from(checked.points)) {
        problems.push(format!("points: expected {points}, found {}", checked.points));
    }
    if let Some(index) = &expect.index {
        compare_index(index, checked, facts, problems);
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

fn compare_set(
    what: &str,
    exact: &Option<Vec<String>>,
    at_least: &Option<Vec<String>>,
    found: &BTreeSet<&str>,
    problems: &mut Vec<String>,
) {
    let list = |names: &BTreeSet<&str>| names.iter().copied().collect::<Vec<_>>().join(", ");
    let set = |names: &Option<Vec<String>>| -> Option<BTreeSet<String>> {
        names.as_ref().map(|names| names.iter().cloned().collect())
    };
    if let Some(expected) = set(exact) {
        let expected: BTreeSet<&str> = expected.iter().map(String::as_str).collect();
        if expected != *found {
            problems.push(format!("{what}: expected [{}], found [{}]", list(&expected), list(found)));
        }
    }
    if let Some(expected) = set(at_least) {
        let missing: BTreeSet<&str> = expected.iter().map(String::as_str).filter(|e| !found.contains(e)).collect();
        if !missing.is_empty() {
            problems.push(format!("{what}: [{}] missing, found [{}]", list(&missing), list(found)));
        }
    }
}

fn compare_benefits(case: &WorkedCase, apart: i64, checked: &CheckResult, problems: &mut Vec<String>) {
    for expected in &case.expect.benefits {
        let person = expected.person.map(|p| PersonId(p + apart));
        let of = expected.person.map_or_else(String::new, |p| format!(" of person {p}"));
        let results = checked.programmes.iter().filter(|p| p.programme == expected.programme);
        let mut results = results.filter(|p| person.is_none() || p.person_id == person);
        let shown = |p: &tuodi_pack::ProgrammeResult| (p.answer, p.monthly.map_or(0, |f| f.0));
        let found: Vec<(Answer, i64)> = results.by_ref().map(shown).collect();
        if !found.contains(&(Answer::Holds, expected.amount)) {
            let found: Vec<String> = found.iter().map(|(a, fen)| format!("{} {fen} fen", word(*a))).collect();
            problems.push(format!(
                "{}{of}: expected {} fen, found {}",
                expected.programme,
                expected.amount,
                if found.is_empty() { "nobody asked".to_owned() } else { found.join(", ") }
            ));
        }
    }
    for not in &case.expect.not_benefits {
        for result in checked.programmes.iter().filter(|p| p.programme == *not && p.answer == Answer::Holds) {
            let of = result.person_id.map_or_else(String::new, |p| format!(" for person {}", p.0 - apart));
            problems.push(format!("{not}: holds{of}, which it must not"));
        }
    }
}

fn compare_index(expected: &ExpectedIndex, checked: &CheckResult, facts: &[FactValue], problems: &mut Vec<String>) {
    let fact = |name: &str| facts.iter().find(|f| f.name == name).and_then(|f| f.value.clone());
    let numbers = [
        ("index_score", expected.score),
        ("index_deprivation", expected.deprivation),
        ("index_completeness", expected.completeness),
    ];
    for (name, number) in numbers {
        if let Some(number) = number
            && fact(name).as_deref() != Some(number.to_string().as_str())
        {
            let found = fact(name).unwrap_or_else(|| "unknown".to_owned());
            problems.push(format!("{name}: expected {number}, found {found}"));
        }
    }
    let words = [("level", &expected.level, &checked.level), ("decided_by", &expected.decided_by, &checked.decided_by)];
    for (what, expected, found) in words {
        if expected.is_some() && expected != found {
            let word = |w: &Option<String>| w.clone().unwrap_or_else(|| "unknown".to_owned());
            problems.push(format!("{what}: expected {}, found {}", word(expected), word(found)));
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
pub(crate) fn agree(checked: &CheckResult, passed: &MemorySink) -> Vec<String> {
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
            let points = batch.column(5).as_primitive::<Int64Type>().value(*row);
            let text = |column: usize| {
                let column = batch.column(column).as_string::<i32>();
                (!column.is_null(*row)).then(|| column.value(*row).to_owned())
            };
            if (points, text(6), text(7))
                != (i64::from(checked.points), checked.level.clone(), checked.decided_by.clone())
            {
                problems.push(format!(
                    "the pass says {points} points, level {:?} by {:?}; the check {}, {:?} by {:?}",
                    text(6),
                    text(7),
                    checked.points,
                    checked.level,
                    checked.decided_by
                ));
            }
            if (tier, monthly, income) != (&checked.tier, checked.monthly.0, checked.income_pc.map(|f| f.0)) {
                problems.push(format!(
                    "the pass says {tier}, {monthly} fen, income {income:?}; the check {}, {} fen, {:?}",
                    checked.tier, checked.monthly.0, checked.income_pc
                ));
            }
        }
    }
    let person = |batch: &RecordBatch, column: usize, row: usize| {
        let person = batch.column(column).as_primitive::<Int64Type>();
        (!person.is_null(row)).then(|| person.value(row))
    };
    let text =
        |batch: &RecordBatch, column: usize, row: usize| batch.column(column).as_string::<i32>().value(row).to_owned();
    let number =
        |batch: &RecordBatch, column: usize, row: usize| batch.column(column).as_primitive::<Int64Type>().value(row);
    let of = |person: Option<i64>| person.map_or_else(String::new, |p| format!(" of person {}", p % APART));

    let in_pass: BTreeSet<(String, Option<i64>, String, i64)> = rows(&passed.alerts, "household_id")
        .into_iter()
        .map(|(b, row)| (text(&b, 2, row), person(&b, 0, row), text(&b, 4, row), number(&b, 5, row)))
        .collect();
    let in_check: BTreeSet<(String, Option<i64>, String, i64)> = checked
        .alerts
        .iter()
        .map(|a| {
            let severity = a.severity.map_or("", |s| s.word()).to_owned();
            (a.indicator.clone(), a.person_id.map(|p| p.0), severity, i64::from(a.points))
        })
        .collect();
    for (indicator, person, severity, points) in in_pass.symmetric_difference(&in_check) {
        let of = of(*person);
        problems.push(format!("alert {indicator}{of} ({severity}, {points} points): the pass and the check differ"));
    }

    let in_pass: BTreeSet<(String, Option<i64>, i64)> = rows(&passed.benefits, "household_id")
        .into_iter()
        .map(|(b, row)| (text(&b, 2, row), person(&b, 1, row), number(&b, 3, row)))
        .collect();
    let in_check: BTreeSet<(String, Option<i64>, i64)> = checked
        .beside_tiers()
        .filter(|p| p.answer == Answer::Holds)
        .map(|p| (p.programme.clone(), p.person_id.map(|p| p.0), p.monthly.map_or(0, |f| f.0)))
        .collect();
    for (programme, person, fen) in in_pass.symmetric_difference(&in_check) {
        problems.push(format!("{programme}{} ({fen} fen): the pass and the check differ", of(*person)));
    }

    let named = |batches: &[RecordBatch]| -> BTreeSet<String> {
        rows(batches, "household_id").into_iter().map(|(b, row)| text(&b, 1, row)).collect()
    };
    let labels: BTreeSet<String> = checked.labels.iter().map(|l| l.label.clone()).collect();
    for label in named(&passed.labels).symmetric_difference(&labels) {
        problems.push(format!("label {label}: the pass and the check differ"));
    }
    let needs: BTreeSet<String> = checked.needs.iter().map(|n| n.service.clone()).collect();
    for service in named(&passed.needs).symmetric_difference(&needs) {
        problems.push(format!("service {service}: the pass and the check differ"));
    }
    problems
}

/// Who decides on an amount is asked at the pack's own district.
fn compare_deciders(pack: &Pack, case: &WorkedCase, problems: &mut Vec<String>) {
    for expected in &case.expect.deciders {
        let decider = pack
            .programme(&expected.programme)
            .and_then(|p| pack.decider(p, Fen(expected.amount), &pack.info.jurisdiction, case.as_of));
        let found = decider.map_or("nobody by amount", |by| &by.id);
        if found != expected.by {
            problems.push(format!(
                "{} of {} fen: expected to be decided by {}, found {found}",
                expected.programme, expected.amount, expected.by
            ));
        }
    }
}
