//! The raw texts of a pack's files, kept so that every problem can name its file and line.

use crate::load::Problem;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use toml::de::{DeTable, DeValue};

/// The files a pack was read from. Empty for a pack that was not loaded from a folder.
#[derive(Debug, Clone, Default)]
pub struct Files {
    texts: BTreeMap<String, String>,
    /// Of files with mistakes: the text without the entries that could not be read, line by line as it was.
    understood: BTreeMap<String, String>,
    /// What could not be read, by file: a name in it may well be known.
    lost: BTreeMap<String, String>,
    /// Folder and id of an entry -> the file it stands in.
    homes: BTreeMap<(String, String), String>,
}

impl Files {
    pub(crate) fn add(&mut self, file: &str, text: String) {
        self.texts.insert(file.to_owned(), text);
    }

    /// Says that parts of a file could not be read.
    pub(crate) fn lose(&mut self, file: &str, understood: String, lost: String) {
        self.understood.insert(file.to_owned(), understood);
        self.lost.insert(file.to_owned(), lost);
    }

    /// Whether `name` stands in a part of the pack that could not be read: then it is not said to be unknown.
    pub fn may_know(&self, name: &str) -> bool {
        let part = |c: char| c.is_alphanumeric() || c == '_';
        let whole = |text: &str, at: usize| !text[..at].ends_with(part) && !text[at + name.len()..].starts_with(part);
        !name.is_empty()
            && self.lost.iter().any(|(file, text)| {
                let stem = file.rsplit('/').next().and_then(|f| f.split('.').next()).unwrap_or_default();
                // SQL folds names to lower case.
                let (text, name) = (text.to_ascii_lowercase(), name.to_ascii_lowercase());
                stem.eq_ignore_ascii_case(&name) || text.match_indices(&name).any(|(at, _)| whole(&text, at))
            })
    }

    /// Whether parts of the files of this folder, or of this file, could not be read.
    pub fn is_lost(&self, place: &str) -> bool {
        self.lost.keys().any(|file| file == place || file.starts_with(&format!("{place}/")))
    }

    /// Says where an entry stands; gives the file back that already holds the same id.
    pub(crate) fn settle(&mut self, folder: &str, id: &str, file: &str) -> Option<String> {
        let key = (folder.to_owned(), id.to_owned());
        if let Some(first) = self.homes.get(&key) {
            return Some(first.clone());
        }
        self.homes.insert(key, file.to_owned());
        None
    }

    pub fn text(&self, file: &str) -> Option<&str> {
        self.texts.get(file).map(String::as_str)
    }

    /// SHA-256 over every file's name and text, in hexadecimal.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (file, text) in &self.texts {
            for part in [file, text] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part.as_bytes());
            }
        }
        hex::encode(hash.finalize())
    }

    /// Every file by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(file, text)| (file.as_str(), text.as_str()))
    }

    /// The file that holds entry `id` of `folder` (`sources`, `facts`, `programmes`, `indicators`, `cases`).
    pub fn home(&self, folder: &str, id: &str) -> String {
        self.homes.get(&(folder.to_owned(), id.to_owned())).cloned().unwrap_or_else(|| format!("{folder}/{id}.toml"))
    }

    /// The line of an entry of a TOML file by its path, `condition/2/basis`; of the nearest part of the path that is
    /// there when the end is missing.
    pub fn line(&self, file: &str, path: &str) -> usize {
        let Some(text) = self.understood.get(file).map(String::as_str).or(self.text(file)) else { return 1 };
        let Ok(table) = DeTable::parse(text) else { return 1 };
        let mut at = None;
        let mut value: Option<&DeValue<'_>> = None;
        for step in path.split('/').filter(|s| !s.is_empty()) {
            let entry = match value {
                None => table.get_ref().get_key_value(step),
                Some(DeValue::Table(inner)) => inner.get_key_value(step),
                Some(DeValue::Array(list)) => {
                    let Some(next) = step.parse::<usize>().ok().and_then(|i| list.get(i)) else { break };
                    at = Some(next.span().start);
                    value = Some(next.get_ref());
                    continue;
                }
                Some(_) => None,
            };
            let Some((key, next)) = entry else { break };
            // The key of an array of tables has one span for all of them; its elements follow with their own.
            at = Some(key.span().start);
            value = Some(next.get_ref());
        }
        at.map_or(1, |offset| line_at(text, offset))
    }

    /// The first line that holds `token`, or 1.
    pub fn line_of(&self, file: &str, token: &str) -> usize {
        let Some(text) = self.text(file) else { return 1 };
        text.find(token).map_or(1, |offset| line_at(text, offset))
    }

    /// A problem at an entry of a TOML file.
    pub fn problem(&self, file: &str, path: &str, message: impl Into<String>, fix: impl Into<String>) -> Problem {
        Problem { file: file.to_owned(), line: self.line(file, path), message: message.into(), fix: fix.into() }
    }
}

/// The line, counted from 1, of a byte offset.
pub(crate) fn line_at(text: &str, offset: usize) -> usize {
    let end = offset.min(text.len());
    text.as_bytes()[..end].iter().filter(|b| **b == b'\n').count() + 1
}
