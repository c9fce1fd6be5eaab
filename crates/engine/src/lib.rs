//! The engine: facts, programmes and indicators, over everybody (the *pass*) or over one household (the *check*).
//!
//! Both run the same fact statements and the same compiled expressions on the same kind of frame; the check only has
//! fewer rows in it. A result depends on the pack, the snapshot and the as-of date and on nothing else.
//!
//! This room never decides, never opens the database, never sees a name or an ID number, never reads the clock, and is
//! the only one that knows DataFusion: no type of it appears in this public face.
//!
//! A source whose agreement does not cover the purpose on the day is not read: `agreed` leaves it out of the snapshot
//! first (the pass is monitoring, the check verification, trials statistics), and every answer says what was withheld.
//!
//! Map: `program` compiles a pack for a date (`order` sorts its fact groups, `template` puts parameters into SQL,
//! `session` says which functions rules may use); `snapshot` and `rows` bring data, `kept` what was read before; `group` computes facts (`shared` what a statement reads twice); `frame` lays
//! them side by side; `schedule` orders the rules into phases and `results` asks them; `pass`, `check` and `cases` tell
//! what was found; `since` takes over what has not changed (`touched` says whom a new batch concerns, `state` what findings
//! rest on); `script` prints it all as SQL for another engine; `typecheck` and `faults` read a pack strictly.

mod agreed;
mod bench;
mod cases;
mod check;
mod closed;
mod compare;
mod error;
mod evidence;
mod faults;
mod findings;
mod flip;
mod frame;
mod group;
mod ids;
mod kept;
mod law;
mod locate;
mod lookup;
mod nothing;
mod order;
mod output;
mod pass;
mod program;
mod reasons;
mod results;
mod rows;
mod rule;
mod runtime;
mod schedule;
mod schema;
mod schemas;
mod script;
mod session;
mod shared;
mod since;
mod sink;
mod snapshot;
mod state;
mod template;
mod told;
mod touched;
mod trial;
mod typecheck;

pub use self::{
    agreed::WITHOUT,
    cases::{CaseOutcome, run_cases},
    error::EngineError,
    pass::{PassMs, PassResult},
    since::Changed,
    snapshot::SnapshotFiles,
    trial::Trials,
    typecheck::typecheck,
};

use async_trait::async_trait;
use chrono::NaiveDate;
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
};
use tuodi_pack::{CheckResult, Evaluate, EvaluateError, HouseholdId, OverlayRow, Pack, Purpose, Withheld};

/// How much of the machine a pass may take.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Parallel parts of a statement; the number of cores unless said.
    pub partitions: usize,
    /// Statements that run side by side; they share the cores, and fill the gaps that each leaves.
    pub at_once: usize,
    pub batch_size: usize,
    /// Working memory of joins and aggregates; beyond it they spill to disk. No limit unless said.
    pub memory_bytes: Option<usize>,
    /// Memory for rows that checks and incremental passes have read and may read again; beyond it they are read from
    /// their files each time.
    pub kept_bytes: usize,
    /// Settings of the query engine by name, for trying out (`tuodi bench pass --option`).
    pub options: Vec<(String, String)>,
}

impl Default for EngineConfig {
    fn default() -> EngineConfig {
        let partitions = std::thread::available_parallelism().map_or(2, usize::from);
        EngineConfig {
            partitions,
            at_once: 2,
            batch_size: 8192,
            memory_bytes: None,
            kept_bytes: 1 << 30,
            options: Vec::new(),
        }
    }
}

/// A pack and a snapshot, ready to be asked. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    inner: closed::Closed<Inner>,
}

struct Inner {
    pack: Arc<Pack>,
    snapshot: snapshot::Snapshot,
    config: EngineConfig,
    compiled: Arc<Compiled>,
    index: rows::Index,
    permission: agreed::Permission,
    /// Sources that are not in the snapshot because they may not be read for the purpose at hand.
    withheld: Vec<Withheld>,
    parts: agreed::Parts,
    laws: law::Laws,
    /// The day whose law `pack` was made to hold; none: it holds each day's own.
    law_of: Option<NaiveDate>,
}

/// What stays when batches come or go.
#[derive(Default)]
struct Compiled {
    /// Compiled once a date; a server asks for few dates.
    programs: Mutex<BTreeMap<NaiveDate, Arc<program::Program>>>,
    benches: bench::Benches,
    numbers: touched::KnownNumbers,
    kept: kept::Kept,
}

impl Engine {
    pub fn new(pack: Arc<Pack>, snapshot: SnapshotFiles) -> Result<Engine, EngineError> {
        Engine::with_config(pack, snapshot, EngineConfig::default())
    }

    /// Refuses a snapshot whose files are not there or not Parquet; reads only their footers.
    pub fn with_config(pack: Arc<Pack>, snapshot: SnapshotFiles, config: EngineConfig) -> Result<Engine, EngineError> {
        let snapshot = snapshot::Snapshot::open(&pack, snapshot)?;
        Ok(Engine::over(pack, snapshot, config, Arc::default()))
    }

    /// The same pack over another snapshot (a batch has arrived); what was compiled stays.
    pub fn with_snapshot(&self, snapshot: SnapshotFiles) -> Result<Engine, EngineError> {
        let pack = self.inner.pack.clone();
        let snapshot = snapshot::Snapshot::open(&pack, snapshot)?;
        let engine = Engine::over(pack, snapshot, self.inner.config.clone(), self.inner.compiled.clone());
        Ok(engine.permitted(self.inner.permission.clone()))
    }

    fn over(pack: Arc<Pack>, snapshot: snapshot::Snapshot, config: EngineConfig, compiled: Arc<Compiled>) -> Engine {
        let inner = Inner {
            pack,
            snapshot,
            config,
            compiled,
            index: rows::Index::default(),
            permission: agreed::Permission::Agreements(Vec::new()),
            withheld: Vec::new(),
            parts: agreed::Parts::default(),
            laws: law::Laws::default(),
            law_of: None,
        };
        Engine { inner: closed::Closed::new(Arc::new(inner)) }
    }

    pub fn pack(&self) -> &Arc<Pack> {
        &self.inner.pack
    }

    /// Names the list of batches read.
    pub fn snapshot_id(&self) -> &str {
        &self.inner.snapshot.id
    }

    /// The population pass: writes its findings as Parquet files into the folder `out`, and beside them what the next
    /// pass needs to take over what has not changed.
    pub async fn pass(&self, as_of: NaiveDate, out: &Path) -> Result<PassResult, EngineError> {
        let (inner, out) = (self.inner.share().agreed(Purpose::Monitoring, as_of)?, out.to_owned());
        runtime::run(async move { pass::full(&inner, as_of, &out).await }).await
    }

    /// The same files as [`Engine::pass`] writes, made from those in `previous` where only batches have come or gone
    /// since: the households on their rows are computed again. Where that cannot be told, or is not worth it (another
    /// date or pack, a full list replaced), everything is.
    pub async fn pass_since(&self, as_of: NaiveDate, previous: &Path, out: &Path) -> Result<PassResult, EngineError> {
        let inner = self.inner.share().agreed(Purpose::Monitoring, as_of)?;
        let (previous, out) = (previous.to_owned(), out.to_owned());
        runtime::run(async move { since::pass_since(&inner, as_of, &previous, &out).await }).await
    }

    /// The whole pass, facts and findings, as statements that another engine can run on the same files, in order, each
    /// with its name. Paths of files are given from the folder `root` on.
    pub fn script(&self, as_of: NaiveDate, root: &Path) -> Result<Vec<(String, String)>, EngineError> {
        let inner = self.inner.share().agreed(Purpose::Monitoring, as_of)?;
        let program = inner.program(as_of)?;
        Ok(script::script(&inner, &program, root))
    }

    /// Does once what the first check on a date would do: compiles, and indexes the snapshot's rows by person.
    pub async fn warm(&self, as_of: NaiveDate) -> Result<(), EngineError> {
        let inner = self.inner.share().agreed(Purpose::Verification, as_of)?;
        runtime::run(async move { check::warm(&inner, as_of).await }).await
    }

    /// The check for another purpose than a household's application: sources that the purpose may not read are left
    /// out, and the answer says which.
    pub async fn check_for(
        &self,
        purpose: Purpose,
        household: HouseholdId,
        as_of: NaiveDate,
        overlay: &[OverlayRow],
    ) -> Result<CheckResult, EngineError> {
        self.check_by(purpose, household, as_of, as_of, overlay).await
    }

    /// The same with the facts of `as_of` under the law of another day.
    pub async fn check_by(
        &self,
        purpose: Purpose,
        household: HouseholdId,
        as_of: NaiveDate,
        law_of: NaiveDate,
        overlay: &[OverlayRow],
    ) -> Result<CheckResult, EngineError> {
        let (inner, overlay) = (self.inner.share().agreed(purpose, as_of)?.under(as_of, law_of), overlay.to_vec());
        let work = async move { check::check(&inner, household, as_of, &overlay, false).await };
        runtime::run(work).await.map(|(result, _)| result)
    }
}

impl Inner {
    /// The same rules over some of the rows: there are few, so statements run side by side, each on one thread.
    fn part(&self, snapshot: snapshot::Snapshot) -> Inner {
        Inner {
            pack: self.pack.clone(),
            snapshot,
            config: EngineConfig { at_once: self.config.partitions.max(1), partitions: 1, ..self.config.clone() },
            compiled: self.compiled.clone(),
            index: rows::Index::default(),
            permission: self.permission.clone(),
            withheld: self.withheld.clone(),
            parts: agreed::Parts::default(),
            laws: law::Laws::default(),
            law_of: self.law_of,
        }
    }

    /// Refuses dates without rules.
    fn within(&self, as_of: NaiveDate) -> Result<(), EngineError> {
        let info = &self.pack.info;
        if as_of < info.effective_from || info.effective_to.is_some_and(|to| as_of > to) {
            return Err(EngineError::NoRules { as_of, pack: info.id.clone(), from: info.effective_from });
        }
        Ok(())
    }

    /// The pack compiled for a date; refuses dates without rules.
    fn program(&self, as_of: NaiveDate) -> Result<Arc<program::Program>, EngineError> {
        const KEPT: usize = 16;
        self.within(as_of)?;
        let mut programs = self.compiled.programs.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(program) = programs.get(&as_of) {
            return Ok(program.clone());
        }
        let program = Arc::new(program::Program::compile(&self.pack, as_of)?);
        if programs.len() >= KEPT {
            programs.pop_first();
        }
        programs.insert(as_of, program.clone());
        Ok(program)
    }
}

#[async_trait]
impl Evaluate for Engine {
    async fn check_under(
        &self,
        household: HouseholdId,
        as_of: NaiveDate,
        law_of: NaiveDate,
        overlay: &[OverlayRow],
    ) -> Result<CheckResult, EvaluateError> {
        Ok(self.check_by(Purpose::Verification, household, as_of, law_of, overlay).await?)
    }

    async fn read_for(
        &self,
        purpose: Purpose,
        household: HouseholdId,
        as_of: NaiveDate,
        overlay: &[OverlayRow],
    ) -> Result<CheckResult, EvaluateError> {
        Ok(self.check_for(purpose, household, as_of, overlay).await?)
    }

    async fn arrivals(&self) -> Result<BTreeMap<String, NaiveDate>, EvaluateError> {
        Ok(self.inner.snapshot.arrivals())
    }
}
