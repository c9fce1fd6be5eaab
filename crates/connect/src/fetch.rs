//! Fetching a source's rows as a file: over HTTP, or by a query of a department's PostgreSQL. What comes is written as it
//! comes and judged by nobody here; it goes the road of every file.

mod json;
mod postgres;
mod web;

use sea_orm::sqlx;
use std::{collections::BTreeMap, io::Write, sync::Arc, time::Duration};

/// Where rows come from. Without secrets in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub enum FetchFrom {
    Http {
        url: String,
        key: Option<String>,
    },
    /// Address with its password, and the query.
    Postgres {
        url: String,
        query: String,
    },
}

impl FetchFrom {
    /// `http`, `postgresql`: as pages and journal name it.
    pub fn kind(&self) -> &'static str {
        match self {
            FetchFrom::Http { .. } => "http",
            FetchFrom::Postgres { .. } => "postgresql",
        }
    }
}

/// One source that is fetched on a schedule.
#[derive(Clone, PartialEq, Eq)]
pub struct FetchConfig {
    /// Id of the source in the pack.
    pub source: String,
    pub from: FetchFrom,
    /// Time of day in Beijing.
    pub at: chrono::NaiveTime,
    /// Days from one run to the next, where it is not the source's own frequency.
    pub every_days: Option<u32>,
    pub timeout: Duration,
}

impl std::fmt::Debug for FetchConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FetchConfig({} {})", self.source, self.from.kind())
    }
}

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Name of the file, with the ending of its format.
    pub file_name: String,
    pub bytes: u64,
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
}

/// Why nothing came. The details hold no value of a row, no key and no address.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("no fetching is configured for this source")]
    NotConfigured,
    #[error("nothing came in time")]
    Silent,
    #[error("too many requests")]
    Busy { after_seconds: Option<u32> },
    #[error("not reachable: {0}")]
    Unreachable(String),
    /// The key or the password is not accepted, or the reading account lacks a right.
    #[error("turned away: {0}")]
    Refused(String),
    #[error("the reply cannot be understood: {0}")]
    Garbled(String),
    #[error("more than {0} bytes")]
    TooLarge(u64),
    #[error("the file cannot be written: {0}")]
    Write(#[from] std::io::Error),
}

impl FetchError {
    /// As it is kept, and the last word of its sentence on pages.
    pub fn code(&self) -> &'static str {
        match self {
            FetchError::NotConfigured => "not_configured",
            FetchError::Silent => "silent",
            FetchError::Busy { .. } => "busy",
            FetchError::Unreachable(_) => "unreachable",
            FetchError::Refused(_) => "refused",
            FetchError::Garbled(_) => "garbled",
            FetchError::TooLarge(_) => "too_large",
            FetchError::Write(_) => "write",
        }
    }

    /// For whoever has to mend it.
    pub fn detail(&self) -> String {
        match self {
            FetchError::Unreachable(text) | FetchError::Refused(text) | FetchError::Garbled(text) => text.clone(),
            FetchError::Write(error) => error.kind().to_string(),
            FetchError::NotConfigured | FetchError::Silent | FetchError::Busy { .. } | FetchError::TooLarge(_) => {
                String::new()
            }
        }
    }
}

/// Every source of an installation that is fetched, by its id. Cheap to clone.
#[derive(Clone, Default)]
pub struct Fetches(Arc<BTreeMap<String, FetchConfig>>);

impl Fetches {
    pub fn of(configs: Vec<FetchConfig>) -> Fetches {
        Fetches(Arc::new(configs.into_iter().map(|c| (c.source.clone(), c)).collect()))
    }

    pub fn all(&self) -> impl Iterator<Item = &FetchConfig> {
        self.0.values()
    }

    pub fn get(&self, source: &str) -> Option<&FetchConfig> {
        self.0.get(source)
    }

    /// Fetches once into `out`, `most` bytes at most, and gives it back. What was written before an error is worth nothing.
    ///
    /// # Errors
    /// Why nothing came.
    pub async fn fetch<W: Write + Send + 'static>(
        &self,
        source: &str,
        out: W,
        most: u64,
    ) -> Result<(Fetched, W), FetchError> {
        let config = self.get(source).ok_or(FetchError::NotConfigured)?.clone();
        let out = Counted::new(out, most);
        let limit = config.timeout;
        let work = async {
            match config.from {
                FetchFrom::Http { url, key } => {
                    let (source, timeout) = (config.source, config.timeout);
                    tokio::task::spawn_blocking(move || web::fetch(&source, &url, key.as_deref(), timeout, out))
                        .await
                        .map_err(|_| FetchError::Unreachable("the run was interrupted".to_owned()))?
                }
                FetchFrom::Postgres { url, query } => {
                    postgres::fetch(&config.source, &url, &query, config.timeout, out).await
                }
            }
        };
        // The run itself keeps to its limit; this is for a machine that says nothing at all.
        tokio::time::timeout(limit + Duration::from_secs(5), work).await.map_err(|_| FetchError::Silent)?
    }
}

/// Counts and hashes what is written, and ends with an error where it is too much.
pub(crate) struct Counted<W> {
    out: W,
    hash: sha2::Sha256,
    bytes: u64,
    most: u64,
}

impl<W: Write> Counted<W> {
    fn new(out: W, most: u64) -> Counted<W> {
        Counted { out, hash: sha2::Digest::new(), bytes: 0, most }
    }

    fn put(&mut self, piece: &[u8]) -> Result<(), FetchError> {
        self.bytes += piece.len() as u64;
        if self.bytes > self.most {
            return Err(FetchError::TooLarge(self.most));
        }
        sha2::Digest::update(&mut self.hash, piece);
        Ok(self.out.write_all(piece)?)
    }

    fn finish(mut self, file_name: String) -> Result<(Fetched, W), FetchError> {
        self.out.flush()?;
        let sha256 = sha2::Digest::finalize(self.hash).into();
        Ok((Fetched { file_name, bytes: self.bytes, sha256 }, self.out))
    }
}

/// Where a query's address points: whether what it carries stays on this machine or is encrypted.
pub(crate) fn postgres_is_safe(url: &str) -> Option<bool> {
    use sqlx::postgres::{PgConnectOptions, PgSslMode};
    let options: PgConnectOptions = url.parse().ok()?;
    let here = options.get_socket().is_some() || ["127.0.0.1", "localhost", "::1"].contains(&options.get_host());
    Some(here || matches!(options.get_ssl_mode(), PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull))
}
