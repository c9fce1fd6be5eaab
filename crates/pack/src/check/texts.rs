//! Translations: wherever a file has words in one language it has them in the other.

use super::Found;
use crate::{files::line_at, load::Problem};
use toml::de::{DeTable, DeValue};

pub(super) fn check(found: &mut Found<'_>) {
    for (file, text) in found.files().iter().filter(|(file, _)| file.ends_with(".toml")) {
        let Ok(table) = DeTable::parse(text) else { continue };
        let mut empty = Vec::new();
        walk(table.get_ref(), &mut empty);
        for (offset, language) in empty {
            found.problems.push(Problem {
                file: file.to_owned(),
                line: line_at(text, offset),
                message: format!("the text in {language} is empty"),
                fix: "write it in both languages".to_owned(),
            });
        }
    }
}

/// Offsets of the empty texts, with their language.
fn walk(table: &DeTable<'_>, empty: &mut Vec<(usize, &'static str)>) {
    for (key, value) in table {
        match value.get_ref() {
            DeValue::Table(inner) => walk(inner, empty),
            DeValue::Array(list) => {
                for inner in list.iter().filter_map(|v| v.get_ref().as_table()) {
                    walk(inner, empty);
                }
            }
            DeValue::String(text) if text.trim().is_empty() => match key.get_ref().as_ref() {
                "zh" => empty.push((key.span().start, "Chinese")),
                "en" => empty.push((key.span().start, "English")),
                _ => {}
            },
            _ => {}
        }
    }
}
