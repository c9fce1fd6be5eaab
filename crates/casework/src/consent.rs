//! Authorisation of the economic check by every adult member: first the authorisation, then the check (DB57 art. 9). It
//! is given for one purpose, until a day, and can be taken back at any time.
//!
//! Whatever asks about a household's means asks here first; a refusal is journalled.

use crate::{
    CaseError, CaseNo, CaseState, Cx, Evidence, FieldError, Mark, NextStep,
    acceptance::accept_in,
    application::{household_of, name_in, open_case_of},
    change::{change, finish, load, put, state_of, typed},
    draft,
    error::Result,
    tables::{case_file, consent},
    verify,
};
use chrono::Months;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use tuodi_access::{Act, Resource, Role, Sensitivity};
use tuodi_pack::{HouseholdId, PersonId, verification::Purpose};
use tuodi_registry::{Household, Person};
use tuodi_store::{Keys, Recorded, Tx};

#[derive(Clone)]
pub struct ConsentForm {
    pub person: PersonId,
    /// As the person wrote it.
    pub name: String,
    pub mark: Mark,
    /// The signature or the scanned form, where there is one.
    pub evidence: Option<Evidence>,
}

/// How rows name the authorisation for a purpose: those older than the column leave that of applications out.
pub(crate) fn names(cx: &Cx, purpose: &str) -> Vec<String> {
    let purpose = cx.pack.verification.authorising(purpose);
    let main = purpose == cx.pack.main_purpose();
    [purpose].into_iter().chain(main.then_some("")).map(str::to_owned).collect()
}

/// Authorisations of a household that hold today for a purpose. One without a last day holds for its own case only.
pub(crate) async fn in_force(
    conn: &impl ConnectionTrait,
    cx: &Cx,
    household: i64,
    purpose: &str,
    case: &str,
) -> Result<Vec<consent::Model>> {
    let rows = consent::Entity::find()
        .filter(consent::Column::HouseholdId.eq(household))
        .filter(consent::Column::Purpose.is_in(names(cx, purpose)))
        .filter(consent::Column::WithdrawnAt.is_null())
        .filter(consent::Column::ReplacedAt.is_null())
        .order_by_asc(consent::Column::Id)
        .all(conn)
        .await?;
    let holds = |row: &consent::Model| match row.valid_until {
        Some(until) => until >= cx.today(),
        None => !case.is_empty() && row.case_no == case,
    };
    Ok(rows.into_iter().filter(holds).collect())
}

/// Adults who live with the household of a case and have no authorisation in force.
pub(crate) async fn adults_without_consent(
    conn: &impl ConnectionTrait,
    keys: &Keys,
    cx: &Cx,
    file: &case_file::Model,
    household: &Household,
) -> Result<Vec<PersonId>> {
    let given = in_force(conn, cx, file.household_id, cx.pack.main_purpose(), &file.case_no).await?;
    let given: HashSet<i64> = given.into_iter().map(|row| row.person_id).collect();
    let fields = typed(conn, keys, &file.case_no).await?;
    Ok(draft::living_here(&fields, &household.members)
        .into_iter()
        .filter(|m| draft::is_adult(m, cx.today()) && !given.contains(&m.id.0))
        .map(|m| m.id)
        .collect())
}

/// Adults of the household, as its open case counts them or as the register does.
pub(crate) async fn adults(
    conn: &impl ConnectionTrait,
    keys: &Keys,
    cx: &Cx,
    household: &Household,
    case: &str,
) -> Result<Vec<Person>> {
    let fields = if case.is_empty() { draft::Fields::new() } else { typed(conn, keys, case).await? };
    let here = draft::living_here(&fields, &household.members);
    Ok(here.into_iter().filter(|m| draft::is_adult(m, cx.today())).cloned().collect())
}

/// The authorisations that a question about a household rests on, one an adult: number by person. Refused, and the refusal
/// journalled, where one is missing.
pub(crate) async fn require(
    cx: &Cx,
    household: &Household,
    purpose: &Purpose,
    case: &str,
) -> Result<HashMap<PersonId, i64>> {
    let persons = match held(cx, household, purpose, case).await? {
        Ok(given) => return Ok(given),
        Err(persons) => persons,
    };
    refused(cx, format!("household:{}", household.id), &household.region_code, &purpose.id, &persons).await?;
    Err(CaseError::NoConsent { persons })
}

/// The authorisations that hold for this purpose by person, or the adults whose own is lacking.
pub(crate) async fn held(
    cx: &Cx,
    household: &Household,
    purpose: &Purpose,
    case: &str,
) -> Result<std::result::Result<HashMap<PersonId, i64>, Vec<PersonId>>> {
    if !purpose.consent {
        return Ok(Ok(HashMap::new()));
    }
    let conn = cx.store.read();
    let given = in_force(conn, cx, household.id.0, &purpose.id, case).await?;
    let given: HashMap<PersonId, i64> = given.into_iter().map(|row| (PersonId(row.person_id), row.id)).collect();
    let adults = adults(conn, cx.store.keys(), cx, household, case).await?;
    let persons: Vec<PersonId> = adults.iter().map(|m| m.id).filter(|id| !given.contains_key(id)).collect();
    // Children alone: their guardian's word is taken in a case (DB57 art. 9).
    let complete = persons.is_empty() && !(adults.is_empty() && case.is_empty());
    Ok(if complete { Ok(given) } else { Err(persons) })
}

/// A question that was not asked is on record too.
pub(crate) async fn refused(cx: &Cx, subject: String, region: &str, purpose: &str, persons: &[PersonId]) -> Result<()> {
    let details = json!({ "purpose": purpose, "persons": persons, "channel": cx.channel.id() });
    let entry = cx.entry("verification.refused", subject.clone(), region, details);
    change(cx, "verification.refused", subject, "", move |_| Box::pin(async move { Ok(Recorded::new((), entry)) }))
        .await
}

fn same_name(typed: &str, registered: &str) -> bool {
    let plain = |s: &str| s.chars().filter(|c| !c.is_whitespace() && !matches!(c, '·' | '•' | '.')).collect::<String>();
    let (typed, registered) = (plain(typed), plain(registered));
    !typed.is_empty() && (registered.is_empty() || typed == registered)
}

/// A proxy whose mandate says so signs for whoever entrusted them, never for another adult: that one's word is their own
/// (PIPL art. 29).
fn own_hand(cx: &Cx, person: PersonId) -> Result<()> {
    if cx.actor.role == Role::Proxy && cx.actor.person != Some(person) {
        return Err(CaseError::Invalid(vec![FieldError::new("name", "error.own_hand")]));
    }
    Ok(())
}

/// Who signs is a member of the household and writes their own name.
fn signs<'h>(cx: &Cx, household: &'h Household, form: &ConsentForm) -> Result<&'h Person> {
    let member = household
        .members
        .iter()
        .find(|m| m.id == form.person)
        .ok_or_else(|| CaseError::NotFound { kind: "member of household", id: form.person.to_string() })?;
    own_hand(cx, member.id)?;
    if !same_name(&form.name, &member.name) {
        return Err(CaseError::Invalid(vec![FieldError::new("name", "error.name_differs")]));
    }
    Ok(member)
}

/// Writes one authorisation down. Clicked twice, the first one holds; one that holds longer, or with a signature where
/// there was none, takes the place of the earlier.
async fn record(tx: &Tx, cx: &Cx, household: i64, case: &str, purpose: &str, form: &ConsentForm) -> Result<()> {
    let months = cx.pack.verification.purpose(purpose).map_or(0, |p| p.consent_months);
    let until = (months > 0).then(|| cx.today() + Months::new(months));
    let held = in_force(tx.conn(), cx, household, purpose, case).await?;
    let held: Vec<_> = held.into_iter().filter(|row| row.person_id == form.person.0).collect();
    if form.evidence.is_none() && held.iter().any(|row| row.valid_until.is_none_or(|u| until.is_none_or(|v| u >= v))) {
        return Ok(());
    }
    // Also one that has run out: it stands in the way of the new one.
    consent::Entity::update_many()
        .col_expr(consent::Column::ReplacedAt, Expr::value(cx.at()))
        .filter(consent::Column::HouseholdId.eq(household))
        .filter(consent::Column::PersonId.eq(form.person.0))
        .filter(consent::Column::Purpose.is_in(names(cx, purpose)))
        .filter(consent::Column::WithdrawnAt.is_null())
        .filter(consent::Column::ReplacedAt.is_null())
        .exec(tx.conn())
        .await?;
    let row = consent::ActiveModel {
        case_no: Set(case.to_owned()),
        household_id: Set(household),
        person_id: Set(form.person.0),
        purpose: Set(purpose.to_owned()),
        name: Set(tx.keys().seal("consent.name", form.name.trim())),
        mark: Set(form.mark.id().to_owned()),
        channel: Set(cx.channel.id().to_owned()),
        taken_by: Set(cx.actor.account.clone()),
        given_at: Set(cx.at()),
        valid_until: Set(until),
        withdrawn_at: Set(None),
        withdrawn_by: Set(None),
        replaced_at: Set(None),
        ..Default::default()
    };
    let done = consent::Entity::insert(row).exec(tx.conn()).await?;
    if let Some(evidence) = &form.evidence {
        evidence.keep(tx, done.last_insert_id).await?;
    }
    Ok(())
}

/// For the journal: how it was given, never by whose name.
fn told(cx: &Cx, purpose: &str, form: &ConsentForm) -> serde_json::Value {
    json!({
        "person": form.person.0, "purpose": purpose, "mark": form.mark.id(), "channel": cx.channel.id(),
        "evidence_sha256": form.evidence.as_ref().map(Evidence::sha256),
    })
}

/// Records one adult's authorisation. With the last one, a submitted application that is otherwise complete is
/// accepted and its clock starts.
pub async fn give_consent(cx: &Cx, case: &CaseNo, form: ConsentForm) -> Result<()> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::Consent, &file, Vec::new())?;
    let household = household_of(cx, HouseholdId(file.household_id)).await?;
    signs(cx, &household, &form)?;
    let to_name = name_in(&household, file.applicant_id);
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.consent", case.subject(), "", move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut file = load(tx.conn(), &case2).await?;
            let from = state_of(&file);
            if !from.is_open() {
                return Err(CaseError::WrongStage { case: case2, found: from, event: crate::Event::Submit });
            }
            let purpose = cx.pack.main_purpose();
            record(tx, &cx, file.household_id, case2.as_str(), purpose, &form).await?;
            let left = adults_without_consent(tx.conn(), tx.keys(), &cx, &file, &household).await?.len();
            let complete =
                left == 0 && from == CaseState::Submitted && cx.pack.regions.get(&file.region_code).is_some();
            if left == 0 && matches!(from, CaseState::AwaitingConsent) {
                put(&cx, &mut file, from, NextStep::FillIn)?;
            } else if left == 0 && from == CaseState::Submitted {
                put(&cx, &mut file, from, NextStep::Accept)?;
            }
            let mut details = told(&cx, purpose, &form);
            details["left"] = left.into();
            let mut saved = None;
            let recorded =
                finish(tx, &cx, file, from, "case.consent", details, |file| saved = Some(file.clone())).await?;
            match saved.filter(|_| complete) {
                Some(file) => {
                    let (_, entries) = accept_in(tx, &cx, file, &to_name).await?;
                    Ok(entries.into_iter().fold(recorded, Recorded::and))
                }
                None => Ok(recorded),
            }
        })
    })
    .await
}

/// What is asked of the policies about a household's authorisations.
pub(crate) fn authorise(cx: &Cx, act: Act, household: &Household, level: Sensitivity) -> Result<()> {
    let (id, region) = (household.id, household.region_code.as_str());
    let resource = Resource::of_household("household", id.to_string(), region, id, level);
    cx.access.authorise(&cx.actor, act, &resource, "verification")?;
    Ok(())
}

/// Records one adult's authorisation for a purpose, in the household's open case where it is that of the case.
pub async fn give_household_consent(cx: &Cx, household: HouseholdId, purpose: &str, form: ConsentForm) -> Result<()> {
    let found = household_of(cx, household).await?;
    authorise(cx, Act::Consent, &found, Sensitivity::Personal)?;
    let known = cx.pack.verification.purpose(purpose).is_some_and(|p| p.takes_consent());
    if !known {
        return Err(CaseError::Invalid(vec![FieldError::new("purpose", "error.choice")]));
    }
    if purpose == cx.pack.main_purpose()
        && let Some(case) = open_case_of(cx, household).await?
    {
        return give_consent(cx, &case, form).await;
    }
    let member = signs(cx, &found, &form)?;
    if !draft::is_adult(member, cx.today()) {
        return Err(CaseError::Invalid(vec![FieldError::new("person", "error.choice")]));
    }
    let subject = format!("household:{household}");
    let (cx2, subject2, purpose) = (cx.clone(), subject.clone(), purpose.to_owned());
    change(cx, "consent.give", subject, "", move |tx| {
        Box::pin(async move {
            record(tx, &cx2, household.0, "", &purpose, &form).await?;
            let details = told(&cx2, &purpose, &form);
            Ok(Recorded::new((), cx2.entry("consent.give", subject2, &found.region_code, details)))
        })
    })
    .await
}

/// Ends a person's authorisations for a purpose and whatever was still being asked on them. Returns how many sources
/// are asked no further.
async fn end(tx: &Tx, cx: &Cx, household: i64, person: PersonId, purpose: &str) -> Result<u64> {
    let done = consent::Entity::update_many()
        .col_expr(consent::Column::WithdrawnAt, Expr::value(cx.at()))
        .col_expr(consent::Column::WithdrawnBy, Expr::value(cx.actor.account.as_str()))
        .filter(consent::Column::HouseholdId.eq(household))
        .filter(consent::Column::PersonId.eq(person.0))
        .filter(consent::Column::Purpose.is_in(names(cx, purpose)))
        .filter(consent::Column::WithdrawnAt.is_null())
        .filter(consent::Column::ReplacedAt.is_null())
        .exec(tx.conn())
        .await?;
    if done.rows_affected == 0 {
        return Err(CaseError::NotFound { kind: "consent", id: person.to_string() });
    }
    verify::stop_waiting(tx, cx, household, purpose).await
}

/// Takes an authorisation back, at any time. What was checked stays on file; no source is asked any further, and no check
/// is possible without a new authorisation.
pub async fn withdraw_consent(cx: &Cx, case: &CaseNo, person: PersonId) -> Result<()> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::Consent, &file, Vec::new())?;
    own_hand(cx, person)?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.withdraw_consent", case.subject(), "", move |tx| {
        Box::pin(async move {
            let file = load(tx.conn(), &case2).await?;
            let from = state_of(&file);
            let purpose = cx2.pack.main_purpose();
            let stopped = end(tx, &cx2, file.household_id, person, purpose).await?;
            let details = json!({ "person": person.0, "purpose": purpose, "stopped": stopped });
            finish(tx, &cx2, file, from, "case.withdraw_consent", details, |_| ()).await
        })
    })
    .await
}

/// The same from the household's page, for any purpose.
pub async fn withdraw_household_consent(
    cx: &Cx,
    household: HouseholdId,
    person: PersonId,
    purpose: &str,
) -> Result<()> {
    let found = household_of(cx, household).await?;
    authorise(cx, Act::Consent, &found, Sensitivity::Personal)?;
    if purpose == cx.pack.main_purpose()
        && let Some(case) = open_case_of(cx, household).await?
    {
        return withdraw_consent(cx, &case, person).await;
    }
    own_hand(cx, person)?;
    let subject = format!("household:{household}");
    let (cx2, subject2, purpose) = (cx.clone(), subject.clone(), purpose.to_owned());
    change(cx, "consent.withdraw", subject, "", move |tx| {
        Box::pin(async move {
            let stopped = end(tx, &cx2, household.0, person, &purpose).await?;
            let details = json!({ "person": person.0, "purpose": purpose, "stopped": stopped });
            Ok(Recorded::new((), cx2.entry("consent.withdraw", subject2, &found.region_code, details)))
        })
    })
    .await
}
