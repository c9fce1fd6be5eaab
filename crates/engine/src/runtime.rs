//! The engine's own threads.
//!
//! Plans of large statements recurse deeply (unoptimised builds overflow the usual 2 MiB), and their work is pure
//! computing: on threads of their own they neither overflow nor hold up whoever asked.

use crate::EngineError;
use std::{future::Future, sync::OnceLock};
use tokio::runtime::Runtime;

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

/// Runs `work` on the engine's threads and waits for it without blocking the caller's.
pub(crate) async fn run<T, F>(work: F) -> Result<T, EngineError>
where
    T: Send + 'static,
    F: Future<Output = Result<T, EngineError>> + Send + 'static,
{
    runtime().spawn(work).await.unwrap_or(Err(EngineError::Interrupted))
}

/// Runs a long computation beside the asynchronous tasks, on a deep stack as well.
pub(crate) async fn compute<T, F>(work: F) -> Result<T, EngineError>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, EngineError> + Send + 'static,
{
    runtime().spawn_blocking(work).await.unwrap_or(Err(EngineError::Interrupted))
}
