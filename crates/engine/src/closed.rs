//! A shared value whose type the outside does not see.

use std::{any::Any, marker::PhantomData, ops::Deref, sync::Arc};

/// Whoever holds an engine across an `await` must prove that it may move between threads, and the compiler then looks through
/// every type of DataFusion, anew for each function: it made up three quarters of compiling the programme. Behind this it
/// is proved once, here.
pub(crate) struct Closed<T>(Arc<dyn Any + Send + Sync>, PhantomData<fn() -> T>);

impl<T: Any + Send + Sync> Closed<T> {
    pub fn new(value: Arc<T>) -> Closed<T> {
        Closed(value, PhantomData)
    }

    pub fn share(&self) -> Arc<T> {
        Arc::downcast(self.0.clone()).expect("put in by new")
    }
}

impl<T: Any> Deref for Closed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.downcast_ref().expect("put in by new")
    }
}

impl<T> Clone for Closed<T> {
    fn clone(&self) -> Closed<T> {
        Closed(self.0.clone(), PhantomData)
    }
}
