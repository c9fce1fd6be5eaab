//! Keeps verifications going while the pages are served: asks departments whose turn it is, and issues the reports that
//! follow. A department that takes its time keeps nobody else waiting.

use std::{sync::Arc, time::Duration};
use tokio::{task::JoinSet, time::MissedTickBehavior};
use tuodi_casework::{Channel, Cx, verify};
use tuodi_pack::{Evaluate, ask::AskSources, found::PassFindings};
use tuodi_web::AppState;

/// How often is looked whose turn it is.
const LOOK: Duration = Duration::from_secs(1);
/// Departments asked at the same time.
const AT_ONCE: usize = 32;

type Now = Arc<dyn Fn() -> Cx + Send + Sync>;

pub struct Verifier {
    now: Now,
    engine: Arc<dyn Evaluate>,
    asks: Arc<dyn AskSources>,
    findings: Arc<dyn PassFindings>,
}

impl Verifier {
    pub fn of(state: &AppState, findings: Arc<dyn PassFindings>) -> Verifier {
        let (store, access, pack, clock) =
            (state.store.clone(), state.access.clone(), state.pack.clone(), state.clock.clone());
        let now = move || Cx {
            store: store.clone(),
            access: access.clone(),
            pack: pack.clone(),
            actor: tuodi_access::Actor::system(),
            channel: Channel::System,
            now: clock(),
        };
        Verifier { now: Arc::new(now), engine: state.engine.clone(), asks: state.asks.clone(), findings }
    }

    pub async fn run(self) {
        let mut every = tokio::time::interval(LOOK);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut tries = JoinSet::new();
        // Lists take longer than a look; one at a time, beside the single verifications.
        let (now, findings) = (self.now.clone(), self.findings.clone());
        tries.spawn(async move {
            loop {
                match verify::run_batch(&now(), &*findings).await {
                    Ok(Some(id)) => tracing::info!("list {id} was verified"),
                    Ok(None) => tokio::time::sleep(LOOK).await,
                    Err(e) => {
                        tracing::error!("a list could not be verified: {e}");
                        tokio::time::sleep(LOOK).await;
                    }
                }
            }
        });
        loop {
            every.tick().await;
            while tries.try_join_next().is_some() {}
            match verify::due(&(self.now)()).await {
                Ok(due) => {
                    for id in due.into_iter().take(AT_ONCE.saturating_sub(tries.len())) {
                        let (now, asks) = (self.now.clone(), self.asks.clone());
                        tries.spawn(async move {
                            if let Err(e) = verify::ask_one(&*now, &*asks, id).await {
                                tracing::error!("a source could not be asked: {e}");
                            }
                        });
                    }
                }
                Err(e) => tracing::error!("verifications cannot be read: {e}"),
            }
            match verify::settle(&(self.now)(), &*self.engine).await {
                Ok(0) => {}
                Ok(n) => tracing::info!("{n} verification reports issued"),
                Err(e) => tracing::error!("a verification report could not be issued: {e}"),
            }
        }
    }
}
