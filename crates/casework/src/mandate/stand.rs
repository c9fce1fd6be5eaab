//! Standing in: as whom a proxy acts while a mandate is in force, and for whom they may.

use super::{MandateStanding, case_of, rules, standing};
use crate::{CaseError, CaseNo, Cx, beijing_date, error::Result, tables::mandate};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use tuodi_access::{Account, Actor, Entrusted, Role, looks};
use tuodi_pack::{HouseholdId, PersonId};
use tuodi_store::Store;

/// For whom an account may act.
#[derive(Clone, PartialEq, Eq)]
pub struct Held {
    pub mandate: i64,
    /// Who entrusted.
    pub person: PersonId,
    pub name: String,
    pub case: Option<CaseNo>,
    pub until: NaiveDate,
    pub sensitive: bool,
    pub authorises: bool,
}

/// Without the name.
impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Held({} until {})", self.mandate, self.until)
    }
}

async fn held(store: &Store, row: &mandate::Model) -> Result<Held> {
    let person = tuodi_registry::person(store, PersonId(row.person_id)).await?;
    Ok(Held {
        mandate: row.id,
        person: PersonId(row.person_id),
        name: person.map(|p| p.name).unwrap_or_default(),
        case: case_of(store.read(), row).await?,
        until: row.until,
        sensitive: row.sensitive,
        authorises: row.authorises,
    })
}

/// The actor that an account is under one of its mandates, read anew for each request: once it is over or taken back, there
/// is none. Access then asks whose household and which case it is, as of everybody.
pub async fn standing_in(
    store: &Store,
    account: &Account,
    mandate: i64,
    now: DateTime<Utc>,
) -> Result<Option<(Actor, Held)>> {
    let row = mandate::Entity::find_by_id(mandate).one(store.read()).await?;
    let in_force = |row: &mandate::Model| {
        row.account.as_deref() == Some(account.id.as_str())
            && standing(row, beijing_date(now)) == MandateStanding::InForce
    };
    let Some(row) = row.filter(in_force).filter(|_| account.role.is_citizen()) else { return Ok(None) };
    let held = held(store, &row).await?;
    let actor = Actor {
        role: Role::Proxy,
        region: row.region_code.clone(),
        person: Some(PersonId(row.person_id)),
        household: Some(HouseholdId(row.household_id)),
        entrusted: Some(Entrusted {
            case: held.case.as_ref().map(|case| case.0.clone()),
            sensitive: row.sensitive,
            authorises: row.authorises,
        }),
        ..account.actor()
    };
    Ok(Some((actor, held)))
}

/// Begins to act for somebody. It stands in the record that the household reads.
///
/// # Errors
/// Not found: no mandate in force of this account has the number.
pub async fn begin(cx: &Cx, account: &Account, mandate: i64) -> Result<Held> {
    let missing = || CaseError::NotFound { kind: "mandate", id: mandate.to_string() };
    let (actor, held) = standing_in(&cx.store, account, mandate, cx.now).await?.ok_or_else(missing)?;
    let household = actor.household.ok_or_else(missing)?;
    looks::record(&cx.store, &actor, &format!("household:{household}"), "acting for", cx.at()).await?;
    Ok(held)
}

/// Mandates in force that the actor's account holds, the newest first.
pub async fn mandates_held(cx: &Cx) -> Result<Vec<Held>> {
    rules(cx)?;
    let rows = mandate::Entity::find()
        .filter(mandate::Column::Account.eq(cx.actor.account.as_str()))
        .filter(mandate::Column::EndedAt.is_null())
        .filter(mandate::Column::Until.gte(cx.today()))
        .order_by_desc(mandate::Column::Id)
        .all(cx.store.read())
        .await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        all.push(held(&cx.store, &row).await?);
    }
    Ok(all)
}
