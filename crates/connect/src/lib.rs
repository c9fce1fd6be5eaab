//! Connections to departments' own systems: the contract of `tuodi_pack::ask` over HTTP and JSON.
//!
//! A connection makes one try at a time, within its time limit, under the question's key, and heeds what the department
//! says about its load. Whether and when to ask again is casework's affair, which keeps that in the database.
//!
//! [`Fetches`] bring whole files: rows over HTTP or from a query, on a schedule that others keep.
//!
//! This room never stores anything, never decides whether a question may be asked (casework does, by the authorisations),
//! and never writes a person's data into an error or a log.

mod config;
mod fetch;
mod http;

pub use self::{
    config::{ConnectError, ConnectorConfig},
    fetch::{FetchConfig, FetchError, FetchFrom, Fetched, Fetches},
    http::{HttpConnection, MOST_BYTES},
};

use async_trait::async_trait;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};
use tuodi_pack::ask::{AskError, AskSources, Question, Reply};

impl Fetches {
    /// Those of `connectors.toml`; none where there is no such file. Keys, passwords and queries are read from the files
    /// it names.
    ///
    /// # Errors
    /// What is wrong in which entry, and what to do.
    pub fn load(file: &Path) -> Result<Fetches, ConnectError> {
        Ok(Fetches::of(config::load(file)?.fetches))
    }
}

/// Every connection of an installation, by the source's id. Cheap to clone.
#[derive(Clone, Default)]
pub struct Connections {
    direct: Arc<BTreeMap<String, HttpConnection>>,
    by_file: Arc<BTreeSet<String>>,
}

impl Connections {
    /// Those of `connectors.toml`; none where there is no such file. Keys are read from the files it names.
    ///
    /// # Errors
    /// What is wrong in which entry, and what to do.
    pub fn load(file: &Path) -> Result<Connections, ConnectError> {
        let loaded = config::load(file)?;
        Ok(Connections { by_file: Arc::new(loaded.by_file), ..Connections::of(loaded.connectors) })
    }

    pub fn of(configs: Vec<ConnectorConfig>) -> Connections {
        let direct = configs.into_iter().map(|c| (c.source.clone(), HttpConnection::new(c))).collect();
        Connections { direct: Arc::new(direct), by_file: Arc::default() }
    }

    /// Ids of the sources that are asked, directly or on lists.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        self.direct.keys().chain(self.by_file.iter()).map(String::as_str)
    }
}

#[async_trait]
impl AskSources for Connections {
    fn connected(&self, source: &str) -> bool {
        self.direct.contains_key(source)
    }

    fn by_file(&self, source: &str) -> bool {
        self.by_file.contains(source)
    }

    async fn ask(&self, source: &str, question: &Question) -> Result<Reply, AskError> {
        match self.direct.get(source) {
            Some(connection) => connection.ask(question).await,
            None => Err(AskError::Unreachable("no connection is configured".to_owned())),
        }
    }
}
