//! Working through a list: whoever it names is looked up, whoever has not authorised it is left out, and the findings of
//! the newest pass are held against the rest in one go. Begun again after a restart; done once.

use crate::{
    CaseError, Cx,
    application::household_of,
    change::change,
    consent::names,
    error::Result,
    tables::{consent, verification_batch as table},
    verify::{
        batch::{
            Anomaly, BatchResult, CANCELLED, DONE, FAILED, Kind, Listed, QUEUED, RESULT, RUNNING, load, open_list,
            subject,
        },
        order::still_authorised,
    },
    words::fact_text,
};
use chrono::Duration;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use serde_json::json;
use std::collections::{BTreeMap, HashMap, HashSet};
use tuodi_access::Act;
use tuodi_pack::{
    HouseholdId, PersonId,
    found::{FoundAlert, FoundRun, PassFindings},
    id_no::IdNo,
    verification::Purpose,
};
use tuodi_store::Recorded;

/// Whoever took a list and has not been heard of for so long is gone.
const GONE_SECONDS: i64 = 600;

/// Works through the list that has waited longest, if there is one: its id, when one was worked on.
pub async fn run_batch(cx: &Cx, findings: &dyn PassFindings) -> Result<Option<i64>> {
    cx.authorise_region(Act::RecordCheck, "verification", "", &cx.actor.region)?;
    let gone = cx.at() - Duration::seconds(GONE_SECONDS);
    let left = Condition::all().add(table::Column::State.eq(RUNNING)).add(table::Column::TouchedAt.lt(gone));
    let next: Option<i64> = table::Entity::find()
        .select_only()
        .column(table::Column::Id)
        .filter(Condition::any().add(table::Column::State.eq(QUEUED)).add(left))
        .order_by_asc(table::Column::Id)
        .into_tuple()
        .one(cx.store.read())
        .await?;
    let Some(id) = next else { return Ok(None) };
    if !take(cx, id).await? {
        return Ok(None);
    }
    match work(cx, findings, id).await {
        Ok(()) => {}
        Err(error) => {
            let reason = match &error {
                CaseError::NoCheck => "no_pass",
                _ => "fault",
            };
            finish(cx, id, Err(reason)).await?;
            if reason == "fault" {
                return Err(error);
            }
        }
    }
    Ok(Some(id))
}

/// Marks it as taken, unless another process has it or it was cancelled.
async fn take(cx: &Cx, id: i64) -> Result<bool> {
    let before = load(cx.store.read(), id).await?;
    let cx2 = cx.clone();
    let taken = change(cx, "verification.batch_begin", subject(id), "", move |tx| {
        Box::pin(async move {
            let done = table::Entity::update_many()
                .col_expr(table::Column::State, Expr::value(RUNNING))
                .col_expr(table::Column::TouchedAt, Expr::value(cx2.at()))
                .col_expr(table::Column::Progress, Expr::value(0))
                .filter(table::Column::Id.eq(id))
                .filter(table::Column::State.eq(before.state.as_str()))
                .filter(table::Column::TouchedAt.eq(before.touched_at))
                .exec(tx.conn())
                .await?;
            if done.rows_affected != 1 {
                return Err(CaseError::NotFound { kind: "list", id: id.to_string() });
            }
            let entry = cx2.entry("verification.batch_begin", subject(id), &before.region_code, json!({}));
            Ok(Recorded::new((), entry))
        })
    })
    .await;
    match taken {
        Ok(()) => Ok(true),
        Err(CaseError::NotFound { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// How far it is; false when it was cancelled meanwhile.
async fn progress(cx: &Cx, id: i64, done: usize) -> Result<bool> {
    let at = cx.at();
    let moved: Result<u64, tuodi_store::StoreError> = cx
        .store
        .upkeep(move |tx| {
            Box::pin(async move {
                let done = table::Entity::update_many()
                    .col_expr(table::Column::Progress, Expr::value(done as i32))
                    .col_expr(table::Column::TouchedAt, Expr::value(at))
                    .filter(table::Column::Id.eq(id))
                    .filter(table::Column::State.eq(RUNNING))
                    .exec(tx.conn())
                    .await?;
                Ok(done.rows_affected)
            })
        })
        .await;
    Ok(moved? == 1)
}

struct People {
    /// Everybody listed, with the household they are registered in.
    found: Vec<(PersonId, Option<HouseholdId>)>,
    not_found: Vec<String>,
}

async fn look_up(cx: &Cx, entries: &[Listed]) -> Result<People> {
    let mut numbers = Vec::new();
    let mut households = Vec::new();
    for entry in entries {
        match entry {
            Listed::Person(text) => numbers.extend(IdNo::parse(text).ok()),
            Listed::Household(id) => households.push(HouseholdId(*id)),
        }
    }
    let by_number = tuodi_registry::find_numbers(&cx.store, &numbers).await?;
    let members = tuodi_registry::members_of(&cx.store, &households).await?;
    let homes: HashSet<HouseholdId> = members.iter().map(|(_, home)| *home).collect();
    let mut not_found: Vec<String> =
        numbers.iter().filter(|n| !by_number.contains_key(n)).map(|n| n.as_str().to_owned()).collect();
    not_found.extend(households.iter().filter(|h| !homes.contains(h)).map(ToString::to_string));
    let mut seen = HashSet::new();
    let listed = numbers.iter().filter_map(|n| by_number.get(n).copied());
    let found = listed.chain(members.into_iter().map(|(person, home)| (person, Some(home))));
    Ok(People { found: found.filter(|(person, _)| seen.insert(*person)).collect(), not_found })
}

/// Households of which every adult has authorised the purpose. Only those with an authorisation at all are opened.
async fn authorised(cx: &Cx, purpose: &Purpose, homes: &HashSet<HouseholdId>) -> Result<HashSet<HouseholdId>> {
    let given: Vec<i64> = consent::Entity::find()
        .select_only()
        .column(consent::Column::HouseholdId)
        .distinct()
        .filter(consent::Column::Purpose.is_in(names(cx, &purpose.id)))
        .filter(consent::Column::WithdrawnAt.is_null())
        .filter(consent::Column::ReplacedAt.is_null())
        .filter(consent::Column::ValidUntil.gte(cx.today()))
        .into_tuple()
        .all(cx.store.read())
        .await?;
    let mut all = HashSet::new();
    for home in given.into_iter().map(HouseholdId).filter(|home| homes.contains(home)) {
        let household = household_of(cx, home).await?;
        match still_authorised(cx.store.read(), cx.store.keys(), cx, &household, &purpose.id, "").await {
            Ok(_) => {
                all.insert(home);
            }
            Err(CaseError::NoConsent { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

async fn work(cx: &Cx, findings: &dyn PassFindings, id: i64) -> Result<()> {
    let row = load(cx.store.read(), id).await?;
    let run = findings.newest().await.map_err(|e| tuodi_pack::EvaluateError::Fault(e.to_string()))?;
    let Some(run) = run else { return Err(CaseError::NoCheck) };
    let Some(purpose) = cx.pack.verification.purpose(&row.purpose) else { return Err(CaseError::NoCheck) };
    let entries = open_list(cx.store.keys(), &row)?;
    let people = look_up(cx, &entries).await?;
    if !progress(cx, id, entries.len() / 2).await? {
        return Ok(());
    }
    let homes: HashSet<HouseholdId> = people.found.iter().filter_map(|(_, home)| *home).collect();
    // Whose region is not the orderer's is not told about.
    let mut in_region = homes.clone();
    let whole = row.region_code == cx.pack.info.jurisdiction || row.region_code.bytes().all(|b| b == b'0');
    if !whole {
        let ids: Vec<HouseholdId> = homes.iter().copied().collect();
        let known = tuodi_registry::households(&cx.store, &ids).await?;
        let prefix = tuodi_pack::region::prefix(&row.region_code).to_owned();
        in_region.retain(|home| known.get(home).is_some_and(|h| h.region_code.starts_with(&prefix)));
    }
    let allowed = if purpose.consent { authorised(cx, purpose, &in_region).await? } else { in_region.clone() };
    let alerts = findings.alerts(&run, &purpose.indicators).await;
    let alerts = alerts.map_err(|e| tuodi_pack::EvaluateError::Fault(e.to_string()))?;
    let result = hold(cx, purpose, people, &in_region, &allowed, alerts, run);
    finish(cx, id, Ok(result)).await
}

/// The list against the findings.
fn hold(
    cx: &Cx,
    purpose: &Purpose,
    people: People,
    in_region: &HashSet<HouseholdId>,
    allowed: &HashSet<HouseholdId>,
    alerts: Vec<FoundAlert>,
    run: FoundRun,
) -> BatchResult {
    let mut result = BatchResult { not_found: people.not_found, ..BatchResult::default() };
    let mut checked: HashMap<PersonId, Option<HouseholdId>> = HashMap::with_capacity(people.found.len());
    for (person, home) in people.found {
        match home {
            Some(home) if !in_region.contains(&home) => result.outside_region += 1,
            Some(home) if !allowed.contains(&home) => result.unauthorised += 1,
            // Known by number only, in no household: nobody can have authorised for it.
            None if purpose.consent => result.unauthorised += 1,
            home => {
                checked.insert(person, home);
            }
        }
    }
    let homes: HashSet<HouseholdId> = checked.values().flatten().copied().collect();
    let mut counts: BTreeMap<&str, usize> = purpose.indicators.iter().map(|id| (id.as_str(), 0)).collect();
    for alert in alerts {
        let about = match alert.person {
            Some(person) => checked.contains_key(&person),
            None => homes.contains(&alert.household),
        };
        let Some(count) = counts.get_mut(alert.indicator.as_str()).filter(|_| about) else { continue };
        *count += 1;
        let facts = alert.evidence.iter().map(|fact| {
            let title =
                cx.pack.fact_title(&fact.name).unwrap_or_else(|| tuodi_pack::Text::new(&*fact.name, &*fact.name));
            let unit = cx.pack.fact(&fact.name).map_or("", |(_, of_pack)| of_pack.unit.as_str());
            (title, fact_text(fact.value.as_deref(), unit))
        });
        result.anomalies.push(Anomaly {
            facts: facts.collect(),
            indicator: alert.indicator,
            person: alert.person,
            household: alert.household,
        });
    }
    let kinds = purpose.indicators.iter().map(|id| Kind {
        title: cx.pack.indicator(id).map(|i| i.title.clone()).unwrap_or_default(),
        count: counts.get(id.as_str()).copied().unwrap_or(0),
        indicator: id.clone(),
    });
    result.kinds = kinds.collect();
    result.checked = checked.len();
    result.as_of = Some(run.as_of);
    result.run = run.id;
    result.pack_version = run.pack_version;
    result.snapshot = run.snapshot;
    result
}

async fn finish(cx: &Cx, id: i64, outcome: Result<BatchResult, &'static str>) -> Result<()> {
    let row = load(cx.store.read(), id).await?;
    if row.state == CANCELLED {
        return Ok(());
    }
    let cx2 = cx.clone();
    change(cx, "verification.batch_done", subject(id), "", move |tx| {
        Box::pin(async move {
            let mut update = table::Entity::update_many()
                .col_expr(table::Column::FinishedAt, Expr::value(cx2.at()))
                .col_expr(table::Column::TouchedAt, Expr::value(cx2.at()));
            let details = match outcome {
                Err(reason) => {
                    update = update
                        .col_expr(table::Column::State, Expr::value(FAILED))
                        .col_expr(table::Column::Reason, Expr::value(reason));
                    json!({ "reason": reason })
                }
                Ok(result) => {
                    let sealed = tx.keys().seal(RESULT, &serde_json::to_string(&result)?);
                    update = update
                        .col_expr(table::Column::State, Expr::value(DONE))
                        .col_expr(table::Column::Progress, Expr::value(row.listed))
                        .col_expr(table::Column::Checked, Expr::value(result.checked as i32))
                        .col_expr(table::Column::Anomalies, Expr::value(result.anomalies.len() as i32))
                        .col_expr(table::Column::NotFound, Expr::value(result.not_found.len() as i32))
                        .col_expr(table::Column::Unauthorised, Expr::value(result.unauthorised as i32))
                        .col_expr(table::Column::AsOf, Expr::value(result.as_of))
                        .col_expr(table::Column::Result, Expr::value(sealed));
                    json!({
                        "purpose": row.purpose, "listed": row.listed, "checked": result.checked,
                        "anomalies": result.anomalies.len(), "not_found": result.not_found.len(),
                        // Refused: nothing was looked up about these.
                        "unauthorised": result.unauthorised, "run": result.run, "as_of": result.as_of,
                    })
                }
            };
            // Cancelled while it was worked on: nothing of it is kept.
            let done = update
                .filter(table::Column::Id.eq(id))
                .filter(table::Column::State.eq(RUNNING))
                .exec(tx.conn())
                .await?;
            let act = if done.rows_affected == 1 { "verification.batch_done" } else { "verification.batch_dropped" };
            Ok(Recorded::new((), cx2.entry(act, subject(id), &row.region_code, details)))
        })
    })
    .await
}
