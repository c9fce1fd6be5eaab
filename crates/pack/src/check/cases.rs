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
            found.at(
                file,
                &format!("row/{i}/source"),
                format!("source {:?} is not in sources/", row.source),
                "use the id of a source, such as DS09",
            );
            continue;
        };
        for (key, value) in &row.values {
            let path = format!("row/{i}/values/{key}");
            let Some(column) = source.columns.iter().find(|c| c.pool_name().as_deref() == Some(key)) else {
                found.at(
                    file,
                    &path,
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
        found.at(
            file,
            "expect/tier",
            format!("tier {:?} is no programme", expect.tier),
            "use the id of a programme, or none",
        );
    }
    for (i, alert) in expect.alerts.iter().flatten().enumerate() {
        if pack.indicator(alert).is_none() {
            found.at(
                file,
                &format!("expect/alerts/{i}"),
                format!("indicator {alert:?} is not in indicators/"),
                "use the id of an indicator",
            );
        }
    }
    for (i, fact) in expect.facts.iter().enumerate() {
        if pack.fact(&fact.name).is_none() {
            found.at(
                file,
                &format!("expect/fact/{i}/name"),
                format!("fact {:?} is in no group", fact.name),
                "use the name of a fact of facts/",
            );
        }
    }
    for (i, condition) in expect.conditions.iter().enumerate() {
        match pack.programme(&condition.programme) {
            None => found.at(
                file,
                &format!("expect/condition/{i}/programme"),
                format!("programme {:?} is not in programmes/", condition.programme),
                "use the id of a programme",
            ),
            Some(programme) if !programme.conditions.iter().any(|c| c.name == condition.name) => found.at(
                file,
                &format!("expect/condition/{i}/name"),
                format!("{:?} is no condition of {}", condition.name, programme.id),
                "use the name of one of its conditions",
            ),
            Some(_) => {}
        }
    }
}
