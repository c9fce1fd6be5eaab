//! The engine's own threads.
//!
//! Plans of large statements recurse deeply (unoptimised builds overflow the usual 2 MiB), and their work is pure
//! computing: on threads of their own they neither overflow nor hold up whoever asked.

use crate::EngineError;
use std::{
    future::Future,
    pin::Pin,
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};
use tokio::{runtime::Runtime, task::JoinHandle};

pub(crate) const STACK: usize = 32 << 20;

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .thread_name("engine")
            .thread_stack_size(STACK)
            .enable_all()
            .build()
            .expect("the operating system gives threads")
    })
}

/// Work on the engine's threads, and its answer.
///
/// It holds the result alone, so that whoever waits for the engine does not have the compiler look through all of DataFusion
/// for whether it may move between threads.
pub(crate) struct Running<T>(JoinHandle<Result<T, EngineError>>);

impl<T> Future for Running<T> {
    type Output = Result<T, EngineError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map(|done| done.unwrap_or(Err(EngineError::Interrupted)))
    }
}

/// Starts `work` on the engine's threads; waiting for it does not block the caller's.
pub(crate) fn run<T, F>(work: F) -> Running<T>
where
    T: Send + 'static,
    F: Future<Output = Result<T, EngineError>> + Send + 'static,
{
    Running(runtime().spawn(work))
}

/// Starts a long computation beside the asynchronous tasks, on a deep stack as well.
pub(crate) fn compute<T, F>(work: F) -> Running<T>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, EngineError> + Send + 'static,
{
    Running(runtime().spawn_blocking(work))
}

/// Does the same with each item on a few threads; results in the order of the items.
pub(crate) fn parallel<T: Sync, R: Send>(
    threads: usize,
    items: &[T],
    work: impl Fn(&T) -> Result<R, EngineError> + Sync,
) -> Result<Vec<R>, EngineError> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Result<R, EngineError>)>> = Mutex::new(Vec::with_capacity(items.len()));
    std::thread::scope(|scope| {
        let run = || {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(at) else { return };
                let result = work(item);
                done.lock().unwrap_or_else(|e| e.into_inner()).push((at, result));
            }
        };
        // Whoever asks works too; where the system gives no more threads, alone.
        for _ in 1..threads.clamp(1, items.len().max(1)) {
            if std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run).is_err() {
                break;
            }
        }
        run();
    });
    let mut done = done.into_inner().unwrap_or_else(|e| e.into_inner());
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}
