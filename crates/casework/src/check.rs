//! The economic check: the engine's report, kept with what it rests on, and the differences a person judges.

use crate::{
    CaseError, CaseNo, CaseState, Cx, Event, FieldError, NextStep,
    application::household_of,
    change::{change, finish, load, load_at, moved, put, put_due, state_of},
    consent::{self, adults_without_consent},
    course,
    difference::{self, DeclaredValue, Difference, Judgement, Resolution, UnknownFact, Use},
    error::Result,
    matters, overlay, papers, rulings,
    state::advance,
    tables::{case_file, declared_fact, verification},
    visit,
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tuodi_access::Act;
use tuodi_pack::{CheckResult, Evaluate, Fen, HouseholdId, OverlayRow, PersonId, workflow::Course};
use tuodi_store::{Keys, Store, Tx};

/// What one run of the check says, for the page that started it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Checked {
    pub tier: String,
    pub monthly: Fen,
    /// Differences that wait for a person's judgement.
    pub to_judge: usize,
    /// Facts that could still change the tier and that nobody supplied.
    pub unknown: usize,
    pub state: CaseState,
    pub version: i32,
}

/// What a report was made of, and the report as it was stored, letter by letter: enough to make it again.
#[derive(Debug, Clone)]
pub struct Report {
    pub id: i64,
    pub household: HouseholdId,
    pub as_of: NaiveDate,
    pub pack_version: String,
    pub pack_digest: String,
    pub snapshot: String,
    /// Rows that the case itself had added; `None` in a report older than their keeping.
    pub added: Option<Vec<OverlayRow>>,
    pub report: String,
    pub run_at: DateTime<Utc>,
}

/// Every report of a case, the oldest first. For the operator's own verbs: no page asks for it.
pub async fn reports(store: &Store, case: &CaseNo) -> Result<Vec<Report>> {
    let file = load(store.read(), case).await?;
    let rows = verification::Entity::find()
        .filter(verification::Column::CaseNo.eq(case.0.as_str()))
        .order_by_asc(verification::Column::Id)
        .all(store.read())
        .await?;
    let keys = store.keys();
    rows.into_iter()
        .map(|row| {
            let added = row.added.map(|sealed| keys.open("verification.added", &sealed)).transpose()?;
            Ok(Report {
                id: row.id,
                household: HouseholdId(file.household_id),
                as_of: row.as_of,
                pack_version: row.pack_version,
                pack_digest: row.pack_digest,
                snapshot: row.snapshot,
                added: added.map(|text| serde_json::from_str(&text)).transpose()?,
                report: keys.open("verification.report", &row.report)?,
                run_at: row.run_at,
            })
        })
        .collect()
}

/// A verification report, opened.
#[derive(Debug, Clone)]
pub struct Verification {
    pub id: i64,
    pub as_of: NaiveDate,
    pub pack_version: String,
    pub snapshot: String,
    pub result: CheckResult,
    pub differences: Vec<Difference>,
    pub unknown: Vec<UnknownFact>,
    pub run_by: String,
    pub run_at: DateTime<Utc>,
}

/// The sealed part beside the engine's own report.
#[derive(Serialize, Deserialize)]
struct Judged {
    differences: Vec<Difference>,
    unknown: Vec<UnknownFact>,
}

fn open(keys: &Keys, row: &verification::Model) -> Result<Verification> {
    let judged: Judged = serde_json::from_str(&keys.open("verification.differences", &row.differences)?)?;
    Ok(Verification {
        id: row.id,
        as_of: row.as_of,
        pack_version: row.pack_version.clone(),
        snapshot: row.snapshot.clone(),
        result: serde_json::from_str(&keys.open("verification.report", &row.report)?)?,
        differences: judged.differences,
        unknown: judged.unknown,
        run_by: row.run_by.clone(),
        run_at: row.run_at,
    })
}

async fn latest_row(conn: &impl ConnectionTrait, case: &str) -> Result<Option<verification::Model>> {
    Ok(verification::Entity::find()
        .filter(verification::Column::CaseNo.eq(case))
        .order_by_desc(verification::Column::Id)
        .one(conn)
        .await?)
}

/// The last report of a case.
pub(crate) async fn latest(conn: &impl ConnectionTrait, keys: &Keys, case: &str) -> Result<Option<Verification>> {
    latest_row(conn, case).await?.map(|row| open(keys, &row)).transpose()
}

pub(crate) async fn declared_values(
    conn: &impl ConnectionTrait,
    keys: &Keys,
    case: &str,
) -> Result<Vec<DeclaredValue>> {
    let rows = declared_fact::Entity::find()
        .filter(declared_fact::Column::CaseNo.eq(case))
        .order_by_asc(declared_fact::Column::Id)
        .all(conn)
        .await?;
    let mut values = Vec::with_capacity(rows.len());
    for row in rows {
        let value = match &row.value {
            Some(sealed) => keys.open("declared_fact.value", sealed)?.parse().ok(),
            None => None,
        };
        values.push(DeclaredValue { person: row.person_id.map(PersonId), name: row.name, value });
    }
    Ok(values)
}

/// What the case waits for once a check, a visit or a judgement is in, and the state that says so (transitions 10 to 12).
/// `state` is where the table has taken the case by that.
pub(crate) fn settle(
    cx: &Cx,
    file: &mut case_file::Model,
    state: CaseState,
    to_judge: i32,
    unknown: i32,
) -> Result<()> {
    if state == CaseState::Objection {
        // Whoever objected was told a day; a visit does not move it.
        put_due(cx, file, state, NextStep::ResolveObjection, file.step_due);
        return Ok(());
    }
    if state == CaseState::Reverifying {
        // Somebody says what it comes to, by the day that was set when it began.
        put_due(cx, file, state, NextStep::Recheck, file.step_due);
        return Ok(());
    }
    if !file.checked {
        return put(cx, file, CaseState::Checking, NextStep::RunCheck);
    }
    if !file.visited {
        return put(cx, file, CaseState::Surveying, NextStep::Visit);
    }
    let next = if to_judge > 0 { NextStep::ExplainDifferences } else { NextStep::Opinion };
    if to_judge == 0 && unknown == 0 {
        return put(cx, file, CaseState::Surveying, next);
    }
    // Second human intervention: a conflict, or a deciding fact that nobody knows (transition 11).
    let state = advance(state, Event::Conflict).unwrap_or(state);
    put(cx, file, state, next)
}

/// Runs the check. Refused without every adult's authorisation (DB57 art. 9).
///
/// The engine is asked twice: without the declaration, to show what departments supplied beside what was declared;
/// and with it, which is the finding.
pub async fn run_check(cx: &Cx, engine: &dyn Evaluate, case: &CaseNo, version: i32) -> Result<Checked> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::RecordCheck, &file, Vec::new())?;
    check(cx, engine, case, version).await
}

/// The check itself; whoever calls has been authorised.
pub(crate) async fn check(cx: &Cx, engine: &dyn Evaluate, case: &CaseNo, version: i32) -> Result<Checked> {
    let file = load(cx.store.read(), case).await?;
    moved(&file, Event::CheckDone)?;
    let household = household_of(cx, HouseholdId(file.household_id)).await?;
    let keys = cx.store.keys();
    let persons = adults_without_consent(cx.store.read(), keys, cx, &file, &household).await?;
    if !persons.is_empty() {
        consent::refused(cx, case.subject(), &file.region_code, cx.pack.main_purpose(), &persons).await?;
        return Err(CaseError::NoConsent { persons });
    }
    let (declared_rows, mut visited) = overlay::of_case(cx.store.read(), keys, &cx.pack, &file).await?;
    visited.extend(rulings::of_household(cx.store.read(), keys, &cx.pack, household.id).await?);
    // The law of the day of acceptance, the facts of today (b24): whoever was accepted before the amounts changed is decided
    // by those that held then.
    // A check while help is given goes by what holds now.
    let (today, accepted) = (cx.today(), file.accepted_on.filter(|_| state_of(&file) != CaseState::Reverifying));
    let law_of = accepted.unwrap_or(today);
    let supplied = engine.check_under(household.id, today, law_of, &visited).await?;
    let all: Vec<_> = declared_rows.into_iter().chain(visited).collect();
    let result = engine.check_under(household.id, today, law_of, &all).await?;
    let declared = declared_values(cx.store.read(), keys, &case.0).await?;
    let earlier = latest(cx.store.read(), keys, &case.0).await?.map(|v| v.differences).unwrap_or_default();
    let visits = visit::of_case(cx.store.read(), keys, &case.0).await?;
    let differences = difference::compare(&cx.pack, &declared, &visit::of_visits(&visits), &supplied, &earlier);
    let unknown = difference::unknown_facts(&cx.pack, &result);

    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.check", case.subject(), "", move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut file = load_at(tx, &case2, version).await?;
            let from = state_of(&file);
            let to = moved(&file, Event::CheckDone)?;
            // Withdrawn while the engine was thinking: the report is not kept.
            let persons = adults_without_consent(tx.conn(), tx.keys(), &cx, &file, &household).await?;
            if !persons.is_empty() {
                return Err(CaseError::NoConsent { persons });
            }
            let to_judge = differences.iter().filter(|d| d.waits_for_judgement()).count();
            let n_unknown = unknown.len();
            let row = verification::ActiveModel {
                id: NotSet,
                case_no: Set(case2.0.clone()),
                as_of: Set(result.as_of),
                pack_version: Set(result.pack_version.clone()),
                snapshot: Set(result.snapshot.clone()),
                tier: Set(result.tier.clone()),
                monthly: Set(result.monthly.0),
                report: Set(tx.keys().seal("verification.report", &serde_json::to_string(&result)?)),
                differences: Set(seal_judged(tx.keys(), &differences, &unknown)?),
                pack_digest: Set(cx.pack.digest.clone()),
                added: Set(Some(tx.keys().seal("verification.added", &serde_json::to_string(&all)?))),
                to_judge: Set(to_judge as i32),
                unknown: Set(n_unknown as i32),
                run_by: Set(cx.actor.account.clone()),
                run_at: Set(cx.at()),
            };
            verification::Entity::insert(row).exec_without_returning(tx.conn()).await?;
            matters::propose_in(tx, &cx, &file, &result.matters).await?;
            file.tier = Some(result.tier.clone());
            file.checked = true;
            settle(&cx, &mut file, to, to_judge as i32, n_unknown as i32)?;
            let forward = course_of(tx, &cx, &mut file, &result, &differences, &unknown).await?;
            let details = json!({
                "tier": result.tier, "monthly": result.monthly.0, "as_of": result.as_of, "law_of": result.law_of,
                "pack": result.pack_version, "snapshot": result.snapshot,
                "to_judge": to_judge, "unknown": n_unknown,
            });
            let told = if forward { Some(file.clone()) } else { None };
            let recorded = finish(tx, &cx, file, from, "case.check", details, |file| Checked {
                tier: result.tier.clone(),
                monthly: result.monthly,
                to_judge,
                unknown: n_unknown,
                state: state_of(file),
                version: file.version,
            })
            .await?;
            match told {
                Some(file) => Ok(recorded.and(course::told(tx, &cx, &file).await?)),
                None => Ok(recorded),
            }
        })
    })
    .await
}

/// What the course of the case makes of a check after the visit: put before the leader by the platform (true), looked at by
/// a person for an anomaly, or an officer's opinion as ever.
async fn course_of(
    tx: &Tx,
    cx: &Cx,
    file: &mut case_file::Model,
    result: &CheckResult,
    differences: &[Difference],
    unknown: &[UnknownFact],
) -> Result<bool> {
    if file.decided_on.is_some() {
        // What is checked after a decision goes its own way.
        return Ok(false);
    }
    let (course, judged) = course::judge(tx, cx, file, result, differences, unknown).await?;
    let at = state_of(file);
    if course != Course::PutForward || at != CaseState::Surveying || !file.visited {
        return Ok(false);
    }
    if let Some(clean) = &judged.clean {
        course::put_forward(tx, cx, file, clean).await?;
        return Ok(true);
    }
    if judged.anomalous()
        && let Some(state) = advance(at, Event::Conflict)
    {
        put(cx, file, state, NextStep::Opinion)?;
    }
    Ok(false)
}

fn seal_judged(keys: &Keys, differences: &[Difference], unknown: &[UnknownFact]) -> Result<Vec<u8>> {
    let judged = Judged { differences: differences.into(), unknown: unknown.into() };
    Ok(keys.seal("verification.differences", &serde_json::to_string(&judged)?))
}

/// An officer's judgement of one difference, with its reason and what shows it.
///
/// # Errors
/// [`CaseError::Invalid`] with the fields `reason`, `use` and `paper`.
pub async fn resolve_difference(
    cx: &Cx,
    case: &CaseNo,
    version: i32,
    difference: u32,
    judgement: Judgement,
) -> Result<i32> {
    let Judgement { use_, reason, paper } = judgement;
    let reason = reason.trim().to_owned();
    let mut problems = Vec::new();
    if reason.is_empty() {
        problems.push(FieldError::new("reason", "error.required"));
    }
    if use_ == Use::Declared && paper.is_none() {
        problems.push(FieldError::new("paper", "error.required"));
    }
    if !problems.is_empty() {
        return Err(CaseError::Invalid(problems));
    }
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::Review, &file, Vec::new())?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.judge", case.subject(), "", move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut file = load_at(tx, &case2, version).await?;
            let from = state_of(&file);
            let judged = moved(&file, Event::Judge)?;
            if let Some(id) = paper
                && !papers::kinds_on_file(tx.conn(), &file).await?.iter().any(|(on_file, _)| *on_file == id)
            {
                return Err(CaseError::Invalid(vec![FieldError::new("paper", "error.choice")]));
            }
            let row = latest_row(tx.conn(), &case2.0).await?.ok_or(CaseError::NoCheck)?;
            let mut report = open(tx.keys(), &row)?;
            let found = report
                .differences
                .iter_mut()
                .find(|d| d.id == difference)
                .ok_or_else(|| CaseError::NotFound { kind: "difference", id: difference.to_string() })?;
            if use_ == Use::Seen && found.seen.is_none() {
                return Err(CaseError::Invalid(vec![FieldError::new("use", "error.choice")]));
            }
            found.resolution = Some(Resolution { use_, reason, paper, by: cx.actor.account.clone() });
            let item = found.item.clone();
            let to_judge = report.differences.iter().filter(|d| d.waits_for_judgement()).count() as i32;
            let unknown = row.unknown;
            let mut active = row.into_active_model();
            active.differences = Set(seal_judged(tx.keys(), &report.differences, &report.unknown)?);
            active.to_judge = Set(to_judge);
            verification::Entity::update(active).exec(tx.conn()).await?;
            let settled = to_judge == 0 && unknown == 0;
            let to = if settled { judged } else { from };
            settle(&cx, &mut file, to, to_judge, unknown)?;
            let details = json!({ "item": item, "use": use_, "paper": paper, "left": to_judge });
            finish(tx, &cx, file, from, "case.judge", details, |file| file.version).await
        })
    })
    .await
}
