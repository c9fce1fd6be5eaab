//! `connectors.toml` in the installation's folder: which sources are asked directly, which are fetched on a schedule,
//! where, with what key.

use crate::fetch::{FetchConfig, FetchFrom, postgres_is_safe};
use chrono::NaiveTime;
use serde::Deserialize;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::Duration,
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
    #[serde(rename = "fetch", default)]
    fetches: Vec<FetchEntry>,
    #[serde(default)]
    by_file: Vec<ByFile>,
}

/// A department that answers only in batches.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ByFile {
    source: String,
}

/// What the file says.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub connectors: Vec<ConnectorConfig>,
    pub fetches: Vec<FetchConfig>,
    /// Ids of sources that are asked on lists.
    pub by_file: BTreeSet<String>,
}

/// Either `url`, or `database_file` and `query_file`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FetchEntry {
    source: String,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    key_file: Option<PathBuf>,
    /// Holds the database's address with its password.
    #[serde(default)]
    database_file: Option<PathBuf>,
    #[serde(default)]
    query_file: Option<PathBuf>,
    #[serde(default = "at_night")]
    at: String,
    #[serde(default)]
    every_days: Option<u32>,
    #[serde(default = "usual_fetch_timeout")]
    timeout_seconds: u32,
}

fn at_night() -> String {
    "02:00".to_owned()
}

fn usual_fetch_timeout() -> u32 {
    600
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
/// And of fetching a file.
const LONGEST_FETCH: u32 = 6 * 3600;

/// Who is asked, and what is fetched.
pub(crate) fn load(file: &Path) -> Result<Loaded, ConnectError> {
    let read = |message: String| ConnectError::Read { file: file.to_owned(), message };
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Loaded::default()),
        Err(e) => return Err(read(e.to_string())),
    };
    let parsed: ConfigFile = toml::from_str(&text).map_err(|e| read(e.to_string()))?;
    let fetches = fetches(file, parsed.fetches)?;
    let mut seen = BTreeSet::new();
    let connectors: Result<Vec<ConnectorConfig>, ConnectError> = parsed
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
                Some(path) => match secret(file, path) {
                    Ok(key) => Some(key),
                    Err((message, fix)) => return wrong(message, fix),
                },
            };
            Ok(ConnectorConfig {
                source: entry.source,
                url: entry.url,
                key,
                timeout_ms: u64::from(entry.timeout_seconds) * 1000,
                per_minute: entry.per_minute,
            })
        })
        .collect();
    let connectors = connectors?;
    let by_file: BTreeSet<String> = parsed.by_file.into_iter().map(|entry| entry.source).collect();
    if let Some(both) = connectors.iter().find(|c| by_file.contains(&c.source)) {
        return Err(ConnectError::Entry {
            file: file.to_owned(),
            source_id: both.source.clone(),
            message: "it is asked directly and on lists".to_owned(),
            fix: "keep either [[connector]] or [[by_file]]",
        });
    }
    Ok(Loaded { connectors, fetches, by_file })
}

/// What is wrong, and what to do.
type Wrong = (String, &'static str);

/// The text of a file that an entry names, beside `connectors.toml`.
fn named(file: &Path, path: &Path) -> Result<String, Wrong> {
    let path = file.parent().unwrap_or(Path::new(".")).join(path);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(text.trim().to_owned()),
        Err(e) => Err((format!("{}: {e}", path.display()), "put the file there")),
    }
}

/// A key or an address: one line.
fn secret(file: &Path, path: &Path) -> Result<String, Wrong> {
    let text = named(file, path)?;
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err((format!("{} holds no key", path.display()), "put the key on one line"));
    }
    Ok(text)
}

fn fetches(file: &Path, entries: Vec<FetchEntry>) -> Result<Vec<FetchConfig>, ConnectError> {
    let mut seen = BTreeSet::new();
    let mut read = |entry: FetchEntry| {
        if !seen.insert(entry.source.clone()) {
            return Err(("the source is fetched twice".to_owned(), "keep one of the entries"));
        }
        let from = match (&entry.url, &entry.database_file, &entry.query_file) {
            (Some(url), None, None) => {
                if !is_safe(url) {
                    let fix = "people's numbers travel on it: use https://, or http:// on this machine only";
                    return Err(("the address is not https".to_owned(), fix));
                }
                let key = entry.key_file.as_deref().map(|path| secret(file, path)).transpose()?;
                FetchFrom::Http { url: url.clone(), key }
            }
            (None, Some(database), Some(query)) => {
                let url = secret(file, database)?;
                match postgres_is_safe(&url) {
                    Some(true) => {}
                    Some(false) => {
                        let fix = "write ?sslmode=require, verify-ca or verify-full behind the address";
                        return Err(("the connection is not encrypted".to_owned(), fix));
                    }
                    None => {
                        let fix = "write postgres://reader:password@host/database?sslmode=verify-full";
                        return Err((format!("{} holds no address", database.display()), fix));
                    }
                }
                let query = named(file, query)?;
                if query.is_empty() {
                    return Err(("the query is empty".to_owned(), "write one SELECT with ORDER BY"));
                }
                FetchFrom::Postgres { url, query }
            }
            _ => {
                let fix = "write either url, or database_file and query_file";
                return Err(("it does not say where from".to_owned(), fix));
            }
        };
        let at = NaiveTime::parse_from_str(&entry.at, "%H:%M")
            .map_err(|_| (format!("at = {:?}", entry.at), "write a time of day like \"02:00\""))?;
        if !(1..=LONGEST_FETCH).contains(&entry.timeout_seconds) {
            return Err((format!("timeout_seconds = {}", entry.timeout_seconds), "use 1 to 21600"));
        }
        if entry.every_days.is_some_and(|days| !(1..=366).contains(&days)) {
            return Err(("every_days is out of range".to_owned(), "use 1 to 366, or leave it out"));
        }
        let timeout = Duration::from_secs(entry.timeout_seconds.into());
        Ok(FetchConfig { source: entry.source, from, at, every_days: entry.every_days, timeout })
    };
    let entry = |entry: FetchEntry| {
        let source_id = entry.source.clone();
        read(entry).map_err(|(message, fix)| ConnectError::Entry { file: file.to_owned(), source_id, message, fix })
    };
    entries.into_iter().map(entry).collect()
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

    fn both(text: &str) -> Result<Loaded, ConnectError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("bank.key"), "s3cret\n").unwrap();
        std::fs::write(folder.path().join("db.url"), "postgres://reader:s3cret@db.example/water?sslmode=require")
            .unwrap();
        std::fs::write(folder.path().join("open.url"), "postgres://reader:s3cret@db.example/water").unwrap();
        std::fs::write(folder.path().join("q.sql"), "SELECT 1 AS a;\n").unwrap();
        let file = folder.path().join("connectors.toml");
        std::fs::write(&file, text).unwrap();
        super::load(&file)
    }

    fn loaded(text: &str) -> Result<Vec<ConnectorConfig>, ConnectError> {
        both(text).map(|loaded| loaded.connectors)
    }

    #[test]
    fn without_the_file_nothing_is_connected() {
        assert!(load(Path::new("/nowhere/connectors.toml")).unwrap().connectors.is_empty());
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
        assert!(error(missing).contains("put the file there"));
        let twice = entry("url = \"https://check.example/ask\"").repeat(2);
        assert!(error(twice).contains("connected twice"));
        assert!(error(entry("url = \"https://check.example/ask\"\ntimeout = 3")).contains("unknown field"));
        let by_file = "[[by_file]]\nsource = \"DS21\"\n";
        assert!(both(by_file).unwrap().by_file.contains("DS21"));
        let two_ways = entry("url = \"https://check.example/ask\"") + by_file;
        assert!(error(two_ways).contains("keep either"));
    }

    #[test]
    fn what_is_fetched_says_where_from_and_never_shows_its_password() {
        let entry = |rest: &str| format!("[[fetch]]\nsource = \"DS26\"\n{rest}\n");
        let database = entry("database_file = \"db.url\"\nquery_file = \"q.sql\"\nat = \"03:30\"");
        let fetches = both(&database).unwrap().fetches;
        assert_eq!((fetches[0].from.kind(), fetches[0].at.to_string().as_str()), ("postgresql", "03:30:00"));
        assert!(!format!("{fetches:?}").contains("s3cret"));
        let error = |rest: &str| both(&entry(rest)).unwrap_err().to_string();
        assert!(error("").contains("either url, or"));
        assert!(error("url = \"http://water.example/x\"").contains("use https://"));
        let open = error("database_file = \"open.url\"\nquery_file = \"q.sql\"");
        assert!(open.contains("sslmode") && !open.contains("s3cret"), "{open}");
        assert!(error("database_file = \"bank.key\"\nquery_file = \"q.sql\"").contains("postgres://"));
        assert!(error("url = \"https://w.example/x\"\nat = \"25:00\"").contains("02:00"));
        assert!(error("url = \"https://w.example/x\"\nevery_days = 0").contains("1 to 366"));
        assert!(both(&entry("url = \"https://w.example/x\"").repeat(2)).unwrap_err().to_string().contains("twice"));
    }
}
