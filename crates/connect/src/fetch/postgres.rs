//! A query of a department's PostgreSQL, as one CSV file: `COPY (query) TO STDOUT`, read only, with the query's own names
//! as headings.

use super::{Counted, FetchError, Fetched};
use futures_util::StreamExt;
use sea_orm::sqlx::{
    self, ConnectOptions, Connection,
    postgres::{PgConnectOptions, PgConnection},
};
use std::{io::Write, time::Duration};

pub async fn fetch<W: Write>(
    source: &str,
    url: &str,
    query: &str,
    timeout: Duration,
    out: Counted<W>,
) -> Result<(Fetched, W), FetchError> {
    let options: PgConnectOptions =
        url.parse().map_err(|_| FetchError::Unreachable("the address cannot be read".to_owned()))?;
    let milliseconds = timeout.as_millis().to_string();
    let options = options.application_name("tuodi").disable_statement_logging().options([
        ("default_transaction_read_only", "on"),
        ("statement_timeout", milliseconds.as_str()),
        ("datestyle", "ISO"),
        ("client_encoding", "UTF8"),
    ]);
    let run = async {
        let mut connection = PgConnection::connect_with(&options).await.map_err(told)?;
        let fetched = copy(&mut connection, source, query, out).await;
        // A connection that was broken off in the middle is not worth a farewell.
        if fetched.is_ok() {
            connection.close().await.map_err(told)?;
        }
        fetched
    };
    tokio::time::timeout(timeout, run).await.map_err(|_| FetchError::Silent)?
}

async fn copy<W: Write>(
    connection: &mut PgConnection,
    source: &str,
    query: &str,
    mut out: Counted<W>,
) -> Result<(Fetched, W), FetchError> {
    let query = query.trim().trim_end_matches(';');
    let statement = format!("COPY (\n{query}\n) TO STDOUT WITH (FORMAT csv, HEADER true)");
    let mut pieces = connection.copy_out_raw(&statement).await.map_err(told)?;
    while let Some(piece) = pieces.next().await {
        out.put(&piece.map_err(told)?)?;
    }
    drop(pieces);
    out.finish(format!("{source}.csv"))
}

/// The server's own words may quote a row: only its code is kept, with the kind of a failure.
fn told(error: sqlx::Error) -> FetchError {
    match error {
        sqlx::Error::Database(error) => {
            let code = error.code().map(|c| c.into_owned()).unwrap_or_default();
            match code.as_str() {
                // query_canceled: the time limit.
                "57014" => FetchError::Silent,
                "53300" | "53400" => FetchError::Busy { after_seconds: None },
                // Passwords, rights, writing.
                code if code.starts_with("28") || ["42501", "25006", "3D000"].contains(&code) => {
                    FetchError::Refused(format!("SQLSTATE {code}"))
                }
                code if code.starts_with("08") || code.starts_with("57") => {
                    FetchError::Unreachable(format!("SQLSTATE {code}"))
                }
                code => FetchError::Garbled(format!("SQLSTATE {code}")),
            }
        }
        sqlx::Error::Io(error) => FetchError::Unreachable(error.kind().to_string()),
        sqlx::Error::Tls(_) => FetchError::Unreachable("its certificate is not accepted".to_owned()),
        _ => FetchError::Unreachable("the connection failed".to_owned()),
    }
}
