//! Worked cases: every name in them must be the pack's.

use super::Found;
use crate::{case::WorkedCase, source::ColumnType};

pub(super) fn check(found: &mut Found<'_>) {
    let pack = found.pack;
    for case in &pack.cases {
        let file = found.files().home("cases", &case.id);
        rows(found, &file, case);
        expected(found, &file, case);
    }
}

fn rows(found: &mut Found<'_>, file: &str, case: &WorkedCase) {
    let pack = found.pack;
    for (i, row) in case.rows.iter().enumerate() {
        let Some(source) = pack.source(&row.source) else {
            found.unknown(
                &row.source,
                (file, &format!("row/{i}/source")),
                format!("source {:?} is not in sources/", row.source),
                "use the id of a source, such as DS09",
            );
            continue;
        };
        for (key, value) in &row.values {
            let path = format!("row/{i}/values/{key}");
            let Some(column) = source.columns.iter().find(|c| c.pool_name().as_deref() == Some(key)) else {
                found.unknown(
                    key,
                    (file, &path),
                    format!("{key:?} is no column of {} in the pool", source.id),
                    "use pool names: id_no is person_id, household_no is household_id",
                );
                continue;
            };
            if column.kind == ColumnType::Enum
                && let Some(code) = value.as_str()
                && !column.codes.contains_key(code)
            {
                found.at(
                    file,
                    &path,
                    format!("{code:?} is no code of {key:?}"),
                    "use a stored code of the contract, not one of its spellings",
                );
            }
        }
    }
}

fn expected(found: &mut Found<'_>, file: &str, case: &WorkedCase) {
    let pack = found.pack;
    let expect = &case.expect;
    if expect.tier != "none" && pack.programme(&expect.tier).is_none() {
        found.unknown(
            &expect.tier,
            (file, "expect/tier"),
            format!("tier {:?} is no programme", expect.tier),
            "use the id of a programme, or none",
        );
    }
    let benefits =
        expect.benefits.iter().enumerate().map(|(i, b)| (format!("expect/benefit/{i}/programme"), &b.programme));
    let deciders =
        expect.deciders.iter().enumerate().map(|(i, d)| (format!("expect/decider/{i}/programme"), &d.programme));
    let benefits = benefits.chain(deciders);
    let not = expect.not_benefits.iter().enumerate().map(|(i, id)| (format!("expect/not_benefits/{i}"), id));
    for (path, id) in benefits.chain(not) {
        if pack.programme(id).is_none() {
            let message = format!("programme {id:?} is not in programmes/");
            found.unknown(id, (file, &path), message, "use the id of a programme");
        }
    }
    for (list, ids) in [("labels", &expect.labels), ("labels_at_least", &expect.labels_at_least)] {
        for (i, id) in ids.iter().flatten().enumerate() {
            if pack.assessment.labels.iter().all(|l| l.id != *id) {
                let message = format!("label {id:?} is not in assessment/index.toml");
                found.unknown(id, (file, &format!("expect/{list}/{i}")), message, "use the id of a [[label]]");
            }
        }
    }
    for (list, ids) in [("services", &expect.services), ("services_at_least", &expect.services_at_least)] {
        for (i, id) in ids.iter().flatten().enumerate() {
            if pack.services.service(id).is_none() {
                let message = format!("service {id:?} is not in services/");
                found.unknown(id, (file, &format!("expect/{list}/{i}")), message, "use the id of a [[service]]");
            }
        }
    }
    if let Some(level) = expect.index.as_ref().and_then(|i| i.level.as_ref())
        && pack.assessment.level(level).is_none()
    {
        let message = format!("level {level:?} is not known");
        found.unknown(level, (file, "expect/index/level"), message, "use the id of a [[level]]");
    }
    if let Some(assessment) = &case.assessment
        && let Err(e) = pack.assessment.answers_of(assessment)
    {
        found.at(file, "assessment", e.to_string(), "use the ids of items and choices, or a score that a choice has");
    }
    for (i, alert) in expect.alerts.iter().chain(&expect.alerts_at_least).flatten().enumerate() {
        if pack.indicator(alert).is_none() {
            found.unknown(
                alert,
                (file, &format!("expect/alerts/{i}")),
                format!("indicator {alert:?} is not in indicators/"),
                "use the id of an indicator",
            );
        }
    }
    for (i, fact) in expect.facts.iter().enumerate() {
        if pack.fact(&fact.name).is_none() && !pack.is_result(&fact.name) {
            found.unknown(
                &fact.name,
                (file, &format!("expect/fact/{i}/name")),
                format!("fact {:?} is in no group", fact.name),
                Found::meant(&fact.name, found.fact_names(), "use the name of a fact of facts/"),
            );
        }
    }
    for (i, condition) in expect.conditions.iter().enumerate() {
        match pack.programme(&condition.programme) {
            None => found.unknown(
                &condition.programme,
                (file, &format!("expect/condition/{i}/programme")),
                format!("programme {:?} is not in programmes/", condition.programme),
                "use the id of a programme",
            ),
            Some(programme) if !programme.conditions.iter().any(|c| c.name == condition.name) => found.unknown(
                &condition.name,
                (file, &format!("expect/condition/{i}/name")),
                format!("{:?} is no condition of {}", condition.name, programme.id),
                "use the name of one of its conditions",
            ),
            Some(_) => {}
        }
    }
}
