//! The words of the interface: one catalogue a door and language, keyed `door.section.name`, inside the binary.
//!
//! Names of programmes, indicators and regions are the pack's and never stand here. `tests/words.rs` proves that every
//! key used exists in both languages and that none is unused.

use std::{collections::BTreeMap, sync::LazyLock};
use tuodi_pack::Lang;

pub type Catalogue = BTreeMap<String, String>;

macro_rules! catalogues {
    ($($door:literal),+ $(,)?) => {
        /// Door, Chinese, English.
        const SOURCES: &[(&str, &str, &str)] = &[$((
            $door,
            include_str!(concat!("../locales/", $door, ".zh-CN.toml")),
            include_str!(concat!("../locales/", $door, ".en.toml")),
        )),+];
    };
}

// A new door adds its name here and two files in locales/.
catalogues![
    "common",
    "gate",
    "public",
    "citizen",
    "field",
    "desk",
    "bureau",
    "feed",
    "trial",
    "library",
    "ways",
    "api",
    "linkage",
    "conflict",
    "pay",
    "papers",
    "matters",
    "crossing",
    "voice",
    "work",
    "living",
    "life",
    "assess",
    "kin",
    "special",
    "appraisal",
    "extend",
    "proxy",
    "course",
    "stats",
    "emergency"
];

static CHINESE: LazyLock<Catalogue> = LazyLock::new(|| read(|source| source.1));
static ENGLISH: LazyLock<Catalogue> = LazyLock::new(|| read(|source| source.2));

/// Every key of a language.
pub fn catalogue(lang: Lang) -> &'static Catalogue {
    match lang {
        Lang::Zh => &CHINESE,
        Lang::En => &ENGLISH,
    }
}

/// The doors that have catalogues; the first word of every key.
pub fn doors() -> impl Iterator<Item = &'static str> {
    SOURCES.iter().map(|s| s.0)
}

/// The text of a key. A page never fails for a missing word; the log names it.
pub fn text(lang: Lang, key: &str) -> &'static str {
    match find(lang, key) {
        Some(text) => text,
        None => {
            tracing::error!(key, "no such word");
            "□"
        }
    }
}

/// The text of a key that may have none, such as a field's own message beside the general one.
pub fn find(lang: Lang, key: &str) -> Option<&'static str> {
    catalogue(lang).get(key).map(String::as_str)
}

/// `{0}`, `{1}` … in a text are places for arguments.
pub fn fill(text: &str, arguments: &[&dyn std::fmt::Display]) -> String {
    let mut filled = text.to_owned();
    for (i, argument) in arguments.iter().enumerate() {
        filled = filled.replace(&format!("{{{i}}}"), &argument.to_string());
    }
    filled
}

fn read(pick: impl Fn(&(&'static str, &'static str, &'static str)) -> &'static str) -> Catalogue {
    let mut catalogue = Catalogue::new();
    for source in SOURCES {
        // Embedded at build time: a broken file fails every test and the first start.
        let table: toml::Table = toml::from_str(pick(source)).unwrap_or_else(|e| panic!("locales/{}: {e}", source.0));
        flatten(source.0, &table, &mut catalogue);
    }
    catalogue
}

fn flatten(prefix: &str, table: &toml::Table, catalogue: &mut Catalogue) {
    for (name, value) in table {
        let key = format!("{prefix}.{name}");
        match value {
            toml::Value::Table(inner) => flatten(&key, inner, catalogue),
            toml::Value::String(text) => {
                catalogue.insert(key, text.clone());
            }
            other => panic!("{key} is {}, not a text", other.type_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_fill_their_places() {
        assert_eq!(fill("第 {0} 步，共 {1} 步", &[&3, &6]), "第 3 步，共 6 步");
    }
}
