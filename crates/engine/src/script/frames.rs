//! All facts of households side by side, and of persons: what rules read.

use super::{Statements, known, quoted};
use crate::{
    Inner,
    order::{Group, key},
    program::{INDEX_DECIDED_BY, INDEX_LEVEL, Program},
    schedule::{grain, phase_reads},
};
use datafusion::common::ScalarValue;
use std::collections::{BTreeMap, BTreeSet};
use tuodi_pack::facts::Grain;

pub(super) fn table(grain: Grain) -> &'static str {
    match grain {
        Grain::Person => "facts_of_persons",
        Grain::Household => "facts_of_households",
    }
}

/// Facts that rules of each grain read.
pub(super) fn wanted(program: &Program) -> BTreeMap<bool, BTreeSet<String>> {
    let mut wanted: BTreeMap<bool, BTreeSet<String>> = BTreeMap::new();
    for task in program.phases.iter().flat_map(|p| &p.tasks) {
        wanted.entry(grain(program, *task) == Grain::Person).or_default().extend(phase_reads(program, *task));
    }
    let homes = wanted.entry(false).or_default();
    homes.extend([crate::program::INCOME, crate::program::SIZE].map(str::to_owned));
    if let Some(level) = &program.level {
        homes.extend(level.has_index.then(|| INDEX_LEVEL.to_owned()));
        homes.extend((level.has_index && level.has_decided_by).then(|| INDEX_DECIDED_BY.to_owned()));
    }
    wanted.entry(true).or_default().insert(crate::program::ALIVE.to_owned());
    wanted
}

fn gives(group: &Group, name: &str) -> bool {
    group.columns(false).any(|(column, _)| column == name)
}

/// What a fact is where the group has no row: the value of absence where its sources have arrived.
fn absence(inner: &Inner, group: &Group, name: &str) -> Option<String> {
    let fact = group.facts.iter().find(|f| f.name == name)?;
    let value = fact.absent.as_ref().filter(|_| known(inner, group))?;
    Some(match value {
        ScalarValue::Int64(Some(n)) => n.to_string(),
        ScalarValue::Boolean(Some(b)) => b.to_string(),
        ScalarValue::Date32(Some(days)) => format!("DATE '{}'", crate::schema::date_text(*days)),
        ScalarValue::Utf8(Some(text)) => quoted(text),
        ScalarValue::Decimal128(Some(n), ..) => format!("CAST({n} AS DECIMAL(38,0)) / 1000000"),
        _ => return None,
    })
}

fn column(inner: &Inner, group: &Group, alias: &str, name: &str) -> String {
    let bare = format!("{alias}.\"{name}\"");
    match absence(inner, group, name) {
        Some(absent) => {
            format!("CASE WHEN {alias}.\"{}\" IS NULL THEN {absent} ELSE {bare} END AS \"{name}\"", group.key())
        }
        None => bare,
    }
}

pub(super) fn frames(inner: &Inner, program: &Program, out: &mut Statements) {
    let wanted = wanted(program);
    let none = BTreeSet::new();
    let of = |persons: bool| wanted.get(&persons).unwrap_or(&none);
    let (person, household) = (&program.groups[program.person], &program.groups[program.household]);
    let home_facts: BTreeSet<&String> = of(false).iter().chain(of(true).iter().filter(|n| !gives(person, n))).collect();

    let (mut columns, mut joins) = (vec![format!("d.\"{}\"", key(Grain::Household))], Vec::new());
    let groups = || program.groups.iter().enumerate();
    for (i, group) in groups().filter(|(_, g)| g.grain == Grain::Household) {
        let dense = i == program.household;
        let names: Vec<&&String> = home_facts
            .iter()
            .filter(|n| n.as_str() != group.key() && gives(group, n) && (dense || !gives(household, n)))
            .collect();
        if names.is_empty() {
            continue;
        }
        let alias = if dense { "d".to_owned() } else { format!("g{i}") };
        if dense {
            columns.extend(names.iter().map(|n| format!("d.\"{n}\"")));
        } else {
            columns.extend(names.iter().map(|n| column(inner, group, &alias, n)));
            joins.push(format!("LEFT JOIN \"{}\" {alias} ON {alias}.household_id = d.household_id", group.id));
        }
    }
    out.push((
        "frame.households".to_owned(),
        format!(
            "CREATE TABLE {} AS SELECT {} FROM \"{}\" d {}",
            table(Grain::Household),
            columns.join(", "),
            household.id,
            joins.join(" ")
        ),
    ));

    let (mut columns, mut joins) = (vec!["d.person_id".to_owned(), "d.household_id".to_owned()], Vec::new());
    let mut found: BTreeSet<&str> = ["person_id", "household_id"].into();
    for (i, group) in groups().filter(|(_, g)| g.grain == Grain::Person) {
        let names: Vec<&String> = of(true).iter().filter(|n| !found.contains(n.as_str()) && gives(group, n)).collect();
        if names.is_empty() {
            continue;
        }
        let dense = i == program.person;
        let alias = if dense { "d".to_owned() } else { format!("g{i}") };
        if dense {
            columns.extend(names.iter().map(|n| format!("d.\"{n}\"")));
        } else {
            columns.extend(names.iter().map(|n| column(inner, group, &alias, n)));
            joins.push(format!("LEFT JOIN \"{}\" {alias} ON {alias}.person_id = d.person_id", group.id));
        }
        found.extend(names.iter().map(|n| n.as_str()));
    }
    // What a household's facts are to its people.
    let mut of_home = false;
    for (i, group) in groups().filter(|(_, g)| g.grain == Grain::Household) {
        for name in of(true).iter().filter(|n| gives(group, n)) {
            if !found.insert(name) {
                continue;
            }
            let absent = absence(inner, group, name).filter(|_| i != program.household);
            columns.push(match absent {
                Some(absent) => {
                    format!("CASE WHEN h.household_id IS NULL THEN {absent} ELSE h.\"{name}\" END AS \"{name}\"")
                }
                None => format!("h.\"{name}\""),
            });
            of_home = true;
        }
    }
    if of_home {
        let homes = table(Grain::Household);
        joins.push(format!("LEFT JOIN {homes} h ON h.household_id = d.household_id"));
    }
    out.push((
        "frame.persons".to_owned(),
        format!(
            "CREATE TABLE {} AS SELECT {} FROM \"{}\" d {}",
            table(Grain::Person),
            columns.join(", "),
            person.id,
            joins.join(" ")
        ),
    ));
}
