//! `conflicts.toml`: facts, sources and roles that there are, and rulings that can be said and that some fact reads.

use super::Found;
use crate::{
    conflict::{Conflict, Kind, RULINGS, Ruling},
    facts::{FactType, Grain},
    source::ColumnType,
};

const FILE: &str = "conflicts.toml";

pub(super) fn check(found: &mut Found<'_>) {
    let all = &found.pack.conflicts.all;
    found.unique(FILE, "conflict", all.iter().map(|c| c.id.as_str()), |i| format!("conflict/{i}/id"));
    for (i, conflict) in all.iter().enumerate() {
        one(found, &format!("conflict/{i}"), conflict);
    }
}

fn one(found: &mut Found<'_>, path: &str, conflict: &Conflict) {
    found.basis(FILE, &format!("{path}/basis"), &conflict.basis);
    of_person(found, &format!("{path}/differs"), &conflict.differs, Some(FactType::Bool));
    of_person(found, &format!("{path}/used"), &conflict.used, None);
    if conflict.values.len() < 2 {
        let message = format!("conflict {:?} has fewer than two values", conflict.id);
        found.at(FILE, &format!("{path}/id"), message, "add a [[conflict.value]] for each source that says something");
    }
    for (n, value) in conflict.values.iter().enumerate() {
        of_person(found, &format!("{path}/value/{n}/fact"), &value.fact, None);
        let sources = found.pack.sources.iter().map(|s| s.id.as_str());
        if found.pack.source(&value.source).is_none() {
            let fix = Found::meant(&value.source, sources, "use the id of a source");
            let message = format!("source {:?} is not in sources/", value.source);
            found.unknown(&value.source, (FILE, &format!("{path}/value/{n}/source")), message, fix);
        }
    }
    if let Some(claim) = conflict.claim.as_ref().filter(|claim| conflict.values.iter().all(|v| v.fact != **claim)) {
        let names = conflict.values.iter().map(|v| v.fact.as_str());
        let message = format!("{claim:?} is none of the values");
        found.at(FILE, &format!("{path}/claim"), message, Found::meant(claim, names, "name the fact of one of them"));
    }
    if let Some(ruling) = &conflict.ruling {
        one_ruling(found, &format!("{path}/ruling"), ruling);
    }
}

/// A fact about persons, of this type where one is asked for.
fn of_person(found: &mut Found<'_>, path: &str, name: &str, kind: Option<FactType>) {
    let Some((group, fact)) = found.pack.fact(name) else {
        let fix = Found::meant(name, found.fact_names(), "use the name of a fact");
        return found.unknown(name, (FILE, path), format!("no fact is named {name:?}"), fix);
    };
    if group.grain != Grain::Person {
        let message = format!("{name:?} is a fact about households");
        found.at(FILE, path, message, "a conflict is about one person: name a person's fact");
    } else if kind.is_some_and(|kind| kind != fact.kind) {
        found.at(FILE, path, format!("{name:?} is neither true nor false"), "name a fact of type bool");
    }
}

fn one_ruling(found: &mut Found<'_>, path: &str, ruling: &Ruling) {
    of_person(found, &format!("{path}/fact"), &ruling.fact, None);
    if ruling.months == 0 {
        found.at(FILE, &format!("{path}/months"), "a ruling would never hold", "give months, 1 or more");
    }
    if ruling.by.is_empty() {
        found.at(FILE, &format!("{path}/by"), "nobody may rule", "name roles, such as by = [\"R16\"]");
    }
    if ruling.kind(found.pack) == Some(Kind::YesNo) && (ruling.yes.is_none() || ruling.no.is_none()) {
        let message = "nobody is told what yes and no mean";
        found.at(FILE, &format!("{path}/fact"), message, "add yes = { zh = \"…\", en = \"…\" } and no");
    }
    let Some(source) = found.pack.source(RULINGS) else {
        let message = format!("there is no source {RULINGS} to hold rulings");
        return found.at(FILE, &format!("{path}/column"), message, format!("declare sources/{RULINGS}.toml"));
    };
    let Some(column) = source.column(&ruling.column) else {
        let message = format!("{RULINGS} has no column {:?}", ruling.column);
        let names = source.columns.iter().map(|c| c.name.as_str());
        return found.at(
            FILE,
            &format!("{path}/column"),
            message,
            Found::meant(&ruling.column, names, "name one of its columns"),
        );
    };
    let fits = match ruling.kind(found.pack) {
        Some(Kind::Money) => column.kind == ColumnType::Money,
        Some(Kind::YesNo) => column.kind == ColumnType::Bool,
        None => false,
    };
    if !fits && found.pack.fact(&ruling.fact).is_some() {
        let message = format!("{:?} cannot hold what {:?} says", ruling.column, ruling.fact);
        found.at(FILE, &format!("{path}/column"), message, "a ruling is an amount of money, or yes or no");
    }
}
