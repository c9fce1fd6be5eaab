//! Verifications with every source in the pool: households one after another, as the desk orders them, and one list of
//! many people. On a copy of the database, so that nothing is asked of anybody and nobody's authorisation is made up.

use super::{engine::households, percentile};
use crate::{
    adapters::{
        findings::{self, StoredFindings},
        rows::each_row,
        snapshot,
    },
    cli::BenchVerify,
    error::VerbError,
    installation::Installation,
    output::{self, Output},
    verbs::verify::lines,
};
use std::{
    collections::BTreeSet,
    path::Path,
    time::{Duration, Instant},
};
use tuodi_access::{Access, Actor, Role};
use tuodi_casework::{
    CaseError, Channel, ConsentForm, Cx, Mark,
    verify::{self, BatchOrder, Listed, Order},
};
use tuodi_pack::{HouseholdId, PersonId, ask::NotConnected};
use tuodi_pool::Pool;

fn refused(message: impl ToString) -> VerbError {
    VerbError::Refused(message.to_string())
}

/// The installation over a copy of its database.
fn copied(installation: Installation, folder: &Path) -> Result<Installation, VerbError> {
    let file = installation.db.strip_prefix("sqlite://").map(str::to_owned);
    let file = file.ok_or_else(|| refused("this is measured on a copy of a SQLite file; the installation has none"))?;
    let copy = folder.join("copy.db");
    // What is not in the file yet stands beside it.
    for end in ["", "-wal"] {
        let from = format!("{file}{end}");
        if Path::new(&from).exists() {
            let to = format!("{}{end}", copy.display());
            std::fs::copy(&from, to).map_err(|e| refused(format!("{from} cannot be copied: {e}")))?;
        }
    }
    Ok(Installation { db: format!("sqlite://{}", copy.display()), ..installation })
}

/// Everybody whom the newest batches of a source name.
fn people_of(installation: &Installation, source: &str) -> Result<Vec<PersonId>, VerbError> {
    let snapshot = Pool::open(&installation.pool_dir())?.snapshot()?;
    let mut people = BTreeSet::new();
    for batch in snapshot.batches(source) {
        each_row(&batch.path, &["person_id"], |row| people.extend(row.int(0)))?;
    }
    Ok(people.into_iter().map(PersonId).collect())
}

/// The officer at the window of a household's own place: authorisations are taken there.
async fn officer(cx: &Cx, household: HouseholdId) -> Result<Cx, VerbError> {
    let found = tuodi_registry::household(&cx.store, household).await.map_err(refused)?;
    let region = found.map(|h| h.region_code).unwrap_or_default();
    let actor = Actor { account: "bench".to_owned(), role: Role::TownshipOfficer, region, ..Actor::system() };
    Ok(Cx { actor, channel: Channel::Window, ..cx.clone() })
}

/// Gives what every adult of a household would have to give first.
async fn authorise(cx: &Cx, household: HouseholdId, purpose: &str) -> Result<bool, VerbError> {
    let found = tuodi_casework::authorisations(cx, household).await?;
    for adult in &found.adults {
        let form = ConsentForm { person: adult.id, name: adult.name.clone(), mark: Mark::Paper, evidence: None };
        tuodi_casework::give_household_consent(cx, household, purpose, form).await?;
    }
    // Children alone: their guardian's word is taken in a case.
    Ok(!found.adults.is_empty())
}

pub async fn run(args: BenchVerify, output: Output) -> Result<(), VerbError> {
    let folder = tempfile::tempdir().map_err(|e| refused(format!("no temporary folder: {e}")))?;
    let installation = copied(Installation::open(&args.data.dir)?, folder.path())?;
    let store = installation.store().await?;
    store.migrate(crate::installation::migrations()).await?;
    let (pack, access) = (installation.pack.clone(), Access::new()?);
    let mut cx = Cx {
        store: store.clone(),
        access,
        pack: pack.clone(),
        actor: Actor::system(),
        channel: Channel::System,
        now: crate::now(),
    };
    cx.actor.region.clone_from(&pack.info.jurisdiction);
    let (run, _) = findings::latest(&installation.findings_dir())?
        .ok_or_else(|| refused("there are no findings; run `tuodi pass` first"))?;
    let ids = households(&run.join("households.parquet"))?;
    if ids.is_empty() {
        return Err(refused("the pool has no households"));
    }
    let engine = snapshot::agreed_engine(&installation, &store).await?;
    engine.warm(args.as_of).await?;
    let purpose = pack.main_purpose().to_owned();
    let mut draw = args.seed;
    let mut took: Vec<Duration> = Vec::with_capacity(args.households);
    let (mut sources, mut complete, mut skipped) = (0, 0, 0);
    while took.len() < args.households && skipped < args.households {
        // A plain congruential sequence: the same seed asks about the same households.
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let household = HouseholdId(ids[(draw >> 33) as usize % ids.len()]);
        let window = officer(&cx, household).await?;
        if !authorise(&window, household, &purpose).await? {
            skipped += 1;
            continue;
        }
        let order = Order { household, purpose: purpose.clone(), as_of: args.as_of };
        let now = Cx { now: crate::now(), ..window };
        let begun = Instant::now();
        let done = match verify::order(&now, &engine, &NotConnected, order, "").await {
            Err(CaseError::NoConsent { .. }) => {
                skipped += 1;
                continue;
            }
            done => done?,
        };
        took.push(begun.elapsed());
        if took.len() == 1 {
            let seen = verify::request(&now, &done.number, "bench").await?;
            sources = seen.answers.len();
        }
        complete += usize::from(done.waiting == 0);
    }
    took.sort_unstable();
    let (p50, p95, p99) = (percentile(&took, 50), percentile(&took, 95), percentile(&took, 99));

    let entries = match &args.list {
        Some(file) => verify::listed(&lines(file)?).0,
        None => {
            let ids = people_of(&installation, &args.of)?;
            let people = tuodi_registry::persons(&store, &ids).await.map_err(refused)?;
            people.into_values().map(|person| Listed::Person(person.id_no)).collect()
        }
    };
    let listed = entries.len();
    let findings = StoredFindings(installation.findings_dir());
    let begun = Instant::now();
    let order = BatchOrder { title: "bench".to_owned(), purpose: args.purpose.clone(), entries };
    let id = verify::order_batch(&cx, order, "").await?;
    while verify::run_batch(&cx, &findings).await?.is_some_and(|worked| worked != id) {}
    let view = verify::batch(&cx, id).await?;
    let list_ms = begun.elapsed().as_secs_f64() * 1000.0;
    if view.row.state != "done" {
        return Err(refused(format!("the list is {} {}", view.row.state, view.row.reason)));
    }
    let result = view.result.unwrap_or_default();
    let kinds: Vec<(&str, usize)> = result.kinds.iter().map(|k| (k.indicator.as_str(), k.count)).collect();
    let said: Vec<String> = kinds.iter().map(|(id, count)| format!("{id} {count}")).collect();
    output.answer(
        &serde_json::json!({
            "households": took.len(), "skipped": skipped, "complete": complete, "sources": sources,
            "p50_ms": p50, "p95_ms": p95, "p99_ms": p99,
            "list": { "listed": listed, "checked": result.checked, "anomalies": result.anomalies.len(),
                      "not_found": result.not_found.len(), "kinds": kinds, "ms": list_ms },
            "peak_rss_bytes": output::peak_rss_bytes(),
        }),
        format!(
            "{} households, {sources} sources each, {complete} reports complete at once: p50 {p50:.1} ms, p95 {p95:.1} ms, \
             p99 {p99:.1} ms ({skipped} without an adult left out)\nlist of {listed}: {} checked, {} anomalies ({}), {} not \
             found, in {list_ms:.0} ms; peak {} MB",
            took.len(),
            result.checked,
            result.anomalies.len(),
            said.join(", "),
            result.not_found.len(),
            output::peak_rss_bytes() >> 20
        ),
    );
    Ok(())
}
