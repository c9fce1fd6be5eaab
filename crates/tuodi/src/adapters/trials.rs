//! Trials for the pages: worked out in the background, kept by what they rest on.

use crate::verbs::serve::CurrentEngine;
use async_trait::async_trait;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::time::{Instant, sleep, timeout};
use tuodi_engine::{Engine, EngineError, Trials};
use tuodi_pack::{
    Purpose,
    trial::{Question, Standing, Step, TrialError, TryOut},
};

/// Snapshot as far as it may be read, pack, question.
type Key = (String, String, Question);

pub(crate) struct DistrictTrials {
    engine: Arc<CurrentEngine>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    answers: Mutex<BTreeMap<Key, Answer>>,
    /// Today's rules over everybody, for the next question about the same day. One question at a time works on it.
    ground: tokio::sync::Mutex<Option<Trials>>,
    /// A question has come since; the ground stays a while longer.
    used: Mutex<Option<Instant>>,
}

struct Answer {
    standing: Standing,
    asked: Instant,
}

/// Answers kept; the one asked longest ago goes first.
const KEPT: usize = 24;
/// So long a page waits for an answer before it says that it is being worked out.
const PATIENCE: Duration = Duration::from_millis(1500);
/// The ground of a large district takes much memory; it goes when nobody asks any more.
const IDLE: Duration = Duration::from_secs(300);

impl DistrictTrials {
    pub fn new(engine: Arc<CurrentEngine>) -> DistrictTrials {
        DistrictTrials { engine, shared: Arc::default() }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

#[async_trait]
impl TryOut for DistrictTrials {
    async fn ask(&self, question: Question) -> Standing {
        let engine = match self.engine.newest().await {
            Ok(engine) => engine,
            Err(e) => return Standing::Failed(TrialError::Fault(e.to_string())),
        };
        let readable = engine.readable_id(Purpose::Statistics, question.as_of());
        let key = (readable, engine.pack().digest.clone(), question);
        let withheld = engine.withheld(Purpose::Statistics, key.2.as_of());
        if let Err(e) = self.engine.refused("trial", key.2.as_of(), &withheld).await {
            return Standing::Failed(TrialError::Fault(e.to_string()));
        }
        if self.shared.begin(&key) {
            let (shared, key) = (self.shared.clone(), key.clone());
            tokio::spawn(async move { shared.work(engine, key).await });
        }
        let done = async {
            loop {
                match self.shared.standing(&key) {
                    Some(Standing::Running(_)) => sleep(Duration::from_millis(20)).await,
                    Some(standing) => return standing,
                    None => return Standing::Running(Step::Today),
                }
            }
        };
        match timeout(PATIENCE, done).await {
            Ok(standing) => standing,
            Err(_) => self.shared.standing(&key).unwrap_or(Standing::Running(Step::Today)),
        }
    }
}

impl Shared {
    /// Whether nobody has begun yet. What failed is tried again.
    fn begin(&self, key: &Key) -> bool {
        let mut answers = lock(&self.answers);
        if let Some(answer) = answers.get_mut(key) {
            answer.asked = Instant::now();
            if !matches!(answer.standing, Standing::Failed(_)) {
                return false;
            }
        }
        if answers.len() >= KEPT {
            let old = answers.iter().filter(|(_, a)| !matches!(a.standing, Standing::Running(_)));
            if let Some(oldest) = old.min_by_key(|(_, a)| a.asked).map(|(key, _)| key.clone()) {
                answers.remove(&oldest);
            }
        }
        answers.insert(key.clone(), Answer { standing: Standing::Running(Step::Today), asked: Instant::now() });
        true
    }

    fn standing(&self, key: &Key) -> Option<Standing> {
        lock(&self.answers).get(key).map(|a| a.standing.clone())
    }

    fn put(&self, key: &Key, standing: Standing) {
        if let Some(answer) = lock(&self.answers).get_mut(key) {
            answer.standing = standing;
        }
    }

    async fn work(self: Arc<Shared>, engine: Engine, key: Key) {
        let standing = match self.answer(&engine, &key).await {
            Ok(standing) => standing,
            Err(e) => {
                tracing::error!("a trial failed: {e}");
                Standing::Failed(match e {
                    EngineError::NoData { as_of } => TrialError::NoData(as_of),
                    EngineError::NoRules { as_of, .. } => TrialError::NoRules(as_of),
                    other => TrialError::Fault(other.to_string()),
                })
            }
        };
        self.put(&key, standing);
        *lock(&self.used) = Some(Instant::now());
        let shared = self.clone();
        tokio::spawn(async move {
            sleep(IDLE).await;
            let idle = lock(&shared.used).is_none_or(|used| used.elapsed() >= IDLE);
            if idle {
                shared.ground.lock().await.take();
            }
        });
    }

    async fn answer(&self, engine: &Engine, key: &Key) -> Result<Standing, EngineError> {
        let (_, _, question) = key;
        if let Question::Poverty { as_of } = question {
            return Ok(Standing::Poverty(engine.poverty(*as_of).await?.map(Arc::new)));
        }
        let trials = {
            let mut ground = self.ground.lock().await;
            let same = |t: &&Trials| t.as_of() == question.as_of() && t.snapshot_id() == key.0;
            match ground.as_ref().filter(same) {
                Some(trials) => trials.clone(),
                None => {
                    // Two grounds at once would take twice the memory.
                    ground.take();
                    let trials = engine.trials(question.as_of()).await?;
                    *ground = Some(trials.clone());
                    trials
                }
            }
        };
        self.put(key, Standing::Running(Step::Question));
        match question {
            Question::Trial { scenarios, .. } => Ok(Standing::Trial(Arc::new(trials.simulate(scenarios).await?))),
            Question::Cliffs { .. } => Ok(Standing::Cliffs(Arc::new(trials.cliffs().await?))),
            Question::Poverty { .. } => Err(EngineError::Interrupted),
        }
    }
}
