//! What every request can reach.

use crate::DataFigures;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use tuodi_access::Access;
use tuodi_pack::{Evaluate, Pack};
use tuodi_store::Store;

/// The clock, as an argument: tests set it.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

#[derive(Clone)]
pub struct AppState {
    pub store: Store,
    pub access: Access,
    pub pack: Arc<Pack>,
    pub engine: Arc<dyn Evaluate>,
    pub data: Arc<dyn DataFigures>,
    pub clock: Clock,
    /// Shows demo personas on the sign-in page.
    pub demo: bool,
}
