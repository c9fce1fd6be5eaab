//! Data contracts: keys, codes, headers that could be mistaken for one another.

use super::{Found, agreements};
use crate::{
    Lang,
    source::{Column, ColumnType, FREQUENCIES, Source},
};
use std::collections::BTreeMap;

pub(super) fn check(found: &mut Found<'_>) {
    let pack = found.pack;
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for source in &pack.sources {
        let file = found.files().home("sources", &source.id);
        if let Some(other) = names.insert(&source.name, &source.id) {
            found.at(
                &file,
                "name",
                format!("table {:?} is already the name of source {other}", source.name),
                "give each source its own table name",
            );
        }
        one(found, &file, source);
    }
}

fn one(found: &mut Found<'_>, file: &str, source: &Source) {
    found.basis(file, "basis", &source.basis);
    if !FREQUENCIES.iter().any(|(name, _)| *name == source.frequency) {
        found.at(
            file,
            "frequency",
            format!("frequency {:?} is not known", source.frequency),
            "daily, weekly, monthly, quarterly, term or query",
        );
    }
    if !["L1", "L2", "L3", "L4"].contains(&source.sensitivity.as_str()) {
        found.at(file, "sensitivity", format!("sensitivity {:?} is not known", source.sensitivity), "L1 to L4");
    }
    if source.key.is_empty() {
        found.at(file, "key", "the source has no key", "name the columns that tell one row from another");
    }
    for (i, key) in source.key.iter().enumerate() {
        match source.column(key) {
            None => found.at(
                file,
                &format!("key/{i}"),
                format!("key column {key:?} is not among the columns"),
                "use the name of a [[column]]",
            ),
            Some(column) if column.kind == ColumnType::Ignore => found.at(
                file,
                &format!("key/{i}"),
                format!("key column {key:?} is kept nowhere"),
                "a key column needs a type other than ignore",
            ),
            Some(_) => {}
        }
    }
    found.unique(file, "column", source.columns.iter().map(|c| c.name.as_str()), |i| format!("column/{i}/name"));
    let mut pooled: BTreeMap<String, &str> = BTreeMap::new();
    for (i, column) in source.columns.iter().enumerate() {
        if let Some(other) = column.pool_name().and_then(|name| pooled.insert(name, &column.name)) {
            found.at(
                file,
                &format!("column/{i}/name"),
                format!("columns {other:?} and {:?} have the same name in the pool", column.name),
                "rename one of them",
            );
        }
        one_column(found, file, i, source, column);
    }
    headers(found, file, source);
    agreements::check(found, file, source);
    for (i, shared) in source.shared.iter().enumerate() {
        let path = format!("shared/{i}");
        let Some(other) = found.pack.source(&shared.source) else {
            let message = format!("source {:?} is not in sources/", shared.source);
            let known = found.pack.sources.iter().map(|s| s.id.as_str());
            let fix = Found::meant(&shared.source, known, "use the id of a source");
            found.unknown(&shared.source, (file, &format!("{path}/source")), message, fix);
            continue;
        };
        let mut column = |of: &Source, name: &str, key: &str, person: bool| {
            let kind = of.column(name).map(|c| c.kind);
            if kind.is_none() || (person && kind != Some(ColumnType::IdNo)) {
                let what = if person { "citizen number" } else { "column" };
                let message = format!("{name:?} is no {what} of source {}", of.id);
                found.at(file, &format!("{path}/{key}"), message, format!("name a {what} of that source"));
            }
            kind
        };
        let mine = column(source, &shared.column, "column", false);
        let theirs = column(other, &shared.their_column, "their_column", false);
        column(source, &shared.person, "person", true);
        column(other, &shared.their_person, "their_person", true);
        if mine.is_some() && theirs.is_some() && mine != theirs {
            let message = format!("{:?} and {:?} are not of one type", shared.column, shared.their_column);
            found.at(file, &path, message, "only values of one type can be the same");
        }
    }
}

fn one_column(found: &mut Found<'_>, file: &str, i: usize, source: &Source, column: &Column) {
    let path = format!("column/{i}");
    let name = &column.name;
    if column.kind == ColumnType::Enum && column.codes.is_empty() {
        found.at(
            file,
            &path,
            format!("enum {name:?} has no codes"),
            "add [column.codes] with code = [\"spelling\", …]",
        );
    }
    if column.kind != ColumnType::Enum && !column.codes.is_empty() {
        found.at(file, &path, format!("{name:?} has codes but is no enum"), "set type = \"enum\" or remove the codes");
    }
    let money = found.pack.info.money_unit.clone();
    if column.kind == ColumnType::Money && !column.unit.starts_with(&money) {
        found.at(
            file,
            &path,
            format!("money {name:?} has no unit in {money}"),
            format!("add unit = \"{money}\", \"{money}/month\" or \"{money}/year\""),
        );
    }
    if let (Some(min), Some(max)) = (column.min, column.max)
        && min > max
    {
        found.at(file, &path, format!("{name:?}: min {min} is over max {max}"), "swap or correct them");
    }
    if let Some(flag) = &column.allow_negative_if
        && source.column(flag).is_none_or(|c| c.kind != ColumnType::Bool)
    {
        found.at(
            file,
            &format!("{path}/allow_negative_if"),
            format!("{flag:?} is not a bool column of this source"),
            "name the column that marks refunds",
        );
    }
    if column.no_future && !matches!(column.kind, ColumnType::Date | ColumnType::Month | ColumnType::Datetime) {
        found.at(file, &format!("{path}/no_future"), format!("{name:?} is no date"), "remove no_future");
    }
    let mut spellings: BTreeMap<&str, &str> = BTreeMap::new();
    for (code, accepted) in &column.codes {
        for spelling in accepted.iter().map(String::as_str).chain([code.as_str()]) {
            if let Some(other) = spellings.insert(spelling, code)
                && other != code
            {
                found.at(
                    file,
                    &format!("{path}/codes/{code}"),
                    format!("spelling {spelling:?} of {name:?} means both {other:?} and {code:?}"),
                    "leave it with one code",
                );
            }
        }
    }
}

/// A header in a file is the column's name, its Chinese title or an alias; it must point at one column.
fn headers(found: &mut Found<'_>, file: &str, source: &Source) {
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for (i, column) in source.columns.iter().enumerate() {
        let accepted = [column.name.as_str(), column.title.get(Lang::Zh)];
        for header in accepted.into_iter().chain(column.aliases.iter().map(String::as_str)) {
            if let Some(other) = taken.insert(header, &column.name)
                && other != column.name
            {
                found.at(
                    file,
                    &format!("column/{i}"),
                    format!("header {header:?} could be {other:?} or {:?}", column.name),
                    "leave the header with one of the columns",
                );
            }
        }
    }
}
