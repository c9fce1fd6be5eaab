//! The transaction of one change, and the marks that keep the changes of one SQLite commit apart.

use crate::Keys;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The first change of a commit begins.
const FIRST: &str = "SAVEPOINT change";
/// The change before ends and the next begins. The last mark ends with the commit.
const NEXT: &str = "RELEASE change; SAVEPOINT change";

/// The transaction of one change.
///
/// Reads through [`Tx::conn`] see the change's own rows; `Store::read` does not, until the commit.
pub struct Tx {
    pub(crate) transaction: DatabaseTransaction,
    keys: Keys,
    mark: Mutex<Mark>,
}

/// What a change on SQLite costs is mostly the way to its thread and back. So a mark waits for the change's first
/// statement and travels with it, and a change that fails before that has nothing to undo.
#[derive(Default)]
struct Mark {
    waiting: Option<&'static str>,
    set: bool,
}

impl Tx {
    pub(crate) fn new(transaction: DatabaseTransaction, keys: Keys) -> Tx {
        Tx { transaction, keys, mark: Mutex::default() }
    }

    /// Where the change's statements go.
    pub fn conn(&self) -> &Tx {
        self
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    fn mark(&self) -> MutexGuard<'_, Mark> {
        self.mark.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another change begins in this transaction.
    pub(crate) fn next_change(&self) {
        let mut mark = self.mark();
        mark.waiting = Some(if mark.set { NEXT } else { FIRST });
    }

    /// Undoes what the change at hand has done.
    pub(crate) async fn undo_change(&self) -> Result<(), DbErr> {
        if self.mark().waiting.take().is_none() {
            self.transaction.execute_unprepared("ROLLBACK TO change").await?;
        }
        Ok(())
    }

    fn take_mark(&self) -> Option<&'static str> {
        let mut mark = self.mark();
        let waiting = mark.waiting.take();
        mark.set |= waiting.is_some();
        waiting
    }

    /// The statement behind the mark that waits for it.
    fn marked(&self, mut statement: Statement) -> Statement {
        if let Some(mark) = self.take_mark() {
            statement.sql = format!("{mark};\n{}", statement.sql);
        }
        statement
    }

    /// Statements that change rows and need nothing of each other, in one trip to SQLite's thread; one after the other
    /// on PostgreSQL. Each must end in `RETURNING`. Returns how many rows they changed together.
    ///
    /// # Errors
    /// The database's; those that ran before are undone with the change.
    pub async fn execute_together(&self, statements: Vec<Statement>) -> Result<usize, DbErr> {
        let backend = self.get_database_backend();
        if backend != DbBackend::Sqlite {
            let mut rows = 0;
            for statement in statements {
                rows += self.query_all_raw(statement).await?.len();
            }
            return Ok(rows);
        }
        let sql = statements.iter().map(|s| s.sql.as_str()).collect::<Vec<_>>().join(";\n");
        let values = statements.into_iter().flat_map(|s| s.values).flat_map(|values| values.0);
        Ok(self.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?.len())
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        self.transaction.get_database_backend()
    }

    // A mark before it would spoil the count of the rows it changed: SQLite repeats the count of the statement before.
    async fn execute_raw(&self, stmt: Statement) -> Result<ExecResult, DbErr> {
        if let Some(mark) = self.take_mark() {
            self.transaction.execute_unprepared(mark).await?;
        }
        self.transaction.execute_raw(stmt).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        if let Some(mark) = self.take_mark() {
            self.transaction.execute_unprepared(mark).await?;
        }
        self.transaction.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, stmt: Statement) -> Result<Option<QueryResult>, DbErr> {
        let stmt = self.marked(stmt);
        self.transaction.query_one_raw(stmt).await
    }

    async fn query_all_raw(&self, stmt: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let stmt = self.marked(stmt);
        self.transaction.query_all_raw(stmt).await
    }
}
