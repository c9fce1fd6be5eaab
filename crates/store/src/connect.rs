//! Opening a database and the two ways to change it.

use crate::{
    BoxFuture, Entry, Keys, Recorded, StoreError, Tx, journal, migrations,
    writer::{self, Writer},
};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DbBackend, TransactionTrait,
    sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use sea_orm_migration::MigrationTrait;
use std::{path::Path, time::Duration};

/// Another process may hold the write lock of a SQLite file (a pass beside the server): wait for it this long.
const BUSY: Duration = Duration::from_secs(60);

tokio::task_local! {
    /// Set while a change runs: a change inside a change would wait for itself.
    pub(crate) static CHANGING: ();
}

/// A database with its keys. Clones share the connections.
#[derive(Clone)]
pub struct Store {
    read: DatabaseConnection,
    write: Write,
    keys: Keys,
}

#[derive(Clone)]
enum Write {
    /// SQLite: one connection, one task; what waits shares a commit.
    Queue(Writer, DatabaseConnection),
    /// PostgreSQL: a transaction a change; the server groups the commits.
    Pool(DatabaseConnection),
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({:?})", self.backend())
    }
}

fn quiet(options: &mut ConnectOptions) -> &mut ConnectOptions {
    options.sqlx_logging(false).acquire_timeout(BUSY)
}

fn sqlite(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY)
        .foreign_keys(true)
        .statement_cache_capacity(256)
        // A long list is handed over so many rows at a time: waking the reader for every fifty costs more than reading.
        .row_buffer_size(4_096)
        // One thread a connection: SQLite's own locks would guard against nobody.
        .serialized(false)
        .pragma("cache_size", "-65536")
        // 64 MB: a page that many chunks of a large intake or pass change is folded into the file once, not with every chunk.
        .pragma("wal_autocheckpoint", "16000")
        .pragma("temp_store", "MEMORY")
}

impl Store {
    /// The URL of a SQLite file, whatever characters its path has.
    pub fn sqlite_url(path: &Path) -> String {
        let path = path.to_string_lossy().replace('%', "%25").replace('?', "%3F").replace('#', "%23");
        format!("sqlite://{path}")
    }

    /// Opens `sqlite:///path/to/file.db` (made if missing) or `postgres://…`. Must be called inside a tokio runtime.
    pub async fn open(url: &str, keys: Keys) -> Result<Store, StoreError> {
        if url.starts_with("sqlite:") {
            Store::open_sqlite(url, keys).await
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Store::open_postgres(url, keys).await
        } else {
            Err(StoreError::Url)
        }
    }

    async fn open_sqlite(url: &str, keys: Keys) -> Result<Store, StoreError> {
        let mut options = ConnectOptions::new(url);
        quiet(&mut options).max_connections(1).min_connections(1).map_sqlx_sqlite_opts(sqlite);
        options.test_before_acquire(false).idle_timeout(None).max_lifetime(None);
        // The writer first: it makes the file and turns on the write-ahead log that readers need.
        let write = Database::connect(options).await?;

        let readers = std::thread::available_parallelism().map_or(4, |n| n.get() as u32).clamp(4, 32);
        let mut options = ConnectOptions::new(url);
        quiet(&mut options).max_connections(readers).idle_timeout(None).max_lifetime(None).test_before_acquire(false);
        options.map_sqlx_sqlite_opts(|o| sqlite(o).pragma("query_only", "ON"));
        let read = Database::connect(options).await?;
        let writer = Writer::start(write.clone(), keys.clone())?;
        Ok(Store { read, write: Write::Queue(writer, write), keys })
    }

    async fn open_postgres(url: &str, keys: Keys) -> Result<Store, StoreError> {
        let mut options = ConnectOptions::new(url);
        quiet(&mut options).max_connections(24);
        let write = Database::connect(options).await?;
        let mut options = ConnectOptions::new(url);
        quiet(&mut options).max_connections(16);
        options.map_sqlx_postgres_opts(|o| o.options([("default_transaction_read_only", "on")]));
        let read = Database::connect(options).await?;
        Ok(Store { read, write: Write::Pool(write), keys })
    }

    /// Brings the tables up to date: this room's own first, then those of the rooms, in the order given.
    ///
    /// Refuses a database that was set up with another key.
    pub async fn migrate(&self, rooms: Vec<Box<dyn MigrationTrait>>) -> Result<(), StoreError> {
        let conn = match &self.write {
            Write::Queue(_, conn) | Write::Pool(conn) => conn,
        };
        migrations::up(conn, rooms).await?;
        migrations::check_key(conn, &self.keys).await?;
        journal::prepare(conn, &self.keys).await
    }

    /// Connections that cannot change anything.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    pub fn backend(&self) -> DbBackend {
        self.read.get_database_backend()
    }

    /// One change: its rows and its journal entries, in one transaction, durable when this returns `Ok`.
    ///
    /// On SQLite one writer takes all waiting changes, each in its savepoint, commits once, and answers after the
    /// sync; a change that fails is undone alone. Changes must be short and must not wait for anything outside the
    /// database. If the caller stops waiting, the change may still be made.
    pub async fn write<T, E, F>(&self, change: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<Recorded<T>, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.submit(|tx| Box::pin(async move { Ok(change(tx).await?.into_parts()) })).await
    }

    /// Technical rows only (sessions, the log of looks): no journal entry.
    pub async fn upkeep<T, E, F>(&self, change: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.submit(|tx| Box::pin(async move { Ok((change(tx).await?, Vec::new())) })).await
    }

    async fn submit<T, E, F>(&self, change: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<(T, Vec<Entry>), E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        if CHANGING.try_with(|()| ()).is_ok() {
            return Err(StoreError::Nested.into());
        }
        match &self.write {
            Write::Queue(writer, _) => writer.submit(change).await,
            Write::Pool(pool) => {
                let transaction = pool.begin().await.map_err(StoreError::from)?;
                writer::alone(Tx::new(transaction, self.keys.clone()), change).await
            }
        }
    }

    /// Commits made by the one writer so far, each holding one change or many; `None` on PostgreSQL.
    pub fn group_commits(&self) -> Option<u64> {
        match &self.write {
            Write::Queue(writer, _) => Some(writer.commits()),
            Write::Pool(_) => None,
        }
    }

    /// Closes the connections; waits for changes in hand.
    pub async fn close(self) -> Result<(), StoreError> {
        match self.write {
            Write::Queue(writer, conn) => {
                drop(writer);
                conn.close().await?;
            }
            Write::Pool(conn) => conn.close().await?,
        }
        Ok(self.read.close().await?)
    }
}
