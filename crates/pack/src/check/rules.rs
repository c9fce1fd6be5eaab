//! Facts, programmes and indicators: names, references, and the parameters that their texts name.

use super::Found;
use crate::{
    facts::{FactGroup, FactType, Grain},
    indicator::{Indicator, Kind},
    programme::{EvidenceBy, Programme},
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(found: &mut Found<'_>) {
    let pack = found.pack;
    let mut used = BTreeSet::from(["as_of".to_owned()]);
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for group in &pack.facts {
        one_group(found, group, &mut owners, &mut used);
    }
    if !pack.facts.is_empty() || !pack.programmes.is_empty() || !pack.indicators.is_empty() {
        for needed in ["person", "household"] {
            match pack.facts.iter().find(|g| g.id == needed) {
                None if found.files().may_know(needed) => {}
                None => found.on(
                    &format!("facts/{needed}.toml"),
                    1,
                    format!("the group of facts {needed:?} is missing"),
                    "add the group: the other groups and the reports are joined to it",
                ),
                Some(group) if !group.dense => {
                    let file = found.files().home("facts", needed);
                    found.at(
                        &file,
                        "dense",
                        format!("the group {needed:?} must have one row for everybody"),
                        "set dense = true",
                    );
                }
                Some(_) => {}
            }
        }
    }
    let mut orders: BTreeMap<u32, &str> = BTreeMap::new();
    for programme in &pack.programmes {
        one_programme(found, programme, &mut used);
        if let Some(other) = orders.insert(programme.order, &programme.id) {
            let file = found.files().home("programmes", &programme.id);
            found.at(
                &file,
                "order",
                format!("order {} is already that of {other}", programme.order),
                "the order of decision gives each programme its own number",
            );
        }
    }
    for indicator in &pack.indicators {
        one_indicator(found, indicator, &mut used);
    }
    for (i, label) in pack.assessment.labels.iter().enumerate() {
        expression(found, "assessment/index.toml", &format!("label/{i}/expr"), &label.expr, &mut used);
    }
    super::services::check(found, &mut used);
    unused(found, &used);
}

pub(super) fn known_programme(found: &mut Found<'_>, at: (&str, &str), id: &str) {
    if found.pack.programme(id).is_none() {
        found.unknown(id, at, format!("programme {id:?} is not in programmes/"), "use the id of a programme");
    }
}

/// Parameters that no text names and no room is said to read. While a pack has no rules yet, none is asked for.
fn unused(found: &mut Found<'_>, used: &BTreeSet<String>) {
    let pack = found.pack;
    let lost = ["facts", "programmes", "indicators"].iter().any(|folder| found.files().is_lost(folder));
    if pack.facts.is_empty() || pack.programmes.is_empty() || lost {
        return;
    }
    for (i, parameter) in pack.parameters.all.iter().enumerate() {
        if !used.contains(&parameter.id) && parameter.used_by.trim().is_empty() {
            found.at(
                "parameters.toml",
                &format!("parameter/{i}/id"),
                format!("parameter {} is used by no fact, programme or indicator", parameter.id),
                "remove it, correct its name, or say who reads it with used_by = \"…\"",
            );
        }
    }
}

fn one_group<'a>(
    found: &mut Found<'a>,
    group: &'a FactGroup,
    owners: &mut BTreeMap<&'a str, &'a str>,
    used: &mut BTreeSet<String>,
) {
    let pack = found.pack;
    let file = found.files().home("facts", &group.id);
    if pack.source_by_name(&group.id).is_some() {
        found.at(
            &file,
            "id",
            format!("the group {:?} has the name of a source's table", group.id),
            "SQL knows both by name: rename the group",
        );
    }
    for (i, source) in group.from.iter().enumerate() {
        if pack.source(source).is_none() {
            found.unknown(
                source,
                (&file, &format!("from/{i}")),
                format!("source {source:?} is not in sources/"),
                "use the id of a source, such as DS09",
            );
        }
    }
    for (i, source) in group.optional.iter().enumerate() {
        if pack.source(source).is_none() {
            found.unknown(
                source,
                (&file, &format!("optional/{i}")),
                format!("source {source:?} is not in sources/"),
                "use the id of a source, such as DS18",
            );
        }
    }
    if group.facts.is_empty() {
        found.at(&file, "", format!("the group {:?} has no facts", group.id), "add [[fact]] entries");
    }
    for (i, fact) in group.facts.iter().enumerate() {
        if let Some(other) = owners.insert(&fact.name, &group.id) {
            found.at(
                &file,
                &format!("fact/{i}/name"),
                format!("fact {:?} is already in the group {other:?}", fact.name),
                "a fact's name is used once in the whole pack",
            );
        }
        if fact.kind == FactType::Money && !fact.unit.starts_with(pack.info.money_unit.as_str()) {
            found.at(
                &file,
                &format!("fact/{i}"),
                format!("money {:?} has no unit in {}", fact.name, pack.info.money_unit),
                format!("add unit = \"{0}\" or \"{0}/month\"", pack.info.money_unit),
            );
        }
        if fact.absent.trim().is_empty() {
            found.at(
                &file,
                &format!("fact/{i}/absent"),
                format!("fact {:?} does not say what no row means", fact.name),
                "absent = \"0\", \"false\" or \"unknown\"",
            );
        }
    }
    scan(found, &format!("facts/{}.sql", group.id), 1, &group.sql, used);
}

fn one_programme(found: &mut Found<'_>, programme: &Programme, used: &mut BTreeSet<String>) {
    let file = found.files().home("programmes", &programme.id);
    if programme.basis.is_empty() {
        found.at(&file, "basis", "no legal basis", "list the articles, such as basis = [\"IM ch.2\"]");
    }
    for (i, basis) in programme.basis.iter().enumerate() {
        found.basis(&file, &format!("basis/{i}"), basis);
    }
    if programme.conditions.is_empty() {
        found.at(&file, "", "the programme has no conditions", "add [[condition]]");
    }
    found.unique(&file, "condition", programme.conditions.iter().map(|c| c.name.as_str()), |i| {
        format!("condition/{i}/name")
    });
    for (i, condition) in programme.conditions.iter().enumerate() {
        let path = format!("condition/{i}");
        found.basis(&file, &format!("{path}/basis"), &condition.basis);
        if condition.measure.is_some() != condition.line.is_some() && !found.files().is_lost(&file) {
            found.at(
                &file,
                &path,
                format!("condition {:?} has only one of measure and line", condition.name),
                "give both or neither: the margin is line - measure",
            );
        }
        if condition.measure.is_some() && condition.unit.trim().is_empty() {
            found.at(
                &file,
                &path,
                format!("condition {:?} has no unit", condition.name),
                "say what measure counts, such as unit = \"fen/month\"",
            );
        }
        let texts = [("expr", Some(&condition.expr)), ("measure", condition.measure.as_ref())];
        for (key, text) in texts.into_iter().chain([("line", condition.line.as_ref())]) {
            if let Some(text) = text {
                expression(found, &file, &format!("{path}/{key}"), text, used);
            }
        }
    }
    super::deciders::check(found, &file, programme, used);
    if let Some(amount) = &programme.amount {
        found.basis(&file, "amount/basis", &amount.basis);
        if amount.unit.trim().is_empty() {
            found.at(&file, "amount/unit", "the amount has no unit", "such as unit = \"fen/month\"");
        }
        expression(found, &file, "amount/expr", &amount.expr, used);
        for (i, part) in amount.parts.iter().enumerate() {
            expression(found, &file, &format!("amount/part/{i}/expr"), &part.expr, used);
        }
    }
    if programme.is_tier() && programme.grain == Grain::Person && programme.rollup.is_none() {
        found.at(
            &file,
            "grain",
            "a tier of single persons cannot be a household's",
            "add rollup = \"all\", or kind = \"status\" or \"benefit\"",
        );
    }
    if !programme.is_tier() && programme.rollup.is_some() {
        found.at(&file, "rollup", "only tiers are rolled up", "remove rollup: P_members and P_total sum persons up");
    }
    for (list, ids) in [("excludes", &programme.excludes), ("difference_with", &programme.difference_with)] {
        for (i, id) in ids.iter().enumerate() {
            known_programme(found, (&file, &format!("{list}/{i}")), id);
        }
    }
    for (i, evidence) in programme.evidence.iter().enumerate() {
        for (s, source) in evidence.sources.iter().enumerate() {
            if found.pack.source(source).is_none() {
                let path = format!("evidence/{i}/sources/{s}");
                let message = format!("source {source:?} is not in sources/");
                found.unknown(source, (&file, &path), message, "use the id of a source, such as DS09");
            }
        }
        for (n, id) in evidence.papers.iter().enumerate().filter(|(_, id)| found.pack.paper(id).is_none()) {
            let path = format!("evidence/{i}/papers/{n}");
            let known = found.pack.workflow.papers.iter().map(|p| p.id.as_str());
            let fix = Found::meant(id, known, "use the id of a [[paper]] of workflow.toml");
            found.unknown(id, (&file, &path), format!("document {id:?} is not in workflow.toml"), fix);
        }
        if evidence.by != EvidenceBy::Applicant && (!evidence.shown_by.is_empty() || evidence.optional) {
            let message = format!("evidence {:?} is not asked of the applicant", evidence.id);
            found.at(&file, &format!("evidence/{i}/by"), message, "remove shown_by and optional");
        }
        if evidence.by == EvidenceBy::Applicant && evidence.shown_by.is_empty() && evidence.papers.is_empty() {
            let message =
                format!("evidence {:?} can be shown by nothing: a case would wait for it for ever", evidence.id);
            let fix = "say what shows it: shown_by = [\"form\"], or papers = [...] of workflow.toml";
            found.at(&file, &format!("evidence/{i}/id"), message, fix);
        }
    }
    found.unique(&file, "stage", programme.stages.iter().map(|s| s.id.as_str()), |i| format!("stage/{i}/id"));
    for (i, stage) in programme.stages.iter().enumerate() {
        if !is_role(&stage.role) {
            found.at(
                &file,
                &format!("stage/{i}/role"),
                format!("role {:?} is not known", stage.role),
                "use R01 to R19 (workflow.md)",
            );
        }
        found.basis(&file, &format!("stage/{i}/basis"), &stage.basis);
    }
}

fn one_indicator(found: &mut Found<'_>, indicator: &Indicator, used: &mut BTreeSet<String>) {
    let pack = found.pack;
    let file = found.files().home("indicators", &indicator.id);
    found.basis(&file, "basis", &indicator.basis);
    for (i, fact) in indicator.evidence.iter().enumerate() {
        if pack.fact(fact).is_none() && !pack.is_result(fact) {
            found.unknown(
                fact,
                (&file, &format!("evidence/{i}")),
                format!("fact {fact:?} is in no group"),
                Found::meant(fact, found.fact_names(), "use the name of a fact of facts/"),
            );
        }
    }
    if indicator.evidence.is_empty() {
        found.at(&file, "evidence", "the alert would have no evidence", "name the facts that explain it");
    }
    match indicator.kind {
        Kind::Score if indicator.points == 0 => {
            found.at(&file, "points", "a score indicator without points", "add points = 10, say")
        }
        Kind::Trigger | Kind::Compliance if indicator.points > 0 => {
            found.at(&file, "points", "points stand at an indicator that does not score", "remove points")
        }
        _ => {}
    }
    if indicator.limit_days == 0 && indicator.kind != Kind::Score {
        found.at(&file, "limit_days", "the task has no time to be done in", "give working days, 1 or more");
    }
    if pack.indicators.iter().any(|other| other.id != indicator.id && other.name == indicator.name) {
        found.at(&file, "name", format!("two indicators are named {:?}", indicator.name), "rename one of them");
    }
    expression(found, &file, "expr", &indicator.expr, used);
    for (key, text) in [("points_expr", &indicator.points_expr), ("severity_expr", &indicator.severity_expr)] {
        if let Some(text) = text {
            expression(found, &file, key, text, used);
        }
    }
}

fn is_role(role: &str) -> bool {
    role.len() == 3 && role.strip_prefix('R').and_then(|n| n.parse::<u8>().ok()).is_some_and(|n| (1..=19).contains(&n))
}

pub(super) fn expression(found: &mut Found<'_>, file: &str, path: &str, text: &str, used: &mut BTreeSet<String>) {
    if text.trim().is_empty() {
        return found.at(file, path, "the expression is empty", "write an SQL expression over facts");
    }
    let line = found.files().line(file, path);
    scan(found, file, line, text, used);
}

/// Reports parameters that the pack does not have. `first_line` is where the text begins in its file.
fn scan(found: &mut Found<'_>, file: &str, first_line: usize, text: &str, used: &mut BTreeSet<String>) {
    for (line, name) in parameter_names(text) {
        if name != "as_of" && found.pack.parameters.get(name).is_none() && !found.files().may_know(name) {
            found.on(
                file,
                first_line + line,
                format!("${name} is not in parameters.toml"),
                Found::meant(
                    name,
                    found.pack.parameters.all.iter().map(|p| p.id.as_str()),
                    "correct the name or add the parameter",
                ),
            );
        }
        used.insert(name.to_owned());
    }
}

/// `$name` in a text with the number of lines before it; SQL comments are skipped.
fn parameter_names(text: &str) -> Vec<(usize, &str)> {
    let mut names = Vec::new();
    for (line, row) in text.lines().enumerate() {
        let code = row.split("--").next().unwrap_or(row);
        for part in code.split('$').skip(1) {
            let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(part.len());
            if end > 0 {
                names.push((line, &part[..end]));
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_found_by_their_dollar_and_not_in_comments() {
        let sql = "SELECT a * $rate -- not $this\nWHERE b < $line_2+$rate";
        assert_eq!(parameter_names(sql), [(0, "rate"), (1, "line_2"), (1, "rate")]);
    }

    #[test]
    fn roles_run_from_one_to_nineteen() {
        assert!(is_role("R01") && is_role("R19"));
        assert!(!is_role("R20") && !is_role("R00") && !is_role("R8") && !is_role("officer"));
    }
}
