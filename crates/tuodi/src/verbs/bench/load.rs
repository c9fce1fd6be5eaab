//! An office at work: many officers who read and change cases over HTTP, each doing the next thing after some seconds.
//!
//! What is measured is the time from the moment an officer wanted something to the whole answer, so that a page that was
//! waited for counts as long as it was waited for.

use super::{
    pages::{Answered, Session},
    percentile,
    writes::clerk,
};
use crate::{cli::BenchLoad, error::VerbError, installation::Installation, output::Output, verbs::serve};
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};
use tuodi_access::{Access, Account, Actor, NewAccount, Role, accounts};
use tuodi_casework::{CaseState, Cx, QueueFilter};
use tuodi_pack::{
    HouseholdId, Pack, PersonId,
    region::{RegionLevel, contains},
};
use tuodi_store::{Entry, Store};

/// Applications that are made at once before the measurement.
const AT_ONCE: usize = 64;
/// One in so many stays a draft: there are always some half filled in.
const DRAFTS: usize = 20;

/// A case and where it is.
#[derive(Clone)]
struct Open {
    case: String,
    draft: bool,
}

pub async fn load(args: BenchLoad, output: Output) -> Result<(), VerbError> {
    let installation = Installation::open(&args.data.dir)?;
    let (state, _) = serve::state(installation, true).await?;
    let (store, access, pack) = (state.store.clone(), state.access.clone(), state.pack.clone());
    let started = Instant::now();
    let made = applications(&store, &access, &pack, args.cases).await?;
    let preparation = started.elapsed().as_secs_f64();
    let app = tuodi_web::router(state);
    let places = places(&clerk(&store, &access, &pack, "bench")).await?;
    let townships: Vec<&String> = places.keys().collect();
    if townships.is_empty() {
        return Err(VerbError::Refused("the installation has no households; run `tuodi intake` first".to_owned()));
    }
    let mut officers = Vec::new();
    for i in 0..args.officers {
        let township = townships[i % townships.len()];
        let account = officer(&store, i, township).await?;
        officers.push((Session::open(&app, &account).await?, places[township].clone()));
    }
    let pace = Duration::from_secs_f64(args.every);
    let begin = Instant::now() + Duration::from_millis(200);
    let end = begin + Duration::from_secs(args.seconds);
    let mut tasks = tokio::task::JoinSet::new();
    for (i, (session, cases)) in officers.into_iter().enumerate() {
        let mut rng = SmallRng::seed_from_u64(args.seed.wrapping_mul(1_000_003).wrapping_add(i as u64));
        tasks.spawn(async move {
            let mut done = Done::default();
            // Nobody begins on the same second.
            let mut at = begin + pace.mul_f64(rng.random::<f64>());
            while at < end {
                tokio::time::sleep_until(at.into()).await;
                doing(&session, &cases, &mut rng, at, &mut done).await?;
                at += pace.mul_f64(0.5 + rng.random::<f64>());
            }
            Ok::<_, VerbError>(done)
        });
    }
    let mut all = Done::default();
    while let Some(done) = tasks.join_next().await {
        all.add(done.expect("an officer does not panic")?);
    }
    let (reads, writes) = (Times::of(all.reads), Times::of(all.writes));
    output.answer(
        &serde_json::json!({
            "officers": args.officers, "open_cases": args.cases, "made": made, "preparation_s": preparation,
            "every_s": args.every, "seconds": args.seconds, "read": reads, "write": writes, "errors": all.errors,
            "refused": all.refused, "kinds": all.kinds.into_iter().map(|(k, t)| (k, Times::of(t))).collect::<BTreeMap<_, _>>(),
        }),
        format!(
            "{} officers, {} open cases: {} reads p50 {:.1} p95 {:.1} p99 {:.1} ms; {} writes p50 {:.1} p95 {:.1} p99 {:.1} ms; {} errors, {} told to look again",
            args.officers, args.cases, reads.times, reads.p50_ms, reads.p95_ms, reads.p99_ms, writes.times, writes.p50_ms,
            writes.p95_ms, writes.p99_ms, all.errors, all.refused
        ),
    );
    Ok(())
}

#[derive(Serialize)]
struct Times {
    times: usize,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
}

impl Times {
    fn of(mut took: Vec<Duration>) -> Times {
        took.sort_unstable();
        let at = |percent| percentile(&took, percent);
        Times { times: took.len(), p50_ms: at(50), p95_ms: at(95), p99_ms: at(99) }
    }
}

#[derive(Default)]
struct Done {
    reads: Vec<Duration>,
    writes: Vec<Duration>,
    kinds: BTreeMap<&'static str, Vec<Duration>>,
    errors: usize,
    /// Somebody else was quicker: the page says so and shows what stands.
    refused: usize,
}

impl Done {
    fn add(&mut self, other: Done) {
        self.reads.extend(other.reads);
        self.writes.extend(other.writes);
        for (kind, times) in other.kinds {
            self.kinds.entry(kind).or_default().extend(times);
        }
        self.errors += other.errors;
        self.refused += other.refused;
    }

    fn read(&mut self, kind: &'static str, answer: &Answered, since: Instant) {
        self.reads.push(since.elapsed());
        self.kinds.entry(kind).or_default().push(since.elapsed());
        self.errors += usize::from(!answer.status.is_success());
    }

    fn wrote(&mut self, kind: &'static str, answer: &Answered, since: Instant) {
        self.writes.push(since.elapsed());
        self.kinds.entry(kind).or_default().push(since.elapsed());
        match answer.status.as_u16() {
            200..400 => {}
            409 => self.refused += 1,
            _ => self.errors += 1,
        }
    }
}

/// One thing that an officer does: three in four only read.
async fn doing(
    session: &Session,
    cases: &Arc<Vec<Open>>,
    rng: &mut SmallRng,
    at: Instant,
    done: &mut Done,
) -> Result<(), VerbError> {
    let of = |rng: &mut SmallRng, draft: bool| {
        let some: Vec<&Open> = cases.iter().filter(|c| c.draft == draft).collect();
        (!some.is_empty()).then(|| some[rng.random_range(0..some.len())].clone())
    };
    let kind = rng.random_range(0..100);
    let Some(open) = of(rng, (85..).contains(&kind)) else { return Ok(()) };
    let page = format!("/desk/cases/{}", open.case);
    match kind {
        0..35 => {
            let uri = format!("/desk?page={}", 1 + rng.random_range(0..4));
            done.read("queue", &session.get(&uri).await?, at);
        }
        35..60 => done.read("case", &session.get(&page).await?, at),
        60..65 => done.read("publicity", &session.get("/desk/publicity").await?, at),
        65..72 => {
            let desk = session.get("/desk").await?;
            done.read("queue", &desk, at);
            let since = Instant::now();
            let found = session.post(&desk, "/desk/search", &[("q", tail(&open.case))]).await?;
            // A search finds the page or goes to the one case.
            done.reads.push(since.elapsed());
            done.kinds.entry("search").or_default().push(since.elapsed());
            done.errors += usize::from(found.status.as_u16() >= 400);
        }
        72..85 => {
            let seen = session.get(&page).await?;
            done.read("case", &seen, at);
            let since = Instant::now();
            done.wrote("take", &session.post(&seen, &format!("{page}/take"), &[]).await?, since);
        }
        _ => {
            let form = format!("/desk/intake/{}", open.case);
            let seen = session.get(&form).await?;
            done.read("form", &seen, at);
            let (version, key) = (seen.hidden("version").unwrap_or("0"), seen.hidden("key").unwrap_or_default());
            let text = format!("第{}次填写", rng.random::<u16>());
            let fields = [("act", "save"), ("reason_text", text.as_str()), ("version", version), ("key", key)];
            let since = Instant::now();
            done.wrote("save", &session.post(&seen, &form, &fields).await?, since);
        }
    }
    Ok(())
}

fn tail(case: &str) -> &str {
    &case[case.len().saturating_sub(5)..]
}

/// An officer's account, made on the first run.
async fn officer(store: &Store, i: usize, township: &str) -> Result<String, VerbError> {
    let id = format!("load-{i}");
    if accounts::find(store, &id).await?.is_some() {
        return Ok(id);
    }
    let account = Account {
        id: id.clone(),
        name: id.clone(),
        role: Role::TownshipOfficer,
        region: township.to_owned(),
        person: None,
        household: None,
        demo: true,
    };
    let entry = entry("access.create_account", format!("account:{id}"), township);
    let password = format!("{:032x}", rand::rng().random::<u128>());
    accounts::create(store, NewAccount { account, password }, entry).await?;
    Ok(id)
}

fn entry(act: &str, subject: String, region: &str) -> Entry {
    Entry {
        at: crate::now(),
        actor: "system".to_owned(),
        role: Role::System.id().to_owned(),
        act: act.to_owned(),
        subject,
        region: region.to_owned(),
        details: serde_json::json!({}),
    }
}

/// Applies at the window for households that have no case, until there are so many; gives how many that were.
async fn applications(store: &Store, access: &Access, pack: &Arc<Pack>, wanted: u64) -> Result<usize, VerbError> {
    let cx = clerk(store, access, pack, "bench");
    let lacking = wanted.saturating_sub(tuodi_casework::queue(&cx, &QueueFilter::default()).await?.total);
    let homes = Arc::new(homes(store, pack, lacking).await?);
    let mut tasks = tokio::task::JoinSet::new();
    for lane in 0..AT_ONCE {
        let (cx, homes) = (cx.clone(), homes.clone());
        tasks.spawn(async move {
            for (i, household) in homes.iter().enumerate().skip(lane).step_by(AT_ONCE) {
                apply(&cx, *household, i % DRAFTS == 0).await?;
            }
            Ok::<_, VerbError>(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("a clerk does not panic")?;
    }
    Ok(homes.len())
}

async fn apply(cx: &Cx, household: HouseholdId, draft: bool) -> Result<(), VerbError> {
    let Some(home) = tuodi_registry::household(&cx.store, household).await? else { return Ok(()) };
    let Some(applicant) = home.members.first().map(|m| m.id) else { return Ok(()) };
    let case = tuodi_casework::open_draft(cx, applicant).await?;
    let mut fields: BTreeMap<String, String> = [
        ("reasons", "income"),
        ("fin_assets", "5000"),
        ("vehicle_value", "0"),
        ("company_capital", "0"),
        ("self_paid_medical_12m", "1200"),
        ("home_count", "1"),
        ("truth", "yes"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    for PersonId(member) in home.members.iter().map(|m| m.id) {
        fields.insert(format!("member.{member}"), "here".to_owned());
        fields.insert(format!("wage_month.{member}"), "600".to_owned());
        fields.insert(format!("other_income_month.{member}"), "0".to_owned());
    }
    let saved = tuodi_casework::save_step(cx, &case, 1, "check", fields).await?;
    if !draft {
        tuodi_casework::submit(cx, &case, saved.version, "").await?;
    }
    Ok(())
}

/// Households of the pack's district, by number, as they lie in the register.
async fn homes(store: &Store, pack: &Pack, how_many: u64) -> Result<Vec<HouseholdId>, VerbError> {
    const AT_A_TIME: i64 = 10_000;
    let mut found = Vec::new();
    let mut from = 1;
    while (found.len() as u64) < how_many {
        let some = tuodi_registry::household_regions(store, from..from + AT_A_TIME).await?;
        if some.is_empty() {
            break;
        }
        let here = some.into_iter().filter(|(_, region)| contains(&pack.info.jurisdiction, region)).map(|(id, _)| id);
        let mut ids: Vec<i64> = here.collect();
        ids.sort_unstable();
        found.extend(ids.into_iter().map(HouseholdId));
        from += AT_A_TIME;
    }
    found.truncate(how_many as usize);
    Ok(found)
}

/// Open cases of each township, as many as an officer looks at.
async fn places(cx: &Cx) -> Result<BTreeMap<String, Arc<Vec<Open>>>, VerbError> {
    let mut places = BTreeMap::new();
    let townships = cx.pack.regions.at_level(RegionLevel::Township);
    for township in townships.filter(|r| contains(&cx.pack.info.jurisdiction, &r.code)) {
        let here = Cx { actor: Actor { region: township.code.clone(), ..cx.actor.clone() }, ..cx.clone() };
        let mut open = Vec::new();
        for state in [CaseState::Submitted, CaseState::Accepted, CaseState::Draft] {
            let filter = QueueFilter { state: Some(state), per_page: 100, ..QueueFilter::default() };
            let rows = tuodi_casework::queue(&here, &filter).await?.rows;
            open.extend(rows.into_iter().map(|row| Open { case: row.case.0, draft: row.state == CaseState::Draft }));
        }
        if open.iter().any(|c| c.draft) && open.iter().any(|c| !c.draft) {
            places.insert(township.code.clone(), Arc::new(open));
        }
    }
    Ok(places)
}
