//! The one writer of a SQLite file, and a change alone on PostgreSQL.
//!
//! A durable commit costs one sync of the disk however much it holds. So the writer takes what is waiting, runs
//! each change in its own savepoint, appends all journal entries, commits once and then answers each.

use crate::{BoxFuture, Entry, Keys, StoreError, Tx, connect::CHANGING, journal, poll::guarded};
use sea_orm::{DatabaseConnection, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::sync::{mpsc, oneshot};

/// Most changes in one commit: bounds how long the first of them waits for its answer.
const GROUP: usize = 256;
/// Most changes waiting; beyond it callers wait for room.
const QUEUE: usize = 4096;

/// Answers the caller once it is known whether the commit happened.
type Settle = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

enum Ran {
    /// Keep its rows and add these entries.
    Keep(Vec<Entry>, Settle),
    /// Undo it; its answer does not depend on the commit.
    Undo(Settle),
}

/// A waiting change; given an error instead of a transaction it passes it on to its caller.
type Job = Box<dyn for<'t> FnOnce(Result<&'t Tx, StoreError>) -> BoxFuture<'t, Ran> + Send>;

#[derive(Clone)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
    commits: Arc<AtomicU64>,
}

impl Writer {
    pub(crate) fn start(conn: DatabaseConnection, keys: Keys) -> Result<Writer, StoreError> {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let commits = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&commits);
        // A thread of its own: between two answers of the database the writer must not stand in line behind all the
        // tasks that wait for it.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(StoreError::thread)?;
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || runtime.block_on(run(conn, keys, receiver, counted)))
            .map_err(StoreError::thread)?;
        Ok(Writer { jobs: sender, commits })
    }

    pub(crate) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    pub(crate) async fn submit<T, E, F>(&self, change: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<(T, Vec<Entry>), E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        self.jobs.send(job(change, answer)).await.map_err(|_| StoreError::WriterEnded)?;
        match answered.await {
            Ok(result) => result,
            Err(_) => Err(StoreError::WriterEnded.into()),
        }
    }
}

fn job<T, E, F>(change: F, answer: oneshot::Sender<Result<T, E>>) -> Job
where
    F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<(T, Vec<Entry>), E>> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    // A caller that has stopped waiting does not need its answer: failing to send it is no error.
    Box::new(move |tx| {
        Box::pin(async move {
            let error = match tx {
                Ok(tx) => match guarded(async { change(tx).await }).await {
                    Ok(Ok((value, entries))) => {
                        return Ran::Keep(
                            entries,
                            Box::new(move |committed| {
                                let _ = answer.send(committed.map(|()| value).map_err(E::from));
                            }),
                        );
                    }
                    Ok(Err(error)) => error,
                    Err(_) => StoreError::Panicked.into(),
                },
                Err(error) => error.into(),
            };
            Ran::Undo(Box::new(move |_| {
                let _ = answer.send(Err(error));
            }))
        })
    })
}

async fn run(conn: DatabaseConnection, keys: Keys, mut waiting: mpsc::Receiver<Job>, commits: Arc<AtomicU64>) {
    let mut group = Vec::with_capacity(GROUP);
    while waiting.recv_many(&mut group, GROUP).await > 0 {
        commit_group(&conn, &keys, group.drain(..)).await;
        commits.fetch_add(1, Ordering::Relaxed);
    }
}

async fn commit_group(conn: &DatabaseConnection, keys: &Keys, group: impl Iterator<Item = Job>) {
    let immediate =
        TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
    let outer = match conn.begin_with_options(immediate).await {
        Ok(outer) => outer,
        Err(error) => {
            for job in group {
                let (Ran::Keep(_, settle) | Ran::Undo(settle)) = job(Err(error.clone().into())).await;
                settle(Err(error.clone().into()));
            }
            return;
        }
    };
    let tx = Tx::new(outer, keys.clone());
    let mut entries = Vec::new();
    let mut settles = Vec::new();
    // Set when a failed change could not be undone: then nothing of the group may stay.
    let mut stuck = None;
    for job in group {
        tx.next_change();
        let ran = CHANGING.scope((), job(Ok(&tx))).await;
        let (ran, undone) = end_change(&tx, ran).await;
        stuck = stuck.or(undone.err());
        match ran {
            Ran::Keep(more, settle) => {
                entries.extend(more);
                settles.push(settle);
            }
            Ran::Undo(settle) => settles.push(settle),
        }
    }
    let outcome = async {
        if let Some(error) = stuck {
            tx.transaction.rollback().await?;
            return Err(error);
        }
        journal::append(&tx.transaction, keys, entries).await?;
        tx.transaction.commit().await?;
        Ok(())
    }
    .await;
    if let Err(error) = &outcome {
        tracing::error!(%error, changes = settles.len(), "a commit failed; its changes were undone");
    }
    for settle in settles {
        settle(outcome.clone());
    }
}

/// Undoes a change that failed, and says whether that worked. Its entries are looked at here, so that a bad one fails its
/// own change only.
async fn end_change(tx: &Tx, ran: Ran) -> (Ran, Result<(), StoreError>) {
    let ran = match ran {
        Ran::Keep(entries, settle) => match journal::admit(&entries) {
            Ok(()) => return (Ran::Keep(entries, settle), Ok(())),
            Err(refused) => Ran::Undo(Box::new(move |_| settle(Err(refused)))),
        },
        undo => undo,
    };
    (ran, tx.undo_change().await.map_err(StoreError::from))
}

/// One change in its own transaction. The journal's lanes are locked last, so that unrelated changes run side by side.
pub(crate) async fn alone<T, E, F>(tx: Tx, change: F) -> Result<T, E>
where
    F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<(T, Vec<Entry>), E>> + Send + 'static,
    E: From<StoreError>,
{
    let done = match guarded(CHANGING.scope((), async { change(&tx).await })).await {
        Ok(done) => done,
        Err(_) => Err(StoreError::Panicked.into()),
    };
    let recorded = match done {
        Ok((value, entries)) => append_alone(&tx, entries).await.map(|()| value).map_err(E::from),
        Err(error) => Err(error),
    };
    match recorded {
        Ok(value) => {
            tx.transaction.commit().await.map_err(StoreError::from)?;
            Ok(value)
        }
        Err(error) => {
            tx.transaction.rollback().await.map_err(StoreError::from)?;
            Err(error)
        }
    }
}

async fn append_alone(tx: &Tx, entries: Vec<Entry>) -> Result<(), StoreError> {
    journal::admit(&entries)?;
    journal::append(&tx.transaction, tx.keys(), entries).await
}
