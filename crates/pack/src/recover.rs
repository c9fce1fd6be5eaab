//! Reading a TOML file with several mistakes in it: each is told once, and what is around it is still read.
//!
//! An entry that cannot be understood is blanked out, keeping every line where it was, and the rest is read again.

use crate::files::line_at;
use serde::de::DeserializeOwned;
use toml::de::DeTable;

/// One mistake: where it begins, and the parser's words for it.
pub(crate) struct Mistake {
    pub line: usize,
    pub message: String,
    pub fix: String,
}

pub(crate) struct Parsed<T> {
    /// `None` where the file as a whole could not be understood.
    pub value: Option<T>,
    pub mistakes: Vec<Mistake>,
    /// The text without the entries that were left out; the same lines.
    pub understood: String,
    /// The entries that were left out, or the whole text.
    pub lost: String,
}

/// A file with more mistakes than this is told as far as that.
const MOST: usize = 50;

pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Parsed<T> {
    let mut parsed = Parsed { value: None, mistakes: Vec::new(), understood: text.to_owned(), lost: String::new() };
    // Almost every file is sound: it is read once.
    if let Ok(value) = toml::from_str(text) {
        parsed.value = Some(value);
        return parsed;
    }
    let (_, wrong) = DeTable::parse_recoverable(text);
    for e in &wrong {
        parsed.tell(e, "correct the TOML: a quotation mark, a bracket or an equals sign is amiss");
    }
    // Keys whose value was left out: that they are missing now is no second mistake.
    let mut dropped: Vec<String> = Vec::new();
    while wrong.is_empty() && parsed.mistakes.len() < MOST {
        let e = match toml::from_str(&parsed.understood) {
            Ok(value) => {
                parsed.value = Some(value);
                return parsed;
            }
            Err(e) => e,
        };
        if quoted(e.message(), "missing field ").is_some_and(|field| dropped.iter().any(|d| d == field)) {
            break;
        }
        parsed.tell(&e, advice(e.message()));
        let Some(cut) = cut(&parsed.understood, &e) else { break };
        dropped.push(cut.key);
        for line in cut.first..cut.end {
            parsed.lost += parsed.understood.lines().nth(line).unwrap_or_default();
            parsed.lost.push('\n');
        }
        parsed.understood = cut.rest;
    }
    parsed.lost = text.to_owned();
    parsed
}

impl<T> Parsed<T> {
    fn tell(&mut self, e: &toml::de::Error, fix: &str) {
        let at = e.span().map_or(0, |s| s.start);
        let line = line_at(&self.understood, at);
        let message = e.message().lines().collect::<Vec<_>>().join(", ");
        if !self.mistakes.iter().any(|m| m.line == line && m.message == message) {
            self.mistakes.push(Mistake { line, message, fix: fix.to_owned() });
        }
    }
}

fn advice(message: &str) -> &'static str {
    if message.starts_with("missing field") {
        "add the entry"
    } else if message.starts_with("unknown field") {
        "correct its name or remove it"
    } else if message.starts_with("unknown variant") {
        "write one of the words listed"
    } else if message.starts_with("invalid type") {
        "write a value of the type asked for; money is whole fen, dates and numbers stand without quotation marks"
    } else {
        "correct the entry named"
    }
}

/// The first name in backticks after `start`.
fn quoted<'m>(message: &'m str, start: &str) -> Option<&'m str> {
    message.strip_prefix(start)?.split('`').nth(1)
}

/// Lines to leave out, counted from 0, and the text without them.
struct Cut {
    first: usize,
    end: usize,
    key: String,
    rest: String,
}

/// The smallest entry around a mistake that the rest can do without.
fn cut(text: &str, e: &toml::de::Error) -> Option<Cut> {
    let lines: Vec<&str> = text.lines().collect();
    let at = line_at(text, e.span()?.start) - 1;
    let line = lines.get(at)?;
    let header = |i: usize| lines[i].trim_start().starts_with('[').then(|| name(lines[i])).flatten();
    // The header above, where there is one: in it the mistake stands.
    let home = (0..=at).rev().find(|i| header(*i).is_some());
    let key = line.split('=').next().unwrap_or_default().trim().to_owned();
    let alone = |first: usize, end: usize, key: String| {
        let rest: String = lines
            .iter()
            .enumerate()
            .map(|(i, l)| if (first..end).contains(&i) { "\n".to_owned() } else { format!("{l}\n") })
            .collect();
        // Cutting a line out of a longer value would make a mistake of our own.
        DeTable::parse(&rest).is_ok().then_some(Cut { first, end, key, rest })
    };
    let unknown = e.message().starts_with("unknown field");
    if unknown && home != Some(at) {
        // The key itself is the mistake; nothing will be missing without it.
        if let Some(cut) = alone(at, at + 1, String::new()) {
            return Some(cut);
        }
    }
    let Some(home) = home else {
        return (!e.message().starts_with("missing field")).then(|| alone(at, at + 1, key)).flatten();
    };
    let (own, list) = header(home)?;
    let child = format!("{own}.");
    let end = (home + 1..lines.len())
        .find(|i| header(*i).is_some_and(|(other, _)| !other.starts_with(&child)))
        .unwrap_or(lines.len());
    let parent = own.rsplit_once('.').map(|(parent, _)| parent.to_owned());
    if !list && let Some(parent) = parent {
        // A table of an element of a list (`[column.codes]`): the element goes as a whole.
        let first = (0..home).rev().find(|i| header(*i).is_some_and(|(other, list)| list && other == parent));
        if let Some(first) = first {
            return alone(first, end, parent);
        }
    }
    alone(home, end, own)
}

/// The name in a header's brackets, and whether it is one of a list (`[[name]]`).
fn name(line: &str) -> Option<(String, bool)> {
    let line = line.trim_start();
    let list = line.starts_with("[[");
    let inner = line.trim_start_matches('[').split(']').next()?.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    (!inner.is_empty() && inner.chars().all(plain)).then(|| (inner.to_owned(), list))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Part {
        id: String,
        size: i64,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Whole {
        id: String,
        #[serde(rename = "part", default)]
        parts: Vec<Part>,
    }

    fn read(text: &str) -> (Option<Whole>, Vec<(usize, String)>) {
        let parsed = parse::<Whole>(text);
        assert_eq!(parsed.understood.lines().count(), text.lines().count());
        (parsed.value, parsed.mistakes.into_iter().map(|m| (m.line, m.message)).collect())
    }

    #[test]
    fn every_mistake_of_a_file_is_told_and_the_sound_entries_are_kept() {
        let text = "id = \"a\"\n\n[[part]]\nid = \"p\"\n\n[[part]]\nid = \"q\"\nsize = \"big\"\n\n[[part]]\nid = \"r\"\nsize = 1\ncolour = 2\n";
        let (whole, mistakes) = read(text);
        let whole = whole.unwrap();
        assert_eq!((whole.id.as_str(), whole.parts.len()), ("a", 1));
        assert_eq!(mistakes.len(), 3, "{mistakes:?}");
        assert_eq!(mistakes[0].0, 3);
        assert!(mistakes[0].1.contains("missing field `size`"));
        assert_eq!(mistakes[1].0, 8);
        assert_eq!(mistakes[2].0, 13);
        assert!(mistakes[2].1.contains("unknown field `colour`"));
    }

    #[test]
    fn a_wrong_value_of_the_file_itself_is_told_once_and_the_file_is_lost() {
        let (whole, mistakes) = read("id = 3\n[[part]]\nid = \"p\"\nsize = \"big\"\n");
        assert!(whole.is_none());
        let lines: Vec<usize> = mistakes.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 4], "{mistakes:?}");
    }

    #[test]
    fn broken_toml_is_told_with_each_of_its_places() {
        let (whole, mistakes) = read("id = \"a\nsize 3\n");
        assert!(whole.is_none());
        assert!(mistakes.iter().any(|(line, _)| *line == 1) && mistakes.iter().any(|(line, _)| *line == 2));
    }
}
