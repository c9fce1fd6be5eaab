//! Sessions: a cookie with a random number, its row kept by `access`.

use crate::AppState;
use async_trait::async_trait;
use std::fmt;
use time::Duration;
use tower_sessions::{
    Expiry, SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store,
};
use tuodi_access::sessions::{self, SessionRow};
use tuodi_store::Store;

/// A working day at a window; then one signs in again.
const HOURS: i64 = 10;

/// Keys inside a session.
pub const ACCOUNT: &str = "account";
pub const TOKEN: &str = "csrf";
/// Number of the mandate under which the account acts for somebody else.
pub const MANDATE: &str = "mandate";

#[derive(Clone)]
pub struct Sessions {
    store: Store,
    clock: crate::Clock,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

pub fn layer(state: &AppState) -> SessionManagerLayer<Sessions> {
    SessionManagerLayer::new(Sessions { store: state.store.clone(), clock: state.clock.clone() })
        .with_name("tuodi")
        .with_same_site(SameSite::Lax)
        .with_http_only(true)
        .with_secure(state.tls)
        .with_expiry(Expiry::OnInactivity(Duration::hours(HOURS)))
}

fn backend(error: impl fmt::Display) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

/// Data that is not JSON: our own mistake, told apart from a database that fails.
fn broken(error: impl fmt::Display) -> session_store::Error {
    session_store::Error::Encode(error.to_string())
}

impl Sessions {
    /// The end is counted by the site's own clock, which a demonstration sets forward; the layer knows only the real one.
    fn row(&self, record: &Record) -> session_store::Result<SessionRow> {
        Ok(SessionRow {
            id: record.id.to_string(),
            data: serde_json::to_string(&record.data).map_err(broken)?,
            expires: (self.clock)() + chrono::Duration::hours(HOURS),
        })
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        while !sessions::create(&self.store, self.row(record)?).await.map_err(backend)? {
            record.id = Id::default();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        sessions::save(&self.store, self.row(record)?).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let now = (self.clock)();
        let Some(row) = sessions::load(&self.store, &id.to_string(), now).await.map_err(backend)? else {
            return Ok(None);
        };
        Ok(Some(Record {
            id: *id,
            data: serde_json::from_str(&row.data).map_err(|e| session_store::Error::Decode(e.to_string()))?,
            expiry_date: time::OffsetDateTime::from_unix_timestamp(row.expires.timestamp())
                .map_err(|e| session_store::Error::Decode(e.to_string()))?,
        }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        sessions::delete(&self.store, &id.to_string()).await.map_err(backend)
    }
}
