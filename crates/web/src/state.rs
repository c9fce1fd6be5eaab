//! What every request can reach.

use crate::{DataFigures, WaysIn};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use tuodi_access::Access;
use tuodi_pack::{
    Evaluate, Pack,
    ask::{AskSources, HeldRows},
    trial::TryOut,
};
use tuodi_store::Store;

/// The clock, as an argument: tests set it.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The demonstration's own calendar: the clock plus days that were let pass.
#[async_trait]
pub trait DemoTime: Send + Sync {
    /// Moves on, and does what falls due by date alone.
    async fn pass(&self, days: u32);
}

#[derive(Clone)]
pub struct AppState {
    pub store: Store,
    pub access: Access,
    pub pack: Arc<Pack>,
    pub engine: Arc<dyn Evaluate>,
    /// Departments that are asked directly.
    pub asks: Arc<dyn AskSources>,
    /// Trials of the rules over the whole district.
    pub trials: Arc<dyn TryOut>,
    pub data: Arc<dyn DataFigures>,
    /// Rows of single people, for other check platforms that may ask.
    pub held: Arc<dyn HeldRows>,
    /// Files on their way into the pool.
    pub ways: Arc<dyn WaysIn>,
    pub clock: Clock,
    /// People reach the pages by https, whoever ends it: cookies travel that way only, and browsers stay with it.
    pub tls: bool,
    /// Shows demo personas on the sign-in page.
    pub demo: bool,
    /// In a demonstration: lets days pass, so that a publicity period of seven days can be seen to its end.
    pub demo_time: Option<Arc<dyn DemoTime>>,
}
