//! A household's authorisations as its page lists them: who has given which, on what, until when.

use crate::{
    CaseError, CaseNo, Channel, Cx, Evidence, Mark,
    application::{household_of, open_case_of},
    consent::{adults, authorise, held, require},
    error::Result,
    tables::{consent, consent_evidence},
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashMap;
use tuodi_access::{Act, Sensitivity, looks};
use tuodi_pack::{HouseholdId, PersonId};
use tuodi_registry::{Household, Person};

/// How an authorisation stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    InForce,
    Expired,
    Withdrawn,
    Replaced,
}

/// One authorisation, as the household's page lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorisation {
    pub id: i64,
    pub person: PersonId,
    pub purpose: String,
    pub mark: Mark,
    pub channel: Channel,
    pub taken_by: String,
    pub case: Option<CaseNo>,
    pub given_at: DateTime<Utc>,
    pub until: Option<NaiveDate>,
    pub withdrawn_at: Option<DateTime<Utc>>,
    pub standing: Standing,
    /// Kind of the file and its bytes.
    pub evidence: Option<(String, i32)>,
}

/// A household's authorisations with the adults that could give them.
#[derive(Debug, Clone)]
pub struct Authorisations {
    pub household: Household,
    pub adults: Vec<Person>,
    /// Newest first.
    pub given: Vec<Authorisation>,
    /// The actor may take and withdraw them.
    pub may_change: bool,
}

impl Authorisations {
    pub fn in_force(&self, person: PersonId, purpose: &str) -> Option<&Authorisation> {
        self.given.iter().find(|a| a.person == person && a.purpose == purpose && a.standing == Standing::InForce)
    }

    /// Adults whose authorisation a purpose still waits for.
    ///
    /// `purpose`: one for which authorisations are taken.
    pub fn missing(&self, purpose: &str) -> Vec<PersonId> {
        self.adults.iter().map(|m| m.id).filter(|id| self.in_force(*id, purpose).is_none()).collect()
    }
}

fn standing(row: &consent::Model, today: NaiveDate) -> Standing {
    if row.withdrawn_at.is_some() {
        Standing::Withdrawn
    } else if row.replaced_at.is_some() {
        Standing::Replaced
    } else if row.valid_until.is_some_and(|until| until < today) {
        Standing::Expired
    } else {
        Standing::InForce
    }
}

/// Whether every adult has authorised the verification of means for applications: in the open case, or outside of one. A
/// pack that verifies nothing asks nobody.
pub async fn authorised(cx: &Cx, household: HouseholdId) -> Result<bool> {
    let Some(purpose) = cx.pack.verification.purpose(cx.pack.main_purpose()) else { return Ok(true) };
    let (found, case) = (household_of(cx, household).await?, open_case_of(cx, household).await?);
    Ok(held(cx, &found, purpose, case.as_ref().map_or("", CaseNo::as_str)).await?.is_ok())
}

/// The same, where without it nothing may be read: the refusal goes into the journal.
pub async fn require_authorised(cx: &Cx, household: HouseholdId) -> Result<()> {
    let Some(purpose) = cx.pack.verification.purpose(cx.pack.main_purpose()) else { return Ok(()) };
    let (found, case) = (household_of(cx, household).await?, open_case_of(cx, household).await?);
    require(cx, &found, purpose, case.as_ref().map_or("", CaseNo::as_str)).await?;
    Ok(())
}

/// Every authorisation of a household, for its page and for the citizen's. The look is logged.
pub async fn authorisations(cx: &Cx, household: HouseholdId) -> Result<Authorisations> {
    let found = household_of(cx, household).await?;
    authorise(cx, Act::ViewHousehold, &found, Sensitivity::Personal)?;
    let subject = format!("household:{household}");
    looks::record(&cx.store, &cx.actor, &subject, "authorisations", cx.at()).await?;
    let conn = cx.store.read();
    let rows = consent::Entity::find()
        .filter(consent::Column::HouseholdId.eq(household.0))
        .order_by_desc(consent::Column::Id)
        .all(conn)
        .await?;
    let kept: Vec<(i64, String, i32)> = consent_evidence::Entity::find()
        .select_only()
        .columns([consent_evidence::Column::ConsentId, consent_evidence::Column::Mime, consent_evidence::Column::Bytes])
        .filter(consent_evidence::Column::ConsentId.is_in(rows.iter().map(|row| row.id)))
        .into_tuple()
        .all(conn)
        .await?;
    let mut kept: HashMap<i64, (String, i32)> = kept.into_iter().map(|(id, mime, n)| (id, (mime, n))).collect();
    let case = open_case_of(cx, household).await?;
    let adults = adults(conn, cx.store.keys(), cx, &found, case.as_ref().map_or("", CaseNo::as_str)).await?;
    let given = rows.into_iter().map(|row| Authorisation {
        id: row.id,
        person: PersonId(row.person_id),
        purpose: if row.purpose.is_empty() { cx.pack.main_purpose().to_owned() } else { row.purpose.clone() },
        mark: Mark::from_id(&row.mark).unwrap_or(Mark::Paper),
        channel: Channel::from_id(&row.channel).unwrap_or(Channel::System),
        case: (!row.case_no.is_empty()).then(|| CaseNo(row.case_no.clone())),
        given_at: row.given_at,
        until: row.valid_until,
        withdrawn_at: row.withdrawn_at,
        standing: standing(&row, cx.today()),
        evidence: kept.remove(&row.id),
        taken_by: row.taken_by,
    });
    Ok(Authorisations {
        given: given.collect(),
        may_change: authorise(cx, Act::Consent, &found, Sensitivity::Personal).is_ok(),
        adults,
        household: found,
    })
}

/// The signature or the scanned form of one authorisation. The look is logged.
pub async fn consent_evidence(cx: &Cx, household: HouseholdId, id: i64) -> Result<Evidence> {
    let found = household_of(cx, household).await?;
    authorise(cx, Act::ViewHousehold, &found, Sensitivity::Personal)?;
    let missing = || CaseError::NotFound { kind: "evidence", id: id.to_string() };
    let conn = cx.store.read();
    let row = consent::Entity::find_by_id(id).one(conn).await?.filter(|row| row.household_id == household.0);
    row.ok_or_else(missing)?;
    let row = consent_evidence::Entity::find_by_id(id).one(conn).await?.ok_or_else(missing)?;
    looks::record(&cx.store, &cx.actor, &format!("household:{household}"), "authorisation form", cx.at()).await?;
    Evidence::open(cx.store.keys(), &row)?.ok_or_else(missing)
}
