//! A verification begins: authorised, every source of the purpose asked, the first report if nobody has to be waited for.

use crate::{
    CaseError, CaseNo, Cx, FieldError,
    application::{at_level, household_of, open_case_of},
    change::{change, load},
    check::declared_values,
    consent,
    difference::{self, Difference},
    error::Result,
    overlay, rulings,
    tables::{benefit, verification_answer as answer, verification_request as request},
    verify::{
        AnswerState,
        answers::{self, via_id},
        report,
    },
};
use chrono::{Datelike, Duration, NaiveDate};
use sea_orm::{ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use tuodi_access::{Act, Resource, Sensitivity};
use tuodi_pack::{
    CheckResult, Evaluate, HouseholdId, OverlayRow, Purpose,
    ask::AskSources,
    region::RegionLevel,
    verification::{Ask, Via},
};
use tuodi_registry::Household;
use tuodi_store::{Recorded, next_number};

/// Whose means, what for, as of when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub household: HouseholdId,
    pub purpose: String,
    pub as_of: NaiveDate,
}

/// How this installation asks a source. A pack may name a connection that it does not have: then the pool speaks.
pub fn way(ask: &Ask, asks: &dyn AskSources) -> Via {
    match ask.via {
        Via::Pool => Via::Pool,
        Via::Connector if asks.connected(&ask.source) => Via::Connector,
        Via::Connector if asks.by_file(&ask.source) => Via::File,
        Via::Connector => Via::Pool,
        Via::File => Via::File,
    }
}

/// What [`order`] leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ordered {
    pub number: String,
    /// Sources that are still to answer.
    pub waiting: i32,
}

pub(super) fn subject(number: &str) -> String {
    format!("verification:{number}")
}

/// Asks the policies about one household's verifications.
pub(super) fn authorise(
    cx: &Cx,
    act: Act,
    household: HouseholdId,
    number: &str,
    region: &str,
    level: Sensitivity,
) -> Result<()> {
    let resource = Resource::of_household("verification", number, region, household, level);
    cx.access.authorise(&cx.actor, act, &resource, "verification")?;
    Ok(())
}

/// What the sources' answers come to, and what was declared otherwise.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub result: CheckResult,
    pub differences: Vec<Difference>,
}

/// As the pack says of the purpose. Outside a case the means of a family that is helped already are verified again: an agreement may cover the one and not
/// the other (DB57 art. 31).
async fn reading(cx: &Cx, household: HouseholdId, purpose: &str) -> Result<Purpose> {
    let of_pack = cx.pack.verification.reads(purpose);
    if of_pack != Purpose::Verification {
        return Ok(of_pack);
    }
    let helped = benefit::Entity::find()
        .filter(benefit::Column::HouseholdId.eq(household.0))
        .filter(benefit::Column::Status.eq("active"))
        .count(cx.store.read())
        .await?;
    Ok(if helped > 0 && purpose == cx.pack.main_purpose() { Purpose::Reverification } else { Purpose::Verification })
}

/// The engine asked as the case's own check asks it, with what sources replied beside the pool.
pub(super) async fn evaluate(
    cx: &Cx,
    engine: &dyn Evaluate,
    household: HouseholdId,
    as_of: NaiveDate,
    purpose: &str,
    case: Option<&CaseNo>,
    replied: Vec<OverlayRow>,
) -> Result<Found> {
    let (conn, keys) = (cx.store.read(), cx.store.keys());
    let ruled = rulings::of_household(conn, keys, &cx.pack, household).await?;
    let Some(case) = case else {
        let all: Vec<_> = replied.into_iter().chain(ruled).collect();
        let reading = reading(cx, household, purpose).await?;
        let result = engine.read_for(reading, household, as_of, &all).await?;
        return Ok(Found { result, differences: Vec::new() });
    };
    let file = load(conn, case).await?;
    let (declared_rows, mut known) = overlay::of_case(conn, keys, &cx.pack, &file).await?;
    known.extend(replied);
    known.extend(ruled);
    let law_of = file.accepted_on.unwrap_or(as_of);
    let supplied = engine.check_under(household, as_of, law_of, &known).await?;
    let all: Vec<_> = declared_rows.into_iter().chain(known).collect();
    let result = engine.check_under(household, as_of, law_of, &all).await?;
    let declared = declared_values(conn, keys, case.as_str()).await?;
    let differences = difference::compare(&cx.pack, &declared, &[], &supplied, &[]);
    Ok(Found { result, differences })
}

/// What the pool answers for a source: rows of these people, none, or that the department has delivered nothing.
struct OfPool {
    state: AnswerState,
    rows: i32,
    data_date: Option<NaiveDate>,
    reason: &'static str,
}

fn of_pool(source: &str, result: &CheckResult, arrivals: &BTreeMap<String, NaiveDate>) -> OfPool {
    // No agreement covers the purpose: the engine did not read it, and what it would have said is unknown.
    if result.withheld.iter().any(|w| w.source == source) {
        return OfPool { state: AnswerState::Refused, rows: 0, data_date: None, reason: "no_agreement" };
    }
    let of_source = result.rows.iter().filter(|row| row.source == source);
    let rows = of_source.clone().count() as i32;
    let newest = of_source.filter_map(|row| row.arrived.parse().ok()).max();
    let data_date = arrivals.get(source).copied().or(newest);
    let (state, reason) = match rows {
        0 if data_date.is_none() && !arrivals.is_empty() => (AnswerState::Failed, "no_data"),
        0 => (AnswerState::Silent, ""),
        _ => (AnswerState::Answered, ""),
    };
    OfPool { state, rows, data_date, reason }
}

/// Orders a verification. Refused, and the refusal journalled, without every adult's authorisation (DB57 art. 9).
///
/// Sources of the pool answer at once; where none is waited for, the report is there when this returns.
pub async fn order(cx: &Cx, engine: &dyn Evaluate, asks: &dyn AskSources, order: Order, key: &str) -> Result<Ordered> {
    let household = household_of(cx, order.household).await?;
    let region = household.region_code.clone();
    authorise(cx, Act::RecordCheck, household.id, "", &region, Sensitivity::Personal)?;
    let Some(purpose) = cx.pack.verification.purpose(&order.purpose) else {
        return Err(CaseError::Invalid(vec![FieldError::new("purpose", "error.choice")]));
    };
    if order.as_of > cx.today() {
        return Err(CaseError::Invalid(vec![FieldError::new("as_of", "error.future")]));
    }
    let case = open_case_of(cx, household.id).await?;
    consent::require(cx, &household, purpose, case.as_ref().map_or("", CaseNo::as_str)).await?;
    let wait = Duration::seconds(i64::from(purpose.wait_seconds));
    let arrivals = engine.arrivals().await?;
    let found = evaluate(cx, engine, household.id, order.as_of, &order.purpose, case.as_ref(), Vec::new()).await?;
    let asked: Vec<(Ask, Via)> =
        cx.pack.verification.asked_for(&order.purpose).map(|ask| (ask.clone(), way(ask, asks))).collect();
    let (cx2, about) = (cx.clone(), format!("household:{}", household.id));
    change(cx, "verification.order", about, key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            // Taken back while the engine was thinking: nothing is asked.
            let in_case = case.as_ref().map_or("", CaseNo::as_str);
            still_authorised(tx.conn(), tx.keys(), &cx, &household, &order.purpose, in_case).await?;
            let year = cx.today().year();
            let n = next_number(tx, &format!("verification:{year}")).await?;
            let number = format!("{}HD{:02}-{n:05}", cx.pack.info.case_prefix, year.rem_euclid(100));
            let waiting = asked.iter().filter(|(_, via)| *via != Via::Pool).count() as i32;
            let row = request::Model {
                number: number.clone(),
                household_id: household.id.0,
                case_no: case.as_ref().map(|c| c.0.clone()),
                purpose: order.purpose.clone(),
                as_of: order.as_of,
                township: at_level(&region, RegionLevel::Township),
                county: at_level(&region, RegionLevel::County),
                region_code: region.clone(),
                state: report::WAITING.to_owned(),
                waiting,
                hold_until: cx.at() + wait,
                edition: 0,
                missing: 0,
                conflicts: 0,
                tier: None,
                ordered_by: cx.actor.account.clone(),
                ordered_at: cx.at(),
                updated_at: cx.at(),
            };
            let mut answers = Vec::with_capacity(asked.len());
            for (ask, via) in &asked {
                let pool = (*via == Via::Pool).then(|| of_pool(&ask.source, &found.result, &arrivals));
                let token = tx.keys().token("verification.key", &format!("{number}:{}", ask.source));
                let limit_at = cx.at() + Duration::hours(i64::from(ask.limit_hours));
                let reason = match via {
                    Via::File => "unlisted",
                    _ => pool.as_ref().map_or("", |p| p.reason),
                };
                answers.push(answer::ActiveModel {
                    id: NotSet,
                    number: Set(number.clone()),
                    source: Set(ask.source.clone()),
                    via: Set(via_id(*via).to_owned()),
                    state: Set(pool.as_ref().map_or(AnswerState::Waiting, |p| p.state).id().to_owned()),
                    key: Set(format!("{number}-{}-{token}", ask.source)),
                    asked_at: Set(cx.at()),
                    answered_at: Set(pool.as_ref().map(|_| cx.at())),
                    limit_at: Set(limit_at),
                    tries: Set(0),
                    // A list is made by a person; here only its time is kept.
                    next_try_at: Set(if *via == Via::File { limit_at } else { cx.at() }),
                    data_date: Set(pool.as_ref().and_then(|p| p.data_date)),
                    rows: Set(pool.as_ref().map_or(0, |p| p.rows)),
                    reason: Set(reason.to_owned()),
                    words: Set(None),
                    changed: Set(false),
                    content: Set(None),
                    round: Set(None),
                });
            }
            let insert = request::Entity::insert(sea_orm::IntoActiveModel::into_active_model(row.clone()));
            insert.exec_without_returning(tx.conn()).await?;
            if !answers.is_empty() {
                answer::Entity::insert_many(answers).exec_without_returning(tx.conn()).await?;
            }
            let withheld: Vec<&str> = found.result.withheld.iter().map(|w| w.source.as_str()).collect();
            let details = json!({
                "household": household.id.0, "purpose": order.purpose, "as_of": order.as_of,
                "case": case, "sources": asked.len(), "waiting": waiting, "withheld": withheld,
            });
            let entry = cx.entry("verification.order", subject(&number), &region, details);
            let recorded = Recorded::new(Ordered { number: number.clone(), waiting }, entry);
            if waiting > 0 {
                return Ok(recorded);
            }
            let answers = answers::of_request(tx.conn(), &number).await?;
            let issued = report::issue(tx, &cx, row, &household, &answers, &found).await?;
            Ok(recorded.and(issued))
        })
    })
    .await
}

/// The same question as [`consent::require`] within a change, where a refusal undoes it.
pub(super) async fn still_authorised(
    conn: &impl sea_orm::ConnectionTrait,
    keys: &tuodi_store::Keys,
    cx: &Cx,
    household: &Household,
    purpose: &str,
    case: &str,
) -> Result<BTreeMap<i64, i64>> {
    let needed = cx.pack.verification.purpose(purpose).is_none_or(|p| p.consent);
    if !needed {
        return Ok(BTreeMap::new());
    }
    let given = consent::in_force(conn, cx, household.id.0, purpose, case).await?;
    let given: BTreeMap<i64, i64> = given.into_iter().map(|row| (row.person_id, row.id)).collect();
    let adults = consent::adults(conn, keys, cx, household, case).await?;
    let persons: Vec<_> = adults.iter().map(|m| m.id).filter(|id| !given.contains_key(&id.0)).collect();
    if persons.is_empty() { Ok(given) } else { Err(CaseError::NoConsent { persons }) }
}
