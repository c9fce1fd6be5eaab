//! Translations: every text stands in each language that the pack declares.

use super::Found;
use crate::{Lang, files::line_at, load::Problem};
use toml::de::{DeTable, DeValue};

pub(super) fn check(found: &mut Found<'_>) {
    let declared = |lang: Lang| found.pack.info.languages.iter().any(|l| l == lang.tag());
    let wanted: Vec<(&str, &str)> = [(Lang::Zh, "zh", "Chinese"), (Lang::En, "en", "English")]
        .into_iter()
        .filter_map(|(lang, key, name)| declared(lang).then_some((key, name)))
        .collect();
    for (file, text) in found.files().iter().filter(|(file, _)| file.ends_with(".toml")) {
        let Ok(table) = DeTable::parse(text) else { continue };
        let mut missing = Vec::new();
        walk(table.get_ref(), &wanted, &mut missing);
        for (offset, language) in missing {
            found.problems.push(Problem {
                file: file.to_owned(),
                line: line_at(text, offset),
                message: format!("the text in {language} is missing"),
                fix: "write it in every language of pack.toml".to_owned(),
            });
        }
    }
}

/// Places of the texts that lack a language. A text is a table of nothing but languages.
fn walk<'n>(table: &DeTable<'_>, wanted: &[(&str, &'n str)], missing: &mut Vec<(usize, &'n str)>) {
    for (key, value) in table {
        match value.get_ref() {
            DeValue::Table(inner)
                if !inner.is_empty() && inner.keys().all(|k| ["zh", "en"].contains(&k.get_ref().as_ref())) =>
            {
                for (language, name) in wanted {
                    match inner.get_key_value(*language) {
                        Some((at, said)) if said.get_ref().as_str().is_some_and(|s| s.trim().is_empty()) => {
                            missing.push((at.span().start, name));
                        }
                        None => missing.push((key.span().start, name)),
                        Some(_) => {}
                    }
                }
            }
            DeValue::Table(inner) => walk(inner, wanted, missing),
            DeValue::Array(list) => {
                for inner in list.iter().filter_map(|v| v.get_ref().as_table()) {
                    walk(inner, wanted, missing);
                }
            }
            _ => {}
        }
    }
}
