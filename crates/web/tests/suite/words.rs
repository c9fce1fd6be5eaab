//! The catalogues are complete: every key used exists in both languages, none is unused, and icons used are in the sprite.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};
use tuodi_pack::Lang;
use tuodi_web::words::{catalogue, doors};

fn files(dir: &str, extension: &str) -> Vec<PathBuf> {
    fn walk(dir: &Path, extension: &str, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).expect("the folder can be read").flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, extension, found);
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(dir), extension, &mut found);
    found.sort();
    found
}

/// Everything between double quotes in a file.
fn literals(text: &str) -> Vec<&str> {
    text.split('"').collect()
}

struct Used {
    /// Literals that look like keys, with the file that has them.
    keys: Vec<(String, PathBuf)>,
    /// First arguments of `t_of` and prefixes built with `format!`: every key under them counts as used.
    prefixes: BTreeSet<String>,
}

fn used() -> Used {
    let doors: BTreeSet<&str> = doors().collect();
    let mut used = Used { keys: Vec::new(), prefixes: BTreeSet::new() };
    for file in files("src", "rs").into_iter().chain(files("templates", "html")) {
        let text = fs::read_to_string(&file).expect("sources are UTF-8");
        let parts = literals(&text);
        for (i, literal) in parts.iter().enumerate() {
            let Some((door, rest)) = literal.split_once('.') else { continue };
            let shaped = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.' | '{' | '}');
            if !doors.contains(door) || rest.is_empty() || !rest.chars().all(shaped) {
                continue;
            }
            let before = parts[i.saturating_sub(1)];
            if before.ends_with("t_of(") {
                used.prefixes.insert(format!("{literal}."));
            } else if let Some((prefix, _)) = literal.split_once('{') {
                used.prefixes.insert(prefix.to_owned());
            } else {
                used.keys.push(((*literal).to_owned(), file.clone()));
            }
        }
    }
    // Fields' own messages: `{door}.problem.{field}_{kind}`.
    used.prefixes.extend(doors.iter().map(|door| format!("{door}.problem.")));
    used
}

#[test]
fn every_key_used_exists_in_both_languages() {
    let mut missing = Vec::new();
    for (key, file) in used().keys {
        for lang in Lang::ALL {
            let catalogue = catalogue(lang);
            let is_prefix = || catalogue.keys().any(|k| k.starts_with(&format!("{key}.")));
            if !catalogue.contains_key(&key) && !is_prefix() {
                missing.push(format!("{key} in {} ({})", lang.tag(), file.display()));
            }
        }
    }
    assert!(missing.is_empty(), "keys without a text:\n{}", missing.join("\n"));
}

#[test]
fn both_languages_have_the_same_keys() {
    let singular = |key: &&String| !key.ends_with("_one");
    let chinese: BTreeSet<&String> = catalogue(Lang::Zh).keys().filter(singular).collect();
    let english: BTreeSet<&String> = catalogue(Lang::En).keys().filter(singular).collect();
    let difference: Vec<_> = chinese.symmetric_difference(&english).collect();
    assert!(difference.is_empty(), "keys in one language only: {difference:?}");
}

#[test]
fn no_text_is_unused() {
    let used = used();
    let keys: BTreeSet<&str> = used.keys.iter().map(|(key, _)| key.as_str()).collect();
    let unused: Vec<&String> = catalogue(Lang::Zh)
        .keys()
        .filter(|key| !keys.contains(key.as_str()) && !used.prefixes.iter().any(|p| key.starts_with(p)))
        .collect();
    assert!(unused.is_empty(), "texts that no page uses: {unused:?}");
}

#[test]
fn translations_keep_the_places_for_arguments() {
    for (key, chinese) in catalogue(Lang::Zh) {
        let Some(english) = catalogue(Lang::En).get(key) else { continue };
        for place in ["{0}", "{1}", "{2}"] {
            assert_eq!(chinese.contains(place), english.contains(place), "{key} {place}");
        }
    }
}

#[test]
fn icons_used_are_in_the_sprite() {
    let list = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/icons.txt")).expect("icons.txt");
    let listed: BTreeSet<&str> = list.lines().collect();
    let mut found = BTreeSet::new();
    let mut text = String::new();
    for file in files("src", "rs").into_iter().chain(files("templates", "html")) {
        text.push_str(&fs::read_to_string(file).expect("sources are UTF-8"));
    }
    for call in ["svg(\"", "svg_l(\"", "icon(\""] {
        for rest in text.split(call).skip(1) {
            found.insert(rest.split('"').next().unwrap_or_default());
        }
    }
    let unknown: Vec<_> = found.difference(&listed).collect();
    assert!(unknown.is_empty(), "icons not in ui/icons.txt: {unknown:?}");
}

#[test]
fn no_template_breaks_the_content_policy() {
    for file in files("templates", "html") {
        let text = fs::read_to_string(&file).expect("templates are UTF-8");
        for forbidden in [" style=", "<style", "onclick=", "hx-on", "javascript:", "http://", "https://"] {
            assert!(!text.contains(forbidden), "{} holds {forbidden}", file.display());
        }
    }
}
