//! `connectors.toml` in the installation's folder: which sources are asked directly, where, with what key.

use serde::Deserialize;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error("{file}: cannot be read: {message}")]
    Read { file: PathBuf, message: String },
    #[error("{file}: connector {source_id}: {message}; {fix}")]
    Entry { file: PathBuf, source_id: String, message: String, fix: &'static str },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigFile {
    #[serde(rename = "connector", default)]
    connectors: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    source: String,
    url: String,
    /// Beside the file, or absolute.
    #[serde(default)]
    key_file: Option<PathBuf>,
    #[serde(default = "usual_timeout")]
    timeout_seconds: u32,
    #[serde(default)]
    per_minute: Option<u32>,
}

fn usual_timeout() -> u32 {
    20
}

/// One connection, ready to use.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectorConfig {
    /// Id of the source in the pack.
    pub source: String,
    pub url: String,
    /// Sent as a bearer token.
    pub key: Option<String>,
    pub timeout_ms: u64,
    /// No more questions than so many a minute.
    pub per_minute: Option<u32>,
}

/// Without the key.
impl std::fmt::Debug for ConnectorConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ConnectorConfig({} {})", self.source, self.url)
    }
}

/// Longest time limit of one try. A try that never came back is repeated only after five minutes.
const LONGEST_SECONDS: u32 = 120;

pub(crate) fn load(file: &Path) -> Result<Vec<ConnectorConfig>, ConnectError> {
    let read = |message: String| ConnectError::Read { file: file.to_owned(), message };
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(read(e.to_string())),
    };
    let parsed: ConfigFile = toml::from_str(&text).map_err(|e| read(e.to_string()))?;
    let mut seen = BTreeSet::new();
    parsed
        .connectors
        .into_iter()
        .map(|entry| {
            let wrong = |message: String, fix| {
                Err(ConnectError::Entry { file: file.to_owned(), source_id: entry.source.clone(), message, fix })
            };
            if !seen.insert(entry.source.clone()) {
                return wrong("the source is connected twice".to_owned(), "keep one of the entries");
            }
            if !is_safe(&entry.url) {
                let message = "the address is not https".to_owned();
                return wrong(message, "people's numbers travel on it: use https://, or http:// on this machine only");
            }
            if !(1..=LONGEST_SECONDS).contains(&entry.timeout_seconds) {
                return wrong(format!("timeout_seconds = {}", entry.timeout_seconds), "use 1 to 120");
            }
            if entry.per_minute == Some(0) {
                return wrong("per_minute = 0".to_owned(), "use 1 or more, or leave it out");
            }
            let key = match &entry.key_file {
                None => None,
                Some(path) => {
                    let path = file.parent().unwrap_or(Path::new(".")).join(path);
                    match std::fs::read_to_string(&path).map(|key| key.trim().to_owned()) {
                        Ok(key) if key.is_empty() || !key.bytes().all(|b| b.is_ascii_graphic()) => {
                            return wrong(format!("{} holds no key", path.display()), "put the key on one line");
                        }
                        Ok(key) => Some(key),
                        Err(e) => return wrong(format!("{}: {e}", path.display()), "put the key's file there"),
                    }
                }
            };
            Ok(ConnectorConfig {
                source: entry.source,
                url: entry.url,
                key,
                timeout_ms: u64::from(entry.timeout_seconds) * 1000,
                per_minute: entry.per_minute,
            })
        })
        .collect()
}

/// Encrypted, or never leaving this machine.
fn is_safe(url: &str) -> bool {
    let host = |rest: &str| rest.split(['/', ':', '?']).next().unwrap_or_default().to_owned();
    match url.split_once("://") {
        Some(("https", rest)) => !host(rest).is_empty(),
        Some(("http", rest)) => ["127.0.0.1", "localhost"].contains(&host(rest).as_str()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(text: &str) -> Result<Vec<ConnectorConfig>, ConnectError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("bank.key"), "s3cret\n").unwrap();
        let file = folder.path().join("connectors.toml");
        std::fs::write(&file, text).unwrap();
        load(&file)
    }

    #[test]
    fn without_the_file_nothing_is_connected() {
        assert!(load(Path::new("/nowhere/connectors.toml")).unwrap().is_empty());
    }

    #[test]
    fn an_entry_names_its_key_by_a_file_and_never_shows_it() {
        let configs =
            loaded("[[connector]]\nsource = \"DS21\"\nurl = \"https://check.example/ask\"\nkey_file = \"bank.key\"");
        let configs = configs.unwrap();
        assert_eq!((configs[0].key.as_deref(), configs[0].timeout_ms), (Some("s3cret"), 20_000));
        assert!(!format!("{configs:?}").contains("s3cret"));
    }

    #[test]
    fn an_open_address_a_missing_key_and_a_second_entry_are_refused_with_what_to_do() {
        let entry = |rest: &str| format!("[[connector]]\nsource = \"DS21\"\n{rest}\n");
        let error = |text: String| loaded(&text).unwrap_err().to_string();
        assert!(error(entry("url = \"http://check.example/ask\"")).contains("use https://"));
        assert!(error(entry("url = \"http://127.0.0.1.example/ask\"")).contains("use https://"));
        let missing = entry("url = \"https://check.example/ask\"\nkey_file = \"none.key\"");
        assert!(error(missing).contains("put the key's file there"));
        let twice = entry("url = \"https://check.example/ask\"").repeat(2);
        assert!(error(twice).contains("connected twice"));
        assert!(error(entry("url = \"https://check.example/ask\"\ntimeout = 3")).contains("unknown field"));
    }
}
