//! The tables that a pass writes as files.

use super::{
    Statements,
    found::{Place, need, points, severity},
    quoted,
};
use crate::{
    Inner,
    program::{LEVEL, Program, TIER, TIER_AMOUNT},
    schedule::Task,
    schemas::{alert, amount, holds, label},
};
use std::collections::BTreeMap;
use tuodi_pack::facts::{FactType, Grain};

/// A fact as JSON writes it.
fn json(inner: &Inner, program: &Program, name: &str) -> String {
    let kind = inner.pack.fact(name).map(|(_, f)| f.kind);
    let column = format!("\"{name}\"");
    let text = kind == Some(FactType::Text) || name == TIER || name == LEVEL || structural_text(program, name);
    let plain = format!("CAST({column} AS VARCHAR)");
    let value = if text {
        format!("'\"' || replace(replace({column}, '\\', '\\\\'), '\"', '\\\"') || '\"'")
    } else if matches!(kind, Some(FactType::Date | FactType::Ratio)) {
        format!("'\"' || {plain} || '\"'")
    } else {
        plain
    };
    format!("coalesce({value}, 'null')")
}

fn structural_text(program: &Program, name: &str) -> bool {
    let dense = &program.groups[program.household];
    let declared = dense.facts.iter().any(|f| f.name == name);
    !declared && ["county_code", "region_code", "area"].contains(&name)
}

/// The tables that the pass writes as files, under the files' names.
pub(super) fn tables(inner: &Inner, program: &Program, places: &BTreeMap<String, Place>, out: &mut Statements) {
    let of = |grain: Grain| match grain {
        Grain::Person => "person_id, household_id",
        Grain::Household => "CAST(NULL AS BIGINT) AS person_id, household_id",
    };
    let mut tasks: Vec<(String, Grain, Task)> = Vec::new();
    for (at, phase) in program.phases.iter().enumerate() {
        tasks.extend(phase.tasks.iter().map(|task| (format!("found_{}", at + 1), phase.grain, *task)));
    }
    let mut all: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (from, grain, task) in tasks {
        match task {
            Task::Indicator(i) => {
                let indicator = &program.indicators[i];
                let mut evidence = "'{".to_owned();
                for (n, name) in indicator.evidence.iter().enumerate() {
                    let comma = if n > 0 { "," } else { "" };
                    evidence.push_str(&format!("{comma}\"{name}\":' || {} || '", json(inner, program, name)));
                }
                evidence.push_str("}'");
                let severity = match &indicator.severity_rule {
                    Some(_) => severity(indicator),
                    None => quoted(indicator.severity.word()),
                };
                let points = match &indicator.points_rule {
                    Some(_) if indicator.points > 0 => points(indicator),
                    _ => indicator.points.to_string(),
                };
                all.entry("alerts").or_default().push(format!(
                    "SELECT {}, {} AS indicator, {evidence} AS evidence, {severity} AS severity, \
                     CAST({points} AS BIGINT) AS points FROM {from} WHERE {}",
                    of(grain),
                    quoted(&indicator.id),
                    alert(&indicator.id)
                ));
            }
            Task::Programme(i) => {
                let programme = &program.programmes[i];
                let per = programme.amount.as_ref().map_or("", |a| a.per.word());
                all.entry("benefits").or_default().push(format!(
                    "SELECT {}, {} AS programme, {} AS amount_fen, {} AS per, {} AS kind FROM {from} WHERE {}",
                    of(grain),
                    quoted(&programme.id),
                    amount(&programme.id),
                    quoted(per),
                    quoted(crate::output::kind_word(programme.kind)),
                    holds(&programme.id)
                ));
            }
            Task::Label(i) => {
                let id = &program.labels[i].id;
                all.entry("labels").or_default().push(format!(
                    "SELECT household_id, {} AS label FROM {from} WHERE {}",
                    quoted(id),
                    label(id)
                ));
            }
            Task::Service(i) => {
                let id = &program.services[i].id;
                all.entry("needs").or_default().push(format!(
                    "SELECT household_id, {} AS service FROM {from} WHERE {}",
                    quoted(id),
                    need(id)
                ));
            }
            Task::Members(_) | Task::Tiers | Task::Level | Task::Matter(_) => {}
        }
    }
    for (name, parts) in &all {
        out.push((format!("findings.{name}"), format!("CREATE TABLE {name} AS {}", parts.join(" UNION ALL "))));
    }
    let Some(tiers) = places.get(TIER) else { return };
    let level = places.get(LEVEL);
    let (level_columns, mut joins) = match level {
        Some(_) => (format!("l.{LEVEL}, l.level_by AS decided_by"), String::new()),
        None => ("CAST(NULL AS VARCHAR) AS level, CAST(NULL AS VARCHAR) AS decided_by".to_owned(), String::new()),
    };
    if let Some(place) = level {
        joins.push_str(&format!(" JOIN {} l ON l.household_id = t.household_id", place.table));
    }
    let mut points = "CAST(0 AS BIGINT)".to_owned();
    if all.contains_key("alerts") {
        points = "coalesce(p.points, 0)".to_owned();
        joins.push_str(
            " LEFT JOIN (SELECT household_id, CAST(sum(points) AS BIGINT) AS points FROM (SELECT household_id, indicator, \
             max(points) AS points FROM alerts GROUP BY household_id, indicator) once GROUP BY household_id) p \
             ON p.household_id = t.household_id",
        );
    }
    out.push((
        "findings.households".to_owned(),
        format!(
            "CREATE TABLE households AS SELECT t.household_id, t.{TIER}, t.{TIER_AMOUNT} AS monthly_fen, \
             t.tier_income_pc AS income_pc_fen, t.tier_unknown AS \"unknown\", {points} AS points, {level_columns} \
             FROM {} t{joins}",
            tiers.table
        ),
    ));
}
