//! `tuodi serve`.

use crate::{
    adapters::{
        data::PoolFigures, feeds, fetching::Fetching, findings::StoredFindings, held::PoolRows, jobs::Jobs, kept,
        snapshot::engine_known, trials::DistrictTrials, verifier::Verifier, watched::Watched, ways::PoolWays,
    },
    cli::Serve,
    error::VerbError,
    installation::Installation,
    output::Output,
};
use async_trait::async_trait;
use chrono::NaiveDate;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    process::ExitCode,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};
use tokio::sync::RwLock;
use tuodi_access::{Access, accounts};
use tuodi_engine::Engine;
use tuodi_pack::{
    CheckResult, Evaluate, EvaluateError, HouseholdId, Lang, OverlayRow, Pack, Purpose, Renewal, Withheld,
};
use tuodi_pool::Pool;
use tuodi_store::Store;
use tuodi_web::{AppState, Clock, DemoTime};

/// The engine over the newest snapshot: batches that arrive while the pages are served count from the next question on.
pub(crate) struct CurrentEngine {
    installation: Installation,
    store: Store,
    engine: RwLock<Option<Served>>,
    /// Refusals that are in the journal already: subject and day, and what was withheld. A page that is loaded again asks
    /// nothing new.
    told: Mutex<BTreeSet<(String, NaiveDate, String)>>,
}

struct Served {
    engine: Engine,
    renewals: Vec<Renewal>,
}

impl CurrentEngine {
    pub(crate) async fn newest(&self) -> Result<Engine, VerbError> {
        let snapshot = Pool::open(&self.installation.pool_dir())?.snapshot()?;
        let renewals = tuodi_feeds::renewals(&self.store).await?;
        let same = |s: &&Served| s.engine.snapshot_id() == snapshot.id && s.renewals == renewals;
        if let Some(served) = self.engine.read().await.as_ref().filter(same) {
            return Ok(served.engine.clone());
        }
        let mut slot = self.engine.write().await;
        // A report of a case may rest on it from now on.
        kept::keep(&self.installation, &snapshot)?;
        let engine = kept::engine(self.installation.pack.clone(), snapshot)?.with_renewals(renewals.clone());
        *slot = Some(Served { engine: engine.clone(), renewals });
        Ok(engine)
    }

    /// Puts what a reading was refused into the journal, once a subject and day while the server runs.
    pub(crate) async fn refused(
        &self,
        subject: &str,
        as_of: NaiveDate,
        withheld: &[Withheld],
    ) -> Result<(), VerbError> {
        const KEPT: usize = 10_000;
        if withheld.is_empty() {
            return Ok(());
        }
        let what: Vec<String> = withheld.iter().map(ToString::to_string).collect();
        let fresh = {
            let mut told = self.told.lock().unwrap_or_else(|e| e.into_inner());
            if told.len() >= KEPT {
                told.clear();
            }
            told.insert((subject.to_owned(), as_of, what.join("\n")))
        };
        if fresh {
            feeds::journal_refusals(&self.store, &self.installation.pack, subject, withheld).await
        } else {
            Ok(())
        }
    }

    /// Asks the newest data for this purpose; what the purpose may not read goes into the journal.
    async fn ask(
        &self,
        purpose: Purpose,
        household: HouseholdId,
        as_of: NaiveDate,
        law_of: NaiveDate,
        overlay: &[OverlayRow],
    ) -> Result<CheckResult, EvaluateError> {
        let fault = |e: VerbError| EvaluateError::Fault(e.to_string());
        let engine = self.newest().await.map_err(fault)?;
        let withheld = engine.withheld(purpose, as_of);
        self.refused(&format!("household:{household}"), as_of, &withheld).await.map_err(fault)?;
        Ok(engine.check_by(purpose, household, as_of, law_of, overlay).await?)
    }
}

#[async_trait]
impl Evaluate for CurrentEngine {
    async fn check_under(
        &self,
        household: HouseholdId,
        as_of: NaiveDate,
        law_of: NaiveDate,
        overlay: &[OverlayRow],
    ) -> Result<CheckResult, EvaluateError> {
        self.ask(Purpose::Verification, household, as_of, law_of, overlay).await
    }

    async fn read_for(
        &self,
        purpose: Purpose,
        household: HouseholdId,
        as_of: NaiveDate,
        overlay: &[OverlayRow],
    ) -> Result<CheckResult, EvaluateError> {
        self.ask(purpose, household, as_of, as_of, overlay).await
    }

    async fn check_known(
        &self,
        purpose: Purpose,
        household: HouseholdId,
        as_of: NaiveDate,
        known_at: NaiveDate,
    ) -> Result<CheckResult, EvaluateError> {
        let fault = |e: VerbError| EvaluateError::Fault(e.to_string());
        let engine = engine_known(&self.installation, &self.store, known_at).await.map_err(fault)?;
        let withheld = engine.withheld(purpose, as_of);
        self.refused(&format!("household:{household}"), as_of, &withheld).await.map_err(fault)?;
        Ok(engine.check_for(purpose, household, as_of, &[]).await?)
    }

    async fn arrivals(&self) -> Result<BTreeMap<String, NaiveDate>, EvaluateError> {
        let engine = self.newest().await.map_err(|e| EvaluateError::Fault(e.to_string()))?;
        engine.arrivals().await
    }
}

/// What every request can reach, over one installation.
pub async fn state(installation: Installation, demo: bool) -> Result<(AppState, Arc<Jobs>), VerbError> {
    let store = installation.store().await?;
    // A newer binary over an older installation brings its tables up to date.
    store.migrate(crate::installation::migrations()).await?;
    // Missing only where a first intake was cut off.
    tuodi_registry::make_look_ups(&store).await?;
    let data = Arc::new(PoolFigures::new(&installation, store.clone())?);
    let pack = installation.pack.clone();
    let access = Access::new()?;
    let days = Arc::new(Days::read(installation.dir.join("demo.days")));
    let clock: Clock = match demo {
        true => {
            let days = days.clone();
            Arc::new(move || crate::now() + chrono::Duration::days(days.count()))
        }
        false => Arc::new(crate::now),
    };
    let pool = installation.pool_dir();
    let due = Due { store: store.clone(), access: access.clone(), pack: pack.clone(), clock: clock.clone(), pool };
    let demo_time: Option<Arc<dyn DemoTime>> = demo.then(|| Arc::new(Passing { days, due }) as _);
    let asks = Arc::new(installation.connections()?);
    let jobs = Arc::new(Jobs::new(&installation, store.clone(), clock.clone())?);
    let held = Arc::new(PoolRows { pool: installation.pool_dir(), pack: pack.clone(), store: store.clone() });
    let ways = Arc::new(PoolWays::new(jobs.clone(), installation.upload_bytes));
    let engine = Arc::new(CurrentEngine {
        installation,
        store: store.clone(),
        engine: RwLock::default(),
        told: Mutex::default(),
    });
    let trials = Arc::new(DistrictTrials::new(engine.clone()));
    Ok((
        AppState { store, access, pack, engine, asks, trials, data, held, ways, clock, tls: false, demo, demo_time },
        jobs,
    ))
}

/// Days that a demonstration has let pass; kept in a file so that a restart does not turn time back.
struct Days {
    file: PathBuf,
    count: AtomicI64,
}

impl Days {
    fn read(file: PathBuf) -> Days {
        let count = std::fs::read_to_string(&file).ok().and_then(|t| t.trim().parse().ok()).unwrap_or(0);
        Days { file, count: AtomicI64::new(count) }
    }

    fn count(&self) -> i64 {
        self.count.load(Ordering::Relaxed)
    }
}

struct Passing {
    days: Arc<Days>,
    due: Due,
}

#[async_trait]
impl DemoTime for Passing {
    async fn pass(&self, days: u32) {
        let now = self.days.count.fetch_add(i64::from(days), Ordering::Relaxed) + i64::from(days);
        if let Err(e) = std::fs::write(&self.days.file, now.to_string()) {
            tracing::warn!("the demonstration's days cannot be kept: {e}");
        }
        self.due.end_publicity().await;
        self.due.follow_feeds().await;
    }
}

/// What falls due by date alone.
struct Due {
    store: Store,
    access: Access,
    pack: Arc<Pack>,
    clock: Clock,
    pool: PathBuf,
}

impl Due {
    /// Feeds that became late or whose agreement ended today open their tasks.
    async fn follow_feeds(&self) {
        let followed = match Pool::open(&self.pool) {
            Ok(pool) => feeds::follow(&self.store, &self.pack, &pool, (self.clock)()).await,
            Err(e) => Err(e.into()),
        };
        if let Err(e) = followed {
            tracing::error!("the tasks about feeds could not be kept up: {e}");
        }
    }

    /// Publicity periods that are over go on to the district.
    async fn end_publicity(&self) {
        let cx = tuodi_casework::Cx {
            store: self.store.clone(),
            access: self.access.clone(),
            pack: self.pack.clone(),
            actor: tuodi_access::Actor::system(),
            channel: tuodi_casework::Channel::System,
            now: (self.clock)(),
        };
        match tuodi_casework::end_due_publicity(&cx).await {
            Ok(0) => {}
            Ok(n) => tracing::info!("publicity ended for {n} cases"),
            Err(e) => tracing::error!("publicity could not be ended: {e}"),
        }
        // What nobody answered in its days goes to the district.
        match tuodi_casework::escalate_late_voices(&cx).await {
            Ok(0) => {}
            Ok(n) => tracing::info!("{n} late complaints went to the district"),
            Err(e) => tracing::error!("late complaints could not be passed on: {e}"),
        }
        match tuodi_casework::emergency::tell_late_emergencies(&cx).await {
            Ok(0) => {}
            Ok(n) => tracing::info!("{n} emergencies are late, and it was told upwards"),
            Err(e) => tracing::error!("late emergencies could not be told upwards: {e}"),
        }
        match tuodi_casework::work::escalate_late_cases(&cx).await {
            Ok(0) => {}
            Ok(n) => tracing::info!("{n} steps are due or late, and it was said to whom the pack says"),
            Err(e) => tracing::error!("late steps could not be told upwards: {e}"),
        }
        match tuodi_casework::life::watch_lives(&cx).await {
            Ok(0) => {}
            Ok(n) => tracing::info!("proof of life: {n} cases begun, reminded, to be visited or over"),
            Err(e) => tracing::error!("proof of life could not be followed: {e}"),
        }
        match tuodi_casework::reassess::watch_assessments(&cx).await {
            Ok(0) => {}
            Ok(n) => tracing::info!("{n} assessments of recipients were put down or are over"),
            Err(e) => tracing::error!("assessments that are due could not be followed: {e}"),
        }
        match tuodi_casework::raters::draw_seconds(&cx).await {
            Ok(0) => {}
            Ok(n) => tracing::info!("{n} assessments were drawn to be made a second time"),
            Err(e) => tracing::error!("assessments could not be drawn: {e}"),
        }
        // Cases that were opened before it was noted by what they are found.
        if let Err(e) = tuodi_casework::work::note_cases(&cx).await {
            tracing::error!("it could not be noted by what cases are found: {e}");
        }
    }

    /// Sessions that nobody can use any more.
    async fn forget_sessions(&self) {
        if let Err(e) = tuodi_access::sessions::delete_expired(&self.store, (self.clock)()).await {
            tracing::error!("expired sessions could not be deleted: {e}");
        }
    }
}

pub async fn run(args: Serve, output: Output) -> Result<ExitCode, VerbError> {
    let installation = Installation::open(&args.data.dir)?;
    let pool = installation.pool_dir();
    let findings = Arc::new(StoredFindings(installation.findings_dir()));
    let watched_folder = installation.watched_folder.clone();
    let (fetches, limit) = (installation.fetches()?, installation.upload_bytes);
    let (state, jobs) = state(installation, args.demo).await?;
    let state = AppState { tls: args.tls, ..state };
    let accounts = if args.demo { accounts::list_demo(&state.store).await? } else { Vec::new() };
    let due = Due {
        store: state.store.clone(),
        access: state.access.clone(),
        pack: state.pack.clone(),
        clock: state.clock.clone(),
        pool,
    };
    let access = state.access.clone();
    let listener = tokio::net::TcpListener::bind(args.listen).await.map_err(|e| {
        VerbError::Refused(format!("cannot listen on {}: {e}; choose another address with --listen", args.listen))
    })?;
    let address = listener.local_addr().map_or_else(|_| args.listen.to_string(), |a| a.to_string());
    output.say(format!("\n  托底 Tuodi: http://{address}/"));
    if !accounts.is_empty() {
        output.say(format!("  Demo sign-ins (one click each at http://{address}/login):"));
        for account in accounts {
            output.say(format!(
                "    {:<12} {} / {}",
                account.id,
                account.role.title(Lang::Zh),
                account.role.title(Lang::En)
            ));
        }
    }
    output.say("  Ctrl-C ends it.\n");
    let daily = tokio::spawn(fall_due(due));
    let asking = tokio::spawn(Verifier::of(&state, findings).run());
    let watching = watched_folder.map(|folder| {
        let watched = Watched { jobs: jobs.clone(), access: access.clone(), folder };
        tokio::spawn(watched.run())
    });
    let fetching = Fetching { jobs: jobs.clone(), access, fetches, limit };
    let fetching = tokio::spawn(fetching.run());
    let running = tokio::spawn(jobs.run());
    let served = listen(listener, state).await;
    daily.abort();
    asking.abort();
    fetching.abort();
    running.abort();
    if let Some(watching) = watching {
        watching.abort();
    }
    served.map_err(|e| VerbError::Refused(format!("the server stopped: {e}")))?;
    Ok(ExitCode::SUCCESS)
}

async fn listen(listener: tokio::net::TcpListener, state: AppState) -> std::io::Result<()> {
    tuodi_web::serve(listener, state, async {
        let _ = tokio::signal::ctrl_c().await;
    })
    .await
}

async fn fall_due(due: Due) {
    let mut every = tokio::time::interval(std::time::Duration::from_secs(15 * 60));
    loop {
        every.tick().await;
        due.end_publicity().await;
        due.follow_feeds().await;
        due.forget_sessions().await;
    }
}
